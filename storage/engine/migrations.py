"""Bring a catalog to the schema of this code: one SQL file a step, each in its own transaction.

A step is known by its name and by a checksum of what it does. Its number only says where it stands:
two branches may both have made a step 12, and a catalog that took one still needs the other.
"""

import hashlib
import re
from datetime import UTC, datetime
from functools import cache
from importlib import resources

from wirethread.articles.errors import StorageError
from wirethread.storage.engine.database import Database

__all__ = [
    "Migration",
    "list_migrations",
    "migrate_catalog",
    "read_schema_number",
    "refuse_other_schema",
]

Migration = tuple[int, str, str]
"""Number, name and SQL of a step."""
_NUMBER = "SELECT coalesce(max(version), 0) FROM schema_migrations"
_APPLIED = "SELECT name, checksum FROM schema_migrations"
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


def list_migrations() -> list[Migration]:
    """Return every step in order, from `schema/NNNN_name.sql`."""
    return list(_read_steps())


@cache
def _read_steps() -> tuple[Migration, ...]:
    folder = resources.files("wirethread.storage").joinpath("schema")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda f: f.name
    )
    return tuple(
        (int(file.name[:4]), file.name[5:].removesuffix(".sql"), file.read_text(encoding="utf-8"))
        for file in files
    )


def read_schema_number(database: Database) -> int:
    """Return the highest number of the steps that were applied, 0 for an empty file."""
    if not _list_columns(database):
        return 0
    return int(database.fetch_value(_NUMBER))


def migrate_catalog(database: Database) -> int:
    """Apply every step that is missing and return how many there were.

    Raises `StorageError` where the catalog is newer than this code, or took a step that this code
    does not know, or knows otherwise.
    """
    steps = list_migrations()
    applied = _read_applied(database)
    _refuse_unknown(applied, steps, read_schema_number(database), "catalog")
    missing = [step for step in steps if step[1] not in applied]
    if missing or "checksum" not in _list_columns(database):
        with database.transaction():
            database.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER NOT NULL,"
                " name VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL)"
            )
            database.execute(
                "ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS checksum VARCHAR"
            )
            for _, name, sql in steps:  # a catalog from before they were kept
                database.execute(
                    "UPDATE schema_migrations SET checksum = ? WHERE name = ? AND checksum IS NULL",
                    [_sum(sql), name],
                )
    for number, name, sql in missing:
        with database.transaction():
            database.execute(sql)
            database.execute(
                "INSERT INTO schema_migrations (version, name, applied_at, checksum)"
                " VALUES (?, ?, ?, ?)",
                [number, name, datetime.now(UTC).replace(tzinfo=None), _sum(sql)],
            )
    return len(missing)


def refuse_other_schema(database: Database, what: str, *, is_ours: bool = False) -> None:
    """Raise `StorageError` where a snapshot has another schema than this code reads.

    `what` names it in the message, which says what to do. One that `is_ours` is known to hold the
    table of the steps: to look for it takes a second in a shared archive.
    """
    steps = list_migrations()
    if is_ours:
        number, applied = int(database.fetch_value(_NUMBER)), dict(database.fetch_rows(_APPLIED))
    else:
        number, applied = read_schema_number(database), _read_applied(database)
    if not number:
        raise StorageError(f"{what} holds no wirethread catalog")
    _refuse_unknown(applied, steps, number, what)
    if any(name not in applied for _, name, _ in steps):
        raise StorageError(
            f"{what} has schema {number} of {len(steps)}, from an older wirethread: `wirethread"
            " run` or `wirethread repair` once brings it up to date"
        )


def _refuse_unknown(
    applied: dict[str, str | None], steps: list[Migration], number: int, what: str
) -> None:
    newest = steps[-1][0]
    if number > newest and len(applied) >= len(steps):
        raise StorageError(
            f"the {what} has schema {number} and this wirethread knows schemas up to {newest}:"
            " update wirethread"
        )
    known = {name: _sum(sql) for _, name, sql in steps}
    for name, checksum in applied.items():
        if name not in known:
            raise StorageError(
                f"the {what} took the step {name!r}, which this wirethread does not know: it was"
                " written by another one; update wirethread"
            )
        if checksum is not None and checksum != known[name]:
            raise StorageError(
                f"the {what} took another step {name!r} than the one that this wirethread knows:"
                " it was written by another one; update wirethread"
            )


def _read_applied(database: Database) -> dict[str, str | None]:
    """Return the checksum of each step that was applied, by name; None where it was not kept."""
    columns = _list_columns(database)
    if not columns:
        return {}
    checksum = "checksum" if "checksum" in columns else "NULL"
    return dict(
        database.fetch_rows(f"SELECT name, {checksum} FROM schema_migrations")  # noqa: S608
    )


def _list_columns(database: Database) -> frozenset[str]:
    """Return the columns of the table of steps; none where there is no such table."""
    return database.list_columns("main.schema_migrations")


def _sum(sql: str) -> str:
    """Return a checksum of what a step does: comments and white space count for nothing."""
    words = " ".join(_COMMENT.sub("", sql).split())
    return hashlib.sha256(words.encode()).hexdigest()[:32]
