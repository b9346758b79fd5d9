"""Figures of a text, in the digits of any script."""

import re
import unicodedata

__all__ = ["find_figures", "fold_digits"]

_MAX_CHARACTERS = 6_000
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
