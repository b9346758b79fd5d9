"""Queries that people saved, in one small file of the data folder."""

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from wirethread.articles.errors import CorrectionError
from wirethread.storage.engine.whole_file import write_small_file

__all__ = ["SavedQueries", "SavedQuery"]

FILE = "page-queries.json"
MOST_SAVED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedQuery:
    """A query under a name."""

    name: str
    sql: str


class SavedQueries:
    """The saved queries of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._turn = threading.Lock()

    def list_queries(self) -> Sequence[SavedQuery]:
        """Return the queries by name; none where the file is missing or damaged."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            return [SavedQuery(name=str(one["name"]), sql=str(one["sql"])) for one in found]
        except (OSError, ValueError, TypeError, KeyError):
            return []

    def save(self, query: SavedQuery) -> None:
        """Save a query, in the place of one of the same name."""
        with self._turn:
            kept = [one for one in self.list_queries() if one.name != query.name]
            if len(kept) >= MOST_SAVED:
                raise CorrectionError(f"{MOST_SAVED} queries are saved already: forget one first")
            self._write([*kept, query])

    def forget(self, name: str) -> None:
        """Forget a query."""
        with self._turn:
            self._write([query for query in self.list_queries() if query.name != name])

    def stamp(self) -> str:
        """Return what changes when a query is saved or forgotten."""
        try:
            found = self._path.stat()
        except OSError:
            return ""
        return f"{found.st_ino}-{found.st_mtime_ns}"

    def _write(self, queries: Sequence[SavedQuery]) -> None:
        ordered = sorted(queries, key=lambda one: one.name.casefold())
        words = json.dumps([asdict(one) for one in ordered], ensure_ascii=False, indent=1)
        write_small_file(self._path, words)
