"""Connections to a shared archive: DuckLake's, for the one coordinator and for any reader."""

# ruff: noqa: S608 - names that are checked, and values in quotes

import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from wirethread.articles.errors import NotFoundError, StorageError
from wirethread.storage.engine.bulk import quote
from wirethread.storage.engine.database import OFFLINE, Database, StorageSettings
from wirethread.storage.shared.bucket_store import BucketStore
from wirethread.storage.shared.files import FileStore
from wirethread.storage.shared.folder_store import FolderStore
from wirethread.storage.shared.guarding import Guard
from wirethread.storage.shared_address import SharedAddress, bound_server, is_bucket

__all__ = [
    "LAKE",
    "PLACE",
    "name_metadata",
    "open_for_bringing",
    "open_for_reading",
    "open_store",
]

LAKE = "wirethread"
"""Name under which an archive is attached."""
PLACE = "place"
"""Column of `store.paragraphs` that holds the number of the row in the coordinator's folder."""
_FOR_BUCKETS = "httpfs"
_SECONDS_OF_SILENCE = 15
_MOST_RETRIES = 2
_MISSING = ("read-only mode: database does not exist", "a new DuckLake is explicitly disabled")


def open_store(place: str | Path) -> FileStore:
    """Return what keeps the files of a shared archive there. Raises `StorageError`."""
    if is_bucket(place):
        return BucketStore(str(place))
    if "://" in str(place):
        raise StorageError(
            "the files of a shared archive are in a folder or at s3://bucket/prefix,"
            f" not at {str(place)!r}"
        )
    return FolderStore(Path(place))


def open_for_bringing(
    address: SharedAddress, store: FileStore, settings: StorageSettings
) -> Database:
    """Open a shared archive for writing; it is made where there is none.

    `store` is where its files are. Raises `StorageError`.
    """
    store.prepare()
    connection = _connect(address, settings)
    try:
        _let_in(connection, store)
        _attach(connection, address, [f"DATA_PATH {quote(store.rows)}"])
        connection.execute("SET TimeZone = 'UTC'")
    except duckdb.Error as error:
        connection.close()
        raise StorageError(explain(address, error)) from error
    return Database(connection, read_only=False)


