"""What people answered about pairs of articles: a JSON Lines file that every answer is added to."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wirethread.articles.errors import SourceError
from wirethread.articles.types.articles import ArticleId

__all__ = ["LABELS_FILE", "PairLabel", "append_label", "list_decided", "read_labels"]

LABELS_FILE = "labels.jsonl"
"""Name of the file in the data folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLabel:
    """Whether two articles, left before right by id, tell one story."""

    left_id: ArticleId
    right_id: ArticleId
    same: bool | None
    """None where the person could not tell: it is not asked again and teaches nothing."""
    by: str
    at: datetime
    """Aware, in UTC."""


def read_labels(path: Path) -> list[PairLabel]:
    """Return the last answer to each pair, by pair; none where there is no file yet.

    A last line that was cut off while it was written is left out. Raises `SourceError` naming file
    and line for anything else that is no answer.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    found: dict[tuple[ArticleId, ArticleId], PairLabel] = {}
    for number, line in enumerate(content[: measure_whole(content)].splitlines(), 1):
        if line.strip():
            label = parse_label(line, f"{path}:{number}")
            found[label.left_id, label.right_id] = label
    return [found[pair] for pair in sorted(found)]


def append_label(path: Path, label: PairLabel) -> None:
    """Add an answer and wait until it is on the disk. Raises `SourceError` where it cannot be."""
    record = {
        "left_id": label.left_id,
        "right_id": label.right_id,
        "same": label.same,
        "by": label.by,
        "at": label.at.isoformat(),
    }
    try:
        with path.open("a+b") as file:
            file.seek(0)
            content = file.read()
            n_whole = measure_whole(content)
            file.truncate(n_whole)
            line = json.dumps(record, ensure_ascii=False) + "\n"
            is_open = n_whole > 0 and content[n_whole - 1 : n_whole] != b"\n"
            file.write(("\n" + line if is_open else line).encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SourceError(f"{path}: cannot be written: {error.strerror}") from error


def measure_whole(content: bytes) -> int:
    """Return how many bytes of a file of answers are whole lines: all but a torn last one."""
    end = content.rfind(b"\n") + 1
    try:
        return len(content) if isinstance(json.loads(content[end:]), dict) else end
    except ValueError:
        return end


def parse_label(line: bytes, place: str) -> PairLabel:
    """Return the answer on a line. Raises `SourceError` naming the place."""
    try:
        row = json.loads(line)
        left, right = sorted((read_text(row, "left_id"), read_text(row, "right_id")))
        same = row["same"]
        if left == right:
            raise ValueError("left_id and right_id are the same article")
        if same is not None and not isinstance(same, bool):
            raise ValueError(f"same must be true, false or null, not {same!r}")
        at = datetime.fromisoformat(row["at"]) if row.get("at") else datetime.fromtimestamp(0, UTC)
    except KeyError as error:
        raise SourceError(f"{place}: {error.args[0]} is missing") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise SourceError(f"{place}: no answer about a pair: {error}") from None
    return PairLabel(
        left_id=ArticleId(left),
        right_id=ArticleId(right),
        same=same,
        by=str(row.get("by") or "unknown"),
        at=at if at.tzinfo else at.replace(tzinfo=UTC),
    )


def read_text(row: Any, name: str) -> str:
    value = row[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be an article id, not {value!r}")
    return value


def list_decided(labels: Iterable[PairLabel]) -> list[PairLabel]:
    """Return the answers that say yes or no."""
    return [label for label in labels if label.same is not None]
