"""Futures of any pool, taken in the order of the plan, with a bounded number of them under way."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol

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
    say_nothing,
)

__all__ = ["Pool", "WorkerLostError", "do_partition", "map_in_pool"]


class WorkerLostError(Exception):
    """A worker died while partitions were under way; which of them it was about is not known."""


class Pool(Protocol):
    """Workers somewhere else."""

    @property
    def n_workers(self) -> int:
        """How many partitions are worked on at a time."""
        ...

    def submit(self, stage: Stage[Any, Any], content: Any) -> Any:
        """Begin to work on a partition; return what `wait` takes."""
        ...

    def wait(self, future: Any) -> Any:
        """Return the result. Raises what the stage raised, or `WorkerLostError`."""
        ...

    def cancel(self, futures: Iterable[Any]) -> None:
        """Give up what is under way."""
        ...


def do_partition(stage: Stage[Content, Result], content: Content) -> Result:
    """Work on a partition in a worker, which has nobody to tell how far it is."""
    return stage(content, say_nothing)


@dataclass(slots=True)
class _UnderWay(Generic[Content]):
    partition: Partition[Content]
    future: Any = None
    n_attempts: int = field(default=0)


def map_in_pool(
    pool: Pool,
    stage: Stage[Content, Result],
    partitions: Iterable[Partition[Content]],
    tell: Callable[[Partition[Content], float], None],
) -> Iterator[Outcome[Content, Result]]:
    """Yield what becomes of each partition, in order; twice as many as workers are under way.

    Where a worker dies, every partition under way is begun again, one at a time: so only one that
    kills its worker by itself is counted for that.
    """
    plan = iter(partitions)
    under_way: deque[_UnderWay[Content]] = deque()

    def fill(most: int) -> None:
        while len(under_way) < most and (partition := next(plan, None)) is not None:
            under_way.append(_UnderWay(partition, pool.submit(stage, partition.content)))

    try:
        while True:
            fill(2 * pool.n_workers)
            if not under_way:
                return
            first = under_way[0]
            try:
                result = pool.wait(first.future)
            except WorkerLostError:
                yield from _do_alone(pool, stage, under_way, tell)
                continue
            except Exception as error:
                first.n_attempts += 1
                if is_worth_another(error, first.n_attempts):
                    first.future = pool.submit(stage, first.partition.content)
                    continue
                under_way.popleft()
                yield SetAside(partition=first.partition, fault=describe_fault(error))
                continue
            under_way.popleft()
            tell(first.partition, 1.0)
            yield Done(partition=first.partition, result=result)
    finally:
        pool.cancel([one.future for one in under_way])


def _do_alone(
    pool: Pool,
    stage: Stage[Content, Result],
    under_way: deque[_UnderWay[Content]],
    tell: Callable[[Partition[Content], float], None],
) -> Iterator[Outcome[Content, Result]]:
    """Work on all that is under way, one at a time."""
    pool.cancel([one.future for one in under_way])
    while under_way:
        first = under_way[0]
        try:
            result = pool.wait(pool.submit(stage, first.partition.content))
        except Exception as error:
            first.n_attempts += 1
            if not is_worth_another(error, first.n_attempts):
                under_way.popleft()
                yield SetAside(partition=first.partition, fault=describe_fault(error))
            continue
        under_way.popleft()
        tell(first.partition, 1.0)
        yield Done(partition=first.partition, result=result)
