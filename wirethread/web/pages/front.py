"""`/`: the story threads of now, with what to sort and filter them by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

import pyarrow as pa
from fastapi import APIRouter, Query

from wirethread.articles.types.articles import ThreadState
from wirethread.storage.answers.page.front import (
    Facet,
    FrontPage,
    FrontSort,
    FrontThread,
    list_front,
)
from wirethread.storage.answers.types import StoryFilter
from wirethread.storage.engine.paging import Place
from wirethread.web.api.exports import MOST_ROWS as ALL
from wirethread.web.api.exports import add_exports, to_table
from wirethread.web.api.feeds import Entry, Feed, add_feeds
from wirethread.web.asking import (
    Agency,
    Limit,
    Next,
    Outlet,
    Since,
    Until,
    blank,
    decode_next,
    encode_next,
    read_asked,
    read_moment,
)
from wirethread.web.drawing.bars import BarPart, draw_bar, draw_curve
from wirethread.web.drawing.words import format_share, say_count
from wirethread.web.opening import make_front
from wirethread.web.palette import Palette
from wirethread.web.problems import ProblemError
from wirethread.web.site import Ask, Site
from wirethread.web.twins import add_twin

__all__ = ["FrontAnswer", "add_front", "load_front"]

State = Annotated[str | None, Query(description="Only in this state: developing, quiet or closed.")]
Least = Annotated[int, Query(ge=0, le=1_000_000, description="With at least so many articles.")]
Newsrooms = Annotated[
    int, Query(ge=0, le=1_000_000, description="With at least so many independent newsrooms.")
]
Sort = Annotated[
    FrontSort,
    Query(description="newest, growing, copied (most copies) or dependent (least independent)."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontAnswer:
    """Story threads in an order, with what to filter by."""

    threads: Sequence[FrontThread]
    n_threads: int
    """All that the filter lets through."""
    next: str | None
    """Where the list goes on, None at its end."""
    agencies: Sequence[Facet]
    outlets: Sequence[Facet]
    states: Sequence[Facet]


def load_front(
    ask: Ask, chosen: StoryFilter, sort: FrontSort, limit: int, after: Place | None
) -> FrontPage:
    """Return threads of the open publication, whose numbers are worked out once."""
    make_front(ask.snapshot)
    return list_front(ask.catalog, chosen, sort=sort, limit=limit, after=after)


def read_state(state: str | None) -> ThreadState | None:
    """Return a state by its name. Raises `ProblemError` for another word."""
    word = blank(state)
    if word is None:
        return None
    try:
        return ThreadState(word)
    except ValueError:
        names = ", ".join(one.value for one in ThreadState)
        raise ProblemError(422, f"state: {word!r} is none of {names}") from None


def answer_front(
    ask: Ask,
    *,
    limit: Limit = 20,
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    agency: Agency = None,
    state: State = None,
    min_articles: Least = 1,
    min_newsrooms: Newsrooms = 0,
    sort: Sort = FrontSort.NEWEST,
    next: Next = None,  # noqa: A002 - the name it has in the address
) -> FrontAnswer:
    """Story threads: how many stand behind each, whose words they are, what is new in them."""
    page = load_front(
        ask,
        read_filter(since, until, outlet, agency, state, min_articles, min_newsrooms),
        sort,
        limit,
        _read_place(next, sort),
    )
    return FrontAnswer(
        threads=page.threads,
        n_threads=page.n_threads,
        next=None if page.goes_on is None else encode_next([sort.value, *page.goes_on]),
        agencies=page.agencies,
        outlets=page.outlets,
        states=page.states,
    )


def _read_place(word: str | None, sort: FrontSort) -> Place | None:
    """Return where a list goes on. Raises `ProblemError` where it belongs to another order."""
    first = float if sort is FrontSort.DEPENDENT else int
    second = float if sort is FrontSort.COPIED else int
    place = decode_next(word, str, first, second, str)
    if place is not None and place[0] != sort.value:
        raise ProblemError(422, "next: this is a place in a list of another order")
    return None if place is None else place[1:]


_SORTS = {
    "newest": "Newest",
    "growing": "Growing",
    "copied": "Most copied",
    "dependent": "Least independent",
}


def view_front(ask: Ask, answer: FrontAnswer) -> Mapping[str, Any]:
    """Return what the page draws beside the answer."""
    palette = Palette(agency.value for agency in answer.agencies)
    asked = read_asked(ask.request)

    def address(**changes: str | None) -> str:
        kept = {k: v for k, v in {**asked, **changes}.items() if v and k != "next"}
        if changes.get("next"):
            kept["next"] = str(changes["next"])
        at = ask.settings.root_path
        return f"{at}/?{urlencode(kept)}" if kept else f"{at}/"

    return {
        "palette": palette,
        "asked": asked,
        "address": address,
        "sorts": _SORTS,
        "sort": asked.get("sort", "newest"),
        "bars": {one.thread_id: _draw_shares(palette, one) for one in answer.threads},
        "curves": {
            thread.thread_id: draw_curve(
                thread.articles_over_time,
                title=f"{say_count(thread.n_articles, 'article')} over time",
            )
            for thread in answer.threads
        },
    }


def _draw_shares(palette: Palette, thread: FrontThread) -> Any:
    parts = [
        BarPart(
            share=part.share,
            css=f"s{palette.mark(part.agency).colour}",
            words=f"{part.agency} {format_share(part.share)}",
        )
        for part in thread.agencies
    ]
    own = max(0.0, 1 - sum(part.share for part in thread.agencies))
    parts.append(BarPart(share=own, css="own", words=f"the outlets' own {format_share(own)}"))
    return draw_bar(parts, height=14)


def read_filter(  # noqa: PLR0917 - the filters of the page
    since: str | None,
    until: str | None,
    outlet: str | None,
    agency: str | None,
    state: str | None,
    min_articles: int,
    min_newsrooms: int,
) -> StoryFilter:
    """Return the filter that the query string asks for."""
    return StoryFilter(
        since=read_moment(since, "since"),
        until=read_moment(until, "until"),
        outlet=blank(outlet),
        agency=blank(agency),
        state=read_state(state),
        min_articles=min_articles,
        min_newsrooms=min_newsrooms,
    )


def list_rows(
    ask: Ask,
    *,
    limit: Annotated[int, Query(ge=1, le=ALL, description="At most so many.")] = ALL,
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    agency: Agency = None,
    state: State = None,
    min_articles: Least = 1,
    min_newsrooms: Newsrooms = 0,
    sort: Sort = FrontSort.NEWEST,
) -> pa.Table:
    """Return all threads that the filter lets through."""
    chosen = read_filter(since, until, outlet, agency, state, min_articles, min_newsrooms)
    return to_table(load_front(ask, chosen, sort, limit, None).threads, FrontThread)


def feed_front(
    ask: Ask,
    *,
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    agency: Agency = None,
    state: State = None,
    min_articles: Least = 1,
    min_newsrooms: Newsrooms = 0,
    sort: Sort = FrontSort.NEWEST,
) -> Feed:
    """Story threads as a feed."""
    chosen = read_filter(since, until, outlet, agency, state, min_articles, min_newsrooms)
    query = f"?{ask.request.url.query}" if ask.request.url.query else ""
    return Feed(
        key="threads",
        title="Story threads",
        path=f"/{query}",
        entries=[
            Entry(
                key=f"story:{thread.thread_id}",
                title=thread.title,
                path=f"/story/{thread.thread_id}",
                updated_at=thread.last_seen_at,
                summary=f"{say_count(thread.n_articles, 'article')} of"
                f" {say_count(thread.n_outlets, 'outlet')},"
                f" {say_count(thread.n_independent_sources, 'independent newsroom')}",
                author=", ".join(part.agency for part in thread.agencies[:3]) or "wirethread",
            )
            for thread in load_front(ask, chosen, sort, 50, None).threads
        ],
    )


def add_front(router: APIRouter, site: Site) -> None:
    """Add the page, its twin, its threads as files, and its feed."""
    add_exports(router, site, "/threads", list_rows, name="threads")
    add_feeds(router, site, "/threads", feed_front, name="threads")
    add_twin(
        router,
        site,
        "/",
        answer_front,
        template="front.html",
        model=FrontAnswer,
        view=view_front,
    )
