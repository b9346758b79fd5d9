"""From files and folders to source articles, one at a time.

JSON Lines (`.jsonl`, `.ndjson`, `.json`, each also `.gz`) hold an article a line; a small `.json`
file may also be one article or one list of them. A plain text file (`.txt`, `.txt.gz`) is one
article whose first line is the title. A folder is walked in sorted order.
"""

import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from articles.errors import SourceError
from articles.lines import BrokenLine, describe_os_error, open_binary, read_lines
from articles.records import MAX_TEXT, read_json, read_record
from articles.types import RejectedArticle, SourceArticle

__all__ = ["read_articles"]

_LINES = (".jsonl", ".ndjson", ".jl", ".jsonl.gz", ".ndjson.gz", ".jl.gz")
_JSON = (".json", ".json.gz")
_TEXT = (".txt", ".txt.gz")
_KNOWN = (*_LINES, *_JSON, *_TEXT)
_MAX_DOCUMENT = 16 * 1024 * 1024
"""Bytes; a larger `.json` file is read as JSON Lines only."""

Found = SourceArticle | RejectedArticle


def read_articles(source: str | Path) -> Iterator[Found]:
    """Yield each article of a file or folder, or why it is set aside.

    The outlet is what the record says; without that, the host of its address; for a text file, the
    name of the folder it lies in where that is below `source`; otherwise None.

    Raises:
        SourceError: where the whole source cannot be read: it is missing, forbidden, binary or of
            an unknown extension, or a folder that holds no files. In a folder, a single file that
            cannot be read is one `RejectedArticle`.
    """
    path = Path(source)
    try:
        is_folder = path.is_dir()
        if not is_folder and not path.exists():
            raise SourceError(f"{path}: there is no such file or folder")
    except (OSError, ValueError) as error:
        reason = describe_os_error(error) if isinstance(error, OSError) else str(error)
        raise SourceError(f"{path}: {reason}") from error
    if is_folder:
        yield from _read_folder(path)
    else:
        yield from _read_file(path, None)


def _read_folder(folder: Path) -> Iterator[Found]:
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
        outlet = path.parent.name if path.parent != folder else None
        try:
            yield from _read_file(path, outlet)
        except SourceError as error:
            reason = str(error).removeprefix(f"{path}: ")
            yield RejectedArticle(source=str(path), source_id=None, reason=reason)
    if n_files == 0:
        raise SourceError(f"{folder}: the folder holds no files")


def _walk(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Yield the files below a folder in sorted order, and folders that cannot be listed."""
    refused: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(root) / name, None
        while refused:
            error = refused.pop()
            yield Path(error.filename), describe_os_error(error)
    while refused:
        error = refused.pop()
        yield Path(error.filename), describe_os_error(error)


def _read_file(path: Path, outlet: str | None) -> Iterator[Found]:
    name = path.name.lower()
    if not path.is_file():
        raise SourceError(f"{path}: it is no regular file")
    if not name.endswith(_KNOWN):
        raise SourceError(f"{path}: unknown extension; known are {', '.join(_KNOWN)}")
    with open_binary(path) as stream:
        if name.endswith(_TEXT):
            yield _read_text_file(path, stream, outlet)
        elif name.endswith(_JSON):
            yield from _read_document(path, stream)
        else:
            yield from _read_json_lines(path, stream)


def _read_json_lines(path: Path, stream: BinaryIO) -> Iterator[Found]:
    for number, line in read_lines(stream):
        source = f"{path}:{number}"
        if isinstance(line, BrokenLine):
            yield RejectedArticle(source=source, source_id=None, reason=line.reason)
        elif line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield _read_line(line, source)


def _read_line(line: bytes, source: str) -> Found:
    try:
        record = read_json(line)
    except ValueError as error:
        return RejectedArticle(source=source, source_id=None, reason=str(error))
    return read_record(record, source)


def _read_document(path: Path, stream: BinaryIO) -> Iterator[Found]:
    """Read a `.json` file: one object, one list of objects, or an object a line."""
    values = _parse_document(stream)
    if values is None:
        stream.seek(0)
        yield from _read_json_lines(path, stream)
        return
    for number, value in enumerate(values, 1):
        source = str(path) if len(values) == 1 else f"{path}[{number}]"
        if isinstance(value, dict):
            yield read_record(value, source)
        else:
            yield RejectedArticle(source=source, source_id=None, reason="it is not a JSON object")


def _parse_document(stream: BinaryIO) -> list[object] | None:
    try:
        content = stream.read(_MAX_DOCUMENT + 1)
        if len(content) > _MAX_DOCUMENT:
            return None
        value = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError, OSError, EOFError, zlib.error):
        return None
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else None


def _read_text_file(path: Path, stream: BinaryIO, outlet: str | None) -> Found:
    source = str(path)

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
    whole = whole.lstrip("\r\n\t ")
    title, _, text = whole.replace("\r\n", "\n").replace("\r", "\n").partition("\n")
    record = {"title": title, "text": text, "outlet": outlet}
    return read_record(record, source)
