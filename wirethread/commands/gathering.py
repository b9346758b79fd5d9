"""`wirethread sources`: what each source gave when it was last read."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from wirethread.terminal.console import print_answer
from wirethread.terminal.options import AsJson, ConfigFile, DataFolder

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wirethread.storage.tables.sources import SourceReport

__all__ = ["add_gathering"]


def add_gathering(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sources)


def sources(
    data: DataFolder = None,
    config: ConfigFile = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Also those that are no longer in the settings.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the sources with what each gave last, and what went wrong."""
    from wirethread.storage.catalog import Catalog

    folder, names = data, set[str]()
    if folder is None or config is not None:
        from pathlib import Path

        from wirethread.flows.settings.config import load_settings

        settings = load_settings(config, data_folder=data)
        folder = Path(settings.data_folder)
        names = {source.name for source in settings.sources}
    with Catalog.open_published(folder) as catalog:
        found = catalog.sources.load_reports()
    if names and not all_:
        found = [one for one in found if one.source in names]
    print_answer(found, as_json=as_json, draw=draw_sources)


def draw_sources(found: Sequence["SourceReport"]) -> "RenderableType":
    """Return the sources as a table."""
    from rich.text import Text

    from wirethread.drawing.plain_table import plain_table

    if not found:
        return Text("No source of the settings was read yet.")
    table = plain_table()
    for name in ("source", "state", "read last", "new", "known", "set aside"):
        table.add_column(name, no_wrap=True)
    table.add_column("message", overflow="fold")
    for entry in found:
        when = f"{entry.last_read_at:%Y-%m-%d %H:%M}" if entry.last_read_at else ""
        numbers = map(str, (entry.n_new_articles, entry.n_known, entry.n_rejected))
        words = [entry.source, entry.state, when, *numbers, entry.message or ""]
        table.add_row(*map(Text, words))
    return table
