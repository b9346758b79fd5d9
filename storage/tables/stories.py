"""Links, story clusters, story threads and the history of their ids."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from wirethread.articles.errors import NotFoundError
from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    Link,
    StoryCluster,
    StoryEvent,
    StoryEventKind,
    StoryThread,
    ThreadState,
)
from wirethread.articles.types.copy import NewsroomVerdict
from wirethread.storage.engine.bulk import (
    as_utc,
    build_objects,
    build_table,
    ids_table,
    now_utc,
    sync_rows,
)
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.directory import fetch_about, fetch_table_about
from wirethread.storage.engine.places import find_oldest, find_tail

__all__ = [
    "find_clusters_of_articles",
    "load_clusters",
    "load_links",
    "load_threads",
    "replace_clusters",
    "replace_links",
    "replace_story_newsrooms",
    "replace_threads",
    "resolve_story_id",
]


class _NewsroomRow(NamedTuple):
    cluster_id: ClusterId
    article_id: ArticleId
    counted: bool
    source_group: str
    reason: str


_TAIL_ROWS = 100_000
_LINK = {
    "left_id": pa.string(),
    "right_id": pa.string(),
    "score": pa.float64(),
    "dense": pa.float64(),
    "sparse": pa.float64(),
    "names": pa.float64(),
    "shared_copy": pa.float64(),
    "time_penalty": pa.float64(),
    "gap_days": pa.float64(),
    "named_days": pa.float64(),
    "anchor_id": pa.string(),
    "stands_for": pa.float64(),
}
_LINKS_FROM = (
    f"SELECT {', '.join(_LINK)} FROM store.links WHERE {{rows}} ORDER BY left_id, right_id"
)
_TITLES = "SELECT cluster_id, title FROM store.story_clusters WHERE {rows}"
_MEMBERS = "SELECT cluster_id, article_id FROM store.story_cluster_articles WHERE {rows}"
_CLUSTER_OF = (
    "SELECT article_id, cluster_id FROM store.story_cluster_articles WHERE {rows}"
    " ORDER BY article_id"
)
_SOURCE = {
    "cluster_id": pa.string(),
    "article_id": pa.string(),
    "counted": pa.bool_(),
    "source_group": pa.string(),
    "reason": pa.string(),
}
_EVENT = {
    "kind": pa.string(),
    "subject_id": pa.string(),
    "other_id": pa.string(),
    "reason": pa.string(),
}
_THREAD = {
    "thread_id": pa.string(),
    "title": pa.string(),
    "state": pa.string(),
    "first_seen_at": pa.timestamp("us"),
    "last_seen_at": pa.timestamp("us"),
    "names": pa.list_(pa.string()),
    "numbers": pa.list_(pa.string()),
}


def replace_links(
    database: Database, run_id: str, links: Sequence[Link], linked_ids: Iterable[str]
) -> int:
    """Make the links that touch `linked_ids` equal to `links`; return rows touched."""
    linked = set(linked_ids)
    with database.registered(new_links=build_table(links, _LINK), scope_ids=ids_table(linked)):
        return sync_rows(
            database,
            "store.links",
            "new_links",
            list(_LINK),
            keys=["left_id", "right_id"],
            scope="t.left_id IN (SELECT id FROM scope_ids)"
            " OR t.right_id IN (SELECT id FROM scope_ids)",
            stamps={"run_id": run_id},
            since=find_oldest(
                database,
                linked | {side for link in links for side in (link.left_id, link.right_id)},
            ),
        )


def load_links(
    database: Database, article_ids: Iterable[str] | None = None, *, within: bool = False
) -> list[Link]:
    """Return links with one end in `article_ids`, or both ends where `within`; all for None."""
    asked = set(article_ids or ())
    if within and database.read_only:
        table = fetch_table_about(database, _LINKS_FROM, "links", "left_id", asked)
        return [link for link in build_objects(table, Link) if link.right_id in asked]
    join = "AND" if within else "OR"
    condition = (
        "true"
        if article_ids is None
        else f"written >= {find_oldest(database, asked)} AND (left_id IN (SELECT id FROM asked)"
        f" {join} right_id IN (SELECT id FROM asked))"
    )
    with database.registered(asked=ids_table(asked)):
        table = database.fetch_table(
            f"SELECT {', '.join(_LINK)} FROM store.links WHERE {condition}"
            " ORDER BY left_id, right_id"
        )
    return build_objects(table, Link)


def replace_clusters(
    database: Database,
    run_id: str,
    clusters: Sequence[StoryCluster],
    events: Sequence[StoryEvent],
    *,
    affected_ids: Iterable[str] = (),
) -> int:
    """Make the clusters of `affected_ids` equal to `clusters` and record what happened to them.

    Whatever holds an article of `clusters` is affected too. Returns rows touched.
    """
    stamps = {"run_id": run_id}
    scope = "t.cluster_id IN (SELECT id FROM scope_clusters)"
    with database.registered(
        new_titles=build_table(clusters, {"cluster_id": pa.string(), "title": pa.string()}),
        new_members=_tabulate_members(clusters),
        named_ids=ids_table([*affected_ids, *(cluster.cluster_id for cluster in clusters)]),
    ):
        database.execute(
            "CREATE OR REPLACE TEMP TABLE scope_clusters AS SELECT id FROM named_ids UNION"
            " SELECT cluster_id FROM store.story_cluster_articles"
            " WHERE article_id IN (SELECT article_id FROM new_members)"
        )
        database.execute(
            "CREATE OR REPLACE TEMP TABLE new_clusters AS"
            " SELECT n.cluster_id, any_value(n.title) AS title,"
            "  min(a.published_at) AS first_seen_at, max(a.published_at) AS last_seen_at,"
            "  count(*)::INTEGER AS n_articles, count(DISTINCT a.outlet)::INTEGER AS n_outlets"
            " FROM new_titles n JOIN new_members m USING (cluster_id)"
            " LEFT JOIN store.articles a USING (article_id) GROUP BY n.cluster_id"
        )
        n_touched = sync_rows(
            database,
            "store.story_clusters",
            "new_clusters",
            ["cluster_id", "title", "first_seen_at", "last_seen_at", "n_articles", "n_outlets"],
            keys=["cluster_id"],
            scope=scope,
            stamps=stamps,
        )
        n_moved = sync_rows(
            database,
            "store.story_cluster_articles",
            "new_members",
            ["cluster_id", "article_id"],
            keys=["cluster_id", "article_id"],
            scope=scope,
            stamps=stamps,
        )
        if n_moved:
            database.execute(
                "INSERT INTO store.uncounted_clusters SELECT id FROM scope_clusters"
                " WHERE id NOT IN (SELECT cluster_id FROM store.uncounted_clusters)"
                " AND id IN (SELECT cluster_id FROM new_titles) ORDER BY id"
            )
        n_touched += n_moved + _leave_gone_clusters(database, scope)
        n_touched += _record_events(database, run_id, events, "store.story_clusters", "cluster_id")
        database.execute("DROP TABLE new_clusters")
        database.execute("DROP TABLE scope_clusters")
    return n_touched


def _tabulate_members(clusters: Sequence[StoryCluster]) -> pa.Table:
    """Return cluster_id and article_id, a row a member."""
    cluster_ids = [cluster.cluster_id for cluster in clusters for _ in cluster.article_ids]
    members = [member for cluster in clusters for member in cluster.article_ids]
    return pa.table(
        {
            "cluster_id": pa.array(cluster_ids, type=pa.string()),
            "article_id": pa.array(members, type=pa.string()),
        }
    )


def _leave_gone_clusters(database: Database, scope: str) -> int:
    """Take clusters of the scope that are not in `new_titles` out of threads and counts."""
    gone = f"{scope} AND t.cluster_id NOT IN (SELECT cluster_id FROM new_titles)"
    database.execute(f"DELETE FROM store.uncounted_clusters AS t WHERE {gone}")
    return sum(
        database.execute(f"DELETE FROM store.{table} AS t WHERE {gone}")
        for table in ("story_sources", "story_thread_clusters")
    )


def replace_threads(
    database: Database,
    run_id: str,
    threads: Sequence[StoryThread],
    events: Sequence[StoryEvent],
    *,
    affected_ids: Iterable[str] = (),
) -> int:
    """Make the threads of `affected_ids` equal to `threads` and record what happened to them.

    A cluster stands in one thread: whatever thread held a cluster of `threads` loses it.
    """
    members = pa.table(
        {
            "thread_id": pa.array(
                [thread.thread_id for thread in threads for _ in thread.cluster_ids],
                type=pa.string(),
            ),
            "cluster_id": pa.array(
                [member for thread in threads for member in thread.cluster_ids], type=pa.string()
            ),
            "position": pa.array(
                [place for thread in threads for place in range(len(thread.cluster_ids))],
                type=pa.int32(),
            ),
        }
    )
    stamps = {"run_id": run_id}
    with database.registered(
        new_threads=build_table(threads, _THREAD),
        new_members=members,
        scope_ids=ids_table([*affected_ids, *(thread.thread_id for thread in threads)]),
    ):
        scope = "t.thread_id IN (SELECT id FROM scope_ids)"
        n_touched = sync_rows(
            database,
            "store.story_threads",
            "new_threads",
            list(_THREAD),
            keys=["thread_id"],
            scope=scope,
            stamps=stamps,
        )
        n_touched += sync_rows(
            database,
            "store.story_thread_clusters",
            "new_members",
            members.column_names,
            keys=["cluster_id"],
            scope=scope,
            stamps=stamps,
        )
        n_touched += _record_events(database, run_id, events, "store.story_threads", "thread_id")
    return n_touched


def _record_events(
    database: Database, run_id: str, events: Sequence[StoryEvent], table: str, id_column: str
) -> int:
    """Append the events that this run has not recorded yet and keep redirects true."""
    numbered = build_table(events, _EVENT).append_column(
        "place", pa.array(range(len(events)), type=pa.int64())
    )
    leaving = f"('{StoryEventKind.MERGED.value}', '{StoryEventKind.REMOVED.value}')"
    with database.registered(new_events=numbered):
        n_new = database.execute(
            "INSERT INTO store.story_events"
            " (event, kind, subject_id, other_id, reason, recorded_at, run_id)"
            " SELECT (SELECT coalesce(max(event), 0) FROM store.story_events)"
            "  + row_number() OVER (ORDER BY min(n.place)),"
            "  n.kind, n.subject_id, n.other_id, n.reason, ?, ?"
            " FROM new_events n WHERE NOT EXISTS (SELECT 1 FROM store.story_events t"
            "  WHERE t.run_id = ? AND t.kind = n.kind AND t.subject_id = n.subject_id"
            "  AND t.other_id IS NOT DISTINCT FROM n.other_id AND t.reason = n.reason)"
            " GROUP BY n.kind, n.subject_id, n.other_id, n.reason",
            [now_utc(), run_id, run_id],
        )
        gone_to = (
            "SELECT subject_id AS old_id, max_by(other_id, place) AS new_id FROM new_events"
            f" WHERE other_id IS NOT NULL AND kind IN {leaving}"
            f" AND subject_id NOT IN (SELECT {id_column} FROM {table}) GROUP BY subject_id"
        )
        database.execute(
            f"DELETE FROM store.story_redirects WHERE old_id IN (SELECT old_id FROM ({gone_to}))"
        )
        database.execute(f"INSERT INTO store.story_redirects {gone_to} ORDER BY 1")
    database.execute(
        f"DELETE FROM store.story_redirects WHERE old_id IN (SELECT {id_column} FROM {table})"
    )
    return n_new


def replace_story_newsrooms(
    database: Database,
    run_id: str,
    verdicts: Mapping[ClusterId, Sequence[NewsroomVerdict]],
    *,
    cluster_ids: Iterable[str],
) -> int:
    """Make the independent newsrooms of `cluster_ids` those of `verdicts`, by cluster."""
    rows = [
        _NewsroomRow(
            cluster_id=cluster_id,
            article_id=verdict.article_id,
            counted=verdict.is_counted,
            source_group=verdict.newsroom,
            reason=verdict.reason,
        )
        for cluster_id, judged in verdicts.items()
        for verdict in judged
    ]
    with database.registered(
        new_sources=build_table(rows, _SOURCE), scope_ids=ids_table(cluster_ids)
    ):
        n_touched = sync_rows(
            database,
            "store.story_sources",
            "new_sources",
            list(_SOURCE),
            keys=["cluster_id", "article_id"],
            scope="t.cluster_id IN (SELECT id FROM scope_ids)",
            stamps={"run_id": run_id},
        )
        database.execute(
            "DELETE FROM store.uncounted_clusters WHERE cluster_id IN (SELECT id FROM scope_ids)"
        )
    return n_touched


def load_clusters(
    database: Database, cluster_ids: Iterable[str] | None = None
) -> list[StoryCluster]:
    """Return the story clusters with these ids (all for None), by id."""
    if cluster_ids is None:
        return _load_clusters(database, "true", "true")
    asked = set(cluster_ids)
    if database.read_only:
        return _look_up_clusters(database, asked)
    tails = {
        name: find_tail(database, name, _TAIL_ROWS)
        for name in ("story_clusters", "story_cluster_articles")
    }
    wanted = "cluster_id IN (SELECT id FROM asked)"
    found: list[StoryCluster] = []
    if all(tails.values()):
        with database.registered(asked=ids_table(asked)):
            # a cluster is complete where all of its articles are among the newest rows too
            found = _load_clusters(
                database,
                f"rowid >= {tails['story_clusters']} AND {wanted}",
                f"rowid >= {tails['story_cluster_articles']} AND {wanted}",
                complete_only=True,
            )
        asked -= {one.cluster_id for one in found}
    if asked:
        with database.registered(asked=ids_table(asked)):
            found += _load_clusters(database, wanted, wanted)
    return sorted(found, key=lambda one: one.cluster_id)


def _load_clusters(
    database: Database, clusters: str, members: str, *, complete_only: bool = False
) -> list[StoryCluster]:
    table = database.fetch_table(
        "SELECT cluster_id, title, list(article_id ORDER BY article_id) AS article_ids FROM"
        f" (SELECT cluster_id, title, n_articles FROM store.story_clusters WHERE {clusters})"
        f" JOIN (SELECT cluster_id, article_id FROM store.story_cluster_articles WHERE {members})"
        " USING (cluster_id) GROUP BY cluster_id, title"
        + (" HAVING count(*) = any_value(n_articles)" if complete_only else "")
        + " ORDER BY cluster_id"
    )
    return build_objects(table, StoryCluster)


def _look_up_clusters(database: Database, cluster_ids: Iterable[str]) -> list[StoryCluster]:
    titles = fetch_about(database, _TITLES, "story_clusters", "cluster_id", cluster_ids)
    members: dict[str, list[ArticleId]] = {}
    for cluster_id, article_id in fetch_about(
        database, _MEMBERS, "story_cluster_articles", "cluster_id", cluster_ids
    ):
        members.setdefault(cluster_id, []).append(article_id)
    return [
        StoryCluster(cluster_id=cluster_id, title=title, article_ids=sorted(members[cluster_id]))
        for cluster_id, title in sorted(titles)
        if cluster_id in members
    ]


def find_clusters_of_articles(
    database: Database, article_ids: Iterable[str]
) -> dict[ArticleId, ClusterId]:
    """Return the story cluster of each article that has one."""
    asked = set(article_ids)
    if database.read_only:
        rows = fetch_about(database, _CLUSTER_OF, "story_cluster_articles", "article_id", asked)
        return {ArticleId(article): ClusterId(cluster) for article, cluster in rows}
    with database.registered(asked=ids_table(asked)):
        rows = database.fetch_rows(
            "SELECT article_id, cluster_id FROM store.story_cluster_articles"
            " WHERE written >= ? AND article_id IN (SELECT id FROM asked) ORDER BY article_id",
            [find_oldest(database, asked)],
        )
    return {ArticleId(article): ClusterId(cluster) for article, cluster in rows}


def load_threads(
    database: Database,
    thread_ids: Iterable[str] | None = None,
    *,
    without_state: ThreadState | None = None,
) -> list[StoryThread]:
    """Return the story threads with these ids (all for None), by id."""
    condition = "true" if thread_ids is None else "thread_id IN (SELECT id FROM asked)"
    with database.registered(asked=ids_table(thread_ids or ())):
        table = database.fetch_table(
            "SELECT t.thread_id, t.title, t.state, t.first_seen_at, t.last_seen_at,"
            " t.names, t.numbers,"
            ' list(c.cluster_id ORDER BY c."position") AS cluster_ids'
            " FROM store.story_threads t JOIN store.story_thread_clusters c USING (thread_id)"
            f" WHERE {condition} AND ($1 IS NULL OR t.state <> $1)"
            " GROUP BY ALL"
            " ORDER BY t.thread_id",
            [without_state.value if without_state else None],
        )
    converters: dict[str, Callable[[Any], Any]] = {
        "state": ThreadState,
        "first_seen_at": as_utc,
        "last_seen_at": as_utc,
    }
    return build_objects(table, StoryThread, converters)


def resolve_story_id(database: Database, old_id: str) -> str:
    """Return the present id of a cluster or thread that once was `old_id`.

    An id that was merged leads to where it went; one that was split up leads to its largest part.
    """
    seen: set[str] = set()
    current = old_id
    while current not in seen:
        seen.add(current)
        if database.fetch_value(
            "SELECT 1 FROM store.story_clusters WHERE cluster_id = $1"
            " UNION ALL SELECT 1 FROM store.story_threads WHERE thread_id = $1",
            [current],
        ):
            return current
        onward = database.fetch_value(
            "SELECT new_id FROM store.story_redirects WHERE old_id = ?", [current]
        ) or database.fetch_value(
            "SELECT e.subject_id FROM store.story_events e"
            " LEFT JOIN store.story_clusters c ON c.cluster_id = e.subject_id"
            " WHERE e.kind = 'split' AND e.other_id = ?"
            " ORDER BY c.n_articles DESC NULLS LAST, e.subject_id LIMIT 1",
            [current],
        )
        if onward is None:
            break
        current = onward
    raise NotFoundError(f"no story cluster or thread has the id {old_id}")
