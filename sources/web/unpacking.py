"""Unpack an answer as it streams in, never more of it than is allowed."""

import zlib
from collections.abc import Callable
from typing import Any

from wirethread.sources.web.responses import FetchError

__all__ = ["ACCEPTED", "Unpacker"]

ACCEPTED = "gzip, deflate"
"""What servers may pack with. Brotli and zstd are not asked for: the libraries that read them
unpack a chunk whole, however large it grows."""

_PLAIN = ("", "identity")
_GZIP = ("gzip", "x-gzip")


class Unpacker:
    """Collects the pieces of one answer; raises `FetchError` past `max_bytes`."""

    def __init__(self, encoding: str, max_bytes: int, *, is_cut: bool = False) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in (*_PLAIN, *_GZIP, "deflate"):
            raise FetchError(f"it is packed with {encoding[:40]}, which was not asked for")
        self._max_bytes = max_bytes
        self._is_cut = is_cut
        self._pieces: list[bytes] = []
        self._size = 0
        self._received = 0
        self._make = self._choose_decoder()
        self._decoder: Any = self._make()
        self._has_begun = False

    def _choose_decoder(self) -> Callable[[], Any]:
        if self._encoding in _GZIP:
            return lambda: zlib.decompressobj(wbits=31)
        return zlib.decompressobj

    @property
    def is_full(self) -> bool:
        """Whether no more is wanted: only where the answer may be cut."""
        return self._is_cut and self._size >= self._max_bytes

    def feed(self, piece: bytes) -> None:
        """Take the next piece as it came from the server."""
        self._received += len(piece)
        if self._received > self._max_bytes and not self._is_cut:
            raise FetchError(f"it is larger than {self._max_bytes:,} bytes")
        if self._encoding in _PLAIN:
            self._keep(piece)
        elif piece:
            self._unpack(piece)

    def _unpack(self, piece: bytes) -> None:
        while piece and not self.is_full:
            if self._decoder.eof:  # a gzip file may be several, one after the other
                if self._encoding == "deflate" or not piece.startswith(b"\x1f\x8b"):
                    return
                self._decoder = self._make()
            allowed = self._max_bytes - self._size + 1
            try:
                self._keep(self._decoder.decompress(piece, allowed))
            except zlib.error as error:
                if self._encoding == "deflate" and not self._has_begun:
                    self._has_begun = True  # many servers send deflate without its head
                    self._make = lambda: zlib.decompressobj(wbits=-15)
                    self._decoder = self._make()
                    continue
                raise FetchError(f"it cannot be unpacked: {error}") from error
            self._has_begun = True
            piece = self._decoder.unconsumed_tail or self._decoder.unused_data

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        self._pieces.append(piece)
        if self._size > self._max_bytes and not self._is_cut:
            raise FetchError(f"it is larger than {self._max_bytes:,} bytes when unpacked")

    def finish(self) -> bytes:
        """Return the whole content; one that stops half way is a `FetchError`."""
        is_packed = self._encoding not in _PLAIN and self._received > 0
        if is_packed and not self._decoder.eof and not self.is_full:
            raise FetchError("it stops half way")
        return b"".join(self._pieces)[: self._max_bytes]
