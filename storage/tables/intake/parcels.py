"""Parcels: which were taken up, which were made here and wait, and which articles were in any."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from wirethread.articles.types.articles import ArticleId
from wirethread.storage.engine.bulk import as_utc, build_objects, build_table, ids_table
from wirethread.storage.engine.database import Database
from wirethread.storage.tables.runs import bump_counter

__all__ = [
    "TAKEN",
    "WAITING",
    "KnownParcel",
    "add_handed",
    "add_parcel",
    "find_handed",
    "find_taken",
    "list_waiting",
    "number_parcel",
    "remove_parcels",
]

WAITING = "waiting"
"""Made here, and not known to be in a publication."""
TAKEN = "taken"
"""Made elsewhere, and its articles are in this catalog."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownParcel:
    """A parcel as it is remembered. `made_at` is aware, in UTC."""

    name: str
    """Its place in the files of the shared archive."""
    state: str
    n_articles: int
    n_rejected: int
    made_at: datetime
    run_id: str


_PARCEL = {
    "name": pa.string(),
    "state": pa.string(),
    "n_articles": pa.int64(),
    "n_rejected": pa.int64(),
    "made_at": pa.timestamp("us"),
    "run_id": pa.string(),
}


def add_parcel(database: Database, parcel: KnownParcel) -> int:
    """Remember a parcel; one of the same name is the same."""
    with database.registered(new_parcel=build_table([parcel], _PARCEL)):
        return database.execute(
            "INSERT INTO store.parcels SELECT * FROM new_parcel n WHERE NOT EXISTS"
            " (SELECT 1 FROM store.parcels p WHERE p.name = n.name)"
        )


def find_taken(database: Database, names: Collection[str]) -> set[str]:
    """Return those of the parcels that were taken up."""
    if not names:
        return set()
    with database.registered(asked=ids_table(names)):
        rows = database.fetch_rows(
            "SELECT name FROM store.parcels WHERE state = ? AND name IN (SELECT id FROM asked)",
            [TAKEN],
        )
    return {row[0] for row in rows}


def list_waiting(database: Database) -> list[KnownParcel]:
    """Return the parcels that were made here and wait, in the order in which they were made."""
    found = database.fetch_table(
        f"SELECT {', '.join(_PARCEL)} FROM store.parcels WHERE state = ?"  # noqa: S608
        " ORDER BY split_part(name, '/', -1), name",
        [WAITING],
    )
    return build_objects(found, KnownParcel, {"made_at": as_utc})


def remove_parcels(database: Database, names: Collection[str]) -> int:
    """Forget parcels that are in a publication."""
    with database.registered(gone=ids_table(names)):
        return database.execute("DELETE FROM store.parcels WHERE name IN (SELECT id FROM gone)")


def number_parcel(database: Database) -> int:
    """Return the number of the next parcel: one is never given twice."""
    return bump_counter(database, "parcel")


def find_handed(database: Database, article_ids: Iterable[str]) -> set[ArticleId]:
    """Return those of the articles that were in a parcel of this machine."""
    with database.registered(asked=ids_table(article_ids)):
        rows = database.fetch_rows(
            "SELECT article_id FROM store.parcel_articles"
            " WHERE article_id IN (SELECT id FROM asked)"
        )
    return {ArticleId(row[0]) for row in rows}


def add_handed(database: Database, article_ids: Iterable[str]) -> int:
    """Remember articles that are in a parcel, none of which is remembered yet."""
    with database.registered(handed=ids_table(article_ids)):
        return database.execute("INSERT INTO store.parcel_articles SELECT id FROM handed")
