"""Archives of any size for measuring: real articles taken in by the pipeline, and older copies.

The newest articles went through every step. Before them lie copies of all their rows, each set
under ids, text hashes and days of its own, so lengths, repetition, passages, links, clusters and
threads are those of real news at every size. Files of old vectors hold zeros: no daily run reads
them. Written as rows in a few minutes, where the pipeline would take hours.
"""

import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks.made.inside import open_tables
from wirethread.storage.catalog import CATALOG_FILE, Catalog
from wirethread.storage.engine.database import Database, StorageSettings
from wirethread.storage.vectors.files import write_segment

__all__ = ["grow_archive"]

_LEFT_ALONE = frozenset({"run_id", "model_id", "source_id", "correction_id"})
_MORE_IDS = frozenset({"supersedes", "superseded_by", "id_key", "url_key"})
_HASHES = frozenset({"text_hash", "opening_hash"})
_NOT_COPIED = frozenset(
    {
        "alerts",
        "checked_files",
        "corrections",
        "counters",
        "retired_files",
        "run_steps",
        "runs",
        "step_pending",
        "step_versions",
    }
)
_TEXTS = frozenset({"text", "opening"})
WHOLE_SETS = 4
_EVENTS_APART = 10_000_000
_WRITTEN_APART = 100_000
"""More than the change numbers of one set: each set is written after the one before it."""


def grow_archive(
    base: Path,
    folder: Path,
    n_sets: int,
    days_apart: float,
    *,
    n_whole: int = WHOLE_SETS,
    change_text: Callable[[str, int], str] | None = None,
) -> int:
    """Write the archive of `base` with `n_sets - 1` older copies into `folder`; return articles.

    Copy number k lies `k * days_apart` days earlier. The oldest rows are written first, as they
    would have been. From copy `n_whole` on texts are cut to a fifth: the disk would not hold a
    million whole ones three times, and no daily run reads them. `change_text` is given each whole
    text and the number of its copy, and must keep its length; without it copies say the same.
    """
    settings = StorageSettings(memory_limit_gib=6.0)
    with Catalog.open(folder, settings=settings) as catalog:
        database = open_tables(catalog)
        quoted = str((base / CATALOG_FILE).resolve()).replace("'", "''")
        database.execute(f"ATTACH '{quoted}' AS base (READ_ONLY)")
        tables = _list_tables(catalog)
        if change_text is not None:
            database._connection.create_function("change_text", change_text, [str, int], str)
        database.execute("DELETE FROM store.counters")
        for table, columns in tables.items():
            with database.transaction():  # one for all sets: no log, and whole blocks at once
                for number in range(n_sets - 1, -1, -1):
                    if not number or table not in _NOT_COPIED:
                        cut = bool(number) and number >= n_whole
                        later = (n_sets - 1 - number) * _WRITTEN_APART
                        _copy_set(
                            database,
                            table,
                            columns,
                            number,
                            later,
                            days_apart,
                            is_cut=cut,
                            is_changed=change_text is not None,
                        )
        for name, apart in (("event", _EVENTS_APART), ("content_version", _WRITTEN_APART)):
            database.execute(
                "UPDATE store.counters SET value = value + ? WHERE name = ?", [n_sets * apart, name]
            )
        _write_vector_files(catalog, base, folder)
        database.execute("DETACH base")
        database.execute("CHECKPOINT")
        return int(database.fetch_value("SELECT count(*) FROM store.articles"))


def _copy_set(
    database: Database,
    table: str,
    columns: Sequence[tuple[str, str]],
    number: int,
    later: int,
    days_apart: float,
    *,
    is_cut: bool,
    is_changed: bool,
) -> None:
    """Write the rows of a table once more, as those of copy `number`."""
    names = ", ".join(_quote(name) for name, _ in columns)
    chosen = [
        f"{name} + {later}"
        if name == "written"
        else _shift(table, name, kind, number, days_apart, is_cut=is_cut, is_changed=is_changed)
        if number
        else _quote(name)
        for name, kind in columns
    ]
    database.execute(
        f"INSERT INTO store.{table} ({names}) SELECT {', '.join(chosen)} FROM base.store.{table}"
    )


def _list_tables(catalog: Catalog) -> dict[str, list[tuple[str, str]]]:
    """Return name and type of every column of every table of content."""
    rows = open_tables(catalog).fetch_rows(
        "SELECT table_name, column_name, data_type FROM duckdb_columns()"
        " WHERE database_name = current_database() AND schema_name = 'store'"
        " ORDER BY table_name, column_index"
    )
    tables: dict[str, list[tuple[str, str]]] = {}
    for table, name, kind in rows:
        tables.setdefault(table, []).append((name, kind))
    return tables


def _shift(
    table: str,
    name: str,
    kind: str,
    number: int,
    days_apart: float,
    *,
    is_cut: bool,
    is_changed: bool,
) -> str:
    """Return the SQL of a column in copy `number`."""
    column = _quote(name)
    if is_cut and name in _TEXTS:
        return f"left({column}, length({column}) // 5)"
    if is_changed and name in _TEXTS:
        return f"change_text({column}, {number})"
    is_id = name.endswith("_id") and name not in _LEFT_ALONE
    if kind == "VARCHAR" and (is_id or name in _MORE_IDS):
        return f"{column} || '.{number}'"
    if name in _HASHES:
        return f"(hash({column}, {number}) >> 1)::BIGINT"
    if name == "file_name":
        return f"replace({column}, '.faiss', '.{number}.faiss')"
    if kind == "TIMESTAMP":
        seconds = int(timedelta(days=number * days_apart).total_seconds())
        return f"{column} - to_seconds({seconds})"
    if name == "event":
        return f"{column} - {number * _EVENTS_APART}"
    if table == "story_threads" and name == "state":
        return "'closed'"
    return column


def _write_vector_files(catalog: Catalog, base: Path, folder: Path) -> None:
    """Link the files of the newest articles, and write unit vectors for the older ones.

    A run reads vector files again in turn and lets go of rows that no model can have made.
    """
    found: dict[str, tuple[int, int]] = {}
    for segment in catalog.vectors.list_segments():
        path = folder / "vectors" / segment.file_name
        original = base / "vectors" / segment.file_name
        if original.exists():
            os.link(original, path)
        else:
            hashes = catalog.vectors.list_live_hashes(segment.segment_id)
            vectors = np.zeros((len(hashes), segment.dimension), dtype=np.float32)
            vectors[np.arange(len(hashes)), np.arange(len(hashes)) % segment.dimension] = 1
            checksum = write_segment(path, hashes, vectors)
            open_tables(catalog).execute(
                "UPDATE store.vector_segments SET checksum = ?, n_rows = ? WHERE segment_id = ?",
                [checksum, len(hashes), segment.segment_id],
            )
        about = path.stat()
        found[segment.file_name] = (about.st_size, about.st_mtime_ns)
    catalog.vectors.record_checked_files(found)


def _quote(name: str) -> str:
    return f'"{name}"'


def list_sizes(n_base: int, wanted: Sequence[int]) -> list[int]:
    """Return how many sets of `n_base` articles come nearest to each size asked."""
    return [max(1, round(one / n_base)) for one in wanted]
