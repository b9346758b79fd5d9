"""Which arrow type a plain value has in a column, and what a type hint says beside "or None"."""

import types
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Union, get_args, get_origin

import pyarrow as pa

__all__ = ["PLAIN_TYPES", "strip_hint"]

PLAIN_TYPES: Mapping[Any, pa.DataType] = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    datetime: pa.timestamp("us", tz="UTC"),
    date: pa.date32(),
}
"""By type of Python; times are in UTC."""


def strip_hint(hint: Any) -> Any:
    """Return a type hint without its name (`NewType`) and without None.

    Of several types beside None nothing is left out.
    """
    while hasattr(hint, "__supertype__"):
        hint = hint.__supertype__
    if get_origin(hint) in (Union, types.UnionType):
        rest = [kind for kind in get_args(hint) if kind is not type(None)]
        return strip_hint(rest[0]) if len(rest) == 1 else hint
    return hint
