"""What each source of the network gave in one run: counted while it goes on, remembered at its end.

The steps of a gathering (`flows.intake.feed_step`, `flows.intake.page_queue`) share one `Ledger`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from wirethread.articles.types.articles import RejectedArticle, SourceArticle
from wirethread.flows.intake.ingest import store_found
from wirethread.flows.intake.takers import Taker
from wirethread.flows.runs.results import ReadCounts
from wirethread.flows.settings.config import Settings
from wirethread.sources.crawl import Crawler
from wirethread.sources.settings import SourceSettings
from wirethread.storage.catalog import Catalog
from wirethread.storage.tables.sources import SourceHost, SourceReport

__all__ = ["Found", "Ledger", "Tally"]

Found = SourceArticle | RejectedArticle


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one source gave in this run, so far."""

    counts: ReadCounts = field(default_factory=ReadCounts)
    state: str = "waiting"
    message: str | None = None
    status: int | None = None
    next_allowed_at: datetime | None = None
    is_tried: bool = False


class Ledger:
    """The sources of one gathering, what they gave, and the catalog that takes it."""

    def __init__(
        self,
        catalog: Catalog,
        run_id: str,
        sources: Sequence[SourceSettings],
        settings: Settings,
        taker: Taker,
        *,
        is_asked: bool,
    ) -> None:
        self.catalog = catalog
        self._taker = taker
        self._run_id = run_id
        self.sources = {one.name: one for one in sources}
        self.limits = settings.fetching
        self.is_asked = is_asked
        """Whether the sources were named, and are tried even where they failed before."""
        self.now = datetime.now(UTC)
        self.tallies = {one.name: Tally() for one in sources}
        self.failures: list[str] = []
        """What went wrong, one message a source or page."""
        self.n_feeds = self.n_unchanged_feeds = self.n_pages = 0

    def tell(self, name: str, message: str, state: str = "failed") -> None:
        """Note that a source failed, and why."""
        tally = self.tallies[name]
        tally.is_tried, tally.state, tally.message = True, state, message
        self.failures.append(message if message.startswith(name) else f"{name}: {message}")

    def store(self, found: Mapping[str, Sequence[Found]]) -> None:
        """Store what sources gave, by name."""
        if found:
            for name, counts in store_found(self._taker, found).items():
                self.tallies[name].counts += counts

    def save_hosts(self, crawler: Crawler) -> None:
        """Remember what was learnt of hosts since the last call."""
        self.catalog.sources.save_hosts(
            [SourceHost(**asdict(one)) for one in crawler.changed_hosts()]
        )

    def save_reports(self) -> ReadCounts:
        """Remember what each source gave, and return the counts of all."""
        before = {one.source: one for one in self.catalog.sources.load_reports()}
        reports = [
            self._report(self.sources[name], tally, before.get(name))
            for name, tally in self.tallies.items()
        ]
        self.catalog.sources.save_reports(reports)
        return sum((one.counts for one in self.tallies.values()), ReadCounts())

    def _report(
        self, source: SourceSettings, tally: Tally, before: SourceReport | None
    ) -> SourceReport:
        is_good = tally.state in ("good", "unchanged")
        failures = before.failures if before else 0
        if is_good:
            failures = 0
        elif tally.is_tried:
            failures += 1
        return SourceReport(
            source=source.name,
            kind=source.kind.value,
            place=source.place,
            state=tally.state,
            message=tally.message or (before.message if before and not is_good else None),
            last_status=tally.status,
            last_read_at=self.now,
            last_good_at=self.now if is_good else before.last_good_at if before else None,
            next_allowed_at=tally.next_allowed_at,
            failures=failures,
            n_read=tally.counts.n_read,
            n_new_articles=tally.counts.n_new,
            n_known=tally.counts.n_known,
            n_rejected=tally.counts.n_rejected,
            run_id=self._run_id,
        )
