"""The names of months and weekdays in every language of the Unicode locale data (CLDR)."""

import re
from functools import cache
from importlib import resources

__all__ = ["collect_names", "is_calendar_word"]

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
    shipped = resources.files("wirethread.articles").joinpath("calendar_names.txt")
    names = frozenset(shipped.read_text(encoding="utf-8").split())
    stems = {
        name[: len(name) - cut]
        for name in names
        for cut in (0, 1, 2)
        if len(name) - cut >= _SHORTEST_STEM
    }
    return names, frozenset(stems)


def collect_names() -> frozenset[str]:
    """Return the names from the locale data itself, which takes seconds.

    `python -m wirethread.articles.calendar_words > articles/calendar_names.txt` ships them.
    """
    from babel import Locale  # noqa: PLC0415 - only where the list is made or checked
    from babel.localedata import locale_identifiers  # noqa: PLC0415

    tables = [
        table[context][width]
        for locale in map(Locale.parse, locale_identifiers())
        if locale.territory is None and locale.script is None
        for table in (locale.months, locale.days)
        for context in ("format", "stand-alone")
        for width in ("abbreviated", "wide")
    ]
    words = {word for table in tables for word in table.values()}
    found = {name for word in words for name in _LETTERS.findall(word.casefold())}
    return frozenset(name for name in found if len(name) > 1)


if __name__ == "__main__":
    print("\n".join(sorted(collect_names())))
