"""Answer a question that a person wrote in SQL: within a time, within a size, and stoppable.

The question is worked out in a thread of its own, so that Ctrl-C and the end of the time reach it
wherever it is.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from wirethread.articles.errors import StorageError

__all__ = [
    "SqlSettings",
    "join_refusal",
    "list_rows",
    "read_answer",
    "settle_columns",
    "stream_answer",
]

Parameters = Sequence[Any] | Mapping[str, Any]
_Answer = TypeVar("_Answer")
_ROWS_A_BATCH = 4_096
_MIB = 1 << 20
_PLACE = re.compile(r"LINE (\d+): ")


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlSettings:
    """How long and how large an answer of `wirethread sql` may be."""

    timeout_seconds: float = 60.0
    """A question that is worked on for longer is stopped; 0.1 to 86400."""
    max_mib: float = 256.0
    """An answer that takes more memory is refused; `wirethread sql --lines` writes rows at once,
    of any size. At least 0.1."""

    def __post_init__(self) -> None:
        if not 0.1 <= self.timeout_seconds <= 86_400:
            raise ValueError(f"timeout_seconds must be 0.1 to 86400, not {self.timeout_seconds}")
        if self.max_mib < 0.1:
            raise ValueError(f"max_mib must be at least 0.1, not {self.max_mib}")


def read_answer(
    cursor: duckdb.DuckDBPyConnection,
    statements: Sequence[Any],
    given: Parameters,
    settings: SqlSettings,
) -> pa.Table:
    """Return the whole answer of the last statement; what it needs is done before.

    Raises `StorageError` past the time or the size.
    """
    batches, n_bytes = [], 0
    with _Worker(cursor, settings.timeout_seconds) as worker:
        reader = worker.do(lambda: _open(cursor, statements, given))
        while (batch := worker.do(lambda: next(reader, None))) is not None:
            batches.append(batch)
            n_bytes += batch.nbytes
            if n_bytes > settings.max_mib * _MIB:
                raise StorageError(
                    f"the answer takes more than {settings.max_mib:g} MiB (sql.max_mib): ask for"
                    " less, or with --lines for rows that are written at once"
                )
        return settle_columns(pa.Table.from_batches(batches, schema=reader.schema))


def stream_answer(
    cursor: duckdb.DuckDBPyConnection,
    statements: Sequence[Any],
    given: Parameters,
    settings: SqlSettings,
) -> Iterator[pa.Table]:
    """Yield the answer in pieces; only the time in which DuckDB works on it counts.

    The first piece has no rows: it tells the columns of an answer that has none.
    """
    with _Worker(cursor, settings.timeout_seconds) as worker:
        reader = worker.do(lambda: _open(cursor, statements, given))
        yield settle_columns(pa.Table.from_batches([], schema=reader.schema))
        while (batch := worker.do(lambda: next(reader, None))) is not None:
            yield settle_columns(pa.Table.from_batches([batch]))


def _open(cursor: duckdb.DuckDBPyConnection, statements: Sequence[Any], given: Parameters) -> Any:
    parameters = given if isinstance(given, Mapping) else list(given)
    try:
        for statement in statements[:-1]:
            cursor.execute(statement)
        return cursor.execute(statements[-1], parameters).to_arrow_reader(_ROWS_A_BATCH)
    except OSError as error:  # a type that arrow lacks, as VARIANT
        raise StorageError(f"{join_refusal(str(error))}: cast it, as in value::VARCHAR") from error


class _Worker:
    """Does one thing after another in a thread, as long as there is time. A context manager."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, seconds: float) -> None:
        self._cursor = cursor
        self._seconds = self._left = seconds
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="sql")

    def __enter__(self) -> "_Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def do(self, work: Callable[[], _Answer]) -> _Answer:
        begun = monotonic()
        future = self._pool.submit(work)
        try:
            return future.result(max(0.0, self._left))
        except TookTooLong:
            self._cursor.interrupt()
            raise StorageError(
                f"the question took longer than {self._seconds:g} s (sql.timeout_seconds) and was"
                " stopped"
            ) from None
        except BaseException:
            self._cursor.interrupt()  # Ctrl-C
            raise
        finally:
            self._left -= monotonic() - begun


def join_refusal(message: str) -> str:
    """Return all that DuckDB says of a question in one line: its hints, and the place it points at.

    DuckDB shows the place with a caret on a line of its own; here its words are quoted from there
    on.
    """
    said: list[str] = []
    lines = message.splitlines()
    for number, line in enumerate(lines):
        if not line.strip() or line.strip() == "^":
            continue
        place = _PLACE.match(line)
        if place is None:
            said.append(line.strip())
            continue
        caret = lines[number + 1] if number + 1 < len(lines) else ""
        begin = max(len(place[0]), len(caret) - 1) if caret.strip() == "^" else len(place[0])
        words = " ".join(line[begin:].split())
        if words:
            said.append(f"(line {place[1]}, at “{words[:80]}{'…' if len(words) > 80 else ''}”)")
    return " ".join(said)


def settle_columns(table: pa.Table) -> pa.Table:
    """Return an answer with columns that every reader of it takes.

    A name that comes again gets a number, as DuckDB does in frames: a row by column would lose all
    but the last. Values of one type or another (unions) are DuckDB's words: Parquet, pandas and
    polars have no such columns.
    """
    names: list[str] = []
    for name in table.column_names:
        number = 1
        free = name
        while free in names or (free != name and free in table.column_names):
            free, number = f"{name}_{number}", number + 1
        names.append(free)
    columns = [
        pa.chunked_array([_list_words(column)], pa.string())
        if holds_type(column.type, pa.types.is_union)
        else column
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, names=names)


def list_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Return an answer as `column -> value`; what Python has no value for comes as DuckDB's words.

    Such are intervals, days and times past the year 9999 and infinite ones.
    """
    columns = {name: _list_values(table, place) for place, name in enumerate(table.column_names)}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _list_values(table: pa.Table, place: int) -> list[Any]:
    column = table.column(place)
    try:
        if holds_type(column.type, _is_span):
            raise TypeError("arrow counts an interval in months, days and nanoseconds")
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError, TypeError, NotImplementedError, pa.ArrowException):
        values = _list_words(column)
    return values


def _list_words(column: pa.ChunkedArray) -> list[str | None]:
    """Return values as DuckDB writes them."""
    if not len(column):
        return []
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("answer", pa.table({"words": column}))
        found = connection.execute("SELECT words::VARCHAR FROM answer").fetchall()
    return [row[0] for row in found]


def holds_type(kind: pa.DataType, test: Callable[[pa.DataType], bool]) -> bool:
    """Tell whether a type, or one of those in it, passes a test."""
    return test(kind) or any(
        holds_type(kind.field(place).type, test) for place in range(kind.num_fields)
    )


def _is_span(kind: pa.DataType) -> bool:
    return bool(pa.types.is_interval(kind) or pa.types.is_duration(kind))
