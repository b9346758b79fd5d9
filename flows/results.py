"""What a run did, in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["ReadCounts", "RunResult", "StepRecord"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCounts:
    """What one source brought in."""

    n_read: int
    n_new: int
    n_known: int
    n_rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step of a run: how long it took and what it counted."""

    step: str
    seconds: float
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """One pass of the pipeline. `unreadable_sources` are messages, one a source."""

    run_id: str
    seconds: float
    steps: Sequence[StepRecord]
    unreadable_sources: Sequence[str]

    def count(self, step: str, name: str) -> int:
        """Return one counter of one step, 0 where the step did not count it."""
        return next((record.counts.get(name, 0) for record in self.steps if record.step == step), 0)

    @property
    def changed_something(self) -> bool:
        """Whether anything was stored, embedded, matched or clustered anew."""
        return any(
            count
            for record in self.steps
            for name, count in record.counts.items()
            if name.startswith("n_new_")
        )
