"""Which pairs of articles are worth a score: those inside the window that may reach a limit.

Work follows the articles that share a window: a block of new articles against the articles within
`window_days` of it, and against those without a time. Openings and the commonest words are
multiplied as full matrices, the many rarer words as sparse ones; together they are the cosine. All
of it is in float64, so that the cosines that find a pair are those it is scored with.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from wirethread.clustering.distinct import number_within

__all__ = [
    "StoryPairs",
    "Words",
    "find_story_pairs",
    "limit_single_words",
    "measure_pairs",
    "split_words",
]

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

_BLOCK = 1_024
_MIN_BLOCK = 128
_TILE = 4_096  # columns worked out at a time, so that memory does not follow the archive
_PAIRS_AT_A_TIME = 50_000
_MAX_COMMON_WORDS = 1_024
_SLACK = 1e-6  # more than rounding of scores and gaps can give a pair
_EDGE_DAYS = 1e-6
"""Tiles reach so much further than the window: 6.9 - 6.0 is not .9. What a pair's own gap says,
the same from both sides, decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPairs:
    """Pairs of articles by their places, each of p, and their cosines."""

    left: Places
    right: Places
    dense: Floats
    """Of the openings."""
    sparse: Floats
    """Of the weighted words."""
    names: Floats
    """The part of `sparse` that rare words give."""
    stands_for: Floats
    """Pairs of the same article that each stands for, itself among them."""

    @classmethod
    def join(cls, parts: "list[StoryPairs]") -> Self:
        """Return all pairs of some parts, in their order."""
        nothing, no_place = np.empty(0), np.empty(0, dtype=np.int64)
        return cls(
            left=np.concatenate([no_place, *(part.left for part in parts)]),
            right=np.concatenate([no_place, *(part.right for part in parts)]),
            dense=np.concatenate([nothing, *(part.dense for part in parts)]),
            sparse=np.concatenate([nothing, *(part.sparse for part in parts)]),
            names=np.concatenate([nothing, *(part.names for part in parts)]),
            stands_for=np.concatenate([nothing, *(part.stands_for for part in parts)]),
        )

    def take(self, places: Places | Flags) -> "StoryPairs":
        """Return some of the pairs, by `places` int64[m] or bool[p], in their order."""
        return StoryPairs(
            left=self.left[places],
            right=self.right[places],
            dense=self.dense[places],
            sparse=self.sparse[places],
            names=self.names[places],
            stands_for=self.stands_for[places],
        )


@dataclass(frozen=True, slots=True)
class Words:
    """Weighted words in two parts: columns of common words, to be multiplied full, and the rest."""

    common: sp.csr_array
    rest: sp.csr_array

    def multiply(self, rows: Places | slice, columns: Places | slice) -> npt.NDArray[Any]:
        """Return float[rows, columns]: the products of rows with others, places int64[n]."""
        found: npt.NDArray[Any] = (self.rest[rows] @ self.rest[columns].T).toarray()
        if self.common.shape[1]:
            found += self.common[rows].toarray() @ self.common[columns].toarray().T
        return found


