"""Threads: story clusters that follow from one another over days or weeks.

Clusters are taken in order of their first article. Each continues the thread whose recent clusters
it resembles most, if it resembles the nearest of them and all of them on average enough; else it
opens a thread. The resemblance is that of links without the time: cosines of the clusters' mean
openings and mean weighted words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from wirethread.articles.types.articles import (
    ClusterId,
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
from wirethread.clustering.stories.resemblance import Resemblance

__all__ = ["assign_threads", "describe_state", "tell_closings"]

_TEXT_FOR_NAMES = 1_500  # characters of each article that names and figures are taken from
_BLOCK = 1_024  # clusters whose resemblances are worked out at a time
_MIN_BLOCK = 128


@dataclass(slots=True)
class _OpenThread:
    clusters: list[int]
    last_day: float


def assign_threads(
    clusters: Sequence[StoryCluster],
    articles: Sequence[StoryArticle],
    vectors: npt.NDArray[np.float32],
    previous: Sequence[StoryThread] = (),
    *,
    settings: ThreadSettings | None = None,
    story_settings: StorySettings | None = None,
    find_used: FindUsed = frozenset[str]().intersection,
    now: datetime | None = None,
) -> tuple[list[StoryThread], list[StoryEvent]]:
    """Return the threads of the clusters, and what happened to the previous ones.

    `articles` are the members of all clusters and `vectors` float32[n, d] their openings, in the
    same order. `now` is the time of the newest article in the archive (by default, of these).
    Every cluster is in exactly one thread; most threads have one cluster.
    """
    settings = settings or ThreadSettings()
    # by their articles: an id tells how a cluster came about, and would decide between equal days
    ordered = sorted(clusters, key=lambda cluster: min(cluster.article_ids, default=""))
    if not ordered:
        return [], []
    place_of = {article.article_id: place for place, article in enumerate(articles)}
    members = [[place_of[a] for a in cluster.article_ids if a in place_of] for cluster in ordered]
    begins, ends = _time_ranges(members, articles)
    resemblance = Resemblance.of_clusters(
        members, articles, vectors, story_settings or StorySettings()
    )
    grouped = _follow(begins, ends, resemblance, settings)

    newest = np.nanmax(ends) if not np.all(np.isnan(ends)) else np.nan
    present = now.timestamp() / 86_400 if now is not None else float(newest)
    groups = sorted(
        ([ordered[place].cluster_id for place in sorted(group)] for group in grouped),
        key=lambda group: group[0],
    )
    titles = {cluster.cluster_id: cluster.title for cluster in ordered}
    inherited = inherit_ids(
        {thread.thread_id: list(thread.cluster_ids) for thread in previous},
        groups,
        prefix="t",
        member="story cluster",
        name_of=lambda cluster_id: titles.get(ClusterId(cluster_id), cluster_id),
        find_used=find_used,
    )
    cluster_place = {cluster.cluster_id: place for place, cluster in enumerate(ordered)}
    threads = [
        _describe_thread(
            ThreadId(thread_id),
            [cluster_place[ClusterId(c)] for c in group],
            ordered,
            members,
            articles,
            begins,
            ends,
            resemblance,
            present,
            settings,
        )
        for thread_id, group in zip(inherited.ids, groups, strict=True)
    ]
    return threads, _with_closings(threads, previous, inherited.events, settings)


def _time_ranges(
    members: Sequence[Sequence[int]], articles: Sequence[StoryArticle]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return first and last day of each cluster, NaN where no member has a time."""
    begins, ends = np.full(len(members), np.nan), np.full(len(members), np.nan)
    for place, group in enumerate(members):
        days = [
            at.timestamp() / 86_400
            for at in (articles[member].published_at for member in group)
            if at is not None
        ]
        if days:
            # one wrong date must not stretch a cluster over months
            middle = float(np.median(days))
            near = [day for day in days if abs(day - middle) <= 14] or days
            begins[place], ends[place] = min(near), max(near)
    return begins, ends


