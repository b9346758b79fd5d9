"""Copy a DuckDB file at the cost of what changed since an older copy of it.

A DuckDB file is three headers of 4096 bytes and then blocks of one size, each beginning with the
checksum of the rest (duckdb/src/storage/single_file_block_manager.cpp). So two files differ only in
blocks whose first eight bytes differ, and an old copy is brought up to date by writing these.
"""

import fcntl
import os
import shutil
from pathlib import Path

__all__ = ["copy_file", "update_copy"]

_FICLONE = 0x40049409
"""Linux's request to share the blocks of a file (btrfs, xfs), from `linux/fs.h`."""
_HEADER_BYTES = 4096
_FIRST_BLOCK = 3 * _HEADER_BYTES
_MAGIC = b"DUCK"
_MAGIC_AT = 8
_BLOCK_SIZE_AT = _HEADER_BYTES + 40
"""After checksum, iteration, two block ids and the block count, eight bytes each."""
_CHECKSUM_BYTES = 8
_COPY_BYTES = 1 << 24


def copy_file(source: Path, target: Path) -> None:
    """Copy a whole file to the disk, sharing its blocks where the file system can."""
    with source.open("rb") as reader, target.open("xb") as writer:
        try:
            fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())
        except OSError:
            shutil.copyfileobj(reader, writer, _COPY_BYTES)
        writer.flush()
        os.fsync(writer.fileno())


def update_copy(source: Path, target: Path) -> bool:
    """Make `target`, an older copy of `source`, equal to it; return whether that could be done.

    It cannot where a file is not laid out as expected. The target is of no use if this is
    interrupted: call it under a name that nobody reads.
    """
    with source.open("rb") as reader, target.open("r+b") as writer:
        block_size = _read_block_size(reader.fileno())
        if block_size == 0 or block_size != _read_block_size(writer.fileno()):
            return False
        size = os.fstat(reader.fileno()).st_size
        old_size = os.fstat(writer.fileno()).st_size
        for begin in range(_FIRST_BLOCK, size, block_size):
            new_sum = os.pread(reader.fileno(), _CHECKSUM_BYTES, begin)
            if begin >= old_size or new_sum != os.pread(writer.fileno(), _CHECKSUM_BYTES, begin):
                os.pwrite(writer.fileno(), os.pread(reader.fileno(), block_size, begin), begin)
        os.pwrite(writer.fileno(), os.pread(reader.fileno(), _FIRST_BLOCK, 0), 0)
        os.ftruncate(writer.fileno(), size)
        os.fsync(writer.fileno())
    return True


def _read_block_size(descriptor: int) -> int:
    """Return the block size of a DuckDB file, 0 where it is not laid out as expected."""
    head = os.pread(descriptor, _FIRST_BLOCK, 0)
    if len(head) < _FIRST_BLOCK or head[_MAGIC_AT : _MAGIC_AT + len(_MAGIC)] != _MAGIC:
        return 0
    sizes = {
        int.from_bytes(head[at : at + 8], "little")
        for at in (_BLOCK_SIZE_AT, _BLOCK_SIZE_AT + _HEADER_BYTES)
    }
    block_size = sizes.pop()
    plausible = not sizes and 1 << 14 <= block_size <= 1 << 18
    rest = os.fstat(descriptor).st_size - _FIRST_BLOCK
    return block_size if plausible and rest % block_size == 0 else 0
