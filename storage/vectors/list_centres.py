"""Centres around which the rows of a large segment are put into lists.

Spherical k-means in two levels: a few groups, and centres inside each. So training and assigning
cost the root of what they would over all centres at once; what a row loses is that it may land in
the second nearest list, which a search that reads several lists reads too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ListCentres", "assign_rows", "count_lists", "count_sample_rows", "train_centres"]

_LISTS_PER_ROOT = 4
_MAX_LISTS = 16_384
_SAMPLE_PER_LIST = 32
_ROUNDS = 8
_GROUPS_LOOKED_AT = 8
"""Groups nearest to a row in which its list is looked for."""
_SEED = 20_180_101


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCentres:
    """Unit vectors, those of a group one after another."""

    centres: NDArray[np.float32]
    """float32[n_lists, d]."""
    group_ends: NDArray[np.int64]
    """int64[n_groups]: where the centres of each group end."""


def count_lists(n_rows: int) -> int:
    """Return how many lists `n_rows` rows are put into: four times the root, 16,384 at most."""
    return int(min(_MAX_LISTS, max(1, _LISTS_PER_ROOT * round(n_rows**0.5)), max(1, n_rows)))


def count_sample_rows(n_lists: int) -> int:
    """Return how many rows are worth training `n_lists` centres on."""
    return n_lists * _SAMPLE_PER_LIST


def train_centres(sample: NDArray[np.float32], n_lists: int) -> ListCentres:
    """Return up to `n_lists` centres of the unit vectors float32[n, d], the same each time."""
    draw = np.random.default_rng(_SEED)
    n_lists = min(n_lists, len(sample))
    groups = _cluster(sample, max(1, round(n_lists**0.5)), draw)
    members = _find_nearest(sample, groups)
    parts = []
    for group, n_centres in enumerate(_share_out(np.bincount(members), n_lists)):
        if n_centres:
            parts.append(_cluster(sample[members == group], n_centres, draw))
    trained = ListCentres(
        centres=np.concatenate(parts), group_ends=np.cumsum([len(part) for part in parts])
    )
    moved = _move_centres(sample, trained.centres, assign_rows(sample, trained))
    return ListCentres(centres=moved, group_ends=trained.group_ends)


def assign_rows(rows: NDArray[np.float32], trained: ListCentres) -> NDArray[np.int32]:
    """Return the list int32[n] of each row, looked for in the groups nearest to it."""
    centres, ends = trained.centres, trained.group_ends
    begins = np.concatenate([[0], ends[:-1]])
    if len(ends) <= _GROUPS_LOOKED_AT:
        return _find_nearest(rows, centres)
    means = np.add.reduceat(centres, begins, axis=0)
    likeness = rows @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T
    near = np.argpartition(-likeness, _GROUPS_LOOKED_AT, axis=1)[:, :_GROUPS_LOOKED_AT]
    by_group = np.argsort(near.ravel(), kind="stable")
    bounds = np.searchsorted(near.ravel()[by_group], np.arange(len(ends) + 1))
    best = np.full(len(rows), -np.inf, dtype=np.float32)
    chosen = np.zeros(len(rows), dtype=np.int32)
    for group, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        asked = by_group[bounds[group] : bounds[group + 1]] // _GROUPS_LOOKED_AT
        if not len(asked):
            continue
        found = rows[asked] @ centres[begin:end].T
        place = found.argmax(axis=1)
        value = found[np.arange(len(asked)), place]
        is_better = value > best[asked]
        best[asked[is_better]] = value[is_better]
        chosen[asked[is_better]] = begin + place[is_better]
    return chosen


def _cluster(
    sample: NDArray[np.float32], n_centres: int, draw: np.random.Generator
) -> NDArray[np.float32]:
    """Return spherical k-means centres float32[n_centres, d], begun at rows drawn by chance."""
    centres = sample[np.sort(draw.choice(len(sample), n_centres, replace=False))]
    if n_centres == len(sample):
        return centres
    for _ in range(_ROUNDS):
        centres = _move_centres(sample, centres, _find_nearest(sample, centres))
    return centres


def _find_nearest(
    rows: NDArray[np.float32], centres: NDArray[np.float32], rows_a_block: int = 4096
) -> NDArray[np.int32]:
    nearest = np.empty(len(rows), dtype=np.int32)
    for begin in range(0, len(rows), rows_a_block):
        block = rows[begin : begin + rows_a_block]
        nearest[begin : begin + rows_a_block] = (block @ centres.T).argmax(axis=1)
    return nearest


def _move_centres(
    sample: NDArray[np.float32], centres: NDArray[np.float32], nearest: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Return each centre as the mean direction of its rows; one without rows stays."""
    order = np.argsort(nearest, kind="stable")
    present, begins = np.unique(nearest[order], return_index=True)
    sums = np.add.reduceat(sample[order], begins, axis=0)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    moved = centres.copy()
    has_direction = lengths[:, 0] > 0
    moved[present[has_direction]] = (sums / np.maximum(lengths, 1e-12))[has_direction]
    return moved


def _share_out(sizes: NDArray[np.int64], n_lists: int) -> list[int]:
    """Divide `n_lists` centres among groups by their size, at least one to each that has rows."""
    wanted = sizes * (n_lists / sizes.sum())
    shares = np.minimum(np.maximum(np.floor(wanted), sizes > 0), sizes).astype(np.int64)
    for group in np.argsort(shares - wanted, kind="stable"):
        if shares.sum() >= n_lists:
            break
        shares[group] += shares[group] < sizes[group]
    return [int(share) for share in shares]
