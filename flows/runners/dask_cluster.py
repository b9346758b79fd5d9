"""Partitions on the workers of a Dask cluster: one that is there, or one started for the run.

Dask's own futures, below one Prefect task a stage: a task of Prefect on Dask costs a hundred times
as much as a future. Partitions travel pickled, so a scheduler must be one's own.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from wirethread.articles.errors import ConfigError
from wirethread.flows.runners.futures import WorkerLostError, do_partition, map_in_pool
from wirethread.flows.runners.partitions import Content, Outcome, Partition, Result, Stage

__all__ = ["DaskRunner"]

_CONNECT_SECONDS = 20


class DaskRunner:
    """Works on partitions as futures of Dask."""

    def __init__(self, address: str, n_workers: int) -> None:
        self._address = address
        self._wanted = n_workers
        self._cluster: Any = None
        self._client: Any = None

    @property
    def n_workers(self) -> int:
        """Threads of all workers that are there now; workers may join and leave a cluster."""
        return max(1, int(sum(self._connect().nthreads().values())))

    def map(
        self,
        stage: Stage[Content, Result],
        partitions: Iterable[Partition[Content]],
        tell: Callable[[Partition[Content], float], None],
    ) -> Iterator[Outcome[Content, Result]]:
        """Yield what becomes of each partition, in order."""
        return map_in_pool(self, stage, partitions, tell)

    def submit(self, stage: Stage[Any, Any], content: Any) -> Any:
        """Hand a partition to the scheduler, which hands it on again where a worker is lost."""
        if self._client is not None and self._client.status != "running":
            self.close()  # the scheduler is gone: is there another?
        return self._connect().submit(do_partition, stage, content, pure=False)

    def wait(self, future: Any) -> Any:
        """Return the result. Raises `WorkerLostError` where the scheduler gave up on it."""
        from concurrent.futures import CancelledError  # noqa: PLC0415

        from distributed import KilledWorker  # noqa: PLC0415

        try:
            return future.result()
        except (KilledWorker, CancelledError) as error:
            raise WorkerLostError(f"Dask lost it: {error}") from error

    def cancel(self, futures: Iterable[Any]) -> None:
        """Give up what is under way."""
        if self._client is not None and self._client.status == "running":
            self._client.cancel(list(futures), force=True)

    def close(self) -> None:
        """Leave the cluster; end it where it was started for this run."""
        client, self._client = self._client, None
        cluster, self._cluster = self._cluster, None
        if client is not None:
            client.close()
        if cluster is not None:
            cluster.close()

    def _connect(self) -> Any:
        """Return the client. Raises `ConfigError` where there is no Dask, or nobody answers."""
        if self._client is not None:
            return self._client
        try:
            import dask  # noqa: PLC0415
            import distributed  # noqa: PLC0415
        except ImportError:
            raise ConfigError(
                "runner.kind: dask needs Dask: pip install 'wirethread[dask]'"
            ) from None
        open_client: Any = distributed.Client
        open_cluster: Any = distributed.LocalCluster
        dask.config.set(
            {
                "distributed.admin.large-graph-warning-threshold": "1 GiB",
                # a worker's end is counted here, where it is known which partition was alone
                "distributed.scheduler.allowed-failures": 0,
            }
        )
        if self._address:
            try:
                self._client = open_client(
                    self._address, timeout=_CONNECT_SECONDS, set_as_default=False
                )
            except (OSError, ValueError, MemoryError) as error:
                # the last where the greeting of a scheduler that dies is taken for a length
                raise ConfigError(
                    f"runner.address: no Dask scheduler answers at {self._address}: {error}"
                ) from None
        else:
            self._cluster = open_cluster(
                n_workers=self._wanted, threads_per_worker=1, dashboard_address=None
            )
            self._client = open_client(self._cluster, set_as_default=False)
        return self._client
