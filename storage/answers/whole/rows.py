"""Rows of any number, one after another, within a day of time."""

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.free_query import SqlSettings, list_rows

__all__ = ["stream_pieces", "stream_rows"]

_SETTINGS = SqlSettings(timeout_seconds=86_400.0)


def stream_pieces(
    catalog: Catalog, sql: str, given: Mapping[str, Any] | None = None
) -> Iterator[pa.Table]:
    """Yield the answer piece by piece; the first piece is empty and has the schema."""
    yield from catalog.stream_read_only(sql, given or {}, settings=_SETTINGS)


def stream_rows(
    catalog: Catalog, sql: str, given: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the rows, `column -> value`."""
    for piece in stream_pieces(catalog, sql, given):
        yield from list_rows(piece)
