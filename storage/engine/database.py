"""One DuckDB connection: transactions, arrow in and out, and errors in plain words."""

import fcntl
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from wirethread.articles.errors import ConfigError, NotFoundError, StorageError
from wirethread.storage.engine.exchange import finish_restoring
from wirethread.storage.engine.free_query import (
    SqlSettings,
    join_refusal,
    read_answer,
    settle_columns,
    stream_answer,
)
from wirethread.storage.engine.without_pandas import without_pandas
from wirethread.storage.shared_address import is_bucket, parse_address

__all__ = ["BLOCK_BYTES", "OFFLINE", "Database", "StorageSettings", "open_snapshot", "open_writer"]

_HAS_LAZY_RESULTS = int(duckdb.__version__.partition(".")[0]) >= 2
"""From version 2 `sql` is the way to arrow; before, it was ten times slower with parameters."""
_OPEN_ATTEMPTS = 50
_OPEN_PAUSE_SECONDS = 0.02
_ROWS_A_PIECE = 100_000
_IDLE_MEMORY = "64MiB"
BLOCK_BYTES = 1 << 15
"""Size of a block of a new file; DuckDB's own is 8 times that. Every column takes a block or more,
so a small archive is a quarter as large, and of a larger one nothing takes measurably longer. With
half of it looking up single rows takes twice as long. An older file keeps the size that it has."""
_EXPLAIN = re.compile(
    r"^(?:\s|--[^\n]*\n|/\*.*?\*/)*EXPLAIN(?:\s+ANALYZE\b|\s*\([^)]*\))?", re.IGNORECASE | re.DOTALL
)
_FULL_DISK = ("No space left on device", "File too large", "Disk quota exceeded")
_AWAY = re.compile(
    r"(?P<catalog>Unable to connect to Postgres at \".*?\": |Failed to (?:execute|prepare|send) .*?"
    r"(?=(?:could not (?:receive|send) data|server closed the connection|no connection to the"
    r" server|FATAL:|SSL SYSCALL)))"
    r"|(?=Could not establish connection|Connection timed out|Timeout was reached"
    r"|Could(?:n't| not) connect to server|Failed to connect)",
    re.DOTALL,
)
"""How DuckDB begins to say that Postgres, or a bucket, does not answer."""
OFFLINE = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
_MOST_ROWS_BY_NUMBER = 1_000
"""Up to so many rows are looked up by their numbers; DuckDB reads whole columns from 50 on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSettings:
    """What the database may use of the machine."""

    memory_limit_gib: float = 4.0
    """Memory that DuckDB may take before it spills to disk; at least 0.25."""
    threads: int = 2
    """Threads that DuckDB may use; at least 1."""
    catalog: str = ""
    """A shared archive to which every publication is brought too, for readers on any machine:
    `ducklake:postgres:dbname=news host=db user=wire`, or `ducklake:FILE`. Never with a password:
    that stands in `PGPASSWORD` or `~/.pgpass`. Empty for none."""
    files: str = ""
    """Where the shared archive's rows, vectors and words are: a folder under the same path
    everywhere, or `s3://bucket/prefix`, whose keys stand where other programs look for them. What
    other machines read and parsed (`wirethread ingest`) is handed in there too; for that alone no
    `catalog` is needed."""

    def __post_init__(self) -> None:
        self._check_shared()
        if self.memory_limit_gib < 0.25:
            raise ValueError(f"memory_limit_gib must be at least 0.25, not {self.memory_limit_gib}")
        if self.threads < 1:
            raise ValueError(f"threads must be at least 1, not {self.threads}")

    def _check_shared(self) -> None:
        if self.catalog and not self.files:
            raise ValueError("catalog of a shared archive needs files beside it")
        if self.catalog:
            self._check_catalog()
        if self.files and not is_bucket(self.files) and not Path(self.files).is_absolute():
            raise ValueError(
                "files is a folder that all machines share, by its whole path, or"
                f" s3://bucket/prefix, not {self.files!r}"
            )

    def _check_catalog(self) -> None:
        try:
            address = parse_address(self.catalog)
        except ConfigError as error:
            raise ValueError(f"catalog: {error}") from None
        if address.has_password:
            raise ValueError(
                "catalog: the password does not belong into the settings, which every run stores:"
                " put it into PGPASSWORD or ~/.pgpass"
            )

    def as_options(self) -> dict[str, str | bool | int | float | list[str]]:
        """Return DuckDB's names and values."""
        return {
            "memory_limit": f"{round(self.memory_limit_gib * 1024)}MiB",
            "threads": str(self.threads),
        }


