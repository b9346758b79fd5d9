"""What every runner can do: a pure function over partitions, results in the order of the plan."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from wirethread.articles.errors import WirethreadError

__all__ = [
    "MOST_ATTEMPTS",
    "Done",
    "Outcome",
    "Partition",
    "Runner",
    "SetAside",
    "Stage",
    "describe_fault",
    "is_worth_another",
    "map_apart",
    "say_nothing",
    "tell_nobody",
]

MOST_ATTEMPTS = 3
"""So often a partition is tried before it is set aside."""

Content = TypeVar("Content")
Result = TypeVar("Result")

TellShare = Callable[[float], None]
"""Told now and then how much of a partition is done, 0 to 1."""
Stage = Callable[[Content, TellShare], Result]
"""A pure function of a module: no catalog, no clock, nothing kept but a loaded model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition(Generic[Content]):
    """A piece of a stage's work, some ten seconds of it, with everything that it takes."""

    name: str
    """Names it in messages: `links of 500 articles of 2031-01-05 to 2031-01-09`."""
    content: Content
    """Plain types and arrays; they must be picklable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[Content, Result]):
    """A partition with its result."""

    partition: Partition[Content]
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside(Generic[Content]):
    """A partition that failed every time it was tried, and why."""

    partition: Partition[Content]
    fault: str

    def __str__(self) -> str:
        return f"{self.partition.name}: set aside after {MOST_ATTEMPTS} attempts: {self.fault}"


Outcome = Done[Content, Result] | SetAside[Content]


class Runner(Protocol):
    """A place where partitions are worked on."""

    def map(
        self,
        stage: Stage[Content, Result],
        partitions: Iterable[Partition[Content]],
        tell: Callable[[Partition[Content], float], None],
    ) -> Iterator[Outcome[Content, Result]]:
        """Yield what becomes of each partition, in their order.

        Partitions are taken from the plan as places become free, so no more of them are in memory
        than twice the workers. `tell` is told of a partition how much is done, 0 to 1. What is
        wrong with the input or the settings (`WirethreadError`) is raised; any other fault is
        tried again, `MOST_ATTEMPTS` times in all. Ending the iterator early ends the work.
        """
        ...


def is_worth_another(error: BaseException, n_attempts: int) -> bool:
    """Whether a partition that failed so often is tried again. Raises what no attempt mends."""
    if isinstance(error, WirethreadError) or not isinstance(error, Exception):
        raise error
    return n_attempts < MOST_ATTEMPTS


def describe_fault(error: BaseException) -> str:
    """Return in a few words what went wrong."""
    words = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def say_nothing(_: Any) -> None:
    """Take no notice of a share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(Generic[Content, Result]):
    """What became of a partition of several items, some of which may have been set aside."""

    results: Sequence[Result]
    """One, or one an item where the partition as a whole failed."""
    faults: Sequence[tuple[Content, str]] = ()
    """Items that failed by themselves, and why."""


def map_apart(
    runner: Runner,
    stage: Stage[Sequence[Content], Result],
    partitions: Iterable[Partition[Sequence[Content]]],
) -> Iterator[Parts[Content, Result]]:
    """Yield what becomes of each partition of items that do not hang together.

    Where one fails, its items are worked on one by one, so that only those at fault are set aside.
    """
    for outcome in runner.map(stage, partitions, tell_nobody):
        if isinstance(outcome, Done):
            yield Parts(results=[outcome.result])
            continue
        partition = outcome.partition
        singles = [
            Partition(name=f"{partition.name}, number {number}", content=[item])
            for number, item in enumerate(partition.content, 1)
        ]
        results, faults = [], []
        for single in runner.map(stage, singles, tell_nobody):
            if isinstance(single, Done):
                results.append(single.result)
            else:
                faults.append((single.partition.content[0], single.fault))
        yield Parts(results=results, faults=faults)


def tell_nobody(_: Any, __: float) -> None:
    """Take no notice of how far a partition is."""
