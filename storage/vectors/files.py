"""A FAISS file of vectors in half precision: written whole, read through memory mapping.

Two layouts, both inner product over unit vectors:

* rows by id: `IndexIDMap` over `IndexScalarQuantizer`. So the file ends with the fp16 codes, the
  number of ids and the ids, which lets a row be read without loading the index.
* rows in lists around centres: see `storage/vectors/list_files.py`.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.errors import StorageError
from wirethread.storage.engine.file_copy import checksum_file
from wirethread.storage.engine.strays import clear_place, sync_folder

__all__ = [
    "SegmentFile",
    "checksum_file",
    "open_segment",
    "read_ahead",
    "stamp_file",
    "sync_folder",
    "write_segment",
    "write_whole",
]

_ID_BYTES = 8
_COUNT_BYTES = 8
_CODE_BYTES = 2
_READ_BYTES = 1 << 22
_LISTS_MARK = b"IwSq"
"""The first bytes that FAISS gives a file whose rows lie in lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFile:
    """A file open for reading."""

    ids: NDArray[np.int64]
    """int64[n], ascending."""
    begins: NDArray[np.int64] | None
    """int64[n]: where each row begins in the file; None where they follow each other."""
    n_lists: int
    """Lists in which the rows lie, 0 for none."""
    index: Any
    """FAISS's index over the same rows, whose ids are positions in `ids`."""
    dimension: int
    codes_begin: int
    content: NDArray[np.uint8]
    """The mapped file."""
    owner: Any = None
    """What keeps `index` alive."""

    def read_rows(self, rows: NDArray[np.int64]) -> NDArray[np.float16]:
        """Return the vectors float16[m, d] of the rows int64[m], read in the order of the file."""
        n_bytes = self.dimension * _CODE_BYTES
        windows = np.lib.stride_tricks.as_strided(
            self.content, shape=(self.content.size - n_bytes + 1, n_bytes), strides=(1, 1)
        )
        if self.begins is None:
            return windows[self.codes_begin + rows * n_bytes].view(np.float16)
        begins = self.begins[rows]
        order = np.argsort(begins, kind="stable")
        found = np.empty((len(rows), n_bytes), dtype=np.uint8)
        found[order] = windows[begins[order]]
        return found.view(np.float16)


def write_segment(path: Path, hashes: NDArray[np.int64], vectors: NDArray[np.float32]) -> str:
    """Write rows sorted by distinct ascending `hashes` and return the checksum of the file.

    `hashes` int64[n], `vectors` float32[n, d] of unit length, which are kept in half precision.

    The file appears under its name only when it is whole and on the disk.
    """
    import faiss  # noqa: PLC0415 - takes a third of a second

    inner = faiss.IndexScalarQuantizer(
        vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    index = faiss.IndexIDMap(inner)
    index.add_with_ids(np.ascontiguousarray(vectors), hashes)
    return write_whole(path, lambda partial: faiss.write_index(index, str(partial)))


def write_whole(path: Path, write: Callable[[Path], None]) -> str:
    """Let `write` fill a file beside `path`, which takes its place; return the checksum."""
    partial = path.with_name(path.name + ".tmp")
    try:
        for place in (partial, path):
            if place.is_symlink() or place.is_dir():
                clear_place(place, keep_in=path.parent.parent)
        write(partial)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        checksum = checksum_file(partial)
        partial.replace(path)
        sync_folder(path.parent)
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else _find_reason(str(error))
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StorageError(
            f"the vectors cannot be written to {path}: {reason}; the next run goes on from here"
        ) from error
    return checksum


def _find_reason(words: str) -> str:
    """Return what the system said, which FAISS gives in brackets at the end."""
    return words[words.rfind("(") + 1 :].rstrip(")") if words.endswith(")") else words


def stamp_file(path: Path) -> tuple[int, int] | None:
    """Return size in bytes and time of change in nanoseconds, None where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def read_ahead(paths: Sequence[Path]) -> None:
    """Read files once in a thread, so that they are in memory when they are searched."""

    def read_all() -> None:
        for path in paths:
            with suppress(OSError), path.open("rb") as file:
                while file.read(_READ_BYTES):
                    pass

    Thread(target=read_all, daemon=True).start()


def open_segment(path: Path, n_rows: int, dimension: int) -> SegmentFile:
    """Open a file of ours in either layout. Raises `StorageError` where it is no such file."""
    try:
        with path.open("rb") as file:
            has_lists = file.read(len(_LISTS_MARK)) == _LISTS_MARK
        opened = (_open_lists if has_lists else _open_rows)(path, n_rows)
    except (RuntimeError, ValueError) as error:
        raise StorageError(f"the vector file {path} cannot be read") from error
    index, codes_begin = opened.owner, opened.codes_begin
    if codes_begin < 0 or index.ntotal != n_rows or index.d != dimension:
        raise StorageError(f"the vector file {path} does not hold {n_rows} x {dimension} numbers")
    return opened


def _open_rows(path: Path, n_rows: int) -> SegmentFile:
    import faiss  # noqa: PLC0415 - takes a third of a second

    outer: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    content = np.memmap(path, dtype=np.uint8, mode="r")
    ids_begin = content.size - n_rows * _ID_BYTES
    return SegmentFile(
        ids=np.frombuffer(content[max(0, ids_begin) :].tobytes(), dtype=np.int64),
        begins=None,
        n_lists=0,
        index=faiss.downcast_index(outer.index),
        dimension=outer.d,
        codes_begin=ids_begin - _COUNT_BYTES - n_rows * outer.d * _CODE_BYTES,
        content=content,
        owner=outer,
    )


def _open_lists(path: Path, n_rows: int) -> SegmentFile:
    import faiss  # noqa: PLC0415 - takes a third of a second

    index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
    # else every search starts threads that read the lists a second time
    lists: Any = faiss.downcast_InvertedLists(index.invlists)
    lists.prefetch_nthread = 0
    content = np.memmap(path, dtype=np.uint8, mode="r")
    ids_begin = content.size - n_rows * _ID_BYTES
    begins_begin = ids_begin - n_rows * _ID_BYTES
    lists_end = lists.lists.at(0).offset + n_rows * (index.d * _CODE_BYTES + _ID_BYTES)
    fits = begins_begin == lists_end + -lists_end % _ID_BYTES
    return SegmentFile(
        ids=content[max(0, ids_begin) :].view(np.int64) if fits else np.empty(0, dtype=np.int64),
        begins=content[begins_begin:ids_begin].view(np.int64) if fits else None,
        n_lists=int(index.nlist),
        index=index,
        dimension=index.d,
        codes_begin=0 if fits else -1,
        content=content,
        owner=index,
    )
