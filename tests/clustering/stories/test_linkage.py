"""Joining links into story clusters, against a brute-force twin."""

import math
import random
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirethread.articles.types.articles import ArticleId, Correction, CorrectionKind, Link
from wirethread.clustering.settings import StorySettings
from wirethread.clustering.stories.agglomeration import Agglomeration
from wirethread.clustering.stories.linkage import (
    as_story,
    cluster_articles,
)

DEFAULT = StorySettings()


def make_link(left: str, right: str, score: float) -> Link:
    left, right = sorted((left, right))
    return Link(
        left_id=ArticleId(left),
        right_id=ArticleId(right),
        score=score,
        dense=score,
        sparse=score,
        names=0.0,
        shared_copy=0.0,
        time_penalty=0.0,
        gap_days=None,
    )


def make_links(scores: dict[str, float]) -> list[Link]:
    return [make_link(*pair.split("-"), score) for pair, score in scores.items()]


def say(kind: CorrectionKind, left: str, right: str) -> Correction:
    return Correction(
        correction_id=f"{kind}{left}{right}",
        kind=kind,
        left_id=left,
        right_id=right,
        title=None,
        said_by="desk",
        reason="read both",
        said_at=datetime(2030, 1, 1, tzinfo=UTC),
    )


def names_its_event(link: Link) -> bool:
    """Whether a link shares something that names what happened, or is strong without it."""
    return link.names >= 0.02 or link.score >= 0.3


def join_by_brute_force(
    ids: list[str], links: list[Link], options: StorySettings
) -> list[list[str]]:
    """The same rule with every average computed anew from the full table of scores."""
    scores = {(link.left_id, link.right_id): link.score for link in links}

    def score(a: str, b: str) -> float:
        return scores.get((ArticleId(min(a, b)), ArticleId(max(a, b))), options.unlinked_score)

    named = {(link.left_id, link.right_id) for link in links if names_its_event(link)}

    def names(one: list[str], other: list[str]) -> bool:
        return any(
            (ArticleId(min(a, b)), ArticleId(max(a, b))) in named for a in one for b in other
        )

    def closeness(group: list[str]) -> float:
        inside = [score(a, b) for i, a in enumerate(group) for b in group[i + 1 :]]
        counted = [value for value in inside if value < options.copy_score]
        total = options.typical_closeness + sum(counted)
        return min(total / (1 + len(counted)), options.max_closeness)

    groups = [[article_id] for article_id in sorted(ids)]
    while True:
        best = None
        for i, group in enumerate(groups):
            for j in range(i + 1, len(groups)):
                other = groups[j]
                average = sum(score(a, b) for a in group for b in other) / (len(group) * len(other))
                demand = max(
                    options.threshold,
                    options.min_ratio * math.sqrt(closeness(group) * closeness(other)),
                )
                first, second = sorted((group[0], other[0]))
                entry = (-round(average / demand, 9), first, second, i, j)
                may_join = average >= demand - 1e-9 and names(group, other)
                if may_join and (best is None or entry < best):
                    best = entry
        if best is None:
            return sorted(groups)
        _, _, _, i, j = best
        joined = sorted(groups[i] + groups[j])
        groups = [group for place, group in enumerate(groups) if place not in (i, j)]
        groups = sorted([*groups, joined])


@st.composite
def scored_pairs(draw: st.DrawFn) -> tuple[list[str], list[Link]]:
    n = draw(st.integers(2, 9))
    ids = [f"a{i}" for i in range(n)]
    pairs = [(a, b) for i, a in enumerate(ids) for b in ids[i + 1 :]]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True))
    scores = draw(
        st.lists(st.integers(2000, 9999), min_size=len(chosen), max_size=len(chosen), unique=True)
    )
    links = [make_link(a, b, s / 10_000) for (a, b), s in zip(chosen, scores, strict=True)]
    return ids, links


@pytest.mark.heavy
@settings(max_examples=300, deadline=None)
@given(scored_pairs())
def test_clusters_match_brute_force(case: tuple[list[str], list[Link]]) -> None:
    ids, links = case
    assert cluster_articles(map(ArticleId, ids), links) == join_by_brute_force(ids, links, DEFAULT)


@settings(max_examples=100, deadline=None)
@given(scored_pairs(), st.randoms(use_true_random=False))
def test_order_of_articles_and_links_does_not_change_clusters(
    case: tuple[list[str], list[Link]], shuffler: random.Random
) -> None:
    ids, links = case
    expected = cluster_articles(map(ArticleId, ids), links)
    shuffler.shuffle(ids)
    shuffler.shuffle(links)
    assert cluster_articles(map(ArticleId, ids), links) == expected


