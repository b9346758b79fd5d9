"""Spans that overlap one are found without going through all, and they are the same."""

import random

from wirethread.clustering.overlaps import LaidOut, Overlaps


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


def test_things_are_found_in_their_text_in_the_order_they_came() -> None:
    laid: LaidOut[str, str] = LaidOut()
    for text, begin, end, thing in (("a", 5, 9, "late"), ("a", 0, 6, "early"), ("b", 0, 9, "far")):
        laid.lay(text, begin, end, thing)
    assert laid.find("a", 5, 6) == ["late", "early"]
    assert laid.find("a", 6, 7) == ["late"]
    assert laid.find("c", 0, 9) == []
    assert ("b" in laid, "c" in laid) == (True, False)
    laid.lay("a", 6, 8, "later")
    assert laid.find("a", 6, 7) == ["late", "later"]
