"""Bring forgotten words off the disk: deleted rows stay in a DuckDB file until it is rewritten."""

import os
from pathlib import Path

import duckdb

from wirethread.articles.errors import StorageError
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import now_utc
from wirethread.storage.engine.database import BLOCK_BYTES, StorageSettings
from wirethread.storage.upkeep.forgetting import list_unfinished_forgettings
from wirethread.storage.vectors.files import sync_folder
from wirethread.storage.vectors.segments import VectorSegments
from wirethread.storage.words.writing import remove_words

__all__ = ["erase_forgotten_words", "finish_erasing", "rewrite_catalog"]

_REWRITTEN_FILE = "catalog.rewritten"


def erase_forgotten_words(catalog: Catalog) -> bool:
    """Rewrite what forgotten words may stand in; return whether there were any.

    These are vectors and catalog. The index of words is deleted.

    To be followed by a publication and `finish_erasing`. If the process is killed in between, the
    next publication does it again.
    """
    if not list_unfinished_forgettings(catalog):
        return False
    for model_id, dimension in sorted(
        {(segment.model_id, segment.dimension) for segment in catalog.vectors.list_segments()}
    ):
        VectorSegments(
            catalog.folder, catalog, model_id=model_id, dimension=dimension
        ).rewrite_segments_with_gaps()
    remove_words(catalog.folder)  # the publication makes it again
    rewrite_catalog(catalog)
    return True


def rewrite_catalog(catalog: Catalog) -> None:
    """Write the rows of the catalog to a new file, which takes the place of the old one."""
    rewritten = catalog.folder / _REWRITTEN_FILE
    _remove(rewritten)
    with catalog.detached() as path:
        if Path(f"{path}.wal").exists():
            raise StorageError(f"{path} has changes outside its file: run this command again")
        try:
            copy_database(path, rewritten)
            rewritten.replace(path)
            sync_folder(path.parent)
        except OSError as error:
            _remove(rewritten)
            raise StorageError(f"cannot rewrite {path}: {error.strerror}") from error


def copy_database(source: Path, target: Path) -> None:
    """Copy every row, view and comment of a closed DuckDB file to a new one, and to the disk."""
    options = {**StorageSettings().as_options(), "temp_directory": f"{target}.tmp"}
    connection = duckdb.connect(":memory:", config=options)
    try:
        blocks = f" (BLOCK_SIZE {BLOCK_BYTES})"
        for path, name, access in ((source, "old", " (READ_ONLY)"), (target, "new", blocks)):
            quoted = str(path.resolve()).replace("'", "''")
            connection.execute(f"ATTACH '{quoted}' AS {name}{access}")
        connection.execute("COPY FROM DATABASE old TO new")
        connection.execute("CHECKPOINT new")
        connection.execute("DETACH new")
    except duckdb.Error as error:
        raise StorageError(f"cannot rewrite {source}: {str(error).splitlines()[0]}") from error
    finally:
        connection.close()
    with target.open("rb") as file:
        os.fsync(file.fileno())


def finish_erasing(catalog: Catalog) -> None:
    """Delete what older snapshots hold of the forgotten, and write down that it is gone.

    A reader that has an older snapshot open keeps it until it closes it: nobody else can open it.
    """
    (catalog.folder / "published.spare").unlink(missing_ok=True)
    retired = [
        row[0] for row in catalog._database.fetch_rows("SELECT file_name FROM store.retired_files")
    ]
    for name in retired:
        (catalog.folder / "vectors" / name).unlink(missing_ok=True)
    catalog.vectors.end_publication(retired)
    with catalog._database.transaction():
        catalog._database.execute(
            "UPDATE store.forgettings SET erased_at = ? WHERE erased_at IS NULL", [now_utc()]
        )


def _remove(path: Path) -> None:
    for name in (path, Path(f"{path}.wal")):
        name.unlink(missing_ok=True)
