import math
from dataclasses import replace

from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.measures.passage_scores import (
    ReuseCase,
    ReusePrediction,
    Span,
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
