"""Files of a shared archive in a folder that all machines see under one path."""

import errno
import os
import shutil
import stat
import time
from contextlib import suppress
from pathlib import Path

from wirethread.articles.errors import StorageError
from wirethread.storage.engine.file_copy import checksum_file, copy_file
from wirethread.storage.engine.strays import sync_folder
from wirethread.storage.shared.files import FILES_FOLDER, KEPT_SECONDS, SharedFile, copy_proved

__all__ = ["FolderStore", "remove_old"]


class FolderStore:
    """A folder, as a `FileStore`."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self.shown = str(root)
        self.rows = f"{self._root}/rows/"

    def prepare(self) -> None:
        """Make the folder."""
        try:
            Path(self.rows).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot write in {self._root}: {error.strerror}") from error

    def holds(self, file: SharedFile, *, is_proved: bool) -> bool:
        """Look at the size; a file that is named again is as good as new."""
        path = self._root / file.place
        if not (path.exists() and path.stat().st_size == file.n_bytes):
            return False
        if is_proved and checksum_file(path) != file.checksum:
            return False
        os.utime(path)
        return True

    def put(self, source: Path, file: SharedFile) -> None:
        """Copy, prove and rename."""
        target = self._root / file.place
        copy_proved(file, target, lambda partial: copy_file(source, partial), where=self.shown)

    def get(self, file: SharedFile, target: Path) -> None:
        """Copy."""
        self.fetch(file.place, target)

    def list_places(self, folder: str) -> dict[str, int]:
        """Walk through the folder; links are not followed."""
        found: dict[str, int] = {}
        for root, _, names in os.walk(self._root / folder, onerror=self._refuse):
            for name in names:
                path = Path(root) / name
                with suppress(FileNotFoundError):  # taken since
                    status = path.lstat()
                    if stat.S_ISREG(status.st_mode):
                        found[path.relative_to(self._root).as_posix()] = status.st_size
        return found

    def _refuse(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise StorageError(f"{self.shown} cannot be read: {error.strerror}") from error

    def bring(self, source: Path, place: str) -> None:
        """Copy and rename."""
        target = self._root / place
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        try:
            if not self._root.is_dir():  # a disk that is not there: nothing is made in its place
                raise FileNotFoundError(errno.ENOENT, "there is no such folder")
            target.parent.mkdir(parents=True, exist_ok=True)
            partial.unlink(missing_ok=True)
            copy_file(source, partial)
            partial.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            raise StorageError(f"cannot write in {self._root}: {error.strerror}") from error
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)

    def fetch(self, place: str, target: Path) -> None:
        """Copy."""
        copy_file(self._root / place, target)

    def remove(self, place: str) -> None:
        """Delete it."""
        try:
            (self._root / place).unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"cannot write in {self._root}: {error.strerror}") from error

    def remove_others(self, wanted: set[str], *, at_once: bool) -> None:
        """Tell by the times of the files."""
        remove_old(self._root / FILES_FOLDER, wanted, 0 if at_once else KEPT_SECONDS)

    def open_door(self) -> None:
        """Ask for nothing."""


def remove_old(folder: Path, wanted: set[str], seconds: float) -> None:
    """Delete the folders in a folder with other names in which nothing is younger."""
    oldest = time.time() - seconds
    with suppress(OSError):
        for place in folder.iterdir():
            ages = [path.lstat().st_mtime for path in (place, *place.iterdir())]
            if place.name not in wanted and max(ages) <= oldest:
                shutil.rmtree(place, ignore_errors=True)
