"""Bring the rows of a published snapshot to a shared archive, writing only what differs.

Rows are told apart by a hash of all their columns. How many there are, and the sum of their hashes,
is kept for each part of a table: a hundred change numbers where rows carry `written`, else the
whole table. A part whose sum is another is compared row by row; of the others the archive reads
nothing. The snapshot is read whole, once.
"""

# ruff: noqa: S608 - names come from the catalog's own schema; values are parameters

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wirethread.articles.errors import StorageError
from wirethread.storage.engine.bulk import quote
from wirethread.storage.engine.database import Database
from wirethread.storage.shared.opening import LAKE, PLACE

__all__ = ["FOLDER", "Table", "bring_rows", "has_same_schema", "list_tables", "make_schema"]

FOLDER = "folder"
"""Name under which the catalog of a data folder is attached."""
_VERSIONS_PER_PART = 100
_RESERVED_SCHEMA = "shared"
_OWN_TABLES = {
    "publications": "publication BIGINT, change_number BIGINT, archive_id VARCHAR,"
    " n_articles BIGINT, published_at TIMESTAMP",
    "files": "name VARCHAR, checksum VARCHAR, n_bytes BIGINT",
    "parts": "table_name VARCHAR, part BIGINT, n_rows BIGINT, digest VARCHAR",
}

Sums = dict[int, tuple[int, str]]
"""By part: number of rows and sum of their hashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the catalog."""

    schema: str
    name: str
    columns: Mapping[str, str]
    """Type by name, in order."""

    @property
    def full_name(self) -> str:
        """Schema and name."""
        return f"{self.schema}.{self.name}"

    @property
    def has_place(self) -> bool:
        """Whether the archive keeps the number of the row too, which the index of words names."""
        return self.full_name == "store.paragraphs"

    @property
    def shared_columns(self) -> Mapping[str, str]:
        """Those that the table has in the archive."""
        return {**self.columns, PLACE: "BIGINT"} if self.has_place else self.columns

    @property
    def part(self) -> str:
        """SQL of the part in which a row is."""
        is_dated = "written" in self.columns
        return f"coalesce(written, 0) // {_VERSIONS_PER_PART}" if is_dated else "0"

    @property
    def order(self) -> str:
        """SQL of the order in which the archive's rows are put into a folder."""
        if self.has_place:
            return PLACE
        return "written, rowid" if "written" in self.columns else "rowid"

    def select(self) -> str:
        """Return the SQL that reads its rows, as a folder has them, from the archive."""
        names = ", ".join(f'"{name}"' for name in self.columns)
        return f"SELECT {names} FROM {self.full_name} ORDER BY {self.order}"

    def list_names(self) -> str:
        """Return its columns in the archive, quoted."""
        return ", ".join(f'"{name}"' for name in self.shared_columns)

    def list_values(self) -> str:
        """Return what a row of the folder has for them."""
        names = [f'"{name}"' for name in self.columns]
        return ", ".join([*names, "rowid"] if self.has_place else names)


def list_tables(database: Database, catalog: str) -> list[Table]:
    """Return the tables of an attached catalog, with their columns in order."""
    rows = database.fetch_rows(
        "SELECT schema_name, table_name, list(column_name ORDER BY column_index),"
        " list(data_type ORDER BY column_index) FROM duckdb_columns()"
        " WHERE database_name = ? AND (schema_name = 'store' OR table_name = 'schema_migrations')"
        " GROUP BY ALL ORDER BY ALL",
        [catalog],
    )
    return [
        Table(schema=schema, name=name, columns=dict(zip(names, kinds, strict=True)))
        for schema, name, names, kinds in rows
    ]


def has_same_schema(database: Database) -> bool:
    """Whether the archive has the tables and views of the folder's schema."""
    known = database.fetch_value(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = ?"
        " AND table_name = 'schema_migrations'",
        [LAKE],
    )
    if not known:
        return False
    left, right = (
        database.fetch_rows(
            f"SELECT version, name, checksum FROM {catalog}.main.schema_migrations ORDER BY ALL"
        )
        for catalog in (LAKE, FOLDER)
    )
    return left == right


def make_schema(database: Database) -> None:
    """Make the tables and views of the folder anew in the archive, within a transaction."""
    _drop_all(database)
    for schema in ("store", _RESERVED_SCHEMA):
        database.execute(f"CREATE SCHEMA IF NOT EXISTS {LAKE}.{schema}")
    for name, columns in _OWN_TABLES.items():
        database.execute(f"CREATE TABLE IF NOT EXISTS {LAKE}.{_RESERVED_SCHEMA}.{name} ({columns})")
    database.execute(f"DELETE FROM {LAKE}.{_RESERVED_SCHEMA}.parts")
    for table in list_tables(database, FOLDER):
        columns = ", ".join(f'"{name}" {kind}' for name, kind in table.shared_columns.items())
        database.execute(f"CREATE TABLE {LAKE}.{table.full_name} ({columns})")
    _make_views(database)