def _follow(
    begins: npt.NDArray[np.float64],
    ends: npt.NDArray[np.float64],
    resemblance: Resemblance,
    settings: ThreadSettings,
) -> list[list[int]]:
    """Put each cluster, in order of time, to the thread it continues; undated ones last."""
    order = np.lexsort((np.arange(len(begins)), begins))  # NaN comes last
    threads: list[_OpenThread] = []
    today = np.nan  # the latest beginning so far
    thread_of = np.full(len(begins), -1, dtype=np.int64)
    for block, earlier in _blocks_in_time(order, begins, ends, settings.max_gap_days):
        scores = resemblance.measure(block, earlier)
        column_of = {place: column for column, place in enumerate(earlier.tolist())}
        for row, place in zip(scores, block.tolist(), strict=True):
            today = float(np.fmax(today, begins[place]))
            # a thread none of whose clusters is near cannot be continued
            near = thread_of[earlier[np.flatnonzero(row >= settings.min_nearest)]]
            best: tuple[float, int] | None = None
            for number in set(near.tolist()) - {-1}:
                thread = threads[number]
                if today - thread.last_day > settings.max_gap_days:
                    continue
                recent = [
                    column_of[other]
                    for other in thread.clusters
                    if not begins[place] - ends[other] > settings.max_gap_days
                ]
                if not recent:
                    continue
                found = row[recent]
                if (
                    float(found.max()) < settings.min_nearest
                    or float(found.mean()) < settings.min_score
                ):
                    continue
                candidate = (-float(found.max()), number)
                best = candidate if best is None else min(best, candidate)
            if best is None:
                thread_of[place] = len(threads)
                threads.append(_OpenThread([place], float(ends[place])))
            else:
                thread_of[place] = best[1]
                chosen = threads[best[1]]
                chosen.clusters.append(place)
                chosen.last_day = float(np.fmax(chosen.last_day, ends[place]))
    return [thread.clusters for thread in threads]


def _blocks_in_time(
    order: npt.NDArray[np.int64],
    begins: npt.NDArray[np.float64],
    ends: npt.NDArray[np.float64],
    max_gap_days: float,
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Yield clusters, in order of time, some at a time, with all they may continue.

    These are the clusters before them, and their own, that did not end more than a gap before the
    first of them begins. A block takes in hardly more time than a gap.
    """
    # the open past: what has ended too early for one block has for all that come after
    open_past = np.empty(0, dtype=np.int64)
    n_dated = int(np.count_nonzero(~np.isnan(begins)))
    sorted_begins = begins[order[:n_dated]]
    at = 0
    while at < len(order):
        size = _BLOCK
        if at < n_dated:
            reach = np.searchsorted(sorted_begins, sorted_begins[at] + max_gap_days, side="right")
            size = min(max(int(reach) - at, _MIN_BLOCK), _BLOCK, n_dated - at)
        block = order[at : at + size]
        earlier = np.concatenate((open_past, block))
        if at < n_dated:
            open_past = earlier[~(sorted_begins[at] - ends[earlier] > max_gap_days)]
            earlier = open_past
        else:  # without a time, a cluster may continue any other
            earlier = order[: at + size]
        yield block, earlier
        at += size


def _describe_thread(  # noqa: PLR0917 - one row out of the tables of assign_threads
    thread_id: ThreadId,
    group: Sequence[int],
    clusters: Sequence[StoryCluster],
    members: Sequence[Sequence[int]],
    articles: Sequence[StoryArticle],
    begins: npt.NDArray[np.float64],
    ends: npt.NDArray[np.float64],
    resemblance: Resemblance,
    present: float,
    settings: ThreadSettings,
) -> StoryThread:
    central = _find_central(group, members, resemblance) if len(group) > 1 else group[0]
    in_time = sorted(group, key=lambda p: (np.isnan(begins[p]), begins[p], p))
    first, last = (
        float(np.nanmin(begins[group])) if not np.all(np.isnan(begins[group])) else np.nan,
        (float(np.nanmax(ends[group])) if not np.all(np.isnan(ends[group])) else np.nan),
    )
    texts = [
        f"{articles[a].headline}\n{articles[a].text[:_TEXT_FOR_NAMES]}"
        for place in group
        for a in members[place]
    ]
    language = next((articles[a].language for p in group for a in members[p]), None)
    return StoryThread(
        thread_id=thread_id,
        cluster_ids=tuple(clusters[place].cluster_id for place in in_time),
        title=clusters[central].title,
        first_seen_at=_as_time(first),
        last_seen_at=_as_time(last),
        state=_find_state(last, present, settings),
        names=characteristic_names(texts, language),
        numbers=characteristic_numbers(texts),
    )


def _find_central(
    group: Sequence[int], members: Sequence[Sequence[int]], resemblance: Resemblance
) -> int:
    """Return the cluster that is closest to the articles of all."""
    weights = np.array([len(members[place]) for place in group], dtype=np.float64)
    places = np.asarray(group, dtype=np.int64)
    # rounded, so that of two that are equally close the first is taken, not one by its last digit
    closeness = np.round(resemblance.measure(places, places), 4) @ weights
    return group[int(np.argmax(np.round(closeness * np.sqrt(weights), 6)))]


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
