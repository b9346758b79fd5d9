"""The joining itself: clusters of one connected component, best pair first.

Kept for each pair of clusters is the sum of scores above `unlinked_score` of the links between
them, so joining two clusters is adding their rows, and a pair of articles without a link costs
nothing. A heap holds the pairs that may be joined; entries of clusters that are gone are skipped.
"""

import heapq
import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

from clustering.stories import StorySettings

__all__ = ["Agglomeration"]

T = TypeVar("T")

_TINY = 1e-9  # keeps sums that differ in the last digit from deciding


class Agglomeration:
    """One component on its way from single articles to clusters."""

    def __init__(
        self,
        members: Sequence[int],
        links: Iterable[tuple[int, int, float]],
        together: Iterable[tuple[int, int]],
        apart: Iterable[tuple[int, int]],
        settings: StorySettings,
    ) -> None:
        self._settings = settings
        # cluster number -> what is known of it; a cluster starts as its first member's number
        self._members: dict[int, list[int]] = {member: [member] for member in members}
        self._surplus: dict[int, dict[int, float]] = {member: {} for member in members}
        self._copies: dict[int, dict[int, tuple[int, float]]] = {member: {} for member in members}
        self._inner_sum: dict[int, float] = dict.fromkeys(members, 0.0)
        self._inner_pairs: dict[int, int] = dict.fromkeys(members, 0)
        self._closeness: dict[int, float] = dict.fromkeys(members, settings.typical_closeness)
        self._enemies: dict[int, set[int]] = {member: set() for member in members}
        self._next = max(members) + 1
        self._heap: list[tuple[float, int, int, int, int]] = []
        for left, right, score in links:
            surplus = score - settings.unlinked_score
            self._surplus[left][right] = self._surplus[right][left] = surplus
            if score >= settings.copy_score:
                self._copies[left][right] = self._copies[right][left] = (1, surplus)
        cluster_of = {member: member for member in members}
        for left, right in together:
            one, other = cluster_of[left], cluster_of[right]
            if one != other:
                joined = self._join(one, other)
                cluster_of.update(dict.fromkeys(self._members[joined], joined))
        for left, right in apart:
            one, other = cluster_of[left], cluster_of[right]
            if one != other:
                self._enemies[one].add(other)
                self._enemies[other].add(one)

    def join_all(self) -> list[list[int]]:
        """Join while any pair may be joined; return the members of each cluster in order."""
        self._heap.clear()
        for one, row in self._surplus.items():
            for other in row:
                if one < other:
                    self._offer(one, other)
        while self._heap:
            _, _, _, one, other = heapq.heappop(self._heap)
            if one in self._members and other in self._members and other not in self._enemies[one]:
                joined = self._join(one, other)
                for neighbour in self._surplus[joined]:
                    self._offer(joined, neighbour)
        return sorted(self._members.values())

    def _offer(self, one: int, other: int) -> None:
        """Put a pair on the heap if it may be joined, the one furthest above its demand first."""
        settings = self._settings
        n_pairs = len(self._members[one]) * len(self._members[other])
        average = settings.unlinked_score + self._surplus[one][other] / n_pairs
        demand = max(
            settings.threshold,
            settings.min_ratio * math.sqrt(self._closeness[one] * self._closeness[other]),
        )
        if average >= demand - _TINY:
            first, second = sorted((self._members[one][0], self._members[other][0]))
            excess = round(average / demand, 9)
            heapq.heappush(self._heap, (-excess, first, second, one, other))

    def _join(self, one: int, other: int) -> int:
        """Make one cluster of two and return its number."""
        settings = self._settings
        joined, self._next = self._next, self._next + 1
        between = len(self._members[one]) * len(self._members[other])
        n_copies, copy_surplus = self._copies[one].get(other, (0, 0.0))
        n_counted = between - n_copies
        self._inner_pairs[joined] = (
            self._inner_pairs.pop(one) + self._inner_pairs.pop(other) + n_counted
        )
        self._inner_sum[joined] = (
            self._inner_sum.pop(one)
            + self._inner_sum.pop(other)
            + self._surplus[one].get(other, 0.0)
            - copy_surplus
            + settings.unlinked_score * n_counted
        )
        closeness = (settings.typical_closeness + self._inner_sum[joined]) / (
            1 + self._inner_pairs[joined]
        )
        self._closeness[joined] = min(closeness, settings.max_closeness)
        del self._closeness[one], self._closeness[other]
        self._members[joined] = sorted(self._members.pop(one) + self._members.pop(other))

        rows = sorted((self._surplus.pop(one), self._surplus.pop(other)), key=len)
        for neighbour, surplus in rows[0].items():
            rows[1][neighbour] = rows[1].get(neighbour, 0.0) + surplus
        self._surplus[joined] = _rename(self._surplus, rows[1], one, other, joined)
        copies = sorted((self._copies.pop(one), self._copies.pop(other)), key=len)
        for neighbour, (count, surplus) in copies[0].items():
            known = copies[1].get(neighbour, (0, 0.0))
            copies[1][neighbour] = (known[0] + count, known[1] + surplus)
        self._copies[joined] = _rename(self._copies, copies[1], one, other, joined)

        enemies = (self._enemies.pop(one) | self._enemies.pop(other)) - {one, other}
        self._enemies[joined] = enemies
        for enemy in enemies:
            self._enemies[enemy] = (self._enemies[enemy] - {one, other}) | {joined}
        return joined


def _rename(
    table: dict[int, dict[int, T]], row: dict[int, T], one: int, other: int, joined: int
) -> dict[int, T]:
    """Let the neighbours of a joined cluster know it under its new number; return its row."""
    row.pop(one, None)
    row.pop(other, None)
    for neighbour, value in row.items():
        known = table[neighbour]
        known.pop(one, None)
        known.pop(other, None)
        known[joined] = value
    return row
