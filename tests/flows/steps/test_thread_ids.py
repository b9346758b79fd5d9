"""Ids of threads: an old one leads on when its stories merge into those of another thread."""

from pathlib import Path

from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    StoryCluster,
    StoryEvent,
    StoryEventKind,
    StoryThread,
    ThreadId,
    ThreadState,
)
from wirethread.flows.steps.threads import follow_merges
from wirethread.storage.catalog import Catalog


def make_thread(name: str, *clusters: str) -> StoryThread:
    return StoryThread(
        thread_id=ThreadId(name),
        cluster_ids=tuple(map(ClusterId, clusters)),
        title=name,
        first_seen_at=None,
        last_seen_at=None,
        state=ThreadState.QUIET,
    )


def make_cluster(name: str, *articles: str) -> StoryCluster:
    return StoryCluster(
        cluster_id=ClusterId(name), article_ids=tuple(map(ArticleId, articles)), title=name
    )


def merge(old: str, new: str) -> StoryEvent:
    return StoryEvent(
        kind=StoryEventKind.MERGED, subject_id=old, other_id=new, reason="they tell the same"
    )


def test_a_thread_leads_to_the_one_that_its_only_story_merged_into(tmp_path: Path) -> None:
    with Catalog.open(tmp_path) as catalog:
        catalog.runs.begin_run("run", [], "{}")
        clusters = [make_cluster(f"s{number}", f"a{number}") for number in (1, 2, 3)]
        catalog.stories.replace_clusters("run", clusters, [])
        threads = [make_thread("t1", "s1"), make_thread("t2", "s2", "s3")]
        catalog.stories.replace_threads("run", threads, [])

        assert follow_merges(catalog, [merge("s2", "s1")]) == []  # s3 stays in t2
        events = [merge("s1", "s2")]
        followed = follow_merges(catalog, events)
        assert [(one.subject_id, one.other_id) for one in followed] == [("t1", "t2")]

        catalog.stories.replace_clusters(
            "run", [make_cluster("s2", "a1", "a2")], [*events, *followed], affected_ids=["s1", "s2"]
        )
        catalog.stories.replace_threads("run", threads[1:], [], affected_ids=["t1"])
        assert catalog.stories.resolve_story_id("t1") == "t2"
        assert catalog.stories.resolve_story_id("s1") == "s2"
