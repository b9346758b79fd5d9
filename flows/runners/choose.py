"""Which runner a run has: as the settings say, or as the work and the machine allow."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import chain, islice

from wirethread.flows.runners.dask_cluster import DaskRunner
from wirethread.flows.runners.here import HereRunner
from wirethread.flows.runners.partitions import (
    Content,
    Outcome,
    Partition,
    Result,
    Runner,
    Stage,
)
from wirethread.flows.runners.processes import ProcessRunner, count_cores
from wirethread.flows.settings.sections import RunnerSettings

__all__ = ["open_runner"]

_FEW_CORES = 2
_FEW_PARTITIONS = 4
"""With fewer, starting processes costs more than they save."""


class FittingRunner:
    """Works here while there is little to do, and in processes where a stage has enough."""

    def __init__(self, processes: ProcessRunner) -> None:
        self._here = HereRunner()
        self._processes = processes

    def map(
        self,
        stage: Stage[Content, Result],
        partitions: Iterable[Partition[Content]],
        tell: Callable[[Partition[Content], float], None],
    ) -> Iterator[Outcome[Content, Result]]:
        """Look at the first partitions, and choose."""
        plan = iter(partitions)
        first = list(islice(plan, _FEW_PARTITIONS))
        chosen: Runner = self._here if len(first) < _FEW_PARTITIONS else self._processes
        yield from chosen.map(stage, chain(first, plan), tell)


@contextmanager
def open_runner(settings: RunnerSettings) -> Iterator[Runner]:
    """Yield the runner that the settings ask for, and end what it started with the block."""
    n_workers = settings.workers or count_cores()
    if settings.kind == "dask":
        with closing(DaskRunner(settings.address, n_workers)) as dask:
            yield dask
    elif settings.kind == "processes":
        with closing(ProcessRunner(n_workers)) as processes:
            yield processes
    elif settings.kind == "auto" and n_workers > _FEW_CORES:
        with closing(ProcessRunner(n_workers)) as processes:
            yield FittingRunner(processes)
    else:
        yield HereRunner()
