"""One writer at a time: an operating-system lock that a killed process cannot leave behind."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from articles.errors import RunInProgressError, StorageError

__all__ = ["hold_run_lock"]

_POLL_SECONDS = 0.2


@contextmanager
def hold_run_lock(folder: str | Path, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the data folder's `run.lock` while the block runs.

    Raises `RunInProgressError`, naming the process that holds it, once `wait_seconds` are over.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StorageError(f"cannot write in the data folder {folder}: {error.strerror}") from error
    try:
        _acquire(descriptor, folder, time.monotonic() + wait_seconds)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, folder: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
                raise RunInProgressError(
                    f"another run (process {holder or 'unknown'}) is writing to {folder}"
                ) from None
            time.sleep(_POLL_SECONDS)
        else:
            return
