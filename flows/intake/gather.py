"""Feeds and pages: ask what is new, queue it, fetch it, store it.

A feed's state and the entries found in it are committed together, and an entry is done in the
transaction that stores its article: a run that was killed anywhere loses nothing and fetches
nothing twice but what was under way.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from wirethread.flows.intake.feed_step import FeedStep
from wirethread.flows.intake.page_queue import PageQueue, list_found_feeds, list_given
from wirethread.flows.intake.source_tally import Ledger
from wirethread.flows.intake.takers import CatalogTaker, Taker
from wirethread.flows.runs.results import ReadCounts
from wirethread.flows.settings.config import Settings
from wirethread.sources.crawl import open_crawler
from wirethread.sources.settings import SourceSettings
from wirethread.sources.web.hosts import HostRecord
from wirethread.storage.catalog import Catalog

__all__ = ["GatherResult", "gather_web"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherResult:
    """What the network brought. `failures` are messages, one a source or page."""

    counts: ReadCounts
    n_feeds: int
    n_unchanged_feeds: int
    n_pages: int
    failures: tuple[str, ...]


def gather_web(
    catalog: Catalog,
    run_id: str,
    sources: Sequence[SourceSettings],
    settings: Settings,
    *,
    is_asked: bool = False,
    taker: Taker | None = None,
) -> GatherResult:
    """Take in feeds and pages; `is_asked` tries even those that failed before or are gone."""
    taker = taker or CatalogTaker(catalog=catalog, run_id=run_id)
    n_dated = taker.prepare()
    ledger = Ledger(catalog, run_id, sources, settings, taker, is_asked=is_asked)
    given = list_given(ledger)
    given += list_found_feeds(ledger, given)
    feeds = FeedStep(ledger)
    pages = PageQueue(ledger, feeds, given)
    hosts = [HostRecord(**asdict(one)) for one in catalog.sources.load_hosts()]
    own = [url for source in settings.sources for url in source.addresses]
    own += [url for _, url in given]
    own += [url for source in sources for url in source.addresses]
    with open_crawler(settings.fetching, hosts, own=own) as crawler:
        feeds.ask(crawler, frozenset(given))
        pages.queue()
        pages.fetch(crawler)
    return GatherResult(
        counts=ledger.save_reports() + ReadCounts(n_dated=n_dated),
        n_feeds=ledger.n_feeds,
        n_unchanged_feeds=ledger.n_unchanged_feeds,
        n_pages=ledger.n_pages,
        failures=tuple(ledger.failures),
    )
