"""Lines of a file, plain or gzipped, read in bounded memory whatever the file holds."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from wirethread.articles.errors import SourceError

__all__ = [
    "MAX_LINE_BYTES",
    "BrokenLine",
    "describe_broken",
    "describe_os_error",
    "open_binary",
    "read_head",
    "read_lines",
    "read_whole",
]

MAX_LINE_BYTES = 4 * 1024 * 1024
"""A longer line is set aside, not read into memory."""
MAX_SKIPPED_BYTES = 256 * 1024 * 1024
"""Where one line is longer than this, the rest of the file is not read (a gzip bomb)."""
_CHUNK = 1024 * 1024
_SNIFF = 8192


class BrokenLine(Exception):  # noqa: N818 - it ends a line, not a program
    """A line that cannot be used. `is_last` tells that nothing after it can be read."""

    def __init__(self, reason: str, *, is_last: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_last = is_last


def open_binary(path: Path, *, may_be_binary: bool = False) -> BinaryIO:
    """Open a file for reading bytes, unpacked where it is gzipped, after a look at its beginning.

    With `may_be_binary`, bytes that no UTF-8 text holds are let through.

    Raises:
        SourceError: where it is missing, forbidden, not a file, broken, or binary.
    """
    try:
        stream: BinaryIO = path.open("rb")
    except OSError as error:
        raise SourceError(f"{path}: {describe_os_error(error)}") from error
    try:
        if stream.read(2) == b"\x1f\x8b":
            stream.close()
            stream = cast("BinaryIO", gzip.open(path, "rb"))  # noqa: SIM115
        else:
            if path.suffix == ".gz" and path.stat().st_size:
                raise SourceError(f"{path}: it is named .gz but is not gzipped")
            stream.seek(0)
        # one read only: of a file that is cut off, what stands before the cut is still wanted
        head = cast("gzip.GzipFile", stream).read1(_SNIFF)
        stream.seek(0)
    except (OSError, EOFError, zlib.error) as error:
        stream.close()
        raise SourceError(f"{path}: {describe_broken(error)}") from error
    except SourceError:
        stream.close()
        raise
    if b"\0" in head and not may_be_binary:
        stream.close()
        hint = (
            ", perhaps UTF-16: only UTF-8 is read" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
        )
        raise SourceError(f"{path}: it is a binary file{hint}")
    return stream


def describe_os_error(error: OSError) -> str:
    """Say in plain words why a file cannot be opened."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    if isinstance(error, PermissionError):
        return "permission to read it is denied"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    return (error.strerror or str(error)).lower()


def describe_broken(error: Exception) -> str:
    """Say in plain words why a file cannot be read on."""
    if isinstance(error, EOFError):
        return "the gzip file ends in the middle: it is cut off"
    if isinstance(error, zlib.error | gzip.BadGzipFile):
        return f"the gzip file is broken ({error})"
    return describe_os_error(error) if isinstance(error, OSError) else str(error)


def read_whole(stream: BinaryIO, name: str, max_bytes: int) -> bytes:
    """Return the bytes of a stream, at most one more than `max_bytes`.

    Raises:
        SourceError: where it is broken or cut off.
    """
    try:
        return stream.read(max_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{name}: {describe_broken(error)}") from error


def read_head(stream: BinaryIO) -> bytes:
    """Return the beginning of a stream that can be read again; b"" where it is broken."""
    try:
        head = stream.read(_SNIFF)
        stream.seek(0)
    except (OSError, EOFError, zlib.error):
        return b""
    return head


def read_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | BrokenLine]]:
    """Yield line numbers from 1 with the line, or with what is wrong with it.

    A gzip file that is broken further on yields the lines before the break, then the reason.
    """
    number = 0
    while True:
        number += 1
        try:
            line = stream.readline(MAX_LINE_BYTES + 1)
            if not line:
                return
            if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
                yield number, _skip_line(stream)
                continue
        except (OSError, EOFError, zlib.error) as error:
            yield (
                number,
                BrokenLine(f"{describe_broken(error)}; the rest is not read", is_last=True),
            )
            return
        except _TooLongError:
            limit = MAX_SKIPPED_BYTES // 2**20
            yield (
                number,
                BrokenLine(
                    f"the line is longer than {limit} MiB; the rest is not read", is_last=True
                ),
            )
            return
        yield number, line


class _TooLongError(Exception):
    """A line goes on past all bounds."""


def _skip_line(stream: BinaryIO) -> BrokenLine:
    skipped = MAX_LINE_BYTES
    while True:
        chunk = stream.readline(_CHUNK)
        skipped += len(chunk)
        if not chunk or chunk.endswith(b"\n"):
            break
        if skipped > MAX_SKIPPED_BYTES:
            raise _TooLongError
    return BrokenLine(f"the line is longer than {MAX_LINE_BYTES // 2**20} MiB")
