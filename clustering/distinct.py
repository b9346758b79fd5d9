"""Distinct whole numbers by sorting: `numpy.unique` hashes them first, which takes far longer."""

import numpy as np
import numpy.typing as npt

__all__ = ["count_distinct", "find_distinct"]

Ints = npt.NDArray[np.int64]


def find_distinct(keys: Ints) -> Ints:
    """Return the distinct ones of keys int64[n], ascending: int64[m]."""
    return count_distinct(keys)[0]


def count_distinct(keys: Ints) -> tuple[Ints, Ints]:
    """Return the distinct ones of keys int64[n], ascending, and how often each stands: int64[m]."""
    keys = np.sort(keys)
    first = np.flatnonzero(np.append(np.ones(min(len(keys), 1), dtype=bool), np.diff(keys) != 0))
    return keys[first], np.diff(np.append(first, len(keys)))
