"""Publication times: many spellings and languages in, one aware UTC time and its precision out."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

from wirethread.articles.dates.date_words import (
    find_months,
    find_weekdays,
    find_zone,
    fold_word,
    is_afternoon,
)
from wirethread.articles.dates.order import DateOrder, narrow_readings, read_slashed
from wirethread.articles.types.articles import TimePrecision

__all__ = ["AmbiguousDateError", "FutureDateError", "read_time", "read_url_time"]

MAX_DAYS_AHEAD = 2
"""A time further in the future than this is wrong: clocks and zones explain less."""
EARLIEST_YEAR = 1600
"""The first newspapers are of 1605."""
_MAX_WORDS = 150
_MAX_HOURS = 14
"""No zone is further from UTC."""
_NOTHING = frozenset(("", "none", "null", "nan", "nat", "unknown", "n/a", "0000-00-00",
                      "0000-00-00 00:00:00", "0000-00-00t00:00:00"))  # fmt: skip


class AmbiguousDateError(ValueError):
    """Day and month could be either way round."""


class FutureDateError(ValueError):
    """The time can be read, but lies ahead."""

    def __init__(self, message: str, moment: datetime, precision: TimePrecision) -> None:
        super().__init__(message)
        self.moment = moment
        self.precision = precision


def read_time(
    value: Any,
    *,
    now: datetime | None = None,
    order: DateOrder | None = None,
    language: str | None = None,
) -> tuple[datetime | None, TimePrecision]:
    """Return the time in UTC and how exactly it is known.

    A time without a zone is taken as UTC. A date without a clock time, and midnight sharp, which
    is how a date is often saved, count as precise to the day. A number is seconds (or, by its
    size, thousandths, millionths or billionths of them) since 1970. Null and "" mean that no time
    is known. `order` says how 03/04/2026 is meant, `language` how the name of a month is.

    Raises:
        ValueError: where the value is no time, or one that no article can have;
            `AmbiguousDateError` where only `order` could tell, `FutureDateError` where it lies
            ahead of `now`.
    """
    if isinstance(value, dict):
        value = _unwrap(value)
    if value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING):
        return None, TimePrecision.UNKNOWN
    latest = (now or datetime.now(UTC)) + timedelta(days=MAX_DAYS_AHEAD)
    moment, precision = _parse(value, order, language, latest)
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment.year < EARLIEST_YEAR:
        raise ValueError(f"its date {value!r:.120} lies before {EARLIEST_YEAR}")
    if moment > latest:
        message = f"its date {value!r:.120} lies in the future"
        raise FutureDateError(message, moment, precision)
    return moment, precision


def _unwrap(value: dict[Any, Any]) -> Any:
    """Return the time in `{"$date": ...}`, as databases write it, or in `{"value": ...}`."""
    for key in ("$date", "$numberLong", "date", "datetime", "value", "iso", "raw"):
        inner = value.get(key)
        if isinstance(inner, dict) and "$numberLong" in inner:
            inner = inner["$numberLong"]
        if isinstance(inner, str | int | float):
            return inner
    return value


def _parse(
    value: Any, order: DateOrder | None, language: str | None, latest: datetime
) -> tuple[datetime, TimePrecision]:
    try:
        if isinstance(value, datetime):  # of a Parquet column or a feed
            is_midnight = (value.hour, value.minute, value.second, value.microsecond) == (0,) * 4
            return value, TimePrecision.DAY if is_midnight else TimePrecision.SECOND
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC), TimePrecision.DAY
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_epoch(float(value)), TimePrecision.SECOND
        if isinstance(value, str) and len(value) <= _MAX_WORDS:
            return _from_words(_fold(value), order, language, latest)
    except AmbiguousDateError as error:
        raise AmbiguousDateError(f"its date {value!r:.120} {error}") from None
    except (ValueError, OverflowError, TypeError) as error:
        raise ValueError(f"its date {value!r:.120} cannot be read") from error
    raise ValueError(f"its date {value!r:.120} cannot be read")


_MIN_EPOCH, _MAX_EPOCH = 10**8, 10**11


def _from_epoch(seconds: float) -> datetime:
    for _ in range(3):
        if seconds >= _MAX_EPOCH:
            seconds /= 1000
    if not _MIN_EPOCH <= seconds < _MAX_EPOCH:
        raise ValueError("no time since 1970")
    return datetime.fromtimestamp(seconds, UTC)


# --- from words ---------------------------------------------------------------------------------

_EPOCH = re.compile(r"\d{9,19}(?:\.\d+)?")
_ISO_RARE = re.compile(r"(\d{4})-W(\d{2})-([1-7])|(\d{4})-(\d{3})")
_NET = re.compile(r"/?Date\((-?\d{9,15})(?:[+-]\d{4})?\)/?")
_COMPACT = re.compile(
    r"(?<!\d)((?:1[6-9]|2[01])\d\d)(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?)?(?!\d)"
)
_YEAR_FIRST = re.compile(
    r"(?<![\d.])(\d{4})\s?(?:[-/.]|年|년)\s?(\d{1,2})\s?(?:[-/.]|月|월)\s?(\d{1,2})(?!\d)\s?[日일]?"
)
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})(?![\d:])")
_ERA = re.compile(r"令和(\d{1,2}|元)年")
_CLOCK = re.compile(
    r"(?<![\d.,])(\d{1,2})(?:\s?[:：]\s?|[.hH]|\s?(?:時|时|点|點|시)\s?)(\d{2})(?!\d)"
    r"(?:\s?(?:[:.]|分|분)\s?(\d{2})(?!\d)(?:[.,:](\d{1,9})\d*)?)?\s?[分分초秒분]?"
)
_ISO_CLOCK = re.compile(r"(?<=\d)T(\d{2})(\d{2})?(\d{2})?(?=Z|[+-]|\s|$)")
_HOUR = re.compile(
    r"(?<![\d.,])(\d{1,2})\s?(?=(?:[ap]\.?\s?m\b)|(?:uhr|h|klo)\b|[時时点點시])", re.I
)
_HALF = re.compile(
    r"\s?([ap])\.?\s?m\b\.?|\s?([^\W\d_][^\s\d()\[\]+-]{0,15}(?:\s[^\W\d_]\.)?)", re.I
)
_OFFSET = re.compile(
    r"(?:(?:GMT|UTC|UT)\s?|(?<![\w-])|(?<=\x00)|(?<=[a-z]\x00)|(?<=m))"
    r"([+−-])\s?(\d{1,2})(?::?([0-5]\d))?(?![\d:])"
)  # fmt: skip
_ZONE = re.compile(
    r"\s?[(\[]?\s?([A-Z][A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?|[A-ZМСК]{1,5}(?![a-z])|"
    r"(?:Eastern|Central|Mountain|Pacific|Atlantic)"
    r"(?=\s(?:Standard |Daylight )?Time|\s*[)\]]?\s*$))"
)
_NAMED_PLACE = re.compile(r"[\[(]([A-Z][A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?)[\])]")
_TOKEN = re.compile(r"\d+|[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff.'’])*")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|re|ère|ème|e|o|a|de|\.)(?!\w)", re.I)
_MARK = "\x00"
_BUDDHIST_YEARS = 543
_FIRST_BUDDHIST, _LAST_BUDDHIST = 2480, 2700


def _fold(words: str) -> str:
    """Return words with one form of digits, spaces and signs, and nothing invisible."""
    folded = unicodedata.normalize("NFKC", words)
    return " ".join(
        "".join(
            str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
            for sign in folded
            if unicodedata.category(sign) != "Cf" and sign != _MARK
        )
        .replace("−", "-")
        .split()
    )


def _from_words(
    words: str, order: DateOrder | None, language: str | None, latest: datetime
) -> tuple[datetime, TimePrecision]:
    if match := _NET.fullmatch(words):
        return _from_epoch(float(match[1])), TimePrecision.SECOND
    if match := _COMPACT.search(words):
        found = _from_compact(match, words)
        if found is not None:
            return found
    if _EPOCH.fullmatch(words):
        return _from_epoch(float(words)), TimePrecision.SECOND
    words = _ERA.sub(lambda era: f"{2018 + (1 if era[1] == '元' else int(era[1]))}年", words)
    day, rest = _take_date(words, order, language, latest)
    clock, zone, is_next_day = _take_clock(rest, day)
    if clock is None:
        return datetime(day.year, day.month, day.day, tzinfo=UTC), TimePrecision.DAY
    moment = datetime.combine(day, clock, tzinfo=zone) + timedelta(days=is_next_day)
    is_midnight = clock == time() and not is_next_day
    if is_midnight and (zone is None or _is_plain_day(words) or not zone.utcoffset(moment)):
        return moment.replace(tzinfo=UTC), TimePrecision.DAY
    return moment, TimePrecision.SECOND


def _is_plain_day(words: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d[T ]00:00(?::00(?:\.0+)?)?[+-]00:?00", words) is not None


def _from_compact(match: re.Match[str], words: str) -> tuple[datetime, TimePrecision] | None:
    """Read 20261102, 20261102T091500Z and 20261102091500, None where no such date can be."""
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    if match[4] is None:
        rest = words[: match.start()] + " " + words[match.end() :]
        clock, zone, _ = _take_clock(rest, moment.date())
        if clock is None:
            return moment.replace(tzinfo=UTC), TimePrecision.DAY
        return datetime.combine(moment.date(), clock, tzinfo=zone), TimePrecision.SECOND
    zone = _find_zone(_MARK + words[match.end() :], moment)
    is_midnight = moment.time() == time() and zone in (None, UTC)
    return moment.replace(tzinfo=zone), TimePrecision.DAY if is_midnight else TimePrecision.SECOND


def _take_date(
    words: str, order: DateOrder | None, language: str | None, latest: datetime
) -> tuple[date, str]:
    """Return the day that words name, and the words without it.

    Raises:
        ValueError: where they name none.
    """
    if match := _ISO_RARE.fullmatch(words):
        if match[1]:
            return date.fromisocalendar(int(match[1]), int(match[2]), int(match[3])), ""
        return date(int(match[4]), 1, 1) + timedelta(days=int(match[5]) - 1), ""
    if match := _YEAR_FIRST.search(words):
        day = date(_read_year(int(match[1])), int(match[2]), int(match[3]))
        return day, f"{words[: match.start()]} {words[match.end() :]}"
    if match := _DOTTED.search(words):
        year = int(match[3]) + (0 if len(match[3]) == 4 else 2000 if int(match[3]) < 69 else 1900)
        day = date(_read_year(year), int(match[2]), int(match[1]))
        return day, f"{words[: match.start()]} {words[match.end() :]}"
    if readings := narrow_readings(words, read_slashed(words)):
        return _choose_reading(readings, order, latest), re.sub(
            r"(?<![\d/-])\d{1,2}([/-])\d{1,2}\1(?:\d{4}|\d{2})(?![\d/-])", " ", words, count=1
        )
    return _take_named_date(words, language)


def _choose_reading(
    readings: dict[DateOrder, date], order: DateOrder | None, latest: datetime
) -> date:
    days = set(readings.values())
    if len(days) == 1:
        return days.pop()
    past = [day for day in days if day <= latest.date()]
    if order in readings and (readings[order] in past or not past):
        return readings[order]
    if len(past) == 1:  # nothing was published ahead of now
        return past[0]
    raise AmbiguousDateError("may have the day or the month first")


def _read_year(year: int) -> int:
    """Return a year of our count for one of the Thai calendar."""
    return year - _BUDDHIST_YEARS if _FIRST_BUDDHIST <= year <= _LAST_BUDDHIST else year


def _take_named_date(words: str, language: str | None) -> tuple[date, str]:
    """Read a date with a month's name: "2. November 2026", "Nov 2, 2026", "2 tháng 11, 2026"."""
    bare = _CLOCK.sub(lambda clock: " " * len(clock[0]), _ORDINAL.sub(" ", words))
    bare = _HOUR.sub(lambda clock: " " * len(clock[0]), bare)
    if len(re.findall(r"(?<!\d)\d{4}(?!\d)", bare)) > 1:
        bare = re.sub(r"(?<=\s)[+-]\d{4}(?!\d)", " ", bare)  # hours from UTC
    tokens = [match[0] for match in _TOKEN.finditer(bare)][:60]
    place, width, month = _find_month(tokens, language)
    before, after = tokens[:place], tokens[place + width :]
    years = [int(token) for token in (*after, *before) if len(token) == 4 and token.isdigit()]
    day = _find_day(before[::-1], after)
    if not years:
        short = [token for token in after if token.isdigit() and len(token) == 2]
        if not short or not before or not before[-1].isdigit():
            raise ValueError("no year")
        years = [2000 + int(short[0]) if int(short[0]) < 69 else 1900 + int(short[0])]
    return date(_read_year(years[0]), month, day), words


