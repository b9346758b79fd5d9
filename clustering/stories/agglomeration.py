"""The joining itself: clusters of one connected component, best pair first.

Kept for each cluster is a row: the clusters it has links to and the sum of what the scores of these
links are above `unlinked_score`, so a pair of articles without a link costs nothing. Joining two
clusters adds their rows. The rows of their neighbours are left as they are: whom an entry means is
looked up when the row is next used. Two clusters between which no link names the happening are
never joined. A heap holds the pairs that may be joined; entries of clusters
that are gone are skipped.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wirethread.clustering.settings import StorySettings

__all__ = ["Agglomeration"]

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

_TINY = 1e-9  # keeps sums that differ in the last digit from deciding


@dataclass(slots=True)
class _Row:
    """What links a cluster with others: of each other its number, as of some time, and sums."""

    others: Places
    surplus: Floats
    n_copies: Floats
    """Links that are copies of one text."""
    copy_surplus: Floats
    n_naming: Floats
    """Links that name the happening."""
    n_linked: Floats
    """Pairs that the links stand for."""

    def pick(self, places: npt.NDArray[np.bool_] | slice) -> "_Row":
        return _Row(
            self.others[places],
            self.surplus[places],
            self.n_copies[places],
            self.copy_surplus[places],
            self.n_naming[places],
            self.n_linked[places],
        )


class Agglomeration:
    """One component on its way from single articles to clusters."""

    def __init__(
        self,
        members: Sequence[int],
        links: tuple[Places, Places, Floats, Floats, Floats],
        together: Iterable[tuple[int, int]],
        apart: Iterable[tuple[int, int]],
        settings: StorySettings,
        *,
        weights: Floats | None = None,
    ) -> None:
        """`links` are two ends, the score, 1 where it names the happening, and how many links it
        stands for; each pair once.

        `weights` float64[members] says for how many copies of its text each speaks.
        """
        self._settings = settings
        self._names = np.sort(np.asarray(members, dtype=np.int64))
        n = len(self._names)
        # A cluster starts as its only member's place in `_names`; a joined one gets a new number.
        self._next = n
        self._cluster_of = np.arange(n)
        """The number of the cluster that holds each member now."""
        self._members: dict[int, Places] = {place: np.array([place]) for place in range(n)}
        self._first = np.concatenate((np.arange(n), np.zeros(n, dtype=np.int64)))
        """The first member of every cluster that is or was."""
        self._sizes = np.ones(2 * n)
        if weights is not None:
            self._sizes[:n] = weights[np.argsort(np.asarray(members), kind="stable")]
        self._closeness = np.full(2 * n, settings.typical_closeness)
        self._inner_sum = np.zeros(2 * n)
        self._inner_pairs = np.zeros(2 * n)
        self._enemies: dict[int, set[int]] = {}
        left, right = (np.searchsorted(self._names, side) for side in links[:2])
        self._rows = self._make_rows(left, right, *links[2:])
        self._heap: list[tuple[float, int, int, int, int]] = []
        for pair in together:
            one, other = self._find_clusters(pair)
            if one != other:
                self._join(one, other)
        for pair in apart:
            one, other = self._find_clusters(pair)
            if one != other:
                self._enemies.setdefault(one, set()).add(other)
                self._enemies.setdefault(other, set()).add(one)

    def join_all(self) -> list[list[int]]:
        """Join while any pair may be joined; return the members of each cluster in order."""
        self._heap.clear()
        for number, row in list(self._rows.items()):
            fresh = self._refresh(number, row)
            self._rows[number] = fresh
            later = fresh.others > number
            self._heap.extend(self._list_offers(number, fresh.pick(later)))
        heapq.heapify(self._heap)
        while self._heap:
            _, _, _, one, other = heapq.heappop(self._heap)
            if (
                one in self._members
                and other in self._members
                and other not in self._enemies.get(one, ())
            ):
                joined = self._join(one, other)
                for offer in self._list_offers(joined, self._rows[joined]):
                    heapq.heappush(self._heap, offer)
        return sorted(self._names[members].tolist() for members in self._members.values())

    def _make_rows(
        self, left: Places, right: Places, scores: Floats, naming: Floats, stand_for: Floats
    ) -> dict[int, _Row]:
        surplus = scores - self._settings.unlinked_score
        is_copy = (scores >= self._settings.copy_score).astype(np.float64)
        n_pairs = self._sizes[left] * self._sizes[right] * stand_for
        surplus = surplus * n_pairs
        copy_surplus, n_copies = surplus * is_copy, n_pairs * is_copy
        row_of = np.concatenate((left, right))
        order = np.lexsort((np.concatenate((right, left)), row_of))
        whole = _Row(
            np.concatenate((right, left))[order],
            np.concatenate((surplus, surplus))[order],
            np.concatenate((n_copies, n_copies))[order],
            np.concatenate((copy_surplus, copy_surplus))[order],
            np.concatenate((naming, naming))[order],
            np.concatenate((n_pairs, n_pairs))[order],
        )
        bounds = np.searchsorted(row_of[order], np.arange(len(self._names) + 1)).tolist()
        return {
            place: whole.pick(slice(bounds[place], bounds[place + 1]))
            for place in range(len(self._names))
        }

    def _find_clusters(self, pair: tuple[int, int]) -> tuple[int, int]:
        one, other = self._cluster_of[np.searchsorted(self._names, pair)].tolist()
        return one, other

    def _refresh(self, number: int, row: _Row) -> _Row:
        """Return a row with every present neighbour once."""
        present = self._cluster_of[self._first[row.others]]
        order = np.argsort(present, kind="stable")
        order = order[present[order] != number]
        present = present[order]
        begins = np.flatnonzero(np.diff(present, prepend=-1))
        if not len(begins):
            return row.pick(slice(0, 0))
        return _Row(
            present[begins],
            np.add.reduceat(row.surplus[order], begins),
            np.add.reduceat(row.n_copies[order], begins),
            np.add.reduceat(row.copy_surplus[order], begins),
            np.add.reduceat(row.n_naming[order], begins),
            np.add.reduceat(row.n_linked[order], begins),
        )

    def _list_offers(self, one: int, row: _Row) -> list[tuple[float, int, int, int, int]]:
        """Return entries for the heap of the pairs that may be joined, furthest above first."""
        settings = self._settings
        others, surplus = row.others, row.surplus
        n_pairs = np.maximum(self._sizes[one] * self._sizes[others], row.n_linked)
        average = settings.unlinked_score + surplus / n_pairs
        demand = np.maximum(
            settings.threshold,
            settings.min_ratio * np.sqrt(self._closeness[one] * self._closeness[others]),
        )
        may = np.flatnonzero((average >= demand - _TINY) & (row.n_naming > 0))
        if not len(may):
            return []
        others = others[may]
        own, theirs = self._first[one], self._first[others]
        return list(
            zip(
                (-np.round(average[may] / demand[may], 9)).tolist(),
                np.minimum(own, theirs).tolist(),
                np.maximum(own, theirs).tolist(),
                [one] * len(may),
                others.tolist(),
                strict=True,
            )
        )

    def _join(self, one: int, other: int) -> int:
        """Make one cluster of two and return its number."""
        settings = self._settings
        joined, self._next = self._next, self._next + 1
        row_one, row_other = self._rows.pop(one), self._rows.pop(other)
        between = row_one.pick(self._cluster_of[self._first[row_one.others]] == other)
        n_pairs = max(self._sizes[one] * self._sizes[other], between.n_linked.sum())
        n_counted = n_pairs - between.n_copies.sum()
        self._inner_pairs[joined] = self._inner_pairs[one] + self._inner_pairs[other] + n_counted
        self._inner_sum[joined] = (
            self._inner_sum[one]
            + self._inner_sum[other]
            + between.surplus.sum()
            - between.copy_surplus.sum()
            + settings.unlinked_score * n_counted
        )
        closeness = (settings.typical_closeness + self._inner_sum[joined]) / (
            1 + self._inner_pairs[joined]
        )
        self._closeness[joined] = min(closeness, settings.max_closeness)
        members = np.sort(np.concatenate((self._members.pop(one), self._members.pop(other))))
        self._members[joined] = members
        self._first[joined] = members[0]
        self._sizes[joined] = self._sizes[one] + self._sizes[other]
        self._cluster_of[members] = joined
        both = _Row(
            np.concatenate((row_one.others, row_other.others)),
            np.concatenate((row_one.surplus, row_other.surplus)),
            np.concatenate((row_one.n_copies, row_other.n_copies)),
            np.concatenate((row_one.copy_surplus, row_other.copy_surplus)),
            np.concatenate((row_one.n_naming, row_other.n_naming)),
            np.concatenate((row_one.n_linked, row_other.n_linked)),
        )
        self._rows[joined] = self._refresh(joined, both)
        enemies = self._enemies.pop(one, set()) | self._enemies.pop(other, set())
        if enemies:
            self._enemies[joined] = enemies - {one, other}
            for enemy in self._enemies[joined]:
                self._enemies[enemy] = (self._enemies[enemy] - {one, other}) | {joined}
        return joined
