"""Files of a shared archive: vectors and index of words, each under its checksum, never changed.

They are there before the publication that names them.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident
from typing import Protocol

from wirethread.articles.errors import StorageError
from wirethread.storage.engine.file_copy import checksum_file
from wirethread.storage.engine.strays import sync_folder

__all__ = [
    "FILES_FOLDER",
    "KEPT_SECONDS",
    "FileStore",
    "SharedFile",
    "copy_proved",
    "describe_files",
    "list_folder",
    "put_files",
]

FILES_FOLDER = "files"
KEPT_SECONDS = 86_400
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

    @property
    def place(self) -> str:
        """Where it lies in a store, or in a cache."""
        return f"{FILES_FOLDER}/{self.checksum}/{Path(self.name).name}"


class FileStore(Protocol):
    """Where a shared archive keeps its files: a folder that all machines see, or a bucket."""

    shown: str
    """Its address, for messages."""
    rows: str
    """Where DuckLake keeps the rows, with a slash at the end."""

    def prepare(self) -> None:
        """Make sure that files can be put there. Raises `StorageError`."""

    def holds(self, file: SharedFile, *, is_proved: bool) -> bool:
        """Whether a file is there, of its size; if so it counts as named again.

        With `is_proved` it is read, and must be what was published.
        """

    def put(self, source: Path, file: SharedFile) -> None:
        """Bring a file there, whole or not at all. Raises `StorageError`."""

    def get(self, file: SharedFile, target: Path) -> None:
        """Copy a file from there to `target`, which is new. Raises `StorageError`, `OSError`."""

    def list_places(self, folder: str) -> dict[str, int]:
        """Return the places of the files below a folder, with their bytes."""

    def bring(self, source: Path, place: str) -> None:
        """Bring a file to a place of its own, whole or not at all. Raises `StorageError`."""

    def fetch(self, place: str, target: Path) -> None:
        """Copy what lies at a place to `target`, which is new. Raises `StorageError`, `OSError`."""

    def remove(self, place: str) -> None:
        """Delete what lies at a place, if anything does. Raises `StorageError`."""

    def remove_others(self, wanted: set[str], *, at_once: bool) -> None:
        """Delete files with other checksums that no publication named for a day, or at once."""

    def open_door(self) -> str | None:
        """Return the SQL by which DuckDB may read the rows, None where none is needed.

        It changes where credentials were renewed.
        """


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


def put_files(
    folder: Path, files: Sequence[SharedFile], store: FileStore, *, are_proved: bool = False
) -> int:
    """Bring files of a data folder to the store, those that it lacks; return how many.

    With `are_proved` those that it has are read, and brought again where they are damaged.
    """
    n_put = 0
    for file in files:
        if not store.holds(file, is_proved=are_proved):
            store.put(folder / file.name, file)
            n_put += 1
    return n_put


def copy_proved(
    file: SharedFile, target: Path, copy: Callable[[Path], None], *, where: str
) -> None:
    """Let `copy` fill a new file, which takes the place of `target` if it is what was published.

    Raises `StorageError` where it is not, and nothing is left.
    """
    partial = target.with_name(f".{target.name}.{os.getpid()}-{get_ident()}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        copy(partial)
        if checksum_file(partial) != file.checksum:
            raise StorageError(
                f"{where}: {file.place} is not what was published (its checksum is another):"
                " `wirethread migrate` of the coordinator's folder brings it once more"
            )
        partial.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise StorageError(
            f"{file.name} cannot be copied to {target.parent}"
            f" ({error.strerror or error}; files of the archive: {where})"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
