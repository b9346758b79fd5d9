"""Which rows the index of words covers, written down beside it, so that it need not be counted.

As long as the list of its files is the one that was written down, and the catalog has as many rows
up to the last one covered, with that one in its place, the index belongs to the catalog. Where that
cannot be told, both are counted (`storage.words.index.measure_rows`).
"""

# ruff: noqa: S608 - only numbers are put into SQL

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import xxhash

from wirethread.storage.engine.database import Database
from wirethread.storage.engine.whole_file import write_small_file

__all__ = ["ROWS_FILE", "Coverage", "covers_all", "covers_start", "remember_coverage"]

ROWS_FILE = "rows.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What an index holds."""

    n_rows: int
    """Rows of paragraphs, of any kind, up to the last one in the index."""
    last_place: int
    """That row."""
    last_hash: int
    """The hash of its text."""
    files: str
    """A hash of the list of the index's files."""


def remember_coverage(folder: Path, database: Database, last_place: int) -> None:
    """Write down that an index holds all body paragraphs up to the row `last_place`."""
    covered = Coverage(
        n_rows=_count_until(database, last_place),
        last_place=last_place,
        last_hash=database.fetch_value(
            f"SELECT text_hash FROM store.paragraphs WHERE {database.place} = {int(last_place)}"
        ),
        files=_hash_list(folder),
    )
    write_small_file(folder / ROWS_FILE, json.dumps(asdict(covered)), is_lasting=False)


def covers_start(folder: Path, database: Database) -> int | None:
    """Return the last row that the index is known to hold, with all before it; None if unknown."""
    try:
        covered = Coverage(**json.loads((folder / ROWS_FILE).read_text(encoding="utf-8")))
        if covered.files != _hash_list(folder):
            return None
    except (OSError, ValueError, TypeError):
        return None
    place = int(covered.last_place)
    last_hash = database.fetch_rows(
        f"SELECT text_hash FROM store.paragraphs WHERE {database.place} = {place} AND kind = 'body'"
    )
    is_same = _count_until(database, place) == covered.n_rows and last_hash == [
        (covered.last_hash,)
    ]
    return place if is_same else None


def covers_all(folder: Path, database: Database) -> bool:
    """Whether an index is known to hold every body paragraph; False may mean that it is not."""
    place = covers_start(folder, database)
    return place is not None and not database.fetch_value(
        f"SELECT count(*) FROM store.paragraphs WHERE {database.place} > {place} AND kind = 'body'"
    )


def _count_until(database: Database, place: int) -> int:
    """Count the rows up to one: all of them, which DuckDB knows, less the few behind it."""
    n_all = database.fetch_value("SELECT count(*) FROM store.paragraphs")
    behind = f"SELECT count(*) FROM store.paragraphs WHERE {database.place} > {int(place)}"
    return int(n_all) - int(database.fetch_value(behind))


def _hash_list(folder: Path) -> str:
    return xxhash.xxh3_128_hexdigest((folder / "meta.json").read_bytes())
