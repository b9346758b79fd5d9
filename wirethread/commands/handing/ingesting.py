"""`wirethread ingest`: read and parse here, for the archive of another machine."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wirethread.articles.errors import ConfigError
from wirethread.articles.printable import count
from wirethread.terminal.console import print_answer
from wirethread.terminal.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wirethread.flows.ingesting import Ingesting
    from wirethread.flows.settings.config import Settings

__all__ = ["add_ingesting"]

EXIT_SOURCES_UNREAD = 5


def add_ingesting(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(ingest)


def ingest(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, folders, patterns, addresses or names of sources; without any, the sources"
            " of the settings."
        ),
    ] = None,
    *,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", help="Folder of this machine's own, which remembers what was read and sent."
        ),
    ] = None,
    files: Annotated[
        str | None,
        typer.Option(
            "--files",
            help="Where the shared archive's files are, for storage.files of the settings.",
        ),
    ] = None,
    config: ConfigFile = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing of the progress.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read and parse here, and hand in to a shared archive, whose machine does the rest."""
    from rich.console import Console

    from wirethread.drawing.progress import show_progress
    from wirethread.flows.ingesting import ingest as ingest_sources
    from wirethread.flows.runs.logs import open_logs
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    if files is not None:
        settings = name_files(settings, files)
    with (
        open_logs(settings.logging, on_terminal=False),
        show_progress(Console(stderr=True), is_shown=not quiet),
    ):
        done = ingest_sources(sources or [], settings)
    print_answer(done, as_json=as_json, draw=draw_ingesting)
    if done.unreadable_sources:
        raise SystemExit(EXIT_SOURCES_UNREAD)


def name_files(settings: "Settings", files: str) -> "Settings":
    """Return the settings with another place of the shared archive's files."""
    try:
        return replace(settings, storage=replace(settings.storage, files=files, catalog=""))
    except ValueError as error:
        raise ConfigError(f"--files: {error}") from None


def draw_ingesting(done: "Ingesting") -> "RenderableType":
    """Return what was read and handed in, in a few lines."""
    from rich.console import Group
    from rich.text import Text

    sent = done.handed_in
    lines = [
        Text(
            f"Read {count(done.n_read, 'article')}, {done.n_new:,} of them new,"
            f" {done.n_rejected:,} set aside, in {done.seconds:.1f} s."
        ),
        Text(
            f"Handed in {count(sent.n_sent, 'parcel')}; {count(sent.n_published, 'parcel')}"
            f" found published since; {sent.n_waiting:,} kept here until they are."
        ),
        *(Text(f"not read: {one}", style="red") for one in done.unreadable_sources),
        *(Text(f"set aside: {one}", style="red") for one in sent.refused),
    ]
    return Group(*lines)
