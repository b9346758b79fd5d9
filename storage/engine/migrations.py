"""Bring a catalog to the schema of this code: one SQL file a step, each in its own transaction.

A step is known by its name and by a checksum of what it does. Its number only says where it stands:
two branches may both have made a step 12, and a catalog that took one still needs the other.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import NamedTuple

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

_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


class _Applied(NamedTuple):
    """The steps that a file took: the highest number, and the checksum of each by its name.

    A checksum is None where it was not kept.
    """

    number: int
    checksums: Mapping[str, str | None]
    has_checksums: bool
    """Whether the file has a place for them."""


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
    return _read_applied(database).number


def migrate_catalog(database: Database) -> int:
    """Apply every step that is missing and return how many there were.

    Raises `StorageError` where the catalog is newer than this code, or took a step that this code
    does not know, or knows otherwise.
    """
    steps = list_migrations()
    applied = _read_applied(database)
    _refuse_unknown(applied, steps, "catalog")
    missing = [step for step in steps if step[1] not in applied.checksums]
    if missing or not applied.has_checksums:
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


def refuse_other_schema(database: Database, what: str) -> None:
    """Raise `StorageError` where a snapshot has another schema than this code reads.

    `what` names it in the message, which says what to do.
    """
    steps = list_migrations()
    applied = _read_applied(database)
    if not applied.number:
        raise StorageError(f"{what} holds no wirethread catalog")
    _refuse_unknown(applied, steps, what)
    if any(name not in applied.checksums for _, name, _ in steps):
        raise StorageError(
            f"{what} has schema {applied.number} of {len(steps)}, from an older wirethread:"
            " `wirethread run` or `wirethread repair` once brings it up to date"
        )


def _refuse_unknown(applied: _Applied, steps: list[Migration], what: str) -> None:
    newest = steps[-1][0]
    if applied.number > newest and len(applied.checksums) >= len(steps):
        raise StorageError(
            f"the {what} has schema {applied.number} and this wirethread knows schemas up to"
            f" {newest}: update wirethread"
        )
    known = {name: _sum(sql) for _, name, sql in steps}
    for name, checksum in applied.checksums.items():
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


def _read_applied(database: Database) -> _Applied:
    columns = database.list_columns("main.schema_migrations")
    has_checksums = "checksum" in columns
    if not columns:
        return _Applied(0, {}, has_checksums)
    checksum = "checksum" if has_checksums else "NULL"
    rows = database.fetch_rows(
        f"SELECT version, name, {checksum} FROM schema_migrations"  # noqa: S608
    )
    number = max((applied for applied, _, _ in rows), default=0)
    return _Applied(number, {name: kept for _, name, kept in rows}, has_checksums)


def _sum(sql: str) -> str:
    """Return a checksum of what a step does: comments and white space count for nothing."""
    words = " ".join(_COMMENT.sub("", sql).split())
    return hashlib.sha256(words.encode()).hexdigest()[:32]