def open_writer(path: Path, settings: StorageSettings) -> "Database":
    """Open or create the catalog file at `path` for writing."""
    try:
        blocks = {"default_block_size": str(BLOCK_BYTES)}
        options = {**settings.as_options(), **OFFLINE, **blocks}
        connection = duckdb.connect(str(path), config=options)
        connection.execute("SET TimeZone = 'UTC'")
    except duckdb.Error as error:
        raise StorageError(_explain_open(path, error)) from error
    return Database(connection, read_only=False)


def open_snapshot(path: Path, settings: StorageSettings) -> "Database":
    """Open the published snapshot at `path`, read-only and shut off from files and network.

    A shared lock is held on the file, so that it is not written again while it is read.
    """
    finish_restoring(path.parent)
    for _ in range(_OPEN_ATTEMPTS):
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            raise NotFoundError(
                f"nothing has been published in {path.parent} yet: run `wirethread run SOURCE`"
                " first"
            ) from None
        except OSError as error:
            raise StorageError(f"{path} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            connection = _attach(path, settings)
            if os.fstat(descriptor).st_ino == path.stat().st_ino:
                return Database(connection, read_only=True, held_file=descriptor)
            connection.close()
        except (BlockingIOError, FileNotFoundError):
            pass
        except OSError as error:
            os.close(descriptor)
            raise StorageError(f"{path} cannot be locked for reading: {error.strerror}") from error
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # another snapshot was swapped in meanwhile
        time.sleep(_OPEN_PAUSE_SECONDS)
    raise StorageError(f"{path} is replaced faster than it can be opened")


def _attach(path: Path, settings: StorageSettings) -> duckdb.DuckDBPyConnection:
    """Attach the file to a fresh in-memory instance.

    Connecting to it would not do: DuckDB hands a process that still has an older file of the same
    path open that older file again.
    """
    connection = duckdb.connect(":memory:", config={**settings.as_options(), **OFFLINE})
    quoted = str(path.resolve()).replace("'", "''")
    try:
        connection.execute(f"ATTACH '{quoted}' AS wirethread (READ_ONLY)")
        connection.execute("USE wirethread")
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        connection.execute(f"SET GLOBAL dynamic_or_filter_threshold = {_MOST_ROWS_BY_NUMBER}")
        connection.execute("SET temp_directory = ''")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        raise StorageError(_explain_open(path, error)) from error
    return connection


def _explain_open(path: Path, error: duckdb.Error) -> str:
    words = str(error)
    if "Conflicting lock" in words or "Could not set lock" in words:
        return f"{path} is open in another process; close that one first"
    if "newer version" in words or "storage version" in words.lower():
        return f"{path} was written by another version of DuckDB than {duckdb.__version__}"
    if isinstance(error, duckdb.IOException) and "Permission denied" in words:
        return f"{path} cannot be opened: permission denied"
    return (
        f"{path} is damaged or no DuckDB file ({words.splitlines()[0]}): `wirethread repair` mends"
        " what can be mended"
    )


class Directories:
    """Directories of columns that were made, and how often the others were asked for."""

    def __init__(self) -> None:
        self.turn = threading.RLock()
        self.made: dict[str, Any] = {}
        self.making: dict[str, Any] = {}
        """A lock for each that is being made, or was."""
        self.n_asked: dict[str, int] = {}


class Database:
    """A connection that several threads may use in turn.

    Queries are fetched fully. Every `duckdb.Error` leaves as a `StorageError`.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        *,
        read_only: bool,
        held_file: int | None = None,
        place: str = "rowid",
        check_question: Callable[[str], None] | None = None,
    ) -> None:
        self._connection = connection
        self._held_file = held_file
        self._turn = threading.RLock()
        self._depth = 0
        self._to_unregister: set[str] = set()
        self._check_question = check_question
        self.read_only = read_only
        self.place = place
        """Column of `store.paragraphs` with the number under which the index of words has a row."""
        self.places: dict[str, int] = {}
        """What `storage.engine.places` looked up of articles; empty after a transaction failed."""
        self.gathered_for: tuple[str, int] | None = None
        """Model and least words for which texts to be embedded were gathered on this connection."""
        self.sizes: dict[str, int] = {}
        """Rows of tables, as looked up; of a snapshot they stay what they are."""
        self.directories = Directories()
        """What `storage.engine.directory` read of a snapshot; its cursors share it."""

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        with self._turn:
            self._connection.close()
            if self._held_file is not None:
                os.close(self._held_file)
                self._held_file = None

    def cursor(self) -> "Database":
        """Return a second connection to the same open file, so that two threads ask at once.

        It is closed by itself, and no longer works once this one is closed.
        """
        with self._turn, _plain_errors("open a cursor"):
            cursor = self._connection.cursor()
            if self.read_only:
                cursor.execute("USE wirethread")
        second = Database(
            cursor,
            read_only=self.read_only,
            place=self.place,
            check_question=self._check_question,
        )
        if self.read_only:
            second.sizes, second.directories = self.sizes, self.directories
        return second

    def interrupt(self) -> None:
        """Stop the query that another thread runs on this connection; it gets a `StorageError`."""
        self._connection.interrupt()

    def release_blocks(self, settings: StorageSettings) -> None:
        """Give back the memory of blocks that were read and may not be needed again."""
        limit = settings.as_options()["memory_limit"]
        with self._turn:
            with suppress(duckdb.OutOfMemoryException):  # it frees what it can before it says so
                self._connection.execute(f"SET memory_limit = '{_IDLE_MEMORY}'")
            self._connection.execute(f"SET memory_limit = '{limit}'")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block wrote, or nothing of it. An inner transaction joins the outer."""
        with self._turn:
            if self.read_only:
                raise StorageError("the published snapshot is read-only")
            if self._depth == 0:
                self.execute("BEGIN TRANSACTION")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._roll_back()
                raise
            self._depth -= 1
            if self._depth == 0:
                self.execute("COMMIT")

    @contextmanager
    def registered(self, **tables: pa.Table) -> Iterator[None]:
        """Let SQL read arrow tables under the given names while the block runs."""
        with self._turn:
            for name, table in tables.items():
                self._connection.register(name, table)
            try:
                yield
            finally:
                self._unregister(tables)

    def _unregister(self, names: Iterable[str]) -> None:
        """Forget arrow tables; in a transaction that failed this waits for its end."""
        for name in names:
            try:
                self._connection.unregister(name)
            except duckdb.Error:
                self._to_unregister.add(name)

    def _roll_back(self) -> None:
        self.places.clear()
        with suppress(StorageError):  # what went wrong is told; who is away rolls back by himself
            self.execute("ROLLBACK")
        waiting, self._to_unregister = self._to_unregister, set()
        self._unregister(waiting)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement and return the number of rows it changed, 0 where it reports none."""
        with self._turn, _plain_errors(sql), without_pandas():
            rows = self._connection.execute(sql, list(parameters)).fetchall()
        return int(rows[0][0]) if len(rows) == 1 and isinstance(rows[0][0], int) else 0

    def fetch_rows(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> list[tuple[Any, ...]]:
        """Run a query and return its rows as Python values; times come back naive, in UTC."""
        with self._turn, _plain_errors(sql), without_pandas():
            given = parameters if isinstance(parameters, Mapping) else list(parameters)
            return self._connection.execute(sql, given).fetchall()

    def fetch_table(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> pa.Table:
        """Run a query and return its rows as an arrow table."""
        with self._turn, _plain_errors(sql), without_pandas():
            return _fetch_arrow(self._connection, sql, parameters)

    def stream_rows(self, sql: str) -> Iterator[pa.Table]:
        """Run a query and yield its rows in pieces; nothing else is asked meanwhile."""
        with self._turn, _plain_errors(sql):
            for batch in self._connection.execute(sql).to_arrow_reader(_ROWS_A_PIECE):
                yield pa.Table.from_batches([batch])

    def fetch_free_query(
        self,
        sql: str,
        parameters: Sequence[Any] | Mapping[str, Any] = (),
        *,
        settings: SqlSettings | None = None,
    ) -> pa.Table:
        """Run one SELECT written by a person, on a connection of its own, within the bounds set.

        None sets none.
        """
        with _plain_errors(None), self._free_cursor(sql) as (cursor, statements):
            if settings is not None:
                return read_answer(cursor, statements, parameters, settings)
            for statement in statements[:-1]:
                cursor.execute(statement)
            return settle_columns(_fetch_arrow(cursor, statements[-1], parameters))

    def stream_free_query(
        self,
        sql: str,
        parameters: Sequence[Any] | Mapping[str, Any] = (),
        *,
        settings: SqlSettings,
    ) -> Iterator[pa.Table]:
        """Run one SELECT written by a person and yield its rows in pieces of any number."""
        with _plain_errors(None), self._free_cursor(sql) as (cursor, statements):
            yield from stream_answer(cursor, statements, parameters, settings)

    @contextmanager
    def _free_cursor(self, sql: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[Any]]]:
        statements = self._extract_select(sql)
        if self._check_question is not None:
            self._check_question(_EXPLAIN.sub("", sql, count=1))
        with self._connection.cursor() as cursor:
            cursor.execute("USE wirethread")
            yield cursor, statements

    def _extract_select(self, sql: str) -> list[Any]:
        """Return the one SELECT of a text, explained or not, behind what DuckDB asks before it.

        What is explained is looked at by itself: EXPLAIN ANALYZE carries out what it explains.
        Raises `StorageError` for anything else.
        """
        refusal = StorageError("only one SELECT can be asked of the published snapshot")
        statements = self._connection.extract_statements(sql)
        if not statements or (len(statements) > 1 and not _is_pivot(sql, statements)):
            raise refusal
        if statements[-1].type == duckdb.StatementType.EXPLAIN:
            inner = self._connection.extract_statements(_EXPLAIN.sub("", sql, count=1))
            if len(inner) != 1 or inner[0].type != duckdb.StatementType.SELECT:
                raise refusal
        elif statements[-1].type != duckdb.StatementType.SELECT:
            raise refusal
        return list(statements)

    def fetch_value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """Run a query and return its single value, None where it has no row."""
        rows = self.fetch_rows(sql, parameters)
        return rows[0][0] if rows else None

    def list_columns(self, table: str) -> frozenset[str]:
        """Return the names of a table's columns; none where there is no such table.

        Outside of a transaction, which a table that is not there would end. DuckDB's own lists of
        tables and columns look at all of them: 20 ms against none.
        """
        with self._turn, _plain_errors(table):
            try:
                empty = self._connection.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608
            except duckdb.CatalogException:
                return frozenset()
            return frozenset(column[0] for column in empty.description or ())


def _is_pivot(sql: str, statements: Sequence[Any]) -> bool:
    """Whether DuckDB made several statements of one SELECT that names no columns of its PIVOT.

    It collects them first, as a type of the connection that ends with it. Such statements have no
    words of their own; those that a person wrote one behind the other have, and a semicolon.
    """
    return ";" not in sql.strip().rstrip(";") and all(
        one.type == duckdb.StatementType.CREATE and not one.query for one in statements[:-1]
    )


def _fetch_arrow(
    connection: duckdb.DuckDBPyConnection,
    statement: Any,
    parameters: Sequence[Any] | Mapping[str, Any],
) -> pa.Table:
    given = parameters if isinstance(parameters, Mapping) else list(parameters)
    if _HAS_LAZY_RESULTS:
        return connection.sql(statement, params=given).to_arrow_table()
    return connection.execute(statement, given).to_arrow_table()


@contextmanager
def _plain_errors(sql: str | None) -> Iterator[None]:
    """Turn DuckDB's errors into ours; `sql` is None where a person wrote it and knows it."""
    try:
        yield
    except duckdb.Error as error:
        if sql is None:
            raise StorageError(join_refusal(str(error))) from error
        words = str(error).splitlines()[0]
        if (away := _AWAY.search(words)) is not None:
            what = "catalog" if away["catalog"] else "files"
            raise StorageError(
                f"the {what} of the shared archive cannot be reached: {words[away.end() :].strip()}"
            ) from error
        if any(sign in words for sign in _FULL_DISK):
            raise StorageError(
                f"the disk is full: {words}; free some space, and the next run goes on from here"
            ) from error
        statement = " ".join(sql.split())[:200]
        raise StorageError(f"the catalog refused: {words} [in: {statement}]") from error
