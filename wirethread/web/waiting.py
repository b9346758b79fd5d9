"""Changes that people asked for, kept in files until they are done: a run may be writing.

Each is one file in `waiting/` of the data folder, written and synced before it is confirmed. A
thread takes them one after the other as soon as no run holds the archive. What is done twice
because the server died in between changes nothing the second time: the id of a correction follows
from what it says. What cannot be done stays, with the reason, until somebody takes it away.
"""

import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wirethread.articles.errors import (
    CorrectionError,
    NotFoundError,
    RunInProgressError,
    WirethreadError,
)
from wirethread.storage.answers.page.overviews import is_rejected_source
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.whole_file import write_small_file

if TYPE_CHECKING:
    from wirethread.flows.settings.config import Settings

__all__ = ["Change", "ChangeKind", "WaitingChanges", "apply_change", "make_change"]

FOLDER = "waiting"
_PAUSE_SECONDS = 1.0
_RETRY_SECONDS = 900.0


class ChangeKind:
    """What can be asked for."""

    TOGETHER = "together"
    APART = "apart"
    PIN_TITLE = "pin_title"
    UNDO = "undo"
    TRY_AGAIN = "try_again"
    ALL = (TOGETHER, APART, PIN_TITLE, UNDO, TRY_AGAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something a person asked for."""

    change_id: str
    kind: str
    """together, apart, pin_title, undo or try_again."""
    left: str
    """Article or story cluster; the correction to undo; the source to try again."""
    right: str | None
    title: str | None
    reason: str
    said_by: str
    asked_at: datetime
    problem: str | None = None
    """Why it could not be done; None while it waits."""


class WaitingChanges:
    """The changes of one data folder, and the thread that does them."""

    def __init__(
        self, folder: Path, settings: Callable[[], "Settings"], config: Path | None = None
    ) -> None:
        self._folder = folder / FOLDER
        self._config = config
        self._settings = settings
        self._wake = threading.Event()
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work on what waits, also on what an earlier server left."""
        self._thread = threading.Thread(target=self._work, name="waiting changes", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the change that is being done; the rest waits for the next server."""
        self._is_closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def add(self, change: Change) -> Change:
        """Keep a change; it is on the disk when this returns."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._write(change)
        self._wake.set()
        return change

    def list_changes(self) -> Sequence[Change]:
        """Return what waits or could not be done, in the order in which it was asked for."""
        return [one for path in self._paths() if (one := _read(path)) is not None]

    def dismiss(self, change_id: str) -> None:
        """Take away a change that could not be done, or that still waits."""
        for path in self._paths():
            change = _read(path)
            if change is not None and change.change_id == change_id:
                path.unlink(missing_ok=True)
                return
        raise NotFoundError(f"no change {change_id} is waiting")

    def stamp(self) -> str:
        """Return what changes with the changes."""
        try:
            found = self._folder.stat()
        except OSError:
            return ""
        return f"{found.st_mtime_ns}"

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.json")) if self._folder.is_dir() else []

    def _write(self, change: Change) -> None:
        path = self._folder / f"{change.change_id}.json"
        words = json.dumps({**asdict(change), "asked_at": change.asked_at.isoformat()})
        write_small_file(path, words)

    def _work(self) -> None:
        while not self._is_closed:
            waiting = [change for change in self.list_changes() if change.problem is None]
            if waiting and self._do(waiting[0]):
                continue
            self._wake.wait(_PAUSE_SECONDS if waiting else None)
            self._wake.clear()

    def _do(self, change: Change) -> bool:
        """Do one change; return False where a run holds the archive."""
        try:
            apply_change(change, self._settings(), self._config)
        except RunInProgressError:
            return False
        except WirethreadError as error:
            self._write(replace(change, problem=str(error)))
        except Exception as error:
            self._write(replace(change, problem=f"{type(error).__name__}: {error}"))
        else:
            (self._folder / f"{change.change_id}.json").unlink(missing_ok=True)
        return True


def make_change(
    kind: str,
    left: str,
    *,
    right: str | None = None,
    title: str | None = None,
    reason: str = "",
    said_by: str,
) -> Change:
    """Return a change with an id by which changes sort in the order of asking."""
    return Change(
        change_id=f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}",
        kind=kind,
        left=left,
        right=right,
        title=title,
        reason=reason,
        said_by=said_by,
        asked_at=datetime.now(UTC),
    )


def apply_change(change: Change, settings: "Settings", config: Path | None = None) -> None:
    """Carry out a change. Raises `RunInProgressError` while a run holds the archive."""
    from wirethread.flows.operations.correct import (  # noqa: PLC0415 - brings the road along
        pin_title,
        say_apart,
        say_together,
        undo_correction,
    )

    if change.kind == ChangeKind.TOGETHER and change.right:
        say_together(
            settings, change.left, change.right, reason=change.reason, said_by=change.said_by
        )
    elif change.kind == ChangeKind.APART and change.right:
        say_apart(settings, change.left, change.right, reason=change.reason, said_by=change.said_by)
    elif change.kind == ChangeKind.PIN_TITLE and change.title:
        pin_title(settings, change.left, change.title, reason=change.reason, said_by=change.said_by)
    elif change.kind == ChangeKind.UNDO:
        undo_correction(settings, change.left, said_by=change.said_by)
    elif change.kind == ChangeKind.TRY_AGAIN:
        _try_again(change.left, settings, config)
    else:
        raise CorrectionError(f"{change.kind} with these words is nothing that can be done")


def _try_again(source: str, settings: "Settings", config: Path | None) -> None:
    """Read a source once more, as the command does, in a process of its own.

    Only what the archive itself set aside is read again: nobody names a file from a page.
    """
    with Catalog.open_published(settings.data_folder) as catalog:
        if not is_rejected_source(catalog, source):
            raise CorrectionError(f"nothing from {source} was set aside")
    place, _, line = source.rpartition(":")
    source = place if place and line.isdigit() else source
    asked = [
        sys.executable,
        "-m",
        "wirethread",
        "run",
        "--data",
        str(settings.data_folder),
        *(() if config is None else ("--config", str(config))),
        "--quiet",
        "--",
        source,
    ]
    done = subprocess.run(  # noqa: S603 - our own command; the source is one the archive names
        asked, capture_output=True, text=True, timeout=_RETRY_SECONDS, check=False
    )
    if done.returncode == 4:
        raise RunInProgressError("a run is writing")
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["the run failed"]
        raise CorrectionError(words[-1].removeprefix("wirethread: "))


def _read(path: Path) -> Change | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Change(**{**found, "asked_at": datetime.fromisoformat(found["asked_at"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