def find_story_pairs(
    *,
    vectors: npt.NDArray[np.float32],
    weights: sp.csr_array,
    is_rare: Flags,
    days: Days,
    is_new: Flags,
    dense_weight: float,
    sparse_weight: float,
    min_score: float,
    window_days: float,
    find_penalty: Callable[[Days], Floats] | None = None,
    crowds: Places | None = None,
    chances: Hashes | None = None,
    most: int | None = None,
) -> StoryPairs:
    """Return the pairs with a new member whose weighted cosines, less a penalty, may reach a limit.

    `vectors` float32[n, d] and `weights` sparse float64[n, v] have rows of unit length, `is_rare`
    bool[v] marks the rare words; `days` is NaN where a time is unknown, and such articles are
    compared with all. `find_penalty` gives, of gaps in days (NaN where unknown), what they take at
    least. Two of one of the `crowds` int64[n], -1 for none, are not compared. Each pair comes once,
    in no order.

    A new article that may be linked with more than twice `most` that are older or known already
    keeps the `most` strongest of these pairs and `most` of the others, by chance, each of which
    stands for its part of them (Horvitz and Thompson 1952), so that averages stay what they are
    and pairs grow with the articles. The chance comes from `chances` uint64[n] alone.
    """
    is_common = find_common_words(weights)
    plain, rare = (
        Words(
            common=sp.csr_array(weights[:, is_common & kind]),
            rest=sp.csr_array(weights[:, ~is_common & kind]),
        )
        for kind in (~is_rare, is_rare)
    )
    order = np.argsort(days, kind="stable").astype(np.int64)  # unknown times come last
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    limit = min_score - _SLACK
    parts: list[StoryPairs] = []
    for rows, tiles in _list_blocks(days, order, is_new, window_days):
        found, strengths = [], [np.empty(0)]
        for columns in tiles:
            dense = vectors[rows].astype(np.float64) @ vectors[columns].astype(np.float64).T
            names = rare.multiply(rows, columns)
            sparse = names + plain.multiply(rows, columns)
            scores = dense_weight * np.maximum(dense, 0.0) + sparse_weight * sparse
            if crowds is not None and (crowds[rows] >= 0).any():
                own = np.where(crowds[rows] >= 0, crowds[rows], -2)
                scores[own[:, None] == crowds[columns]] = -np.inf
            at_row, at_column = np.nonzero(scores >= limit)
            left, right = rows[at_row], columns[at_column]
            gaps = np.abs(days[left] - days[right])
            # two new articles may meet twice: the later one finds the pair
            kept = (~is_new[right] | (rank[left] > rank[right])) & ~(gaps > window_days)
            strength = scores[at_row, at_column]
            if find_penalty is not None:
                strength = strength - find_penalty(gaps)
                kept &= strength >= limit
            at_row, at_column = at_row[kept], at_column[kept]
            found.append(
                StoryPairs(
                    left=left[kept],
                    right=right[kept],
                    dense=dense[at_row, at_column],
                    sparse=sparse[at_row, at_column],
                    names=names[at_row, at_column],
                    stands_for=np.ones(len(at_row)),
                )
            )
            strengths.append(strength[kept])
        part = StoryPairs.join(found)
        if most is not None and chances is not None:
            part = _thin_out(part, np.concatenate(strengths), chances, most)
        parts.append(part)
    return StoryPairs.join(parts)


def _thin_out(pairs: StoryPairs, strengths: Floats, chances: Hashes, most: int) -> StoryPairs:
    """Return of each left article's pairs the strongest, and some of the others for all of them."""
    counts = np.bincount(pairs.left)[pairs.left]
    crowded = np.flatnonzero(counts > 2 * most)
    if not len(crowded):
        return pairs
    drawn = _mix(chances[pairs.left[crowded]], chances[pairs.right[crowded]])
    # so coarse that in which tile a cosine was worked out doesn't show
    by_strength = np.lexsort((drawn, -np.round(strengths[crowded], 6), pairs.left[crowded]))
    is_weak = number_within(pairs.left[crowded][by_strength]) >= most
    weak = by_strength[is_weak]
    by_chance = weak[np.lexsort((drawn[weak], pairs.left[crowded][weak]))]
    chosen = by_chance[number_within(pairs.left[crowded][by_chance]) < most]
    stands_for = pairs.stands_for.copy()
    stands_for[crowded[chosen]] = (counts[crowded[chosen]] - most) / most
    kept = np.ones(len(counts), dtype=bool)
    kept[crowded[weak]] = False
    kept[crowded[chosen]] = True
    return replace(pairs, stands_for=stands_for).take(kept)


def _mix(one: Hashes, other: Hashes) -> Hashes:
    """Return a number by chance for each pair of two numbers, the same from both sides."""
    with np.errstate(over="ignore"):
        mixed = (one ^ (one >> np.uint64(29))) + (other ^ (other >> np.uint64(29)))
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
        return mixed * np.uint64(0xBF58476D1CE4E5B9)


def measure_pairs(
    *,
    vectors: npt.NDArray[np.float32],
    weights: sp.csr_array,
    is_rare: Flags,
    left: Places,
    right: Places,
) -> StoryPairs:
    """Return the cosines of the pairs of places `left` and `right`, int64[m], one by one.

    `vectors` float32[n, d] and `weights` float[n, v] are of unit length a row; `is_rare` bool[v]
    says which words are names and the like.
    """
    parts = []
    for begin in range(0, len(left), _PAIRS_AT_A_TIME):
        one, other = (side[begin : begin + _PAIRS_AT_A_TIME] for side in (left, right))
        shared = sp.csr_array(weights[one].multiply(weights[other]))
        parts.append(
            StoryPairs(
                left=one,
                right=other,
                dense=np.einsum("ij,ij->i", vectors[one], vectors[other], dtype=np.float64),
                sparse=np.asarray(shared @ np.ones(shared.shape[1])).ravel(),
                names=np.asarray(shared @ is_rare.astype(np.float64)).ravel(),
                stands_for=np.ones(len(one)),
            )
        )
    return StoryPairs.join(parts)


