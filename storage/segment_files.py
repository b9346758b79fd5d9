"""One FAISS file of vectors: written whole, verified, read through memory mapping.

A file is `IndexIDMap` over `IndexScalarQuantizer` (fp16, inner product), its rows sorted by id.
So it ends with the fp16 codes, the number of ids and the ids, which lets a row be read without
loading the index.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from articles.errors import StorageError

__all__ = [
    "SegmentFile",
    "checksum_file",
    "open_segment",
    "stamp_file",
    "sync_folder",
    "write_segment",
]

_ID_BYTES = 8
_COUNT_BYTES = 8
_CODE_BYTES = 2
_READ_BYTES = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFile:
    """A file open for reading."""

    ids: NDArray[np.int64]
    """int64[n], ascending."""
    codes: NDArray[np.float16]
    """float16[n, d], mapped from the file."""
    index: Any
    """FAISS's `IndexScalarQuantizer` over the same rows, whose ids are positions."""
    owner: Any
    """FAISS's `IndexIDMap`, which keeps `index` alive."""


def write_segment(path: Path, hashes: NDArray[np.int64], vectors: NDArray[np.float32]) -> str:
    """Write rows sorted by distinct ascending `hashes` and return the checksum of the file.

    The file appears under its name only when it is whole and on the disk.
    """
    import faiss  # noqa: PLC0415 - takes a third of a second

    inner = faiss.IndexScalarQuantizer(
        vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    index = faiss.IndexIDMap(inner)
    index.add_with_ids(np.ascontiguousarray(vectors), hashes)
    partial = path.with_name(path.name + ".tmp")
    try:
        faiss.write_index(index, str(partial))
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


def checksum_file(path: Path) -> str:
    """Return the xxh3-128 of a file in hexadecimal."""
    with path.open("rb") as file:
        digest = xxhash.xxh3_128()
        while block := file.read(_READ_BYTES):
            digest.update(block)
    return digest.hexdigest()


def stamp_file(path: Path) -> tuple[int, int] | None:
    """Return size in bytes and time of change in nanoseconds, None where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def open_segment(path: Path, n_rows: int, dimension: int) -> SegmentFile:
    """Open a file that `write_segment` wrote. Raises `StorageError` where it is no such file."""
    import faiss  # noqa: PLC0415 - takes a third of a second

    try:
        outer: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise StorageError(f"the vector file {path} cannot be read") from error
    index_bytes = np.memmap(path, dtype=np.uint8, mode="r")
    ids_begin = index_bytes.size - n_rows * _ID_BYTES
    codes_end = ids_begin - _COUNT_BYTES
    codes_begin = codes_end - n_rows * dimension * _CODE_BYTES
    if codes_begin < 0 or outer.ntotal != n_rows or outer.d != dimension:
        raise StorageError(f"the vector file {path} does not hold {n_rows} x {dimension} numbers")
    ids = np.frombuffer(index_bytes[ids_begin:].tobytes(), dtype=np.int64)
    codes = index_bytes[codes_begin:codes_end].view(np.float16).reshape(n_rows, dimension)
    return SegmentFile(ids=ids, codes=codes, index=faiss.downcast_index(outer.index), owner=outer)


def sync_folder(folder: Path) -> None:
    """Bring renames in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
