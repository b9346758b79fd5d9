"""Articles as weighted words: TF-IDF whose frequencies come from a fixed background.

A row depends on its article alone, never on the others in the batch, so the cosine of two rows is
the same whenever and with whomever they arrive.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from wirethread.clustering.background import document_shares
from wirethread.clustering.links.term_counts import TermCounts, count_all_terms
from wirethread.clustering.settings import StoryArticle

__all__ = ["TermTable", "weigh_terms"]

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
    found = count_all_terms(articles)
    columns, keys = _number_anew(found)
    rarity = _rarities(keys)
    words, merged = _merge_languages(keys)
    logs = 1.0 + np.log(found.counts.astype(np.float64))
    weights = sp.csr_array(
        (
            logs * rarity[columns],
            merged[columns],
            found.starts,
        ),
        shape=(len(articles), max(1, len(words))),
    )
    weights.sort_indices()
    is_rare = np.zeros(max(1, len(words)), dtype=bool)
    is_rare[merged] = rarity >= -math.log(_RARE_SHARE)
    return TermTable(weights=_unit_rows(weights), words=words, is_rare=is_rare)


def _number_anew(
    found: TermCounts,
) -> tuple[npt.NDArray[np.int64], list[tuple[str, str | None]]]:
    """Return the numbers of words, int[t], counted anew from 0 by first sight, and their words."""
    distinct, first, place = np.unique(found.numbers, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[place], [found.words[number] for number in distinct[order].tolist()]


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
