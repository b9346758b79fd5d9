"""Tables of articles: CSV with whatever separator, and Parquet, a row an article.

Columns are named as the fields of a JSON line, or a mapping says which column is which field.
"""

import codecs
import csv
import io
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from wirethread.articles.errors import SourceError
from wirethread.articles.reading.lines import BrokenLine, describe_broken, read_lines
from wirethread.articles.records.record import MAX_TEXT, field_names
from wirethread.articles.records.wrappers import RECORDS, find_path
from wirethread.articles.types.articles import RejectedArticle

__all__ = ["name_columns", "read_csv", "read_parquet"]

Raw = tuple[str, Mapping[str, Any] | RejectedArticle]
"""Where a record stands, and the record or why there is none."""

_SEPARATORS = (",", ";", "\t", "|")
_MAX_UTF16 = 64 * 1024 * 1024
_ROWS = 64
"""Rows of a Parquet file in memory at once: texts may be long."""
_MAX_GROUP_BYTES = 8 * 1024**3
"""Unpacked size that a row group may claim."""
_EXTRA = ("agency", "agencies", "credit", "credit_line", "creditline", "creditText", "provider",
          "sourceOrganization", "source", "copyrightHolder", "news_agency", "wire", "isBasedOn",
          "declared", "bodies", "headlines", "infosources", "body_html", "published")  # fmt: skip


def name_columns(record: Mapping[str, Any], columns: Mapping[str, str] | None) -> Mapping[str, Any]:
    """Return a record with the fields that `columns` (our field -> their name) assigns."""
    if not columns:
        return record
    taken = set(columns.values())
    named = {name: value for name, value in record.items() if name not in taken}
    return {
        **named,
        **{
            ours: record[theirs] if theirs in record else find_path(record, theirs)
            for ours, theirs in columns.items()
            if ours != RECORDS
        },
    }


def _check_columns(name: str, present: Sequence[str], columns: Mapping[str, str] | None) -> None:
    shown = ", ".join(column[:60] for column in present[:40])
    missing = [column for column in (columns or {}).values() if column not in present]
    if missing:
        raise SourceError(f"{name}: there is no column {missing[0]!r}; the columns are: {shown}")
    known = {*field_names(), *_EXTRA}
    if not known & {*present, *(columns or {})}:
        raise SourceError(
            f"{name}: no column has a name that is known (title, text, url, published_at, ...); "
            f"the columns are: {shown}; say which is which: --columns title=NAME,text=NAME"
        )


# --- CSV ----------------------------------------------------------------------------------------


def read_csv(
    stream: BinaryIO,
    name: str,
    *,
    columns: Mapping[str, str] | None = None,
    outlet: str | None = None,
) -> Iterator[Raw]:
    """Yield the record of each row of a CSV file; `name:12` is the row that begins in line 12.

    The separator is told from the header. Text is UTF-8, or UTF-16 with a byte order mark; a row
    that is neither is read as Windows-1252.

    Raises:
        SourceError: where the header lacks a mapped column, or names nothing that is known.
    """
    rows = _Rows(stream)
    header = rows.read_header()
    if header is None:
        return
    _check_columns(name, header, columns)
    for line, row in rows:
        source = f"{name}:{line}"
        if isinstance(row, str):
            yield source, RejectedArticle(source=source, source_id=None, reason=row)
            continue
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            reason = f"the row has {len(row)} cells, but the header {len(header)}"
            yield source, RejectedArticle(source=source, source_id=None, reason=reason)
            continue
        record = dict(zip(reversed(header), reversed(row), strict=True))
        yield source, _name_row(record, columns, outlet)


def _name_row(
    record: Mapping[str, Any], columns: Mapping[str, str] | None, outlet: str | None
) -> Mapping[str, Any]:
    named = {name: value for name, value in name_columns(record, columns).items() if value != ""}
    if outlet:
        named["outlet"] = outlet
    return named


class _Rows:
    """Rows with the line each begins in; where one is broken, the reason in its place.

    A quotation mark that is never closed would swallow the rest of the file: the lines that it took
    are given back, so that only its own row is lost.
    """

    def __init__(self, stream: BinaryIO) -> None:
        csv.field_size_limit(4 * MAX_TEXT)
        self._lines = _decode_lines(stream)
        self._returned: deque[tuple[int, str | BrokenLine]] = deque()
        self._taken: list[tuple[int, str]] = []
        self._broken: tuple[int, str] | None = None
        self._separator = ","

    def read_header(self) -> list[str] | None:
        """Return the names of the columns, or None where the file is empty."""
        for number, line in self._lines:
            if isinstance(line, BrokenLine):
                raise SourceError(f"the header of the table cannot be read: {line.reason}")
            if line.strip():
                bare = re.sub(r'"[^"]*"', "", line)
                self._separator = max(_SEPARATORS, key=bare.count)
                self._returned.append((number, line))
                break
        else:
            return None
        for _, row in self:
            if isinstance(row, str):
                raise SourceError(f"the header of the table cannot be read: {row}")
            return [cell.strip().strip("\ufeff") for cell in row]
        return None

    def _feed(self) -> Iterator[str]:
        while True:
            if self._returned:
                number, line = self._returned.popleft()
            else:
                item = next(self._lines, None)
                if item is None:
                    return
                number, line = item
            if isinstance(line, BrokenLine):
                self._broken = (number, line.reason)
                return
            self._taken.append((number, line))
            yield line

    def __iter__(self) -> Iterator[tuple[int, list[str] | str]]:
        while True:
            reader = csv.reader(self._feed(), delimiter=self._separator, strict=True)
            while True:
                self._taken.clear()
                try:
                    row = next(reader)
                except StopIteration:
                    break
                except csv.Error as error:
                    yield self._recover(str(error))
                    break
                yield (self._taken[0][0] if self._taken else 0), row
            if self._broken is not None:
                yield self._broken
                self._broken = None
            elif not self._returned:
                return

    def _recover(self, error: str) -> tuple[int, str]:
        number = self._taken[0][0] if self._taken else 0
        self._returned.extendleft(reversed(self._taken[1:]))
        if "field larger" in error or "unexpected end" in error:
            return number, "a quotation mark in the row is never closed, or a cell is too long"
        return number, f"the row is no well-formed CSV ({error})"


