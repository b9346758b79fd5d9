"""Candidates by meaning: paragraphs whose vectors are close, inside the time window."""

import numpy as np
import numpy.typing as npt

from clustering.outlets import share_publisher
from clustering.paragraph_table import ParagraphTable

__all__ = ["find_neighbours", "order_by_time"]


def order_by_time(table: ParagraphTable) -> npt.NDArray[np.int64]:
    """Articles by time, then id; those without a time last."""
    ids = np.array([article.article_id for article in table.articles])
    return np.lexsort((ids, np.where(np.isnan(table.days), np.inf, table.days))).astype(np.int64)


def find_neighbours(
    table: ParagraphTable,
    is_new: npt.NDArray[np.bool_],
    publishers: npt.NDArray[np.int64],
    *,
    window_days: float,
    min_similarity: float,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Paragraph pairs of cosine `min_similarity` or more, one of them the other's nearest.

    Nearest means nearest within the other's article, so whether a pair is a candidate depends on
    its two articles alone, never on what else is in the archive. Pairs of one publisher, pairs
    further apart than the window and pairs without a new article are left out; an unknown time is
    near every other. Work: new paragraphs times paragraphs in their window, one float32 matrix
    product per new article.
    """
    if table.vectors is None or not len(table.texts):
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty
    order = order_by_time(table)
    sizes = np.diff(table.article_starts)
    order = order[sizes[order] > 0]  # np.maximum.reduceat needs a row for every article
    days = table.days[order]
    n_timed = int(np.count_nonzero(~np.isnan(days)))
    rows = np.concatenate(
        [np.arange(table.article_starts[a], table.article_starts[a + 1]) for a in order]
    )
    vectors = table.vectors[rows]
    bounds = np.concatenate([[0], np.cumsum(sizes[order])]).astype(np.int64)
    lefts: list[npt.NDArray[np.int64]] = []
    rights: list[npt.NDArray[np.int64]] = []
    new_ranks = np.flatnonzero(is_new[order])
    for rank in new_ranks.tolist():
        article = order[rank]
        mine = vectors[bounds[rank] : bounds[rank + 1]]
        if rank < n_timed:
            low = int(np.searchsorted(days[:n_timed], days[rank] - window_days, side="left"))
            high = int(np.searchsorted(days[:n_timed], days[rank] + window_days, side="right"))
            ranges = [(low, high), (n_timed, len(order))]
        else:
            ranges = [(0, len(order))]
        for begin, end in ranges:
            if begin >= end:
                continue
            others = order[begin:end]
            allowed = ~share_publisher(publishers[others], publishers[article])
            # A pair of two new articles is found once, from the later one.
            allowed &= ~(is_new[others] & (np.arange(begin, end) >= rank))
            if not allowed.any():
                continue
            block = slice(bounds[begin], bounds[end])
            similarity = mine @ vectors[block].T
            starts = bounds[begin:end] - bounds[begin]
            per_article = np.diff(bounds[begin : end + 1])
            best_there = np.repeat(
                np.maximum.reduceat(similarity, starts, axis=1), per_article, axis=1
            )
            best_here = similarity.max(axis=0)
            found = (similarity >= min_similarity) & np.repeat(allowed, per_article)
            found &= (similarity >= best_there) | (similarity >= best_here)
            row, column = np.nonzero(found)
            lefts.append(rows[bounds[rank] + row])
            rights.append(rows[bounds[begin] + column])
    if not lefts:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty
    left, right = np.concatenate(lefts), np.concatenate(rights)
    return np.minimum(left, right), np.maximum(left, right)
