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

__all__ = ["SqlSettings", "join_refusal", "list_rows", "read_answer", "stream_answer"]

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
    cursor: duckdb.DuckDBPyConnection, statement: Any, given: Parameters, settings: SqlSettings
) -> pa.Table:
    """Return the whole answer. Raises `StorageError` past the time or the size."""
    batches, n_bytes = [], 0
    with _Worker(cursor, settings.timeout_seconds) as worker:
        reader = worker.do(lambda: _open(cursor, statement, given))
        while (batch := worker.do(lambda: next(reader, None))) is not None:
            batches.append(batch)
            n_bytes += batch.nbytes
            if n_bytes > settings.max_mib * _MIB:
                raise StorageError(
                    f"the answer takes more than {settings.max_mib:g} MiB (sql.max_mib): ask for"
                    " less, or with --lines for rows that are written at once"
                )
        return pa.Table.from_batches(batches, schema=reader.schema)


def stream_answer(
    cursor: duckdb.DuckDBPyConnection, statement: Any, given: Parameters, settings: SqlSettings
) -> Iterator[pa.Table]:
    """Yield the answer in pieces; only the time in which DuckDB works on it counts.

    The first piece has no rows: it tells the columns of an answer that has none.
    """
    with _Worker(cursor, settings.timeout_seconds) as worker:
        reader = worker.do(lambda: _open(cursor, statement, given))
        yield reader.schema.empty_table()
        while (batch := worker.do(lambda: next(reader, None))) is not None:
            yield pa.Table.from_batches([batch])


def _open(cursor: duckdb.DuckDBPyConnection, statement: Any, given: Parameters) -> Any:
    parameters = given if isinstance(given, Mapping) else list(given)
    return cursor.execute(statement, parameters).to_arrow_reader(_ROWS_A_BATCH)


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


def list_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Return an answer as `column -> value`; what Python has no value for comes as DuckDB's words.

    Such are intervals, days and times past the year 9999 and infinite ones.
    """
    columns = {name: _list_values(table, place) for place, name in enumerate(table.column_names)}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _list_values(table: pa.Table, place: int) -> list[Any]:
    column = table.column(place)
    try:
        if _holds_interval(column.type):
            raise TypeError("arrow counts an interval in months, days and nanoseconds")
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError, TypeError, NotImplementedError, pa.ArrowException):
        with duckdb.connect(":memory:") as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.register("answer", pa.table({"words": column}))
            found = connection.execute("SELECT words::VARCHAR FROM answer").fetchall()
        values = [row[0] for row in found]
    return values


def _holds_interval(kind: pa.DataType) -> bool:
    """Tell whether values of a type are spans of time, or hold some."""
    if pa.types.is_interval(kind) or pa.types.is_duration(kind):
        return True
    return any(_holds_interval(kind.field(place).type) for place in range(kind.num_fields))
