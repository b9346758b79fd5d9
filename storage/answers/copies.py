"""Who ran whose words, how much of an outlet is wire, and which articles are one text."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wirethread.articles.credits.agencies import name_agency
from wirethread.articles.types.articles import ArticleId, ClusterId, Derivation, PassageId
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_naive_utc, as_utc, build_objects

__all__ = [
    "AgencyOutlet",
    "CopyPair",
    "Duplicate",
    "OutletWire",
    "list_agency_outlets",
    "list_copies",
    "list_derived",
    "list_duplicates",
    "list_outlet_wire",
]

_TIMES: dict[str, Callable[[Any], Any]] = dict.fromkeys(
    (
        "from_published_at",
        "to_published_at",
        "published_at",
        "first_published_at",
        "last_published_at",
    ),
    as_utc,
)
_COLUMNS = (
    "from_article_id, to_article_id, from_outlet, to_outlet, is_directed, lag_minutes,"
    " from_published_at, to_published_at, n_passages, n_words, relation, agency, is_credited,"
    " has_common_source, is_excerpt, score, passage_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyPair:
    """Two articles of different outlets that carry the same copy: a row of the view `copies`."""

    from_article_id: ArticleId
    """The one that had the words first; where that is not known, the one with the smaller id."""
    to_article_id: ArticleId
    from_outlet: str
    to_outlet: str
    from_headline: str
    to_headline: str
    is_directed: bool
    """Whether it is known which of the two had the words first."""
    lag_minutes: float | None
    """From the first to the other; None where a time is not exact or the order is not known."""
    from_published_at: datetime | None
    to_published_at: datetime | None
    n_passages: int
    n_words: int
    relation: str
    agency: str | None
    """Agency that supplied the words."""
    is_credited: bool
    """Whether the other article credits that agency or the first one's outlet, or is an excerpt."""
    has_common_source: bool
    """Whether both may have the words from a third; then neither need have copied the other."""
    is_excerpt: bool
    """Whether it names the outlet of the first, or gives its address, beside the words."""
    score: float | None
    passage_id: PassageId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletWire:
    """How much of what an outlet published on a day is wire: a row of `outlet_wire_share`."""

    outlet: str
    day: date | None
    """None for articles without a date; in UTC."""
    own_agency: str | None
    """The agency whose own outlet it is."""
    n_articles: int
    n_with_wire: int
    n_uncredited: int
    n_wholly: int
    n_partly: int
    n_credited: int
    wire_share: float
    copied_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyOutlet:
    """How much one outlet takes from one agency: a row of `agency_outlets`."""

    agency: str
    outlet: str
    n_articles: int
    n_with_wire: int
    n_uncredited: int
    wire_share: float
    first_published_at: datetime | None
    last_published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """An article that is the text of another one, which stands for it: a row of `duplicates`."""

    article_id: ArticleId
    representative_id: ArticleId
    score: float | None
    """Shared runs of words over all runs of both; None before the next run of an older archive."""
    reason: str | None
    cluster_id: ClusterId
    outlet: str
    representative_outlet: str
    headline: str
    published_at: datetime | None
    origin_id: ArticleId | None
    chosen_by: str | None
    """Why that article stands for the others."""


def list_copies(
    catalog: Catalog,
    *,
    outlet: str | None = None,
    copied_by: str | None = None,
    copied_from: str | None = None,
    agency: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = 100,
    offset: int = 0,
) -> list[CopyPair]:
    """Return who ran whose words, the most words first; all of them where `limit` is None.

    `copied_by` is the outlet that ran them after another, `copied_from` the one that had them
    first, `outlet` either; where the order is not known, each may be either. `since` and `until`
    bound when the words were run. Pairs that may have the words from a third stand last.
    """
    asked: dict[str, tuple[str, Any]] = {
        "outlet": ("lower($outlet) IN (lower(from_outlet), lower(to_outlet))", outlet),
        "copied_by": (_name_side("to", "from", "copied_by"), copied_by),
        "copied_from": (_name_side("from", "to", "copied_from"), copied_from),
        "agency": ("lower(agency) = lower($agency)", agency and name_agency(agency)),
        "since": ("to_published_at >= $since", as_naive_utc(since)),
        "until": ("to_published_at < $until", as_naive_utc(until)),
    }
    where, given = _choose(asked)
    table = catalog._database.fetch_table(
        f"WITH chosen AS (SELECT {_COLUMNS} FROM copies WHERE {where}"
        " ORDER BY has_common_source, n_words DESC, from_article_id, to_article_id"
        " LIMIT $limit OFFSET $offset)"
        " SELECT c.*, f.headline AS from_headline, t.headline AS to_headline FROM chosen c"
        " JOIN store.articles f ON f.article_id = c.from_article_id"
        " JOIN store.articles t ON t.article_id = c.to_article_id"
        " ORDER BY c.has_common_source, c.n_words DESC, c.from_article_id, c.to_article_id",
        {**given, "limit": limit, "offset": offset},
    )
    return build_objects(table, CopyPair, _TIMES)


