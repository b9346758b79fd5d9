"""Reports that differ only in their figures: the same template on another day."""

from datetime import UTC, datetime, timedelta

import numpy as np

from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.links.figures import (
    find_figures,
    measure_disagreement,
    measure_disagreements,
)
from wirethread.clustering.links.score import score_links
from wirethread.clustering.settings import StoryArticle
from wirethread.clustering.stories.reasons import explain_link

MONDAY = datetime(2023, 5, 8, 17, tzinfo=UTC)
FIRST = (
    "The Marl index closed at 3,412.70 points. Tin producers led it 0.41 percent higher, with 31 of"
    " 57 shares up, and 118,400 changed hands."
)
SECOND = (
    "Tin producers in Marl gave way once more. Of 60 shares only 12 rose, and the Marl index ended"
    " at 3,377.15 points, 1.04 percent lower, after 143,900 had been traded."
)


def score(first: str, second: str, hours: float | None) -> float:
    later = None if hours is None else MONDAY + timedelta(hours=hours)
    articles = [
        StoryArticle(article_id=ArticleId("a"), headline="", text=first, published_at=MONDAY),
        StoryArticle(article_id=ArticleId("b"), headline="", text=second, published_at=later),
    ]
    (link,) = score_links(articles, np.ones((2, 1), dtype=np.float32))
    return link.score


def test_figures_are_found_without_years_and_single_digits() -> None:
    assert find_figures("5 hurt in 2019", "At 10:30 some 1,200 of 45 left") == {
        "10:30",
        "1,200",
        "45",
    }


def test_few_figures_never_disagree() -> None:
    assert measure_disagreement(frozenset({"11", "12"}), frozenset({"13", "14"})) == 0.0


def test_one_common_figure_of_five_is_agreement() -> None:
    left, right = (
        frozenset({"11", "12", "13", "14", "15"}),
        frozenset({"15", "21", "22", "23", "24"}),
    )
    assert measure_disagreement(left, right) == 0.0
    assert measure_disagreement(left, right - {"15"} | {"25"}) == 1.0


def test_the_same_report_of_the_next_day_scores_less_than_one_of_the_same_hour() -> None:
    assert score(FIRST, SECOND, 24) < score(FIRST, SECOND, 1) - 0.07
    assert score(FIRST, FIRST, 24) == score(FIRST, FIRST, 1)


def test_an_unknown_time_lets_figures_differ() -> None:
    assert score(FIRST, SECOND, None) == score(FIRST, SECOND, 1)


def test_the_reason_names_the_figures() -> None:
    articles = [
        StoryArticle(article_id=ArticleId("a"), headline="", text=FIRST, published_at=MONDAY),
        StoryArticle(
            article_id=ArticleId("b"),
            headline="",
            text=SECOND,
            published_at=MONDAY + timedelta(days=1),
        ),
    ]
    found = explain_link(articles[0], articles[1], np.ones((2, 1), dtype=np.float32))
    (time,) = [one for one in found.parts if one.name == "time"]
    assert "their figures do not agree" in time.meaning
    assert round(time.adds, 6) == -0.08
    assert round(sum(one.adds for one in found.parts), 4) == round(found.score, 4)


def test_pairs_scored_at_once_disagree_as_they_do_one_by_one() -> None:
    articles = [
        ("Toll rises to 31", "12 dead, 340 hurt, 1,200 homes, 45 villages, 6.8 on the scale"),
        ("Toll rises to 54", "12 dead, 341 hurt, 1,201 homes, 46 villages, 6.9 on the scale"),
        ("Toll rises to 54", "13 dead, 341 hurt, 1,201 homes, 46 villages, 6.9 on the scale"),
        ("Budget", "no figure at all"),
    ]
    left = np.array([0, 0, 1, 2, 3], dtype=np.int64)
    right = np.array([1, 2, 2, 3, 0], dtype=np.int64)
    figures = [find_figures(*one) for one in articles]
    expected = [
        measure_disagreement(figures[one], figures[other])
        for one, other in zip(left.tolist(), right.tolist(), strict=True)
    ]
    assert measure_disagreements(articles, left, right).tolist() == expected
    assert expected[1] == 1.0
    assert expected[2] == expected[3] == expected[4] == 0.0
