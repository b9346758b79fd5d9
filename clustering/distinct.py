"""Distinct whole numbers by sorting: `numpy.unique` hashes them first, which takes far longer."""

import numpy as np
import numpy.typing as npt

__all__ = ["count_distinct", "find_distinct", "number_within"]

Ints = npt.NDArray[np.int64]


def find_distinct(keys: Ints) -> Ints:
    """Return the distinct ones of keys int64[n], ascending: int64[m]."""
    return count_distinct(keys)[0]


def count_distinct(keys: Ints) -> tuple[Ints, Ints]:
    """Return the distinct ones of keys int64[n], ascending, and how often each stands: int64[m]."""
    keys = np.sort(keys)
    first = _find_begins(keys)
    return keys[first], np.diff(np.append(first, len(keys)))


def number_within(groups: Ints) -> Ints:
    """Return the place of each entry among those of its group, from 0 on; int64[n].

    Those of one group stand together in `groups` int64[n].
    """
    begins = _find_begins(groups)
    found: Ints = np.arange(len(groups)) - np.repeat(begins, np.diff(begins, append=len(groups)))
    return found


def _find_begins(keys: Ints) -> Ints:
    """Return where runs of equal keys begin."""
    return np.flatnonzero(np.append(np.ones(min(len(keys), 1), dtype=bool), np.diff(keys) != 0))
