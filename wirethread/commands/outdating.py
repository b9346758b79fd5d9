"""`wirethread outdated`: who still runs what an agency corrected, updated or withdrew."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from wirethread.terminal.console import print_list
from wirethread.terminal.options import (
    All,
    AsJson,
    ConfigFile,
    DataFolder,
    Offset,
    find_folder,
    parse_moment,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wirethread.storage.tables.notices import OutdatedCopy

__all__ = ["add_outdating"]

SHOWN = 240
"""Characters of a passage that are shown."""


class Kind(StrEnum):
    """Kinds of notices after which a copy is outdated, as words of the command line."""

    KILL = "kill"
    WITHDRAWAL = "withdrawal"
    HOLD = "hold"
    CORRECTION = "correction"
    UPDATE = "update"
    REFILE = "refile"


def add_outdating(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(outdated)


def outdated(
    *,
    data: DataFolder = None,
    config: ConfigFile = None,
    agency: Annotated[
        str | None, typer.Option("--agency", help="Changed by this agency, such as AP.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Changed on this day or later: 2024-03-11.")
    ] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="After this kind of notice.")] = None,
    outlet: Annotated[str | None, typer.Option("--outlet", help="Run by this outlet.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many passages.")] = 100,
    offset: Offset = 0,
    show_all: All = False,
    as_json: AsJson = False,
) -> None:
    """List every outlet that still runs words which an agency changed or withdrew, kills first."""
    from wirethread.storage.answers.asked_names import require_names
    from wirethread.storage.catalog import Catalog

    moment = parse_moment(since, "--since")
    with Catalog.open_published(find_folder(config, data)) as catalog:
        require_names(catalog, outlet=outlet, agency=agency)
        ask = partial(
            catalog.notices.list_outdated,
            agency=agency,
            kind=kind.value if kind else None,
            outlet=outlet,
            since=moment,
        )
        print_list(
            ask,
            limit=limit,
            offset=offset,
            show_all=show_all,
            as_json=as_json,
            draw=draw_outdated,
        )


def draw_outdated(found: Sequence["OutdatedCopy"]) -> "RenderableType":
    """Return the outlets below the notice or new version that makes their text outdated."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    from wirethread.drawing.answers import format_time

    if not found:
        return Text("No outlet is known to run words that an agency changed or withdrew.")
    parts: list[RenderableType] = []
    for (kind, _, _), group in groupby(
        found, key=lambda one: (one.kind, one.new_article_id, one.old_article_id)
    ):
        rows = list(group)
        first = rows[0]
        notice = f" “{first.notice_words}”" if first.notice_words else ""
        parts += [
            Text(f"{kind.upper()} {first.agency}: {first.new_headline}", style="bold"),
            Text(
                f"  {format_time(first.new_published_at, first.new_published_precision)}{notice},"
                f" {first.new_article_id}"
                f"{', ' + first.new_url if first.new_url else ''}"
            ),
            Text(
                f"  concerns “{first.old_headline}” of"
                f" {format_time(first.old_published_at, first.old_published_precision)}, "
                f"{first.old_article_id}: {first.reason}"
            ),
        ]
        for article_id, passages in groupby(rows, key=lambda one: one.article_id):
            listed = list(passages)
            one = listed[0]
            parts.append(
                Text(
                    f"    {one.outlet}, {format_time(one.published_at, one.published_precision)}:"
                    f" {one.headline} "
                    f"({article_id}{', ' + one.url if one.url else ''})"
                )
            )
            parts += [Padding(Text(describe_passage(row)), (0, 0, 0, 6)) for row in listed]
        parts.append(Text(""))
    n_outlets = len({one.outlet for one in found})
    n_articles = len({one.article_id for one in found})
    parts.append(
        Text(
            f"{n_articles} {'article' if n_articles == 1 else 'articles'} of "
            f"{n_outlets} {'outlet' if n_outlets == 1 else 'outlets'}."
        )
    )
    return Group(*parts)


def describe_passage(copy: "OutdatedCopy") -> str:
    """Return which words differ, and the passage they stand in."""
    passage = shorten(copy.passage)
    if not copy.old_words:
        return f"still runs: “{passage}”"
    if copy.new_words:
        return f"“{shorten(copy.old_words)}” is now “{shorten(copy.new_words)}”, in: “{passage}”"
    return f"taken out by {copy.agency}: “{passage}”"


def shorten(words: str) -> str:
    """Return words on one line, cut to what is shown."""
    line = " ".join(words.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1].rstrip() + "…"