def test_large_random_graph_agrees_with_brute_force() -> None:
    shuffler = random.Random(3)
    ids = [f"a{i:02d}" for i in range(40)]
    links = [
        make_link(
            a,
            b,
            round(shuffler.uniform(0.3, 0.95) if i % 5 == j % 5 else shuffler.uniform(0.2, 0.3), 6),
        )
        for i, a in enumerate(ids)
        for j, b in enumerate(ids)
        if i < j and shuffler.random() < 0.8
    ]
    found = cluster_articles(map(ArticleId, ids), links)
    assert found == join_by_brute_force(ids, links, DEFAULT)
    assert max(map(len, found)) > 3


def test_every_article_is_in_exactly_one_cluster() -> None:
    clusters = cluster_articles(map(ArticleId, "abcd"), make_links({"a-b": 0.6}))
    assert clusters == [["a", "b"], ["c"], ["d"]]


def test_nothing_gives_nothing() -> None:
    assert cluster_articles([], []) == []


def test_links_to_other_articles_are_ignored() -> None:
    assert cluster_articles([ArticleId("a")], make_links({"a-z": 0.9})) == [["a"]]


def test_chain_of_weak_links_does_not_merge_clusters() -> None:
    tight = {f"{a}-{b}": 0.5 for group in ("abc", "xyz") for a in group for b in group if a < b}
    clusters = cluster_articles(map(ArticleId, "abcxyz"), make_links(tight | {"c-x": 0.45}))
    assert clusters == [["a", "b", "c"], ["x", "y", "z"]]


def test_a_roundup_that_links_to_four_stories_does_not_glue_them() -> None:
    scores = {}
    for story in "pqrs":
        members = [f"{story}{i}" for i in range(3)]
        scores |= {f"{a}-{b}": 0.5 for a in members for b in members if a < b}
        scores |= {f"{a}-roundup": 0.33 for a in members}
    ids = sorted({name for pair in scores for name in pair.split("-")})
    clusters = cluster_articles(map(ArticleId, ids), make_links(scores))
    stories = [[name for name in cluster if name != "roundup"] for cluster in clusters]
    assert [story for story in stories if story] == [
        [f"{story}{i}" for i in range(3)] for story in "pqrs"
    ]


def test_two_close_knit_look_alikes_stay_apart() -> None:
    inside = {f"{a}-{b}": 0.55 for group in ("abcd", "wxyz") for a in group for b in group if a < b}
    across = {f"{a}-{b}": 0.33 for a in "abcd" for b in "wxyz"}
    clusters = cluster_articles(map(ArticleId, "abcdwxyz"), make_links(inside | across))
    assert clusters == [list("abcd"), list("wxyz")]


def test_loose_stories_with_the_same_likeness_across_are_joined() -> None:
    scores = {f"{a}-{b}": 0.33 for a in "abcdwxyz" for b in "abcdwxyz" if a < b}
    assert cluster_articles(map(ArticleId, "abcdwxyz"), make_links(scores)) == [list("abcdwxyz")]


def test_copies_of_two_agency_texts_do_not_part_one_story() -> None:
    copies = {f"{a}-{b}": 0.97 for group in ("abcd", "wxyz") for a in group for b in group if a < b}
    across = {f"{a}-{b}": 0.4 for a in "abcd" for b in "wxyz"}
    assert cluster_articles(map(ArticleId, "abcdwxyz"), make_links(copies | across)) == [
        list("abcdwxyz")
    ]


def test_together_wins_over_a_missing_link() -> None:
    links = make_links({"a-b": 0.6, "y-z": 0.6})
    corrections = [say(CorrectionKind.TOGETHER, "b", "y")]
    assert cluster_articles(map(ArticleId, "abyz"), links, corrections)[0][:2] == ["a", "b"]
    assert any(
        {"b", "y"} <= set(c) for c in cluster_articles(map(ArticleId, "abyz"), links, corrections)
    )


def test_apart_wins_over_the_strongest_link() -> None:
    links = make_links({"a-b": 0.99, "b-c": 0.5, "a-c": 0.5})
    clusters = cluster_articles(map(ArticleId, "abc"), links, [say(CorrectionKind.APART, "a", "b")])
    assert not any({"a", "b"} <= set(cluster) for cluster in clusters)