def _drop_all(database: Database) -> None:
    for (name,) in database.fetch_rows(
        "SELECT view_name FROM duckdb_views() WHERE database_name = ? AND NOT internal", [LAKE]
    ):
        database.execute(f'DROP VIEW {LAKE}.main."{name}"')
    for table in list_tables(database, LAKE):
        database.execute(f"DROP TABLE {LAKE}.{table.full_name}")


def _make_views(database: Database) -> None:
    """Make the views, those first that others read, and say what they are."""
    waiting = database.fetch_rows(
        "SELECT view_name, sql, comment FROM duckdb_views()"
        " WHERE database_name = ? AND schema_name = 'main' AND NOT internal ORDER BY view_name",
        [FOLDER],
    )
    while waiting:
        left = [view for view in waiting if not _make_view(database, *view)]
        if len(left) == len(waiting):
            raise StorageError(f"the view {left[0][0]} cannot be made in the shared archive")
        waiting = left
    comments = database.fetch_rows(
        "SELECT table_name, column_name, comment FROM duckdb_columns()"
        " WHERE database_name = ? AND schema_name = 'main' AND comment IS NOT NULL ORDER BY ALL",
        [FOLDER],
    )
    if comments:
        values = ", ".join(f"({', '.join(quote(word) for word in row)})" for row in comments)
        database.execute(
            "CREATE VIEW column_comments AS SELECT * FROM"
            f" (VALUES {values}) AS c(view_name, column_name, comment)"
        )
        database.execute(
            "COMMENT ON VIEW column_comments IS 'What each column of each view holds.'"
        )


def _make_view(database: Database, name: str, sql: str, comment: str | None) -> bool:
    try:
        database.execute(sql)
    except StorageError as error:
        if "does not exist" not in str(error):
            raise
        return False  # it reads a view that is not made yet
    if comment is not None:
        database.execute(f'COMMENT ON VIEW "{name}" IS {quote(comment)}')
    return True


def bring_rows(database: Database) -> int:
    """Make every table of the archive equal to the folder's, within a transaction.

    Returns the rows that were deleted and inserted.
    """
    known = _read_sums(database)
    return sum(
        _bring_table(database, table, known.get(table.full_name, {}))
        for table in list_tables(database, FOLDER)
    )


def _read_sums(database: Database) -> dict[str, Sums]:
    sums: dict[str, Sums] = {}
    for table, part, n_rows, digest in database.fetch_rows(
        f"SELECT table_name, part, n_rows, digest FROM {LAKE}.{_RESERVED_SCHEMA}.parts"
    ):
        sums.setdefault(table, {})[part] = n_rows, digest
    return sums


def _bring_table(database: Database, table: Table, known: Sums) -> int:
    there = f"{FOLDER}.{table.full_name}"
    hashed = f"hash({table.list_values()})"
    present: Sums = {
        part: (n_rows, digest)
        for part, n_rows, digest in database.fetch_rows(
            f"SELECT {table.part} AS part, count(*), sum({hashed})::VARCHAR FROM {there}"
            " GROUP BY part"
        )
    }
    parts = sorted(
        part for part in present.keys() | known.keys() if present.get(part) != known.get(part)
    )
    if not parts:
        return 0
    n_changed = _bring_parts(database, table, parts, is_new=not known)
    _write_sums(database, table, parts, present)
    return n_changed


def _bring_parts(database: Database, table: Table, parts: Sequence[int], *, is_new: bool) -> int:
    here, there = f"{LAKE}.{table.full_name}", f"{FOLDER}.{table.full_name}"
    among = f"{table.part} IN ({', '.join(map(str, parts))})"
    names, values = table.list_names(), table.list_values()
    put = f"INSERT INTO {here} ({names}) SELECT {values} FROM {there}"
    if is_new:
        return database.execute(f"{put} ORDER BY rowid")
    database.execute(
        "CREATE OR REPLACE TEMP TABLE differing AS SELECT row_hash FROM ("
        f" SELECT hash({values}) AS row_hash, 1 AS n FROM {there} WHERE {among}"
        f" UNION ALL SELECT hash({names}), -1 FROM {here} WHERE {among})"
        " GROUP BY row_hash HAVING sum(n) <> 0"
    )
    differs = "IN (SELECT row_hash FROM differing)"
    n_gone = database.execute(f"DELETE FROM {here} WHERE {among} AND hash({names}) {differs}")
    n_new = database.execute(f"{put} WHERE {among} AND hash({values}) {differs} ORDER BY rowid")
    return n_gone + n_new


def _write_sums(database: Database, table: Table, parts: Sequence[int], sums: Sums) -> None:
    own = f"{LAKE}.{_RESERVED_SCHEMA}.parts"
    chosen = ", ".join(map(str, parts))
    name = quote(table.full_name)
    database.execute(f"DELETE FROM {own} WHERE table_name = {name} AND part IN ({chosen})")
    values = ", ".join(
        f"({name}, {part}, {sums[part][0]}, {quote(sums[part][1])})"
        for part in parts
        if part in sums
    )
    if values:
        database.execute(f"INSERT INTO {own} VALUES {values}")
