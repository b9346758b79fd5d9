"""Options that several commands take, and what they mean."""

# ruff: noqa: PLC0415 - what is slow to import waits until it is used

import shlex
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from wirethread.moments import to_moment

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


def parse_moment(text: str | None, option: str) -> datetime | None:
    """Return a day or time given on the command line. Raises `ConfigError`."""
    return None if text is None else to_moment(text, option)


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
