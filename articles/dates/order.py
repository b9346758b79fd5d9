"""Whether 03/04 is the third of April or the fourth of March: what a source, and a place, tell."""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import cache

from wirethread.articles.addresses import read_host
from wirethread.articles.dates.date_words import find_weekdays, fold_word

__all__ = ["DateOrder", "find_order", "guess_order", "narrow_readings", "read_slashed"]


class DateOrder(StrEnum):
    """Which number of a date stands first where the year stands last."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


_SLASHED = re.compile(r"(?<![\d/-])(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/-])")
_PIVOT = 69
"""Years of two digits from here on are of the last century, as in POSIX."""
_TOP = re.compile(r"\.([a-z]{2})$")
_NO_COUNTRY = frozenset(
    ("ac", "ai", "am", "cc", "co", "eu", "fm", "gg", "io", "la", "ly", "me", "sh", "to", "tv", "ws")
)
"""Endings of addresses that are sold to anyone."""


def read_slashed(words: str) -> dict[DateOrder, date]:
    """Return the dates that numbers such as 03/04/2026 can mean, by the order they are read in."""
    match = _SLASHED.search(words)
    if match is None:
        return {}
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if len(match[4]) == 2:
        year += 2000 if year < _PIVOT else 1900
    found: dict[DateOrder, date] = {}
    for order, month, day in (
        (DateOrder.DAY_FIRST, second, first),
        (DateOrder.MONTH_FIRST, first, second),
    ):
        try:
            found[order] = date(year, month, day)
        except ValueError:
            continue
    return found


def find_order(words: str, known: Iterable[date] = (), *, today: date) -> DateOrder | None:
    """Return the order that a date was written in, None where it doesn't tell.

    It tells where only one of the readings is a date that can be: there is no thirteenth month, the
    weekday is named, and nothing is published after `today`; or where another date of the same
    article, in `known`, is one of them.
    """
    readings = narrow_readings(words, read_slashed(words))
    if len(set(readings.values())) < 2:
        return next(iter(readings)) if len(readings) == 1 else None
    past = [order for order, day in readings.items() if (day - today).days <= 1]
    if len(past) == 1:
        return past[0]
    days = set(known)
    agreeing = [order for order, day in readings.items() if day in days]
    return agreeing[0] if len(agreeing) == 1 else None


def narrow_readings(words: str, readings: dict[DateOrder, date]) -> dict[DateOrder, date]:
    """Return the readings whose weekday is the one that stands beside the date, if one does."""
    if len(readings) < 2:
        return readings
    for token in re.findall(r"[^\W\d_][^\s\d/,;:]+", words)[:10]:
        if weekdays := find_weekdays(fold_word(token)):
            agreeing = {order: day for order, day in readings.items() if day.weekday() in weekdays}
            return agreeing or readings
    return readings


def guess_order(language: str | None, url: str | None) -> DateOrder | None:
    """Return the order that is usual where a text comes from, None where that is not known.

    English is written both ways: there the country tells, by `en-GB` or an address in `.uk`.
    """
    parts = re.split(r"[-_]", (language or "").strip())
    code = parts[0].lower()
    country = next((part.upper() for part in parts[1:] if len(part) == 2), None)
    top = _TOP.search(read_host(url) or "")
    if country is None and top is not None and top[1] not in _NO_COUNTRY:
        country = {"uk": "GB"}.get(top[1], top[1].upper())
    if not re.fullmatch("[a-z]{2,3}", code):
        if country is None:
            return None
        code = "en"
    if code == "en" and country is None:
        return None
    return _load_order(code, country)


@cache
def _load_order(code: str, country: str | None) -> DateOrder | None:
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - only for such dates

    for territory in (country, None):
        if territory is None and code == "en":
            return None
        try:
            pattern = Locale(code, territory=territory).date_formats["short"].pattern
        except (UnknownLocaleError, ValueError):
            continue
        day, month = pattern.find("d"), pattern.find("M")
        if pattern.find("y") < min(day, month):  # year first: nothing is said of the other two
            return None
        return DateOrder.DAY_FIRST if day < month else DateOrder.MONTH_FIRST
    return None
