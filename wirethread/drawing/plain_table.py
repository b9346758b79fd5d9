"""Tables whose ids can be copied: where one is too wide for the place, each row is a record.

A table that is squeezed cuts ids in two, and neither half can be asked for.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from wirethread.as_json import to_plain

__all__ = ["PlainTable", "format_value", "is_one_word", "plain_table"]

NARROWEST = 16
"""Characters that a column of running text needs at least."""
LONGEST_WORD = 48
"""A value without blanks of this length or less is an id, and stays on one line."""


class PlainTable(Table):
    """A table without lines; rows become records where its columns do not fit side by side."""

    def __init__(self, title: str | None = None) -> None:
        super().__init__(
            title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0)
        )

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table, or its rows as records."""
        if self._measure_least(console, options) <= options.max_width or not self.rows:
            yield from super().__rich_console__(console, options)
            return
        yield from self._list_records()

    def _measure_least(self, console: Console, options: ConsoleOptions) -> int:
        """Return how wide the table is where running text is narrow and all else is whole."""
        wide = options.update(width=10_000)
        widths = []
        for column in self.columns:
            cells: Iterable[RenderableType] = [column.header, *column.cells]
            longest = max(
                (Measurement.get(console, wide, cell).maximum for cell in cells), default=0
            )
            widths.append(longest if column.no_wrap else min(longest, NARROWEST))
        return sum(widths) + 2 * max(0, len(widths) - 1)

    def _list_records(self) -> Iterable[RenderableType]:
        names = [str(column.header) for column in self.columns]
        broad = max(map(len, names), default=0)
        columns = [list(column.cells) for column in self.columns]
        if self.title:
            yield Text(str(self.title))
        for number in range(len(self.rows)):
            if number:
                yield Text("")
            for name, cells in zip(names, columns, strict=True):
                cell = cells[number]
                words = cell if isinstance(cell, Text) else Text(str(cell))
                if words.plain:
                    line = Text.assemble(f"{name:<{broad}}  " if name else "", words)
                    line.overflow = "fold"
                    yield line


def plain_table(title: str | None = None) -> Table:
    """Return an empty table in the house's manner."""
    return PlainTable(title)


def is_one_word(text: str) -> bool:
    """Tell whether a value is an id, a number or the like, which is never broken over lines."""
    return len(text) <= LONGEST_WORD and " " not in text


def format_value(value: Any) -> str:
    """Return a value of a query as a person reads it; nothing for NULL."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        shown = value.isoformat(" ", "microseconds" if value.microsecond else "seconds")
        return shown.removesuffix("+00:00")
    if isinstance(value, list | tuple | dict):
        return json.dumps(to_plain(value), ensure_ascii=False)
    return str(value)
