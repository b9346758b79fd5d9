"""Times that a cron line names: five fields, names of months and days, steps, ranges and lists.

Prefect reads the same lines when it schedules; this says when a line is due without importing it,
so that settings are checked and `wirethread status` answers at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["CronLine", "find_cron_time", "parse_cron"]

ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
LONGEST_SEARCH_DAYS = 8 * 366
"""29 February comes again after eight years at the latest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CronLine:
    """What each field of a cron line allows. Weekdays count from Sunday, 0."""

    text: str
    """The line in five fields, every range written out: as Prefect is told it."""
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    """The field of days is a star."""
    any_weekday: bool

    def allows(self, day: date) -> bool:
        """Whether the line names this day: one of the two fields suffices where both are given."""
        if day.month not in self.months:
            return False
        by_day = day.day in self.days
        by_weekday = day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_day and by_weekday
        return by_day or by_weekday


def parse_cron(text: str) -> CronLine:
    """Return what a cron line allows. Raises `ValueError` that says which field is wrong."""
    words = ALIASES.get(text.strip().lower(), text).split()
    if len(words) != len(FIELDS):
        raise ValueError(
            "a cron line has five fields (minute hour day month weekday), this one has "
            f"{len(words)}"
        )
    allowed = [
        parse_field(word, name, low, high)
        for word, (name, low, high) in zip(words, FIELDS, strict=True)
    ]
    allowed[4] = frozenset(one % 7 for one in allowed[4])
    minutes, hours, days, months, weekdays = allowed
    line = CronLine(
        text=" ".join(
            "*" if word == "*" else ",".join(map(str, sorted(numbers)))
            for word, numbers in zip(words, allowed, strict=True)
        ),
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=weekdays,
        any_day=words[2] == "*",
        any_weekday=words[4] == "*",
    )
    if find_cron_time(line, datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"), after=True) is None:
        raise ValueError("no day ever has this date")
    return line


def parse_field(word: str, name: str, low: int, high: int) -> frozenset[int]:
    """Return the numbers that one field allows."""
    allowed: set[int] = set()
    for part in word.split(","):
        span, slash, step_word = part.partition("/")
        step = read_number(step_word, name, 1, high) if slash else 1
        if span == "*":
            begin, end = low, high
        else:
            first, dash, last = span.partition("-")
            begin = read_number(first, name, low, high)
            alone = high if slash else begin
            end = read_number(last, name, low, high) if dash else alone
            if name == "weekday" and dash and end == 0:
                end = 7  # `fri-sun`
            if end < begin:
                raise ValueError(f"{name}: {span} ends before it begins")
        allowed.update(range(begin, end + 1, step))
    return frozenset(allowed)


def read_number(word: str, name: str, low: int, high: int) -> int:
    """Return a number of a field, or the number that a name of a month or day stands for."""
    names = {"month": (MONTHS, 1), "weekday": (DAYS, 0)}.get(name)
    if names is not None and word.lower() in names[0]:
        return names[0].index(word.lower()) + names[1]
    if not (word.isascii() and word.isdecimal()):
        raise ValueError(f"{name}: {word!r} is no number")
    number = int(word)
    if not low <= number <= high:
        raise ValueError(f"{name}: {number} is not between {low} and {high}")
    return number


def find_cron_time(
    line: CronLine, moment: datetime, zone: ZoneInfo, *, after: bool
) -> datetime | None:
    """Return the next time after `moment`, or else the last one at or before it, in UTC.

    None where no day of the next (last) eight years has the date. A time that the clocks jump over
    does not come; one that comes twice comes the first time.
    """
    day = moment.astimezone(zone).date()
    for _ in range(LONGEST_SEARCH_DAYS):
        if line.allows(day):
            for one in list_times(line, day, zone, backwards=not after):
                if (one > moment) if after else (one <= moment):
                    return one
        day += timedelta(days=1 if after else -1)
    return None


def list_times(line: CronLine, day: date, zone: ZoneInfo, *, backwards: bool) -> Iterator[datetime]:
    """Yield the times of one day in UTC."""
    for hour in sorted(line.hours, reverse=backwards):
        for minute in sorted(line.minutes, reverse=backwards):
            local = datetime.combine(day, time(hour, minute), tzinfo=zone)
            moment = local.astimezone(UTC)
            if moment.astimezone(zone).time() == local.time():
                yield moment
