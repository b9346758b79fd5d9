"""Which of many spans of a text overlap one: found without going through all of them."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

__all__ = ["Overlaps"]


class Overlaps:
    """Half-open spans `(begin, end)` in an order of their own, to be asked again and again."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        by_begin = sorted(range(len(spans)), key=lambda number: spans[number][0])
        self._numbers = by_begin
        self._begins = [spans[number][0] for number in by_begin]
        self._ends = [spans[number][1] for number in by_begin]
        self._latest = list(accumulate(self._ends, max))

    def find(self, begin: int, end: int) -> list[int]:
        """Return the numbers of the spans with a character in `begin:end`, in their order."""
        found = []
        place = bisect_left(self._begins, end) - 1
        while place >= 0 and self._latest[place] > begin:
            if self._ends[place] > begin:
                found.append(self._numbers[place])
            place -= 1
        return sorted(found)
