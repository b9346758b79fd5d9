"""`wirethread export`: the archive as files."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wirethread.articles.errors import ConfigError
from wirethread.articles.printable import count
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
    PASSIM = "passim"
    PASSIM_CLUSTERS = "passim-clusters"
    LABEL_STUDIO = "label-studio"


FOLDERS = (Form.PARQUET, Form.CSV, Form.NDJSON)
"""Forms that are a folder of all views; the others are one file."""


def add_exporting(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(export)


def export(
    folder: Annotated[
        str,
        typer.Argument(
            help="Folder to make, or an address such as s3://bucket/prefix; a file, here or there,"
            " for passim and Label Studio."
        ),
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
    if form not in FOLDERS:
        for option, is_given in (("--since", since is not None), ("--without-text", without_text)):
            if is_given:
                raise ConfigError(f"export: --format {form.value} takes no {option}")
        export_file(find_folder(config, data), folder, form, as_json=as_json)
        return
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


def export_file(data: Path, place: str, form: Form, *, as_json: bool) -> None:
    """Write one file of articles or passages for another program."""
    from wirethread.exports.reuse_forms import write_reuse
    from wirethread.terminal.files import writing_at

    with writing_at(place) as file:
        n_records = write_reuse(data, file, form.value)
    done = {"file": place, "form": form.value, "n_records": n_records}
    print_answer(done, as_json=as_json, draw=lambda _: f"{place}: {count(n_records, 'record')}.")


def tell_view(name: str) -> None:
    """Say on a terminal what is being written."""
    sys.stderr.write(f"\r\x1b[2Kwriting {name}")
    sys.stderr.flush()


def draw_exported(done: "Exported") -> "RenderableType":
    """Return what was written, in words."""
    from rich.text import Text

    from wirethread.commands.status import format_bytes

    return Text(
        f"{done.folder}: {count(done.n_views, 'view')} of {count(done.n_articles, 'article')} in"
        f" {count(len(done.files), 'file')}, {format_bytes(done.n_bytes)}. How to open them stands"
        " in its README.md."
    )
