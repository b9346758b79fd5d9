"""`wirethread plot`: pictures of an archive, each with its table."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

from datetime import UTC
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from wirethread.articles.errors import ConfigError
from wirethread.terminal.console import print_answer
from wirethread.terminal.options import (
    AsJson,
    ConfigFile,
    DataFolder,
    Outlet,
    Since,
    find_folder,
    parse_moment,
)

__all__ = ["add_plotting"]


class Kind(StrEnum):
    """What can be plotted, as words of the command line."""

    TIMELINE = "timeline"
    COPYING = "copying"
    SPREAD = "spread"
    AGENCIES = "agencies"
    WIRE_SHARE = "wire-share"


def add_plotting(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(plot)


def plot(
    kind: Annotated[
        Kind,
        typer.Argument(
            help="timeline (of a story), copying (who copied whom), spread (of a passage), agencies"
            " (outlet by agency), wire-share (by week)."
        ),
    ],
    subject: Annotated[
        str | None, typer.Argument(help="Id of the story or passage, where it is about one.")
    ] = None,
    data: DataFolder = None,
    config: ConfigFile = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", help="Draw it: .html (with the table), .svg, .png or .json."
        ),
    ] = None,
    since: Since = None,
    outlet: Outlet = None,
    as_json: AsJson = False,
) -> None:
    """Show a story, copying or wire shares as a picture, or as the table behind it."""
    from wirethread.storage.answers.whole.plotted import PlotKind, load_table
    from wirethread.storage.catalog import Catalog

    is_about = kind in (Kind.TIMELINE, Kind.SPREAD)
    if is_about != (subject is not None):
        needs = "needs the id of a story" if kind is Kind.TIMELINE else "needs the id of a passage"
        raise ConfigError(f"plot {kind.value} {needs if is_about else 'takes no id'}")
    for option, given in (("--since", since), ("--outlet", outlet)):
        if is_about and given is not None:
            raise ConfigError(f"plot {kind.value} takes no {option}")
    moment = parse_moment(since, "--since")
    with Catalog.open_published(find_folder(config, data)) as catalog:
        table = load_table(
            catalog,
            PlotKind(kind.value),
            subject,
            since=moment.astimezone(UTC).replace(tzinfo=None) if moment else None,
            outlet=outlet,
        )
    if output is None:
        from wirethread.drawing.answers import draw_rows

        answer = table if as_json else table.rows
        print_answer(answer, as_json=as_json, draw=draw_rows)
        return
    from wirethread.plots.charts import write_chart

    files = write_chart(table, output)
    done = {"files": [str(file) for file in files], "n_rows": len(table.rows)}
    print_answer(done, as_json=as_json, draw=lambda _: "\n".join(map(str, files)))
