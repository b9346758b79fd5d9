"""Move many rows at once between objects, arrow and DuckDB, writing only what differs."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from wirethread.articles.errors import StorageError
from wirethread.storage.engine.database import Database

__all__ = [
    "WITH_PLACE",
    "WRITTEN",
    "as_naive_utc",
    "as_utc",
    "build_objects",
    "build_table",
    "ids_table",
    "insert_missing",
    "list_rows",
    "now_utc",
    "quote",
    "quote_all",
    "sync_rows",
]

Built = TypeVar("Built")

WRITTEN = "(SELECT value FROM store.counters WHERE name = 'content_version')"
"""SQL of the change number that a transaction writes at; see `storage.engine.places`."""
WITH_PLACE = frozenset(
    {
        "articles",
        "passage_verdicts",
        "passage_places",
        "paragraph_sources",
        "own_paragraphs",
        "article_derivation",
        "article_agency_shares",
        "duplicate_cluster_articles",
        "links",
        "story_cluster_articles",
        "story_sources",
    }
)
"""Tables whose rows are given the change number when rows are put into them here."""
_RESERVED = frozenset({"begin", "end", "position", "text"})


def now_utc() -> datetime:
    """Return the present time as the naive UTC that the catalog stores."""
    return datetime.now(UTC).replace(tzinfo=None)


def as_naive_utc(moment: datetime | None) -> datetime | None:
    """Return an aware time as the naive UTC that the catalog stores."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"a time without a time zone cannot be stored: {moment}")
    return moment.astimezone(UTC).replace(tzinfo=None)


def as_utc(moment: datetime | None) -> datetime | None:
    """Return a stored time as an aware one."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def build_table(objects: Iterable[Any], columns: Mapping[str, pa.DataType]) -> pa.Table:
    """Return an arrow table with one row an object and one column an attribute.

    Enumerations become their values, aware times naive UTC, NaN becomes NULL.
    """
    objects = list(objects)
    arrays = []
    for name, kind in columns.items():
        values: list[Any] = [getattr(entry, name) for entry in objects]
        if pa.types.is_timestamp(kind):
            values = [as_naive_utc(value) for value in values]
        try:
            array = pa.array(values, type=kind, from_pandas=pa.types.is_floating(kind))
        except UnicodeEncodeError as error:
            raise StorageError(f"column {name} holds text that is not Unicode: {error}") from error
        arrays.append(array)
    return pa.table(arrays, names=list(columns))


def ids_table(ids: Iterable[str]) -> pa.Table:
    """Return the distinct ids, in order, as a table with the column `id`."""
    return pa.table({"id": pa.array(sorted(set(ids)), type=pa.string())})


def list_rows(rows: Iterable[int]) -> str:
    """Return row numbers, of which there is one at least, as SQL that stands behind `rowid IN`.

    A list of numbers in the statement itself would be tried on every row.
    """
    return f"(SELECT unnest([{', '.join(str(int(row)) for row in rows)}]))"


def quote(text: str | Path) -> str:
    """Return a text as a constant of SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def quote_all(ids: Iterable[str]) -> str:
    """Return ids as a list of SQL constants: many parameters take longer to bind than to find."""
    return ", ".join(map(quote, ids))


def build_objects(
    table: pa.Table,
    build: Callable[..., Built],
    converters: Mapping[str, Callable[[Any], Any]] | None = None,
) -> list[Built]:
    """Return `build(column=value, ...)` for each row. Converters are not called with None."""
    columns = []
    for name in table.column_names:
        values = table.column(name).to_pylist()
        convert = (converters or {}).get(name)
        if convert is not None:
            values = [None if value is None else convert(value) for value in values]
        columns.append(values)
    names = table.column_names
    return [build(**dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]


def sync_rows(
    database: Database,
    table: str,
    incoming: str,
    columns: Sequence[str],
    *,
    keys: Sequence[str],
    scope: str,
    stamps: Mapping[str, Any],
    since: int = 0,
) -> int:
    """Make the rows of `table` in `scope` equal to those of `incoming`; return rows touched.

    `incoming` names a registered table. Rows that stand already are left alone with their stamps
    (run, time), so writing the same twice changes nothing and costs no disk. `scope` is SQL over
    the alias `t`; rows with the key of an incoming row are always in scope. Of incoming rows with
    one key the first in the order of their columns stays. No row written before `since` is looked
    at: none in scope may be older (`storage.engine.places`).
    """
    same = " AND ".join(
        f"t.{_quote(name)} IS NOT DISTINCT FROM n.{_quote(name)}" for name in columns
    )
    same_key = _equal_keys(keys)
    _choose_rows(database, incoming, columns, keys)
    n_gone = database.execute(
        f"DELETE FROM {table} AS t WHERE{_pass_over(table, since)}"
        f" (({scope}) OR EXISTS (SELECT 1 FROM wanted n WHERE {same_key}))"
        f" AND NOT EXISTS (SELECT 1 FROM wanted n WHERE {same})"
    )
    n_new = _insert_wanted(database, table, columns, same, stamps, since)
    return n_gone + n_new


def insert_missing(
    database: Database,
    table: str,
    incoming: str,
    columns: Sequence[str],
    *,
    keys: Sequence[str],
    stamps: Mapping[str, Any],
    since: int = 0,
) -> int:
    """Insert the rows of `incoming` whose key is not there yet; return how many there were."""
    _choose_rows(database, incoming, columns, keys)
    return _insert_wanted(database, table, columns, _equal_keys(keys), stamps, since)


def _choose_rows(
    database: Database, incoming: str, columns: Sequence[str], keys: Sequence[str]
) -> None:
    chosen = ", ".join(_quote(name) for name in columns)
    database.execute(
        "CREATE OR REPLACE TEMP TABLE wanted AS"
        f" SELECT DISTINCT ON ({', '.join(_quote(key) for key in keys)}) {chosen}"
        f" FROM {incoming} ORDER BY {chosen}"
    )


def _insert_wanted(  # noqa: PLR0917 - what to write, where, and what is there already
    database: Database,
    table: str,
    columns: Sequence[str],
    already_there: str,
    stamps: Mapping[str, Any],
    since: int,
) -> int:
    chosen = ", ".join(_quote(name) for name in columns)
    has_place = _has_place(table)
    stamp_names = "".join(f", {name}" for name in stamps) + (", written" if has_place else "")
    stamp_values = ", ?" * len(stamps) + (f", {WRITTEN}" if has_place else "")
    n_new = database.execute(
        f"INSERT INTO {table} ({chosen}{stamp_names})"
        f" SELECT {chosen}{stamp_values} FROM wanted n WHERE NOT EXISTS"
        f" (SELECT 1 FROM {table} t WHERE{_pass_over(table, since)} {already_there})"
        f" ORDER BY {chosen}",
        list(stamps.values()),
    )
    database.execute("DROP TABLE wanted")
    return n_new


def _pass_over(table: str, since: int) -> str:
    return f" t.written >= {int(since)} AND" if since and _has_place(table) else ""


def _has_place(table: str) -> bool:
    return table.removeprefix("store.") in WITH_PLACE


def _equal_keys(keys: Sequence[str]) -> str:
    return " AND ".join(f"t.{_quote(key)} IS NOT DISTINCT FROM n.{_quote(key)}" for key in keys)


def _quote(name: str) -> str:
    return f'"{name}"' if name in _RESERVED else name
