"""One paragraph reduced to what is compared: words, figures, names, days, and what is quoted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from wirethread.clustering.paragraphs.fact_words import DAY_WORDS, NOUNS_CAPITALISED, NUMBER_WORDS
from wirethread.clustering.paragraphs.quote_marks import mark_quoted
from wirethread.clustering.paragraphs.spoken import find_block_quotes
from wirethread.clustering.paragraphs.table import ParagraphTable

__all__ = ["ParagraphProfile", "ProfileCache", "cut_stem", "read_figure"]

_STEM_LETTERS = 5


def cut_stem(word: str) -> str:
    """The first five letters of a word, a rough stem that needs no language; figures stay whole."""
    return word if word[0].isdigit() else word[:_STEM_LETTERS]


@dataclass(frozen=True, slots=True)
class ParagraphProfile:
    """One paragraph reduced to what is compared."""

    stems: frozenset[str]
    """`cut_stem` of every word."""
    figures: frozenset[str]
    names: frozenset[str]
    """Words with a capital inside a sentence, lower-cased."""
    days: frozenset[str]
    coded: str
    """One character per word (see `ParagraphTable.code_words`)."""
    quoted: Sequence[bool]
    """Per word: stands in quotation marks, or in a paragraph that speaks without them."""
    is_block: bool
    """Quotes without marks: speaks in the first person, or the paragraph before introduces it."""
    is_introduced: bool
    """The paragraph before announces it, as in `she wrote:`."""


@dataclass(slots=True)
class _ArticleProfile:
    stem_counts: Counter[str]
    figures: frozenset[str]
    words: frozenset[str]


@dataclass(slots=True)
class ProfileCache:
    """Profiles of the paragraphs of one table, each made when first asked for."""

    table: ParagraphTable
    paragraphs: dict[int, ParagraphProfile] = field(default_factory=dict)
    articles: dict[int, _ArticleProfile] = field(default_factory=dict)
    block_quotes: dict[int, frozenset[int]] = field(default_factory=dict)
    """Positions of the paragraphs that another one introduces, by index of the article."""
    stems: Sequence[str] = field(init=False)
    """`cut_stem` of every word of the table."""
    figures: Sequence[str | None] = field(init=False)
    """The figure that a word of the table is, if it is one."""

    def __post_init__(self) -> None:
        self.stems = [cut_stem(word) for word in self.table.words]
        self.figures = [read_figure(word) for word in self.table.words]

    def paragraph(self, index: int) -> ParagraphProfile:
        """The profile of paragraph `index`."""
        found = self.paragraphs.get(index)
        if found is None:
            article = int(self.table.article_of[index])
            introduced = self.block_quotes.get(article)
            if introduced is None:
                paragraphs = self.table.articles[article].paragraphs
                introduced = self.block_quotes[article] = find_block_quotes(paragraphs)
            found = self.paragraphs[index] = _profile_paragraph(
                self, index, is_introduced=int(self.table.positions[index]) in introduced
            )
        return found

    def article(self, index: int) -> _ArticleProfile:
        """Stems, figures and words of all paragraphs of article `index`."""
        found = self.articles.get(index)
        if found is None:
            table = self.table
            first, last = table.article_starts[index], table.article_starts[index + 1]
            bounds = table.starts[first : last + 1].tolist()
            counts: Counter[str] = Counter()
            present: set[int] = set()
            for begin, end in pairwise(bounds):
                ids = table.word_ids[begin:end].tolist()
                present.update(ids)
                counts.update({self.stems[i] for i in ids})
            found = self.articles[index] = _ArticleProfile(
                counts,
                frozenset(one for i in present if (one := self.figures[i]) is not None),
                frozenset(table.words[i] for i in present),
            )
        return found


def read_figure(word: str) -> str | None:
    """Return the figure that a word is, written in digits or as a number word; None for others."""
    return word.replace(",", "") if word[0].isdigit() else NUMBER_WORDS.get(word)


def _profile_paragraph(cache: ProfileCache, index: int, *, is_introduced: bool) -> ParagraphProfile:
    table = cache.table
    first, last = int(table.starts[index]), int(table.starts[index + 1])
    base = int(table.begins[index])
    text = table.texts[index]
    ids = table.word_ids[first:last].tolist()
    offsets = (table.word_begins[first:last] - base).tolist()
    language = table.articles[int(table.article_of[index])].language
    capitals_tell = language not in NOUNS_CAPITALISED
    figures, names, days = set(), set(), set()
    for i, at in zip(ids, offsets, strict=True):
        word, figure, letter = table.words[i], cache.figures[i], text[at]
        if figure is not None:
            figures.add(figure)
        elif word in DAY_WORDS and (letter.isupper() or not capitals_tell):
            days.add(DAY_WORDS[word])
        elif capitals_tell and letter.isupper():
            before = text[:at].rstrip(" \"“”„«»'‘’([")
            if before and before[-1] not in ".!?:;—–-…":
                names.add(word)
    quoted = mark_quoted(text, offsets)
    return ParagraphProfile(
        frozenset(cache.stems[i] for i in ids),
        frozenset(figures),
        frozenset(names),
        frozenset(days),
        table.code_words(index),
        quoted,
        is_introduced or (all(quoted) and text[:1].isalnum()),
        is_introduced,
    )
