"""A data folder that stays open for reading and follows what is published in it.

Opening a snapshot costs as much as fifty questions, so whoever asks more than once keeps one open.
Each thread asks on a cursor of its own. When a run has published, the next question is answered
from the new snapshot; the old one is let go when the last question on it is answered.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from wirethread.storage.catalog import SNAPSHOT_FILE, Catalog
from wirethread.storage.engine.database import StorageSettings

__all__ = ["Archive", "Snapshot", "Stamp", "stamp_opened", "stamp_snapshot"]

Made = TypeVar("Made")
Stamp = tuple[int, int, int]


def stamp_snapshot(folder: Path, opened: Catalog | None = None) -> Stamp | None:
    """Return what tells the newest publication from others, None where there is none.

    `opened` is one that is open: a shared archive is asked through it.
    """
    if opened is not None and opened.shared is not None:
        return opened.shared.find_newest()
    try:
        found = (folder / SNAPSHOT_FILE).stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def stamp_opened(catalog: Catalog, stamp: Stamp | None) -> Stamp | None:
    """Return the stamp of an open publication; `stamp` was that of its folder before."""
    return stamp if catalog.shared is None else catalog.shared.stamp


class Snapshot:
    """One publication, open. What was derived from it is kept with it."""

    def __init__(self, catalog: Catalog, stamp: Stamp | None) -> None:
        self._root = catalog
        self._stamp = stamp_opened(catalog, stamp)
        self._local = threading.local()
        self._cursors: list[Catalog] = []
        self._turn = threading.RLock()
        self._making: dict[str, threading.RLock] = {}
        self._made: dict[str, Any] = {}
        self._n_readers = 0
        self._is_retired = False
        self.publication = catalog.publication_name
        """A word that tells this publication from others."""

    @property
    def stamp(self) -> Stamp | None:
        """What the file looked like when it was opened; of a shared archive its number."""
        return self._stamp

    def find_newest(self, folder: Path) -> Stamp | None:
        """Return the stamp of what is published there now."""
        return stamp_snapshot(folder, self._root)

    @property
    def catalog(self) -> Catalog:
        """The snapshot on the cursor of the thread that asks."""
        found: Catalog | None = getattr(self._local, "catalog", None)
        if found is None:
            found = self._root.cursor()
            self._local.catalog = found
            with self._turn:
                self._cursors.append(found)
        return found

    def make_once(self, name: str, make: Callable[[Catalog], Made]) -> Made:
        """Return what `make` derives from the snapshot, derived at the first call only.

        Who asks meanwhile waits for it, and for nothing else that is being made.
        """
        with self._turn:
            making = self._making.setdefault(name, threading.RLock())
        with making:
            if name not in self._made:
                self._made[name] = make(self.catalog)
            made: Made = self._made[name]
        return made

    def enter(self) -> None:
        """Count one more reader."""
        with self._turn:
            self._n_readers += 1

    def leave(self) -> None:
        """Count one reader less; the last one closes what is retired."""
        with self._turn:
            self._n_readers -= 1
            self._close_if_done()

    def retire(self) -> None:
        """Close as soon as nobody reads."""
        with self._turn:
            self._is_retired = True
            self._close_if_done()

    def _close_if_done(self) -> None:
        if self._is_retired and self._n_readers == 0:
            for cursor in self._cursors:
                cursor.close()
            self._cursors.clear()
            self._made.clear()
            self._root.close()


class Archive:
    """The newest snapshot of a data folder, for any number of threads. A context manager."""

    def __init__(self, folder: str | Path, *, settings: StorageSettings | None = None) -> None:
        self.folder = Path(folder)
        self._settings = settings
        self._turn = threading.Lock()
        self._snapshot: Snapshot | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the snapshot; the next question opens it again."""
        with self._turn:
            if self._snapshot is not None:
                self._snapshot.retire()
                self._snapshot = None

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        """Hold the newest snapshot while the block runs, whatever is published meanwhile.

        Raises `NotFoundError` where nothing has been published.
        """
        snapshot = self._enter_newest()
        try:
            yield snapshot
        finally:
            snapshot.leave()

    def _enter_newest(self) -> Snapshot:
        with self._turn:
            held = self._snapshot
            stamp = stamp_snapshot(self.folder) if held is None else held.find_newest(self.folder)
            if self._snapshot is None or self._snapshot.stamp != stamp:
                # the stamp is taken first: a file swapped in meanwhile is then opened once more
                catalog = Catalog.open_published(self.folder, settings=self._settings)
                if self._snapshot is not None:
                    self._snapshot.retire()
                self._snapshot = Snapshot(catalog, stamp)
            self._snapshot.enter()
            return self._snapshot
