"""One passage: where it came from, how that is known, and every place where it ran."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from wirethread.articles.dates.known_by import known_by
from wirethread.articles.errors import NotFoundError
from wirethread.articles.types.articles import ArticleId, PassageId, TimePrecision
from wirethread.storage.answers.page.facts import load_article_facts, load_words
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, build_objects
from wirethread.storage.engine.directory import fetch_about, fetch_table_about

__all__ = ["PassageEvent", "PassagePage", "PlaceOfPassage", "load_passage_page"]

PLACES_SHOWN = 500
_TIMES: dict[str, Callable[[Any], Any]] = {
    "recorded_at": as_utc,
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
    database = catalog._database
    found = fetch_about(database, _PASSAGE, "passages", "passage_id", [passage_id])
    if not found:
        newer = database.fetch_value(
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
        reason,
        origin,
    ) = found[0]
    named = load_article_facts(catalog, [one for one in (evidence_id, origin) if one])
    places = _load_places(catalog, passage_id)
    events = fetch_table_about(database, _EVENTS, "passage_events", "passage_id", [passage_id])
    return PassagePage(
        passage_id=PassageId(passage_id),
        agency=agency,
        confidence=confidence,
        evidence=evidence,
        evidence_article_id=evidence_id,
        evidence_outlet=named[evidence_id].outlet if evidence_id in named else None,
        reason=reason,
        origin_article_id=origin,
        origin_outlet=named[origin].outlet if origin in named else None,
        n_places=len(places),
        n_outlets=len({place.outlet for place in places}),
        places=_read_words(catalog, places[:limit]),
        events=build_objects(events, PassageEvent, _TIMES),
    )


def _load_places(catalog: Catalog, passage_id: str) -> list[PlaceOfPassage]:
    """Return all places in the order of time, without their words."""
    rows = fetch_about(catalog._database, _PLACES, "passage_places", "passage_id", [passage_id])
    facts = load_article_facts(catalog, (row[0] for row in rows))
    places = [
        PlaceOfPassage(
            article_id=row[0],
            outlet=facts[row[0]].outlet,
            headline=facts[row[0]].headline,
            url=facts[row[0]].url,
            published_at=facts[row[0]].published_at,
            published_precision=facts[row[0]].published_precision,
            begin=row[1],
            end=row[2],
            relation=row[3],
            text="",
        )
        for row in rows
        if row[0] in facts
    ]
    return sorted(
        places,
        key=lambda place: (
            known_by(place.published_at, place.published_precision),
            place.outlet,
            place.article_id,
            place.begin,
        ),
    )


def _read_words(catalog: Catalog, places: Sequence[PlaceOfPassage]) -> list[PlaceOfPassage]:
    words = load_words(catalog, ((place.article_id, place.begin, place.end) for place in places))
    return [
        replace(place, text=words.get((place.article_id, place.begin, place.end), ""))
        for place in places
    ]


_PASSAGE = (
    "SELECT passage_id, agency, confidence, evidence, evidence_article_id, reason,"
    " origin_article_id FROM store.passages WHERE {rows}"
)
_PLACES = 'SELECT article_id, "begin", "end", relation FROM store.passage_places WHERE {rows}'
_EVENTS = (
    "SELECT passage_id, old_passage_id, old_agency, new_agency, reason, recorded_at"
    " FROM store.passage_events WHERE {rows} ORDER BY event LIMIT 50"
)
