"""What tests of the shared archive do to one."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from wirethread.storage.catalog import Catalog
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.shared_address import SharedAddress
from wirethread.storage.sharing import migrate_to_shared
from wirethread.storage.tables.runs import bump_counter

ROOT = Path(__file__).resolve().parents[3]
KILLED = """
import os, signal, sys
from pathlib import Path
from tests.storage.shared.sharing import share
from wirethread.storage.shared_address import parse_address
from wirethread.storage.shared import publications

data, address, files, place = sys.argv[1:]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def die_at_the_end(database):
    plain(database)
    die()

plain = publications.bring_rows
if place == "before rows":
    publications._bring = die
elif place == "before commit":
    publications.bring_rows = die_at_the_end
elif place == "before tidying":
    publications._tidy = die
share(Path(data), parse_address(address), files)
"""


def share_until_killed(data: Path, address: str, files: str | Path, place: str) -> int:
    """Bring a data folder to a shared archive in a process that is killed; return how it ended."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, data, address, files, place],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
    )
    return done.returncode


def share(data: Path, address: SharedAddress, files: str | Path) -> SharedAddress:
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
