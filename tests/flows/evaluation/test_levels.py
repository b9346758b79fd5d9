"""What labels mean: happenings, whole stories, or something between."""

import pytest

from wirethread.clustering.measures.metrics import PrecisionRecall
from wirethread.flows.evaluation.stories import tell_label_level


def make_score(precision: float, recall: float) -> PrecisionRecall:
    f1 = 2 * precision * recall / (precision + recall)
    return PrecisionRecall(precision=precision, recall=recall, f1=f1)


@pytest.mark.parametrize(
    ("clusters", "threads", "words"),
    [
        ((0.99, 0.70), (0.98, 0.85), "The labels mean whole stories"),
        ((0.94, 0.94), (0.75, 0.96), "The labels mean happenings"),
        ((0.90, 0.80), (0.80, 0.90), "The labels lie between the levels"),
        ((0.90, 0.90), (0.90, 0.90), "The labels do not tell the levels apart"),
    ],
)
def test_the_level_of_labels_shows_in_what_threads_win_and_lose(
    clusters: tuple[float, float], threads: tuple[float, float], words: str
) -> None:
    assert tell_label_level(make_score(*clusters), make_score(*threads)).startswith(words)
