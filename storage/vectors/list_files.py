"""A file whose rows lie in lists around centres, so that a search reads only the nearest lists.

The rows stand in it once, in half precision, like in the other layout: what a search reads it
scores exactly, and only lists that it does not read can hold something better. The file is FAISS's
`IndexIVFScalarQuantizer` (fp16, inner product), whose lists hold positions in the order of the ids;
any FAISS reads it. After it, from a multiple of eight bytes on, stand where each row begins in the
file, and the ids in ascending order: int64[n] both.
"""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.errors import StorageError
from wirethread.storage.vectors.files import SegmentFile, write_whole

__all__ = ["read_centres", "read_lists", "write_lists"]

_ROWS_AT_ONCE = 400_000
_ID_BYTES = 8
_EMPTY_LISTS = struct.Struct("<4sQQ4sQ")
"""How FAISS writes lists that are all empty: marks, number of lists, bytes of a row, no sizes."""
_FULL_LISTS = struct.Struct("<4sQQ4sQ")
_N_ROWS_AT = 8
"""Where the number of rows stands: after the mark and the dimension, four bytes each."""

ReadRows = Callable[[NDArray[np.int64]], NDArray[np.float16]]


def write_lists(  # noqa: PLR0917 - what is written, in the order of the file
    path: Path,
    hashes: NDArray[np.int64],
    centres: NDArray[np.float32],
    lists: NDArray[np.int32],
    n_probes: int,
    read_rows: ReadRows,
) -> str:
    """Write the rows of ascending `hashes` int64[n] and return the checksum of the file.

    `lists` int32[n] says in which list each row goes, `n_probes` how many lists a search reads.
    `read_rows` gives float16[m, d] for row numbers int64[m]; it is asked for some 400,000 at once.
    """
    sizes = np.bincount(lists, minlength=len(centres)).astype(np.int64)
    head = _describe_index(centres, sizes, n_probes)
    order = np.argsort(lists, kind="stable")
    code_bytes = centres.shape[1] * 2

    def write(partial: Path) -> None:
        with partial.open("wb") as file:
            file.write(head)
            for first, end in _divide(sizes):
                rows = order[sizes[:first].sum() : sizes[:end].sum()]
                _write_some(file, sizes[first:end], rows, read_rows(rows))
            file.write(b"\0" * (-file.tell() % _ID_BYTES))
            _find_begins(len(head), sizes, order, code_bytes).tofile(file)
            hashes.astype(np.int64, copy=False).tofile(file)

    return write_whole(path, write)


def _describe_index(centres: NDArray[np.float32], sizes: NDArray[np.int64], n_probes: int) -> bytes:
    """Return what FAISS writes before the first list."""
    import faiss  # noqa: PLC0415 - takes a third of a second

    n_lists, dimension = centres.shape
    quantizer = faiss.IndexFlatIP(dimension)
    quantizer.add(np.ascontiguousarray(centres, dtype=np.float32))
    empty: Any = faiss.IndexIVFScalarQuantizer(
        quantizer,
        dimension,
        n_lists,
        faiss.ScalarQuantizer.QT_fp16,
        faiss.METRIC_INNER_PRODUCT,
        False,  # the rows themselves, not their difference to the centre
    )
    empty.is_trained = True
    empty.nprobe = n_probes
    written = bytearray(faiss.serialize_index(empty).tobytes())
    wanted = _EMPTY_LISTS.pack(b"ilar", n_lists, dimension * 2, b"sprs", 0)
    if written[-_EMPTY_LISTS.size :] != wanted:
        raise StorageError(f"FAISS {faiss.__version__} lays its lists out in a way unknown here")
    written[-_EMPTY_LISTS.size :] = _FULL_LISTS.pack(
        b"ilar", n_lists, dimension * 2, b"full", n_lists
    )
    written[_N_ROWS_AT : _N_ROWS_AT + 8] = struct.pack("<q", int(sizes.sum()))
    return bytes(written) + sizes.astype("<u8").tobytes()


def _divide(sizes: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield ranges of lists that hold about `_ROWS_AT_ONCE` rows, or one list."""
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        begun = int(ends[first - 1]) if first else 0
        end = int(np.searchsorted(ends, begun + _ROWS_AT_ONCE, side="right"))
        end = max(end, first + 1)
        yield first, end
        first = end


def _write_some(
    file: IO[bytes],
    sizes: NDArray[np.int64],
    rows: NDArray[np.int64],
    codes: NDArray[np.float16],
) -> None:
    """Write several lists, each its codes and then its ids."""
    begin = 0
    for size in sizes.tolist():
        file.write(codes[begin : begin + size].tobytes())
        file.write(rows[begin : begin + size].astype("<i8").tobytes())
        begin += size


def _find_begins(
    lists_begin: int, sizes: NDArray[np.int64], order: NDArray[np.int64], code_bytes: int
) -> NDArray[np.int64]:
    """Return int64[n], where the codes of each row begin in the file."""
    firsts = np.cumsum(sizes) - sizes
    at = np.repeat(lists_begin + firsts * _ID_BYTES, sizes)  # the ids of the lists before
    at += np.arange(len(order)) * code_bytes
    begins = np.empty(len(order), dtype=np.int64)
    begins[order] = at
    return begins


def read_centres(file: SegmentFile) -> NDArray[np.float32]:
    """Return the centres float32[n_lists, d] of a file in lists."""
    import faiss  # noqa: PLC0415 - takes a third of a second

    quantizer: Any = faiss.downcast_index(file.index.quantizer)
    centres: NDArray[np.float32] = quantizer.reconstruct_n(0, file.n_lists)
    return centres


def read_lists(file: SegmentFile) -> NDArray[np.int32]:
    """Return the list int32[n] in which each row of a file in lists lies."""
    import faiss  # noqa: PLC0415 - takes a third of a second

    lists = np.empty(len(file.ids), dtype=np.int32)
    kept = file.index.invlists
    for number in range(file.n_lists):
        size = kept.list_size(number)
        if size:
            lists[faiss.rev_swig_ptr(kept.get_ids(number), size)] = number
    return lists
