"""Labelled stories as the compared systems take them.

A folder holds `stories_NAME.jsonl.gz` files: `id`, `title`, `text`, `published_at` (or null) and
`story`. They are not part of this project.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wirethread.articles.dates.times import read_time

__all__ = ["StorySet", "find_story_sets", "load_story_set"]

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySet:
    """One labelled file."""

    name: str
    source: Path
    articles: list[Row]
    """`id`, `title`, `text`, `day` (days since 1970 with fraction, or None), in file order."""
    stories: list[str]
    """The label of each article."""


def find_story_sets(folder: Path) -> list[StorySet]:
    """Return every labelled file of a folder, by name."""
    return [load_story_set(path) for path in sorted(folder.glob("stories_*.jsonl.gz"))]


def load_story_set(path: Path) -> StorySet:
    """Read one labelled file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    labelled = [row for row in rows if row.get("story") is not None]
    return StorySet(
        name=path.name.removeprefix("stories_").removesuffix(".jsonl.gz"),
        source=path,
        articles=[
            {
                "id": str(row["id"]),
                "title": row.get("title") or "",
                "text": row.get("text") or "",
                "day": read_day(row.get("published_at")),
            }
            for row in labelled
        ],
        stories=[str(row["story"]) for row in labelled],
    )


def read_day(value: Any) -> float | None:
    """Return a time, as our reader understands it, as days since 1970."""
    try:
        moment, _ = read_time(value)
    except ValueError:
        return None
    return moment.timestamp() / 86_400 if moment is not None else None
