"""Threads: story clusters that follow from one another over days or weeks.

A thread is a story: the clusters that average linkage joins by the scores which time takes little
from (`linkage.as_story`). It is cut from the links that made the clusters, one level up.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    Link,
    StoryCluster,
    StoryEvent,
    StoryEventKind,
    StoryThread,
    ThreadId,
    ThreadState,
)
from wirethread.clustering.links.names import characteristic_names, characteristic_numbers
from wirethread.clustering.settings import StoryArticle, StorySettings, ThreadSettings
from wirethread.clustering.stories.identity import FindUsed, inherit_ids
from wirethread.clustering.stories.linkage import as_story, cluster_articles
from wirethread.clustering.stories.titles import find_telling_title

__all__ = [
    "LoadTexts",
    "age_threads",
    "assign_threads",
    "describe_state",
    "find_heirs",
    "group_clusters",
    "tell_closings",
    "tell_emptied",
    "tell_followed",
    "thread_articles",
]

LoadTexts = Callable[[Sequence[ArticleId]], Sequence[StoryArticle]]
"""Returns articles with their texts, by id; asked for threads that changed only."""

_LOADED_AT_ONCE = 2_000  # articles whose texts are in memory while threads are named
_TEXT_FOR_NAMES = 1_500  # characters of each article that names and figures are taken from


def assign_threads(
    clusters: Sequence[StoryCluster],
    published: Mapping[ArticleId, datetime],
    links: Iterable[Link],
    load_texts: LoadTexts,
    previous: Sequence[StoryThread] = (),
    *,
    changed: frozenset[ClusterId] | None = None,
    settings: ThreadSettings | None = None,
    story_settings: StorySettings | None = None,
    find_used: FindUsed = frozenset[str]().intersection,
    now: datetime | None = None,
) -> tuple[list[StoryThread], list[StoryEvent]]:
    """Return the threads of the clusters, and what happened to the previous ones.

    `published` are the times of the clusters' articles, as far as known, and `links` those among
    them. `changed` are the clusters with other articles or titles than before (all, by default): a
    thread without one, and with the clusters that it had, keeps title, names and figures. `now` is
    the time of the newest article in the archive (by default, of these). Every cluster is in
    exactly one thread; most threads have one cluster.
    """
    settings = settings or ThreadSettings()
    if not clusters:
        return [], []
    by_id = {cluster.cluster_id: cluster for cluster in clusters}
    times = {
        cluster.cluster_id: _time_range([published.get(one) for one in cluster.article_ids])
        for cluster in clusters
    }
    ends = [end for _, end in times.values()]
    newest = np.nanmax(ends) if not np.all(np.isnan(ends)) else np.nan
    present = now.timestamp() / 86_400 if now is not None else float(newest)
    groups = group_clusters(clusters, links, story_settings or StorySettings())
    inherited = inherit_ids(
        {thread.thread_id: list(thread.cluster_ids) for thread in previous},
        groups,
        prefix="t",
        member="story cluster",
        name_of=lambda one: by_id[ClusterId(one)].title if one in by_id else one,
        find_used=find_used,
    )
    known = {thread.thread_id: thread for thread in previous}
    ordered = [
        sorted((by_id[one] for one in group), key=lambda part: _by_time(part, times))
        for group in groups
    ]
    kept = {
        place: before
        for place, (thread_id, group) in enumerate(zip(inherited.ids, groups, strict=True))
        if (before := known.get(ThreadId(thread_id))) is not None
        and changed is not None
        and set(before.cluster_ids) == set(group)
        and changed.isdisjoint(group)
    }
    words: dict[int, _Words] = {
        place: (thread.title, thread.names, thread.numbers) for place, thread in kept.items()
    }
    words |= _describe_words(
        {place: parts for place, parts in enumerate(ordered) if place not in kept}, load_texts
    )
    threads = [
        _describe_thread(
            ThreadId(thread_id),
            parts,
            words[place],
            [times[part.cluster_id] for part in parts],
            present,
            settings,
        )
        for place, (thread_id, parts) in enumerate(zip(inherited.ids, ordered, strict=True))
    ]
    return threads, _with_closings(threads, previous, inherited.events, settings)


def thread_articles(
    clusters: Sequence[StoryCluster],
    articles: Iterable[StoryArticle],
    links: Iterable[Link],
    previous: Sequence[StoryThread] = (),
    *,
    settings: ThreadSettings | None = None,
    story_settings: StorySettings | None = None,
    now: datetime | None = None,
) -> tuple[list[StoryThread], list[StoryEvent]]:
    """Do what `assign_threads` does with articles that are in memory."""
    by_id = {article.article_id: article for article in articles}
    return assign_threads(
        clusters,
        {one: found.published_at for one, found in by_id.items() if found.published_at is not None},
        links,
        lambda wanted: [by_id[one] for one in wanted if one in by_id],
        previous,
        settings=settings,
        story_settings=story_settings,
        now=now,
    )


def group_clusters(
    clusters: Sequence[StoryCluster], links: Iterable[Link], settings: StorySettings
) -> list[list[ClusterId]]:
    """Return the ids of the clusters of each thread, all in order of ids."""
    cluster_of = {one: part.cluster_id for part in clusters for one in part.article_ids}
    joined = cluster_articles(
        cluster_of,
        links,
        settings=as_story(settings),
        whole=[part.article_ids for part in clusters],
    )
    groups = [sorted({cluster_of[one] for one in group}) for group in joined]
    empty = [[part.cluster_id] for part in clusters if not part.article_ids]
    return sorted(groups + empty)


def _by_time(
    part: StoryCluster, times: Mapping[ClusterId, tuple[float, float]]
) -> tuple[bool, float, str]:
    # by their articles: an id tells how a cluster came about, and would decide between equal days
    begin = times[part.cluster_id][0]
    return bool(np.isnan(begin)), begin, min(part.article_ids, default="")


def _time_range(moments: Iterable[datetime | None]) -> tuple[float, float]:
    """Return first and last day, NaN where no time is known."""
    days = [moment.timestamp() / 86_400 for moment in moments if moment is not None]
    if not days:
        return np.nan, np.nan
    # one wrong date must not stretch a cluster over months
    middle = float(np.median(days))
    near = [day for day in days if abs(day - middle) <= 14] or days
    return min(near), max(near)


def _describe_thread(  # noqa: PLR0917 - one row out of the tables of assign_threads
    thread_id: ThreadId,
    parts: Sequence[StoryCluster],
    words: "_Words",
    times: Sequence[tuple[float, float]],
    present: float,
    settings: ThreadSettings,
) -> StoryThread:
    days = np.array(times, dtype=np.float64)
    is_dated = not np.all(np.isnan(days))
    last = float(np.nanmax(days)) if is_dated else np.nan
    title, names, numbers = words
    return StoryThread(
        thread_id=thread_id,
        cluster_ids=tuple(part.cluster_id for part in parts),
        title=title,
        first_seen_at=_as_time(float(np.nanmin(days)) if is_dated else np.nan),
        last_seen_at=_as_time(last),
        state=_find_state(last, present, settings),
        names=names,
        numbers=numbers,
    )


_Words = tuple[str, Sequence[str], Sequence[str]]
"""Title, names and figures of a thread."""


def _describe_words(
    threads: Mapping[int, Sequence[StoryCluster]], load_texts: LoadTexts
) -> dict[int, _Words]:
    """Return title, names and figures of some threads, by their number.

    Articles are loaded for many threads at once, and let go before the next ones.
    """
    found: dict[int, _Words] = {}
    waiting: list[tuple[int, list[ArticleId]]] = []
    n_waiting = 0

    def describe() -> None:
        nonlocal n_waiting
        loaded = {
            article.article_id: article
            for article in load_texts([one for _, ids in waiting for one in ids])
        }
        for number, ids in waiting:
            articles = [loaded[one] for one in sorted(ids) if one in loaded]
            found[number] = _tell_words(threads[number], articles)
        waiting.clear()
        n_waiting = 0

    for number, parts in threads.items():
        ids = [one for part in parts for one in part.article_ids]
        waiting.append((number, ids))
        n_waiting += len(ids)
        if n_waiting >= _LOADED_AT_ONCE:
            describe()
    if waiting:
        describe()
    return found


def _tell_words(parts: Sequence[StoryCluster], articles: Sequence[StoryArticle]) -> _Words:
    texts = [f"{article.headline}\n{article.text[:_TEXT_FOR_NAMES]}" for article in articles]
    languages = Counter(article.language for article in articles if article.language)
    language = min(languages, key=lambda one: (-languages[one], one)) if languages else None
    return (
        find_telling_title(
            [(part.title, len(part.article_ids)) for part in parts],
            [article.headline for article in articles],
        ),
        characteristic_names(texts, language, outlets=[article.outlet for article in articles]),
        characteristic_numbers(texts),
    )


def _find_state(last_day: float, present: float, settings: ThreadSettings) -> ThreadState:
    silence = present - last_day
    if silence > settings.closed_after_days:
        return ThreadState.CLOSED
    if silence >= settings.quiet_after_days or np.isnan(silence):
        return ThreadState.QUIET
    return ThreadState.DEVELOPING


def describe_state(
    last_seen_at: datetime | None, now: datetime | None, settings: ThreadSettings
) -> ThreadState:
    """Return the state of a thread whose newest article came at `last_seen_at`, seen from `now`."""
    if last_seen_at is None or now is None:
        return ThreadState.QUIET
    return _find_state(last_seen_at.timestamp() / 86_400, now.timestamp() / 86_400, settings)


def _as_time(day: float) -> datetime | None:
    if np.isnan(day):
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=round(day * 86_400))


def _with_closings(
    threads: Sequence[StoryThread],
    previous: Sequence[StoryThread],
    events: Sequence[StoryEvent],
    settings: ThreadSettings,
) -> list[StoryEvent]:
    """Rename growth to continuation and add the closings."""
    before = {thread.thread_id: thread.state for thread in previous}
    told = [
        StoryEvent(
            kind=StoryEventKind.CONTINUED if event.kind is StoryEventKind.GREW else event.kind,
            subject_id=event.subject_id,
            other_id=event.other_id,
            reason=event.reason,
        )
        for event in events
    ]
    were_open = [
        thread
        for thread in threads
        if before.get(thread.thread_id, ThreadState.CLOSED) is not ThreadState.CLOSED
    ]
    return told + tell_closings(were_open, settings)


def tell_closings(threads: Sequence[StoryThread], settings: ThreadSettings) -> list[StoryEvent]:
    """Return the closing of each thread, open until now, that is closed."""
    return [
        StoryEvent(
            kind=StoryEventKind.CLOSED,
            subject_id=thread.thread_id,
            other_id=None,
            reason=f"no new article for more than {settings.closed_after_days:g} days",
        )
        for thread in threads
        if thread.state is ThreadState.CLOSED
    ]


def find_heirs(events: Iterable[StoryEvent]) -> dict[ClusterId, ClusterId]:
    """Return by story cluster that merged away the one that lives on."""
    return {
        ClusterId(event.subject_id): ClusterId(event.other_id)
        for event in events
        if event.kind is StoryEventKind.MERGED and event.other_id is not None
    }


def tell_followed(
    threads: Iterable[StoryThread],
    heirs: Mapping[ClusterId, ClusterId],
    homes: Mapping[ClusterId, ThreadId],
) -> list[StoryEvent]:
    """Return the merges of those threads whose every story cluster merges into another thread's.

    `homes` are the threads of story clusters.
    """
    followed = []
    for thread in threads:
        onward = [
            homes[heirs[cluster_id]]
            for cluster_id in thread.cluster_ids
            if cluster_id in heirs
            and heirs[cluster_id] in homes
            and homes[heirs[cluster_id]] != thread.thread_id
        ]
        if len(onward) == len(thread.cluster_ids) > 0:
            followed.append(
                StoryEvent(
                    kind=StoryEventKind.MERGED,
                    subject_id=thread.thread_id,
                    other_id=max(sorted(set(onward)), key=onward.count),
                    reason="all of its story clusters merged into others",
                )
            )
    return followed


def tell_emptied(thread_ids: Iterable[str]) -> list[StoryEvent]:
    """Return the ends of threads of which no story cluster is left, in order of ids."""
    return [
        StoryEvent(
            kind=StoryEventKind.REMOVED,
            subject_id=thread_id,
            other_id=None,
            reason="none of its story clusters is left",
        )
        for thread_id in sorted(thread_ids)
    ]


def age_threads(
    threads: Sequence[StoryThread],
    without: Iterable[str],
    now: datetime | None,
    settings: ThreadSettings,
) -> list[StoryThread]:
    """Return the threads whose state changes merely because time went on."""
    left_out = set(without)
    aged = [
        replace(thread, state=describe_state(thread.last_seen_at, now, settings))
        for thread in threads
        if thread.thread_id not in left_out
    ]
    known = {thread.thread_id: thread.state for thread in threads}
    return [thread for thread in aged if known[thread.thread_id] is not thread.state]
