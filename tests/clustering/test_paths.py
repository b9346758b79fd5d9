"""The path that joined two articles, against brute force over all paths."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.types import ArticleId, Link
from clustering.paths import average_score, find_strongest_path


def link(left: str, right: str, score: float) -> Link:
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


def test_two_strong_links_are_a_better_path_than_one_weak_link() -> None:
    links = [link("a", "b", 0.9), link("b", "c", 0.8), link("a", "c", 0.4)]
    path = find_strongest_path(links, ArticleId("a"), ArticleId("c"))
    assert path == [links[0], links[1]]


def test_of_equally_strong_paths_the_shorter_one_is_told() -> None:
    links = [link("a", "b", 0.5), link("b", "c", 0.9), link("a", "c", 0.5)]
    assert find_strongest_path(links, ArticleId("a"), ArticleId("c")) == [links[2]]


def test_no_path_leads_to_an_article_without_links() -> None:
    assert find_strongest_path([link("a", "b", 0.9)], ArticleId("a"), ArticleId("z")) is None


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")).filter(lambda p: p[0] < p[1]),
        st.integers(1, 9),
        max_size=10,
    )
)
def test_the_strongest_path_is_as_wide_as_the_widest_of_all_paths(
    scores: dict[tuple[str, str], int],
) -> None:
    links = {pair: link(*pair, score / 10) for pair, score in scores.items()}
    widths = [0.0]
    for n in range(4):
        for middle in itertools.permutations("bcd", n):
            stops = ["a", *middle, "e"]
            steps = [tuple(sorted(step)) for step in itertools.pairwise(stops)]
            if all(step in links for step in steps):
                widths.append(min(links[step].score for step in steps))
    path = find_strongest_path(links.values(), ArticleId("a"), ArticleId("e"))
    assert (min((one.score for one in path), default=0.0) if path else 0.0) == max(widths)


def test_pairs_without_a_link_count_as_nothing_in_the_average() -> None:
    links = [link("a", "x", 0.8), link("b", "x", 0.4)]
    average = average_score(
        links, [ArticleId("a"), ArticleId("b")], [ArticleId("x"), ArticleId("y")]
    )
    assert average == pytest.approx(0.3)
