from datetime import timedelta

import pytest

from tests.storage.making import NOON, RUN, make_article, make_link
from wirethread.articles.errors import CorrectionError, NotFoundError
from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    Correction,
    CorrectionKind,
    StoryCluster,
    StoryEvent,
    StoryEventKind,
    StoryThread,
    ThreadId,
    ThreadState,
)
from wirethread.articles.types.copy import NewsroomVerdict
from wirethread.storage.catalog import Catalog


def cluster(key: str, *members: str) -> StoryCluster:
    return StoryCluster(
        cluster_id=ClusterId(key),
        article_ids=[ArticleId(member) for member in members],
        title=f"Title of {key}",
    )


def thread(key: str, *members: str) -> StoryThread:
    return StoryThread(
        thread_id=ThreadId(key),
        cluster_ids=[ClusterId(member) for member in members],
        title=f"Title of {key}",
        first_seen_at=NOON,
        last_seen_at=None,
        state=ThreadState.DEVELOPING,
        names=["Port Ellery"],
        numbers=["14"],
    )


def event(kind: StoryEventKind, subject: str, other: str | None = None) -> StoryEvent:
    return StoryEvent(kind=kind, subject_id=subject, other_id=other, reason="because")


def judge_newsroom(article: str, counted: bool, group: str) -> NewsroomVerdict:
    return NewsroomVerdict(
        article_id=ArticleId(article),
        outlet=f"{article}.example",
        is_counted=counted,
        counted_with=None if counted else ArticleId("a1"),
        newsroom=group,
        reason="own reporting" if counted else f"copy of {group}",
    )


def test_links_are_replaced_for_the_articles_linked(catalog: Catalog) -> None:
    first, other = make_link("a1", "b2"), make_link("c3", "d4")
    assert catalog.stories.replace_links(RUN, [first, other], ["a1", "c3"]) == 2
    assert catalog.stories.replace_links(RUN, [first, other], ["a1", "c3"]) == 0
    newer = make_link("a1", "b2", score=0.1)
    catalog.stories.replace_links(RUN, [newer], ["b2"])
    assert catalog.stories.load_links() == [newer, other]
    assert catalog.stories.load_links(["a1", "c3"]) == [newer, other]
    assert catalog.stories.load_links(["a1", "c3", "d4"], within=True) == [other]


def test_a_cluster_counts_articles_outlets_and_times(catalog: Catalog) -> None:
    later = NOON + timedelta(hours=3)
    catalog.articles.add_articles(
        RUN,
        [
            make_article("a1"),
            make_article("b2", outlet="other.example", published_at=later),
            make_article("c3", published_at=None),
        ],
    )
    catalog.stories.replace_clusters(RUN, [cluster("s1", "a1", "b2", "c3")], [])
    row = catalog._database.fetch_rows(
        "SELECT n_articles, n_outlets, first_seen_at, last_seen_at, thread_id FROM story_clusters"
    )
    naive = [moment.replace(tzinfo=None) for moment in (NOON, later)]
    assert row == [(3, 2, *naive, None)]


def test_clusters_and_events_are_written_once(catalog: Catalog) -> None:
    born = [event(StoryEventKind.BORN, "s1")]
    assert catalog.stories.replace_clusters(RUN, [cluster("s1", "a1", "b2")], born) == 4
    assert catalog.stories.replace_clusters(RUN, [cluster("s1", "a1", "b2")], born) == 0
    assert catalog.stories.load_clusters() == [cluster("s1", "a1", "b2")]
    assert catalog.stories.find_clusters_of_articles(["b2", "z9"]) == {"b2": "s1"}


def test_a_cluster_that_loses_its_articles_is_gone(catalog: Catalog) -> None:
    catalog.stories.replace_clusters(RUN, [cluster("s1", "a1"), cluster("s2", "b2")], [])
    catalog.stories.replace_threads(RUN, [thread("t1", "s1", "s2")], [])
    merged = [event(StoryEventKind.MERGED, "s2", "s1")]
    catalog.stories.replace_clusters(RUN, [cluster("s1", "a1", "b2")], merged)
    assert catalog.stories.load_clusters() == [cluster("s1", "a1", "b2")]
    assert catalog.stories.load_threads()[0].cluster_ids == ["s1"]
    assert catalog.stories.resolve_story_id("s2") == "s1"


def test_an_old_id_resolves_through_every_later_merge(catalog: Catalog) -> None:
    catalog.stories.replace_clusters(
        RUN, [cluster("s1", "a1"), cluster("s2", "b2"), cluster("s3", "c3")], []
    )
    catalog.stories.replace_clusters(
        RUN, [cluster("s2", "a1", "b2")], [event(StoryEventKind.MERGED, "s1", "s2")]
    )
    catalog.stories.replace_clusters(
        RUN, [cluster("s3", "a1", "b2", "c3")], [event(StoryEventKind.MERGED, "s2", "s3")]
    )
    assert catalog.stories.resolve_story_id("s1") == "s3"
    assert catalog.stories.resolve_story_id("s3") == "s3"


