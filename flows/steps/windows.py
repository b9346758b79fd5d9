"""Which articles a step looks at: the new ones and what lies near them in time."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from wirethread.articles.types.articles import ArticleId
from wirethread.storage.catalog import Catalog

__all__ = ["UNDATED_LIMIT", "cut_by_days", "find_neighbourhood", "name_days"]

UNDATED_LIMIT = 20_000
"""Articles without a date are near everything, so only this many of the newest are looked at."""

_WINDOWS_PER_PARTITION = 4
_SHARE_OF_LARGEST = 4


def cut_by_days(
    catalog: Catalog, article_ids: Sequence[ArticleId], window_days: float, largest: int
) -> list[Sequence[ArticleId]]:
    """Cut articles, the earliest first, into partitions of up to `largest`.

    Each comes with the articles of its window before and after it, so one that may have fewer than
    `largest` reaches over several windows: else the overlap would be most of the work. Where they
    are cut follows from the articles alone, not from where they are worked on.
    """
    times = catalog.surroundings.find_publication_times(article_ids)
    days = np.array(
        [times[one].timestamp() / 86_400 if one in times else 0.0 for one in article_ids]
    )
    days = np.maximum.accumulate(days)
    partitions: list[Sequence[ArticleId]] = []
    begin = 0
    while begin < len(article_ids):
        reach = days[begin] + _WINDOWS_PER_PARTITION * window_days
        size = int(np.searchsorted(days, reach, side="right")) - begin
        size = min(max(size, largest // _SHARE_OF_LARGEST, 1), largest)
        partitions.append(article_ids[begin : begin + size])
        begin += size
    return partitions


def name_days(catalog: Catalog, article_ids: Sequence[ArticleId]) -> str:
    """Return from when to when articles were published, for messages."""
    times = catalog.surroundings.find_publication_times(article_ids).values()
    if not times:
        return f"{len(article_ids)} articles without a date"
    return f"{len(article_ids)} articles of {min(times):%Y-%m-%d} to {max(times):%Y-%m-%d}"


def find_neighbourhood(
    catalog: Catalog,
    article_ids: Sequence[ArticleId],
    window_days: float,
    *,
    with_superseded: bool = False,
) -> list[ArticleId]:
    """Return all articles at most `window_days` from one of these, in time.

    Articles that a later version replaced are left out, unless they are asked for.

    A gap that is unknown is no gap: articles without a date are always near, and near one without
    a date are the newest articles of the archive.
    """
    times = catalog.surroundings.find_publication_times(article_ids)
    near: set[ArticleId] = set(article_ids)
    near.update(catalog.surroundings.find_undated_articles(UNDATED_LIMIT))
    if times:
        margin = timedelta(days=window_days, seconds=1)
        near.update(
            catalog.surroundings.find_published_between(
                min(times.values()) - margin, max(times.values()) + margin
            )
        )
    if len(times) < len(set(article_ids)):
        near.update(catalog.surroundings.find_newest_articles(UNDATED_LIMIT))
    if not with_superseded:
        near -= catalog.versions.find_superseded(near)
    return sorted(near)
