"""From files, folders and standard input to source articles, one at a time.

| extension (each also `.gz`) | what it holds |
| --- | --- |
| `.jsonl .ndjson .jl` | an article a line: our names, those of extractors, ninjs 1 to 3, ANS |
| `.json` | one article, one list of them, or an article a line |
| `.csv .tsv` | an article a row |
| `.html .htm .xhtml` | a saved web page |
| `.warc` | a web archive |
| `.xml .rss .atom .rdf .nitf .newsml` | saved feeds, NewsML-G2, NewsML 1, NITF, news sitemaps |
| `.iptc .anpa` | IPTC 7901 messages |
| `.txt` | one article whose first line is the title; such a message or page is told by its looks |

`.parquet` holds an article a row. A folder is walked in sorted order. `-` is standard input.
"""

import gzip
import io
import json
import os
import re
import sys
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from wirethread.articles.dates.order import DateOrder
from wirethread.articles.errors import SourceError
from wirethread.articles.field_text import is_whole_page, read_text
from wirethread.articles.reading.document import read_document
from wirethread.articles.reading.iptc7901 import looks_like_message, read_messages
from wirethread.articles.reading.lines import (
    BrokenLine,
    describe_broken,
    describe_os_error,
    open_binary,
    read_head,
    read_lines,
    read_whole,
)
from wirethread.articles.reading.ordering import read_settled
from wirethread.articles.reading.sheets import Raw, name_columns, read_csv, read_parquet
from wirethread.articles.reading.xml_files import looks_like_xml, read_xml
from wirethread.articles.records.record import MAX_TEXT, check_columns, read_json
from wirethread.articles.records.wrappers import RECORDS, list_records
from wirethread.articles.types.articles import RejectedArticle, SourceArticle

if TYPE_CHECKING:  # what reads pages takes a while to import
    from wirethread.articles.reading.warc import SavedAnswer

__all__ = ["OUTSIDE", "STDIN", "leads_inside", "list_found", "read_articles", "read_raw"]

OUTSIDE = "it is a link that leads out of the folder, or nowhere"
"""Why such a link below a folder is set aside."""
STDIN = "-"
"""The source that means standard input; its articles come from `stdin:LINE`."""

_LINES = (".jsonl", ".ndjson", ".jl", ".jsonl.gz", ".ndjson.gz", ".jl.gz")
_JSON = (".json", ".json.gz")
_TEXT = (".txt", ".txt.gz")
_TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
_PAGES = (".html", ".htm", ".xhtml", ".html.gz", ".htm.gz", ".xhtml.gz")
_ARCHIVES = (".warc", ".warc.gz")
_PARQUET = (".parquet",)
_XML = (".xml", ".rss", ".atom", ".rdf", ".nitf", ".newsml", ".xml.gz", ".rss.gz", ".atom.gz")
_TELEX = (".iptc", ".anpa", ".iptc.gz", ".anpa.gz")
_KNOWN = (*_LINES, *_JSON, *_TABLES, *_PARQUET, *_PAGES, *_ARCHIVES, *_XML, *_TELEX, *_TEXT)
_MAX_DOCUMENT = 16 * 1024 * 1024
"""Bytes; a larger `.json` file is read as JSON Lines only."""
_HEAD = 8192

Found = SourceArticle | RejectedArticle
Columns = Mapping[str, str] | None


def read_articles(
    source: str | Path,
    *,
    columns: Columns = None,
    outlet: str | None = None,
    order: DateOrder | None = None,
) -> Iterator[Found]:
    """Yield each article of a file, a folder or standard input, or why it is set aside.

    `columns` says which column (or JSON field) is which: `{our field: their name}`; a table must
    have every one that is named. `outlet` is the outlet of all articles. Without it the outlet is
    what the record or page says; without that, the host of its address; for a page or text file,
    the name of the folder it lies in where that is below `source`; otherwise None. `order` says how
    its dates write day and month; without it that is told from each file as a whole.

    Raises:
        SourceError: where the whole source cannot be read: it is missing, forbidden, binary or of
            an unknown extension, a table without a mapped column, or a folder that holds no files;
            or where `columns` names a field that no article has. In a folder, a single file that
            cannot be read is one `RejectedArticle`.
    """
    for found in list_found(source, columns=columns, outlet=outlet, order=order):
        if isinstance(found, SourceArticle | RejectedArticle):
            yield found
        else:
            from wirethread.articles.reading.warc import read_answer  # noqa: PLC0415

            yield read_answer(found)


