"""`run`, `demo` and `config`."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wirethread.articles.errors import ConfigError
from wirethread.commands.scheduling import LogFormat, choose_logging
from wirethread.terminal.console import print_answer
from wirethread.terminal.options import (
    AsJson,
    ConfigFile,
    DataFolder,
    name_archive,
)

if TYPE_CHECKING:
    from wirethread.flows.settings.config import Settings

__all__ = ["add_running"]

EXIT_SOURCES_UNREAD = 5


def add_running(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(run)
    app.command()(demo)
    app.command(name="config")(show_config)


def run(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, folders, patterns, addresses, names of sources, or - for standard input;"
            " without any, the sources of the settings."
        ),
    ] = None,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
    outlet: Annotated[
        str | None, typer.Option("--outlet", help="Outlet of the articles that name none.")
    ] = None,
    outlet_from: Annotated[
        str | None,
        typer.Option(
            "--outlet-from",
            help="Where it stands in the file's path, as '{outlet}/*.txt'; or folder.",
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--columns",
            metavar="FIELD=NAME,...",
            help="Which column of a table (or field of a record) is which: title=kop,text=tekst.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing of the progress.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show a line a step, and Prefect's own log.")
    ] = False,
    log_format: Annotated[
        LogFormat | None, typer.Option("--log-format", help="Log for people or for machines.")
    ] = None,
) -> None:
    """Take in articles, find the copy in them, thread the stories, publish the answers."""
    from rich.console import Console

    from wirethread.drawing.progress import show_progress
    from wirethread.flows.runs.logs import open_logs
    from wirethread.flows.schedule.start import run_once
    from wirethread.flows.settings.config import load_settings

    settings = name_outlets_of_run(
        load_settings(config, data_folder=data),
        outlet=outlet,
        outlet_from=outlet_from,
        columns=parse_columns(columns),
    )
    told = choose_logging(settings.logging, log_format)
    is_logged = verbose or log_format is not None
    console = Console(stderr=True)
    with (
        open_logs(told, on_terminal=is_logged),
        show_progress(console, is_shown=not (quiet or is_logged)),
    ):
        result = run_once(sources or [], settings, verbose=verbose)

    from wirethread.drawing.answers import draw_run

    where = name_archive(data, config)
    print_answer(result, as_json=as_json, draw=lambda one: draw_run(one, where))
    if result.unreadable_sources:
        raise SystemExit(EXIT_SOURCES_UNREAD)


def name_outlets_of_run(
    settings: "Settings",
    *,
    outlet: str | None,
    outlet_from: str | None,
    columns: Mapping[str, str],
) -> "Settings":
    """Return the settings with outlets and columns of this run in place of those that are set."""
    if outlet is None and outlet_from is None and not columns:
        return settings
    try:
        ingest = replace(
            settings.ingest,
            outlet=outlet or settings.ingest.outlet,
            outlet_from=outlet_from or settings.ingest.outlet_from,
            columns=columns or settings.ingest.columns,
        )
    except ValueError as error:
        words = str(error).replace("outlet_from:", "--outlet-from:")
        raise ConfigError(words.replace("columns:", "--columns:")) from None
    return replace(settings, ingest=ingest)


def parse_columns(given: Sequence[str] | None) -> dict[str, str]:
    """Return `title=kop,text=tekst`, in one or several, as our field -> their name.

    Raises `ConfigError`.
    """
    pairs = [one.strip() for text in given or () for one in text.split(",") if one.strip()]
    columns: dict[str, str] = {}
    for pair in pairs:
        ours, sign, theirs = (part.strip() for part in pair.partition("="))
        if not (ours and sign and theirs):
            raise ConfigError(f"--columns: {pair!r} is not like title=kop")
        if columns.get(ours, theirs) != theirs:
            raise ConfigError(f"--columns: {ours} is both {columns[ours]!r} and {theirs!r}")
        columns[ours] = theirs
    return columns


def demo(
    folder: Annotated[
        Path, typer.Option("--data", help="Folder for the demo; its contents are made anew.")
    ] = Path("wirethread-demo"),
    serve: Annotated[
        bool, typer.Option("--serve", help="Then show the result as pages, until stopped.")
    ] = False,
) -> None:
    """Run the pipeline on the shipped sample of three invented news days, offline."""
    from wirethread.commands.demo import run_demo

    run_demo(folder)
    if serve:
        from wirethread.commands.serving import serve_folder

        serve_folder(folder)


def show_config(
    config: ConfigFile = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Print every setting, explained, as a file.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print the settings in force, or a settings file to start from."""
    if defaults:
        from wirethread.flows.settings.file import write_default_settings

        print(write_default_settings(), end="")
        return
    import yaml

    from wirethread.flows.settings.config import dump_settings, load_settings

    settings = dump_settings(load_settings(config))
    if as_json:
        print_answer(settings, as_json=True, draw=None)
    else:
        print(yaml.safe_dump(settings, sort_keys=False), end="")
