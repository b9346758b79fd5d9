"""Files of a shared archive: vectors and index of words, each under its checksum, never changed.

They are there before the publication that names them. A reader keeps what it fetched in a cache of
its own and trusts nothing whose checksum is another.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wirethread.articles.errors import StorageError
from wirethread.storage.engine.file_copy import checksum_file, copy_file
from wirethread.storage.engine.strays import sync_folder
from wirethread.storage.shared_address import SharedAddress

__all__ = [
    "SharedFile",
    "copy_files",
    "describe_files",
    "fetch_files",
    "find_cache",
    "list_folder",
    "put_files",
    "remove_others",
]

_FOLDER = "files"
_KEPT_SECONDS = 86_400
"""So long a file stays that no publication names any more: a reader may still fetch it."""
_LEFT_OUT = (".lock", ".tmp", ".partial")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SharedFile:
    """A file that a publication names."""

    name: str
    """Relative to the data folder."""
    checksum: str
    """xxh3-128 in hexadecimal."""
    n_bytes: int

    def locate(self, root: Path) -> Path:
        """Return where it lies under a root."""
        return root / _FOLDER / self.checksum / Path(self.name).name


def describe_files(folder: Path, names: Iterable[str]) -> list[SharedFile]:
    """Return size and checksum of files of a data folder, by name.

    Raises `StorageError` where one cannot be read.
    """
    found = []
    for name in sorted(names):
        path = folder / name
        try:
            found.append(
                SharedFile(name=name, checksum=checksum_file(path), n_bytes=path.stat().st_size)
            )
        except OSError as error:
            raise StorageError(
                f"{path} cannot be read ({error.strerror}): `wirethread repair` mends it"
            ) from error
    return found


def list_folder(folder: Path, name: str) -> list[str]:
    """Return the files in a folder of a data folder that others need too."""
    place = folder / name
    return [
        f"{name}/{path.name}"
        for path in (sorted(place.iterdir()) if place.is_dir() else ())
        if path.is_file() and not path.name.endswith(_LEFT_OUT)
    ]


def put_files(folder: Path, files: Sequence[SharedFile], root: Path) -> int:
    """Copy files of a data folder to the archive's, those that it lacks; return how many."""
    n_put = 0
    for file in files:
        target = file.locate(root)
        if target.exists() and target.stat().st_size == file.n_bytes:
            os.utime(target)  # it is named again: it stays
            continue
        _copy(folder / file.name, target, file.checksum, where=str(root))
        n_put += 1
    return n_put


def fetch_files(files: Sequence[SharedFile], root: Path, cache: Path, snapshot: str) -> Path:
    """Return a folder that holds the files by name, fetched to the cache where it lacks them.

    Raises `StorageError` where one is missing or is not what was published.
    """
    folder = cache / "snapshots" / snapshot
    for file in files:
        kept = file.locate(cache)
        if not (kept.exists() and kept.stat().st_size == file.n_bytes):
            _copy(file.locate(root), kept, file.checksum, where=str(root))
        link = folder / file.name
        if ".." in link.parts or not link.is_relative_to(folder):
            raise StorageError(f"{root}: {file.name} leads out of the archive")
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            with suppress(FileExistsError):
                link.symlink_to(kept)
    (folder / "vectors").mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    _tidy(cache, folder)
    return folder


def copy_files(files: Sequence[SharedFile], root: Path, folder: Path) -> None:
    """Copy the files to a folder, under their names. Raises as `fetch_files` does."""
    for file in files:
        target = folder / file.name
        if not target.resolve().is_relative_to(folder.resolve()):
            raise StorageError(f"{root}: {file.name} leads out of the archive")
        _copy(file.locate(root), target, file.checksum, where=str(root))


def find_cache(address: SharedAddress) -> Path:
    """Return the folder in which this machine keeps the files of an archive."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    told = f"{address.shown} {address.schema}".encode()
    return base / "wirethread" / hashlib.sha256(told).hexdigest()[:16]


def remove_others(root: Path, files: Iterable[SharedFile], *, at_once: bool = False) -> None:
    """Delete what no publication named for a day, or at once."""
    wanted = {file.checksum for file in files}
    _remove_old(root / _FOLDER, wanted, 0 if at_once else _KEPT_SECONDS)


def _tidy(cache: Path, folder: Path) -> None:
    """Delete what the cache keeps of publications that nobody opened for a day."""
    _remove_old(folder.parent, {folder.name}, _KEPT_SECONDS)
    wanted = {link.resolve().parent.name for link in folder.parent.rglob("*") if link.is_symlink()}
    _remove_old(cache / _FOLDER, wanted, _KEPT_SECONDS)


def _remove_old(folder: Path, wanted: set[str], seconds: float) -> None:
    oldest = time.time() - seconds
    with suppress(OSError):
        for place in folder.iterdir():
            ages = [path.lstat().st_mtime for path in (place, *place.iterdir())]
            if place.name not in wanted and max(ages) <= oldest:
                shutil.rmtree(place, ignore_errors=True)


def _copy(source: Path, target: Path, checksum: str, *, where: str) -> None:
    """Copy a file whole and proved, or leave nothing."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        copy_file(source, partial)
        if checksum_file(partial) != checksum:
            raise StorageError(
                f"{source} is not what was published (its checksum is another): the coordinator's"
                " `wirethread verify` and next run mend it"
            )
        partial.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise StorageError(
            f"{source.name} cannot be copied from {source.parent} ({error.strerror}; files of the"
            f" archive: {where})"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