def _find_month(tokens: list[str], language: str | None) -> tuple[int, int, int]:
    """Return the place of the month among tokens, how many they are, and its number."""
    found: list[tuple[int, int, frozenset[int], str]] = []
    place = 0
    while place < len(tokens):
        for width in (3, 2, 1):
            name = fold_word(" ".join(tokens[place : place + width]))
            months = find_months(name, language)
            if months:
                found.append((place, width, months, name))
                place += width - 1
                break
        place += 1
    if len({months for _, _, months, _ in found}) > 1:  # "mar. 3 nov." is a Tuesday
        found = [month for month in found if not find_weekdays(month[3])] or found
    if not found:
        raise ValueError("no month")
    place, width, months, _ = found[0]
    if len(months) > 1:
        raise AmbiguousDateError("names a month that differs from language to language")
    return place, width, next(iter(months))


def _find_day(before: list[str], after: list[str]) -> int:
    """Return the day: the number next to the month, before it or else behind it."""
    for tokens in (before[:3], after[:3]):
        for token in tokens:
            if token.isdigit():
                if len(token) <= 2 and 1 <= int(token) <= 31:
                    return int(token)
                break
    raise ValueError("the day is not stated")


# --- the clock ----------------------------------------------------------------------------------


def _take_clock(rest: str, day: date) -> tuple[time | None, tzinfo | None, bool]:
    """Return the clock time in words without a date, its zone, and whether it is 24:00."""
    match = _ISO_CLOCK.search("0" + rest.lstrip()) if rest.lstrip().startswith("T") else None
    if match is not None:
        rest = "0" + rest.lstrip()
    match = match or _CLOCK.search(rest) or _HOUR.search(rest)
    if match is None:
        return None, None, False
    parts = [*match.groups(), None, None, None][:4]
    hour, minute, second = (int(part or 0) for part in parts[:3])
    fraction = int((parts[3] or "0").ljust(6, "0")[:6])
    before, after = rest[: match.start()], rest[match.end() :]
    half = _find_half(before, after)
    if half is not None and 1 <= hour <= 12:
        hour = hour % 12 + 12 * half
    is_next_day = hour == 24 and not (minute or second)
    clock = time(0 if is_next_day else hour, minute, min(second, 59), fraction)
    moment = datetime.combine(day, clock)
    return clock, _find_zone(_MARK + after, moment), is_next_day


