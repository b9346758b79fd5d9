"""Partitions in processes of this machine.

`loky` and not `concurrent.futures` alone: its processes do not import the caller's main module, so
a script or a notebook without `if __name__ == "__main__"` works, and a worker that is killed is
told at once and replaced.
"""

import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from wirethread.flows.runners.futures import WorkerLostError, do_partition, map_in_pool
from wirethread.flows.runners.partitions import Content, Outcome, Partition, Result, Stage

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["ProcessRunner", "count_cores"]

_THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_SECONDS_BETWEEN_LOOKS = 1.0


def count_cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


class ProcessRunner:
    """Works on partitions in processes, which are started with the first and end with `close`."""

    def __init__(self, n_workers: int) -> None:
        self.n_workers = n_workers
        self._executor: Any = None

    def map(
        self,
        stage: Stage[Content, Result],
        partitions: Iterable[Partition[Content]],
        tell: Callable[[Partition[Content], float], None],
    ) -> Iterator[Outcome[Content, Result]]:
        """Yield what becomes of each partition, in order."""
        return map_in_pool(self, stage, partitions, tell)

    def submit(self, stage: Stage[Any, Any], content: Any) -> "Future[Any]":
        """Hand a partition to the next free process."""
        from loky.process_executor import BrokenProcessPool  # noqa: PLC0415 - see `_start`

        if self._executor is None:
            self._executor = self._start()
        try:
            future: Future[Any] = self._executor.submit(do_partition, stage, content)
        except BrokenProcessPool:
            self.close()
            return self.submit(stage, content)
        return future

    def wait(self, future: "Future[Any]") -> Any:
        """Return the result. Raises `WorkerLostError` where a process died."""
        from loky.process_executor import BrokenProcessPool  # noqa: PLC0415

        try:
            return future.result()
        except BrokenProcessPool as error:
            raise WorkerLostError("a process of this machine died") from error

    def cancel(self, futures: "Iterable[Future[Any]]") -> None:
        """Give up what is under way: a process cannot be asked to stop, so all are ended."""
        if any(not future.done() for future in futures):
            self.close()

    def close(self) -> None:
        """End the processes."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True, kill_workers=True)

    def _start(self) -> Any:
        """Return processes that share the cores among them."""
        from loky import ProcessPoolExecutor  # noqa: PLC0415 - only runs with processes need it

        # loky renews a process that has grown by 300 MB, as the first use of a model makes one
        warnings.filterwarnings("ignore", message="A worker (stopped|was restarted) while some")
        n_threads = str(max(1, count_cores() // self.n_workers))
        return ProcessPoolExecutor(
            self.n_workers,
            initializer=_begin,
            initargs=(os.getpid(),),
            env=dict.fromkeys(_THREAD_SETTINGS, n_threads),
        )


def _begin(parent: int) -> None:
    """Leave Ctrl-C to the run, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os._exit(1)
