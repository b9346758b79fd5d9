"""Candidates by meaning: paragraphs whose vectors are close, inside the time window."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from wirethread.clustering.distinct import number_within
from wirethread.clustering.outlets import share_own_texts
from wirethread.clustering.paragraphs.table import ParagraphTable

__all__ = ["find_nearest_of_pairs", "find_neighbours", "order_by_time"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_ROWS = 256  # paragraphs of new articles that are compared at a time
_COLUMNS = 16_384  # paragraphs that they are compared with at a time
_ROUNDING = 1e-6  # so that of two that are equally near neither is lost


def order_by_time(table: ParagraphTable) -> npt.NDArray[np.int64]:
    """The places int64[articles] of articles by time, then id; those without a time last."""
    ids = np.array([article.article_id for article in table.articles])
    return np.lexsort((ids, np.where(np.isnan(table.days), np.inf, table.days))).astype(np.int64)


def find_neighbours(
    table: ParagraphTable,
    is_new: npt.NDArray[np.bool_],
    publishers: npt.NDArray[np.int64],
    *,
    window_days: float,
    min_similarity: float,
    is_led: npt.NDArray[np.bool_] | None = None,
    is_crowded: npt.NDArray[np.bool_] | None = None,
    measure: Callable[[Ints, Ints], Floats] | None = None,
    most: int | None = None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Paragraph pairs of cosine `min_similarity` or more, one of them the other's nearest.

    Nearest means nearest within the other's article, so whether a pair is a candidate depends on
    its two articles alone, never on what else is in the archive. Pairs of one house's own texts,
    pairs further apart than the window and pairs without a new article are left out; an unknown
    time is near every other. Work: new paragraphs times paragraphs in their window, as float32
    matrix products of some new articles at a time; all else looks only at pairs that are close
    enough, since what is nearer than such a pair is close enough too. Paragraphs that another
    leads, bool[paragraphs], are left out, and two that are in a crowd are not compared.

    Where `measure` gives the promise of pairs, those below 0 are left out, and a new paragraph is
    paired with at most `most` that are older or known already, those of the highest promise: texts
    that are all made of the same few words are near each other without saying the same.
    """
    empty = np.zeros(0, dtype=np.int64)
    if table.vectors is None or not len(table.texts):
        return empty, empty
    order = order_by_time(table)
    searched = np.ones(len(table.texts), dtype=bool) if is_led is None else ~is_led
    crowded = np.zeros(len(table.texts), dtype=bool) if is_crowded is None else is_crowded
    sizes = np.bincount(table.article_of[searched], minlength=len(table.articles))
    order = order[sizes[order] > 0]
    if not len(order):
        return empty, empty
    rows = np.concatenate(
        [np.arange(table.article_starts[a], table.article_starts[a + 1]) for a in order]
    )
    rows = rows[searched[rows]]
    crowded = crowded[rows]
    vectors = table.vectors[rows]
    rank_of = np.repeat(np.arange(len(order)), sizes[order])
    bounds = np.concatenate([[0], np.cumsum(sizes[order])]).astype(np.int64)
    lefts, rights = [empty], [empty]
    for mine, ranges in _blocks_in_window(table.days[order], is_new[order], bounds, window_days):
        own_rows = np.concatenate([np.arange(bounds[rank], bounds[rank + 1]) for rank in mine])
        mine_left, mine_right, promises = [empty], [empty], [np.zeros(0)]
        for begin, end in ranges:
            similarity = vectors[own_rows] @ vectors[bounds[begin] : bounds[end]].T
            near_enough = similarity >= min_similarity
            if crowded[own_rows].any():
                near_enough[crowded[own_rows]] &= ~crowded[bounds[begin] : bounds[end]]
            row, column = np.nonzero(near_enough)
            near = similarity[row, column]
            left, right = own_rows[row], column + bounds[begin]
            a, b = order[rank_of[left]], order[rank_of[right]]
            # A pair of two new articles is found once, from the later one.
            kept = ~(is_new[b] & (rank_of[right] >= rank_of[left]))
            kept &= ~(np.abs(table.days[a] - table.days[b]) > window_days)
            kept &= ~share_own_texts(publishers[a], publishers[b])
            left, right, near = left[kept], right[kept], near[kept]
            kept = _are_best(left * len(order) + rank_of[right], near)
            kept |= _are_best(right * len(order) + rank_of[left], near)
            left, right = left[kept], right[kept]
            if measure is not None:
                promise = measure(rows[left], rows[right])
                kept = promise >= 0
                left, right = left[kept], right[kept]
                promises.append(promise[kept])
            mine_left.append(left)
            mine_right.append(right)
        left, right = np.concatenate(mine_left), np.concatenate(mine_right)
        if measure is not None and most is not None:
            kept = _are_among(left, np.concatenate(promises), most)
            left, right = left[kept], right[kept]
        lefts.append(rows[left])
        rights.append(rows[right])
    left, right = np.concatenate(lefts), np.concatenate(rights)
    return np.minimum(left, right), np.maximum(left, right)


