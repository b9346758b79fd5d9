"""The `wirethread` command: every heavy import waits until a command needs it."""

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from articles.errors import ConfigError, NotFoundError, RunInProgressError, WirethreadError
from wirethread import __version__

__all__ = ["app", "main"]

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOT_FOUND = 3
EXIT_BUSY = 4

app = typer.Typer(
    name="wirethread",
    help="Finds the wire copy in news articles, shows how we know, and threads the stories.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