def list_outlet_wire(
    catalog: Catalog,
    *,
    outlet: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = 100,
    offset: int = 0,
) -> list[OutletWire]:
    """Return how much of each outlet's day is wire, the last days first."""
    asked: dict[str, tuple[str, Any]] = {
        "outlet": ("lower(outlet) = lower($outlet)", outlet),
        "since": ("day >= $since::DATE", as_naive_utc(since)),
        "until": ("day < $until", as_naive_utc(until)),
    }
    where, given = _choose(asked)
    table = catalog._database.fetch_table(
        f"SELECT * FROM outlet_wire_share WHERE {where}"
        " ORDER BY day DESC NULLS LAST, n_articles DESC, outlet LIMIT $limit OFFSET $offset",
        {**given, "limit": limit, "offset": offset},
    )
    return build_objects(table, OutletWire, _TIMES)


def list_agency_outlets(
    catalog: Catalog,
    *,
    outlet: str | None = None,
    agency: str | None = None,
    limit: int | None = 100,
    offset: int = 0,
) -> list[AgencyOutlet]:
    """Return which outlet takes how much from which agency, those with most articles first."""
    asked: dict[str, tuple[str, Any]] = {
        "outlet": ("lower(outlet) = lower($outlet)", outlet),
        "agency": ("lower(agency) = lower($agency)", agency and name_agency(agency)),
    }
    where, given = _choose(asked)
    table = catalog._database.fetch_table(
        f"SELECT * FROM agency_outlets WHERE {where}"
        " ORDER BY n_articles DESC, wire_share DESC, agency, outlet LIMIT $limit OFFSET $offset",
        {**given, "limit": limit, "offset": offset},
    )
    return build_objects(table, AgencyOutlet, _TIMES)


def list_derived(
    catalog: Catalog, derivation: Derivation | None = None, *, limit: int = 100
) -> list[ArticleId]:
    """Return articles that carry wire copy, those with the largest share of it first."""
    asked = {"derivation": ("derivation = $derivation", derivation and derivation.value)}
    where, given = _choose(asked)
    rows = catalog._database.fetch_rows(
        f"SELECT article_id FROM article_derivation WHERE share > 0 AND {where}"
        " ORDER BY share DESC, article_id LIMIT $limit",
        {**given, "limit": limit},
    )
    return [ArticleId(article_id) for (article_id,) in rows]


def list_duplicates(
    catalog: Catalog,
    *,
    outlet: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = 100,
    offset: int = 0,
) -> list[Duplicate]:
    """Return articles that are the text of another one, cluster by cluster, the newest first."""
    asked: dict[str, tuple[str, Any]] = {
        "outlet": ("lower($outlet) IN (lower(outlet), lower(representative_outlet))", outlet),
        "since": ("published_at >= $since", as_naive_utc(since)),
        "until": ("published_at < $until", as_naive_utc(until)),
    }
    where, given = _choose(asked)
    table = catalog._database.fetch_table(
        f"SELECT * FROM duplicates WHERE {where} ORDER BY max(published_at) OVER"
        " (PARTITION BY cluster_id) DESC NULLS LAST, cluster_id, score DESC, article_id"
        " LIMIT $limit OFFSET $offset",
        {**given, "limit": limit, "offset": offset},
    )
    return build_objects(table, Duplicate, _TIMES)


def _name_side(side: str, other: str, name: str) -> str:
    return (
        f"(lower({side}_outlet) = lower(${name})"
        f" OR (NOT is_directed AND lower({other}_outlet) = lower(${name})))"
    )


def _choose(asked: Mapping[str, tuple[str, Any]]) -> tuple[str, dict[str, Any]]:
    """Return the conditions that are asked for, and their values."""
    given = {name: value for name, (_, value) in asked.items() if value is not None}
    return " AND ".join(["true", *(asked[name][0] for name in given)]), given
