"""Articles of very many paragraphs come out as where every pair is compared with every other."""

import math
import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from wirethread.clustering.matching.passage_model import measure_context


def measure_plainly(
    hosts: Sequence[int], donors: Sequence[int], log_odds: Sequence[float]
) -> npt.NDArray[np.float64]:
    context = np.zeros((len(hosts), 3))
    for i, (p, q) in enumerate(zip(hosts, donors, strict=True)):
        best: dict[int, float] = {}
        for other_p, other_q, value in zip(hosts, donors, log_odds, strict=True):
            if other_p != p and other_q != q and value > best.get(other_p, -9.0):
                best[other_p] = value
        top = max(best.values(), default=-4.0)
        odds = {other: 1 / (1 + math.exp(-value)) for other, value in best.items()}
        context[i] = (
            min(max(top, -4.0), 4.0),
            min(sum(sorted(odds.values())), 4.0),
            max((odds[other] for other in (p - 1, p + 1) if other in odds), default=0.0),
        )
    return context


@pytest.mark.parametrize("spread", [0.5, 6.0, 12.0])
def test_the_other_pairs_say_the_same_to_the_last_bit(spread: float) -> None:
    chance = random.Random(3)
    for _ in range(60):
        n_paragraphs = chance.randint(1, 12)
        pairs = [
            (p, q)
            for p in range(n_paragraphs)
            for q in range(n_paragraphs)
            if chance.random() < 0.4
        ]
        hosts, donors = [p for p, _ in pairs], [q for _, q in pairs]
        log_odds = [round(chance.gauss(-1.0, spread), 1) for _ in pairs]
        found = measure_context(hosts, donors, log_odds)
        assert found.tolist() == measure_plainly(hosts, donors, log_odds).tolist()
