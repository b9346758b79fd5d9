"""What one run brought, in a few bounded lists: for reports about it, from the snapshot."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from wirethread.articles.types.articles import ThreadState
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, build_objects

__all__ = [
    "MovedThread",
    "OutletCount",
    "RunCopy",
    "RunFindings",
    "RunRejection",
    "RunStory",
    "load_run_findings",
]

Built = TypeVar("Built")

OUTLETS_SHOWN = 12
REJECTIONS_SHOWN = 20
STORIES_SHOWN = 15
COPY_SHOWN = 12
THREADS_SHOWN = 50
_WORDS_SHOWN = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletCount:
    """How many articles of an outlet a run took in."""

    outlet: str
    n_articles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRejection:
    """Something that was set aside."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStory:
    """A story cluster that was born or grew. `n_new` of its articles came with the run."""

    cluster_id: str
    title: str
    is_new: bool
    n_new: int
    n_articles: int
    n_outlets: int
    n_independent_sources: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCopy:
    """Passages that one agency supplied to the same outlets. `words` are the longest of them."""

    agency: str
    outlets: Sequence[str]
    """At most six, in alphabetical order."""
    n_outlets: int
    n_passages: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedThread:
    """A story thread to which something happened. `events` are words such as born or continued."""

    thread_id: str
    title: str
    state: ThreadState
    events: str
    n_clusters: int
    n_articles: int
    n_new: int
    n_outlets: int
    n_independent_sources: int
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFindings:
    """The lists, each cut off, with the whole numbers beside them."""

    outlets: Sequence[OutletCount]
    n_outlets: int
    rejections: Sequence[RunRejection]
    n_rejected: int
    stories: Sequence[RunStory]
    n_stories: int
    copy: Sequence[RunCopy]
    n_passages: int
    threads: Sequence[MovedThread]
    n_threads: int


def load_run_findings(catalog: Catalog, run_id: str) -> RunFindings:
    """Return what the run brought. Each list is one query over the rows of that run."""
    outlets, n_outlets = _load(
        catalog,
        run_id,
        OutletCount,
        "SELECT outlet, count(*) AS n_articles, count(*) OVER () AS n_all FROM store.articles"
        " WHERE run_id = $run_id GROUP BY outlet ORDER BY n_articles DESC, outlet"
        f" LIMIT {OUTLETS_SHOWN}",
    )
    rejections, n_rejected = _load(
        catalog,
        run_id,
        RunRejection,
        "SELECT source, reason, count(*) OVER () AS n_all FROM store.rejected_articles"
        f" WHERE run_id = $run_id ORDER BY source, reason LIMIT {REJECTIONS_SHOWN}",
    )
    stories, n_stories = _load(catalog, run_id, RunStory, _STORIES)
    copy, n_passages = _load(catalog, run_id, RunCopy, _COPY)
    threads, n_threads = _load(
        catalog, run_id, MovedThread, _THREADS, {"state": ThreadState, "last_seen_at": as_utc}
    )
    return RunFindings(
        outlets=outlets,
        n_outlets=n_outlets,
        rejections=rejections,
        n_rejected=n_rejected,
        stories=stories,
        n_stories=n_stories,
        copy=copy,
        n_passages=n_passages,
        threads=threads,
        n_threads=n_threads,
    )


def _load(
    catalog: Catalog,
    run_id: str,
    kind: type[Built],
    sql: str,
    converters: dict[str, Any] | None = None,
) -> tuple[list[Built], int]:
    """Return the rows as objects, and how many there are beyond the limit (column `n_all`)."""
    table = catalog._database.fetch_table(sql, {"run_id": run_id})
    n_all = int(table.column("n_all")[0].as_py()) if table.num_rows else 0
    return build_objects(table.drop_columns(["n_all"]), kind, converters or {}), n_all


