"""Whether the files beside the catalog are those that it names, and right."""

from pathlib import Path

import numpy as np

from wirethread.articles.errors import StorageError
from wirethread.storage.catalog import SNAPSHOT_FILE
from wirethread.storage.engine.database import Database, StorageSettings, open_snapshot
from wirethread.storage.tables.segments import (
    VectorSegment,
    list_live_hashes,
    list_segments,
    list_vector_files,
)
from wirethread.storage.vectors.files import checksum_file, open_segment

__all__ = [
    "check_segment_files",
    "find_orphan_files",
    "find_segments_without",
    "list_lost_files",
]

_LEFTOVERS = (".partial", ".tmp", ".rewritten")


def check_segment_files(folder: Path, database: Database) -> tuple[list[str], int, int]:
    """Read every file of vectors; return what is wrong, the number of files, and of vectors."""
    segments = list_segments(database, None)
    problems = [
        f"{segment.file_name} {fault}"
        for segment in segments
        if (fault := find_segment_fault(folder, database, segment)) is not None
    ]
    return problems, len(segments), sum(one.n_rows for one in segments)


def find_segment_fault(folder: Path, database: Database, segment: VectorSegment) -> str | None:
    """Say what is wrong with a file: bytes, number of vectors, dimension, or its texts."""
    path = folder / "vectors" / segment.file_name
    try:
        if checksum_file(path) != segment.checksum:
            return "is damaged"
        ids = open_segment(path, segment.n_rows, segment.dimension).ids
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except StorageError:
        return f"does not hold {segment.n_rows} vectors of {segment.dimension} numbers"
    missing = ~np.isin(list_live_hashes(database, segment.segment_id), ids)
    return f"lacks {missing.sum()} of its texts" if missing.any() else None


def find_segments_without(folder: Path, database: Database) -> list[str]:
    """Return the files of vectors that the catalog or snapshot names and that are not there."""
    return [
        segment.file_name
        for segment in list_segments(database, None)
        if not (folder / "vectors" / segment.file_name).is_file()
    ]


def list_lost_files(folder: Path, settings: StorageSettings) -> list[str]:
    """Return the files of vectors that the snapshot names and that are not there."""
    snapshot = open_snapshot(folder / SNAPSHOT_FILE, settings)
    try:
        return find_segments_without(folder, snapshot)
    finally:
        snapshot.close()


def find_orphan_files(folder: Path, database: Database) -> list[str]:
    """Return files that a killed process left, and vectors that nothing names."""
    known = list_vector_files(database)
    vectors = folder / "vectors"
    stray = (
        [f"vectors/{one.name}" for one in vectors.iterdir() if one.name not in known]
        if vectors.is_dir()
        else []
    )
    left = [one.name for one in folder.iterdir() if one.name.endswith(_LEFTOVERS)]
    return sorted([*stray, *left])
