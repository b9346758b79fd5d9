"""The story threads of a snapshot, counted once, so that every list of them is one look-up.

Counting some threads takes tens of joins and 10 ms or more, whatever their number; looking them up
takes one. What is kept is made from the same SQL, in memory, beside the snapshot.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Callable
from typing import Any

from wirethread.articles.types.articles import ThreadState
from wirethread.storage.answers.filters import compile_stories
from wirethread.storage.answers.stories import COUNTED_THREADS, THREAD_ORDER, list_story_threads
from wirethread.storage.answers.types import StoryFilter, ThreadSummary
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, build_objects, ids_table

__all__ = ["count_threads", "list_counted_threads"]

MOST_COUNTED = 100_000
"""Threads of an archive that are counted together; of more only those that are asked for are."""
_COUNTED = "memory.main.counted_threads"
_PLACES = (
    "SELECT t.thread_id, m.article_id FROM store.story_thread_clusters t"
    " JOIN store.story_cluster_articles m USING (cluster_id)"
)
_BUILD = (
    f"CREATE OR REPLACE TABLE {_COUNTED} AS"
    f" WITH counted AS ({COUNTED_THREADS}), places AS ({_PLACES}),"
    " outlets AS (SELECT thread_id, list(DISTINCT lower(outlet)) AS outlets"
    "  FROM places JOIN store.articles USING (article_id) GROUP BY thread_id),"
    " named AS (SELECT article_id, lower(agency) AS agency FROM store.wire_credits"
    "  WHERE role IN ('source', 'contributor', 'syndicated')"
    "  UNION SELECT article_id, lower(agency) FROM store.article_agency_shares),"
    " agencies AS (SELECT thread_id, list(DISTINCT agency) AS agencies"
    "  FROM places JOIN named USING (article_id) GROUP BY thread_id)"
    " SELECT c.*, coalesce(o.outlets, []) AS outlets, coalesce(a.agencies, []) AS agencies"
    " FROM counted c LEFT JOIN outlets o USING (thread_id) LEFT JOIN agencies a USING (thread_id)"
)


def count_threads(catalog: Catalog) -> bool:
    """Count all threads of a snapshot; return False, and do nothing, where they are very many."""
    database = catalog._database
    rows = database.fetch_rows(
        f"SELECT thread_id FROM store.story_threads LIMIT {MOST_COUNTED + 1}"
    )
    if len(rows) > MOST_COUNTED:
        return False
    with database.registered(asked=ids_table(row[0] for row in rows)):
        database.execute(_BUILD)
    return True


def list_counted_threads(
    catalog: Catalog,
    chosen: StoryFilter,
    *,
    is_counted: bool,
    limit: int | None = 20,
    offset: int = 0,
) -> list[ThreadSummary]:
    """Return what `list_story_threads` does; `is_counted` is what `count_threads` returned."""
    if not is_counted:
        return list_story_threads(catalog, chosen, limit=limit, offset=offset)
    where, values = compile_stories(
        chosen,
        has_outlet="list_contains(outlets, lower($outlet))",
        has_agency="list_contains(agencies, lower($agency))",
    )
    table = catalog._database.fetch_table(
        f"SELECT * EXCLUDE (outlets, agencies) FROM {_COUNTED} WHERE {where}"
        f" ORDER BY {THREAD_ORDER} LIMIT $limit OFFSET $offset",
        {**values, "limit": limit, "offset": offset},
    )
    times: dict[str, Callable[[Any], Any]] = {
        "first_seen_at": as_utc,
        "last_seen_at": as_utc,
        "state": ThreadState,
    }
    return build_objects(table, ThreadSummary, times)
