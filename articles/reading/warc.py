"""Web archives (WARC, as Common Crawl's CC-NEWS writes them), one record at a time.

Only the answers of web servers are read (`response`, `resource`). The time in `WARC-Date` is when
the page was fetched, and so no time of publication. Whatever lengths an archive claims, no more
than `MAX_RECORD_BYTES` of a record is held in memory.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from wirethread.articles.dates.times import read_time
from wirethread.articles.pages.page import MAX_PAGE_BYTES, read_page
from wirethread.articles.reading.lines import describe_broken
from wirethread.articles.types.articles import RejectedArticle, SourceArticle

__all__ = ["MAX_RECORD_BYTES", "SavedAnswer", "list_answers", "read_answer", "read_warc"]

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""A larger record is set aside."""
MAX_SKIPPED_BYTES = 1024 * 1024 * 1024
"""Where a record to be left out is longer than this, the rest of the archive is not read."""
_MAX_LINE = 64 * 1024
_MAX_HEADERS = 200
_CHUNK = 1024 * 1024


class _EndError(Exception):
    """Nothing further can be read; the message says why."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedAnswer:
    """What a web server once answered: its page is not read yet, which is most of the work."""

    content: bytes
    """The record without its head, at most `MAX_RECORD_BYTES`."""
    headers: Mapping[str, str]
    """Of the record, by names in small letters."""
    url: str
    source: str
    """Archive and number of the record."""
    outlet: str | None


def read_warc(
    stream: BinaryIO, name: str, *, outlet: str | None = None
) -> Iterator[SourceArticle | RejectedArticle]:
    """Yield the article of each web page in an archive, or why it is set aside.

    `name` is the archive's own; its third record is `name:3`. An archive that is cut off or broken
    yields what stands before the break, then one `RejectedArticle`.
    """
    for found in list_answers(stream, name, outlet=outlet):
        yield read_answer(found) if isinstance(found, SavedAnswer) else found


def list_answers(
    stream: BinaryIO, name: str, *, outlet: str | None = None
) -> Iterator[SavedAnswer | RejectedArticle]:
    """Yield each answer in an archive for `read_answer`, or why a record is set aside."""
    number = 0
    try:
        while (headers := _read_record_head(stream)) is not None:
            number += 1
            length = _read_length(headers)
            if length is None:
                yield _reject(name, number, "the record states no length; it is skipped")
                continue
            kind = headers.get("warc-type", "").lower()
            if kind not in ("response", "resource"):
                _skip(stream, length)
            elif length > MAX_RECORD_BYTES:
                _skip(stream, length)
                limit = MAX_RECORD_BYTES // 2**20
                yield _reject(name, number, f"the record is longer than {limit} MiB")
            else:
                content = _read_exactly(stream, length)
                url = headers.get("warc-target-uri", "").strip("<> ")
                if url.lower().startswith(("http://", "https://")):  # else name resolution
                    yield SavedAnswer(
                        content=content,
                        headers=headers,
                        url=url,
                        source=f"{name}:{number}",
                        outlet=outlet,
                    )
    except _EndError as error:
        yield _reject(name, number + 1, f"{error}; the rest is not read")
    except (OSError, EOFError, zlib.error) as error:
        yield _reject(name, number + 1, f"{describe_broken(error)}; the rest is not read")
    if number == 0:
        yield RejectedArticle(source=name, source_id=None, reason="it holds no WARC records")


def _reject(name: str, number: int, reason: str) -> RejectedArticle:
    return RejectedArticle(source=f"{name}:{number}", source_id=None, reason=reason)


def _read_record_head(stream: BinaryIO) -> dict[str, str] | None:
    """Return the headers of the next record, or None at the end of the archive."""
    skipped = 0
    while True:
        line = stream.readline(_MAX_LINE)
        if not line:
            return None
        if line.startswith(b"WARC/"):
            break
        skipped += len(line)  # the remains of a record whose length was wrong
        if skipped > MAX_SKIPPED_BYTES:
            raise _EndError("no further record begins in the next GiB")
    headers: dict[str, str] = {}
    for _ in range(_MAX_HEADERS):
        line = stream.readline(_MAX_LINE)
        if not line:
            raise _EndError("the archive ends in the middle of a record: it is cut off")
        if not line.strip():
            break
        key, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon:
            headers.setdefault(key.strip().lower(), value.strip())
    return headers


def _read_length(headers: Mapping[str, str]) -> int | None:
    words = headers.get("content-length", "")
    return int(words) if re.fullmatch(r"[0-9]{1,15}", words) else None


def _skip(stream: BinaryIO, length: int) -> None:
    if length > MAX_SKIPPED_BYTES:
        raise _EndError(f"a record claims {length:,} bytes")
    while length > 0:
        piece = stream.read(min(length, _CHUNK))
        if not piece:
            raise _EndError("the archive ends in the middle of a record: it is cut off")
        length -= len(piece)


def _read_exactly(stream: BinaryIO, length: int) -> bytes:
    content = stream.read(length)
    if len(content) < length:
        raise _EndError("the archive ends in the middle of a record: it is cut off")
    return content


def read_answer(saved: SavedAnswer) -> SourceArticle | RejectedArticle:
    """Return the article of a saved answer, or why it is set aside."""
    content = saved.content
    try:
        if saved.headers.get("warc-type", "").lower() == "response":
            answer = _parse_answer(content)
            if answer.status != 200:
                raise ValueError(f"the server answered {answer.status}")
            content_type = answer.headers.get("content-type")
            content = _unpack(answer)
        else:
            content_type = saved.headers.get("content-type")
    except ValueError as error:
        return RejectedArticle(source=saved.source, source_id=None, reason=str(error))
    return read_page(
        content,
        url=saved.url,
        source=saved.source,
        content_type=content_type,
        outlet=saved.outlet,
        hints={"fetched_at": _read_fetch_time(saved.headers.get("warc-date"))},
    )


def _read_fetch_time(words: str | None) -> datetime | None:
    try:
        return read_time(words)[0]
    except ValueError:
        return None


def _parse_answer(content: bytes) -> _Answer:
    """Return status, headers and body of a saved HTTP answer.

    Raises:
        ValueError: where it is none.
    """
    end = re.compile(rb"\r?\n\r?\n").search(content, 0, 256 * 1024)
    head = content[: end.start()] if end else content[: 256 * 1024]
    lines = head.decode("latin-1").splitlines()
    match = re.match(r"HTTP/\d(?:\.\d)?\s+(\d{3})\b", lines[0]) if lines else None
    if match is None:
        raise ValueError("the record holds no HTTP answer")
    headers: dict[str, str] = {}
    for line in lines[1:_MAX_HEADERS]:
        key, colon, value = line.partition(":")
        if colon:
            headers.setdefault(key.strip().lower(), value.strip())
    return _Answer(int(match[1]), headers, content[end.end() :] if end else b"")


def _unpack(answer: _Answer) -> bytes:
    """Return the body without its transfer and content encodings, at most `MAX_PAGE_BYTES` + 1.

    Archives often keep the headers of packed answers whose bodies they unpacked, so an encoding
    that the bytes do not have is passed over.

    Raises:
        ValueError: where the body is packed in a way that cannot be undone.
    """
    body = answer.body
    if "chunked" in answer.headers.get("transfer-encoding", "").lower():
        body = _join_chunks(body)
    coding = answer.headers.get("content-encoding", "").lower().strip()
    if body[:2] == b"\x1f\x8b":
        return _inflate(body, 31)
    if coding == "deflate" and not body.lstrip().startswith(b"<"):
        for window in (15, -15):
            try:
                return _inflate(body, window)
            except ValueError:
                continue
        raise ValueError("its deflate encoding is broken")
    if coding in ("br", "zstd") and b"<" not in body[:1024].lstrip()[:1]:
        return _unpack_rare(body, coding)
    return body


def _inflate(body: bytes, window: int) -> bytes:
    unpacker = zlib.decompressobj(window)
    try:
        return unpacker.decompress(body, MAX_PAGE_BYTES + 1)
    except zlib.error as error:
        raise ValueError(f"its content encoding is broken ({error})") from error


def _unpack_rare(body: bytes, coding: str) -> bytes:
    try:
        import brotli  # type: ignore[import-not-found] # noqa: PLC0415 - optional
    except ImportError:
        brotli = None
    if coding != "br" or brotli is None:
        raise ValueError(f"it is packed with {coding}, which cannot be read here")
    try:
        unpacked: bytes = brotli.Decompressor().process(
            body, output_buffer_limit=MAX_PAGE_BYTES + 1
        )
    except brotli.error as error:
        raise ValueError("its brotli encoding is broken") from error
    return unpacked


def _join_chunks(body: bytes) -> bytes:
    """Undo chunked transfer; a body that is not chunked after all is returned as it is."""
    parts: list[bytes] = []
    place = 0
    while match := re.compile(rb"([0-9a-fA-F]{1,8})[^\r\n]{0,200}\r?\n").match(body, place):
        size = int(match[1], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[match.end() : match.end() + size])
        place = match.end() + size
        if body[place : place + 2] == b"\r\n":
            place += 2
        elif body[place : place + 1] == b"\n":
            place += 1
    return b"".join(parts) if parts and place >= len(body) else body
