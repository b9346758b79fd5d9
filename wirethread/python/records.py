"""Records that a caller has in the hand: texts, dicts, rows of a frame."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from wirethread.articles.errors import SourceError
from wirethread.as_json import to_plain

__all__ = ["Records", "is_frame", "list_given", "write_records"]


@runtime_checkable
class _PolarsFrame(Protocol):
    def to_dicts(self) -> list[dict[str, Any]]: ...


@runtime_checkable
class _ArrowTable(Protocol):
    def to_pylist(self) -> list[dict[str, Any]]: ...


@runtime_checkable
class _PandasFrame(Protocol):
    columns: Any

    def to_dict(self, orient: str) -> list[dict[str, Any]]: ...


Records = Iterable[Any] | _PolarsFrame | _ArrowTable | _PandasFrame
"""Texts, mappings, or a frame of pandas, polars or arrow."""


def is_frame(given: Any) -> bool:
    """Whether `given` is a table of pandas, polars or arrow."""
    return isinstance(given, _PolarsFrame | _ArrowTable | _PandasFrame)


def list_given(given: Any) -> list[Any]:
    """Return the records of an iterable, or of a frame as one dict a row, as they are.

    Raises `SourceError` where `given` is neither.
    """
    if isinstance(given, _PolarsFrame):
        return given.to_dicts()
    if isinstance(given, _ArrowTable):
        return given.to_pylist()
    if isinstance(given, _PandasFrame):
        return given.to_dict("records")
    if isinstance(given, Mapping | str | bytes) or not isinstance(given, Iterable):
        raise SourceError(
            f"records are a list of texts or dicts, or a frame, not {type(given).__name__}"
            + ("; collect() makes one of it" if hasattr(given, "collect") else "")
        )
    return list(given)


def write_records(records: Iterable[Any], path: Path) -> None:
    """Write dicts as JSON Lines; a value that is not a number, or no time, is left out.

    Raises `SourceError` where a record is no mapping; it says which.
    """
    with path.open("w", encoding="utf-8", errors="replace") as file:
        for number, record in enumerate(records, 1):
            if not isinstance(record, Mapping):
                raise SourceError(f"record {number} is {type(record).__name__}, not a dict")
            plain = {
                str(name): to_plain(value) for name, value in record.items() if not _is_gap(value)
            }
            file.write(json.dumps(plain, ensure_ascii=False) + "\n")


def _is_gap(value: Any) -> bool:
    """Whether a value stands for none, as NaN and NaT do: they differ from themselves."""
    if value is None:
        return True
    try:
        return bool(value != value)  # noqa: PLR0124
    except (TypeError, ValueError):  # an array
        return False
