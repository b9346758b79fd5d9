"""Whether a catalog or snapshot can be read to its last row, and what it holds."""

# ruff: noqa: S608 - only constant names are put into SQL

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wirethread.articles.errors import NotFoundError, StorageError
from wirethread.storage.engine.database import Database, StorageSettings, open_snapshot
from wirethread.storage.engine.migrations import read_schema_number

__all__ = ["Reach", "find_database_fault", "list_store_tables", "measure_database"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a catalog or snapshot goes."""

    change_number: int
    n_articles: int
    last_end: datetime | None
    """When its last run ended, naive UTC."""

    @property
    def words(self) -> str:
        """This in words."""
        ended = f"{self.last_end:%Y-%m-%d %H:%M:%S} UTC" if self.last_end else "an unknown time"
        return f"{self.n_articles:,} articles, last run ended {ended}"


def find_database_fault(path: Path, settings: StorageSettings) -> str | None:
    """Open a file read-only and read every row of it; return what is wrong, None for nothing.

    Raises `StorageError` where another program has it open.
    """
    if not path.exists():
        return f"{path} is missing"
    try:
        database = open_snapshot(path, settings)
    except (StorageError, NotFoundError) as error:
        if "open in another process" in str(error):
            raise
        return str(error)
    try:
        if not read_schema_number(database):
            return f"{path} holds no wirethread catalog"
        for table in list_store_tables(database):
            database.fetch_rows(f"SELECT count(*), bit_xor(hash(t)) FROM store.{table} t")
    except StorageError as error:
        return f"{path} is damaged ({error})"
    finally:
        database.close()
    return None


def measure_database(path: Path, settings: StorageSettings) -> Reach | None:
    """Return how far a file goes, None where it cannot be read."""
    try:
        database = open_snapshot(path, settings)
    except (StorageError, NotFoundError):
        return None
    try:
        ((change_number, n_articles, last_end),) = database.fetch_rows(
            "SELECT (SELECT value FROM store.counters WHERE name = 'content_version'),"
            " (SELECT count(*) FROM store.articles), (SELECT max(finished_at) FROM store.runs)"
        )
    except StorageError:
        return None
    finally:
        database.close()
    return Reach(change_number=int(change_number or 0), n_articles=n_articles, last_end=last_end)


def list_store_tables(database: Database) -> list[str]:
    """Return the names of our tables in a catalog or snapshot."""
    rows = database.fetch_rows(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'store'"
        " AND database_name = current_database() ORDER BY table_name"
    )
    return [row[0] for row in rows]
