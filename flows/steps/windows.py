"""Which articles a step looks at: the new ones and what lies near them in time."""

from collections.abc import Sequence
from datetime import timedelta

from wirethread.articles.types.articles import ArticleId
from wirethread.storage.catalog import Catalog
from wirethread.storage.tables.surroundings import (
    find_newest_articles,
    find_publication_times,
    find_published_between,
    find_undated_articles,
)
from wirethread.storage.tables.versions import find_superseded

__all__ = ["UNDATED_LIMIT", "find_neighbourhood"]

UNDATED_LIMIT = 20_000
"""Articles without a date are near everything, so only this many of the newest are looked at."""


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
    times = find_publication_times(catalog.database, article_ids)
    near: set[ArticleId] = set(article_ids)
    near.update(find_undated_articles(catalog.database, UNDATED_LIMIT))
    if times:
        margin = timedelta(days=window_days, seconds=1)
        near.update(
            find_published_between(
                catalog.database, min(times.values()) - margin, max(times.values()) + margin
            )
        )
    if len(times) < len(set(article_ids)):
        near.update(find_newest_articles(catalog.database, UNDATED_LIMIT))
    if not with_superseded:
        near -= find_superseded(catalog.database, near)
    return sorted(near)
