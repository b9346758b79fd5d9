"""What people said about the clusters."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Iterable, Sequence
from datetime import datetime

import pyarrow as pa

from wirethread.articles.errors import CorrectionError
from wirethread.articles.types.articles import ArticleId, Correction, CorrectionKind
from wirethread.storage.engine.bulk import (
    as_naive_utc,
    as_utc,
    build_objects,
    build_table,
    insert_missing,
)
from wirethread.storage.engine.database import Database
from wirethread.storage.tables.runs import reopen_steps

__all__ = ["add_correction", "load_corrections", "undo_correction"]

_CORRECTION = {
    "correction_id": pa.string(),
    "kind": pa.string(),
    "left_id": pa.string(),
    "right_id": pa.string(),
    "title": pa.string(),
    "said_by": pa.string(),
    "reason": pa.string(),
    "said_at": pa.timestamp("us"),
}


def add_correction(
    database: Database,
    correction: Correction,
    *,
    replaced: Sequence[str] = (),
    reopens: Iterable[str] = (),
    article_ids: Iterable[ArticleId] = (),
) -> int:
    """Insert a correction in the place of those `replaced`; return rows touched.

    One that was undone before holds again. Where anything changed, the steps `reopens` look at the
    articles again.
    """
    n_touched = sum(
        undo_correction(
            database, correction_id, undone_by=correction.said_by, undone_at=correction.said_at
        )
        for correction_id in replaced
    )
    n_touched += _insert_correction(database, correction)
    if n_touched:
        reopen_steps(database, reopens, article_ids)
    return n_touched


def _insert_correction(database: Database, correction: Correction) -> int:
    revived = database.execute(
        "UPDATE store.corrections SET undone_at = NULL, undone_by = NULL"
        " WHERE correction_id = ? AND undone_at IS NOT NULL",
        [correction.correction_id],
    )
    with database.registered(new_corrections=build_table([correction], _CORRECTION)):
        return revived + insert_missing(
            database,
            "store.corrections",
            "new_corrections",
            list(_CORRECTION),
            keys=["correction_id"],
            stamps={},
        )


def undo_correction(
    database: Database,
    correction_id: str,
    *,
    undone_by: str,
    undone_at: datetime,
    reopens: Iterable[str] = (),
    article_ids: Iterable[ArticleId] = (),
) -> int:
    """Take a correction back; it stays on record. The steps `reopens` look at the articles again.

    Raises `CorrectionError` for an unknown id.
    """
    known = database.fetch_value(
        "SELECT 1 FROM store.corrections WHERE correction_id = ?", [correction_id]
    )
    if not known:
        raise CorrectionError(f"there is no correction {correction_id}")
    n_touched = database.execute(
        "UPDATE store.corrections SET undone_at = ?, undone_by = ?"
        " WHERE correction_id = ? AND undone_at IS NULL",
        [as_naive_utc(undone_at), undone_by, correction_id],
    )
    if n_touched:
        reopen_steps(database, reopens, article_ids)
    return n_touched


def load_corrections(database: Database, *, active_only: bool = True) -> list[Correction]:
    """Return corrections in the order in which they were said."""
    table = database.fetch_table(
        f"SELECT {', '.join(_CORRECTION)} FROM store.corrections"
        " WHERE undone_at IS NULL OR NOT ? ORDER BY said_at, correction_id",
        [active_only],
    )
    return build_objects(table, Correction, {"kind": CorrectionKind, "said_at": as_utc})
