"""Bring a catalog to the schema of this code: one SQL file a step, each in its own transaction."""

from datetime import UTC, datetime
from importlib import resources

from wirethread.articles.errors import StorageError
from wirethread.storage.engine.database import Database

__all__ = ["Migration", "list_migrations", "migrate_catalog", "read_schema_version"]

Migration = tuple[int, str, str]
"""Number, name and SQL of a step."""


def list_migrations() -> list[Migration]:
    """Return every step in order, from `schema/NNNN_name.sql`."""
    folder = resources.files("wirethread.storage").joinpath("schema")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda f: f.name
    )
    return [
        (int(file.name[:4]), file.name[5:].removesuffix(".sql"), file.read_text(encoding="utf-8"))
        for file in files
    ]


def read_schema_version(database: Database) -> int:
    """Return the number of the last step that was applied, 0 for an empty file."""
    exists = database.fetch_value(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_migrations'"
        " AND schema_name = 'main' AND NOT temporary AND database_name = current_database()"
    )
    if not exists:
        return 0
    return int(database.fetch_value("SELECT coalesce(max(version), 0) FROM schema_migrations"))


def migrate_catalog(database: Database) -> int:
    """Apply every step that is missing and return how many there were.

    Raises `StorageError` where the catalog is newer than this code.
    """
    steps = list_migrations()
    current = read_schema_version(database)
    newest = steps[-1][0]
    if current > newest:
        raise StorageError(
            f"the catalog has schema {current} and this wirethread knows schemas up to {newest}:"
            " update wirethread"
        )
    missing = [step for step in steps if step[0] > current]
    for version, name, sql in missing:
        with database.transaction():
            database.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations"
                " (version INTEGER NOT NULL, name VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL)"
            )
            database.execute(sql)
            database.execute(
                "INSERT INTO schema_migrations VALUES (?, ?, ?)",
                [version, name, datetime.now(UTC).replace(tzinfo=None)],
            )
    return len(missing)
