"""Every number behind a link and a join, in words."""

import math
from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np
import pytest

from wirethread.articles.types.articles import ArticleId, Link
from wirethread.clustering.links.score import score_links
from wirethread.clustering.settings import StoryArticle, StorySettings
from wirethread.clustering.stories.linkage import cluster_articles
from wirethread.clustering.stories.reasons import compare_groups, explain_link, find_path

DAY = datetime(2031, 3, 4, tzinfo=UTC)


def make_article(name: str, text: str, days: float | None = 0.0) -> StoryArticle:
    at = None if days is None else DAY + timedelta(days=days)
    return StoryArticle(
        article_id=ArticleId(name), headline="", text=text, language="en", published_at=at
    )


def make_link(left: str, right: str, score: float) -> Link:
    return Link(
        left_id=ArticleId(left), right_id=ArticleId(right), score=score, dense=score, sparse=score,
        names=0.0, shared_copy=0.0, time_penalty=0.0, gap_days=None,
    )  # fmt: skip


LEFT = make_article("a", "Rescuers dug for survivors of the earthquake in Talmora.")
RIGHT = make_article("b", "The earthquake in Talmora killed 214, rescuers said.", 4.0)
VECTORS = np.array([[1.0, 0.0], [0.8, 0.6]], dtype=np.float32)


def test_the_parts_add_up_to_the_score_that_is_stored() -> None:
    (link,) = score_links([LEFT, RIGHT], VECTORS, None, {(LEFT.article_id, RIGHT.article_id): 0.25})
    told = explain_link(LEFT, RIGHT, VECTORS, shared_copy=0.25)
    assert told.score == link.score
    assert sum(part.adds for part in told.parts) == pytest.approx(link.score, abs=1e-5)
    assert [part.name for part in told.parts] == ["openings", "words", "shared copy", "time"]
    assert told.parts[-1].meaning == "4.0 days lie between them"
    assert told.shared_words[0][0] == "talmora"
    assert "reaches the threshold 0.25" in told.verdict


def test_an_explanation_is_the_same_from_both_sides() -> None:
    assert explain_link(LEFT, RIGHT, VECTORS) == explain_link(RIGHT, LEFT, VECTORS[::-1])


def test_articles_outside_the_window_say_so() -> None:
    told = explain_link(LEFT, make_article("b", RIGHT.text, 30.0), VECTORS)
    assert told.verdict == "no link: 30.0 days lie between them, more than the window of 28 days"


def test_an_unknown_time_is_told_as_neither_for_nor_against() -> None:
    told = explain_link(LEFT, make_article("b", RIGHT.text, None), VECTORS)
    assert "neither for nor against" in told.parts[-1].meaning
    assert math.isnan(told.parts[-1].value)


def test_weekdays_that_both_name_are_told_and_counted() -> None:
    on_tuesday = make_article("a", f"{LEFT.text} It struck on Tuesday, on Tuesday night.")
    for day, adds, words in (("Tuesday", 0.025, "the same"), ("Sunday", -0.025, "other")):
        other = make_article("b", f"{RIGHT.text} It struck on {day}, on {day} night.")
        told = explain_link(on_tuesday, other, VECTORS)
        (part,) = (one for one in told.parts if one.name == "weekdays")
        assert part.adds == pytest.approx(adds, abs=1e-6)
        assert part.meaning == f"both name weekdays, mostly {words} ones"
        assert sum(one.adds for one in told.parts) == pytest.approx(told.score, abs=1e-5)


def test_articles_with_nothing_in_common_have_no_link() -> None:
    other = make_article("c", "Parliament passed a sugar tax.")
    told = explain_link(LEFT, other, np.array([[1, 0], [0, 1]], dtype=np.float32))
    assert told.verdict.startswith("no link: the score 0.0")


@pytest.mark.parametrize("days", [0.5, 30.0, 900.0])
def test_strangers_whose_score_falls_below_nothing_are_explained_too(days: float) -> None:
    report = make_article("a", f"{LEFT.text} It killed 14 people and hurt 230.")
    other = make_article("c", "Parliament passed a sugar tax by 71 votes to 32.", days)
    told = explain_link(report, other, np.array([[1, 0], [-1, 0]], dtype=np.float32))
    assert told.score == 0.0
    assert told.verdict.startswith("no link: ")


def test_the_path_is_the_one_with_the_strongest_weakest_link() -> None:
    links = [
        make_link(*pair)
        for pair in [("a", "b", 0.9), ("b", "c", 0.3), ("a", "d", 0.5), ("c", "d", 0.5)]
    ]
    path = find_path(ArticleId("a"), ArticleId("c"), links)
    assert [(link.left_id, link.right_id) for link in path] == [("a", "d"), ("c", "d")]
    assert find_path(ArticleId("a"), ArticleId("z"), links) == []
    assert find_path(ArticleId("a"), ArticleId("a"), links) == []


def test_groups_that_stay_apart_tell_the_demand_they_miss() -> None:
    links = [make_link(a, b, 0.55) for g in ("abcd", "wxyz") for a in g for b in g if a < b]
    links += [make_link(a, b, 0.33) for a in "abcd" for b in "wxyz"]
    groups = cluster_articles(map(ArticleId, "abcdwxyz"), links)
    told = compare_groups(groups[0], groups[1], links)
    assert not told.may_join
    assert told.average == pytest.approx(0.33)
    assert told.closeness_left == pytest.approx((0.24 + 6 * 0.55) / 7)
    assert told.demand == pytest.approx(0.84 * (0.24 + 6 * 0.55) / 7)
    assert "16 of 16 pairs are linked" in told.reason


def test_two_lone_articles_need_the_threshold() -> None:
    link = make_link("a", "b", 0.5)
    told = compare_groups([ArticleId("a")], [ArticleId("b")], [link], StorySettings())
    assert (told.may_join, told.demand) == (True, 0.25)
    apart = compare_groups([ArticleId("a")], [ArticleId("b")], [], StorySettings())
    assert (apart.may_join, apart.average) == (False, 0.08)


def test_groups_are_compared_by_score_as_they_are_pair_by_pair() -> None:
    draw = np.random.default_rng(7)
    settings = StorySettings()
    names = [ArticleId(f"n{number:02}") for number in range(14)]
    links = [
        make_link(one, other, round(float(draw.uniform(0.1, 0.94)), 2))
        for place, one in enumerate(names)
        for other in names[place + 1 :]
        if draw.random() < 0.4
    ]
    scores = {(link.left_id, link.right_id): link.score for link in links}

    def find(one: ArticleId, other: ArticleId) -> float:
        return scores.get((min(one, other), max(one, other)), settings.unlinked_score)

    def expect_closeness(group: list[ArticleId]) -> float:
        inside = [find(one, other) for one, other in combinations(group, 2)]
        counted = [settings.typical_closeness, *(x for x in inside if x < settings.copy_score)]
        return min(sum(counted) / len(counted), settings.max_closeness)

    left, right = names[:8], names[8:]
    told = compare_groups(left, right, links, settings)
    across = [find(one, other) for one in left for other in right]
    assert told.average == pytest.approx(sum(across) / len(across))
    assert told.n_linked_pairs == sum((one, other) in scores for one in left for other in right)
    assert told.closeness_left == pytest.approx(expect_closeness(left))
    assert told.closeness_right == pytest.approx(expect_closeness(right))
