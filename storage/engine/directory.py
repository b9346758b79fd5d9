"""Which rows of a snapshot are about what, looked up in memory.

A snapshot has no index: to find one article DuckDB reads the ids of all. It never changes either,
so once a column has been asked a few times its ids are read with the numbers of their rows, and
statements name rows from then on. Rows about one article lie together nearly everywhere.
"""

# ruff: noqa: S608 - only constant names and numbers are put into SQL; ids are quoted

from collections.abc import Iterable, Sequence
from threading import RLock
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirethread.storage.engine.bulk import list_rows, quote_all
from wirethread.storage.engine.database import Database

__all__ = [
    "Directory",
    "fetch_about",
    "fetch_table_about",
    "find_rows",
    "has_rows",
    "read_directories",
]

_ASKED_BEFORE = 2
"""A column is read at the question after so many: who asks once does not pay for it."""
_MOST_READ = 30_000_000
"""Of a larger table no directory is kept."""
_MOST_NAMED = 1_000
"""Up to so many rows are named in a statement; to look up more DuckDB reads whole columns."""
_ROWS = "{rows}"


class Directory:
    """The rows of a table by the ids of one of its columns. Threads may ask at once."""

    def __init__(
        self,
        ids: Sequence[str],
        counts: NDArray[np.int64],
        first: NDArray[np.int64],
        rows: NDArray[np.int64] | None,
    ) -> None:
        """Keep `ids`, distinct and in order, each with its count of rows and the first, int64[n].

        `rows` lists the rows of all ids in turn; None where those of each id lie together.
        """
        self._ids = np.array([one.encode() for one in ids], dtype=np.bytes_)
        self._counts = counts
        self._first = first
        self._rows = rows
        self._ends = np.cumsum(counts)

    def find(self, ids: Iterable[str]) -> NDArray[np.int64]:
        """Return the row numbers int64[n] of the ids that are known, in order."""
        width = self._ids.dtype.itemsize
        coded = {one for one in map(_code, ids) if one is not None and len(one) <= width}
        if not coded or not len(self._ids):
            return np.empty(0, dtype=np.int64)
        asked = np.array(sorted(coded), dtype=self._ids.dtype)
        places = np.minimum(np.searchsorted(self._ids, asked), len(self._ids) - 1)
        places = places[self._ids[places] == asked]
        if not len(places):
            return np.empty(0, dtype=np.int64)
        return np.sort(np.concatenate([self._list(place) for place in places.tolist()]))

    def _list(self, place: int) -> NDArray[np.int64]:
        count, end = self._counts[place], self._ends[place]
        if self._rows is not None:
            return self._rows[end - count : end]
        first = self._first[place]
        return np.arange(first, first + count)


def _code(row_id: str) -> bytes | None:
    """Return an id as it is stored, None for one that cannot be: numpy drops zeros at the end."""
    try:
        coded = row_id.encode()
    except UnicodeEncodeError:
        return None
    return None if coded.endswith(b"\0") else coded


def fetch_about(
    database: Database, sql: str, table: str, column: str, ids: Iterable[str]
) -> list[tuple[Any, ...]]:
    """Return the rows of `sql` about the ids, without asking where the table has none.

    In `sql` stands `{rows}` for the condition on `store.TABLE` that its rows be about them.
    """
    condition = find_rows(database, table, column, ids)
    return [] if condition is None else database.fetch_rows(sql.replace(_ROWS, condition))


def fetch_table_about(
    database: Database, sql: str, table: str, column: str, ids: Iterable[str]
) -> pa.Table:
    """Return what `fetch_about` does as a table; one without columns where nothing was asked."""
    condition = find_rows(database, table, column, ids)
    return (
        pa.table({}) if condition is None else database.fetch_table(sql.replace(_ROWS, condition))
    )


def has_rows(database: Database, table: str, column: str, row_id: str) -> bool:
    """Whether a table has a row about an id."""
    directory = _open(database, table, column)
    if directory is not None:
        return len(directory.find([row_id])) > 0
    asked = f"SELECT 1 FROM store.{table} WHERE {column} = ? LIMIT 1"
    return bool(database.fetch_rows(asked, [row_id]))


def find_rows(database: Database, table: str, column: str, ids: Iterable[str]) -> str | None:
    """Return the condition on rows of `store.TABLE` that `column` be one of the ids.

    None where no row can be. The ids themselves are named where no directory is kept.
    """
    asked = sorted(set(ids))
    if not asked:
        return None
    directory = _open(database, table, column)
    if directory is not None:
        rows = directory.find(asked)
        if not len(rows):
            return None
        first, last = int(rows[0]), int(rows[-1])
        within = f"rowid BETWEEN {first} AND {last}"
        if last - first + 1 == len(rows):
            return within
        if len(rows) <= _MOST_NAMED:
            return f"rowid IN {list_rows(rows.tolist())}"
        return f"{within} AND {column} IN ({quote_all(asked)})"
    return f"{column} IN ({quote_all(asked)})"


def read_directories(database: Database, columns: Iterable[tuple[str, str]]) -> None:
    """Read the directories of these (table, column) now, so that no question waits for them."""
    kept = database.directories
    for table, column in columns if database.read_only else ():
        with kept.turn:
            kept.n_asked[f"{table}.{column}"] = _ASKED_BEFORE
        _open(database, table, column)


def _open(database: Database, table: str, column: str) -> Directory | None:
    """Return the directory of a column, made now where it has been asked for before.

    Who asks meanwhile waits for this column alone: to read all ids without it takes longer, and
    keeps the cores from whoever makes it.
    """
    if not database.read_only:
        return None
    kept = database.directories
    key = f"{table}.{column}"
    with kept.turn:
        if key not in kept.made:
            kept.n_asked[key] = kept.n_asked.get(key, 0) + 1
            if kept.n_asked[key] <= _ASKED_BEFORE:
                return None
        making = kept.making.setdefault(key, RLock())
    with making:
        if key not in kept.made:
            kept.made[key] = _read(database, table, column)
        directory: Directory | None = kept.made[key]
        return directory


def _read(database: Database, table: str, column: str) -> Directory | None:
    if database.fetch_value(f"SELECT count(*) FROM store.{table}") > _MOST_READ:
        return None
    found = database.fetch_table(
        f"SELECT {column} AS id, count(*) AS n, min(rowid) AS first, max(rowid) AS last"
        f" FROM store.{table} WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY {column}"
    )
    n, first, last = (_column(found, name) for name in ("n", "first", "last"))
    rows = None
    if not (last - first + 1 == n).all():
        listed = f"SELECT rowid FROM store.{table} WHERE {column} IS NOT NULL"
        rows = _column(database.fetch_table(f"{listed} ORDER BY {column}, rowid"), "rowid")
    return Directory(found.column("id").to_pylist(), n, first, rows)


def _column(table: pa.Table, name: str) -> NDArray[np.int64]:
    values: NDArray[np.int64] = table.column(name).to_numpy().astype(np.int64)
    return values
