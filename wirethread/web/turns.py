"""Heavy questions take turns: a few at once, the others wait, and not for ever."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from wirethread.web.problems import ProblemError

__all__ = ["Turns"]


class Turns:
    """Lets `n_at_once` threads in; others wait up to `wait_seconds`."""

    def __init__(self, n_at_once: int, wait_seconds: float) -> None:
        self._places = threading.BoundedSemaphore(n_at_once)
        self._wait_seconds = wait_seconds

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a place while the block runs. Raises `ProblemError` where none comes free."""
        if not self._places.acquire(timeout=self._wait_seconds):
            raise ProblemError(
                503, "too much is asked at once; try again", headers={"retry-after": "5"}
            )
        try:
            yield
        finally:
            self._places.release()
