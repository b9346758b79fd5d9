"""What a run did, in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

__all__ = ["ReadCounts", "RunResult", "StepRecord"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCounts:
    """What one source brought in."""

    n_read: int = 0
    n_new: int = 0
    n_known: int = 0
    n_rejected: int = 0
    n_versions: int = 0
    """Of the new ones, those that are another version of an article, older or newer."""
    n_undated: int = 0
    """Of the new ones, those whose date cannot be read or lies ahead; kept without one."""
    n_untitled: int = 0
    """Of the new ones, those that go by their first words."""
    n_without_outlet: int = 0
    """Of the new ones, those of which neither text nor source names the outlet."""
    n_dated: int = 0
    """Articles of earlier runs whose date lay ahead then and has come."""

    def __add__(self, other: "ReadCounts") -> "ReadCounts":
        """Return both together."""
        return ReadCounts(
            **{
                field.name: getattr(self, field.name) + getattr(other, field.name)
                for field in fields(self)
            }
        )

    def named(self) -> Mapping[str, int]:
        """Return the counts under the names that `runs` shows."""
        return {
            "n_read": self.n_read,
            "n_new_articles": self.n_new,
            "n_new_versions": self.n_versions,
            "n_known": self.n_known,
            "n_rejected": self.n_rejected,
            "n_undated": self.n_undated,
            "n_untitled": self.n_untitled,
            "n_without_outlet": self.n_without_outlet,
            "n_dated": self.n_dated,
        }


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
    engine: str | None = None
    """What encoded the texts, and where, in words; None where no text was encoded."""
    mended: Sequence[str] = ()
    """What was found damaged and made again, a sentence each."""
    set_aside: Sequence[str] = ()
    """Work that failed every time it was tried, a sentence each; the next run tries it again."""

    def count(self, step: str, name: str) -> int:
        """Return one counter of one step, 0 where the step did not count it."""
        return next((record.counts.get(name, 0) for record in self.steps if record.step == step), 0)

    @property
    def changed_something(self) -> bool:
        """Whether anything was stored, embedded, matched or clustered anew."""
        return bool(self.mended) or any(
            count
            for record in self.steps
            for name, count in record.counts.items()
            if name.startswith("n_new_")
        )
