"""The articles of an archive in the form that `wirethread run` reads: the same archive comes out.

A view shows what was concluded as well as what was read. Here stands only what was read, under the
names that readers know, every version of an article in the order in which they were read.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from wirethread.articles.credits.declared import is_author_field, is_plain_field
from wirethread.articles.parsing.byline import HEAD_PARAGRAPHS, read_byline
from wirethread.storage.answers.whole.intake import stream_read_articles
from wirethread.storage.catalog import Catalog

__all__ = ["INTAKE_FILE", "list_intake", "make_record", "write_intake"]

INTAKE_FILE = "intake.jsonl"

_MADE_HEADLINE = "mark:headline_made"


def write_intake(catalog: Catalog, path: Path, *, since: datetime | None = None) -> int:
    """Write a JSON object an article, a line each, and return how many; `since` is naive UTC."""
    n_rows = 0
    with path.open("w", encoding="utf-8") as file:
        for record in list_intake(catalog, since=since):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            n_rows += 1
    return n_rows


def list_intake(catalog: Catalog, *, since: datetime | None = None) -> Iterator[dict[str, Any]]:
    """Yield each article as a record that the readers take; `since` is naive, in UTC."""
    yield from map(make_record, stream_read_articles(catalog, HEAD_PARAGRAPHS, since=since))


def make_record(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the query as a record without what is empty."""
    notes = dict(row["notes"] or ())
    record: dict[str, Any] = {
        "id": row["source_id"],
        "url": row["url"],
        "outlet": row["outlet"],
        "title": None if _MADE_HEADLINE in notes else row["headline"],
        "text": row["text"],
        "published_at": _write_moment(row["published_at"], row["published_precision"]),
        "updated_at": _write_moment(row["updated_at"], "second"),
        "language": row["language"],
    }
    record |= {name: words for name, words in notes.items() if not name.startswith("mark:")}
    has_authors = False
    for name, words in dict(row["credits"] or ()).items():
        if is_author_field(name):
            has_authors = True
            names = words.split("; ")
            record["authors"] = names if ", ".join(names) == row["byline"] else words
        elif is_plain_field(name):
            record.setdefault(name, words)
        elif name != "outlet":  # its own name, which stands there
            record.setdefault("declared", {})[name] = words
    if not has_authors and row["byline"] != read_byline(row["head"] or ()):
        record["byline"] = row["byline"]
    return {name: value for name, value in record.items() if value not in (None, "")}


def _write_moment(moment: datetime | None, precision: str) -> str | None:
    if moment is None:
        return None
    if precision == "day":
        return f"{moment:%Y-%m-%d}"
    return f"{moment.isoformat()}Z"
