"""Lists over the whole archive: outlets, agencies, runs, sources, what was set aside.

Each is one question to the documented views, read by whole columns. All but the runs are the same
for a publication, so whoever asks often keeps them (`Snapshot.make_once`).
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

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
    "AgencyDelay",
    "AgencyOverview",
    "AgencyShare",
    "OutletRow",
    "RejectionReason",
    "RejectionRow",
    "RunRow",
    "SourceRow",
    "WireDay",
    "count_rejections",
    "is_rejected_source",
    "list_outlet_rows",
    "list_rejection_rows",
    "list_run_rows",
    "list_source_rows",
    "load_agency_overview",
]

_TIMES: dict[str, Callable[[Any], Any]] = dict.fromkeys(
    (
        "first_published_at",
        "last_published_at",
        "started_at",
        "finished_at",
        "last_read_at",
        "last_good_at",
        "next_allowed_at",
        "rejected_at",
    ),
    as_utc,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRow:
    """An outlet and how much of what it published is an agency's."""

    outlet: str
    own_agency: str | None
    """The agency whose own outlet it is."""
    n_articles: int
    """In their current versions."""
    n_with_wire: int
    """Articles with words of an agency."""
    n_uncredited: int
    """Of those, articles that credit no agency with text."""
    wire_share: float
    """Mean share of the body that is an agency's."""
    n_outdated: int
    agencies: Sequence[str]
    """Agencies by their share of its words, five at most."""
    first_published_at: datetime | None
    last_published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyShare:
    """How much one outlet takes from one agency."""

    agency: str
    outlet: str
    n_articles: int
    """Articles with words of the agency."""
    wire_share: float
    """Mean share of the agency's words over all articles of the outlet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WireDay:
    """One day of all outlets that are no agencies."""

    day: date
    n_articles: int
    wire_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyDelay:
    """How long after the agency's article its passages ran, where both times are exact."""

    agency: str
    n_places: int
    median_minutes: float
    fast_minutes: float
    """A tenth of the places were as fast."""
    slow_minutes: float
    """Nine tenths were as fast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyOverview:
    """Agencies over outlets, over time, and how fast their copy is."""

    outlets: Sequence[AgencyShare]
    days: Sequence[WireDay]
    delays: Sequence[AgencyDelay]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A pass of the pipeline."""

    run_id: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    seconds: float | None
    sources: Sequence[str]
    counts: Mapping[str, int]
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source and what it gave when it was last read."""

    source: str
    kind: str
    place: str
    state: str
    message: str | None
    last_read_at: datetime
    last_good_at: datetime | None
    next_allowed_at: datetime | None
    failures: int
    n_read: int
    n_new_articles: int
    n_known: int
    n_rejected: int
    n_waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionRow:
    """Something that was set aside while reading."""

    source: str
    source_id: str | None
    reason: str
    rejected_at: datetime
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionReason:
    """How often something was set aside for one reason, figures in it left out."""

    reason: str
    n_articles: int


def list_outlet_rows(catalog: Catalog) -> list[OutletRow]:
    """Return all outlets, those with most articles first."""
    return build_objects(catalog._database.fetch_table(_OUTLETS), OutletRow, _TIMES)


def load_agency_overview(catalog: Catalog) -> AgencyOverview:
    """Return who takes how much from whom, over time, and how fast."""
    fetch = catalog._database.fetch_table
    return AgencyOverview(
        outlets=build_objects(fetch(_AGENCY_OUTLETS), AgencyShare),
        days=build_objects(fetch(_DAYS), WireDay),
        delays=build_objects(fetch(_DELAYS), AgencyDelay),
    )


def list_run_rows(
    catalog: Catalog, *, limit: int, after: Place | None = None
) -> tuple[list[RunRow], Place | None]:
    """Return runs, the newest first, and where the list goes on."""
    behind, place = follow_place(_RUN_KEYS, after)
    table = catalog._database.fetch_table(
        "SELECT run_id, state, started_at, finished_at,"
        " epoch(finished_at) - epoch(started_at) AS seconds, sources, counts, message,"
        f" {list_keys(_RUN_KEYS)} FROM store.runs WHERE {behind}"
        f" ORDER BY {order_by(_RUN_KEYS)} LIMIT $limit",
        {"limit": limit + 1, **place},
    )
    shown, goes_on = cut_page(table, limit)
    return build_objects(shown, RunRow, {**_TIMES, "counts": dict}), goes_on


def list_source_rows(catalog: Catalog) -> list[SourceRow]:
    """Return all sources, those with trouble first."""
    table = catalog._database.fetch_table(
        "SELECT source, kind, place, state, message, last_read_at, last_good_at, next_allowed_at,"
        " failures, n_read, n_new_articles, n_known, n_rejected, n_waiting FROM sources"
        " ORDER BY state NOT IN ('failed', 'gone'), last_read_at DESC, source"
    )
    return build_objects(table, SourceRow, _TIMES)


def list_rejection_rows(
    catalog: Catalog, *, limit: int, reason: str | None = None, after: Place | None = None
) -> tuple[list[RejectionRow], Place | None]:
    """Return what was set aside, the newest first, and where the list goes on.

    `reason` is a part of the reason.
    """
    behind, place = follow_place(_REJECTION_KEYS, after)
    table = catalog._database.fetch_table(
        "SELECT source, source_id, reason, rejected_at, run_id,"
        f" {list_keys(_REJECTION_KEYS)} FROM store.rejected_articles"
        " WHERE ($reason IS NULL OR contains(lower(reason), lower($reason)))"
        f" AND {behind} ORDER BY {order_by(_REJECTION_KEYS)} LIMIT $limit",
        {"reason": reason, "limit": limit + 1, **place},
    )
    shown, goes_on = cut_page(table, limit)
    return build_objects(shown, RejectionRow, _TIMES), goes_on


def count_rejections(catalog: Catalog) -> list[RejectionReason]:
    """Return the reasons for which something was set aside, the most frequent first."""
    table = catalog._database.fetch_table(
        "SELECT regexp_replace(reason, '\\d+', '…', 'g') AS reason, count(*) AS n_articles"
        " FROM store.rejected_articles GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20"
    )
    return build_objects(table, RejectionReason)


def is_rejected_source(catalog: Catalog, source: str) -> bool:
    """Whether something that stood there was set aside."""
    rows = catalog._database.fetch_rows(
        "SELECT 1 FROM store.rejected_articles WHERE source = ? LIMIT 1", [source]
    )
    return bool(rows)


_RUN_KEYS: tuple[Key, ...] = (("run_id", True),)
_REJECTION_KEYS: tuple[Key, ...] = (
    ("epoch_us(rejected_at)", True),
    ("source", False),
    ("coalesce(source_id, '')", False),
    ("reason", False),
    ("rowid", False),
)
_OWN = (
    "SELECT article_id, min(agency) AS agency FROM store.wire_credits WHERE rule = 'outlet'"
    " GROUP BY article_id"
)
_OUTLETS = (
    f"WITH own AS ({_OWN}), told AS (SELECT DISTINCT article_id FROM store.wire_credits"
    "  WHERE role IN ('source', 'contributor')),"
    " stale AS (SELECT DISTINCT article_id FROM store.outdated_copies),"
    " facts AS (SELECT a.outlet, a.article_id, a.published_at, coalesce(d.share, 0) AS share,"
    "   o.agency AS own_agency, t.article_id IS NOT NULL AS is_told,"
    "   s.article_id IS NOT NULL AS is_stale FROM store.articles a"
    "  LEFT JOIN store.article_derivation d USING (article_id)"
    "  LEFT JOIN own o USING (article_id) LEFT JOIN told t USING (article_id)"
    "  LEFT JOIN stale s USING (article_id) WHERE a.superseded_by IS NULL),"
    " taken AS (SELECT f.outlet, g.agency, sum(g.share) AS share FROM facts f"
    "  JOIN store.article_agency_shares g USING (article_id) GROUP BY ALL),"
    " lists AS (SELECT outlet, list(agency ORDER BY share DESC, agency)[1:5] AS agencies"
    "  FROM taken GROUP BY outlet)"
    " SELECT outlet, max(own_agency) AS own_agency, count(*) AS n_articles,"
    " count(*) FILTER (share > 0) AS n_with_wire,"
    " count(*) FILTER (share > 0 AND NOT is_told) AS n_uncredited, avg(share) AS wire_share,"
    " count(*) FILTER (is_stale) AS n_outdated, coalesce(any_value(l.agencies), []) AS agencies,"
    " min(published_at) AS first_published_at, max(published_at) AS last_published_at"
    " FROM facts LEFT JOIN lists l USING (outlet) GROUP BY outlet"
    " ORDER BY n_articles DESC, outlet"
)
_AGENCY_OUTLETS = (
    f"WITH own AS ({_OWN}), facts AS (SELECT article_id, outlet FROM store.articles"
    "  WHERE superseded_by IS NULL AND article_id NOT IN (SELECT article_id FROM own)),"
    " sizes AS (SELECT outlet, count(*) AS n FROM facts GROUP BY outlet)"
    " SELECT g.agency, f.outlet, count(*) AS n_articles, sum(g.share) / any_value(s.n)"
    "  AS wire_share FROM facts f JOIN store.article_agency_shares g USING (article_id)"
    " JOIN sizes s USING (outlet) GROUP BY g.agency, f.outlet"
    " ORDER BY n_articles DESC, g.agency, f.outlet"
)
_DAYS = (
    f"WITH own AS ({_OWN}) SELECT a.published_at::DATE AS day, count(*) AS n_articles,"
    " avg(coalesce(d.share, 0)) AS wire_share FROM store.articles a"
    " LEFT JOIN store.article_derivation d USING (article_id)"
    " WHERE a.superseded_by IS NULL AND a.published_at IS NOT NULL"
    " AND a.article_id NOT IN (SELECT article_id FROM own) GROUP BY day ORDER BY day"
)
_DELAYS = (
    "WITH lags AS (SELECT p.agency, (epoch(a.published_at) - epoch(o.published_at)) / 60 AS lag"
    "  FROM store.passages p JOIN store.articles o ON o.article_id = p.origin_article_id"
    "  JOIN store.passage_places l USING (passage_id)"
    "  JOIN store.articles a ON a.article_id = l.article_id"
    "  WHERE p.agency IS NOT NULL AND a.outlet <> o.outlet"
    "  AND a.published_precision = 'second' AND o.published_precision = 'second')"
    " SELECT agency, count(*) AS n_places, median(lag) AS median_minutes,"
    " quantile_cont(lag, 0.1) AS fast_minutes, quantile_cont(lag, 0.9) AS slow_minutes"
    " FROM lags WHERE lag >= 0 GROUP BY agency ORDER BY n_places DESC, agency"
)
