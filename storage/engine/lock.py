"""One writer at a time: an operating-system lock that a killed process cannot leave behind."""

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wirethread.articles.errors import RunInProgressError, StorageError
from wirethread.storage.engine.exchange import finish_restoring
from wirethread.storage.engine.strays import clear_place

__all__ = ["hold_lock", "hold_run_lock", "try_run_lock"]

_POLL_SECONDS = 0.2


@contextmanager
def hold_run_lock(folder: str | Path, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the data folder's `run.lock` while the block runs.

    Raises `RunInProgressError`, naming the process that holds it, once `wait_seconds` are over.
    """
    folder = Path(folder)
    finish_restoring(folder)
    with hold_lock(
        folder / "run.lock",
        lambda process: f"another run (process {process}) is writing to {folder}",
        wait_seconds=wait_seconds,
    ):
        yield


@contextmanager
def hold_lock(
    path: Path, explain: Callable[[str], str], *, wait_seconds: float = 0.0
) -> Iterator[None]:
    """Hold a lock file while the block runs; it and its folder are made where they are not there.

    Raises `RunInProgressError` once `wait_seconds` are over, in the words of `explain`, which is
    given the id of the process that holds it, and `StorageError` where it cannot be written.
    """
    descriptor = _open_locked(path, explain, time.monotonic() + wait_seconds)
    try:
        with suppress(OSError):  # on a full disk the lock holds without saying whose it is
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


@contextmanager
def try_run_lock(folder: str | Path) -> Iterator[bool]:
    """Keep runs out while the block reads, and tell whether that could be done.

    False where a run is writing. A folder that cannot be written needs no lock: True.
    """
    path = Path(folder) / "run.lock"
    finish_restoring(path.parent)
    descriptor = None
    try:
        for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):
            try:
                descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
                break
            except OSError:
                continue
        if descriptor is None:
            yield True
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        except OSError:  # a file system that knows no locks
            yield True
        else:
            yield True
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open_locked(path: Path, explain: Callable[[str], str], deadline: float) -> int:
    """Return the open lock file, held; one that was moved away while we waited is not enough."""
    folder = path.parent
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
                clear_place(path, keep_in=folder)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            raise StorageError(
                f"cannot write in the data folder {folder}: {error.strerror}"
            ) from error
        try:
            _acquire(descriptor, explain, deadline)
            if os.fstat(descriptor).st_ino == path.lstat().st_ino:
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _acquire(descriptor: int, explain: Callable[[str], str], deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
                raise RunInProgressError(explain(holder or "unknown")) from None
            time.sleep(_POLL_SECONDS)
        else:
            return
