"""Answers as JSON: dataclasses by field name, times in ISO 8601."""

import json
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import numpy as np

from wirethread.articles.printable import escape_unseen

__all__ = ["to_json", "to_plain"]


def to_plain(value: Any) -> Any:  # noqa: PLR0911 - a line a kind of value
    """Return `value` in the types that JSON knows; what is not a number becomes null."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = _sort_set(value) if isinstance(value, set | frozenset) else value
        return [to_plain(item) for item in items]
    if isinstance(value, np.ndarray):  # a list in a column, as pandas reads Parquet
        return to_plain(value.tolist())
    if isinstance(value, np.generic):
        return to_plain(value.item())
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    return str(value)


def _sort_set(values: Set[Any]) -> list[Any]:
    try:
        return sorted(values)
    except TypeError:  # of several types
        return sorted(values, key=repr)


def to_json(value: Any) -> str:
    """Return `value` as indented JSON, in which no character acts on a terminal."""
    return escape_unseen(json.dumps(to_plain(value), ensure_ascii=False, indent=2))
