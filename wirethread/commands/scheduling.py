"""`wirethread schedule` runs the pipeline by itself, again and again."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wirethread.articles.printable import make_printable
from wirethread.terminal.options import ConfigFile, DataFolder

if TYPE_CHECKING:
    from wirethread.flows.settings.sections import LoggingSettings

__all__ = ["LogFormat", "add_scheduling", "choose_logging"]


class LogFormat(StrEnum):
    """Forms of the log, as words of the command line."""

    TEXT = "text"
    JSON = "json"


def choose_logging(settings: "LoggingSettings", chosen: LogFormat | None) -> "LoggingSettings":
    """Return the settings with the form that the command line asks for."""
    from dataclasses import replace

    return settings if chosen is None else replace(settings, format=chosen.value)


def add_scheduling(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(schedule)


def schedule(
    *,
    data: DataFolder = None,
    config: ConfigFile = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show Prefect's own log too.")] = False,
) -> None:
    """Take in the configured sources whenever the schedule says; shows Prefect's page."""
    from wirethread.flows.schedule.serving import serve_schedule
    from wirethread.flows.settings.config import DEFAULT_FILE, load_settings

    if config is None and DEFAULT_FILE.is_file():
        config = Path(DEFAULT_FILE)
    settings = load_settings(config, data_folder=data)
    serve_schedule(settings, config, verbose=verbose, tell=tell)


def tell(words: str) -> None:
    """Say something to whoever watches, or to the log of the service."""
    print(make_printable(words), file=sys.stderr, flush=True)
