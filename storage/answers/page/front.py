"""All story threads at once, with what a front page shows, sorts and filters by.

The numbers of every thread are worked out once a publication, into a table in memory that belongs
to the open snapshot and to no file. A page of the front is then one question to that table.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from wirethread.articles.types.articles import ThreadId, ThreadState
from wirethread.storage.answers.filters import compile_stories
from wirethread.storage.answers.types import StoryFilter
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, build_objects
from wirethread.storage.engine.paging import (
    Key,
    Place,
    cut_page,
    follow_place,
    list_keys,
    order_by,
)

__all__ = [
    "AgencyPart",
    "Facet",
    "FrontPage",
    "FrontSort",
    "FrontThread",
    "list_front",
    "prepare_front",
]

N_BARS = 24
"""Bars of the small curve of articles over time."""
_FRONT = "memory.main.front_threads"
_SHOWN = (
    "thread_id, title, state, first_seen_at, last_seen_at, n_clusters, n_articles, n_outlets,"
    " n_independent_sources, n_new, n_last_day, n_copies, n_outdated, n_corrections, wire_share,"
    " agencies, articles_over_time"
)
_FACETS_SHOWN = 12
_HAS = "list_contains(list_transform({}, x -> lower(x)), lower({}))"


class FrontSort(StrEnum):
    """Orders of the front page."""

    NEWEST = "newest"
    GROWING = "growing"
    COPIED = "copied"
    DEPENDENT = "dependent"


_LAST_SEEN: Key = ("coalesce(epoch_us(last_seen_at), -9e18::BIGINT)", True)
_ID: Key = ("thread_id", False)
_ORDERS: dict[FrontSort, tuple[Key, ...]] = {
    FrontSort.NEWEST: (_LAST_SEEN, ("n_articles", True), _ID),
    FrontSort.GROWING: (("n_last_day", True), _LAST_SEEN, _ID),
    FrontSort.COPIED: (("n_copies", True), ("coalesce(wire_share, -1.0)", True), _ID),
    FrontSort.DEPENDENT: (
        ("n_articles / greatest(coalesce(n_independent_sources, 1), 1)", True),
        ("n_articles", True),
        _ID,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyPart:
    """The share of one agency's words in some articles, 0 to 1."""

    agency: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontThread:
    """A story thread as the front page shows it."""

    thread_id: ThreadId
    title: str
    state: ThreadState
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    n_clusters: int
    n_articles: int
    n_outlets: int
    n_independent_sources: int | None
    """Independent newsrooms; None before they were counted."""
    n_new: int
    """Articles that the newest run with articles brought."""
    n_last_day: int
    """Articles of the last 24 hours of the archive."""
    n_copies: int
    """Articles with words of an agency that are not the agency's own."""
    n_outdated: int
    """Articles that run words which an agency changed or withdrew."""
    n_corrections: int
    """What people said about it that holds."""
    wire_share: float | None
    """Share of the words of its articles that are an agency's."""
    agencies: Sequence[AgencyPart]
    """Shares of the agencies' words, the largest first; the agencies' own articles count too."""
    articles_over_time: Sequence[int]
    """Articles in 24 equal spans from first to last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A value to filter by, and how many threads have it under the filter in force."""

    value: str
    n_threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage:
    """Some threads, how many there are, and what to filter by."""

    threads: Sequence[FrontThread]
    n_threads: int
    goes_on: Place | None
    """Behind which place the list goes on; None at its end."""
    agencies: Sequence[Facet]
    outlets: Sequence[Facet]
    states: Sequence[Facet]


def prepare_front(catalog: Catalog) -> None:
    """Work out the numbers of every thread of this snapshot."""
    catalog._database.execute(f"CREATE OR REPLACE TABLE {_FRONT} AS {_BUILD}")


