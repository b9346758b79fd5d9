"""What a machine keeps of the files of a shared archive: each is fetched once, and proved.

A file of the cache is read whole, and compared with its checksum, where it was not for a day or
changed since; one that is damaged is fetched again.
"""

import hashlib
import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from wirethread.articles.errors import StorageError
from wirethread.storage.engine.file_copy import checksum_file
from wirethread.storage.shared.files import (
    FILES_FOLDER,
    KEPT_SECONDS,
    FileStore,
    SharedFile,
    copy_proved,
)
from wirethread.storage.shared.folder_store import remove_old
from wirethread.storage.shared_address import SharedAddress

__all__ = ["copy_files", "fetch_files", "find_cache"]

_PROVED = "proved"
"""Beside a file: what it looked like when it was last read whole."""
_PROVED_SECONDS = 86_400
_FETCHING = threading.Lock()
"""What two threads of a process ask for is fetched once."""


def fetch_files(files: Sequence[SharedFile], store: FileStore, cache: Path, snapshot: str) -> Path:
    """Return a folder that holds the files by name, fetched to the cache where it lacks them.

    Raises `StorageError` where one is missing or is not what was published.
    """
    folder = cache / "snapshots" / snapshot
    for file in files:
        kept = cache / file.place
        link = folder / file.name
        if ".." in link.parts or not link.is_relative_to(folder):
            raise StorageError(f"{store.shown}: {file.name} leads out of the archive")
        with _FETCHING:
            if not _is_proved(kept, file):
                _copy(file, store, kept)
                _tell_proved(kept)
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            with suppress(FileExistsError):
                link.symlink_to(kept)
    (folder / "vectors").mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    _tidy(cache, folder)
    return folder


def copy_files(files: Sequence[SharedFile], store: FileStore, folder: Path) -> None:
    """Copy the files to a folder, under their names. Raises as `fetch_files` does."""
    for file in files:
        target = folder / file.name
        if not target.resolve().is_relative_to(folder.resolve()):
            raise StorageError(f"{store.shown}: {file.name} leads out of the archive")
        _copy(file, store, target)


def find_cache(address: SharedAddress) -> Path:
    """Return the folder in which this machine keeps the files of an archive."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    told = f"{address.shown} {address.schema}".encode()
    return base / "wirethread" / hashlib.sha256(told).hexdigest()[:16]


def _copy(file: SharedFile, store: FileStore, target: Path) -> None:
    copy_proved(file, target, lambda partial: store.get(file, partial), where=store.shown)


def _is_proved(kept: Path, file: SharedFile) -> bool:
    """Whether the cache has a file as it was published."""
    try:
        if kept.stat().st_size != file.n_bytes:
            return False
        proof = kept.with_name(_PROVED)
        with suppress(FileNotFoundError):
            is_fresh = time.time() - proof.stat().st_mtime < _PROVED_SECONDS
            if is_fresh and proof.read_text(encoding="ascii") == _look_at(kept):
                return True
        if checksum_file(kept) != file.checksum:
            return False
    except OSError:
        return False  # what is not there, or cannot be read, is fetched
    _tell_proved(kept)
    return True


def _tell_proved(kept: Path) -> None:
    with suppress(OSError):  # a cache that is full or only read is proved each time
        kept.with_name(_PROVED).write_text(_look_at(kept), encoding="ascii")


def _look_at(kept: Path) -> str:
    found = kept.stat()
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"


def _tidy(cache: Path, folder: Path) -> None:
    """Delete what the cache keeps of publications that nobody opened for a day."""
    remove_old(folder.parent, {folder.name}, KEPT_SECONDS)
    wanted = {link.resolve().parent.name for link in folder.parent.rglob("*") if link.is_symlink()}
    remove_old(cache / FILES_FOLDER, wanted, KEPT_SECONDS)
