"""Which pairs of articles are worth an exact score: those inside the window that may reach a limit.

Work follows the articles that share a window: a block of new articles against the articles within
`window_days` of it, and against those without a time. Openings and the commonest words are
multiplied as full matrices, the many rare words as sparse ones; together they are the cosine.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

__all__ = ["Words", "find_story_pairs", "split_words"]

Floats = npt.NDArray[np.float32]
Days = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

_BLOCK = 512
_MAX_COMMON_WORDS = 1_024
_SLACK = 1e-4  # more than rounding can take from a product of unit rows


@dataclass(frozen=True, slots=True)
class Words:
    """Weighted words in two parts: columns of common words as a full matrix, the rest sparse."""

    common: Floats
    rest: sp.csr_array


def find_story_pairs(
    *,
    vectors: Floats,
    weights: sp.csr_array,
    days: Days,
    is_new: Flags,
    dense_weight: float,
    sparse_weight: float,
    min_score: float,
    window_days: float,
) -> tuple[Places, Places]:
    """Return the places of pairs with a new member whose weighted cosines reach `min_score`.

    `vectors` float32[n, d] and `weights` sparse float32[n, v] have rows of unit length; `days` is
    NaN where a time is unknown, and such articles are compared with all. Each pair comes once.
    """
    words = split_words(weights)
    found_left, found_right = [], []
    for rows, columns in _window_blocks(days, is_new, window_days):
        scores = sparse_weight * (words.common[rows] @ words.common[columns].T)
        scores += sparse_weight * (words.rest[rows] @ words.rest[columns].T).toarray()
        scores += dense_weight * np.clip(vectors[rows] @ vectors[columns].T, 0.0, None)
        # two new articles meet in each other's block: keep the pair where the lower place leads
        once = ~is_new[columns][None, :] | (rows[:, None] < columns[None, :])
        apart = np.abs(days[rows][:, None] - days[columns][None, :]) > window_days
        at_row, at_column = np.nonzero(once & ~apart & (scores >= min_score - _SLACK))
        found_left.append(rows[at_row])
        found_right.append(columns[at_column])
    empty = np.empty(0, dtype=np.int64)
    return np.concatenate([empty, *found_left]), np.concatenate([empty, *found_right])


def split_words(weights: sp.csr_array) -> Words:
    """Part the columns of weighted words, float32[n, v]; together they are the whole."""
    counts = np.bincount(weights.indices, minlength=weights.shape[1])
    limit = max(8, weights.shape[0] // 100)
    common = np.flatnonzero(counts > limit)
    if len(common) > _MAX_COMMON_WORDS:
        common = np.sort(np.argsort(-counts, kind="stable")[:_MAX_COMMON_WORDS])
    is_common = np.zeros(weights.shape[1], dtype=bool)
    is_common[common] = True
    return Words(
        common=np.asarray(weights[:, is_common].toarray(), dtype=np.float32),
        rest=sp.csr_array(weights[:, ~is_common]),
    )


def _window_blocks(
    days: Days, is_new: Flags, window_days: float
) -> Iterator[tuple[Places, Places]]:
    """Yield rows of new articles and the columns they are compared with."""
    order = np.argsort(days, kind="stable").astype(np.int64)  # unknown times come last
    n_dated = int(np.count_nonzero(~np.isnan(days)))
    dated, undated = order[:n_dated], order[n_dated:]
    sorted_days = days[dated]
    new_dated = np.flatnonzero(is_new[dated])
    for begin in range(0, len(new_dated), _BLOCK):
        block = new_dated[begin : begin + _BLOCK]
        first = np.searchsorted(sorted_days, sorted_days[block[0]] - window_days)
        last = np.searchsorted(sorted_days, sorted_days[block[-1]] + window_days, side="right")
        yield dated[block], np.concatenate((dated[first:last], undated))
    new_undated = undated[is_new[undated]]
    for begin in range(0, len(new_undated), _BLOCK):
        yield new_undated[begin : begin + _BLOCK], order