def limit_single_words(weights: sp.csr_array, is_rare: Flags, pairs: StoryPairs) -> StoryPairs:
    """Return the pairs with word cosines of which no one word, and no two, are nearly all.

    The strongest shared word counts for no more than all others together, the two strongest for no
    more than twice the others: a town that stands in all that its paper prints carries no link,
    nor does its name of two words. What is taken from rare words is taken from `names` too.
    `weights` float[n, v] are of unit length a row, `is_rare` bool[v].
    """
    sparse, names = pairs.sparse.copy(), pairs.names.copy()
    largest = np.asarray(weights.max(axis=1).toarray()).ravel()
    # where no product can be a third of the sum, no limit is reached
    open_to_it = np.flatnonzero(3 * largest[pairs.left] * largest[pairs.right] > sparse)
    for begin in range(0, len(open_to_it), _PAIRS_AT_A_TIME):
        chosen = open_to_it[begin : begin + _PAIRS_AT_A_TIME]
        shared = sp.csr_array(weights[pairs.left[chosen]].multiply(weights[pairs.right[chosen]]))
        filled = np.flatnonzero(np.diff(shared.indptr))
        if not len(filled):
            continue
        starts = shared.indptr[filled]
        row_of = np.repeat(np.arange(len(filled)), np.diff(shared.indptr)[filled])
        values, kinds = shared.data.copy(), is_rare[shared.indices]
        total = np.add.reduceat(values, starts)
        strongest, rare = np.zeros(len(filled)), np.zeros(len(filled))
        limited = total
        for n_words in (1, 2):
            top = np.maximum.reduceat(values, starts)
            at = np.flatnonzero(values == top[row_of])
            at = at[np.unique(row_of[at], return_index=True)[1]]  # the first of each pair
            strongest += top
            rare += np.where(kinds[at], top, 0.0)
            values[at] = 0.0
            limited = np.minimum(limited, (n_words + 1) * np.maximum(total - strongest, 0.0))
        taken = total - limited
        places = chosen[filled]
        sparse[places] = np.maximum(sparse[places] - taken, 0.0)
        of_rare = taken * rare / np.maximum(strongest, 1e-12)
        names[places] = np.clip(names[places] - of_rare, 0.0, sparse[places])
    return replace(pairs, sparse=sparse, names=names)


def find_common_words(weights: sp.csr_array) -> Flags:
    """Mark the words, bool[v], that so many rows of float[n, v] hold that full is faster."""
    counts = np.bincount(weights.indices, minlength=weights.shape[1])
    limit = max(8, weights.shape[0] // 100)
    common = np.flatnonzero(counts > limit)
    if len(common) > _MAX_COMMON_WORDS:
        common = np.sort(np.argsort(-counts, kind="stable")[:_MAX_COMMON_WORDS])
    is_common = np.zeros(weights.shape[1], dtype=bool)
    is_common[common] = True
    return is_common


def split_words(weights: sp.csr_array) -> Words:
    """Part the columns of weighted words, float[n, v]; together they are the whole."""
    is_common = find_common_words(weights)
    return Words(
        common=sp.csr_array(weights[:, is_common]), rest=sp.csr_array(weights[:, ~is_common])
    )


def _list_blocks(
    days: Days, order: Places, is_new: Flags, window_days: float
) -> Iterator[tuple[Places, list[Places]]]:
    """Yield rows of new articles with the columns they are compared with, in tiles.

    `order` are the places by time, those without one last. A new column comes only with the rows
    behind it in this order, and with the few of its own block.
    """
    n_dated = int(np.count_nonzero(~np.isnan(days)))
    sorted_days = days[order[:n_dated]]
    window_days += _EDGE_DAYS
    is_old = ~is_new[order]
    new = np.flatnonzero(is_new[order])
    begin = 0
    while begin < len(new):
        at = int(new[begin])
        first, last = 0, n_dated
        if at < n_dated:
            # a block much longer than the window would be compared with more than its window
            reach = np.searchsorted(sorted_days, sorted_days[at] + window_days, side="right")
            end = int(np.searchsorted(new, reach))
            end = min(max(end, begin + _MIN_BLOCK), begin + _BLOCK)
            end = min(end, int(np.searchsorted(new, n_dated)))
            first = int(np.searchsorted(sorted_days, sorted_days[at] - window_days))
            last = int(
                np.searchsorted(sorted_days, sorted_days[new[end - 1]] + window_days, side="right")
            )
        else:
            end = min(begin + _BLOCK, len(new))
        stop = int(new[end - 1]) + 1
        behind = np.concatenate(
            (np.arange(stop, max(last, stop)), np.arange(max(n_dated, stop), len(order)))
        )
        columns = np.concatenate((np.arange(first, stop), behind[is_old[behind]]))
        tiles = [order[columns[tile : tile + _TILE]] for tile in range(0, len(columns), _TILE)]
        yield order[new[begin:end]], tiles
        begin = end
