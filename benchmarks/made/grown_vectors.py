"""Any number of unit vectors that lie as those of real paragraphs do, and the exact nearest.

A grown vector lies between a real one and one of the twelve nearest of 4,096 others (at least half
of it from the first), moved by a quarter of the difference of two real vectors drawn by chance, so
that it spreads in the directions in which real vectors spread. Block by block from a seed: nothing
is kept.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["GrownVectors", "find_exactly"]

_N_NEAR = 12
_LOOKED_AT = 4096
_SPREAD = 0.25
BLOCK_ROWS = 50_000


class GrownVectors:
    """`n_rows` vectors; the first are the real ones themselves."""

    def __init__(self, real: NDArray[np.float32], n_rows: int) -> None:
        self.n_rows = n_rows
        self._real = real
        self._near = _find_near(real) if n_rows > len(real) else np.empty((0, 0), dtype=np.int32)

    def read_blocks(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Yield (ids int64[m], vectors float32[m, d]), the same each time."""
        for begin in range(0, self.n_rows, BLOCK_ROWS):
            rows = np.arange(begin, min(begin + BLOCK_ROWS, self.n_rows))
            # an odd factor maps numbers to distinct numbers all over the range
            ids = (rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)).view(np.int64)
            yield ids, self._make(rows)

    def _make(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        real = self._real
        draw = np.random.default_rng(rows[0])
        n_rows = len(rows)
        first = draw.integers(0, len(real), n_rows)
        vectors = real[first]
        if len(self._near):
            second = self._near[first, draw.integers(0, self._near.shape[1], n_rows)]
            share = draw.uniform(0.5, 1, (n_rows, 1)).astype(np.float32)
            left, right = draw.integers(0, len(real), (2, n_rows))
            vectors = share * vectors + (1 - share) * real[second]
            vectors += _SPREAD * (real[left] - real[right])
        is_real = rows < len(real)
        vectors[is_real] = real[rows[is_real]]
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def _find_near(real: NDArray[np.float32]) -> NDArray[np.int32]:
    near = np.empty((len(real), _N_NEAR), dtype=np.int32)
    for begin in range(0, len(real), _LOOKED_AT):
        begin = max(0, min(begin, len(real) - _LOOKED_AT))  # noqa: PLW2901 - a last whole part
        part = real[begin : begin + _LOOKED_AT]
        place = np.argpartition(-(part @ part.T), _N_NEAR - 1, axis=1)[:, :_N_NEAR]
        near[begin : begin + _LOOKED_AT] = begin + place
    return near


def find_exactly(
    vectors: GrownVectors, queries: NDArray[np.float32], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return ids and similarities [n, k] of the nearest in full precision, most similar first."""
    ids = np.empty((len(queries), 0), dtype=np.int64)
    best = np.empty((len(queries), 0), dtype=np.float32)
    for block_ids, block in vectors.read_blocks():
        likeness = queries @ block.T
        place = np.argpartition(-likeness, min(k, len(block)) - 1, axis=1)[:, :k]
        ids = np.concatenate([ids, block_ids[place]], axis=1)
        best = np.concatenate([best, np.take_along_axis(likeness, place, axis=1)], axis=1)
        order = np.argsort(-best, axis=1)[:, :k]
        ids, best = np.take_along_axis(ids, order, axis=1), np.take_along_axis(best, order, axis=1)
    return ids, best
