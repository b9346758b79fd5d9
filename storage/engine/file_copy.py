"""Copy a DuckDB file at the cost of what changed since an older copy of it.

A DuckDB file is three headers of 4096 bytes and then blocks of one size, each beginning with the
checksum of the rest (duckdb/src/storage/single_file_block_manager.cpp). So two files differ only in
blocks whose first eight bytes differ, and an old copy is brought up to date by writing these, and
those whose bytes are no longer what the first eight say.
"""

import fcntl
import os
import shutil
from pathlib import Path
from typing import BinaryIO

import numpy as np
import xxhash

__all__ = ["checksum", "checksum_file", "copy_file", "has_wrong_block", "update_copy"]

_FICLONE = 0x40049409
"""Linux's request to share the blocks of a file (btrfs, xfs), from `linux/fs.h`."""
_HEADER_BYTES = 4096
_FIRST_BLOCK = 3 * _HEADER_BYTES
_MAGIC = b"DUCK"
_MAGIC_AT = 8
_BLOCK_SIZE_AT = _HEADER_BYTES + 40
"""After checksum, iteration, two block ids and the block count, eight bytes each."""
_CHECKSUM_BYTES = 8
_CHECKSUM_START = 5381
_CHECKSUM_FACTOR = np.uint64(0xBF58476D1CE4E5B9)
"""Both from duckdb/src/common/checksum.cpp."""
_COMPARED_BYTES = 1 << 32
"""So much of an old copy is read each time; of a larger one another part is in turn."""
_COPY_BYTES = 1 << 24
_READ_BYTES = 1 << 22


def copy_file(source: Path, target: Path) -> None:
    """Copy a whole file to the disk, sharing its blocks where the file system can."""
    with source.open("rb") as reader, target.open("xb") as writer:
        try:
            fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())
        except OSError:
            shutil.copyfileobj(reader, writer, _COPY_BYTES)
        writer.flush()
        os.fsync(writer.fileno())


def checksum_file(path: Path) -> str:
    """Return the xxh3-128 of a file in hexadecimal."""
    with path.open("rb") as file:
        return checksum(file)


def checksum(reader: BinaryIO) -> str:
    """Return the xxh3-128 of all that is still to be read, in hexadecimal."""
    digest = xxhash.xxh3_128()
    while block := reader.read(_READ_BYTES):
        digest.update(block)
    return digest.hexdigest()


def update_copy(source: Path, target: Path, *, turn: int = 0) -> bool:
    """Make `target`, an older copy of `source`, equal to it; return whether that could be done.

    It cannot where a file is not laid out as expected. The target is of no use if this is
    interrupted: call it under a name that nobody reads. `turn` grows by one with each update.
    """
    with source.open("rb") as reader, target.open("r+b") as writer:
        old, new = writer.fileno(), reader.fileno()
        block_size = _read_block_size(new)
        if block_size == 0 or block_size != _read_block_size(old):
            return False
        size, old_size = os.fstat(new).st_size, os.fstat(old).st_size
        n_turns = -(-old_size // _COMPARED_BYTES)
        for number, begin in enumerate(range(_FIRST_BLOCK, size, block_size)):
            is_same = begin < old_size and (
                os.pread(new, _CHECKSUM_BYTES, begin) == os.pread(old, _CHECKSUM_BYTES, begin)
            )
            if is_same and number % n_turns == turn % n_turns:
                is_same = _is_right(os.pread(old, block_size, begin))
            if not is_same:
                os.pwrite(old, os.pread(new, block_size, begin), begin)
        os.pwrite(old, os.pread(new, _FIRST_BLOCK, 0), 0)
        os.ftruncate(old, size)
        os.fsync(old)
    return True


def has_wrong_block(path: Path) -> bool:
    """Tell whether a block of a DuckDB file is not what its checksum says.

    It may be one that holds nothing; whether it does, only reading every table can tell.
    """
    with path.open("rb") as file:
        block_size = _read_block_size(file.fileno())
        if block_size == 0:
            return True
        size = os.fstat(file.fileno()).st_size
        return not all(
            _is_right(os.pread(file.fileno(), block_size, begin))
            for begin in range(_FIRST_BLOCK, size, block_size)
        )


def _is_right(block: bytes) -> bool:
    words = np.frombuffer(block, dtype="<u8")
    found = int(np.bitwise_xor.reduce(words[1:] * _CHECKSUM_FACTOR)) ^ _CHECKSUM_START
    return found == int(words[0]) or not words.any()


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