_STORIES = (
    "WITH fresh AS (SELECT m.cluster_id, count(*) AS n_new FROM store.articles a"
    "  JOIN store.story_cluster_articles m USING (article_id) WHERE a.run_id = $run_id"
    "  GROUP BY m.cluster_id),"
    " chosen AS (SELECT c.cluster_id, c.title, c.n_articles, c.n_outlets, f.n_new,"
    "   count(*) OVER () AS n_all FROM fresh f JOIN store.story_clusters c USING (cluster_id)"
    "  WHERE c.n_articles > 1 ORDER BY c.n_articles DESC, c.cluster_id"
    f"  LIMIT {STORIES_SHOWN}),"
    " born AS (SELECT DISTINCT subject_id FROM store.story_events"
    "  WHERE run_id = $run_id AND kind = 'born'),"
    " counted AS (SELECT cluster_id, count(*) FILTER (WHERE counted) AS n_sources"
    "  FROM store.story_sources WHERE cluster_id IN (SELECT cluster_id FROM chosen)"
    "  GROUP BY cluster_id)"
    " SELECT c.cluster_id, c.title, b.subject_id IS NOT NULL AS is_new, c.n_new, c.n_articles,"
    "  c.n_outlets, coalesce(n.n_sources, 0) AS n_independent_sources, c.n_all"
    " FROM chosen c LEFT JOIN born b ON b.subject_id = c.cluster_id"
    " LEFT JOIN counted n USING (cluster_id) ORDER BY c.n_articles DESC, c.cluster_id"
)
_COPY = (
    "WITH fresh AS (SELECT DISTINCT l.passage_id FROM store.articles a"
    "  JOIN store.passage_places l USING (article_id) WHERE a.run_id = $run_id),"
    " places AS (SELECT p.passage_id, p.agency,"
    "  list_sort(list(DISTINCT a.outlet)) AS outlets,"
    f'  arg_max(substring(a."text", l.begin + 1, least(l."end" - l.begin, {_WORDS_SHOWN})),'
    '   (l."end" - l.begin, l.article_id, l.begin)) AS words'
    "  FROM store.passages p JOIN store.passage_places l USING (passage_id)"
    "  JOIN store.articles a USING (article_id) WHERE p.agency IS NOT NULL"
    "  AND p.passage_id IN (SELECT passage_id FROM fresh) GROUP BY p.passage_id, p.agency)"
    " SELECT agency, outlets[1:6] AS outlets, len(outlets) AS n_outlets, count(*) AS n_passages,"
    "  arg_max(words, (length(words), words)) AS words,"
    "  sum(count(*)) OVER ()::BIGINT AS n_all"
    " FROM places GROUP BY agency, places.outlets"
    f" ORDER BY n_outlets DESC, n_passages DESC, agency, places.outlets LIMIT {COPY_SHOWN}"
)
_THREADS = (
    "WITH happened AS (SELECT e.subject_id AS thread_id,"
    "   string_agg(DISTINCT e.kind, ', ' ORDER BY e.kind) AS events FROM store.story_events e"
    "  JOIN store.story_threads t ON t.thread_id = e.subject_id WHERE e.run_id = $run_id"
    "  GROUP BY e.subject_id),"
    " members AS (SELECT h.thread_id, c.cluster_id, m.article_id, a.outlet, a.run_id"
    "  FROM happened h JOIN store.story_thread_clusters c USING (thread_id)"
    "  JOIN store.story_cluster_articles m USING (cluster_id)"
    "  JOIN store.articles a USING (article_id)),"
    " sizes AS (SELECT thread_id, count(DISTINCT cluster_id) AS n_clusters,"
    "  count(*) AS n_articles, count(*) FILTER (WHERE run_id = $run_id) AS n_new,"
    "  count(DISTINCT outlet) AS n_outlets FROM members GROUP BY thread_id),"
    " counted AS (SELECT h.thread_id, count(DISTINCT s.source_group) AS n_sources"
    "  FROM happened h JOIN store.story_thread_clusters c USING (thread_id)"
    "  JOIN store.story_sources s USING (cluster_id) GROUP BY h.thread_id)"
    " SELECT t.thread_id, t.title, t.state, h.events, s.n_clusters, s.n_articles, s.n_new,"
    "  s.n_outlets, coalesce(n.n_sources, 0) AS n_independent_sources, t.last_seen_at,"
    "  count(*) OVER () AS n_all"
    " FROM happened h JOIN store.story_threads t USING (thread_id) JOIN sizes s USING (thread_id)"
    " LEFT JOIN counted n USING (thread_id)"
    f" ORDER BY s.n_articles DESC, t.thread_id LIMIT {THREADS_SHOWN}"
)
