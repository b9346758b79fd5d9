"""Who takes what was read and parsed: the catalog of this archive, or parcels for another one.

What reads files, feeds and pages does not see the difference.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from wirethread.articles.types.articles import (
    Article,
    ArticleId,
    ParsedArticle,
    RejectedArticle,
)
from wirethread.clustering.changes.series import Arrivals
from wirethread.flows.intake.outbox import Outbox, name_refusal
from wirethread.flows.intake.versions import prepare_archive, store_batch
from wirethread.storage.catalog import Catalog
from wirethread.storage.upkeep.forgetting import find_refusals

__all__ = ["CatalogTaker", "ParcelTaker", "Taker"]


class Taker(Protocol):
    """Takes articles, a batch a transaction of the catalog that remembers the sources."""

    def prepare(self) -> int:
        """Make ready; return how many articles got a date that has come."""

    def find_known(self, article_ids: Collection[ArticleId]) -> set[ArticleId]:
        """Return those that were taken before under this very id."""

    def find_refusals(self, articles: Sequence[Article]) -> Mapping[ArticleId, str]:
        """Return those that may not come back, and why."""

    def take(
        self, parsed: Sequence[ParsedArticle], rejected: Sequence[RejectedArticle]
    ) -> Arrivals:
        """Take what is new of a batch, and return that. Joins the transaction that is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogTaker:
    """Takes articles into the catalog."""

    catalog: Catalog
    run_id: str
    read_at: datetime | None = None
    """When they were read; now, for None."""

    def prepare(self) -> int:
        """Make the archive ready."""
        return prepare_archive(self.catalog, self.run_id)

    def find_known(self, article_ids: Collection[ArticleId]) -> set[ArticleId]:
        """Ask for ids that the catalog holds."""
        return set(self.catalog.articles.find_known_articles(article_ids))

    def find_refusals(self, articles: Sequence[Article]) -> Mapping[ArticleId, str]:
        """Ask for what was forgotten for good."""
        return find_refusals(self.catalog, articles)

    def take(
        self, parsed: Sequence[ParsedArticle], rejected: Sequence[RejectedArticle]
    ) -> Arrivals:
        """Store them, versions and all."""
        return store_batch(self.catalog, self.run_id, parsed, rejected, read_at=self.read_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelTaker:
    """Puts articles into parcels; what is a version of what is told where the archive is."""

    catalog: Catalog
    """Remembers the sources, and which articles were in a parcel."""
    run_id: str
    outbox: Outbox = field(repr=False)

    def prepare(self) -> int:
        """Let go of what a process that was killed left half made."""
        self.outbox.tidy(self.catalog)
        return 0

    def find_known(self, article_ids: Collection[ArticleId]) -> set[ArticleId]:
        """Ask for articles that were in a parcel."""
        return self.catalog.parcels.find_handed(article_ids)

    def find_refusals(self, articles: Sequence[Article]) -> Mapping[ArticleId, str]:
        """Refuse nothing: the archive does."""
        return {}

    def take(
        self, parsed: Sequence[ParsedArticle], rejected: Sequence[RejectedArticle]
    ) -> Arrivals:
        """Make a parcel of those that were in none."""
        refusals = {name_refusal(one): one for one in rejected}
        known = self.find_known([*(one.article.article_id for one in parsed), *refusals])
        told = [one for name, one in refusals.items() if name not in known]
        fresh = {
            one.article.article_id: one
            for one in reversed(parsed)
            if one.article.article_id not in known
        }
        arrivals = Arrivals(articles=dict(reversed(fresh.items())), ties=())
        if fresh or told:
            self.outbox.add(self.catalog, self.run_id, list(arrivals.articles.values()), told)
        return arrivals
