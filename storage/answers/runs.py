"""Sizes of an archive, its last runs, and what is pending: for `wirethread status`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wirethread.storage.catalog import CATALOG_FILE, SNAPSHOT_FILE, Catalog
from wirethread.storage.engine.bulk import as_utc, build_objects
from wirethread.storage.engine.database import StorageSettings, open_snapshot

__all__ = ["RunRecord", "count_rows", "load_last_runs", "measure_files", "open_for_status"]

_COUNTED = ("articles", "paragraphs", "passages", "story_clusters", "story_threads")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run as the catalog keeps it. Times are aware, in UTC."""

    run_id: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    sources: Sequence[str]
    counts: Mapping[str, int]
    message: str | None


def open_for_status(folder: Path, settings: StorageSettings, *, of_catalog: bool) -> Catalog:
    """Open the catalog itself, read-only, or the published snapshot.

    The catalog only while the caller keeps runs out. Raises `NotFoundError` where there is none.
    """
    name = CATALOG_FILE if of_catalog else SNAPSHOT_FILE
    return Catalog(folder, open_snapshot(folder / name, settings), settings)


def load_last_runs(catalog: Catalog, limit: int) -> list[RunRecord]:
    """Return the last runs, the newest first."""
    table = catalog._database.fetch_table(
        "SELECT run_id, state, started_at, finished_at, sources, counts, message"
        " FROM store.runs ORDER BY run_id DESC LIMIT ?",
        [limit],
    )
    times = {"started_at": as_utc, "finished_at": as_utc}
    return build_objects(table, RunRecord, {**times, "counts": dict})


def count_rows(catalog: Catalog) -> dict[str, int]:
    """Return how many articles, paragraphs, passages, stories and vectors there are."""
    counted = ", ".join(f"(SELECT count(*) FROM store.{name})" for name in _COUNTED)  # noqa: S608
    row = catalog._database.fetch_rows(
        f"SELECT {counted}, (SELECT coalesce(sum(n_rows), 0)::BIGINT FROM store.vector_segments)"  # noqa: S608
    )[0]
    return dict(zip((*_COUNTED, "vectors"), map(int, row), strict=True))


def measure_files(folder: Path) -> dict[str, int]:
    """Return the bytes of catalog, snapshot and vectors; 0 for what is not there."""
    vectors = folder / "vectors"
    files = list(vectors.iterdir()) if vectors.is_dir() else []
    return {
        "catalog": measure(folder / CATALOG_FILE),
        "snapshot": measure(folder / SNAPSHOT_FILE),
        "vectors": sum(measure(file) for file in files),
    }


def measure(path: Path) -> int:
    """Return the bytes of a file, 0 where it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
