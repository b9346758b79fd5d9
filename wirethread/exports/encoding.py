"""Tables as files of four forms, whole or piece by piece, with the comments of their columns."""

import io
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import pyarrow as pa
import pyarrow.csv as arrow_csv
from pyarrow import parquet

from wirethread.as_json import to_plain
from wirethread.storage.engine.free_query import holds_type, list_rows
from wirethread.storage.engine.whole_file import draft_file

__all__ = ["FILE_FORMS", "TableWriter", "encode_table", "write_pieces"]

FILE_FORMS = ("parquet", "csv", "ndjson")
"""Forms that a table can be written in piece by piece."""


def encode_table(table: pa.Table, form: str) -> bytes:
    """Return a table in one of the `FORMS`."""
    sink = io.BytesIO()
    if form == "parquet":
        parquet.write_table(_reword(table, _holds_span), sink, compression="zstd")
    elif form == "arrow":
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    elif form == "ndjson":
        for row in list_rows(table):
            line = json.dumps(to_plain(row), ensure_ascii=False, separators=(",", ":"))
            sink.write(line.encode("utf-8", "replace") + b"\n")
    else:
        arrow_csv.write_csv(_flatten(table), sink)
    return sink.getvalue()


def _flatten(table: pa.Table) -> pa.Table:
    """Write nested columns as JSON, and what CSV has no form for as words."""
    return _reword(table, lambda kind: not any(test(kind) for test in _PLAIN))


def _holds_span(kind: pa.DataType) -> bool:
    """Tell whether a column holds spans of time, which Parquet has no form for."""
    return holds_type(kind, pa.types.is_interval)


def _reword(table: pa.Table, is_strange: Callable[[pa.DataType], bool]) -> pa.Table:
    """Replace columns of strange types by text: JSON for nested values, words for others."""
    columns = []
    for column in table.columns:
        if not is_strange(column.type):
            columns.append(column)
            continue
        values = [row["value"] for row in list_rows(pa.table({"value": column}))]
        is_nested = pa.types.is_nested(column.type)
        words = [
            None
            if entry is None
            else json.dumps(to_plain(entry), ensure_ascii=False)
            if is_nested
            else str(to_plain(entry))
            for entry in values
        ]
        columns.append(pa.array(words, pa.string()))
    return pa.Table.from_arrays(columns, names=table.column_names)


_PLAIN: tuple[Callable[[pa.DataType], bool], ...] = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_boolean,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_timestamp,
    pa.types.is_date,
    pa.types.is_decimal,
    pa.types.is_time,
)


class TableWriter:
    """Writes the pieces of one table into a stream. A context manager.

    `schema` is that of the pieces; `comments` says by column what it holds, which Parquet keeps
    (as `comment` of the column). Nested values are JSON in CSV; spans of time are words.
    """

    def __init__(
        self,
        sink: BinaryIO,
        form: str,
        schema: pa.Schema,
        *,
        comments: Mapping[str, str] | None = None,
        comment: str = "",
    ) -> None:
        if form not in FILE_FORMS:
            raise ValueError(f"form must be one of {', '.join(FILE_FORMS)}, not {form!r}")
        self._sink = sink
        self._form = form
        self.n_rows = 0
        self._writer: Any = None
        plain = self._shape(schema.empty_table()).schema
        if form == "parquet":
            said = comments or {}
            self._schema = pa.schema(
                [
                    column.with_metadata({"comment": said[column.name]})
                    if said.get(column.name)
                    else column
                    for column in plain
                ],
                metadata={"comment": comment} if comment else None,
            )
            self._writer = parquet.ParquetWriter(sink, self._schema, compression="zstd")
        elif form == "csv":
            self._writer = arrow_csv.CSVWriter(sink, plain)

    def _shape(self, table: pa.Table) -> pa.Table:
        if self._form == "parquet":
            return _reword(table, _holds_span)
        return _flatten(table) if self._form == "csv" else table

    def write(self, table: pa.Table) -> None:
        """Write some rows more."""
        self.n_rows += table.num_rows
        if self._writer is None:
            self._sink.write(encode_table(table, "ndjson"))
        elif self._form == "parquet":
            self._writer.write_table(self._shape(table).cast(self._schema))
        elif table.num_rows:
            self._writer.write_table(self._shape(table))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.close()


def write_pieces(pieces: Iterable[pa.Table], form: str, place: Path | BinaryIO) -> int:
    """Write an answer that comes in pieces, the first of which tells its columns; return its rows.

    A file appears under its name when it is whole.
    """
    if not isinstance(place, Path):
        return _write(pieces, form, place)
    with draft_file(place) as draft, draft.open("wb") as sink:
        return _write(pieces, form, sink)


def _write(pieces: Iterable[pa.Table], form: str, sink: BinaryIO) -> int:
    coming = iter(pieces)
    first = next(coming)
    with TableWriter(sink, form, first.schema) as writer:
        writer.write(first)
        for piece in coming:
            writer.write(piece)
        return writer.n_rows
