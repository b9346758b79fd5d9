"""The stories seen last, found without counting the articles of all others.

The newest stories are chosen by their own rows; only theirs are counted. Where filters leave too
few of them, more are looked at. Works on a published snapshot and on the catalog of a run.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

import pyarrow as pa

from wirethread.articles.types.articles import ThreadState
from wirethread.storage.answers.filters import compile_stories
from wirethread.storage.answers.types import ClusterSummary, StoryFilter, ThreadSummary
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, build_objects, ids_table
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.paging import EVERYTHING

__all__ = [
    "ANY_STORY",
    "COUNTED_THREADS",
    "THREAD_ORDER",
    "list_story_clusters",
    "list_story_threads",
]

Summary = TypeVar("Summary")

ANY_STORY = StoryFilter()
_FEWEST = 64
_MORE = 8
_TIMES: dict[str, Callable[[Any], Any]] = {"first_seen_at": as_utc, "last_seen_at": as_utc}
_ORDER = "last_seen_at DESC NULLS LAST, n_articles DESC, title"
_CLUSTERS = (
    "SELECT c.cluster_id, c.title, c.first_seen_at, c.last_seen_at, c.n_articles, c.n_outlets,"
    " s.n_independent_sources, t.thread_id FROM store.story_clusters c LEFT JOIN ("
    "  SELECT cluster_id, count(*) FILTER (WHERE counted) AS n_independent_sources"
    "  FROM store.story_sources WHERE cluster_id IN (SELECT id FROM asked) GROUP BY cluster_id"
    " ) s USING (cluster_id) LEFT JOIN (SELECT cluster_id, thread_id"
    "  FROM store.story_thread_clusters WHERE cluster_id IN (SELECT id FROM asked)"
    " ) t USING (cluster_id) WHERE c.cluster_id IN (SELECT id FROM asked)"
)
COUNTED_THREADS = (
    "WITH members AS (SELECT thread_id, cluster_id FROM store.story_thread_clusters"
    "  WHERE thread_id IN (SELECT id FROM asked)),"
    " held AS (SELECT cluster_id, article_id FROM store.story_cluster_articles"
    "  WHERE cluster_id IN (SELECT cluster_id FROM members)),"
    " outlets AS (SELECT article_id, outlet FROM store.articles"
    "  WHERE article_id IN (SELECT article_id FROM held)),"
    " counted AS (SELECT cluster_id, source_group FROM store.story_sources"
    "  WHERE cluster_id IN (SELECT cluster_id FROM members))"
    " SELECT t.thread_id, t.title, t.state, t.first_seen_at, t.last_seen_at, t.names, t.numbers,"
    " coalesce(c.n_clusters, 0) AS n_clusters, coalesce(a.n_articles, 0) AS n_articles,"
    " coalesce(a.n_outlets, 0) AS n_outlets, s.n_independent_sources"
    " FROM store.story_threads t LEFT JOIN (SELECT thread_id, count(*) AS n_clusters"
    "  FROM members GROUP BY thread_id) c USING (thread_id) LEFT JOIN ("
    "  SELECT thread_id, count(*) AS n_articles, count(DISTINCT outlet) AS n_outlets"
    "  FROM members JOIN held USING (cluster_id) JOIN outlets USING (article_id)"
    "  GROUP BY thread_id) a USING (thread_id) LEFT JOIN ("
    "  SELECT thread_id, count(DISTINCT source_group) AS n_independent_sources"
    "  FROM members JOIN counted USING (cluster_id) GROUP BY thread_id) s USING (thread_id)"
    " WHERE t.thread_id IN (SELECT id FROM asked)"
)
"""The threads of the table `asked`, with their numbers."""
THREAD_ORDER = f"{_ORDER}, thread_id"
_CLUSTER_ARTICLES = (
    "SELECT 1 FROM store.story_cluster_articles m JOIN store.articles a USING (article_id)"
    " WHERE m.cluster_id = s.cluster_id"
)
_THREAD_ARTICLES = (
    "SELECT 1 FROM store.story_thread_clusters t JOIN store.story_cluster_articles m"
    " USING (cluster_id) JOIN store.articles a USING (article_id)"
    " WHERE t.thread_id = s.thread_id"
)


def list_story_clusters(
    catalog: Catalog, chosen: StoryFilter = ANY_STORY, *, limit: int | None = 20, offset: int = 0
) -> list[ClusterSummary]:
    """Return the story clusters that a filter lets through, those seen last first.

    The first `offset` are left out, and without a `limit` all others are returned. A state is one
    of threads: it leaves out no cluster.
    """
    table = _list_newest(
        catalog._database,
        "store.story_clusters",
        "cluster_id",
        *compile_stories(chosen, only=("since", "until", "min_articles")),
        _CLUSTERS,
        *_compile_counted(_CLUSTER_ARTICLES, chosen, only=("outlet", "agency", "min_newsrooms")),
        limit=limit,
        offset=offset,
    )
    return build_objects(table, ClusterSummary, _TIMES)


def list_story_threads(
    catalog: Catalog, chosen: StoryFilter = ANY_STORY, *, limit: int | None = 20, offset: int = 0
) -> list[ThreadSummary]:
    """Return the story threads that a filter lets through, those seen last first.

    The first `offset` are left out, and without a `limit` all others are returned.
    """
    counted = ("outlet", "agency", "min_articles", "min_newsrooms")
    table = _list_newest(
        catalog._database,
        "store.story_threads",
        "thread_id",
        *compile_stories(chosen, only=("since", "until", "state")),
        COUNTED_THREADS,
        *_compile_counted(_THREAD_ARTICLES, chosen, only=counted),
        limit=limit,
        offset=offset,
    )
    return build_objects(table, ThreadSummary, {**_TIMES, "state": ThreadState})


def _list_newest(  # noqa: PLR0917 - where to look, what to ask of it, and what to count
    database: Database,
    table: str,
    key: str,
    own: str,
    own_values: Mapping[str, Any],
    counting: str,
    counted: str,
    counted_values: Mapping[str, Any],
    *,
    limit: int | None,
    offset: int,
) -> pa.Table:
    """Return `limit` stories behind the first `offset`, all of them where it is None.

    `own` filters their rows, `counted` what is counted.
    """
    n_wanted = offset + (EVERYTHING if limit is None else limit)
    n_looked_at, n_before = max(_FEWEST, 2 * n_wanted), -1
    while True:
        ids = _find_newest(database, table, key, own, own_values, n_looked_at)
        with database.registered(asked=ids_table(ids)):
            found = database.fetch_table(
                f"SELECT * FROM ({counting}) s WHERE {counted} ORDER BY {_ORDER}, {key}"
                " LIMIT $n_wanted",
                {**counted_values, "n_wanted": n_wanted},
            )
        if found.num_rows >= n_wanted or len(ids) in (n_before, 0) or len(ids) < n_looked_at:
            return found.slice(offset)
        n_looked_at, n_before = n_looked_at * _MORE, len(ids)


def _find_newest(  # noqa: PLR0917 - as above
    database: Database,
    table: str,
    key: str,
    own: str,
    values: Mapping[str, Any],
    n_wanted: int,
) -> Sequence[str]:
    """Return the stories seen last, `n_wanted` and those seen at the same time as the last."""
    limits = database.fetch_rows(
        f"SELECT last_seen_at FROM {table} s WHERE {own} ORDER BY last_seen_at DESC NULLS LAST"
        " LIMIT 1 OFFSET $place",
        {**values, "place": n_wanted - 1},
    )
    oldest = limits[0][0] if limits else None
    bound = "" if oldest is None else " AND s.last_seen_at >= $oldest"
    asked = {**values} if oldest is None else {**values, "oldest": oldest}
    rows = database.fetch_rows(f"SELECT {key} FROM {table} s WHERE {own}{bound}", asked)
    return [row[0] for row in rows]


def _compile_counted(
    articles: str, chosen: StoryFilter, *, only: Collection[str]
) -> tuple[str, dict[str, Any]]:
    """Return the condition over what is counted of a story, of which `articles` are a query."""
    return compile_stories(
        chosen,
        has_outlet=f"EXISTS ({articles} AND lower(a.outlet) = lower($outlet))",
        has_agency=f"EXISTS ({articles} AND (a.article_id IN"
        " (SELECT article_id FROM store.wire_credits"
        " WHERE role IN ('source', 'contributor', 'syndicated')"
        " AND lower(agency) = lower($agency))"
        " OR a.article_id IN (SELECT article_id FROM store.article_agency_shares"
        " WHERE lower(agency) = lower($agency))))",
        only=only,
    )
