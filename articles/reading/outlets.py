"""Outlets for articles that name none: a name that is given, or a part of the file's path."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from wirethread.articles.types.articles import UNKNOWN_OUTLET, SourceArticle

__all__ = ["compile_pattern", "name_outlets"]

_PLACE = "{outlet}"
_FOLDER = "folder"
_LINE = re.compile(r":\d+$")
_NOBODY = frozenset(("", UNKNOWN_OUTLET, "n/a", "na", "none", "null", "nan", "-", "--"))
_TEXTS = (".txt", ".txt.gz")
"""Files of which the reader takes the folder's name, for want of an outlet in them."""

Other = TypeVar("Other")


def name_outlets(
    found: Iterable[SourceArticle | Other],
    root: str,
    *,
    outlet: str | None,
    outlet_from: str | None,
) -> Iterator[SourceArticle | Other]:
    """Yield what was read below `root`, with an outlet for the articles that name none.

    That is what stands at `{outlet}` in the path of the file, where `outlet_from` fits it, else
    `outlet`. Words that only fill the field (`n/a`, `unknown`) name nobody.
    """
    pattern = compile_pattern(outlet_from) if outlet_from else None
    for entry in found:
        if not isinstance(entry, SourceArticle):
            yield entry
            continue
        named = None if (entry.outlet or "").strip().casefold() in _NOBODY else entry.outlet
        path = _LINE.sub("", entry.source)
        in_path = _read_path(pattern, path, root) if pattern else None
        if in_path and (named is None or path.lower().endswith(_TEXTS)):
            named = in_path
        wanted = named or outlet
        yield entry if wanted == entry.outlet else replace(entry, outlet=wanted)


@lru_cache(maxsize=32)
def compile_pattern(outlet_from: str) -> re.Pattern[str]:
    """Return a pattern for paths below a source, as a regular expression with a group `outlet`.

    `*` and `?` stand for characters of one name, `**` for any folders, `{outlet}` for the outlet;
    `folder` alone for the file's own folder. `{outlet}` must be in it once (`ValueError`).
    """
    words = "**/{outlet}/*" if outlet_from == _FOLDER else outlet_from
    if words.count(_PLACE) != 1:
        raise ValueError(
            f"outlet_from: {outlet_from!r} must hold {_PLACE} once, or be the word {_FOLDER}"
        )
    parts = re.split(r"(\{outlet\}|\*\*/|\*\*|\*|\?)", words.strip("/"))
    forms = {
        _PLACE: r"(?P<outlet>[^/]+?)",
        "**/": r"(?:.*/)?",
        "**": r".*",
        "*": r"[^/]*",
        "?": r"[^/]",
    }
    return re.compile("".join(forms.get(part, re.escape(part)) for part in parts))


def _read_path(pattern: re.Pattern[str], path: str, root: str) -> str | None:
    """Return what stands for the outlet in a path, looked at from `root`."""
    try:
        below = Path(path).relative_to(root).as_posix()
    except ValueError:
        below = "."
    if below == ".":  # a file that was given by its name
        below = Path(path).absolute().as_posix().lstrip("/")
        match = re.compile(rf"(?:.*/)?{pattern.pattern}").fullmatch(below)
    else:
        match = pattern.fullmatch(below)
    return match["outlet"].strip() or None if match else None
