"""The runs of words of many texts, and which of them two texts share, for many pairs at once."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

__all__ = ["RunsOf"]

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_ENTRIES_AT_A_TIME = 4_000_000


@dataclass(frozen=True)
class RunsOf:
    """Distinct runs of words, each with the text that holds it, in two orders."""

    runs: Hashes
    """Ascending, with `owners` ascending inside equal ones, as `join_shingles` wants them."""
    owners: Ints
    sizes: Ints
    """Distinct runs of each text; int64[n]."""

    @cached_property
    def _by_owner(self) -> Hashes:
        """The runs of text i are `_by_owner[_starts[i]:_starts[i+1]]`."""
        return self.runs[np.argsort(self.owners, kind="stable")]

    @cached_property
    def _starts(self) -> Ints:
        return np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.int64)

    @cached_property
    def _keys(self) -> Hashes:
        """Of text and run together, ascending; that two are alike by chance does no harm."""
        return np.sort(_mix(self.owners, self.runs))

    @classmethod
    def gather(cls, owners: Ints, runs: Hashes, n_owners: int) -> Self:
        """Take entries (text int64[n], run uint64[n]) in any order, repeated ones too."""
        order = np.lexsort((owners, runs))
        runs, owners = runs[order], owners[order]
        first = np.ones(len(runs), dtype=bool)
        first[1:] = (runs[1:] != runs[:-1]) | (owners[1:] != owners[:-1])
        runs, owners = runs[first], owners[first].astype(np.int64)
        sizes = np.bincount(owners, minlength=n_owners).astype(np.int64)
        return cls(runs=runs, owners=owners, sizes=sizes)

    def join_pairs(self, groups: Ints, left: Ints, right: Ints) -> tuple[Ints, Ints]:
        """Return (owner, owner) of all runs that stand in both groups of some pairs.

        `groups` int64[owners], ascending, says which group an owner is of; `left` and `right` are
        pairs of different groups. An answer may come more than once.
        """
        n_groups = int(groups.max(initial=-1)) + 1
        owner = np.repeat(np.arange(len(self.sizes)), self.sizes)
        bounds = self._starts[np.searchsorted(groups, np.arange(n_groups + 1))]
        keys = _mix(groups[owner], self._by_owner)
        order = np.argsort(keys, kind="stable")
        keys, holders = keys[order], owner[order]
        sizes = bounds[left + 1] - bounds[left]
        ends = np.cumsum(sizes)
        lefts, rights = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        begin = 0
        while begin < len(left):
            before = ends[begin - 1] if begin else 0
            end = int(np.searchsorted(ends, before + _ENTRIES_AT_A_TIME, side="right"))
            end = max(end, begin + 1)
            some = sizes[begin:end]
            pairs = np.repeat(np.arange(len(some)), some)
            at = np.arange(len(pairs)) - (np.cumsum(some) - some)[pairs]
            at += bounds[left[begin:end]][pairs]
            wanted = _mix(right[begin:end][pairs], self._by_owner[at])
            first = np.searchsorted(keys, wanted, side="left")
            count = np.searchsorted(keys, wanted, side="right") - first
            mine = np.repeat(owner[at], count)
            step = np.arange(len(mine)) - np.repeat(np.cumsum(count) - count, count)
            theirs = holders[np.repeat(first, count) + step]
            # of each pair of owners one answer is enough
            n = len(self.sizes)
            distinct = np.unique(mine * n + theirs)
            lefts.append(distinct // n)
            rights.append(distinct % n)
            begin = end
        return np.concatenate(lefts), np.concatenate(rights)

    def count_shared(self, left: Ints, right: Ints) -> Ints:
        """Return how many runs the two texts of each pair share, int64[pairs]."""
        counts = np.zeros(len(left), dtype=np.int64)
        ends = np.cumsum(self.sizes[left])
        begin = 0
        while begin < len(left):
            before = ends[begin - 1] if begin else 0
            end = int(np.searchsorted(ends, before + _ENTRIES_AT_A_TIME, side="right"))
            end = max(end, begin + 1)
            some = left[begin:end]
            sizes = self.sizes[some]
            pairs = np.repeat(np.arange(len(some)), sizes)
            offsets = np.arange(len(pairs)) - (np.cumsum(sizes) - sizes)[pairs]
            runs = self._by_owner[self._starts[some][pairs] + offsets]
            wanted = _mix(right[begin:end][pairs], runs)
            at = np.minimum(np.searchsorted(self._keys, wanted), max(len(self._keys) - 1, 0))
            is_shared = self._keys[at] == wanted if len(self._keys) else np.zeros(0, dtype=bool)
            counts[begin:end] = np.bincount(pairs[is_shared], minlength=len(some))
            begin = end
        return counts


def _mix(owners: Ints, runs: Hashes) -> Hashes:
    with np.errstate(over="ignore"):
        mixed = runs + owners.astype(np.uint64) * _MULTIPLIER
        mixed ^= mixed >> np.uint64(29)
        return mixed * np.uint64(0xBF58476D1CE4E5B9)