def _decode_lines(stream: BinaryIO) -> Iterator[tuple[int, str | BrokenLine]]:
    head = stream.read(2)
    stream.seek(0)
    if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        yield from _decode_utf16(stream)
        return
    for number, line in read_lines(stream):
        if isinstance(line, BrokenLine):
            yield number, line
            continue
        try:
            words = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            words = line.decode("cp1252", "replace")
        yield number, words.replace("\0", "")


def _decode_utf16(stream: BinaryIO) -> Iterator[tuple[int, str | BrokenLine]]:
    try:
        content = stream.read(_MAX_UTF16 + 1)
    except (OSError, EOFError, zlib.error) as error:
        yield 1, BrokenLine(f"{describe_broken(error)}; nothing is read", is_last=True)
        return
    words = content[:_MAX_UTF16].decode("utf-16", "replace")
    number = 0
    for number, line in enumerate(io.StringIO(words, newline=""), 1):
        yield number, line.replace("\0", "")
    if len(content) > _MAX_UTF16:
        limit = _MAX_UTF16 // 2**20
        yield number, BrokenLine(f"a UTF-16 table is read to {limit} MiB; save it as UTF-8")


# --- Parquet ------------------------------------------------------------------------------------


def read_parquet(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    outlet: str | None = None,
) -> Iterator[Raw]:
    """Yield the record of each row of a Parquet file; `path:12` is its twelfth row.

    Only columns that a field may come from are read, a few rows at a time.

    Raises:
        SourceError: where it is no Parquet file, lacks a mapped column, or has none that is known.
    """
    import pyarrow as pa  # noqa: PLC0415 - not needed for other formats
    from pyarrow import parquet  # noqa: PLC0415

    broken = (pa.ArrowException, OSError, ValueError, MemoryError, TypeError, KeyError)
    try:
        table = parquet.ParquetFile(path)
    except broken as error:
        reason = f"it is no Parquet file that can be read ({_say(error)})"
        raise SourceError(f"{path}: {reason}") from error
    with table:
        try:
            present = list(table.schema_arrow.names)
            groups = [table.metadata.row_group(n) for n in range(table.metadata.num_row_groups)]
            size = max((group.total_byte_size for group in groups), default=0)
        except broken as error:
            raise SourceError(f"{path}: its description is broken ({_say(error)})") from error
        _check_columns(str(path), present, columns)
        if size > _MAX_GROUP_BYTES:
            raise SourceError(f"{path}: a row group claims {size:,} bytes")
        known = {*field_names(), *_EXTRA, *(columns or {}).values()}
        wanted = [column for column in present if column in known]
        number = 0
        try:
            for batch in table.iter_batches(batch_size=_ROWS, columns=wanted, use_threads=False):
                for record in _plain_rows(batch, pa):
                    number += 1
                    yield f"{path}:{number}", _name_row(record, columns, outlet)
        except broken as error:
            source = f"{path}:{number + 1}"
            reason = f"the file is broken here ({_say(error)}); the rest is not read"
            yield source, RejectedArticle(source=source, source_id=None, reason=reason)


def _say(error: BaseException) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__


def _plain_rows(batch: Any, pa: Any) -> list[dict[str, Any]]:
    """Return rows of plain values; nanoseconds, which Python's times lack, are dropped."""
    arrays: list[Any] = []
    for column in batch.columns:
        kind = column.type
        if pa.types.is_timestamp(kind) and kind.unit == "ns":
            arrays.append(column.cast(pa.timestamp("us", tz=kind.tz), safe=False))
        else:
            arrays.append(column)
    plain: Callable[[], list[dict[str, Any]]] = pa.RecordBatch.from_arrays(
        arrays, names=batch.schema.names
    ).to_pylist
    return [
        {name: _plain(value) for name, value in row.items() if value is not None} for row in plain()
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value[: 4 * MAX_TEXT].decode("utf-8", "replace")
    return value
