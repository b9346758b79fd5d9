"""What a step of the road has before it, and how it stores what it found."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from wirethread.articles.types.articles import ArticleId
from wirethread.flows.runners.partitions import Runner
from wirethread.storage.catalog import Catalog

__all__ = ["Docket", "Workplace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Where the partitions of a stage are worked on, and who hears of those that fail."""

    runner: Runner
    tell_set_aside: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Docket:
    """The articles that wait for a step, in the catalog that the run holds."""

    catalog: Catalog
    run_id: str
    """The run that results are stored under."""
    mark: str
    """The name under which the catalog keeps which articles the step has dealt with; "" where it
    keeps nothing of the kind."""
    fingerprint: str
    """What the results of the step depend on; under another one every article waits."""
    after: str | None = None
    """The mark of the step whose results it reads: what waits for that one is not its turn yet."""
    reopens: tuple[str, ...] = ()
    """Marks of the steps that have to look again at articles for which the results changed."""

    def list_pending(self) -> list[ArticleId]:
        """Return the articles that it is the step's turn to deal with, the earliest first."""
        return self._list_pending(self.after)

    def list_waiting(self) -> list[ArticleId]:
        """Return all that the step has not dealt with, the earliest first."""
        return self._list_pending(None)

    def _list_pending(self, after: str | None) -> list[ArticleId]:
        if not self.mark:
            return []
        return self.catalog.runs.list_pending(self.mark, fingerprint=self.fingerprint, after=after)

    def finishing(self, article_ids: Iterable[str]) -> AbstractContextManager[None]:
        """Store what the block stores and be done with the articles, or neither."""
        return self.catalog.finishing(
            self.mark, article_ids, self.run_id, fingerprint=self.fingerprint
        )

    def reopen(self, article_ids: Iterable[str]) -> int:
        """Let the steps that read the results look at the articles again; return how many do."""
        return self.catalog.runs.reopen_steps(self.reopens, article_ids)
