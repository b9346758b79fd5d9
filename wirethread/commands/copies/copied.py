"""`wirethread copied`, `wire` and `duplicates`: questions to the views about copies."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wirethread.articles.errors import ConfigError
from wirethread.terminal.console import print_list
from wirethread.terminal.options import (
    Agency,
    All,
    AsJson,
    ConfigFile,
    DataFolder,
    Limit,
    Offset,
    Outlet,
    Since,
    Until,
    find_folder,
    parse_moment,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wirethread.storage.answers.copies import AgencyOutlet, CopyPair, Duplicate, OutletWire

__all__ = ["copied", "duplicates", "wire"]


def copied(
    *,
    by: Annotated[
        str | None, typer.Option("--by", metavar="OUTLET", help="What this outlet ran of others.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="OUTLET", help="Who ran what this outlet had.")
    ] = None,
    outlet: Annotated[
        str | None, typer.Option("--outlet", help="What this outlet ran of others, or they of it.")
    ] = None,
    agency: Agency = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 100,
    offset: Offset = 0,
    show_all: All = False,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """List who ran whose words: from whom to whom, how long after, how much, credited or not.

    Where times do not tell who was first, both are shown with "or". Those that may both have the
    words from a third, such as an agency, stand last.
    """
    from wirethread.questions import list_copies

    ask = partial(
        list_copies,
        find_folder(config, data),
        outlet=outlet,
        copied_by=by,
        copied_from=source,
        agency=agency,
        since=parse_moment(since, "--since"),
        until=parse_moment(until, "--until"),
    )
    print_list(
        ask,
        limit=limit,
        offset=offset,
        show_all=show_all,
        as_json=as_json,
        draw=draw_copies,
    )


def wire(
    *,
    outlet: Outlet = None,
    since: Since = None,
    until: Until = None,
    by_agency: Annotated[
        bool, typer.Option("--by-agency", help="How much from which agency, over all days.")
    ] = False,
    agency: Annotated[
        str | None, typer.Option("--agency", help="With --by-agency: only from this agency.")
    ] = None,
    limit: Limit = 100,
    offset: Offset = 0,
    show_all: All = False,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show how much of what outlets publish is wire copy, day by day, or agency by agency."""
    from wirethread.questions import list_agency_outlets, list_outlet_wire

    folder = find_folder(config, data)
    if by_agency:
        if since is not None or until is not None:
            raise ConfigError("wire: --by-agency counts all days; leave out --since and --until")
        ask: Callable[..., Sequence[Any]] = partial(
            list_agency_outlets, folder, outlet=outlet, agency=agency
        )
    else:
        if agency is not None:
            raise ConfigError("wire: --agency goes with --by-agency")
        ask = partial(
            list_outlet_wire,
            folder,
            outlet=outlet,
            since=parse_moment(since, "--since"),
            until=parse_moment(until, "--until"),
        )
    print_list(
        ask,
        limit=limit,
        offset=offset,
        show_all=show_all,
        as_json=as_json,
        draw=draw_agencies if by_agency else draw_wire,
    )


def duplicates(
    *,
    outlet: Outlet = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 100,
    offset: Offset = 0,
    show_all: All = False,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """List articles that are the text of another one, with the one that stands for them and why.

    Which one stands for them is `duplicates.representative` in the settings.
    """
    from wirethread.questions import list_duplicates

    ask = partial(
        list_duplicates,
        find_folder(config, data),
        outlet=outlet,
        since=parse_moment(since, "--since"),
        until=parse_moment(until, "--until"),
    )
    print_list(
        ask,
        limit=limit,
        offset=offset,
        show_all=show_all,
        as_json=as_json,
        draw=draw_duplicates,
    )


def draw_copies(found: "Sequence[CopyPair]") -> "RenderableType":
    """Return pairs as a table, a row a pair."""
    return draw_table(
        "No copy between outlets was found.",
        ("from", "article", "to", "its article", "after", "words", "how", "agency", "credited"),
        [
            (
                copy.from_outlet,
                copy.from_article_id,
                copy.to_outlet if copy.is_directed else f"or {copy.to_outlet}",
                copy.to_article_id,
                format_lag(copy.lag_minutes),
                f"{copy.n_words:,}",
                f"{copy.relation}, an excerpt" if copy.is_excerpt else copy.relation,
                f"{copy.agency or ''}{' (both may have it)' if copy.has_common_source else ''}",
                "yes" if copy.is_credited else "no",
            )
            for copy in found
        ],
    )


def draw_wire(found: "Sequence[OutletWire]") -> "RenderableType":
    """Return days of outlets as a table."""
    return draw_table(
        "No article was found.",
        ("day", "outlet", "articles", "with wire", "uncredited", "wire share"),
        [
            (
                "unknown" if wire.day is None else wire.day.isoformat(),
                f"{wire.outlet} ({wire.own_agency}'s own)" if wire.own_agency else wire.outlet,
                *count_wire(wire),
            )
            for wire in found
        ],
    )


def draw_agencies(found: "Sequence[AgencyOutlet]") -> "RenderableType":
    """Return outlets by agency as a table."""
    return draw_table(
        "No copy of an agency was found, and no credit.",
        ("agency", "outlet", "articles", "with wire", "uncredited", "wire share"),
        [
            (
                wire.agency,
                wire.outlet,
                *count_wire(wire),
            )
            for wire in found
        ],
    )


def count_wire(wire: "OutletWire | AgencyOutlet") -> tuple[str, str, str, str]:
    """Return how many articles there are, with wire and uncredited, and the share of wire."""
    return (
        f"{wire.n_articles:,}",
        f"{wire.n_with_wire:,}",
        f"{wire.n_uncredited:,}",
        f"{wire.wire_share:.0%}",
    )


def draw_duplicates(found: "Sequence[Duplicate]") -> "RenderableType":
    """Return duplicates as a table, a row an article."""
    return draw_table(
        "No article is the text of another one.",
        ("duplicate", "article", "stands for it", "its article", "score", "why", "chosen as"),
        [
            (
                duplicate.outlet,
                duplicate.article_id,
                duplicate.representative_outlet,
                duplicate.representative_id,
                "" if duplicate.score is None else f"{duplicate.score:.2f}",
                duplicate.reason or "",
                duplicate.chosen_by or "",
            )
            for duplicate in found
        ],
    )


def draw_table(
    none: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> "RenderableType":
    """Return rows as a table in the house's manner, or the words `none`; ids stay whole."""
    from rich.text import Text

    from wirethread.drawing.plain_table import is_one_word, plain_table

    if not rows:
        return Text(none)
    table = plain_table()
    for name, values in zip(columns, zip(*rows, strict=True), strict=True):
        table.add_column(name, overflow="fold", no_wrap=all(map(is_one_word, values)))
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def format_lag(minutes: float | None) -> str:
    """Return how long after the first the other ran it."""
    if minutes is None:
        return "unknown"
    if abs(minutes) < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h"
