"""Lists that the archive answers with: typed frozen records, and the same as a frame."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

import pyarrow as pa

from wirethread.python.frames import to_arrow, to_pandas, to_polars
from wirethread.python.shown import draw_table

__all__ = ["Answers", "Row"]

Record = TypeVar("Record", covariant=True)  # noqa: PLC0105 - an answer is only read

SHOWN_ROWS = 20
"""Rows that a notebook shows of a list."""


class Row(Mapping[str, Any]):
    """One row of an answer in SQL, by column; columns are attributes too. Never changed."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_values", dict(values))

    def __getitem__(self, column: str) -> Any:
        return self._values[column]

    def __getattr__(self, column: str) -> Any:
        if column.startswith("_"):
            raise AttributeError(column)
        try:
            return self._values[column]
        except KeyError:
            raise AttributeError(
                f"the row has no column {column!r}; it has {', '.join(self._values)}"
            ) from None

    def __setattr__(self, column: str, value: Any) -> None:
        raise AttributeError(f"a row cannot be changed: {column}")

    def __reduce__(self) -> tuple[type["Row"], tuple[dict[str, Any]]]:
        return Row, (self._values,)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple((name, repr(value)) for name, value in self._values.items()))

    def __repr__(self) -> str:
        return f"Row({', '.join(f'{name}={value!r}' for name, value in self._values.items())})"


class Answers(Sequence[Record], Generic[Record]):
    """A list of records that never changes: `for`, `[0]`, `len`, `.df()`, `.pl()`, `.arrow()`."""

    __slots__ = ("_kind", "_records", "_table", "has_more")

    def __init__(
        self,
        records: Sequence[Record],
        kind: type[Any],
        table: pa.Table | None = None,
        *,
        has_more: bool = False,
    ) -> None:
        self._records = tuple(records)
        self._kind = kind
        self._table = table
        self.has_more = has_more
        """Whether the archive has more behind these than `limit` let through."""

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> "Answers[Record]": ...
    def __getitem__(self, place: int | slice) -> "Record | Answers[Record]":
        if isinstance(place, int):
            return self._records[place]
        table = None
        if self._table is not None:
            rows = range(len(self._records))[place]
            table = self._table.take(pa.array(rows, type=pa.int64()))
        kept = self._records[place]
        is_cut = self.has_more and bool(kept) and kept[-1] is self._records[-1]
        return Answers(kept, self._kind, table, has_more=is_cut)

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Answers):
            return self._records == other._records
        if isinstance(other, list | tuple):
            return self._records == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._records)

    def __repr__(self) -> str:
        shown = ",\n ".join(repr(record) for record in self._records[:SHOWN_ROWS])
        rest = len(self) - SHOWN_ROWS
        more = f", and {rest:,} more" if rest > 0 else ""
        behind = ", and more behind the limit" if self.has_more else ""
        return f"[{shown}{more}{behind}]"

    def arrow(self) -> pa.Table:
        """Return the list as a `pyarrow.Table`, a column a field; there are columns without rows.

        Times are UTC.
        """
        if self._table is None:
            self._table = to_arrow(self._records, self._kind)
        return self._table

    def df(self) -> Any:
        """Return the list as a `pandas.DataFrame`. Raises `ConfigError` where pandas is missing."""
        return to_pandas(self.arrow())

    def pl(self) -> Any:
        """Return the list as a `polars.DataFrame`. Raises `ConfigError` where it is missing."""
        return to_polars(self.arrow())

    def _repr_html_(self) -> str:
        shown = self[:SHOWN_ROWS]
        table = shown.arrow()
        # of a question in SQL: arrow may hold days that Python has no value for
        rows = [dict(row) for row in shown if isinstance(row, Row)] or table.to_pylist()
        return draw_table(table.column_names, rows, n_rows=len(self), has_more=self.has_more)
