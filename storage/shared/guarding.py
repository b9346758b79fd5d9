"""What a person's SELECT may name in a shared archive: its views and tables, and nothing else.

DuckDB's Postgres extension offers functions that ask the server anything, its files included, and
they work where files are shut off. So every table and function behind FROM is looked at before.
"""

import json
from collections.abc import Iterator
from typing import Any

import duckdb

from wirethread.articles.errors import StorageError

__all__ = ["Guard"]

_FUNCTIONS = frozenset(
    {
        "duckdb_columns",
        "duckdb_tables",
        "duckdb_views",
        "generate_series",
        "json_each",
        "json_tree",
        "range",
        "unnest",
    }
)
_SCHEMAS = frozenset({"", "main", "store", "information_schema"})


class Guard:
    """Knows the names that may be asked for."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, names: frozenset[tuple[str, str]]
    ) -> None:
        """Keep `names`, schema and name of every table and view, in small letters."""
        self._connection = connection
        self._names = names

    def check(self, sql: str) -> None:
        """Raise `StorageError` where a SELECT names what is not of the archive."""
        with self._connection.cursor() as cursor:
            ((text,),) = cursor.execute("SELECT json_serialize_sql($1::VARCHAR)", [sql]).fetchall()
        parsed: dict[str, Any] = json.loads(text)
        if parsed["error"]:
            raise StorageError(
                "only one plain SELECT can be asked of a shared archive"
                f" ({parsed.get('error_message', 'it cannot be read')})"
            )
        parts = list(_walk(parsed))
        named = {
            str(entry["key"]).lower()
            for part in parts
            if isinstance(part.get("cte_map"), dict)
            for entry in part["cte_map"].get("map", ())
        }
        for part in parts:
            if part.get("type") == "BASE_TABLE":
                self._check_table(part, named)
            elif part.get("type") == "TABLE_FUNCTION":
                _check_function(part["function"])

    def _check_table(self, part: dict[str, Any], named: set[str]) -> None:
        catalog, schema, name = (
            str(part.get(key, "")).lower() for key in ("catalog_name", "schema_name", "table_name")
        )
        is_plain = not catalog and not schema
        if is_plain and name in named:
            return
        is_known = schema == "information_schema" or (schema or "main", name) in self._names
        if is_known and catalog in {"", "wirethread"} and schema in _SCHEMAS:
            return
        if not catalog and schema == "wirethread" and ("main", name) in self._names:
            return
        raise StorageError(
            f"a shared archive has no view or table {part.get('table_name')!r} to ask"
            " (`FROM duckdb_views()` lists them)"
        )


def _check_function(function: dict[str, Any]) -> None:
    name = str(function.get("function_name", "")).lower()
    if name not in _FUNCTIONS or function.get("schema") or function.get("catalog"):
        raise StorageError(f"{name}() cannot be asked of a shared archive")


def _walk(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a parsed question."""
    waiting = [part]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
