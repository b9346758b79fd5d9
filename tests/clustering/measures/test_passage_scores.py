import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.clustering.writing import HARBOUR, write_article
from wirethread.articles.types.articles import ArticleId, PassageMatch, Relation
from wirethread.clustering.measures.passage_scores import (
    ReuseCase,
    ReusePrediction,
    Span,
    predict_reuse,
    score_passages,
)


def case(host: str, donor: str, begin: int, other: int, n: int, level: str) -> ReuseCase:
    return ReuseCase(
        host_id=ArticleId(host),
        donor_id=ArticleId(donor),
        host=(begin, begin + n),
        donor=(other, other + n),
        level=level,
    )


def predict(one: ReuseCase, host: Span | None = None, donor: Span | None = None) -> ReusePrediction:
    return ReusePrediction(
        host_id=one.host_id,
        donor_id=one.donor_id,
        host=host or one.host,
        donor=donor or one.donor,
    )


CASES = [
    case("h1", "s1", 100, 300, 100, "verbatim"),
    case("h1", "s1", 1000, 900, 200, "light"),
    case("h2", "s2", 0, 50, 100, "heavy"),
    case("h3", "s1", 40, 2000, 60, "paraphrase"),
    case("h3", "s1", 500, 4000, 100, "near_miss"),
]
CLEAN = {ArticleId("h5"): "same_event", ArticleId("h6"): "distractor"}
REAL = [one for one in CASES if one.level != "near_miss"]


def test_perfect_predictions_score_one() -> None:
    scores = score_passages(CASES, CLEAN, [predict(one) for one in REAL])
    assert (scores.precision, scores.recall, scores.granularity, scores.plagdet) == (1, 1, 1, 1)
    assert scores.micro_plagdet == 1
    assert scores.n_near_misses_reported == scores.n_clean_reported == 0


def test_predictions_in_halves_cost_granularity() -> None:
    halves = []
    for entry in REAL:
        middle, other = sum(entry.host) // 2, sum(entry.donor) // 2
        halves.append(predict(entry, (entry.host[0], middle), (entry.donor[0], other)))
        halves.append(predict(entry, (middle, entry.host[1]), (other, entry.donor[1])))
    scores = score_passages(CASES, CLEAN, halves)
    assert scores.granularity == 2
    assert math.isclose(scores.plagdet, 1 / math.log2(3))


def test_shifted_predictions_cost_precision_and_recall() -> None:
    shifted = [
        predict(
            entry,
            (sum(entry.host) // 2, 2 * entry.host[1] - sum(entry.host) // 2),
            (sum(entry.donor) // 2, 2 * entry.donor[1] - sum(entry.donor) // 2),
        )
        for entry in REAL
    ]
    scores = score_passages(CASES, CLEAN, shifted)
    assert (scores.precision, scores.recall, scores.plagdet) == (0.5, 0.5, 0.5)


def test_false_alarms_are_counted_by_kind() -> None:
    wrong = [
        predict(CASES[4]),
        predict(case("h5", "s1", 0, 0, 50, "")),
        predict(case("h2", "s9", 0, 50, 100, "")),
        predict(case("elsewhere", "s1", 0, 0, 50, "")),
    ]
    scores = score_passages(CASES, CLEAN, [*(predict(one) for one in REAL), *wrong])
    assert math.isclose(scores.precision, 4 / 7)
    assert scores.n_near_misses_reported == 1
    assert scores.clean_reported_by_kind == {"same_event": 1, "distractor": 0}


def test_repeated_predictions_count_once_and_levels_are_told_apart() -> None:
    scores = score_passages(CASES, CLEAN, [predict(CASES[0])] * 3)
    assert scores.n_predictions == 1
    assert scores.recall_by_level == {"heavy": 0, "light": 0, "paraphrase": 0, "verbatim": 1}
    assert scores.recall == 0.25
    assert math.isclose(scores.micro_recall, 200 / 920)


def test_nothing_predicted_scores_nothing() -> None:
    scores = score_passages(CASES, CLEAN, [])
    assert (scores.precision, scores.recall, scores.granularity, scores.plagdet) == (0, 0, 1, 0)


def test_reliability_counts_right_predictions_by_their_score() -> None:
    sure = replace(predict(REAL[0]), score=0.95)
    wrong = replace(predict(REAL[1], host=(5000, 5100)), score=0.95)
    unsure = replace(predict(REAL[2]), score=0.4)
    bands = score_passages(CASES, CLEAN, [sure, wrong, unsure]).reliability
    assert [(one.low, one.high, one.n_predictions, one.n_right) for one in bands] == [
        (0.3, 0.5, 1, 1),
        (0.9, 1.0, 2, 1),
    ]


@pytest.mark.parametrize(
    ("agency_of_host", "hours_later", "is_predicted"),
    [
        (None, 5, True),
        ("King Features", 5, True),  # a syndicate's column that draws on a report of the wire
        ("AP", 5, False),  # the agency's own text, sent again
        (None, -5, False),
    ],
)
def test_what_an_article_took_from_the_earlier_one_of_an_agency_not_its_own_is_reuse(
    agency_of_host: str | None, hours_later: int, is_predicted: bool
) -> None:
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    column = write_article(
        "column",
        HARBOUR,
        agency=agency_of_host,
        published_at=noon + timedelta(hours=hours_later),
    )
    report = write_article("report", HARBOUR, outlet="AP", agency="AP", published_at=noon)
    match = PassageMatch(
        left_article_id=column.article_id,
        right_article_id=report.article_id,
        left_begin=0,
        left_end=90,
        right_begin=100,
        right_end=190,
        relation=Relation.VERBATIM,
        score=0.9,
        similarity=1.0,
        containment_left=1.0,
        containment_right=1.0,
        is_match=True,
        reason="",
    )
    expected = ReusePrediction(
        host_id=column.article_id,
        donor_id=report.article_id,
        host=(0, 90),
        donor=(100, 190),
        score=0.9,
    )
    assert predict_reuse([match], [column, report]) == ([expected] if is_predicted else [])
    assert predict_reuse([replace(match, is_match=False)], [column, report]) == []
