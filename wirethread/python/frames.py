"""Records as tables: arrow at once, pandas and polars where they are installed and asked for."""

# ruff: noqa: PLC0415 - frames are imported by whoever asks for them

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import pyarrow as pa

from wirethread.articles.errors import ConfigError
from wirethread.as_json import to_plain
from wirethread.column_types import PLAIN_TYPES, strip_hint
from wirethread.storage.engine.free_query import holds_type, list_rows

__all__ = ["to_arrow", "to_pandas", "to_polars"]


def to_arrow(records: Sequence[Any], kind: type) -> pa.Table:
    """Return frozen records of one dataclass as an arrow table, a column a field.

    Times are `timestamp[us, UTC]`, words of a fixed list are strings, lists are lists. A record
    inside a record is taken apart: its fields stand beside the others, under their own names, or
    `outer_inner` where the name is taken. What may be anything is text: itself, or JSON.
    """
    columns = _list_columns(kind)
    return pa.table(
        {
            name: pa.array([to_value(_reach(record, path)) for record in records], type=arrow_type)
            for name, (path, arrow_type, to_value) in columns.items()
        }
    )


def to_pandas(table: pa.Table) -> Any:
    """Return a table as a `pandas.DataFrame`. Raises `ConfigError` where pandas is missing."""
    try:
        import pandas  # noqa: F401 - pyarrow imports it too, but says less where it fails
    except ImportError:
        raise ConfigError(_say_missing("pandas")) from None
    return _convert(table, lambda whole: whole.to_pandas())


def to_polars(table: pa.Table) -> Any:
    """Return a table as a `polars.DataFrame`. Raises `ConfigError` where polars is missing."""
    try:
        import polars
    except ImportError:
        raise ConfigError(_say_missing("polars")) from None
    strange = [field.name for field in table.schema if holds_type(field.type, _panics)]
    return _convert(_reword(table, strange), polars.from_arrow)


def _panics(kind: pa.DataType) -> bool:
    """Tell whether polars panics at a type, or refuses it: spans of time, fields without names."""
    if pa.types.is_struct(kind):
        names = [kind.field(place).name for place in range(kind.num_fields)]
        return len(set(names)) < len(names)
    return bool(pa.types.is_interval(kind))


def _convert(table: pa.Table, to_frame: Callable[[pa.Table], Any]) -> Any:
    """Return a table as a frame, with words in place of columns that the frame has no values for.

    Such are days past the year 9999 in pandas.
    """
    try:
        return to_frame(table)
    except Exception:
        refused = [
            name for name in table.column_names if not _is_taken(table.select([name]), to_frame)
        ]
    return to_frame(_reword(table, refused))


def _is_taken(column: pa.Table, to_frame: Callable[[pa.Table], Any]) -> bool:
    try:
        to_frame(column)
    except Exception:
        return False
    return True


def _reword(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """Return a table with the words of DuckDB in place of the values of some columns."""
    for name in names:
        words = [row[name] for row in list_rows(table.select([name]))]
        plain = [None if one is None else str(one) for one in words]
        place = table.column_names.index(name)
        table = table.set_column(place, name, pa.array(plain, pa.string()))
    return table


def _say_missing(name: str) -> str:
    return f"{name} is not installed: pip install 'wirethread[{name}]'"


Column = tuple[tuple[str, ...], pa.DataType, Callable[[Any], Any]]


@cache
def _list_columns(kind: type) -> Mapping[str, Column]:
    """Return by column how to reach its value from a record, its type, and how it is written."""
    hints = get_type_hints(kind)
    own = {field.name for field in fields(kind)}
    columns: dict[str, Column] = {}
    for name in (field.name for field in fields(kind)):
        inner = strip_hint(hints[name])
        if isinstance(inner, type) and is_dataclass(inner):
            for below, (path, *rest) in _list_columns(inner).items():
                is_free = below not in own and below not in columns
                columns[below if is_free else f"{name}_{below}"] = ((name, *path), *rest)
        elif hints[name] is Any:
            columns[name] = ((name,), pa.string(), _to_words)
        else:
            columns[name] = ((name,), _choose_type(inner), _to_value)
    return columns


def _choose_type(hint: Any) -> pa.DataType:
    hint = strip_hint(hint)
    if hint in PLAIN_TYPES:
        return PLAIN_TYPES[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return pa.string()
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        return pa.struct([(field.name, _choose_type(hints[field.name])) for field in fields(hint)])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return pa.map_(_choose_type(inner[0]), _choose_type(inner[1]))
    if isinstance(origin, type) and issubclass(origin, Sequence | frozenset):
        return pa.list_(_choose_type(inner[0]))
    return pa.string()


def _reach(record: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if record is None:
            return None
        record = getattr(record, name)
    return record


def _to_words(value: Any) -> str | None:
    """Return what may be anything as text: itself, or JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(to_plain(value), ensure_ascii=False)


def _to_value(value: Any) -> Any:
    if isinstance(value, Enum):
        return str(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _to_value(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return [(key, _to_value(inner)) for key, inner in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_to_value(inner) for inner in value]
    return value
