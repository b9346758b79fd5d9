"""Where a step says how far it is; whoever runs the flow decides how that is shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

__all__ = ["ProgressCounter", "ProgressListener", "listen_to_progress", "report_progress"]


class ProgressListener(Protocol):
    """Called as a step goes on. `n_total` is None where the amount of work is not known yet."""

    def __call__(self, step: str, n_done: int, n_total: int | None) -> None: ...


LISTENER: ContextVar[ProgressListener | None] = ContextVar("progress_listener", default=None)


@contextmanager
def listen_to_progress(listener: ProgressListener) -> Iterator[None]:
    """Send the progress of every step inside the block to `listener`."""
    token = LISTENER.set(listener)
    try:
        yield
    finally:
        LISTENER.reset(token)


def report_progress(step: str, n_done: int, n_total: int | None = None) -> None:
    """Say that `step` has done `n_done` of `n_total`; silent where nobody listens."""
    listener = LISTENER.get()
    if listener is not None:
        listener(step, n_done, n_total)


class ProgressCounter:
    """Adds up what batches finish and reports the sum."""

    def __init__(self, step: str, n_done: int, n_total: int | None) -> None:
        self._step = step
        self._n_done = n_done
        self._n_total = n_total
        report_progress(step, n_done, n_total)

    def add(self, n_finished: int) -> None:
        """Count `n_finished` more."""
        self._n_done += n_finished
        report_progress(self._step, self._n_done, self._n_total)