def open_for_reading(
    address: SharedAddress, settings: StorageSettings
) -> tuple[Database, int, FileStore]:
    """Open the newest publication, which stays the same as long as it is open.

    Returns it with the number of DuckLake's snapshot and where the archive's files are. What
    a question may read besides is nothing: files and network are shut off but for the archive's.
    Raises `NotFoundError` where nothing was published, `StorageError` where it cannot be reached.
    """
    connection = _connect(address, settings)
    try:
        try:
            _attach(connection, address, ["READ_ONLY"])
        except duckdb.Error as error:
            if f"requires the extension {_FOR_BUCKETS}" not in str(error):
                raise
            _load(connection, _FOR_BUCKETS)  # only now it is known where the rows are
            _attach(connection, address, ["READ_ONLY"])
        metadata = _Metadata(connection, address)
        number = metadata.find_snapshot()
        if number is None:
            raise NotFoundError(_nothing(address))
        connection.execute(f"DETACH {LAKE}")
        _attach(connection, address, ["READ_ONLY", f"SNAPSHOT_VERSION {number}"])
        connection.execute(f"USE {LAKE}")
        store = open_store(metadata.find_files())
        _let_in(connection, store)
        sizes = metadata.read_sizes()
        guard = Guard(connection, metadata.list_names(number))
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        connection.execute("SET temp_directory = ''")
        connection.execute(f"SET allowed_directories = [{quote(store.rows)}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        words = explain(address, error)
        if any(sign in str(error) for sign in _MISSING):
            raise NotFoundError(_nothing(address)) from error
        raise StorageError(words) from error
    except BaseException:
        connection.close()
        raise
    opened = Database(connection, read_only=True, place=PLACE, check_question=guard.check)
    opened.sizes = sizes
    return opened, number, store


def name_metadata(address: SharedAddress) -> str:
    """Return catalog and schema of DuckLake's own tables, while an archive is attached."""
    schema = "main" if address.path is not None else address.schema
    return f"__ducklake_metadata_{LAKE}.{schema}"


class _Metadata:
    """DuckLake's own tables: to ask them costs a hundredth of what `duckdb_tables()` costs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, address: SharedAddress) -> None:
        self._connection = connection
        self._place = name_metadata(address)

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql.replace("{m}", self._place)).fetchall()

    def find_snapshot(self) -> int | None:
        """Return the newest snapshot, which holds whole publications; None for none."""
        has_any = self._ask(
            "SELECT 1 FROM {m}.ducklake_table JOIN {m}.ducklake_schema s USING (schema_id)"
            " WHERE schema_name = 'shared' AND table_name = 'publications'"
        )
        number = self._ask("SELECT max(snapshot_id) FROM {m}.ducklake_snapshot")
        return int(number[0][0]) if has_any else None

    def list_names(self, snapshot: int) -> frozenset[tuple[str, str]]:
        """Return schema and name of every table and view."""
        found = self._ask(
            " UNION ALL ".join(
                f"SELECT schema_name, {kind}_name FROM {{m}}.ducklake_{kind} t"
                " JOIN {m}.ducklake_schema s USING (schema_id)"
                f" WHERE t.begin_snapshot <= {snapshot}"
                f" AND coalesce(t.end_snapshot > {snapshot}, true)"
                for kind in ("table", "view")
            )
        )
        return frozenset((schema, name.lower()) for schema, name in found)

    def read_sizes(self) -> dict[str, int]:
        """Return the rows of each table, as they are now."""
        return dict(
            self._ask(
                "SELECT table_name, record_count FROM {m}.ducklake_table_stats"
                " JOIN {m}.ducklake_table USING (table_id) WHERE end_snapshot IS NULL"
            )
        )

    def find_files(self) -> str:
        """Return where the archive's files are."""
        ((path,),) = self._ask("SELECT value FROM {m}.ducklake_metadata WHERE key = 'data_path'")
        return str(path).rstrip("/").removesuffix("/rows")


def _nothing(address: SharedAddress) -> str:
    return (
        f"nothing has been published in {address.shown} yet: `wirethread migrate FOLDER` or a run"
        " with `storage.catalog` does"
    )


def _connect(address: SharedAddress, settings: StorageSettings) -> duckdb.DuckDBPyConnection:
    names = ["ducklake"] if address.path is not None else ["ducklake", "postgres_scanner"]
    connection = duckdb.connect(":memory:", config={**settings.as_options(), **OFFLINE})
    try:
        for name in names:
            _load(connection, name)
    except BaseException:
        connection.close()
        raise
    return connection


def _let_in(connection: duckdb.DuckDBPyConnection, store: FileStore) -> None:
    """Let DuckDB read what a bucket holds; objects never change, and are asked for once."""
    door = store.open_door()
    if door is not None:
        _load(connection, _FOR_BUCKETS)
        connection.execute("SET enable_http_metadata_cache = true")
        connection.execute(f"SET http_timeout = {_SECONDS_OF_SILENCE}")
        connection.execute(f"SET http_retries = {_MOST_RETRIES}")
        try:
            connection.execute(door)
        except duckdb.Error:  # whose words may hold the keys
            raise StorageError(f"DuckDB cannot use the keys of {store.shown}") from None


def _load(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    path = _find_extension(name)
    try:
        connection.execute(f"LOAD {quote(path)}")
    except duckdb.Error as error:
        raise StorageError(f"DuckDB cannot load {path.name}: {error}") from error


def _find_extension(name: str) -> Path:
    """Return the file of an extension, which comes as a package: nothing is fetched."""
    found = find_spec(f"duckdb_extension_{name}")
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent / "extensions" / f"v{duckdb.__version__}"
        path = folder / f"{name}.duckdb_extension"
        if path.is_file():
            return path
    raise StorageError(
        f"a shared archive needs DuckDB's extension {name} {duckdb.__version__}: install"
        " wirethread[shared]"
    )


def _attach(
    connection: duckdb.DuckDBPyConnection, address: SharedAddress, options: list[str]
) -> None:
    """Attach the archive; in Postgres by secrets, so that no message repeats a password."""
    if address.path is not None:
        where = f"ducklake:{address.path}"
    else:
        given = ", ".join(
            f"{'DATABASE' if name == 'dbname' else name.upper()} {quote(value)}"
            for name, value in address.parameters.items()
        )
        connection.execute(
            f"CREATE OR REPLACE SECRET server (TYPE postgres{', ' if given else ''}{given})"
        )
        connection.execute(
            f"CREATE OR REPLACE SECRET lake (TYPE ducklake, METADATA_PATH {quote(_bound(address))},"
            " METADATA_PARAMETERS MAP {'TYPE': 'postgres', 'SECRET': 'server'})"
        )
        where = "ducklake:lake"
        options = [f"METADATA_SCHEMA {quote(address.schema)}", *options]
    connection.execute(f"ATTACH {quote(where)} AS {LAKE} ({', '.join(options)})")


def _bound(address: SharedAddress) -> str:
    """Return for how long Postgres is waited for, here and there, as its own library reads it.

    The server lets go of a client that is silent as soon, and with it of what the client held.
    """
    told = " ".join(f"{name}={value}" for name, value in address.bounds.items())
    there = " ".join(f"-c {name}={value}" for name, value in bound_server(address).items())
    options = " ".join(filter(None, (os.environ.get("PGOPTIONS"), there)))
    escaped = options.replace("\\", "\\\\").replace("'", "\\'")
    return f"{told} options='{escaped}'"


def explain(address: SharedAddress, error: Exception) -> str:
    """Return what is wrong with a shared archive in one line."""
    words = " ".join(str(error).split())
    if "Conflicting lock" in words or "Could not set lock" in words:
        return (
            f"{address.shown} is open in another process; a catalog in Postgres is for several at"
            " once"
        )
    if "DATA_PATH" in words:
        return f"{address.shown} was made with another folder of files than this one ({words})"
    words = re.sub(r'.*Unable to connect to Postgres at ".*?": |.*IO Error:', "", words)
    return f"{address.shown} cannot be opened: {words.strip()}"
