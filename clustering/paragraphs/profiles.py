"""One paragraph reduced to what is compared: words, figures, names, days, and what is quoted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from wirethread.clustering.fact_words import DAY_WORDS, NOUNS_CAPITALISED
from wirethread.clustering.paragraphs.quote_marks import mark_quoted
from wirethread.clustering.paragraphs.slots import DAY, FIGURE, NAME
from wirethread.clustering.paragraphs.spoken import find_block_quotes
from wirethread.clustering.paragraphs.standing import mark_standing
from wirethread.clustering.paragraphs.table import ParagraphTable

__all__ = [
    "ArticleProfile",
    "ParagraphProfile",
    "ProfileCache",
]

_TELLING = 3.0
"""From here on, one document in 20, a name tells of whom: `Mr`, `House` and `President` don't."""
_TELLING_FIRST = 5.0
"""The same for the first word of a sentence, which has a capital in any case."""


@dataclass(frozen=True, slots=True)
class ParagraphProfile:
    """One paragraph reduced to what is compared."""

    stems: Mapping[str, float]
    """`cut_stem` of every word, with how rare its commonest word is (`weigh_words`)."""
    figures: frozenset[str]
    names: frozenset[str]
    """Words with a capital inside a sentence, lower-cased."""
    days: frozenset[str]
    facts: Sequence[str | None]
    """Per word: a key for the figure, day or telling name that it states, None for others."""
    coded: str
    """One character per word (see `ParagraphTable.code_words`)."""
    quoted: Sequence[bool]
    """Per word: stands in quotation marks, or in a paragraph that speaks without them."""
    standing: Sequence[bool]
    """Per word: stands in a sentence of standing text."""
    is_block: bool
    """Quotes without marks: speaks in the first person, or the paragraph before introduces it."""
    is_introduced: bool
    """The paragraph before announces it, as in `she wrote:`."""


@dataclass(slots=True)
class ArticleProfile:
    """What the paragraphs of one article hold together."""

    stem_counts: Counter[str]
    """In how many of them each stem stands."""
    figures: frozenset[str]
    words: frozenset[str]


@dataclass(slots=True)
class ProfileCache:
    """Profiles of the paragraphs of one table, each made when first asked for."""

    table: ParagraphTable
    paragraphs: dict[int, ParagraphProfile] = field(default_factory=dict)
    articles: dict[int, ArticleProfile] = field(default_factory=dict)
    block_quotes: dict[int, Mapping[int, str]] = field(default_factory=dict)
    """By index of the article: the positions of its introduced paragraphs, with what does it."""
    rarities: dict[str | None, Sequence[float]] = field(default_factory=dict)
    """How rare each word of the table is, by language."""

    def weigh_words(self, language: str | None) -> Sequence[float]:
        """How rare each word of the table is in news of a language (see `weigh_words`)."""
        found = self.rarities.get(language)
        if found is None:
            found = self.rarities[language] = self.table.vocabulary.weigh(language).tolist()
        return found

    def find_introduced(self, article: int) -> Mapping[int, str]:
        """Positions of the paragraphs of an article, given by index, with what introduces each."""
        introduced = self.block_quotes.get(article)
        if introduced is None:
            paragraphs = self.table.articles[article].paragraphs
            introduced = self.block_quotes[article] = find_block_quotes(paragraphs)
        return introduced

    def paragraph(self, index: int) -> ParagraphProfile:
        """The profile of paragraph `index`."""
        found = self.paragraphs.get(index)
        if found is None:
            introduced = self.find_introduced(int(self.table.article_of[index]))
            found = self.paragraphs[index] = _profile_paragraph(
                self, index, is_introduced=int(self.table.positions[index]) in introduced
            )
        return found

    def article(self, index: int) -> ArticleProfile:
        """Stems, figures and words of all paragraphs of article `index`."""
        found = self.articles.get(index)
        if found is None:
            table = self.table
            first, last = table.article_starts[index], table.article_starts[index + 1]
            bounds = table.starts[first : last + 1].tolist()
            stems, figures = table.vocabulary.stems, table.vocabulary.figures
            counts: Counter[str] = Counter()
            present: set[int] = set()
            for begin, end in pairwise(bounds):
                ids = table.word_ids[begin:end].tolist()
                present.update(ids)
                counts.update({stems[i] for i in ids})
            found = self.articles[index] = ArticleProfile(
                counts,
                frozenset(one for i in present if (one := figures[i]) is not None),
                frozenset(table.words[i] for i in present),
            )
        return found


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
    rarities, every_figure = cache.weigh_words(language), table.vocabulary.figures
    every_stem = table.vocabulary.stems
    stems: dict[str, float] = {}
    facts: list[str | None] = []
    figure_end: int | None = None  # where a figure ends that the next word may go on with
    for i, at in zip(ids, offsets, strict=True):
        word, figure, letter = table.words[i], every_figure[i], text[at]
        stem, rarity = every_stem[i], rarities[i]
        stems[stem] = min(stems.get(stem, rarity), rarity)
        fact = None
        if figure is not None:
            figures.add(figure)
            fact = FIGURE + figure
            if figure_end is not None and at == figure_end + 1 and text[figure_end] == ".":
                # 2.4bn is two words, 2.4 billion is not
                facts[-1] = f"{facts[-1]}.{figure}"
                fact = None
            figure_end = at + len(word) if word.isdigit() and fact is not None else None
        elif word in DAY_WORDS and (letter.isupper() or not capitals_tell):
            days.add(DAY_WORDS[word])
            fact = DAY + DAY_WORDS[word]
        elif capitals_tell and letter.isupper():
            before = text[:at].rstrip(" \"“”„«»'‘’([")
            is_inside = bool(before) and before[-1] not in ".!?:;—–-…"
            if is_inside:
                names.add(word)
            if rarity >= (_TELLING if is_inside else _TELLING_FIRST):
                fact = NAME + stem
        facts.append(fact)
    quoted = mark_quoted(text, offsets, language)
    return ParagraphProfile(
        stems,
        frozenset(figures),
        frozenset(names),
        frozenset(days),
        facts,
        table.code_words(index),
        quoted,
        mark_standing(text, offsets),
        is_introduced or (all(quoted) and text[:1].isalnum()),
        is_introduced,
    )