def find_nearest_of_pairs(
    table: ParagraphTable,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    *,
    min_similarity: float,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """What `find_neighbours` would give of some pairs of articles, each int64[pairs].

    One small product a pair: for few pairs out of very many.
    """
    lefts, rights = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    if table.vectors is not None:
        starts = table.article_starts.tolist()
        for a, b in zip(left.tolist(), right.tolist(), strict=True):
            similarity = (
                table.vectors[starts[a] : starts[a + 1]]
                @ table.vectors[starts[b] : starts[b + 1]].T
            )
            if not similarity.size:
                continue
            best = similarity >= similarity.max(axis=1, keepdims=True) - _ROUNDING
            best |= similarity >= similarity.max(axis=0, keepdims=True) - _ROUNDING
            row, column = np.nonzero(best & (similarity >= min_similarity))
            lefts.append(row + starts[a])
            rights.append(column + starts[b])
    return np.concatenate(lefts), np.concatenate(rights)


def _blocks_in_window(
    days: npt.NDArray[np.float64],
    is_new: npt.NDArray[np.bool_],
    bounds: npt.NDArray[np.int64],
    window_days: float,
) -> Iterator[tuple[npt.NDArray[np.int64], list[tuple[int, int]]]]:
    """Yield ranks of some new articles, and from which to before which ranks others lie near them.

    Ranks are by time; articles without a time come last, are near all others, and so may be all
    others' second range. New articles look for new ones only before themselves.
    """
    n_timed = int(np.count_nonzero(~np.isnan(days)))
    n_old_before = np.concatenate([[0], np.cumsum(~is_new)])
    new = np.flatnonzero(is_new)
    at = 0
    while at < len(new):
        first = int(new[at])
        # as many as fill a block of rows, all with a time or all without, at most half a window
        last = int(np.searchsorted(bounds, bounds[first] + _ROWS, side="right")) - 1
        if first < n_timed:
            reach = np.searchsorted(days[:n_timed], days[first] + window_days / 2, side="right")
            last = min(last, int(reach), n_timed)
        to = max(int(np.searchsorted(new, last)), at + 1)
        mine = new[at:to]
        ranges = [(0, len(days))]
        if first < n_timed:
            low = np.searchsorted(days[:n_timed], days[first] - window_days, side="left")
            high = np.searchsorted(days[:n_timed], days[mine[-1]] + window_days, side="right")
            ranges = [(int(low), int(high)), (n_timed, len(days))]
        blocks = []
        for first_of_range, end_of_range in ranges:
            begin, end = first_of_range, end_of_range
            # behind the last of the block only old ones count
            if n_old_before[end] == n_old_before[min(max(int(mine[-1]), begin), end)]:
                end = min(end, int(mine[-1]))
            while begin < end:
                size = np.searchsorted(bounds, bounds[begin] + _COLUMNS, side="right") - 1
                stop = min(max(int(size), begin + 1), end)
                blocks.append((begin, stop))
                begin = stop
        yield mine, blocks
        at = to


def _are_best(
    groups: npt.NDArray[np.int64], near: npt.NDArray[np.float32]
) -> npt.NDArray[np.bool_]:
    """Mark the largest values of each group, and those that differ only by rounding."""
    _, group = np.unique(groups, return_inverse=True)
    best = np.full(int(group.max(initial=-1)) + 1, -np.inf, dtype=np.float32)
    np.maximum.at(best, group, near)
    marked: npt.NDArray[np.bool_] = near >= best[group] - _ROUNDING
    return marked


def _are_among(groups: Ints, values: Floats, most: int) -> npt.NDArray[np.bool_]:
    """Mark the `most` largest values of each group; of equal ones those that come first."""
    # so coarse that how the products were cut doesn't show
    order = np.lexsort((-np.round(values, 4), groups))
    marked = np.zeros(len(groups), dtype=bool)
    marked[order[number_within(groups[order]) < most]] = True
    return marked
