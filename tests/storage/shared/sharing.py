"""What tests of the shared archive do to one."""

from pathlib import Path
from typing import Any

from wirethread.storage.catalog import Catalog
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.shared_address import SharedAddress
from wirethread.storage.sharing import migrate_to_shared
from wirethread.storage.tables.runs import bump_counter


def share(data: Path, address: SharedAddress, files: Path) -> SharedAddress:
    """Bring a data folder to a shared archive."""
    migrate_to_shared(data, address, files)
    return address


def write_edition(data: Path, number: int) -> None:
    """Give every article, and a counter, the number of an edition, and publish that."""
    with Catalog.open(data) as catalog:
        with catalog._database.transaction():
            bump_counter(catalog._database, "content_version")
            catalog._database.execute(
                "UPDATE store.articles SET headline = ?, written ="
                " (SELECT value FROM store.counters WHERE name = 'content_version')",
                [f"Edition {number}"],
            )
            catalog._database.execute(
                "UPDATE store.counters SET value = ? WHERE name = 'event'", [number]
            )
        publish_snapshot(catalog)


def read_editions(place: str | Path) -> tuple[int, list[str]]:
    """Return the number of the edition by the counter, and the headlines that there are."""
    with Catalog.open_published(place) as catalog:
        number = catalog._database.fetch_value(
            "SELECT value FROM store.counters WHERE name = 'event'"
        )
        found = catalog._database.fetch_rows("SELECT DISTINCT headline FROM articles")
    return int(number), [row[0] for row in found]


def read_views(place: str | Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every public view of the folder, by name."""
    with Catalog.open_published(place) as catalog:
        names = catalog._database.fetch_rows(
            "SELECT view_name FROM duckdb_views() WHERE database_name = current_database()"
            " AND schema_name = 'main' AND view_name <> 'column_comments' ORDER BY view_name"
        )
        return {
            name: sorted(catalog._database.fetch_rows(f"SELECT * FROM {name}"), key=repr)
            for (name,) in names
        }
