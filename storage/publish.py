"""Swap in a read-only snapshot of the catalog; readers of the old one go on undisturbed.

The snapshot before the present one stays as a spare. Once nobody reads it any more it is brought up
to date and becomes the next snapshot, so that publishing costs what changed and not the archive.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wirethread.articles.errors import NotFoundError, StorageError
from wirethread.storage.catalog import SNAPSHOT_FILE, SPARE_FILE, Catalog
from wirethread.storage.engine.database import StorageSettings
from wirethread.storage.engine.file_copy import copy_file, has_wrong_block, update_copy
from wirethread.storage.engine.strays import clear_place, sync_folder
from wirethread.storage.tables import runs as run_tables
from wirethread.storage.upkeep.erasing import erase_forgotten_words, finish_erasing
from wirethread.storage.upkeep.readable import find_database_fault
from wirethread.storage.words.writing import update_words

__all__ = ["Publication", "is_published", "publish_snapshot"]

_PARTIAL_FILE = "published.partial"
_SMALL_BYTES = 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What publishing did."""

    published: bool
    """False where the snapshot was up to date already."""
    seconds: float
    n_bytes: int
    """Size of the snapshot."""


def publish_snapshot(catalog: Catalog, *, force: bool = False) -> Publication:
    """Publish the catalog as it stands now, if its content is not what was published last.

    `force` publishes the same content too, so that its snapshot names the last run; but a large
    file is not copied whole for that. What was forgotten is taken off the disk on this occasion,
    and the index of words brought up to date, which may run ahead of the snapshot.
    The catalog's connection is closed and opened again.
    """
    begun = time.monotonic()
    snapshot = catalog.folder / SNAPSHOT_FILE
    has_erased = erase_forgotten_words(catalog)
    update_words(catalog)
    is_same = not has_erased and is_published(catalog)
    if is_same and not (force and _is_cheap(snapshot)):
        return Publication(
            published=False, seconds=time.monotonic() - begun, n_bytes=snapshot.stat().st_size
        )
    outlived = catalog.vectors.begin_publication()
    publication = catalog.publication
    with catalog.detached() as path:
        try:
            _swap_in(path, snapshot, publication)
        except OSError as error:
            raise StorageError(f"cannot publish in {catalog.folder}: {error.strerror}") from error
    if has_erased:
        finish_erasing(catalog)
    for name in outlived:
        (catalog.folder / "vectors" / name).unlink(missing_ok=True)
    catalog.vectors.end_publication(outlived)
    return Publication(
        published=True, seconds=time.monotonic() - begun, n_bytes=snapshot.stat().st_size
    )


def is_published(catalog: Catalog) -> bool:
    """Tell whether the published snapshot has the present content."""
    return _read_published_number(catalog) == catalog.change_number


def _is_cheap(snapshot: Path) -> bool:
    """Whether publishing the same content again copies little: the file is small, or has a spare
    that nobody reads, of which only the blocks that differ are written."""
    if snapshot.stat().st_size <= _SMALL_BYTES:
        return True
    spare = snapshot.with_name(SPARE_FILE)
    if not spare.exists():
        return False
    with _hold_alone(spare) as alone:
        return alone


def _swap_in(source: Path, snapshot: Path, publication: int) -> None:
    partial, spare = (snapshot.with_name(name) for name in (_PARTIAL_FILE, SPARE_FILE))
    clear_place(partial, keep_in=snapshot.parent)
    for path in (spare, snapshot):
        if path.is_dir() or (path == spare and path.is_symlink()):
            clear_place(path, keep_in=snapshot.parent)
    try:
        if not _update_spare(source, spare, partial, publication):
            partial.unlink(missing_ok=True)
            copy_file(source, partial)
            if has_wrong_block(partial):
                _refuse_damaged(source, partial)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    spare.unlink(missing_ok=True)
    if snapshot.exists():
        try:
            os.link(snapshot, spare)
        except OSError:  # a file system without hard links copies the whole file each time
            spare.unlink(missing_ok=True)
    partial.replace(snapshot)
    sync_folder(snapshot.parent)


def _refuse_damaged(source: Path, copy: Path) -> None:
    """Raise `StorageError` where a copy of the catalog cannot be read: the snapshot stays."""
    fault = find_database_fault(copy, StorageSettings())
    if fault is not None:
        raise StorageError(
            f"{source} is damaged ({fault}): nothing was published, and the snapshot before stays;"
            " `wirethread repair` mends what can be mended"
        )


def _update_spare(source: Path, spare: Path, partial: Path, publication: int) -> bool:
    """Turn the spare into a copy of `source` under the name `partial`, unless somebody reads it.

    It is renamed first: a spare that was half written when the process was killed must not be
    taken for an older copy.
    """
    if not spare.exists():
        return False
    with _hold_alone(spare) as alone:
        if not alone:
            return False
        spare.rename(partial)
        sync_folder(partial.parent)
        return update_copy(source, partial, turn=publication)


@contextmanager
def _hold_alone(path: Path) -> Iterator[bool]:
    """Tell whether nobody has the file open: our readers hold `flock`, DuckDB's `fcntl` locks."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _read_published_number(catalog: Catalog) -> int | None:
    """Return the change number of the present snapshot, None where it cannot be read."""
    try:
        with Catalog.open_published(catalog.folder) as snapshot:
            return run_tables.read_counter(snapshot._database, "content_version")
    except (NotFoundError, StorageError):
        return None