def _find_half(before: str, after: str) -> bool | None:
    """Return whether a time is of the afternoon, where the words beside it say."""
    if match := _HALF.match(after):
        if match[1]:
            return match[1].lower() == "p"
        for words in (match[2], match[2].partition(" ")[0]):
            half = is_afternoon(fold_word(words))
            if half is not None:
                return half
    last = re.search(r"([^\W\d_]\S*)\s?$", before)
    if last is None or last[1].isascii():  # German "am 2. November um" is no morning
        return None
    return is_afternoon(fold_word(last[1]))


def _find_zone(after: str, moment: datetime) -> tzinfo | None:
    """Return the zone in the words after a time, None (so UTC) where they name none known."""
    plain = re.sub(
        r"^\x00\s?(?:[ap]\.?\s?m\b\.?|uhr\b|h\b|hrs?\b|น\.)?[\s,]*", _MARK, after, flags=re.I
    )
    offset = _OFFSET.search(plain)
    if offset is not None and int(offset[2]) <= _MAX_HOURS:
        minutes = 60 * int(offset[2]) + int(offset[3] or 0)
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    if place := _NAMED_PLACE.search(plain):
        return find_zone(place[1], moment)
    if name := _ZONE.match(plain.removeprefix(_MARK)):
        return find_zone(name[1], moment)
    return None


# --- from addresses -----------------------------------------------------------------------------

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
            named = find_months(fold_word(month))
            if len(named) != 1:
                continue
            month = next(iter(named))
        try:
            days.add(datetime(int(match["year"]), int(month), int(day), tzinfo=UTC))
        except ValueError:
            continue
    latest = (now or datetime.now(UTC)) + timedelta(days=MAX_DAYS_AHEAD)
    if len(days) != 1 or (found := days.pop()) > latest:
        return None, TimePrecision.UNKNOWN
    return found, TimePrecision.DAY
