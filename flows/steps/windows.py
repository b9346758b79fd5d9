"""Which articles a step looks at: the new ones and what lies near them in time."""

from collections.abc import Sequence
from datetime import timedelta

from wirethread.articles.types.articles import ArticleId
from wirethread.storage.catalog import Catalog

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
