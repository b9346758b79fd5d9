"""Swap in a read-only snapshot of the catalog; readers of the old one go on undisturbed."""

import fcntl
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from articles.errors import NotFoundError, StorageError
from storage import run_tables
from storage.catalog import SNAPSHOT_FILE, Catalog
from storage.segment_files import sync_folder

__all__ = ["Publication", "publish_snapshot"]

_PARTIAL_FILE = "published.tmp"
_FICLONE = 0x40049409
"""Linux's request to share the blocks of a file (btrfs, xfs), from `linux/fs.h`."""


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

    `force` publishes in any case. The catalog's connection is closed and opened again.
    """
    begun = time.monotonic()
    snapshot = catalog.folder / SNAPSHOT_FILE
    if not force and _read_published_version(catalog) == catalog.content_version:
        return Publication(
            published=False, seconds=time.monotonic() - begun, n_bytes=snapshot.stat().st_size
        )
    outlived = catalog.begin_publication()
    partial = catalog.folder / _PARTIAL_FILE
    with catalog.detached() as path:
        partial.unlink(missing_ok=True)
        try:
            _copy_file(path, partial)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise StorageError(f"cannot publish in {catalog.folder}: {error.strerror}") from error
        partial.replace(snapshot)
        sync_folder(catalog.folder)
    for name in outlived:
        (catalog.folder / "vectors" / name).unlink(missing_ok=True)
    catalog.end_publication(outlived)
    return Publication(
        published=True, seconds=time.monotonic() - begun, n_bytes=snapshot.stat().st_size
    )


def _read_published_version(catalog: Catalog) -> int | None:
    """Return the content version of the present snapshot, None where it cannot be read."""
    try:
        with Catalog.open_published(catalog.folder) as snapshot:
            return run_tables.read_counter(snapshot.database, "content_version")
    except (NotFoundError, StorageError):
        return None


def _copy_file(source: Path, target: Path) -> None:
    """Copy a file and bring it to the disk; share its blocks where the file system can."""
    with source.open("rb") as reader, target.open("xb") as writer:
        try:
            fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())
        except OSError:
            shutil.copyfileobj(reader, writer, 1 << 24)
        writer.flush()
        os.fsync(writer.fileno())
