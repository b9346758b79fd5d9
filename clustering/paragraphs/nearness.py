"""Cosines of the paragraphs of two articles, and how far each pair stands out among them."""

import numpy as np
import numpy.typing as npt

__all__ = ["Nearness"]

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

_N_HIGHEST = 4
_WITHOUT_ONE = [
    np.array([[other for other in range(n) if other != one] for one in range(n)], dtype=np.int64)
    for n in range(_N_HIGHEST + 1)
]
"""By n: for each of n places, the others."""


class Nearness:
    """Cosines float32[r, c] of the paragraphs of two articles; rows are the host's."""

    def __init__(self, cosines: npt.NDArray[np.float32]) -> None:
        self._cosines = cosines
        self._best_of_row, self._next_of_row = _find_highest_two(cosines)
        self._best_of_column, self._next_of_column = _find_highest_two(cosines.T)
        highest = np.sort(self._best_of_row)[-_N_HIGHEST:]
        self._highest = highest
        others = highest[_WITHOUT_ONE[len(highest)]]
        self._topics = others.mean(axis=1) if others.shape[1] else np.zeros(1, dtype=np.float32)

    def compare(self, rows: Places, columns: Places) -> tuple[Floats, Floats, Floats, Floats]:
        """Cosine, its lead over the next best on either side, and how close the articles are.

        The last is the mean of the three best cosines of the host's other paragraphs: two reports
        on one event have it high without any copying. All float64[n].
        """
        found = self._cosines[rows, columns]
        best = self._best_of_row[rows]
        across = np.where(found == best, self._next_of_row[rows], best)
        down = self._best_of_column[columns]
        down = np.where(found == down, self._next_of_column[columns], down)
        cosine = found.astype(np.float64)
        return (
            cosine,
            cosine - np.maximum(across, 0.0).astype(np.float64),
            cosine - np.maximum(down, 0.0).astype(np.float64),
            self._topics[np.searchsorted(self._highest, best)].astype(np.float64),
        )


def _find_highest_two(
    cosines: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the highest and the next of each row; 0 for the next where there is one column."""
    if cosines.shape[1] == 1:
        return cosines[:, 0], np.zeros(len(cosines), dtype=np.float32)
    two = np.partition(cosines, -2, axis=1)[:, -2:]
    return two[:, 1], two[:, 0]
