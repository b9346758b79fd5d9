"""Questions take turns: a few are worked on at once, the others wait in line, and not for ever.

Whoever waits holds no thread: threads that wait would be those that short questions need. And two
cores that work on fifty questions at once answer every one of them late, so each kind of question
has a line of its own, and who came first goes first.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from wirethread.web.problems import ProblemError

__all__ = ["Turns"]

Made = TypeVar("Made")


class Turns:
    """Works on `n_at_once` questions, each in a thread; others wait up to `wait_seconds`."""

    def __init__(self, n_at_once: int, wait_seconds: float) -> None:
        self._n_free = n_at_once
        self._wait_seconds = wait_seconds
        self._line: deque[Future[None]] = deque()
        self._lock = threading.Lock()  # one site may be asked from several loops

    async def run(self, work: Callable[[], Made]) -> Made:
        """Return what `work` gives when its turn has come.

        Raises `ProblemError` where no turn comes in time.
        """
        await self._wait()
        try:
            return await run_in_threadpool(work)
        finally:
            self._pass_on()

    async def _wait(self) -> None:
        with self._lock:
            if self._n_free > 0:
                self._n_free -= 1
                return
            turn: Future[None] = Future()
            self._line.append(turn)
        try:
            async with asyncio.timeout(self._wait_seconds):
                await asyncio.wrap_future(turn)
        except BaseException as error:
            if not turn.cancel():  # it came just now
                self._pass_on()
            if isinstance(error, TimeoutError):
                raise ProblemError(
                    503, "too much is asked at once; try again", headers={"retry-after": "5"}
                ) from None
            raise

    def _pass_on(self) -> None:
        """Let the next in line work; those who left it are passed over."""
        with self._lock:
            while self._line:
                turn = self._line.popleft()
                if turn.set_running_or_notify_cancel():
                    turn.set_result(None)
                    return
            self._n_free += 1
