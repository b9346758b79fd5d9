"""`/outdated`, `/outlets`, `/runs`, `/sources`, `/rejected`: lists over the whole archive."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query

from wirethread.articles.types.changes import OUTDATING
from wirethread.storage.answers.page.overviews import (
    OutletRow,
    RejectionReason,
    RejectionRow,
    RunRow,
    SourceRow,
    count_rejections,
    list_outlet_rows,
    list_rejection_rows,
    list_run_rows,
    list_source_rows,
)
from wirethread.storage.engine.paging import Place
from wirethread.storage.tables.notices import OutdatedCopy
from wirethread.web.api.exports import add_exports, to_table
from wirethread.web.api.feeds import Entry, Feed, add_feeds
from wirethread.web.asking import (
    Agency,
    Limit,
    Next,
    Outlet,
    Since,
    blank,
    decode_next,
    encode_next,
    read_asked,
    read_moment,
)
from wirethread.web.drawing.words import shorten
from wirethread.web.palette import Palette
from wirethread.web.problems import ProblemError
from wirethread.web.site import Ask, Site
from wirethread.web.twins import add_twin

__all__ = ["add_overviews"]

ALL = 1_000_000
Kind = Annotated[
    str | None,
    Query(description="Only after: kill, withdrawal, hold, correction, update or refile."),
]
Reason = Annotated[str | None, Query(max_length=200, description="A part of the reason.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdatedAnswer:
    """Who still runs words that an agency changed or withdrew, the gravest first."""

    copies: Sequence[OutdatedCopy]
    truncated: bool
    """Whether there are more than the limit shows."""
    next: str | None
    """Where the list goes on, None at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletsAnswer:
    """Outlets, those with most articles first."""

    outlets: Sequence[OutletRow]
    n_outlets: int
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsAnswer:
    """Runs, the newest first."""

    runs: Sequence[RunRow]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesAnswer:
    """Sources, those with trouble first."""

    sources: Sequence[SourceRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedAnswer:
    """What was set aside, the newest first, and why."""

    rejected: Sequence[RejectionRow]
    reasons: Sequence[RejectionReason]
    next: str | None


def answer_outdated(
    ask: Ask,
    *,
    agency: Agency = None,
    kind: Kind = None,
    outlet: Outlet = None,
    since: Since = None,
    limit: Limit = 100,
    next: Next = None,  # noqa: A002 - the name it has in the address
) -> OutdatedAnswer:
    """Who still runs words that an agency changed or withdrew, the gravest kinds first."""
    after = decode_next(next, int, int, str, str, str, str, int, int)
    found, goes_on = _find_outdated(ask, agency, kind, outlet, since, limit, after)
    return OutdatedAnswer(copies=found, truncated=goes_on is not None, next=encode_next(goes_on))


def _find_outdated(  # noqa: PLR0917 - the filters of the page
    ask: Ask,
    agency: str | None,
    kind: str | None,
    outlet: str | None,
    since: str | None,
    limit: int,
    after: Place | None = None,
) -> tuple[list[OutdatedCopy], Place | None]:
    return ask.catalog.notices.page_outdated(
        agency=blank(agency),
        kind=_read_kind(kind),
        outlet=blank(outlet),
        since=read_moment(since, "since"),
        limit=limit,
        after=after,
    )


def _read_kind(kind: str | None) -> str | None:
    """Return a kind of notice, None for all. Raises `ProblemError` for what is none."""
    word = blank(kind)
    if word is not None and word not in OUTDATING:
        raise ProblemError(422, f"kind: {word!r} is none of {', '.join(OUTDATING)}")
    return word


def answer_outlets(ask: Ask, *, limit: Limit = 100, next: Next = None) -> OutletsAnswer:  # noqa: A002
    """Outlets: how much of what each publishes is an agency's, and whether it says so."""
    rows = ask.snapshot.make_once("outlets", list_outlet_rows)
    place = decode_next(next, int, str)
    begin = 0 if place is None else bisect_right(rows, (-place[0], place[1]), key=_place_outlet)
    shown = rows[begin : begin + limit]
    is_last = begin + limit >= len(rows)
    return OutletsAnswer(
        outlets=shown,
        n_outlets=len(rows),
        next=None if is_last else encode_next([shown[-1].n_articles, shown[-1].outlet]),
    )


def _place_outlet(outlet: OutletRow) -> tuple[int, str]:
    """Return by what outlets are ordered."""
    return -outlet.n_articles, outlet.outlet


def answer_runs(ask: Ask, *, limit: Limit = 30, next: Next = None) -> RunsAnswer:  # noqa: A002
    """Passes of the pipeline, the newest first."""
    rows, goes_on = list_run_rows(ask.catalog, limit=limit, after=decode_next(next, str))
    return RunsAnswer(runs=rows, next=encode_next(goes_on))


def answer_sources(ask: Ask) -> SourcesAnswer:
    """Sources and what each gave when it was last read, those with trouble first."""
    return SourcesAnswer(sources=list_source_rows(ask.catalog))


def answer_rejected(
    ask: Ask,
    *,
    reason: Reason = None,
    limit: Limit = 100,
    next: Next = None,  # noqa: A002
) -> RejectedAnswer:
    """What was set aside while reading, and why."""
    rows, goes_on = list_rejection_rows(
        ask.catalog,
        limit=limit,
        reason=blank(reason),
        after=decode_next(next, int, str, str, str, int),
    )
    return RejectedAnswer(
        rejected=rows,
        reasons=ask.snapshot.make_once("rejections", count_rejections),
        next=encode_next(goes_on),
    )


def view_list(ask: Ask, answer: Any) -> Mapping[str, Any]:
    """Return what the lists draw beside the answer."""
    asked = read_asked(ask.request)
    query = urlencode({name: value for name, value in asked.items() if name != "next"})
    return {"asked": asked, "palette": Palette(), "query": f"?{query}" if query else ""}


def view_outdated(ask: Ask, answer: OutdatedAnswer) -> Mapping[str, Any]:
    """Return the copies by the notice that they have not followed, the gravest first."""
    notices: dict[str, list[OutdatedCopy]] = {}
    for entry in answer.copies:
        notices.setdefault(entry.new_article_id, []).append(entry)
    return {**view_list(ask, answer), "notices": list(notices.values())}


def feed_outdated(
    ask: Ask,
    *,
    agency: Agency = None,
    kind: Kind = None,
    outlet: Outlet = None,
    since: Since = None,
) -> Feed:
    """Outdated copies as a feed."""
    found, _ = _find_outdated(ask, agency, kind, outlet, since, 200)
    query = f"?{ask.request.url.query}" if ask.request.url.query else ""
    return Feed(
        key="outdated",
        title="Outdated copies",
        path=f"/outdated{query}",
        entries=[
            Entry(
                key=f"outdated:{entry.article_id}:{entry.new_article_id}:{entry.begin}",
                title=f"{entry.kind}: {entry.outlet}, {entry.headline}",
                path=f"/compare/{entry.article_id}/{entry.new_article_id}",
                updated_at=entry.new_published_at,
                summary=f"Still says “{shorten(entry.old_words or entry.passage, 200)}”"
                + (f", which is now “{shorten(entry.new_words, 200)}”" if entry.new_words else ""),
                author=entry.agency,
            )
            for entry in found
        ],
    )


def add_overviews(router: APIRouter, site: Site) -> None:
    """Add the pages, their twins, files and the feed."""
    add_twin(
        router,
        site,
        "/outdated",
        answer_outdated,
        template="outdated.html",
        model=OutdatedAnswer,
        view=view_outdated,
    )
    for path, answer, template, model in (
        ("/outlets", answer_outlets, "list.html", OutletsAnswer),
        ("/runs", answer_runs, "list.html", RunsAnswer),
        ("/sources", answer_sources, "list.html", SourcesAnswer),
        ("/rejected", answer_rejected, "list.html", RejectedAnswer),
    ):
        add_twin(router, site, path, answer, template=template, model=model, view=view_list)

    def outdated_rows(
        ask: Ask,
        *,
        agency: Agency = None,
        kind: Kind = None,
        outlet: Outlet = None,
        since: Since = None,
    ) -> Any:
        found, _ = _find_outdated(ask, agency, kind, outlet, since, ALL)
        return to_table(found, OutdatedCopy)

    def outlet_rows(ask: Ask) -> Any:
        return to_table(ask.snapshot.make_once("outlets", list_outlet_rows), OutletRow)

    def run_rows(ask: Ask) -> Any:
        return to_table(list_run_rows(ask.catalog, limit=ALL)[0], RunRow)

    def source_rows(ask: Ask) -> Any:
        return to_table(list_source_rows(ask.catalog), SourceRow)

    def rejected_rows(ask: Ask, *, reason: Reason = None) -> Any:
        found, _ = list_rejection_rows(ask.catalog, limit=ALL, reason=blank(reason))
        return to_table(found, RejectionRow)

    for path, rows in (
        ("/outdated", outdated_rows),
        ("/outlets", outlet_rows),
        ("/runs", run_rows),
        ("/sources", source_rows),
        ("/rejected", rejected_rows),
    ):
        add_exports(router, site, path, rows, name=path.strip("/"))
    add_feeds(router, site, "/outdated", feed_outdated, name="outdated")
