"""`/passage/ID`: one piece of copy, its origin, and every place where it ran."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Path

from wirethread.articles.types.articles import ArticleId, PassageId, TimePrecision
from wirethread.storage.answers.page.passage import (
    PassageEvent,
    PlaceOfPassage,
    load_passage_page,
)
from wirethread.web.api.exports import MOST_ROWS, add_exports, to_table
from wirethread.web.drawing.curves import draw_spread
from wirethread.web.drawing.pieces import mark_side
from wirethread.web.drawing.words import format_minutes, say_count
from wirethread.web.palette import Palette
from wirethread.web.problems import MovedError
from wirethread.web.site import Ask, Site
from wirethread.web.twins import add_twin

__all__ = ["PassageAnswer", "add_passage"]

MARKED = 60
"""Places whose words are marked where they differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageAnswer:
    """One piece of copy, its origin, and the places where it ran."""

    passage_id: PassageId
    text: str
    """Its words where it came from, or in the longest place where that is not known."""
    agency: str | None
    confidence: float
    """Of the agency, 0 to 1."""
    evidence: str | None
    evidence_article_id: ArticleId | None
    evidence_outlet: str | None
    reason: str
    """How origin and agency are known, or why not."""
    origin_article_id: ArticleId | None
    origin_outlet: str | None
    order: str
    """Who ran it first, or why nobody can say."""
    n_places: int
    n_outlets: int
    truncated: bool
    """Whether it has more places than are listed."""
    places: Sequence[PlaceOfPassage]
    """In the order of time, undated ones last."""
    events: Sequence[PassageEvent]


def answer_passage(
    ask: Ask, key: Annotated[str, Path(description="Id of a passage, present or past.")]
) -> PassageAnswer:
    """One piece of copy: where it came from, how that is known, and every place where it ran."""
    page = load_passage_page(ask.catalog, key)
    if page.passage_id != key:
        raise MovedError(key, page.passage_id)
    origin = next(
        (place for place in page.places if place.article_id == page.origin_article_id),
        max(page.places, key=lambda one: len(one.text), default=None),
    )
    return PassageAnswer(
        passage_id=page.passage_id,
        text=origin.text if origin else "",
        agency=page.agency,
        confidence=page.confidence,
        evidence=page.evidence,
        evidence_article_id=page.evidence_article_id,
        evidence_outlet=page.evidence_outlet,
        reason=page.reason,
        origin_article_id=page.origin_article_id,
        origin_outlet=page.origin_outlet,
        order=_state_order(page.origin_outlet, page.places),
        n_places=page.n_places,
        n_outlets=page.n_outlets,
        truncated=page.n_places > len(page.places),
        places=page.places,
        events=page.events,
    )


def _state_order(origin: str | None, places: Sequence[PlaceOfPassage]) -> str:
    if origin is not None:
        return f"{origin} ran it first."
    vague = sum(place.published_precision is not TimePrecision.SECOND for place in places)
    if vague:
        return (
            f"Who ran it first is not decided: of {say_count(vague, 'place')} at most the day is"
            " known."
        )
    return "Who ran it first is not decided."


def view_passage(ask: Ask, answer: PassageAnswer) -> Mapping[str, Any]:
    """Return the curve, and each place beside the origin."""
    palette = Palette([answer.agency] if answer.agency else [])
    firsts: dict[str, datetime] = {}
    for place in answer.places:
        if place.published_at is not None and place.published_precision is TimePrecision.SECOND:
            firsts.setdefault(place.outlet, place.published_at)
    moments = sorted(firsts.values())
    origin_at = next(
        (
            place.published_at
            for place in answer.places
            if place.article_id == answer.origin_article_id
            and place.published_precision is TimePrecision.SECOND
        ),
        None,
    )
    texts = {place.text for place in answer.places[:MARKED]}
    marked = {text: mark_side(text, answer.text) for text in texts}  # most are one text
    return {
        "mark": palette.mark(answer.agency) if answer.agency else None,
        "curve": draw_spread(
            moments, title=f"{say_count(len(moments), 'outlet')} with an exact time, as they ran it"
        ),
        "pieces": {
            (place.article_id, place.begin): marked[place.text] for place in answer.places[:MARKED]
        },
        "lags": {
            place.article_id: _say_lag(place.published_at - origin_at)
            for place in answer.places
            if origin_at
            and place.published_at
            and place.published_precision is TimePrecision.SECOND
        },
    }


def _say_lag(lag: timedelta) -> str:
    minutes = lag.total_seconds() / 60
    if abs(minutes) < 1:
        return "at the same time"
    return f"{format_minutes(abs(minutes))} {'after' if minutes > 0 else 'before'}"


def add_passage(router: APIRouter, site: Site) -> None:
    """Add the page, its twin, and its places as files."""

    def place_rows(
        ask: Ask, *, key: Annotated[str, Path(description="Id of a passage.")]
    ) -> pa.Table:
        return to_table(load_passage_page(ask.catalog, key, limit=MOST_ROWS).places, PlaceOfPassage)

    add_exports(router, site, "/passage/{key}", place_rows, name="passage")
    add_twin(
        router,
        site,
        "/passage/{key}",
        answer_passage,
        template="passage.html",
        model=PassageAnswer,
        view=view_passage,
    )
