"""Lasting ids of story clusters, and the record of what happens to them."""

import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    Link,
    StoryCluster,
    StoryEvent,
    StoryEventKind,
)
from wirethread.clustering.stories.identity import derive_ids, inherit_identity

HEADLINES = {ArticleId(name): f"Headline {name}" for name in "abcdefghijklmnop"}


def resolve_id(old_id: str, events: Iterable[StoryEvent]) -> str | None:
    """Follow merges, in the order they happened, to the present id; None where it was removed."""
    present: str | None = old_id
    for event in events:
        if event.subject_id == present:
            if event.kind is StoryEventKind.MERGED:
                present = event.other_id
            elif event.kind is StoryEventKind.REMOVED:
                return None
    return present


def inherit(
    previous: list[StoryCluster], groups: list[str], **more: object
) -> tuple[list[StoryCluster], list[StoryEvent]]:
    parts = [[ArticleId(name) for name in group] for group in groups]
    return inherit_identity(previous, parts, headlines=HEADLINES, **more)  # type: ignore[arg-type]


def id_of(clusters: list[StoryCluster], member: str) -> ClusterId:
    return next(c.cluster_id for c in clusters if member in c.article_ids)


def kinds(events: list[StoryEvent]) -> list[StoryEventKind]:
    return [event.kind for event in events]


def test_births_have_ids_made_from_their_articles() -> None:
    clusters, events = inherit([], ["ab", "c"])
    again, _ = inherit([], ["c", "ba"])
    assert {c.cluster_id for c in clusters} == {c.cluster_id for c in again}
    assert kinds(events) == [StoryEventKind.BORN, StoryEventKind.BORN]
    assert events[0].reason == "2 articles that belong to no earlier one"


def test_the_same_groups_again_change_nothing() -> None:
    clusters, _ = inherit([], ["ab", "c"])
    again, events = inherit(clusters, ["ab", "c"])
    assert again == clusters
    assert events == []


def test_a_growing_cluster_keeps_its_id_and_says_so() -> None:
    clusters, _ = inherit([], ["ab"])
    grown, events = inherit(clusters, ["abc"])
    assert grown[0].cluster_id == clusters[0].cluster_id
    assert [(e.kind, e.subject_id, e.reason) for e in events] == [
        (StoryEventKind.GREW, clusters[0].cluster_id, "1 new article joined")
    ]


def test_a_merge_keeps_the_larger_ones_id_and_redirects_the_other() -> None:
    clusters, _ = inherit([], ["abc", "de"])
    merged, events = inherit(clusters, ["abcde"])
    large, small = id_of(clusters, "a"), id_of(clusters, "d")
    assert merged[0].cluster_id == large
    merge = next(e for e in events if e.kind is StoryEventKind.MERGED)
    assert (merge.subject_id, merge.other_id) == (small, large)
    assert "2 of its 2 articles" in merge.reason
    assert resolve_id(small, events) == large


def test_a_split_keeps_the_id_with_the_larger_part() -> None:
    clusters, _ = inherit([], ["abcde"])
    parts, events = inherit(clusters, ["abc", "de"])
    assert id_of(parts, "a") == clusters[0].cluster_id
    (split,) = events
    assert (split.kind, split.subject_id, split.other_id) == (
        StoryEventKind.SPLIT,
        id_of(parts, "d"),
        clusters[0].cluster_id,
    )


def test_an_id_is_never_used_twice() -> None:
    first, _ = inherit([], ["abc", "de"])
    merged, _ = inherit(first, ["abcde"])
    used = {cluster.cluster_id for cluster in first}
    parts, events = inherit(merged, ["abc", "de"], find_used=used.intersection)
    assert id_of(parts, "d") not in used
    assert events[0].kind is StoryEventKind.SPLIT


def test_a_cluster_whose_articles_are_gone_is_removed() -> None:
    clusters, _ = inherit([], ["ab"])
    left, events = inherit(clusters, ["c"])
    assert kinds(events) == [StoryEventKind.BORN, StoryEventKind.REMOVED]
    assert resolve_id(clusters[0].cluster_id, events) is None
    assert left[0].article_ids == ("c",)


def test_old_ids_resolve_through_a_chain_of_merges() -> None:
    history: list[StoryEvent] = []
    clusters, events = inherit([], ["a", "bc", "def"])
    first = id_of(clusters, "a")
    history += events
    clusters, events = inherit(clusters, ["abc", "def"])
    history += events
    clusters, events = inherit(clusters, ["abcdef"])
    history += events
    assert resolve_id(first, history) == clusters[0].cluster_id


def test_the_title_is_the_headline_that_the_links_tie_most() -> None:
    links = [
        Link(
            left_id=ArticleId(a), right_id=ArticleId(b), score=s, dense=s, sparse=s, names=s,
            shared_copy=0.0, time_penalty=0.0, gap_days=None,
        )
        for a, b, s in [("a", "b", 0.4), ("b", "c", 0.5), ("a", "c", 0.3), ("c", "z", 0.9)]
    ]  # fmt: skip
    clusters, _ = inherit([], ["abc"], links=links)
    assert clusters[0].title == "Headline b"
    pinned, _ = inherit(clusters, ["abc"], pinned_titles={clusters[0].cluster_id: "Ours"})
    assert pinned[0].title == "Ours"


@st.composite
def partitions(draw: st.DrawFn) -> list[str]:
    labels = draw(st.lists(st.integers(0, 4), min_size=10, max_size=10))
    groups: dict[int, str] = {}
    for name, label in zip("abcdefghij", labels, strict=True):
        groups[label] = groups.get(label, "") + name
    return list(groups.values())


@pytest.mark.heavy
@settings(max_examples=150, deadline=None)
@given(st.lists(partitions(), min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_every_id_ever_given_always_resolves(
    days: list[list[str]], shuffler: random.Random
) -> None:
    present: list[StoryCluster] = []
    history: list[StoryEvent] = []
    used: set[str] = set()
    for groups in days:
        expected = inherit(present, groups, find_used=used.intersection)
        shuffler.shuffle(groups)
        shuffled = list(present)
        shuffler.shuffle(shuffled)
        assert inherit(shuffled, groups, find_used=used.intersection) == expected
        before = {cluster.cluster_id for cluster in present}
        present, events = expected
        ids = {cluster.cluster_id for cluster in present}
        assert len(ids) == len(present)
        assert not (ids - before) & used
        explained = {event.subject_id for event in events}
        assert (ids ^ before) <= explained
        history += events
        used |= ids
        for old_id in used:
            assert resolve_id(old_id, history) in ids


def test_derived_ids_do_not_depend_on_order() -> None:
    assert derive_ids("s", [["b", "a"]]) == derive_ids("s", [["a", "b"]])
    assert derive_ids("s", [["a"]]) != derive_ids("t", [["a"]])
    first = derive_ids("s", [["a"]])
    second = derive_ids("s", [["a"]], first)
    third = derive_ids("s", [["a"]], first, frozenset(second).intersection)
    assert len({*first, *second, *third}) == 3
