"""One partition after the other, in this process."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from wirethread.flows.runners.partitions import (
    Content,
    Done,
    Outcome,
    Partition,
    Result,
    SetAside,
    Stage,
    describe_fault,
    is_worth_another,
)

__all__ = ["HERE", "HereRunner"]


class HereRunner:
    """Works on partitions here; nothing is copied, and nothing is kept."""

    def map(
        self,
        stage: Stage[Content, Result],
        partitions: Iterable[Partition[Content]],
        tell: Callable[[Partition[Content], float], None],
    ) -> Iterator[Outcome[Content, Result]]:
        """Yield what becomes of each partition, in order."""
        for partition in partitions:
            yield work_here(stage, partition, tell)


def work_here(
    stage: Stage[Content, Result],
    partition: Partition[Content],
    tell: Callable[[Partition[Content], float], None],
) -> Outcome[Content, Result]:
    """Work on a partition, again where it fails."""
    n_attempts = 0
    while True:
        try:
            result = stage(partition.content, partial(tell, partition))
        except Exception as error:
            n_attempts += 1
            if not is_worth_another(error, n_attempts):
                return SetAside(partition=partition, fault=describe_fault(error))
        else:
            tell(partition, 1.0)
            return Done(partition=partition, result=result)


HERE = HereRunner()
