"""`wirethread mcp`: the archive for language models."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

import typer

from wirethread.terminal.options import ConfigFile, DataFolder, find_folder

__all__ = ["add_assisting"]


def add_assisting(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(mcp)


def mcp(data: DataFolder = None, config: ConfigFile = None) -> None:
    """Answer a language model over the Model Context Protocol, on standard input and output.

    The client starts it. It only reads; articles are marked as words of others.
    """
    from wirethread.assistants.server import serve_stdio

    serve_stdio(find_folder(config, data), config=config)