def test_an_id_that_was_split_up_resolves_to_its_largest_part(catalog: Catalog) -> None:
    catalog.stories.replace_clusters(RUN, [cluster("s1", "a1", "b2", "c3")], [])
    catalog.stories.replace_clusters(
        RUN,
        [cluster("s2", "a1"), cluster("s3", "b2", "c3")],
        [event(StoryEventKind.SPLIT, "s2", "s1"), event(StoryEventKind.SPLIT, "s3", "s1")],
    )
    assert catalog.stories.resolve_story_id("s1") == "s3"


def test_a_cluster_that_comes_back_is_itself_again(catalog: Catalog) -> None:
    catalog.stories.replace_clusters(RUN, [cluster("s1", "a1"), cluster("s2", "b2")], [])
    catalog.stories.replace_clusters(
        RUN, [cluster("s2", "a1", "b2")], [event(StoryEventKind.MERGED, "s1", "s2")]
    )
    catalog.stories.replace_clusters(
        "run-2",
        [cluster("s1", "a1"), cluster("s2", "b2")],
        [event(StoryEventKind.SPLIT, "s1", "s2")],
    )
    assert catalog.stories.resolve_story_id("s1") == "s1"


def test_an_unknown_id_is_not_found(catalog: Catalog) -> None:
    with pytest.raises(NotFoundError, match="no story cluster or thread has the id zzz"):
        catalog.stories.resolve_story_id("zzz")


def test_threads_come_back_and_are_written_once(catalog: Catalog) -> None:
    catalog.stories.replace_clusters(RUN, [cluster("s1", "a1"), cluster("s2", "b2")], [])
    first = thread("t1", "s2", "s1")
    assert catalog.stories.replace_threads(RUN, [first], [event(StoryEventKind.BORN, "t1")]) == 4
    assert catalog.stories.replace_threads(RUN, [first], [event(StoryEventKind.BORN, "t1")]) == 0
    assert catalog.stories.load_threads() == [first]
    assert catalog.stories.load_threads(without_state=ThreadState.DEVELOPING) == []
    moved = [thread("t1", "s2"), thread("t2", "s1")]
    catalog.stories.replace_threads(RUN, moved, [])
    assert catalog.stories.load_threads() == moved


def test_independent_sources_are_counted_by_cluster_and_once_by_thread(catalog: Catalog) -> None:
    catalog.stories.replace_clusters(
        RUN, [cluster("s1", "a1", "b2", "c3"), cluster("s2", "d4")], []
    )
    catalog.stories.replace_threads(RUN, [thread("t1", "s1", "s2")], [])
    rows = {
        ClusterId("s1"): [
            judge_newsroom("a1", True, "AP"),
            judge_newsroom("b2", False, "AP"),
            judge_newsroom("c3", True, "harbour-post.example"),
        ],
        ClusterId("s2"): [judge_newsroom("d4", True, "AP")],
    }
    assert catalog.stories.replace_story_newsrooms(RUN, rows, cluster_ids=["s1", "s2"]) == 4
    assert catalog.stories.replace_story_newsrooms(RUN, rows, cluster_ids=["s1", "s2"]) == 0
    counts = "SELECT n_independent_sources FROM"
    assert catalog._database.fetch_rows(f"{counts} story_clusters ORDER BY cluster_id") == [
        (2,),
        (1,),
    ]
    assert catalog._database.fetch_value(f"{counts} story_threads") == 2


def test_events_keep_their_order_and_each_run_its_own(catalog: Catalog) -> None:
    grew = [event(StoryEventKind.GREW, "s1")]
    catalog.stories.replace_clusters(
        RUN, [cluster("s1", "a1")], [event(StoryEventKind.BORN, "s1"), *grew]
    )
    catalog.stories.replace_clusters("run-2", [cluster("s1", "a1", "b2")], grew)
    rows = catalog._database.fetch_rows(
        "SELECT event, kind, run_id FROM story_events ORDER BY event"
    )
    assert rows == [(1, "born", RUN), (2, "grew", RUN), (3, "grew", "run-2")]


def test_corrections_outlive_their_undoing(catalog: Catalog) -> None:
    said = Correction(
        correction_id="k1",
        kind=CorrectionKind.APART,
        left_id="a1",
        right_id="b2",
        title=None,
        said_by="editor",
        reason="two ports",
        said_at=NOON,
    )
    assert catalog.corrections.add_correction(said) == 1
    assert catalog.corrections.add_correction(said) == 0
    assert catalog.corrections.load_corrections() == [said]
    catalog.corrections.undo_correction("k1", undone_by="chief", undone_at=NOON)
    assert catalog.corrections.load_corrections() == []
    assert catalog.corrections.load_corrections(active_only=False) == [said]
    assert catalog._database.fetch_rows("SELECT is_active, undone_by FROM corrections") == [
        (False, "chief")
    ]
    assert catalog.corrections.add_correction(said) == 1
    assert catalog.corrections.load_corrections() == [said]
    with pytest.raises(CorrectionError, match="no correction k9"):
        catalog.corrections.undo_correction("k9", undone_by="chief", undone_at=NOON)