def test_apart_holds_for_the_clusters_that_grow_around_the_two() -> None:
    ids = "abcdef"
    links = make_links({f"{a}-{b}": 0.5 for a in ids for b in ids if a < b})
    clusters = cluster_articles(map(ArticleId, ids), links, [say(CorrectionKind.APART, "a", "f")])
    assert len(clusters) == 2
    assert not any({"a", "f"} <= set(cluster) for cluster in clusters)


def test_contradicting_corrections_do_not_crash_and_together_wins() -> None:
    corrections = [
        say(CorrectionKind.TOGETHER, "a", "b"),
        say(CorrectionKind.TOGETHER, "b", "c"),
        say(CorrectionKind.APART, "a", "c"),
    ]
    assert cluster_articles(map(ArticleId, "abc"), [], corrections) == [["a", "b", "c"]]


@pytest.mark.heavy
@settings(max_examples=100, deadline=None)
@given(scored_pairs(), st.data())
def test_corrections_always_hold(case: tuple[list[str], list[Link]], data: st.DataObject) -> None:
    ids, links = case
    pair = data.draw(st.lists(st.sampled_from(ids), min_size=2, max_size=2, unique=True))
    for kind in (CorrectionKind.TOGETHER, CorrectionKind.APART):
        clusters = cluster_articles(map(ArticleId, ids), links, [say(kind, *pair)])
        stand_together = any(set(pair) <= set(cluster) for cluster in clusters)
        assert stand_together is (kind is CorrectionKind.TOGETHER)
        assert sorted(name for cluster in clusters for name in cluster) == sorted(ids)


@settings(max_examples=100, deadline=None)
@given(scored_pairs())
def test_clusters_of_what_is_reachable_are_those_of_everything(
    case: tuple[list[str], list[Link]],
) -> None:
    ids, links = case
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(ids)
    graph.add_edges_from((k.left_id, k.right_id) for k in links if k.score >= DEFAULT.threshold)
    reached = set(map(ArticleId, nx.node_connected_component(graph, ids[0])))
    whole = cluster_articles(map(ArticleId, ids), links)
    part = cluster_articles(reached, links)
    assert part == [cluster for cluster in whole if set(cluster) <= reached]


@pytest.mark.parametrize("score", [0.2, 0.24])
def test_a_link_below_the_threshold_joins_nothing(score: float) -> None:
    assert cluster_articles(map(ArticleId, "ab"), make_links({"a-b": score})) == [["a"], ["b"]]


def test_likeness_of_topic_alone_joins_nothing() -> None:
    vague = [replace(link, names=0.0) for link in make_links({"a-b": 0.28, "b-c": 0.27})]
    assert cluster_articles(map(ArticleId, "abc"), vague) == [["a"], ["b"], ["c"]]
    named = [vague[0], replace(vague[1], names=0.05)]
    assert cluster_articles(map(ArticleId, "abc"), named) == [["a"], ["b", "c"]]


def test_time_parts_happenings_that_are_one_story() -> None:
    link = replace(
        make_link("a", "b", 0.15), dense=0.45, sparse=0.45, names=0.2, gap_days=10.0,
        time_penalty=0.3,
    )  # fmt: skip
    ids = [ArticleId("a"), ArticleId("b")]
    assert cluster_articles(ids, [link]) == [["a"], ["b"]]
    assert cluster_articles(ids, [link], settings=as_story(DEFAULT)) == [["a", "b"]]
    coarse = replace(DEFAULT, granularity="story")
    assert cluster_articles(ids, [link], settings=coarse) == [["a", "b"]]


def test_whole_groups_are_never_cut() -> None:
    ids = [ArticleId(name) for name in "abc"]
    links = [replace(link, names=0.1) for link in make_links({"b-c": 0.3})]
    assert cluster_articles(ids, links, whole=[["a", "b"]]) == [["a", "b"], ["c"]]
    links += [replace(link, names=0.1) for link in make_links({"a-c": 0.5})]
    assert cluster_articles(ids, links, whole=[["a", "b"]]) == [["a", "b", "c"]]


def test_copies_that_one_speaks_for_do_not_bend_the_closeness_of_a_story() -> None:
    links = (np.array([0]), np.array([1]), np.array([0.9]), np.array([1.0]), np.array([1.0]))
    work = Agglomeration([0, 1], links, (), (), DEFAULT, weights=np.array([5.0, 1.0]))
    joined = work._join(0, 1)
    assert work._closeness[joined] == pytest.approx(DEFAULT.typical_closeness)