def list_found(
    source: str | Path,
    *,
    columns: Columns = None,
    outlet: str | None = None,
    order: DateOrder | None = None,
) -> "Iterator[Found | SavedAnswer]":
    """Yield what `read_articles` does, but for pages in web archives, which are left to be read."""
    _check_mapping(columns)
    if str(source) == STDIN:
        yield from _read_stdin(columns, outlet, order)
        return
    path = Path(source)
    try:
        is_folder = path.is_dir()
        if not is_folder and not path.exists():
            raise SourceError(f"{path}: there is no such file or folder")
    except (OSError, ValueError) as error:
        reason = describe_os_error(error) if isinstance(error, OSError) else str(error)
        raise SourceError(f"{path}: {reason}") from error
    if is_folder:
        yield from _read_folder(path, columns, outlet, order)
    else:
        yield from _read_file(path, columns, outlet, order, None)


def read_raw(source: str | Path, *, columns: Columns = None) -> Iterator[Raw]:
    """Yield each record of a file, a folder or standard input as it stands there, and where.

    A record of JSON, CSV or Parquet keeps every field that it has; of other forms it is the fields
    of the article, under our names. What cannot be read is a `RejectedArticle`, as in
    `read_articles`, which tells of `columns` and of the errors too.
    """
    path = Path(source)
    if str(source) != STDIN and path.is_dir():
        for inner, refusal in _walk(path):
            if refusal is not None:
                yield (
                    str(inner),
                    RejectedArticle(source=str(inner), source_id=None, reason=refusal),
                )
                continue
            try:
                yield from read_raw(inner, columns=columns)
            except SourceError as error:
                reason = str(error).removeprefix(f"{inner}: ")
                yield str(inner), RejectedArticle(source=str(inner), source_id=None, reason=reason)
        return
    name = path.name.lower()
    if str(source) != STDIN and path.is_file() and name.endswith(_PARQUET):
        yield from read_parquet(path, columns=columns)
    elif str(source) != STDIN and path.is_file() and name.endswith((*_LINES, *_JSON, *_TABLES)):
        with open_binary(path, may_be_binary=name.endswith(_TABLES)) as stream:
            if name.endswith(_TABLES):
                yield from read_csv(stream, str(path), columns=columns)
            elif name.endswith(_JSON):
                yield from _read_json_file(str(path), stream, columns, None)
            else:
                yield from _read_json_lines(str(path), stream, columns, None)
    elif str(source) == STDIN:
        stream, head = _take_head(cast("BinaryIO", sys.stdin.buffer))
        yield from _read_stdin_json(stream, head, columns, None)
    else:
        for found in read_articles(source, columns=columns):
            yield found.source, found if isinstance(found, RejectedArticle) else _name_fields(found)