def list_front(
    catalog: Catalog,
    chosen: StoryFilter,
    *,
    sort: FrontSort = FrontSort.NEWEST,
    limit: int = 20,
    after: Place | None = None,
) -> FrontPage:
    """Return up to `limit` threads from a prepared snapshot.

    `after` is the `goes_on` of the page before, of this publication or of an older one: the list
    goes on behind that place, whatever has changed above it.
    """
    where, values = compile_stories(
        chosen,
        has_outlet=_HAS.format("outlets", "$outlet"),
        has_agency=_HAS.format("credited", "$agency"),
    )
    keys = _ORDERS[sort]
    behind, place = follow_place(keys, after)
    table = catalog._database.fetch_table(
        f"SELECT {_SHOWN}, {list_keys(keys)} FROM {_FRONT} WHERE {where} AND {behind}"
        f" ORDER BY {order_by(keys)} LIMIT $limit",
        {**values, **place, "limit": limit + 1},
    )
    shown, goes_on = cut_page(table, limit)
    threads = build_objects(shown, FrontThread, _CONVERTERS)
    counting = f"SELECT count(*) FROM {_FRONT} WHERE {where}"
    n_threads = catalog._database.fetch_rows(counting, values)[0][0]
    return FrontPage(
        threads=threads,
        n_threads=int(n_threads),
        goes_on=goes_on,
        agencies=_count(catalog, "credited", where, values),
        outlets=_count(catalog, "outlets", where, values),
        states=_count(catalog, "[state]", where, values),
    )


def _count(catalog: Catalog, column: str, where: str, values: dict[str, Any]) -> list[Facet]:
    rows = catalog._database.fetch_rows(
        f"SELECT value, count(*) AS n FROM (SELECT unnest({column}) AS value FROM {_FRONT}"
        f" WHERE {where}) GROUP BY value ORDER BY n DESC, value LIMIT {_FACETS_SHOWN}",
        values,
    )
    return [Facet(value=value, n_threads=n) for value, n in rows]


def _to_parts(parts: Sequence[dict[str, Any]]) -> list[AgencyPart]:
    return [AgencyPart(agency=part["agency"], share=part["share"]) for part in parts]


