"""What two paragraphs have in common and where they disagree, as numbers.

Everything here depends on the two articles alone: how rare a word is, is told from the paragraphs
of these two. So a verdict never changes with what else happens to be in the archive.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from clustering.alignment import Alignment, align_words
from clustering.fact_words import DAY_WORDS, NOUNS_CAPITALISED, NUMBER_WORDS
from clustering.paragraph_table import ParagraphTable
from clustering.quote_marks import mark_quoted, weigh_quotes
from clustering.spoken import find_block_quotes

__all__ = [
    "FEATURES",
    "PairEvidence",
    "ParagraphProfile",
    "ProfileCache",
    "cut_stem",
    "measure_pairs",
]

FEATURES = (
    "cosine",
    "margin_host",
    "margin_source",
    "is_mutual",
    "topic",
    "lift",
    "overlap_host",
    "overlap_source",
    "runs_3",
    "runs_5",
    "runs_unquoted",
    "quoted",
    "plain_words",
    "sequence",
    "figures_shared",
    "figures_other",
    "figures_nowhere",
    "figures_left_out",
    "names_shared",
    "names_other",
    "names_nowhere",
    "names_left_out",
    "days_differ",
    "length",
    "length_ratio",
    "length_gap",
    "credits_source",
)
"""The measurements of a pair, in the order of the columns of `measure_pairs`."""
_COLUMN_OF = {name: column for column, name in enumerate(FEATURES)}

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
                self.table, index, is_introduced=int(self.table.positions[index]) in introduced
            )
        return found

    def article(self, index: int) -> _ArticleProfile:
        """Stems, figures and words of all paragraphs of article `index`."""
        found = self.articles.get(index)
        if found is None:
            table = self.table
            first, last = table.article_starts[index], table.article_starts[index + 1]
            profiles = [self.paragraph(i) for i in range(first, last)]
            counts: Counter[str] = Counter()
            for profile in profiles:
                counts.update(profile.stems)
            ids = table.word_ids[table.starts[first] : table.starts[last]]
            found = self.articles[index] = _ArticleProfile(
                counts,
                frozenset().union(*(profile.figures for profile in profiles)),
                frozenset(table.words[i] for i in np.unique(ids).tolist()),
            )
        return found


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """The measurements of one paragraph pair and the alignment behind them."""

    host: int
    source: int
    alignment: Alignment
    values: npt.NDArray[np.float64]
    """float64[len(FEATURES)]."""

    def value(self, name: str) -> float:
        """One measurement by its name in `FEATURES`."""
        return float(self.values[_COLUMN_OF[name]])


def _profile_paragraph(
    table: ParagraphTable, index: int, *, is_introduced: bool
) -> ParagraphProfile:
    first, last = int(table.starts[index]), int(table.starts[index + 1])
    base = int(table.begins[index])
    text = table.texts[index]
    words = [table.words[i] for i in table.word_ids[first:last].tolist()]
    offsets = (table.word_begins[first:last] - base).tolist()
    language = table.articles[int(table.article_of[index])].language
    capitals_tell = language not in NOUNS_CAPITALISED
    figures, names, days = set(), set(), set()
    for word, at in zip(words, offsets, strict=True):
        letter = text[at]
        if letter.isdigit():
            figures.add(word.replace(",", ""))
        elif word in NUMBER_WORDS:
            figures.add(NUMBER_WORDS[word])
        elif word in DAY_WORDS and (letter.isupper() or not capitals_tell):
            days.add(DAY_WORDS[word])
        elif capitals_tell and letter.isupper():
            before = text[:at].rstrip(" \"“”„«»'‘’([")
            if before and before[-1] not in ".!?:;—–-…":
                names.add(word)
    quoted = mark_quoted(text, offsets)
    return ParagraphProfile(
        frozenset(map(cut_stem, words)),
        frozenset(figures),
        frozenset(names),
        frozenset(days),
        table.code_words(index),
        quoted,
        is_introduced or (all(quoted) and text[:1].isalnum()),
        is_introduced,
    )


def measure_pairs(
    cache: ProfileCache, host: int, source: int, pairs: Sequence[tuple[int, int]]
) -> list[PairEvidence]:
    """Measure paragraph pairs (of `host`, of `source`) of two articles given by index.

    The host is the article that may have copied; figures and names of the host that the source
    lacks weigh against, what the host left out weighs little.
    """
    table = cache.table
    h0, h1 = (int(i) for i in table.article_starts[host : host + 2])
    s0, s1 = (int(i) for i in table.article_starts[source : source + 2])
    similarity = None
    if table.vectors is not None:
        similarity = table.vectors[h0:h1] @ table.vectors[s0:s1].T
    host_article, source_article = cache.article(host), cache.article(source)
    agency = table.articles[source].agency
    is_credited = agency is not None and agency in table.articles[host].credited_agencies
    n_paragraphs = (h1 - h0) + (s1 - s0)
    weights: dict[str, float] = {}

    def weigh(stem: str) -> float:
        weight = weights.get(stem)
        if weight is None:
            n = host_article.stem_counts[stem] + source_article.stem_counts[stem]
            weight = weights[stem] = math.log((n_paragraphs + 1) / n)
        return weight

    totals: dict[int, float] = {}

    def weigh_all(index: int, stems: frozenset[str]) -> float:
        total = totals.get(index)
        if total is None:
            total = totals[index] = max(sum(map(weigh, stems)), 1e-6)
        return total

    found: list[PairEvidence] = []
    for p, q in pairs:
        mine, theirs = cache.paragraph(p), cache.paragraph(q)
        alignment = align_words(mine.coded, theirs.coded)
        quotes = weigh_quotes(alignment, mine.quoted, theirs.quoted)
        n_mine, n_theirs = len(mine.coded), len(theirs.coded)
        shorter = min(n_mine, n_theirs)
        shared = sum(map(weigh, mine.stems & theirs.stems))
        other_figures = mine.figures - theirs.figures
        other_names = {name for name in mine.names if name[:_STEM_LETTERS] not in theirs.stems}
        left_out = {name for name in theirs.names if name[:_STEM_LETTERS] not in mine.stems}
        cosine, margin_host, margin_source, topic = _compare_vectors(similarity, p - h0, q - s0)
        found.append(
            PairEvidence(
                p,
                q,
                alignment,
                np.array(
                    [
                        cosine,
                        min(max(margin_host, -0.2), 0.4),
                        min(max(margin_source, -0.2), 0.4),
                        float(margin_host > 0 and margin_source > 0),
                        topic,
                        cosine - topic,
                        shared / weigh_all(p, mine.stems),
                        shared / weigh_all(q, theirs.stems),
                        alignment.count_in_runs(3) / shorter,
                        alignment.count_in_runs(5) / shorter,
                        quotes.share_unquoted,
                        quotes.share_quoted,
                        min(quotes.n_plain, 20),
                        2 * alignment.n_matched / (n_mine + n_theirs),
                        min(len(mine.figures & theirs.figures), 3),
                        min(len(other_figures), 3),
                        min(len(other_figures - source_article.figures), 3),
                        min(len(theirs.figures - mine.figures), 3),
                        min(len(mine.names) - len(other_names), 4),
                        min(len(other_names), 4),
                        min(len(other_names - source_article.words), 3),
                        min(len(left_out), 4),
                        float(bool(mine.days and theirs.days and mine.days - theirs.days)),
                        math.log(shorter),
                        math.log(n_mine / n_theirs),
                        abs(math.log(n_mine / n_theirs)),
                        float(is_credited),
                    ]
                ),
            )
        )
    return found


def _compare_vectors(
    similarity: npt.NDArray[np.float32] | None, row: int, column: int
) -> tuple[float, float, float, float]:
    """Cosine, its lead over the next best on either side, and how close the articles are at all.

    The last is the mean of the three best cosines of the host's other paragraphs: two reports on
    one event have it high without any copying.
    """
    if similarity is None:
        return 0.0, 0.0, 0.0, 0.0
    cosine = float(similarity[row, column])
    across = np.delete(similarity[row], column)
    down = np.delete(similarity[:, column], row)
    others = np.sort(np.delete(similarity.max(axis=1), row))[-3:]
    return (
        cosine,
        cosine - float(across.max(initial=0.0)),
        cosine - float(down.max(initial=0.0)),
        float(others.mean()) if len(others) else 0.0,
    )
