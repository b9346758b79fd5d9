"""Articles as weighted words: TF-IDF whose frequencies come from a fixed background.

A row depends on its article alone, never on the others in the batch, so the cosine of two rows is
the same whenever and with whomever they arrive.
"""

import collections
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from articles.normalize import tokenize_words
from clustering.background import document_shares
from clustering.figures import fold_digits
from clustering.stories import StoryArticle

__all__ = ["TermTable", "pair_characters", "split_terms", "weigh_terms"]

MAX_WORDS = 1_500
"""Words of an article that are looked at: longer texts are live pages and transcripts."""
_OPENING_WORDS = 100
_CHARACTERS_PER_WORD = 12
_FIRST_UNSPACED = "\u0e00"  # Thai; what comes before is written with spaces
_RARE_SHARE = 1 / 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TermTable:
    """Weighted words of n articles over one vocabulary of v words."""

    weights: sp.csr_array
    """float64[n, v], rows of unit length (zero for an article without words)."""
    words: Sequence[str]
    """The v words."""
    is_rare: npt.NDArray[np.bool_]
    """bool[v]: words that few documents hold: names, numbers, the words of the happening."""


def weigh_terms(articles: Sequence[StoryArticle]) -> TermTable:
    """Return the weighted words of the articles.

    A word that stands n times weighs (1 + ln n) * ln(1 / share of documents that hold it).
    """
    numbers = itertools.count()
    # a word of each language has a number of its own, in the order of first sight
    by_language: dict[str | None, dict[str, int]] = {}
    indptr = [0]
    columns: list[int] = []
    counts: list[int] = []
    for article in articles:
        vocabulary = by_language.get(article.language)
        if vocabulary is None:
            vocabulary = collections.defaultdict(numbers.__next__)
            by_language[article.language] = vocabulary
        found = _count_terms(article)
        columns.extend(map(vocabulary.__getitem__, found))
        counts.extend(found.values())
        indptr.append(len(columns))

    keys = _list_keys(by_language)
    rarity = _rarities(keys)
    words, merged = _merge_languages(keys)
    taken = np.asarray(columns, dtype=np.int64)
    logs = 1.0 + np.log(np.maximum(np.asarray(counts, dtype=np.float64), 1.0))
    weights = sp.csr_array(
        (
            logs * rarity[taken],
            merged[taken],
            np.asarray(indptr, dtype=np.int64),
        ),
        shape=(len(articles), max(1, len(words))),
    )
    weights.sort_indices()
    is_rare = np.zeros(max(1, len(words)), dtype=bool)
    is_rare[merged] = rarity >= -math.log(_RARE_SHARE)
    return TermTable(weights=_unit_rows(weights), words=words, is_rare=is_rare)


def _list_keys(
    by_language: Mapping[str | None, Mapping[str, int]],
) -> list[tuple[str, str | None]]:
    """Return the words with their languages by number."""
    numbered = [
        (number, word, language)
        for language, vocabulary in by_language.items()
        for word, number in vocabulary.items()
    ]
    return [(word, language) for _, word, language in sorted(numbered, key=lambda one: one[0])]


def _count_terms(article: StoryArticle) -> collections.Counter[str]:
    """Count the words; those of headline and opening count three times."""
    body = split_terms(article.text)
    opening, headline = body[:_OPENING_WORDS], split_terms(article.headline)
    return collections.Counter(itertools.chain(body, opening, opening, headline * 3))


def split_terms(text: str) -> list[str]:
    """Return the words of a text; characters of unspaced scripts also as pairs of neighbours."""
    words = tokenize_words(fold_digits(text[: MAX_WORDS * _CHARACTERS_PER_WORD]))[:MAX_WORDS]
    return words if text.isascii() else words + pair_characters(words)


def pair_characters(words: Sequence[str]) -> list[str]:
    """Return the pairs of neighbours among single characters of scripts without spaces."""
    if max(words, default="") < _FIRST_UNSPACED:
        return []
    return [
        left + right
        for left, right in pairwise(words)
        if len(left) == len(right) == 1 and min(left, right) >= _FIRST_UNSPACED
    ]


def _rarities(keys: Sequence[tuple[str, str | None]]) -> npt.NDArray[np.float64]:
    by_language: dict[str | None, list[int]] = {}
    for place, (_, language) in enumerate(keys):
        by_language.setdefault(language, []).append(place)
    rarities = np.zeros(max(1, len(keys)), dtype=np.float64)
    for language, places in by_language.items():
        rarities[places] = -np.log(document_shares([keys[place][0] for place in places], language))
    return rarities


def _merge_languages(
    keys: Sequence[tuple[str, str | None]],
) -> tuple[list[str], npt.NDArray[np.int64]]:
    columns: dict[str, int] = {}
    merged = [columns.setdefault(word, len(columns)) for word, _ in keys]
    return list(columns), np.asarray(merged, dtype=np.int64)


def _unit_rows(weights: sp.csr_array) -> sp.csr_array:
    lengths = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel())
    return sp.csr_array(sp.diags_array(1.0 / np.maximum(lengths, 1e-12)) @ weights)
