"""`wirethread migrate`: between a data folder and a shared archive."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

from typing import TYPE_CHECKING, Annotated

import typer

from wirethread.articles.errors import ConfigError
from wirethread.articles.printable import count
from wirethread.terminal.console import print_answer
from wirethread.terminal.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wirethread.storage.sharing import Migration

__all__ = ["add_migrating"]


def add_migrating(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(migrate)


def migrate(
    source: Annotated[
        str, typer.Argument(help="Data folder, or a shared archive (ducklake:...) to make one of.")
    ],
    target: Annotated[str, typer.Argument(help="The shared archive, or a new data folder.")],
    *,
    files: Annotated[
        str | None,
        typer.Option(
            "--files",
            help="Where the shared archive's files are: a folder of all machines, or s3://...",
        ),
    ] = None,
    config: ConfigFile = None,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="Seconds to wait for a run to end.")
    ] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Move all rows, vectors and words to a shared archive (DuckLake), or back to a folder."""
    from wirethread.flows.settings.config import load_settings
    from wirethread.storage.shared_address import is_shared, parse_address
    from wirethread.storage.sharing import migrate_from_shared, migrate_to_shared

    if is_shared(source) == is_shared(target):
        raise ConfigError("migrate: one of the two is a data folder, the other ducklake:...")
    settings = load_settings(config).storage
    if is_shared(source):
        if files is not None:
            raise ConfigError("migrate: a shared archive knows itself where its files are")
        done = migrate_from_shared(parse_address(source), target, settings=settings)
    else:
        if files is None:
            raise ConfigError("migrate: say with --files where the shared archive's files are")
        done = migrate_to_shared(
            source, parse_address(target), files, settings=settings, wait_seconds=wait
        )
    print_answer(done, as_json=as_json, draw=draw_migration)


def draw_migration(done: "Migration") -> "RenderableType":
    """Return what was moved, in a line."""
    from rich.text import Text

    return Text(
        f"{done.target}: {count(done.n_articles, 'article')};"
        f" {count(done.n_rows, 'row')} and {count(done.n_files, 'file')} brought from {done.source}"
    )
