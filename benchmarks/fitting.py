"""How work grows with size: the exponent of a power law through measured times."""

from collections.abc import Sequence

import numpy as np

__all__ = ["fit_exponent"]


def fit_exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return k of seconds = c * size ** k, by least squares over the logarithms.

    Raises `ValueError` for fewer than two sizes.
    """
    if len(set(sizes)) < 2:
        raise ValueError(f"an exponent needs two sizes, got {sorted(set(sizes))}")
    slope, _ = np.polyfit(np.log(sizes), np.log(np.maximum(seconds, 1e-9)), 1)
    return float(slope)
