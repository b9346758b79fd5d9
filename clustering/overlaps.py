"""Which of many spans of a text overlap one: found without going through all of them."""

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

__all__ = ["LaidOut", "Overlaps"]

Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing")


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


class LaidOut(Generic[Key, Thing]):
    """Things that lie in spans of texts, each text by its key."""

    def __init__(self) -> None:
        self._spans: dict[Key, list[tuple[int, int]]] = {}
        self._things: dict[Key, list[Thing]] = {}
        self._overlaps: dict[Key, Overlaps] = {}
        """Made when a text is first asked for."""

    def __contains__(self, key: Key) -> bool:
        return key in self._things

    def lay(self, key: Key, begin: int, end: int, thing: Thing) -> None:
        """Add a thing that lies in `begin:end` of a text."""
        self._spans.setdefault(key, []).append((begin, end))
        self._things.setdefault(key, []).append(thing)
        self._overlaps.pop(key, None)

    def find(self, key: Key, begin: int, end: int) -> list[Thing]:
        """Return the things with a character in `begin:end` of a text, in the order they came."""
        if key not in self._things:
            return []
        if key not in self._overlaps:
            self._overlaps[key] = Overlaps(self._spans[key])
        things = self._things[key]
        return [things[number] for number in self._overlaps[key].find(begin, end)]
