"""`/story/ID`: a story thread or cluster, who is independent in it, and how its copy travelled."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Path

from wirethread.articles.types.articles import ArticleId, ClusterId, ThreadId, TimePrecision
from wirethread.storage.answers.page.front import AgencyPart
from wirethread.storage.answers.page.story import (
    CopyArc,
    StoryMark,
    StoryPage,
    StoryRow,
    load_story_page,
)
from wirethread.storage.answers.types import ClusterSummary, EventRecord, PassageSummary
from wirethread.web.api.exports import add_exports, to_table
from wirethread.web.api.feeds import Entry, Feed, add_feeds
from wirethread.web.drawing.bars import BarPart, draw_bar
from wirethread.web.drawing.timeline import Arc, Dot, draw_timeline
from wirethread.web.drawing.words import format_moment, format_share, say_count
from wirethread.web.palette import Palette
from wirethread.web.problems import MovedError
from wirethread.web.site import Ask, Site
from wirethread.web.twins import add_twin
from wirethread.web.waiting import Change, WaitingChanges

__all__ = ["StoryAnswer", "add_story"]

ARTICLES_LISTED = 120
"""Articles listed on the page; its twin and its files have all. So with the two below."""
IN_ROOM_LISTED = 12
ROOMS_LISTED = 60
_MARKS = {
    "kill": "K", "withdrawal": "W", "hold": "H", "correction": "C", "update": "U", "refile": "U",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsroomArticle:
    """An article of a newsroom, whether it is the one that counts, and why."""

    article_id: ArticleId
    outlet: str
    headline: str
    counted: bool | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """Articles that stand for one independent newsroom."""

    source_group: str
    articles: Sequence[NewsroomArticle]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryAnswer:
    """A story: its articles, who is independent, and how its copy travelled."""

    story_id: str
    title: str
    is_thread: bool
    """Whether it is a story thread; else a story cluster."""
    state: str | None
    thread_id: ThreadId | None
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    n_articles: int
    n_outlets: int
    n_independent_sources: int | None
    wire_share: float
    """Share of the words of all its articles that are an agency's."""
    agencies: Sequence[AgencyPart]
    names: Sequence[str]
    numbers: Sequence[str]
    clusters: Sequence[ClusterSummary]
    articles: Sequence[StoryRow]
    newsrooms: Sequence[Newsroom]
    copies: Sequence[CopyArc]
    marks: Sequence[StoryMark]
    passages: Sequence[PassageSummary]
    events: Sequence[EventRecord]


Key = Annotated[str, Path(description="Id of a story thread or cluster, present or past.")]


def answer_story(ask: Ask, key: Key) -> StoryAnswer:
    """A story: its articles, its independent newsrooms, its copy, its history.

    An id that the story had before leads to the present one with status 301.
    """
    page = load_story_page(ask.catalog, key)
    if page.story_id != key:
        raise MovedError(key, page.story_id)
    agencies = _sum_agencies(page.articles)
    return StoryAnswer(
        story_id=page.story_id,
        title=page.title,
        is_thread=page.is_thread,
        state=page.state,
        thread_id=page.thread_id,
        first_seen_at=page.first_seen_at,
        last_seen_at=page.last_seen_at,
        n_articles=len(page.articles),
        n_outlets=len({article.outlet for article in page.articles}),
        n_independent_sources=page.n_independent_sources,
        wire_share=min(sum(agency.share for agency in agencies), 1.0),
        agencies=agencies,
        names=page.names,
        numbers=page.numbers,
        clusters=page.clusters,
        articles=page.articles,
        newsrooms=_group_newsrooms(page),
        copies=page.arcs,
        marks=page.marks,
        passages=page.passages,
        events=page.events,
    )


def list_parts(article: StoryRow) -> Sequence[AgencyPart]:
    """Return whose words an article is; an agency's own article is all the agency's."""
    if article.own_agency is not None:
        return [AgencyPart(agency=article.own_agency, share=1.0)]
    return article.agencies


def _sum_agencies(articles: Sequence[StoryRow]) -> list[AgencyPart]:
    sums: Counter[str] = Counter()
    for article in articles:
        for part in list_parts(article):
            sums[part.agency] += part.share  # type: ignore[assignment]
    n_articles = max(len(articles), 1)
    return [
        AgencyPart(agency=agency, share=round(total / n_articles, 6))
        for agency, total in sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    ]


