"""Options that several commands take, and what they mean."""

# ruff: noqa: PLC0415 - what is slow to import waits until it is used

import contextlib
import re
import shlex
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from wirethread.articles.errors import ConfigError

__all__ = [
    "Agency",
    "All",
    "AsJson",
    "ConfigFile",
    "DataFolder",
    "Limit",
    "Offset",
    "Outlet",
    "Since",
    "Until",
    "find_folder",
    "name_archive",
    "parse_moment",
]

DAYS_BACK = {"today": 0, "yesterday": 1}
UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
AGO = re.compile(r"(?P<number>\d{1,6}) (?P<unit>minute|hour|day|week)s? ago")

DataFolder = Annotated[
    Path | None,
    typer.Option("--data", help="Data folder; overrides the settings.", envvar="WIRETHREAD_DATA"),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Settings file; without it config.yaml in this folder, if there is one.",
        envvar="WIRETHREAD_CONFIG",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many to show.")]
Offset = Annotated[
    int, typer.Option("--offset", min=0, help="How many to leave out first, to go on in a list.")
]
All = Annotated[bool, typer.Option("--all", help="Show the whole list.")]
Outlet = Annotated[str | None, typer.Option("--outlet", help="Only this outlet.")]
Agency = Annotated[str | None, typer.Option("--agency", help="Only with copy of this agency.")]
Since = Annotated[
    str | None,
    typer.Option("--since", help="From this day or time on (UTC): 2024-03-11, today, 3 days ago."),
]
Until = Annotated[str | None, typer.Option("--until", help="Before this day or time (UTC).")]


def parse_moment(text: str | None, option: str, *, now: datetime | None = None) -> datetime | None:
    """Return a day or time given on the command line, in UTC where it names no zone.

    `today` and `yesterday` are the days of UTC that begin then; `3 days ago`, `12 hours ago` and
    `2 weeks ago` count back from now. Raises `ConfigError`.
    """
    if text is None:
        return None
    now = now or datetime.now(UTC)
    words = " ".join(text.lower().split())
    if words in DAYS_BACK:
        return datetime.combine(now.date() - timedelta(days=DAYS_BACK[words]), time(), UTC)
    if words == "now":
        return now
    if back := AGO.fullmatch(words):
        unit = UNITS[back["unit"]]
        with contextlib.suppress(OverflowError):
            return now - int(back["number"]) * unit
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option}: {text!r} is no day or time like 2024-03-11") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def find_folder(config: Path | None, data: Path | None) -> Path:
    """Return the data folder that is asked, without loading more than the settings."""
    if data is not None and config is None:
        return data
    from wirethread.flows.settings.config import load_settings

    return Path(load_settings(config, data_folder=data).data_folder)


def name_archive(data: Path | None, config: Path | None = None) -> str:
    """Return the options by which another command finds the archive that these named, or none."""
    named = (("--data", data), ("--config", config if data is None else None))
    return " ".join(f"{option} {shlex.quote(str(path))}" for option, path in named if path)
