"""Which segments to merge, so that each vector is written a few times in all and not each run.

Segments below the smallest size are merged into one. Above it, sizes stand in levels, each
`FAN` times the one before; `FAN` segments of a level become one of the next. So an archive of n
vectors has about `FAN` segments a level, and a vector is rewritten once a level.
"""

import math
from collections.abc import Mapping

__all__ = ["FAN", "plan_merges"]

FAN = 4


def plan_merges(sizes: Mapping[str, int], min_rows: int) -> list[list[str]]:
    """Return groups of two segments or more to be merged each into one; `sizes` are in rows."""
    groups = [[name] for name in sizes]
    while True:
        merged = _find_group(groups, sizes, min_rows)
        if merged is None:
            return [sorted(group) for group in groups if len(group) > 1]
        groups = [group for group in groups if group not in merged]
        groups.append([name for group in merged for name in group])


def _find_group(
    groups: list[list[str]], sizes: Mapping[str, int], min_rows: int
) -> list[list[str]] | None:
    """Return the groups of the lowest level that are enough to become one, None for none."""
    levels: dict[int, list[list[str]]] = {}
    for group in groups:
        n_rows = sum(sizes[name] for name in group)
        level = -1 if n_rows < min_rows else int(math.log(n_rows / min_rows, FAN) + 1e-9)
        levels.setdefault(level, []).append(group)
    for level in sorted(levels):
        if len(levels[level]) >= (2 if level < 0 else FAN):
            return levels[level]
    return None
