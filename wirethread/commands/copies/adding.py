"""The commands about copies, under their names."""

import typer

from wirethread.commands.copies.copied import copied, duplicates, wire
from wirethread.commands.copies.dedupe import dedupe

__all__ = ["add_copies"]


def add_copies(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(copied)
    app.command()(wire)
    app.command()(duplicates)
    app.command()(dedupe)