def _to_bars(bars: Sequence[int]) -> list[int]:
    counts = [0] * N_BARS
    for bar in bars:
        counts[bar] += 1
    return counts


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "first_seen_at": as_utc,
    "last_seen_at": as_utc,
    "state": ThreadState,
    "agencies": _to_parts,
    "articles_over_time": _to_bars,
}
_BUILD = (
    "WITH held AS (SELECT t.thread_id, t.cluster_id, m.article_id"
    "  FROM store.story_thread_clusters t JOIN store.story_cluster_articles m USING (cluster_id)),"
    " newest AS (SELECT max(run_id) AS run_id FROM store.articles),"
    " now AS (SELECT max(published_at) AS moment FROM store.articles"
    "  WHERE article_id IN (SELECT article_id FROM held)),"
    " own AS (SELECT DISTINCT article_id, agency, 1.0 AS share FROM store.wire_credits"
    "  WHERE rule = 'outlet' AND agency <> ''),"
    " shares AS (SELECT article_id, agency, share FROM store.article_agency_shares"
    "  WHERE article_id NOT IN (SELECT article_id FROM own) UNION ALL SELECT * FROM own),"
    " sums AS (SELECT thread_id, agency, sum(share) AS share FROM held JOIN shares"
    "  USING (article_id) GROUP BY thread_id, agency),"
    " credited AS (SELECT thread_id, list(DISTINCT agency ORDER BY agency) AS credited FROM ("
    "   SELECT thread_id, agency FROM sums UNION ALL SELECT thread_id, agency FROM held"
    "   JOIN store.wire_credits USING (article_id) WHERE role IN ('source', 'contributor')"
    "   AND agency <> '')"
    "  GROUP BY thread_id),"
    " stale AS (SELECT DISTINCT article_id FROM store.outdated_copies),"
    " facts AS (SELECT h.thread_id, a.article_id, a.outlet, a.published_at, a.run_id, d.share,"
    "   a.article_id IN (SELECT article_id FROM own) AS is_own,"
    "   a.article_id IN (SELECT article_id FROM stale) AS is_stale"
    "  FROM held h JOIN store.articles a USING (article_id)"
    "  LEFT JOIN store.article_derivation d USING (article_id)),"
    " counts AS (SELECT thread_id, count(*) AS n_articles, count(DISTINCT outlet) AS n_outlets,"
    "   count(*) FILTER (run_id = (SELECT run_id FROM newest)) AS n_new,"
    "   count(*) FILTER (published_at > (SELECT moment FROM now) - INTERVAL 1 DAY) AS n_last_day,"
    "   count(*) FILTER (share > 0 AND NOT is_own) AS n_copies,"
    "   count(*) FILTER (is_stale) AS n_outdated,"
    "   avg(CASE WHEN is_own THEN 1 ELSE coalesce(share, 0) END) AS wire_share,"
    "   list(DISTINCT outlet ORDER BY outlet) AS outlets FROM facts GROUP BY thread_id),"
    " bars AS (SELECT f.thread_id, list(least(23, greatest(0, floor(24 * (epoch(f.published_at)"
    "   - epoch(t.first_seen_at)) / greatest(1, epoch(t.last_seen_at) - epoch(t.first_seen_at)))"
    "   ::INTEGER))) AS bars FROM facts f JOIN store.story_threads t USING (thread_id)"
    "  WHERE f.published_at IS NOT NULL AND t.first_seen_at IS NOT NULL GROUP BY f.thread_id),"
    " newsrooms AS (SELECT t.thread_id, count(DISTINCT s.source_group) AS n"
    "  FROM store.story_thread_clusters t JOIN store.story_sources s USING (cluster_id)"
    "  GROUP BY t.thread_id),"
    " sizes AS (SELECT thread_id, count(*) AS n FROM store.story_thread_clusters"
    "  GROUP BY thread_id),"
    " said AS (SELECT h.thread_id, count(DISTINCT c.correction_id) AS n FROM held h"
    "  JOIN (SELECT correction_id, unnest([left_id, right_id]) AS id FROM store.corrections"
    "   WHERE undone_at IS NULL AND void_reason IS NULL) c"
    "  ON c.id IN (h.article_id, h.cluster_id, h.thread_id) GROUP BY h.thread_id)"
    " SELECT t.thread_id, t.title, t.state, t.first_seen_at, t.last_seen_at,"
    "  coalesce(z.n, 0) AS n_clusters, coalesce(c.n_articles, 0) AS n_articles,"
    "  coalesce(c.n_outlets, 0) AS n_outlets, n.n AS n_independent_sources,"
    "  coalesce(c.n_new, 0) AS n_new, coalesce(c.n_last_day, 0) AS n_last_day,"
    "  coalesce(c.n_copies, 0) AS n_copies, coalesce(c.n_outdated, 0) AS n_outdated,"
    "  coalesce(s.n, 0) AS n_corrections, c.wire_share,"
    "  coalesce(g.agencies, []) AS agencies, coalesce(b.bars, []) AS articles_over_time,"
    "  coalesce(c.outlets, []) AS outlets, coalesce(k.credited, []) AS credited"
    " FROM store.story_threads t LEFT JOIN counts c USING (thread_id)"
    " LEFT JOIN sizes z USING (thread_id) LEFT JOIN newsrooms n USING (thread_id)"
    " LEFT JOIN bars b USING (thread_id) LEFT JOIN said s USING (thread_id)"
    " LEFT JOIN credited k USING (thread_id)"
    " LEFT JOIN (SELECT thread_id, list({'agency': agency, 'share': share / n_articles}"
    "   ORDER BY share DESC, agency) AS agencies FROM sums JOIN counts USING (thread_id)"
    "  GROUP BY thread_id) g USING (thread_id)"
)
