"""Files elsewhere: addresses such as `s3://bucket/prefix`, through `fsspec`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from wirethread.articles.errors import StorageError

__all__ = ["get_files", "is_remote", "open_address", "put_file", "put_folder", "speak_plainly"]

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_WEB = re.compile(r"https?://", re.IGNORECASE)


def is_remote(place: str) -> bool:
    """Tell whether a place is an address on a file system elsewhere, and no web page."""
    return bool(_ADDRESS.match(place)) and not _WEB.match(place)


@contextmanager
def speak_plainly(address: str) -> Iterator[None]:
    """Turn whatever a file system elsewhere raises into one sentence."""
    try:
        yield
    except StorageError:
        raise
    except ImportError as error:
        raise StorageError(f"{address} needs a package that is not here: {error}") from None
    except Exception as error:  # each file system has errors of its own
        raise StorageError(f"{address}: {error}") from error


def open_address(address: str) -> tuple[Any, str]:
    """Return the file system of an address and the path in it. Raises `StorageError`."""
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - only where an address is named
    except ImportError:
        raise StorageError(
            f"{address} needs the package fsspec: pip install 'wirethread[remote]'"
        ) from None
    with speak_plainly(address):
        filesystem, path = url_to_fs(address)
        return filesystem, str(path).rstrip("/")


def put_folder(folder: Path, address: str, *, last: str, replace: bool) -> None:
    """Copy the files of a folder to an address, the one named `last` when all others are there.

    With `replace` what an earlier copy left is removed at the end. Raises `StorageError`.
    """
    filesystem, path = open_address(address)
    with speak_plainly(address):
        has_folders = _has_folders(filesystem, path, address)
        before = set(filesystem.find(path)) if filesystem.exists(path) else set()
        if before and not any(name.rstrip("/").endswith(f"/{last}") for name in before):
            raise StorageError(f"{address} holds something that is no export of an archive")
        if before and not replace:
            raise StorageError(f"{address} holds an export already: --replace puts this one there")
        if before:
            filesystem.rm(f"{path}/{last}")  # half of one and half of another is neither
        files = sorted(one for one in folder.rglob("*") if one.is_file())
        files.sort(key=lambda one: one.name == last)
        written = set()
        for file in files:
            there = f"{path}/{file.relative_to(folder).as_posix()}"
            if has_folders:
                filesystem.makedirs(there.rpartition("/")[0], exist_ok=True)
            filesystem.put_file(str(file), there)
            written.add(there.strip("/"))
        stale = [name for name in before if name.strip("/") not in written]
        if stale:
            filesystem.rm([name for name in stale if filesystem.exists(name)])


def put_file(file: Path, address: str) -> None:
    """Copy a file to an address, in the place of what is there. Raises `StorageError`."""
    filesystem, path = open_address(address)
    with speak_plainly(address):
        if _has_folders(filesystem, path, address):
            filesystem.makedirs(path.rpartition("/")[0], exist_ok=True)
        filesystem.put_file(str(file), path)


def _has_folders(filesystem: Any, path: str, address: str) -> bool:
    """Whether folders can be made there; others have buckets, which are never made by the way.

    Raises `StorageError` where there is no such bucket.
    """
    bucket = path.partition("/")[0]
    if bucket and not filesystem.exists(bucket):
        raise StorageError(f"{address}: there is no {bucket}")
    return not bucket


def get_files(address: str, folder: Path) -> list[Path]:
    """Copy a file, or every file below an address, into a folder; return them in order.

    Raises `StorageError` where there is none, or it cannot be read.
    """
    filesystem, path = open_address(address)
    with speak_plainly(address):
        names = sorted(filesystem.glob(path) if "*" in path else filesystem.find(path))
        if not names:
            raise StorageError(f"{address}: there is no such file or folder")
        base = path.rpartition("/")[0] if names == [path] or "*" in path else path
        files = []
        for name in names:
            file = folder / str(name).removeprefix(base).lstrip("/")
            if not file.resolve().is_relative_to(folder.resolve()):
                raise StorageError(f"{address}: {name} leads out of the folder")
            file.parent.mkdir(parents=True, exist_ok=True)
            filesystem.get_file(name, str(file))
            files.append(file)
        return files
