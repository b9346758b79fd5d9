"""One passage: where it came from, how that is known, and every place where it ran."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wirethread.articles.errors import NotFoundError
from wirethread.articles.types.articles import ArticleId, PassageId, TimePrecision
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, list_records

__all__ = ["PassageEvent", "PassagePage", "PlaceOfPassage", "load_passage_page"]

PLACES_SHOWN = 500
_TIMES: dict[str, Callable[[Any], Any]] = {
    "published_at": as_utc,
    "recorded_at": as_utc,
    "published_precision": TimePrecision,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOfPassage:
    """One place where a passage ran, with its words there."""

    article_id: ArticleId
    outlet: str
    headline: str
    url: str | None
    published_at: datetime | None
    published_precision: TimePrecision
    begin: int
    end: int
    relation: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageEvent:
    """What changed about a passage: its id, its origin, its agency."""

    passage_id: PassageId
    old_passage_id: PassageId
    old_agency: str | None
    new_agency: str | None
    reason: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassagePage:
    """A passage with its origin, the proof, and its places in the order of time."""

    passage_id: PassageId
    agency: str | None
    confidence: float
    evidence: str | None
    evidence_article_id: ArticleId | None
    evidence_outlet: str | None
    reason: str
    origin_article_id: ArticleId | None
    """None where times do not say who ran it first."""
    origin_outlet: str | None
    n_places: int
    n_outlets: int
    places: Sequence[PlaceOfPassage]
    """By time of publication, undated ones last; at most 500."""
    events: Sequence[PassageEvent]


def load_passage_page(
    catalog: Catalog, passage_id: str, *, limit: int = PLACES_SHOWN
) -> PassagePage:
    """Return all about a passage by its id, or by one it had before. Raises `NotFoundError`."""
    found = catalog.database.fetch_rows(_PASSAGE, [passage_id])
    if not found:
        newer = catalog.database.fetch_value(
            "SELECT max_by(passage_id, event) FROM store.passage_events WHERE old_passage_id = ?",
            [passage_id],
        )
        if newer is None or newer == passage_id:
            raise NotFoundError(f"no passage has the id {passage_id}")
        return load_passage_page(catalog, newer, limit=limit)
    (
        passage_id,
        agency,
        confidence,
        evidence,
        evidence_id,
        evidence_outlet,
        reason,
        origin,
        origin_outlet,
        n_places,
        n_outlets,
    ) = found[0]
    places = catalog.database.fetch_table(_PLACES, [passage_id, limit])
    events = catalog.database.fetch_table(
        "SELECT passage_id, old_passage_id, old_agency, new_agency, reason, recorded_at"
        " FROM store.passage_events WHERE passage_id = ? ORDER BY event LIMIT 50",
        [passage_id],
    )
    return PassagePage(
        passage_id=PassageId(passage_id),
        agency=agency,
        confidence=confidence,
        evidence=evidence,
        evidence_article_id=evidence_id,
        evidence_outlet=evidence_outlet,
        reason=reason,
        origin_article_id=origin,
        origin_outlet=origin_outlet,
        n_places=n_places,
        n_outlets=n_outlets,
        places=list_records(places, PlaceOfPassage, _TIMES),
        events=list_records(events, PassageEvent, _TIMES),
    )


_PASSAGE = (
    "SELECT p.passage_id, p.agency, p.confidence, p.evidence, p.evidence_article_id, e.outlet,"
    " p.reason, p.origin_article_id, o.outlet, (SELECT count(*) FROM store.passage_places"
    "  WHERE passage_id = $1), (SELECT count(DISTINCT a.outlet) FROM store.passage_places"
    "  JOIN store.articles a USING (article_id) WHERE passage_id = $1)"
    " FROM store.passages p LEFT JOIN store.articles o ON o.article_id = p.origin_article_id"
    " LEFT JOIN store.articles e ON e.article_id = p.evidence_article_id"
    " WHERE p.passage_id = $1"
)
_PLACES = (
    "SELECT l.article_id, a.outlet, a.headline, a.url, a.published_at, a.published_precision,"
    ' l."begin", l."end", l.relation,'
    ' substring(a."text", l."begin" + 1, l."end" - l."begin") AS text'
    " FROM store.passage_places l JOIN store.articles a USING (article_id)"
    " WHERE l.passage_id = $1 ORDER BY a.published_at NULLS LAST, a.outlet, a.article_id LIMIT $2"
)
