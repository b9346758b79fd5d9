"""Publication times: many spellings in, one aware UTC time and its precision out."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

from dateutil import parser

from wirethread.articles.types.articles import TimePrecision

__all__ = ["read_time", "read_url_time"]

MAX_DAYS_AHEAD = 2
"""A time further in the future than this is wrong: clocks and zones explain less."""
EARLIEST_YEAR = 1600
"""The first newspapers are of 1605."""

_DAY_ONLY = re.compile(
    r"^\s*(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)?)?\s*$"
)
_HAS_CLOCK = re.compile(r"\d{1,2}:\d{2}|\d{8}T?\d{4,6}|T\d{2}|\b\d{1,2}\s?[ap]\.?m\b", re.I)
# 8/29/18: slashes are the American order, month first, unless only the other one is possible
_SLASHED = re.compile(r"^\s*\d{1,2}/\d{1,2}/(?:\d{2}|\d{4})\s*$")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)|(?<!\d)\d{8}(?!\d)|\d{8}T")
_MIN_EPOCH, _MAX_EPOCH = 10**8, 10**11
_NOTHING = frozenset(("", "none", "null", "nan", "nat", "unknown", "n/a"))


def read_time(value: Any, *, now: datetime | None = None) -> tuple[datetime | None, TimePrecision]:
    """Return the time in UTC and how exactly it is known.

    A time without a zone is taken as UTC. A date without a clock time, and midnight sharp, which
    is how a date is often saved, count as precise to the day. A number is seconds (or, from
    100,000,000,000 on, milliseconds) since 1970. Null and "" mean that no time is known.

    Raises:
        ValueError: where the value is no time, or one that no article can have.
    """
    if value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING):
        return None, TimePrecision.UNKNOWN
    time, precision = _parse(value)
    time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    if time.year < EARLIEST_YEAR:
        raise ValueError(f"its date {value!r} lies before {EARLIEST_YEAR}")
    latest = (now or datetime.now(UTC)) + timedelta(days=MAX_DAYS_AHEAD)
    if time > latest:
        raise ValueError(f"its date {value!r} lies in the future")
    return time, precision


def _parse(value: Any) -> tuple[datetime, TimePrecision]:
    try:
        if isinstance(value, datetime):  # of a Parquet column or a feed
            is_midnight = (value.hour, value.minute, value.second, value.microsecond) == (0,) * 4
            return value, TimePrecision.DAY if is_midnight else TimePrecision.SECOND
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC), TimePrecision.DAY
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_epoch(float(value)), TimePrecision.SECOND
        if isinstance(value, str) and len(value) <= 100:
            return _from_words(value.strip())
    except (ValueError, OverflowError, TypeError) as error:
        raise ValueError(f"its date {value!r:.120} cannot be read") from error
    raise ValueError(f"its date {value!r:.120} cannot be read")


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_URL_DAY = re.compile(
    r"(?<=[/_-])(?P<year>(?:19[89]|20[0-4])\d)"
    r"(?:/(?P<month>\d{1,2}|[a-z]{3,9})/(?P<day>\d{1,2})(?=[/_.-]|$)"
    r"|-(?P<month2>\d{2})-(?P<day2>\d{2})(?=\D|$)"
    r"|(?P<month3>\d{2})(?P<day3>\d{2})(?=[/_.-]|$))",
    re.I,
)


def read_url_time(
    url: str | None, *, now: datetime | None = None
) -> tuple[datetime | None, TimePrecision]:
    """Return the day that an address names (`/2018/05/31/`, `/2018/may/31/`, `-20180531`).

    Nothing is returned where it names none, several, or one that cannot be.
    """
    path = re.split(r"[?#]", (url or "")[:2000], maxsplit=1)[0].partition("://")[2].partition("/")
    days = set()
    for match in _URL_DAY.finditer("/" + path[2]):
        month = match["month"] or match["month2"] or match["month3"]
        day = match["day"] or match["day2"] or match["day3"]
        if not month.isdigit():
            if month[:3].lower() not in _MONTHS:
                continue
            month = _MONTHS.index(month[:3].lower()) + 1
        try:
            days.add(datetime(int(match["year"]), int(month), int(day), tzinfo=UTC))
        except ValueError:
            continue
    latest = (now or datetime.now(UTC)) + timedelta(days=MAX_DAYS_AHEAD)
    if len(days) != 1 or (found := days.pop()) > latest:
        return None, TimePrecision.UNKNOWN
    return found, TimePrecision.DAY


def _from_epoch(seconds: float) -> datetime:
    if seconds >= _MAX_EPOCH:
        seconds /= 1000
    if not _MIN_EPOCH <= seconds < _MAX_EPOCH:
        raise ValueError("no time since 1970")
    return datetime.fromtimestamp(seconds, UTC)


# Hours from UTC of the zone names that newsrooms write and that mean one zone.
_ZONES = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "HKT": 8,
    "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip


def _name_zone(name: str | None, seconds: int | None) -> tzinfo | None:
    """Return the zone of a name or of seconds from UTC; None (so UTC) for a name not known."""
    if seconds is not None:
        return timezone(timedelta(seconds=seconds))
    hours = _ZONES.get((name or "").upper())
    return None if hours is None else timezone(timedelta(hours=hours))


def _from_words(words: str) -> tuple[datetime, TimePrecision]:
    day = _DAY_ONLY.match(words)
    if day is not None:
        year, month, number = (int(part) for part in day.groups())
        return datetime(year, month, number, tzinfo=UTC), TimePrecision.DAY
    if re.fullmatch(r"\d{9,13}(?:\.\d+)?", words):
        return _from_epoch(float(words)), TimePrecision.SECOND
    if _SLASHED.match(words):
        return parser.parse(
            words, default=datetime(2000, 1, 1), tzinfos=_name_zone
        ), TimePrecision.DAY
    if not _YEAR.search(words):
        raise ValueError("no year")
    try:
        time = parser.isoparse(words)
    except ValueError:
        # A default of midnight: a part that is not stated must not be taken from today's clock.
        default = datetime(2000, 1, 1, tzinfo=None)
        other = datetime(2000, 2, 2, tzinfo=None)
        time = parser.parse(words, default=default, tzinfos=_name_zone)
        if parser.parse(words, default=other, tzinfos=_name_zone).date() != time.date():
            raise ValueError("day or month is not stated") from None
    if not _HAS_CLOCK.search(words):
        if not re.search(r"\d{1,2}\D+\d{4}|\d{4}\D+\d{1,2}\D+\d{1,2}|\d{8}", words):
            raise ValueError("day or month is not stated")
        return time.replace(hour=0, minute=0, second=0, tzinfo=UTC), TimePrecision.DAY
    if (time.hour, time.minute, time.second) == (0, 0, 0) and time.utcoffset() in (
        None,
        timedelta(),
    ):
        return time, TimePrecision.DAY
    return time, TimePrecision.SECOND
