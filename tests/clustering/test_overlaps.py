"""Spans that overlap one are found without going through all, and they are the same."""

import random

from wirethread.clustering.overlaps import Overlaps


def test_spans_are_found_as_by_looking_at_each() -> None:
    chance = random.Random(5)
    for _ in range(200):
        spans = []
        for _ in range(chance.randint(0, 30)):
            begin = chance.randint(0, 60)
            spans.append((begin, begin + chance.choice((1, 3, 40))))
        begin, end = sorted(chance.sample(range(-2, 80), 2))
        found = Overlaps(spans).find(begin, end)
        assert found == [i for i, (b, e) in enumerate(spans) if b < end and begin < e]
