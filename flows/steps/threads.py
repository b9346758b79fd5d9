"""From links to story clusters and threads: what a new article can change, and nothing else."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.errors import NotFoundError
from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    Correction,
    CorrectionKind,
    Link,
    StoryCluster,
    StoryEvent,
    StoryThread,
)
from wirethread.clustering.changes.revisions import keeps_subject
from wirethread.clustering.settings import StoryArticle, StorySettings, ThreadSettings
from wirethread.clustering.stories.identity import inherit_identity, replace_members
from wirethread.clustering.stories.linkage import (
    choose_rule,
    cluster_articles,
    find_joined,
    score_joins,
)
from wirethread.clustering.stories.threads import (
    age_threads,
    assign_threads,
    find_heirs,
    tell_closings,
    tell_emptied,
    tell_followed,
)
from wirethread.flows.runners.partitions import Partition, SetAside, tell_nobody
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.stages.linking import LinkingContent, link_articles, to_story_article
from wirethread.flows.steps.docket import Docket, Workplace
from wirethread.flows.steps.loading import carry_corrections, list_embedded, with_first_times
from wirethread.flows.steps.windows import cut_by_days, find_neighbourhood, name_days
from wirethread.storage.catalog import Catalog
from wirethread.storage.vectors.segments import VectorSegments

__all__ = ["cluster_stories", "link_pending", "tie_threads"]


def load_story_articles(catalog: Catalog, article_ids: Sequence[ArticleId]) -> list[StoryArticle]:
    """Return articles by id, with the times at which their first versions came out."""
    parsed = with_first_times(catalog, catalog.articles.load_articles(article_ids))
    return [to_story_article(one) for one in parsed]


def load_openings(
    catalog: Catalog, vectors: VectorSegments, article_ids: Sequence[ArticleId]
) -> tuple[list[StoryArticle], NDArray[np.float32]]:
    """Return articles by id and the vectors float32[n, d] of their openings."""
    articles = load_story_articles(catalog, article_ids)
    hashes = catalog.articles.find_opening_hashes([article.article_id for article in articles])
    return articles, vectors.fetch(hashes)


def link_pending(
    docket: Docket,
    vectors: VectorSegments,
    settings: StorySettings,
    workplace: Workplace,
    largest: int,
) -> Mapping[str, int]:
    """Score every new article against its neighbourhood, and store the links by partition."""
    catalog = docket.catalog
    waiting = docket.list_pending()
    pending = list_embedded(catalog, waiting, vectors.model_id)
    groups = cut_by_days(catalog, pending, settings.window_days, largest)
    counter = Counter(dict.fromkeys(("n_linked", "n_new_links"), 0))

    def plan() -> Iterator[Partition[LinkingContent]]:
        later = set(waiting)
        for group in groups:
            later -= set(group)
            content = gather_linking(catalog, vectors, group, later, settings)
            yield Partition(name=f"linking {name_days(catalog, group)}", content=content)

    report_progress("link", 0, len(pending))
    for group, outcome in zip(
        groups, workplace.runner.map(link_articles, plan(), tell_nobody), strict=True
    ):
        if isinstance(outcome, SetAside):
            workplace.tell_set_aside(str(outcome))
            continue
        with docket.finishing(group):
            catalog.stories.replace_links(docket.run_id, outcome.result, group)
        counter["n_linked"] += len(group)
        counter["n_new_links"] += len(outcome.result)
        report_progress("link", counter["n_linked"], len(pending))
    return counter


def gather_linking(
    catalog: Catalog,
    vectors: VectorSegments,
    new_ids: Sequence[ArticleId],
    later: Collection[ArticleId],
    settings: StorySettings,
) -> LinkingContent:
    """Return new articles with their neighbourhood, but for those whose turn comes `later`."""
    near = [
        article_id
        for article_id in find_neighbourhood(catalog, new_ids, settings.window_days)
        if article_id not in later
    ]
    near = list_embedded(catalog, near, vectors.model_id)
    articles = with_first_times(catalog, catalog.articles.load_articles(near))
    wanted = set(new_ids)
    return LinkingContent(
        articles=articles,
        openings=vectors.fetch(
            catalog.articles.find_opening_hashes(
                [article.article.article_id for article in articles]
            )
        ),
        is_new=np.array([article.article.article_id in wanted for article in articles], dtype=bool),
        shared_copy=catalog.surroundings.find_shared_copy(near),
        settings=settings,
    )


def gather_reachable(
    catalog: Catalog,
    seeds: Iterable[ArticleId],
    settings: StorySettings,
    corrections: Sequence[Correction] = (),
) -> tuple[set[ArticleId], list[Link]]:
    """Follow links that reach the threshold, joins by hand and present clusters to their end.

    Only these articles can change their cluster, since no average of links below the threshold
    reaches it. Returns the articles and every link among them.
    """
    rule = choose_rule(settings)
    reached: set[ArticleId] = set()
    frontier = set(seeds)
    found: dict[tuple[ArticleId, ArticleId], Link] = {}
    while frontier:
        reached |= frontier
        links = catalog.stories.load_links(frontier)
        found.update({(link.left_id, link.right_id): link for link in links})
        linked = {
            article_id
            for link, score in zip(links, score_joins(links, rule).tolist(), strict=True)
            if score >= rule.threshold
            for article_id in (link.left_id, link.right_id)
        }
        cluster_ids = set(catalog.stories.find_clusters_of_articles(frontier).values())
        members = {
            article_id
            for cluster in catalog.stories.load_clusters(cluster_ids)
            for article_id in cluster.article_ids
        }
        frontier = (linked | members | find_joined(corrections, frontier)) - reached
    within = [link for pair, link in sorted(found.items()) if reached.issuperset(pair)]
    return reached, within


def cluster_stories(docket: Docket, settings: StorySettings) -> Mapping[str, int]:
    """Bring the story clusters up to date with every article that has links now."""
    catalog = docket.catalog
    pending = docket.list_pending()
    if not pending:
        return {"n_new_clusters": 0, "n_changed_clusters": 0}
    corrections = carry_corrections(catalog, catalog.corrections.load_corrections())
    superseded = catalog.versions.find_superseded(pending)
    left = catalog.stories.load_clusters(
        set(catalog.stories.find_clusters_of_articles(superseded).values())
    )
    seeds = {*pending, *(one for cluster in left for one in cluster.article_ids)} - superseded
    reached, links = gather_reachable(catalog, seeds, settings, corrections)
    reached -= superseded  # reached where an older version still stands in a cluster
    links = [link for link in links if reached.issuperset((link.left_id, link.right_id))]
    groups = cluster_articles(
        sorted(reached),
        links,
        corrections=[
            correction
            for correction in corrections
            if correction.kind is not CorrectionKind.PIN_TITLE
        ],
        settings=settings,
    )
    before = set(catalog.stories.find_clusters_of_articles({*reached, *superseded}).values())
    clusters, events = inherit_identity(
        let_versions_succeed(catalog, catalog.stories.load_clusters(before), superseded),
        groups,
        headlines=catalog.surroundings.find_headlines(reached),
        links=links,
        find_used=catalog.surroundings.find_used_story_ids,
        pinned_titles=find_pinned_titles(catalog, corrections),
    )
    events = [*events, *follow_merges(catalog, events)]
    with docket.finishing(pending):
        catalog.stories.replace_clusters(docket.run_id, clusters, events, affected_ids=before)
    return {
        "n_new_clusters": len({one.cluster_id for one in clusters} - before),
        "n_changed_clusters": len({event.subject_id for event in events} & before),
    }


def follow_merges(catalog: Catalog, events: Sequence[StoryEvent]) -> list[StoryEvent]:
    """Return the merges of threads whose every story cluster merges into one of another thread."""
    heirs = find_heirs(events)
    if not heirs:
        return []
    homes = catalog.surroundings.find_threads_of_clusters({*heirs, *heirs.values()})
    left = {homes[heir] for heir in heirs if heir in homes}
    return tell_followed(catalog.stories.load_threads(left), heirs, homes)


def let_versions_succeed(
    catalog: Catalog, clusters: Sequence[StoryCluster], superseded: Collection[ArticleId]
) -> list[StoryCluster]:
    """Return the clusters with the current version in place of each that it replaced.

    The story keeps its place and its id. A text that is about something else does not take the
    place of the one that stood under its address before.
    """
    members = {one for cluster in clusters for one in cluster.article_ids}
    successors = catalog.versions.find_current(members & set(superseded))
    ends = {*successors, *successors.values()}
    texts = {version.article_id: version for version in catalog.versions.load_versions(ends)}
    heirs = {
        old: new
        for old, new in sorted(successors.items())
        if new not in members and keeps_subject(texts[old].composed, texts[new].composed)
    }
    return replace_members(clusters, superseded, heirs)


def find_pinned_titles(catalog: Catalog, corrections: Sequence[Correction]) -> dict[ClusterId, str]:
    """Return the titles that people gave, by the present id of the cluster they gave it to."""
    pinned: dict[ClusterId, str] = {}
    for correction in corrections:
        if correction.kind is CorrectionKind.PIN_TITLE and correction.title:
            try:
                pinned[ClusterId(catalog.stories.resolve_story_id(correction.left_id))] = (
                    correction.title
                )
            except NotFoundError:
                continue  # the cluster is gone with its articles
    return pinned


def tie_threads(
    docket: Docket, settings: ThreadSettings, stories: StorySettings
) -> Mapping[str, int]:
    """Bring the threads up to date with every story cluster that changed."""
    catalog = docket.catalog
    pending = docket.list_pending()
    if not pending:
        return {"n_new_threads": 0, "n_changed_threads": 0}
    now = catalog.surroundings.find_newest_publication()
    near = find_neighbourhood(catalog, pending, 2 * stories.window_days)
    clusters, previous = close_over_threads(catalog, near)
    members = sorted({member for cluster in clusters for member in cluster.article_ids})
    threads, events = assign_threads(
        clusters,
        catalog.surroundings.find_publication_times(members),
        catalog.stories.load_links(members, within=True),
        partial(load_story_articles, catalog),
        previous,
        # what was not counted since its articles changed, and what has new ones
        changed=frozenset(catalog.surroundings.find_uncounted_clusters()).union(
            catalog.stories.find_clusters_of_articles(pending).values()
        ),
        settings=settings,
        story_settings=stories,
        find_used=catalog.surroundings.find_used_story_ids,
        now=now,
    )
    before = {thread.thread_id for thread in previous}
    aged = age_threads(load_silent_threads(catalog, now, settings), before, now, settings)
    events += tell_closings(aged, settings)
    emptied = catalog.surroundings.find_emptied_threads()
    redirected = catalog.surroundings.find_redirected_ids(emptied)
    events += tell_emptied(set(emptied) - before - set(redirected))
    with docket.finishing(pending):
        catalog.stories.replace_threads(
            docket.run_id, [*threads, *aged], events, affected_ids={*before, *emptied}
        )
    return {
        "n_new_threads": len({thread.thread_id for thread in threads} - before),
        "n_changed_threads": len({event.subject_id for event in events} & set(before)),
    }


def load_silent_threads(
    catalog: Catalog, now: datetime | None, settings: ThreadSettings
) -> list[StoryThread]:
    """Return the threads that time alone may have made quiet or closed."""
    if now is None:
        return []
    since = now - timedelta(days=min(settings.quiet_after_days, settings.closed_after_days))
    silent = catalog.surroundings.find_silent_threads(since)
    return catalog.stories.load_threads(silent) if silent else []


def close_over_threads(
    catalog: Catalog, article_ids: Sequence[ArticleId]
) -> tuple[list[StoryCluster], list[StoryThread]]:
    """Return the clusters of the articles with all clusters of their threads, and the threads."""
    cluster_ids = set(catalog.stories.find_clusters_of_articles(article_ids).values())
    previous = catalog.stories.load_threads(
        set(catalog.surroundings.find_threads_of_clusters(cluster_ids).values())
    )
    cluster_ids.update(one for thread in previous for one in thread.cluster_ids)
    present = catalog.stories.load_clusters(cluster_ids)
    ids = {one.cluster_id for one in present}
    # a cluster that merged away leaves its thread here, before threads are tied anew
    kept = [
        replace(thread, cluster_ids=tuple(one for one in thread.cluster_ids if one in ids))
        for thread in previous
    ]
    return present, kept
