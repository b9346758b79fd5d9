"""Times that a cron line names, by `cronsim`: its clock is ours, its mistakes told field by field.

Prefect reads the same lines when it schedules; this says when a line is due without importing it,
so that settings are checked and `wirethread status` answers at once.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from cronsim.cronsim import Field

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
FIELDS = (
    ("minute", Field.MINUTE, "0 to 59"),
    ("hour", Field.HOUR, "0 to 23"),
    ("day", Field.DAY, "1 to 31"),
    ("month", Field.MONTH, "1 to 12, or jan to dec"),
    ("weekday", Field.DOW, "0 to 7, or sun to sat"),
)
_UNTIL_SUNDAY = re.compile(r"-(?:sun|0)(?![0-9])", re.IGNORECASE)
_WIDEST_CHANGE = timedelta(hours=3)
"""No clock is put forward or back by more."""


@dataclass(frozen=True, slots=True)
class CronLine:
    """A cron line that can be read."""

    text: str
    """In five fields, every range and step written out: as Prefect is told it."""


def parse_cron(text: str) -> CronLine:
    """Return a cron line. Raises `ValueError` that says which field is wrong."""
    words = ALIASES.get(text.strip().lower(), text).split()
    if len(words) != len(FIELDS):
        raise ValueError(
            "a cron line has five fields (minute hour day month weekday), this one has "
            f"{len(words)}"
        )
    words[4] = _UNTIL_SUNDAY.sub("-7", words[4])  # `fri-sun`
    line = " ".join(
        write_field(word, name, field, allowed)
        for word, (name, field, allowed) in zip(words, FIELDS, strict=True)
    )
    try:
        next(CronSim(line, datetime(2000, 1, 1)))
    except (CronSimError, StopIteration):
        raise ValueError("no day ever has this date") from None
    return CronLine(line)


def write_field(word: str, name: str, field: Field, allowed: str) -> str:
    """Return a field with its numbers written out; what only names a place in a month stays."""
    if word == "*":
        return word
    try:
        numbers = field.parse(word.upper())
    except CronSimError:
        raise ValueError(f"{name}: {word!r} is none of {allowed}, or a range or step") from None
    if any(not isinstance(number, int) or number < 0 for number in numbers):
        return word.upper()
    modulus = 7 if field is Field.DOW else 1_000
    return ",".join(map(str, sorted({int(str(number)) % modulus for number in numbers})))


def find_cron_time(
    line: CronLine, moment: datetime, zone: ZoneInfo, *, after: bool
) -> datetime | None:
    """Return the next time after `moment`, or else the last one at or before it, in UTC.

    None where no day of fifty years has the date. A time that the clocks jump over does not come;
    one that comes twice comes the first time.
    """
    local = moment.astimezone(zone).replace(tzinfo=None)
    start = local - _WIDEST_CHANGE if after else local + _WIDEST_CHANGE
    for found in CronSim(line.text, start, reverse=not after):
        due_at = found.replace(tzinfo=zone).astimezone(UTC)
        if due_at.astimezone(zone).replace(tzinfo=None) != found:
            continue
        if (due_at > moment) if after else (due_at <= moment):
            return due_at
    return None