def _name_fields(article: SourceArticle) -> Mapping[str, Any]:
    """Return the fields of an article that has any of them, under our names."""
    moment = article.published_at
    fields = {
        "id": article.source_id,
        "url": article.url,
        "outlet": article.outlet,
        "title": article.title,
        "published_at": moment.isoformat() if moment is not None else None,
        "text": article.text,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _check_mapping(columns: Columns) -> None:
    try:
        check_columns(columns or {})
    except ValueError as error:
        raise SourceError(str(error)) from None


def _read_folder(
    folder: Path, columns: Columns, outlet: str | None, order: DateOrder | None
) -> "Iterator[Found | SavedAnswer]":
    try:
        with os.scandir(folder):
            pass
    except OSError as error:
        raise SourceError(f"{folder}: {describe_os_error(error)}") from error
    n_files = 0
    for path, refusal in _walk(folder):
        n_files += 1
        if refusal is not None:
            yield RejectedArticle(source=str(path), source_id=None, reason=refusal)
            continue
        place = path.parent.name if path.parent != folder else None
        try:
            yield from _read_file(path, columns, outlet, order, place)
        except SourceError as error:
            reason = str(error).removeprefix(f"{path}: ")
            yield RejectedArticle(source=str(path), source_id=None, reason=reason)
    if n_files == 0:
        raise SourceError(f"{folder}: the folder holds no files")


def _walk(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Yield the files below a folder in sorted order, and folders that cannot be listed."""
    refused: list[OSError] = []
    inside = folder.resolve()
    for root, folders, files in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                path = Path(root) / name
                yield path, None if leads_inside(path, inside) else OUTSIDE
        while refused:
            error = refused.pop()
            yield Path(error.filename), describe_os_error(error)
    while refused:
        error = refused.pop()
        yield Path(error.filename), describe_os_error(error)


def leads_inside(path: Path, folder: Path) -> bool:
    """Tell whether what a path leads to lies below `folder`, which is resolved.

    A link that others put into a watched folder could else give away what only this account may
    read.
    """
    try:
        return path.resolve(strict=True).is_relative_to(folder)
    except (OSError, RuntimeError):
        return False


def _read_file(
    path: Path, columns: Columns, outlet: str | None, order: DateOrder | None, place: str | None
) -> "Iterator[Found | SavedAnswer]":
    """Read one file; `place` is the folder it lies in, for want of an outlet."""
    name = path.name.lower()
    if not path.is_file():
        raise SourceError(f"{path}: it is no regular file")
    if not name.endswith(_KNOWN):
        raise SourceError(f"{path}: unknown extension; known are {', '.join(_KNOWN)}")
    if name.endswith(_PARQUET):
        rows = read_parquet(path, columns=columns, outlet=outlet)
        yield from read_settled(rows, order=order)
        return
    may_be_binary = name.endswith((*_PAGES, *_ARCHIVES, *_TABLES, *_XML, *_TELEX))
    with open_binary(path, may_be_binary=may_be_binary) as stream:
        if name.endswith(_XML):
            items = read_xml(stream, str(path), outlet=outlet)
            yield from read_settled(items, order=order)
        elif name.endswith((*_TELEX, *_TEXT)) and looks_like_message(read_head(stream)):
            content = read_whole(stream, str(path), _MAX_DOCUMENT)
            messages = read_messages(content, str(path), outlet=outlet or place)
            yield from read_settled(messages, order=order)
        elif name.endswith((*_TELEX, *_TEXT)):
            yield _read_text_file(str(path), stream, outlet or place)
        elif name.endswith(_JSON):
            records = _read_json_file(str(path), stream, columns, outlet)
            yield from read_settled(records, order=order)
        elif name.endswith(_PAGES):
            yield _read_page_file(str(path), stream, outlet, place)
        elif name.endswith(_ARCHIVES):
            from wirethread.articles.reading.warc import list_answers  # noqa: PLC0415

            yield from list_answers(stream, str(path), outlet=outlet)
        elif name.endswith(_TABLES):
            rows = read_csv(stream, str(path), columns=columns, outlet=outlet)
            yield from read_settled(rows, order=order)
        else:
            records = _read_json_lines(str(path), stream, columns, outlet)
            yield from read_settled(records, order=order)


# --- JSON ---------------------------------------------------------------------------------------


def _read_json_lines(
    name: str, stream: BinaryIO, columns: Columns, outlet: str | None
) -> Iterator[Raw]:
    for number, line in read_lines(stream):
        source = f"{name}:{number}"
        if isinstance(line, BrokenLine):
            yield source, RejectedArticle(source=source, source_id=None, reason=line.reason)
        elif line.strip(b" \t\r\n\xef\xbb\xbf"):
            try:
                record = read_json(line)
            except ValueError as error:
                yield source, RejectedArticle(source=source, source_id=None, reason=str(error))
            else:
                yield from _open_object(record, source, columns, outlet)


def _open_object(value: object, source: str, columns: Columns, outlet: str | None) -> Iterator[Raw]:
    """Yield the articles of an object: itself, or those that it wraps."""
    try:
        if not isinstance(value, Mapping):
            raise ValueError("it is not a JSON object")
        records = list_records(value, (columns or {}).get(RECORDS))
    except ValueError as error:
        yield source, RejectedArticle(source=source, source_id=None, reason=str(error))
        return
    if records is None:
        yield source, _name_object(value, columns, outlet)
        return
    for number, record in enumerate(records, 1):
        place = source if len(records) == 1 else f"{source}[{number}]"
        if isinstance(record, Mapping):
            yield place, _name_object(record, columns, outlet)
        else:
            reason = "it is not a JSON object"
            yield place, RejectedArticle(source=place, source_id=None, reason=reason)


def _name_object(
    record: Mapping[str, Any], columns: Columns, outlet: str | None
) -> Mapping[str, Any]:
    record = name_columns(record, columns)
    return {**record, "outlet": outlet} if outlet else record


def _read_json_file(
    name: str, stream: BinaryIO, columns: Columns, outlet: str | None
) -> Iterator[Raw]:
    """Read a `.json` file: one object, one list of objects, or an object a line."""
    values = _parse_document(stream)
    if values is None:
        stream.seek(0)
        yield from _read_json_lines(name, stream, columns, outlet)
        return
    for number, value in enumerate(values, 1):
        source = name if len(values) == 1 else f"{name}[{number}]"
        yield from _open_object(value, source, columns, outlet)


def _parse_document(stream: BinaryIO) -> list[object] | None:
    try:
        content = stream.read(_MAX_DOCUMENT + 1)
        if len(content) > _MAX_DOCUMENT:
            return None
        value = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError, OSError, EOFError, zlib.error):
        return None
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else None


# --- text and pages -----------------------------------------------------------------------------


_LONGEST_TITLE = 250
"""Characters; a longer first line of a text file is no title."""
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)]*\s*$")


def _read_text_file(source: str, stream: BinaryIO, outlet: str | None) -> Found:
    from wirethread.articles.pages.page import read_page  # noqa: PLC0415

    def reject(reason: str) -> RejectedArticle:
        return RejectedArticle(source=source, source_id=None, reason=reason)

    try:
        content = stream.read(4 * MAX_TEXT + 1)
        whole = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(content) <= 4 * MAX_TEXT:
            return reject(f"it is not UTF-8 (byte {error.start + 1})")
        return reject(f"its text has more than {MAX_TEXT:,} characters")
    except (OSError, EOFError, zlib.error) as error:
        return reject(f"it cannot be read to the end ({error})")
    if is_whole_page(whole):
        return read_page(content, url=None, source=source, outlet=outlet)
    whole = read_text(whole.lstrip("\r\n\t "))
    title, _, text = whole.replace("\r\n", "\n").replace("\r", "\n").partition("\n")
    if len(title) > _LONGEST_TITLE or (not text.strip() and _SENTENCE_END.search(title)):
        title, text = "", whole
    record = {"title": title, "text": text, "outlet": outlet}
    return read_document(record, source)


# Browsers write where a saved page came from.
_SAVED_FROM = re.compile(rb"<!-- saved from url=\(\d+\)(https?://[^\s<>\"]{4,2000}) -->")


def _read_page_file(source: str, stream: BinaryIO, outlet: str | None, place: str | None) -> Found:
    from wirethread.articles.pages.page import MAX_PAGE_BYTES, read_page  # noqa: PLC0415

    try:
        content = stream.read(MAX_PAGE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = f"it cannot be read to the end: {describe_broken(error)}"
        return RejectedArticle(source=source, source_id=None, reason=reason)
    saved = _SAVED_FROM.search(content[:4096])
    url = saved[1].decode("utf-8", "replace") if saved else None
    found = read_page(content, url=url, source=source, outlet=outlet)
    if isinstance(found, SourceArticle) and found.outlet is None and place:
        return replace(found, outlet=place)
    return found


# --- standard input -----------------------------------------------------------------------------


class _Rejoined(io.RawIOBase):
    """A stream with the beginning that was taken from it put back."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        if self._head:
            piece, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            piece = self._rest.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _read_stdin(columns: Columns, outlet: str | None, order: DateOrder | None) -> Iterator[Found]:
    """Read what stands on standard input by its looks: HTML, WARC, a text, or else JSON."""
    try:
        stream, head = _take_head(cast("BinaryIO", sys.stdin.buffer))
        if head[:2] == b"\x1f\x8b":
            stream, head = _take_head(cast("BinaryIO", gzip.GzipFile(fileobj=stream)))
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"stdin: {describe_broken(error)}") from error
    from wirethread.articles.pages.page import looks_like_page  # noqa: PLC0415

    if looks_like_page(head):
        yield _read_page_file("stdin", stream, outlet, None)
    elif looks_like_xml(head):
        yield from read_settled(read_xml(stream, "stdin", outlet=outlet), order=order)
    elif looks_like_message(head):
        content = read_whole(stream, "stdin", _MAX_DOCUMENT)
        yield from read_settled(read_messages(content, "stdin", outlet=outlet), order=order)
    elif head.startswith(b"WARC/"):
        from wirethread.articles.reading.warc import read_warc  # noqa: PLC0415

        yield from read_warc(stream, "stdin", outlet=outlet)
    elif b"\0" in head:
        raise SourceError("stdin: it is binary; JSON Lines, HTML, WARC and plain text are read")
    elif head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[", b""):
        records = _read_stdin_json(stream, head, columns, outlet)
        yield from read_settled(records, order=order)
    else:
        yield _read_text_file("stdin", stream, outlet)


def _take_head(stream: BinaryIO) -> tuple[BinaryIO, bytes]:
    head = stream.read(_HEAD)
    return cast("BinaryIO", io.BufferedReader(_Rejoined(head, stream))), head


def _read_stdin_json(
    stream: BinaryIO, head: bytes, columns: Columns, outlet: str | None
) -> Iterator[Raw]:
    first = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")[0].strip()
    if first not in (b"{", b"[") and not first.startswith(b"["):
        yield from _read_json_lines("stdin", stream, columns, outlet)
        return
    try:
        content = stream.read(_MAX_DOCUMENT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"stdin: {describe_broken(error)}") from error
    if len(content) > _MAX_DOCUMENT:
        whole = cast("BinaryIO", io.BufferedReader(_Rejoined(content, stream)))
        yield from _read_json_lines("stdin", whole, columns, outlet)
    else:
        yield from _read_json_file("stdin", io.BytesIO(content), columns, outlet)
