"""When runs are due: the schedule of the settings, and the times that it names."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from wirethread.articles.bounds import require_between
from wirethread.articles.errors import ConfigError
from wirethread.flows.settings.cron import find_cron_time, parse_cron

__all__ = ["ANCHOR", "ScheduleSettings", "find_last_due", "find_next_due", "is_stale"]

ANCHOR = datetime(2024, 1, 1, tzinfo=UTC)
"""Intervals are counted from here, so that every start of the program means the same times."""


def check_cron(text: str | None) -> str | None:
    """Return a cron line that can be read. Raises `ValueError` where it cannot."""
    if text is not None:
        parse_cron(text)
    return text


def check_timezone(name: str) -> str:
    """Return a time zone that exists. Raises `ValueError` where it does not."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("no such time zone; names look like Europe/Paris") from None
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSettings:
    """When `wirethread schedule` runs the pipeline: an interval or a cron line."""

    every_minutes: int | None = None
    """Minutes from one run to the next, 1 to 525600, counted from midnight UTC of a fixed day."""
    cron: Annotated[str | None, AfterValidator(check_cron)] = None
    """Times as a cron line, `"*/15 6-22 * * mon-fri"`, in place of `every_minutes`."""
    timezone: Annotated[str, AfterValidator(check_timezone)] = "UTC"
    """Time zone in which the cron line is read."""
    name: str = "scheduled"
    """Name of the deployment in Prefect; archives that share a server need one each."""
    wait_minutes: float = 60.0
    """A scheduled run waits this long for a run that holds the data folder; 0 to 1440."""
    port: int = 4200
    """Port of Prefect's page on this machine, or the next free one; 1024 to 65000."""

    def __post_init__(self) -> None:
        if self.every_minutes is not None:
            require_between(self, 1, 525_600, "every_minutes")
        if self.every_minutes is not None and self.cron is not None:
            raise ValueError("every_minutes and cron exclude each other")
        check_cron(self.cron)
        check_timezone(self.timezone)
        if not self.name.strip() or "/" in self.name or "%" in self.name:
            raise ValueError("name must be a word without / and %")
        require_between(self, 0, 1440, "wait_minutes")
        require_between(self, 1024, 65_000, "port")

    @property
    def is_set(self) -> bool:
        """Whether runs are scheduled at all."""
        return self.every_minutes is not None or self.cron is not None

    def describe(self) -> str:
        """Return the schedule in words."""
        if self.every_minutes is not None:
            return (
                f"every {self.every_minutes} minutes" if self.every_minutes > 1 else "each minute"
            )
        return f"cron {self.cron} ({self.timezone})" if self.cron else "no schedule"


def find_next_due(schedule: ScheduleSettings, moment: datetime) -> datetime | None:
    """Return the first time after `moment` at which a run is due, in UTC; None without schedule."""
    if schedule.every_minutes is not None:
        step = timedelta(minutes=schedule.every_minutes)
        return ANCHOR + ((moment - ANCHOR) // step + 1) * step
    return find_by_cron(schedule, moment, after=True)


def find_last_due(schedule: ScheduleSettings, moment: datetime) -> datetime | None:
    """Return the last time up to `moment` at which a run was due, in UTC; None without schedule."""
    if schedule.every_minutes is not None:
        step = timedelta(minutes=schedule.every_minutes)
        return ANCHOR + (moment - ANCHOR) // step * step
    return find_by_cron(schedule, moment, after=False)


def find_by_cron(schedule: ScheduleSettings, moment: datetime, *, after: bool) -> datetime | None:
    if schedule.cron is None:
        return None
    line = parse_cron(schedule.cron)
    return find_cron_time(line, moment, ZoneInfo(schedule.timezone), after=after)


def is_stale(schedule: ScheduleSettings, last_begun: datetime | None, moment: datetime) -> bool:
    """Whether two runs in a row are missing: a run may still be on its way to the last time due.

    `last_begun` is when the last run that finished began. Raises `ConfigError` without a schedule.
    """
    last = find_last_due(schedule, moment)
    if last is None:
        raise ConfigError("no schedule is set")
    before = find_last_due(schedule, last - timedelta(seconds=1))
    return last_begun is None or (before is not None and last_begun < before)
