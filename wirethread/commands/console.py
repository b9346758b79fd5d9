"""What all commands share: their options, answers as tables or JSON, and bars for long work."""

# ruff: noqa: PLC0415 - what is slow to import waits until it is used

from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["AsJson", "ConfigFile", "DataFolder", "print_answer", "watch"]

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


def print_answer(value: Any, *, as_json: bool, draw: Any) -> None:
    """Print an answer as JSON for programs, or drawn for people."""
    if as_json:
        from wirethread.as_json import to_json

        print(to_json(value))
        return
    from wirethread.drawing.tables import open_console

    open_console().print(draw(value))


def watch(work: Any) -> Any:
    """Do something long with progress bars on standard error."""
    from rich.console import Console

    from wirethread.drawing.progress import show_progress

    console = Console(stderr=True)
    with show_progress(console, is_shown=console.is_terminal):
        return work()
