"""A day or time as somebody asks for it: one reading for commands, Python, pages and models."""

import re
from datetime import UTC, date, datetime, time, timedelta

from wirethread.articles.errors import ConfigError

__all__ = ["to_moment"]

_DAYS_BACK = {"today": 0, "yesterday": 1}
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_AGO = re.compile(r"(?P<number>\d{1,6}) (?P<unit>minute|hour|day|week)s? ago")


def to_moment(given: object, name: str, *, now: datetime | None = None) -> datetime:
    """Return a time in UTC; a day is its beginning, and what names no zone is UTC.

    Words are `2024-03-11`, `2024-03-11T10:00`, `today` and `yesterday` (the days of UTC that begin
    then), `now`, and `3 days ago`, `12 hours ago` or `2 weeks ago`, which count back from now.
    Raises `ConfigError` for anything else; `name` is what it was given for.
    """
    if isinstance(given, str):
        moment = _read_words(given, name, now or datetime.now(UTC))
    elif isinstance(given, datetime) and given == given:  # noqa: PLR0124 - NaT is not itself
        moment = given
    elif isinstance(given, date) and given == given:  # noqa: PLR0124
        moment = datetime.combine(given, time())
    else:
        raise ConfigError(f"{name}: {given!r} is no day or time")
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise ConfigError(f"{name}: {str(given)!r} is outside the years 1 to 9999") from None


def _read_words(text: str, name: str, now: datetime) -> datetime:
    words = " ".join(text.lower().split())
    try:
        if words in _DAYS_BACK:
            return datetime.combine(now.date() - timedelta(days=_DAYS_BACK[words]), time(), UTC)
        if words == "now":
            return now
        if back := _AGO.fullmatch(words):
            return now - int(back["number"]) * _UNITS[back["unit"]]
        return datetime.fromisoformat(text.strip())
    except OverflowError:
        raise ConfigError(f"{name}: {text!r} is outside the years 1 to 9999") from None
    except ValueError:
        raise ConfigError(f"{name}: {text!r} is no day or time like 2024-03-11") from None
