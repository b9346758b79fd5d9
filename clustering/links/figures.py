"""Figures that two texts give: whether they agree, as accounts of one happening mostly do.

A daily market report, a count of the dead or a league table says the same in the same words each
day, and only its figures are new.
"""

import itertools
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

__all__ = ["find_figures", "fold_digits", "measure_disagreement", "measure_disagreements"]

_MAX_CHARACTERS = 6_000
_MIN_FIGURES = 5
"""Fewer figures than this say nothing."""
_PAIRS_AT_A_TIME = 200_000
_AGREEING_SHARE = 0.2
"""From this share of common figures on, two texts agree."""
_FIGURE = re.compile(r"[0-9](?<![.,:].)(?<![^\W\u0e00-\uffff].)[0-9]*(?:[.,:][0-9]+)*")
"""What stands before a figure is no word, unless of a script that needs no spaces. The rule looks
back from the first digit, so that the search can skip to digits."""
_OTHER_DIGITS = re.compile(r"[^\x00-\x7f\D]|[\u066b\u066c]")
_ARABIC_POINTS = {"\u066b": ".", "\u066c": ","}
_YEAR = re.compile(r"(?:19|20)\d\d")


def find_figures(headline: str, text: str) -> frozenset[str]:
    """Return the figures of two digits and more in headline and opening, years aside."""
    found = _FIGURE.findall(fold_digits(f"{headline}\n{text[:_MAX_CHARACTERS]}"))
    return frozenset(one for one in found if len(one) > 1 and not _YEAR.fullmatch(one))


def fold_digits(text: str) -> str:
    """Return the text, of the same length, with the digits of every script as 0 to 9."""
    return _OTHER_DIGITS.sub(
        lambda found: _ARABIC_POINTS.get(found[0]) or str(unicodedata.digit(found[0])), text
    )


def measure_disagreement(left: frozenset[str], right: frozenset[str]) -> float:
    """Return 0 where figures agree or are too few to say, to 1 where none is common."""
    fewer = min(len(left), len(right))
    return float(_rate_disagreement(np.array([len(left & right)]), np.array([fewer]))[0])


def measure_disagreements(
    articles: Sequence[tuple[str, str]],
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Return float64[n], from 0 to 1: how far the figures of each pair disagree.

    `articles` are (headline, text); pair i is those at places `left[i]` and `right[i]`, int64[n].
    """
    if not len(left):
        return np.zeros(0)
    wanted = np.unique(np.concatenate((left, right)))
    figures = [find_figures(*articles[place]) for place in wanted.tolist()]
    counts = np.array([len(found) for found in figures], dtype=np.int64)
    at_left, at_right = np.searchsorted(wanted, left), np.searchsorted(wanted, right)
    fewer = np.minimum(counts[at_left], counts[at_right])
    telling = np.flatnonzero(fewer >= _MIN_FIGURES)
    columns: dict[str, int] = {}
    places = [columns.setdefault(one, len(columns)) for found in figures for one in sorted(found)]
    table = sp.csr_array(
        (np.ones(len(places)), places, [0, *itertools.accumulate(counts.tolist())]),
        shape=(len(wanted), max(1, len(columns))),
    )
    table.sort_indices()
    common = np.zeros(len(left))
    for begin in range(0, len(telling), _PAIRS_AT_A_TIME):
        part = telling[begin : begin + _PAIRS_AT_A_TIME]
        shared = table[at_left[part]].multiply(table[at_right[part]])
        common[part] = np.asarray(shared.sum(axis=1)).ravel()
    return _rate_disagreement(common, fewer)


def _rate_disagreement(
    n_common: npt.NDArray[np.number], n_fewer: npt.NDArray[np.integer]
) -> npt.NDArray[np.float64]:
    """Return 0 to 1 for pairs with so many figures in common and so many in the poorer text."""
    share = n_common / np.maximum(n_fewer, 1) / _AGREEING_SHARE
    return np.where(n_fewer < _MIN_FIGURES, 0.0, np.maximum(0.0, 1.0 - share))
