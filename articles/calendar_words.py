"""The names of months and weekdays in every language of the Unicode locale data (CLDR)."""

import re
from functools import cache

__all__ = ["is_calendar_word"]

_SHORTEST_STEM = 4
_LONGEST_ENDING = 4
"""Letters; a name may be inflected ("novembris", "novembrī"), its stem stays."""
_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_USED_BY_DESKS = frozenset(("sept", "janv", "febr", "mär", "märz", "juil", "gen", "ene", "abr"))
"""Abbreviations of newsrooms that CLDR writes otherwise."""


def is_calendar_word(word: str) -> bool:
    """Tell whether a word is the name of a month or a weekday, abbreviated or inflected."""
    folded = word.casefold().strip(".'’")
    if folded in _USED_BY_DESKS:
        return True
    names, stems = _load_names()
    if folded in names:
        return True
    # A name without its ending, with another in its place: as long as the two agree for long.
    return any(
        folded[:length] in stems
        for length in range(max(_SHORTEST_STEM, len(folded) - _LONGEST_ENDING), len(folded))
    )


@cache
def _load_names() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names, case-folded, and what stays of the longer ones when they are inflected."""
    from babel import Locale  # noqa: PLC0415 - half a second that only a rare dateline needs
    from babel.localedata import locale_identifiers  # noqa: PLC0415

    names: set[str] = set()
    for identifier in locale_identifiers():
        if "_" in identifier:
            continue
        locale = Locale.parse(identifier)
        for context in ("format", "stand-alone"):
            for width in ("abbreviated", "wide"):
                for table in (locale.months, locale.days):
                    for words in table[context][width].values():
                        names.update(_LETTERS.findall(words.casefold()))
    whole = frozenset(name for name in names if len(name) > 1)
    stems = {
        name[: len(name) - cut]
        for name in whole
        for cut in (0, 1, 2)
        if len(name) - cut >= _SHORTEST_STEM
    }
    return whole, frozenset(stems)
