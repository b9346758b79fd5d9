"""Lists that go on behind a place: by what they are ordered by, not by counting rows.

What was published meanwhile moves rows up and down; whoever turns the page then still goes on
where the last one ended.
"""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

__all__ = ["EVERYTHING", "Key", "Place", "cut_page", "follow_place", "list_keys", "order_by"]

EVERYTHING = 2**40
"""More rows than any list has: the limit of one that has none."""
Key = tuple[str, bool]
"""What a list is ordered by, in SQL, never NULL, and whether the largest stands first."""
Place = Sequence[int | float | str]
"""The value of each key in the last row that was shown."""


def order_by(keys: Sequence[Key]) -> str:
    """Return the order in SQL."""
    return ", ".join(f"{key}{' DESC' if is_down else ''}" for key, is_down in keys)


def list_keys(keys: Sequence[Key]) -> str:
    """Return the keys as columns `key_0`, `key_1` and so on."""
    return ", ".join(f"{key} AS key_{number}" for number, (key, _) in enumerate(keys))


def follow_place(keys: Sequence[Key], after: Place | None) -> tuple[str, dict[str, Any]]:
    """Return the condition for what stands behind a place, and its values.

    Raises `ValueError` where the place has not as many values as there are keys.
    """
    if after is None:
        return "true", {}
    if len(after) != len(keys):
        raise ValueError(f"a place in this list has {len(keys)} values, not {len(after)}")
    condition = "false"
    for number, (key, is_down) in reversed(list(enumerate(keys))):
        sign, name = "<" if is_down else ">", f"$after_{number}"
        condition = f"({key} {sign} {name} OR ({key} = {name} AND {condition}))"
    return condition, {f"after_{number}": value for number, value in enumerate(after)}


def cut_page(table: pa.Table, limit: int) -> tuple[pa.Table, Place | None]:
    """Return the first `limit` rows without their keys, and where the list goes on.

    The table was asked for one row more, with `list_keys`; None where it has no more.
    """
    names = [name for name in table.column_names if name.startswith("key_")]
    shown = table.slice(0, limit)
    if table.num_rows <= limit:
        return shown.drop_columns(names), None
    last = shown.slice(limit - 1).select(names).to_pylist()[0]
    return shown.drop_columns(names), list(last.values())
