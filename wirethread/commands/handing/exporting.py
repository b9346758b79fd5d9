"""`wirethread export`: the archive as files."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from wirethread.terminal.console import print_answer
from wirethread.terminal.options import (
    AsJson,
    ConfigFile,
    DataFolder,
    Since,
    find_folder,
    parse_moment,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wirethread.exports.folder import Exported

__all__ = ["add_exporting"]


class Form(StrEnum):
    """Forms of files, as words of the command line."""

    PARQUET = "parquet"
    CSV = "csv"
    NDJSON = "ndjson"


def add_exporting(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(export)


def export(
    folder: Annotated[
        str, typer.Argument(help="Folder to make, or an address such as s3://bucket/prefix.")
    ],
    data: DataFolder = None,
    config: ConfigFile = None,
    form: Annotated[Form, typer.Option("--format", help="Form of the files.")] = Form.PARQUET,
    since: Since = None,
    without_text: Annotated[
        bool, typer.Option("--without-text", help="Leave out the words of the articles.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of an earlier export.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write every view of the archive as files, with comments, checksums and a README."""
    from wirethread.exports.folder import export_archive

    done = export_archive(
        find_folder(config, data),
        folder,
        form=form.value,
        since=parse_moment(since, "--since"),
        with_text=not without_text,
        replace=replace,
        tell=tell_view if sys.stderr is not None and sys.stderr.isatty() else lambda _: None,
    )
    print_answer(done, as_json=as_json, draw=draw_exported)


def tell_view(name: str) -> None:
    """Say on a terminal what is being written."""
    sys.stderr.write(f"\r\x1b[2Kwriting {name}")
    sys.stderr.flush()


def draw_exported(done: "Exported") -> "RenderableType":
    """Return what was written, in words."""
    from rich.text import Text

    from wirethread.articles.printable import count
    from wirethread.commands.status import format_bytes

    return Text(
        f"{done.folder}: {count(done.n_views, 'view')} of {count(done.n_articles, 'article')} in"
        f" {count(len(done.files), 'file')}, {format_bytes(done.n_bytes)}. How to open them stands"
        " in its README.md."
    )
