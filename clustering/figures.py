"""Figures that two texts give: whether they agree, as accounts of one happening mostly do.

A daily market report, a count of the dead or a league table says the same in the same words each
day, and only its figures are new.
"""

import re

__all__ = ["find_figures", "measure_disagreement"]

_MAX_CHARACTERS = 6_000
_MIN_FIGURES = 5
"""Fewer figures than this say nothing."""
_AGREEING_SHARE = 0.2
"""From this share of common figures on, two texts agree."""
_FIGURE = re.compile(r"(?<![\w.,:])\d+(?:[.,:]\d+)*")
_YEAR = re.compile(r"(?:19|20)\d\d")


def find_figures(headline: str, text: str) -> frozenset[str]:
    """Return the figures of two digits and more in headline and opening, years aside."""
    found = _FIGURE.findall(f"{headline}\n{text[:_MAX_CHARACTERS]}")
    return frozenset(one for one in found if len(one) > 1 and not _YEAR.fullmatch(one))


def measure_disagreement(left: frozenset[str], right: frozenset[str]) -> float:
    """Return 0 where figures agree or are too few to say, to 1 where none is common."""
    fewer = min(len(left), len(right))
    if fewer < _MIN_FIGURES:
        return 0.0
    return max(0.0, 1.0 - len(left & right) / fewer / _AGREEING_SHARE)
