"""A folder at an address elsewhere (`s3://bucket/prefix`), file by file, through `fsspec`."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from wirethread.articles.errors import StorageError
from wirethread.sources.remote import open_address, speak_plainly

__all__ = ["RemoteFolder"]

_PIECE_BYTES = 1 << 22


class RemoteFolder:
    """Files below an address, by their names relative to it.

    Every method raises `StorageError` where the place cannot be reached, written or read.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._filesystem, self._path = open_address(address)

    def require_bucket(self) -> None:
        """Raise `StorageError` where there is no such bucket: one is never made by the way."""
        if self._path.startswith("/"):
            return
        bucket = self._path.partition("/")[0]
        with speak_plainly(self.address):
            if not self._filesystem.exists(bucket):
                raise StorageError(f"{self.address}: there is no {bucket}")

    def list_sizes(self) -> Mapping[str, int]:
        """Return the bytes of every file by its name, none where there is nothing."""
        with speak_plainly(self.address):
            self._filesystem.invalidate_cache()
            if not self._filesystem.exists(self._path):
                return {}
            found = self._filesystem.find(self._path, detail=True)
        base = self._path.strip("/")
        return {
            str(path).strip("/").removeprefix(base).strip("/"): int(entry["size"])
            for path, entry in found.items()
        }

    def put(self, file: Path, name: str) -> None:
        """Write a file whole, in the place of one of that name."""
        there = f"{self._path}/{name}"
        with speak_plainly(self.address):
            if self._path.startswith("/"):
                self._filesystem.makedirs(there.rpartition("/")[0], exist_ok=True)
            self._filesystem.put_file(str(file), there)

    def get(self, name: str, file: Path) -> None:
        """Copy a file to this machine."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with speak_plainly(self.address):
            self._filesystem.get_file(f"{self._path}/{name}", str(file))

    def read_pieces(self, name: str) -> Iterator[bytes]:
        """Yield what a file holds, piece by piece."""
        with (
            speak_plainly(self.address),
            self._filesystem.open(f"{self._path}/{name}", "rb") as file,
        ):
            while piece := file.read(_PIECE_BYTES):
                yield piece

    def remove(self, names: Iterable[str]) -> None:
        """Delete files."""
        paths = [f"{self._path}/{name}" for name in names]
        if paths:
            with speak_plainly(self.address):
                self._filesystem.rm(paths)
