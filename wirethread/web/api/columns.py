"""The arrow types of lists, from the dataclasses of their rows: an empty list has them too."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

import pyarrow as pa

from wirethread.column_types import PLAIN_TYPES, strip_hint

__all__ = ["list_columns"]


def list_columns(kind: type[Any]) -> Mapping[str, pa.DataType]:
    """Return the type of each field of a dataclass, in order.

    Mappings are JSON in a column; times inside a column are words, as they are in JSON. Raises
    `TypeError` for a field that is neither a value nor made of such.
    """
    hints = get_type_hints(kind)
    return {field.name: _find_type(hints[field.name], is_inner=False) for field in fields(kind)}


def _find_type(hint: Any, *, is_inner: bool) -> pa.DataType:
    hint = strip_hint(hint)
    origin = get_origin(hint)
    if origin in (Sequence, list, tuple):
        return pa.list_(_find_type(get_args(hint)[0], is_inner=True))
    if is_dataclass(hint):
        inner = get_type_hints(hint)
        return pa.struct(
            [(field.name, _find_type(inner[field.name], is_inner=True)) for field in fields(hint)]
        )
    is_word = origin is Mapping or (isinstance(hint, type) and issubclass(hint, Enum))
    if is_word or (is_inner and hint in (datetime, date)):
        return pa.string()
    if hint not in PLAIN_TYPES:
        raise TypeError(f"no column can hold {hint}")
    return PLAIN_TYPES[hint]