def _group_newsrooms(page: StoryPage) -> list[Newsroom]:
    groups: dict[str, list[NewsroomArticle]] = {}
    for article in page.articles:
        if article.source_group is not None:
            groups.setdefault(article.source_group, []).append(
                NewsroomArticle(
                    article_id=article.article_id,
                    outlet=article.outlet,
                    headline=article.headline,
                    counted=article.counted,
                    reason=article.reason,
                )
            )
    return [
        Newsroom(source_group=name, articles=members)
        for name, members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfCluster:
    """The articles of a story cluster that were published on one day."""

    cluster: ClusterSummary | None
    articles: Sequence[StoryRow]


def view_story(ask: Ask, answer: StoryAnswer) -> Mapping[str, Any]:
    """Return what the page draws beside the answer."""
    palette = Palette(one.agency for one in answer.agencies)
    marks = {article.article_id: main_mark(palette, article) for article in answer.articles}
    own = max(0.0, 1.0 - answer.wire_share)
    parts = [
        BarPart(
            share=agency.share,
            css=f"s{palette.mark(agency.agency).colour}",
            words=f"{agency.agency}: {format_share(agency.share)}",
        )
        for agency in answer.agencies
    ]
    parts.append(BarPart(share=own, css="own", words=f"the outlets' own: {format_share(own)}"))
    return {
        "palette": palette,
        "marks": marks,
        "bar": draw_bar(parts, height=18, title="Whose words, over all articles"),
        "own_share": own,
        "timeline": _draw(answer, palette, ask.settings.root_path),
        "days": _group_days(answer, ARTICLES_LISTED),
        "n_listed": min(len(answer.articles), ARTICLES_LISTED),
        "n_in_room": IN_ROOM_LISTED,
        "n_rooms": ROOMS_LISTED,
        "n_vague": sum(one.published_precision is TimePrecision.DAY for one in answer.articles),
        "titles": {cluster.cluster_id: cluster.title for cluster in answer.clusters},
        "n_undated": sum(one.published_at is None for one in answer.articles),
        "n_copies": sum(bool(one.wire_share) and one.own_agency is None for one in answer.articles),
        "waiting": _find_waiting(ask, answer),
        "can_correct": ask.settings.allow_corrections,
    }


def _find_waiting(ask: Ask, answer: StoryAnswer) -> list[Change]:
    """Return the changes that wait and concern this story."""
    waiting: WaitingChanges = ask.site.parts["waiting"]
    mine = {answer.story_id, *(article.article_id for article in answer.articles)}
    mine |= {cluster.cluster_id for cluster in answer.clusters}
    return [
        change for change in waiting.list_changes() if change.left in mine or change.right in mine
    ]


def main_mark(palette: Palette, article: StoryRow) -> tuple[str, str, float, str]:
    """Return letter, class, share and words for whose words an article mostly is."""
    parts = list_parts(article)
    if not parts:
        return "", "own", 0.0, f"{article.outlet}: its own words"
    part = parts[0]
    mark = palette.mark(part.agency)
    words = f"{article.outlet}: {format_share(part.share)} {part.agency}"
    return mark.letter, f"s{mark.colour}", part.share, words


def _draw(answer: StoryAnswer, palette: Palette, root_path: str) -> Any:
    noted = {mark.article_id: mark.kind for mark in answer.marks}
    dots = []
    for article in answer.articles:
        if article.published_at is None:
            continue
        letter, css, share, words = main_mark(palette, article)
        is_vague = article.published_precision is TimePrecision.DAY
        kind = noted.get(article.article_id, "outdated" if article.is_outdated else "")
        when = format_moment(article.published_at, article.published_precision)
        dots.append(
            Dot(
                key=article.article_id,
                lane=article.own_agency or article.outlet,
                moment=article.published_at + (timedelta(hours=12) if is_vague else timedelta()),
                is_vague=is_vague,
                css=css,
                letter=letter,
                share=share,
                words=f"{when}. {words}. {article.headline}{f' ({kind})' if kind else ''}",
                href=f"{root_path}/article/{article.article_id}",
                mark=_MARKS.get(kind, "!" if kind else ""),
            )
        )
    most = max([copy.n_characters for copy in answer.copies], default=1)
    arcs = [
        Arc(
            origin=entry.origin_id,
            place=entry.article_id,
            css=f"s{palette.mark(entry.agency).colour}" if entry.agency else "shared",
            weight=entry.n_characters / most,
            words=f"{say_count(entry.n_passages, 'passage')}"
            f"{f' of {entry.agency}' if entry.agency else ''}",
        )
        for entry in answer.copies
    ]
    n_dated = len(dots)
    return draw_timeline(
        dots,
        arcs,
        title=f"Timeline: {say_count(n_dated, 'article')} in"
        f" {say_count(len({one.lane for one in dots}), 'lane')}, copy drawn as arcs",
    )


def _group_days(answer: StoryAnswer, limit: int) -> list[tuple[date | None, list[DayOfCluster]]]:
    """Return the first `limit` articles by day and story cluster."""
    clusters = {cluster.cluster_id: cluster for cluster in answer.clusters}
    days: dict[date | None, dict[str, list[StoryRow]]] = {}
    for article in answer.articles[:limit]:
        day = article.published_at.date() if article.published_at else None
        days.setdefault(day, {}).setdefault(article.cluster_id, []).append(article)
    return [
        (
            day,
            [
                DayOfCluster(
                    cluster=clusters.get(ClusterId(name)),
                    articles=members,
                )
                for name, members in groups.items()
            ],
        )
        for day, groups in days.items()
    ]


def feed_story(ask: Ask, *, key: Key) -> Feed:
    """The articles of a story, the newest first."""
    answer = answer_story(ask, key)
    return Feed(
        key=f"story:{answer.story_id}",
        title=answer.title,
        path=f"/story/{answer.story_id}",
        entries=[
            Entry(
                key=f"article:{article.article_id}",
                title=f"{article.outlet}: {article.headline}",
                path=f"/article/{article.article_id}",
                updated_at=article.published_at,
                summary=_sum_up(article),
                author=article.outlet,
            )
            for article in reversed(answer.articles)
        ][:100],
    )


def _sum_up(article: StoryRow) -> str:
    if article.own_agency is not None:
        return f"{article.own_agency}'s own article"
    parts = [f"{format_share(one.share)} {one.agency}" for one in article.agencies]
    return ", ".join(parts) or "words of its own"


def add_story(router: APIRouter, site: Site) -> None:
    """Add the page, its twin, its articles as files, and its feed."""

    def article_rows(ask: Ask, *, key: Key) -> pa.Table:
        return to_table(answer_story(ask, key).articles, StoryRow)

    add_exports(router, site, "/story/{key}", article_rows, name="story")
    add_feeds(router, site, "/story/{key}", feed_story, name="story")
    add_twin(
        router,
        site,
        "/story/{key}",
        answer_story,
        template="story.html",
        model=StoryAnswer,
        view=view_story,
    )
