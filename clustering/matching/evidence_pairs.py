"""Candidate pairs grouped by their two articles, with the direction in which copy can have gone."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from wirethread.articles.types.articles import TimePrecision
from wirethread.clustering.paragraphs.table import ParagraphTable
from wirethread.clustering.types import ArticleText

__all__ = [
    "group_by_articles",
    "is_known_earlier",
    "point_all_to_donors",
    "point_to_donor",
]


def is_known_earlier(first: ArticleText, second: ArticleText) -> bool:
    """Whether `first` was certainly published before `second`.

    Two times that are exact to the second are compared as they are. Where one is a mere day, only a
    gap of two calendar days decides, because a day has no time zone.
    """
    if first.published_at is None or second.published_at is None:
        return False
    precisions = {first.published_precision, second.published_precision}
    if TimePrecision.UNKNOWN in precisions:
        return False
    if precisions == {TimePrecision.SECOND}:
        return first.published_at < second.published_at
    return (second.published_at.date() - first.published_at.date()).days >= 2


def point_to_donor(table: ParagraphTable, left: int, right: int) -> tuple[int, int]:
    """(host, donor) of two articles by index: who may have copied from whom.

    An agency's own copy is the donor of an article that is none; otherwise the earlier article,
    and where times do not tell, the one with the smaller id, so that the answer never depends on
    the order of arrival.
    """
    a, b = table.articles[left], table.articles[right]
    if (a.agency is None) != (b.agency is None):
        return (left, right) if a.agency is None else (right, left)
    if is_known_earlier(a, b):
        return right, left
    if is_known_earlier(b, a):
        return left, right
    return (right, left) if a.article_id < b.article_id else (left, right)


def point_all_to_donors(
    table: ParagraphTable, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return paragraph pairs as (of host, of donor), int64[n] both."""
    n = len(table.articles)
    keys, where = np.unique(
        table.article_of[left] * n + table.article_of[right], return_inverse=True
    )
    is_host = [point_to_donor(table, *divmod(key, n))[0] == key // n for key in keys.tolist()]
    is_left = np.array(is_host, dtype=bool)[where]
    return np.where(is_left, left, right), np.where(is_left, right, left)


def group_by_articles(
    table: ParagraphTable, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> Iterator[tuple[int, int, Sequence[tuple[int, int]]]]:
    """Yield (host, donor, paragraph pairs (of host, of donor)) for every two articles.

    Pair i is the paragraphs at places `left[i]` and `right[i]`, int64[n].
    """
    if not len(left):
        return
    a, b = table.article_of[left], table.article_of[right]
    keys = a * len(table.articles) + b
    order = np.lexsort((right, left, keys))
    left, right, keys = left[order], right[order], keys[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    for begin, end in zip(starts.tolist(), [*starts[1:].tolist(), len(keys)], strict=True):
        first, second = divmod(int(keys[begin]), len(table.articles))
        host, donor = point_to_donor(table, first, second)
        pairs = list(zip(left[begin:end].tolist(), right[begin:end].tolist(), strict=True))
        if host != first:
            pairs = [(q, p) for p, q in pairs]
        yield host, donor, pairs
