"""Figures that two texts give: whether they agree, as accounts of one happening mostly do.

A daily market report, a count of the dead or a league table says the same in the same words each
day, and only its figures are new.
"""

import re
import unicodedata

__all__ = ["find_figures", "fold_digits", "measure_disagreement"]

_MAX_CHARACTERS = 6_000
_MIN_FIGURES = 5
"""Fewer figures than this say nothing."""
_AGREEING_SHARE = 0.2
"""From this share of common figures on, two texts agree."""
_FIGURE = re.compile(r"(?<![.,:])(?<![^\W\u0e00-\uffff])\d+(?:[.,:]\d+)*")
"""What stands before a figure is no word, unless of a script that needs no spaces."""
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
    if fewer < _MIN_FIGURES:
        return 0.0
    return max(0.0, 1.0 - len(left & right) / fewer / _AGREEING_SHARE)
