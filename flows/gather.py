"""Feeds and pages: ask what is new, queue it, fetch it, store it.

A feed's state and the entries found in it are committed together, and an entry is done in the
transaction that stores its article: a run that was killed anywhere loses nothing and fetches
nothing twice but what was under way.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import xxhash

from articles.addresses import canonicalize_url, read_host
from articles.errors import SourceError
from articles.pages import read_page
from articles.records import read_record
from articles.types import RejectedArticle, SourceArticle
from flows.config import Settings
from flows.ingest import store_found
from flows.progress import report_progress
from flows.results import ReadCounts
from flows.revisions import derive_missing_keys
from sources.answers import Answer, Outcome, Request
from sources.crawl import Crawler, open_crawler
from sources.entry_text import count_words, is_teaser
from sources.feeds import FeedEntry, looks_like_feed, parse_feed
from sources.hosts import HostRecord, is_in_force
from sources.settings import SourceKind, SourceSettings
from sources.web_address import parse_web_address
from storage.catalog import Catalog
from storage.source_tables import (
    SourceEntry,
    SourceFeed,
    SourceHost,
    SourceReport,
    find_entries,
    find_fetched_urls,
    load_feeds,
    load_hosts,
    load_reports,
    load_waiting,
    save_entries,
    save_feeds,
    save_hosts,
    save_reports,
)

__all__ = ["GatherResult", "gather_web"]

PAGES_PER_BATCH = 25
"""Pages stored in one transaction: so many at most are fetched again after a kill."""
_PATIENCE = 2
"""Failures in a row after which a feed is asked less often."""
_FIRST_PAUSE = timedelta(minutes=15)
_LONGEST_PAUSE = timedelta(days=1)

Found = SourceArticle | RejectedArticle


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherResult:
    """What the network brought. `failures` are messages, one a source or page."""

    counts: ReadCounts
    n_feeds: int
    n_unchanged_feeds: int
    n_pages: int
    failures: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one source gave in this run, so far."""

    counts: ReadCounts = field(default_factory=ReadCounts)
    state: str = "waiting"
    message: str | None = None
    status: int | None = None
    next_allowed_at: datetime | None = None
    is_tried: bool = False


def gather_web(
    catalog: Catalog,
    run_id: str,
    sources: Sequence[SourceSettings],
    settings: Settings,
    *,
    is_asked: bool = False,
) -> GatherResult:
    """Take in feeds and pages; `is_asked` tries even those that failed before or are gone."""
    derive_missing_keys(catalog, run_id)
    work = Gathering(catalog, run_id, sources, settings, is_asked=is_asked)
    hosts = [HostRecord(**asdict(one)) for one in load_hosts(catalog.database)]
    with open_crawler(settings.fetching, hosts) as crawler:
        work.ask_feeds(crawler)
        work.queue_pages()
        work.fetch_pages(crawler)
    return work.finish()


class Gathering:
    """One gathering in progress."""

    def __init__(
        self,
        catalog: Catalog,
        run_id: str,
        sources: Sequence[SourceSettings],
        settings: Settings,
        *,
        is_asked: bool,
    ) -> None:
        self._catalog = catalog
        self._run_id = run_id
        self._sources = {one.name: one for one in sources}
        self._settings = settings
        self._is_asked = is_asked
        self._now = datetime.now(UTC)
        self._tallies = {one.name: Tally() for one in sources}
        self._feeds: dict[tuple[str, str], SourceFeed] = {}
        self._failures: list[str] = []
        self._n_feeds = self._n_unchanged = self._n_pages = 0

    # Feeds

    def ask_feeds(self, crawler: Crawler) -> None:
        """Ask every feed whether it has something new, and queue that."""
        names = list(self._sources)
        self._feeds = {(one.source, one.url): one for one in load_feeds(self._database, names)}
        for source in self._sources.values():
            if source.feed is not None:
                key = (source.name, source.feed)
                self._feeds.setdefault(key, SourceFeed(source=source.name, url=source.feed))
        asked = [one for one in self._feeds.values() if self._is_due(one)]
        requests = [
            Request(
                url=one.moved_to or one.url,
                etag=one.etag,
                last_modified=one.last_modified,
                tag=str(number),
            )
            for number, one in enumerate(asked)
        ]
        for answer in crawler.fetch_all(requests):
            self._n_feeds += answer.status is not None
            with self._database.transaction():
                self._take_feed(asked[int(answer.request.tag)], answer)
                self._save_hosts(crawler)

    def _is_due(self, feed: SourceFeed) -> bool:
        source = self._sources[feed.source]
        if feed.url not in source.addresses and source.kind is not SourceKind.LIST:
            return False  # the settings name another address now
        tally = self._tallies[feed.source]
        is_due = self._is_asked or not (
            feed.is_gone or is_in_force(feed.next_allowed_at, self._now)
        )
        if not is_due:
            tally.state = "gone" if feed.is_gone else "waiting"
            tally.next_allowed_at = feed.next_allowed_at
        return is_due

    def _take_feed(self, feed: SourceFeed, answer: Answer) -> None:
        """Remember what a feed answered, and queue or store its entries."""
        tally = self._tallies[feed.source]
        tally.status = answer.status
        if answer.outcome is Outcome.UNCHANGED:
            self._n_unchanged += 1
            self._note_good(feed, answer, state="unchanged")
        elif answer.outcome is Outcome.LATER and answer.status is None:
            tally.message = answer.reason
        elif answer.outcome is Outcome.FETCHED:
            try:
                self._take_entries(feed, answer)
            except ValueError as error:
                self._note_failure(feed, str(error))
        else:
            self._note_failure(feed, answer.reason, outcome=answer.outcome)

    def _note_good(
        self, feed: SourceFeed, answer: Answer, *, state: str = "good", title: str | None = None
    ) -> None:
        tally = self._tallies[feed.source]
        tally.is_tried, tally.next_allowed_at = True, None
        if tally.state != "failed":
            tally.state = "good" if tally.state == "good" else state
        save_feeds(
            self._database,
            [
                replace(
                    feed,
                    moved_to=answer.moved_to or feed.moved_to,
                    title=title or feed.title,
                    etag=answer.headers.get("etag") or (feed.etag if state != "good" else None),
                    last_modified=answer.headers.get("last-modified")
                    or (feed.last_modified if state != "good" else None),
                    is_gone=False,
                    failures=0,
                    next_allowed_at=None,
                )
            ],
        )

    def _note_failure(
        self, feed: SourceFeed, reason: str, outcome: Outcome = Outcome.FAILED
    ) -> None:
        """Tell that a feed failed; one that goes on failing is asked less and less often."""
        failures = feed.failures + 1
        pause = None
        if failures > _PATIENCE:
            pause = min(_FIRST_PAUSE * 2 ** min(failures - _PATIENCE - 1, 10), _LONGEST_PAUSE)
        next_allowed_at = self._now + pause if pause else None
        is_gone = outcome is Outcome.GONE
        save_feeds(
            self._database,
            [
                replace(
                    feed,
                    # a place that fails again and again may have moved back
                    moved_to=feed.moved_to if failures <= _PATIENCE else None,
                    is_gone=is_gone,
                    failures=failures,
                    next_allowed_at=next_allowed_at,
                )
            ],
        )
        advice = "; it is not asked again, take it out of the sources" if is_gone else ""
        self._tell(feed.source, f"{feed.url}: {reason}{advice}", "gone" if is_gone else "failed")
        self._tallies[feed.source].next_allowed_at = next_allowed_at

    def _tell(self, name: str, message: str, state: str = "failed") -> None:
        tally = self._tallies[name]
        tally.is_tried, tally.state, tally.message = True, state, message
        self._failures.append(message if message.startswith(name) else f"{name}: {message}")

    def _take_entries(self, feed: SourceFeed, answer: Answer) -> None:
        """Store the entries that are articles themselves, queue those whose page is to be fetched.

        Raises `ValueError` where the answer is no feed.
        """
        parsed = parse_feed(
            answer.content,
            url=answer.url,
            content_type=answer.headers.get("content-type"),
            max_entries=self._settings.fetching.max_entries_per_feed,
        )
        source = self._sources[feed.source]
        known = find_entries(self._database, source.name, [one.key for one in parsed.entries])
        elsewhere = find_fetched_urls(
            self._database,
            source.name,
            [canonicalize_url(one.url) for one in parsed.entries if one.url],
        )
        found: list[Found] = []
        entries: list[SourceEntry] = []
        for one in parsed.entries:
            is_whole = self._is_whole(one, source)
            queued = self._queue_entry(one, source, known.get(one.key), elsewhere, is_whole)
            if queued is None:
                continue
            entries.append(queued)
            if is_whole:
                found.append(read_entry(one, source, parsed.title, answer.url))
        self._store(source.name, found)
        save_entries(self._database, entries)
        self._note_good(feed, answer, title=parsed.title)
        if parsed.problem:
            self._tallies[source.name].message = f"its XML is broken: {parsed.problem}"[:300]

    def _is_whole(self, entry: FeedEntry, source: SourceSettings) -> bool:
        """Tell whether an entry's own text is its article."""
        if entry.url is None or source.text == "feed":
            return True
        is_long = count_words(entry.text) >= self._settings.fetching.min_feed_words
        return source.text == "auto" and is_long and not is_teaser(entry.text)

    def _queue_entry(
        self,
        entry: FeedEntry,
        source: SourceSettings,
        known: SourceEntry | None,
        elsewhere: set[str],
        is_whole: bool,
    ) -> SourceEntry | None:
        """Return what is to be remembered of an entry, None where nothing is new."""
        stamp = f"{entry.stamp}-{hash_words(entry.text)}" if is_whole else entry.stamp
        if known is not None and known.stamp == stamp:
            return None
        url_key = canonicalize_url(entry.url) if entry.url else None
        is_done = is_whole or (known is None and url_key in elsewhere)
        pause = timedelta(minutes=self._settings.fetching.revisit_minutes)
        return SourceEntry(
            source=source.name,
            entry_key=entry.key,
            url=entry.url,
            url_key=url_key,
            stamp=stamp,
            hints=None if is_done else json.dumps(entry.hints),
            state="done" if is_done else "waiting",
            next_allowed_at=self._now + pause if known is not None and not is_done else None,
            reason="another source fetches it" if is_done and not is_whole else None,
        )

    # Pages

    def queue_pages(self) -> None:
        """Queue the addresses of lists that were never fetched, and all that were asked for."""
        feeds = {(name, url) for name, url in self._feeds}
        for source in self._sources.values():
            if source.kind is SourceKind.FEED:
                continue
            try:
                urls = [url for url in list_urls(source) if (source.name, url) not in feeds]
            except SourceError as error:
                self._tell(source.name, str(error))
                continue
            known = find_entries(self._database, source.name, urls)
            fresh = [
                SourceEntry(
                    source=source.name,
                    entry_key=url,
                    url=url,
                    url_key=canonicalize_url(url),
                    stamp="",
                )
                for url in urls
                if url not in known or self._is_asked
            ]
            with self._database.transaction():
                save_entries(self._database, fresh)
            if self._tallies[source.name].state == "waiting":
                self._tallies[source.name].state = "unchanged"

    def fetch_pages(self, crawler: Crawler) -> None:
        """Fetch what waits, and store it a batch a transaction."""
        waiting = load_waiting(self._database, list(self._sources), datetime.now(UTC))
        requests = [
            Request(url=str(one.url), tag=str(number)) for number, one in enumerate(waiting)
        ]
        held: list[tuple[SourceEntry, Answer]] = []
        for n_done, answer in enumerate(crawler.fetch_all(requests), 1):
            held.append((waiting[int(answer.request.tag)], answer))
            if len(held) >= PAGES_PER_BATCH or n_done == len(requests):
                self._store_pages(held, crawler)
                held.clear()
                report_progress("read", n_done, len(requests))

    def _store_pages(self, held: Sequence[tuple[SourceEntry, Answer]], crawler: Crawler) -> None:
        found: dict[str, list[Found]] = {}
        entries: list[SourceEntry] = []
        with self._database.transaction():
            for entry, answer in held:
                source = self._sources[entry.source]
                self._n_pages += answer.status is not None
                if is_hidden_feed(source, answer):
                    feed = SourceFeed(source=entry.source, url=entry.entry_key)
                    self._take_feed(feed, answer)
                    entries.append(replace(entry, state="done", reason="it is a feed"))
                    continue
                after, article = self._take_page(entry, source, answer)
                entries.append(after)
                if article is not None:
                    found.setdefault(source.name, []).append(article)
            for name, articles in found.items():
                self._store(name, articles)
            save_entries(self._database, entries)
            self._save_hosts(crawler)

    def _take_page(
        self, entry: SourceEntry, source: SourceSettings, answer: Answer
    ) -> tuple[SourceEntry, Found | None]:
        """Return the entry as it is from now on, and the article or why there is none."""
        tally = self._tallies[source.name]
        if answer.outcome is Outcome.LATER:
            tally.message = tally.message or answer.reason
            return entry, None
        tally.is_tried, tally.status = True, answer.status
        if answer.outcome is Outcome.FETCHED:
            tally.state = "good" if tally.state in ("waiting", "unchanged") else tally.state
            hints: dict[str, Any] = {**json.loads(entry.hints or "{}"), "fetched_at": self._now}
            article = read_page(
                answer.content,
                url=answer.url,
                source=answer.url,
                content_type=answer.headers.get("content-type") or None,
                outlet=source.outlet,
                hints=hints,
            )
            reason = article.reason if isinstance(article, RejectedArticle) else None
            return replace(entry, state="done", hints=None, attempts=0, reason=reason), article
        if source.kind is not SourceKind.FEED:
            self._tell(source.name, f"{entry.url}: {answer.reason}")
        attempts = entry.attempts + 1
        is_over = answer.outcome in (Outcome.REFUSED, Outcome.GONE)
        if not is_over and attempts < self._settings.fetching.max_attempts:
            return replace(entry, attempts=attempts, reason=answer.reason), None
        refused = RejectedArticle(source=str(entry.url), source_id=None, reason=answer.reason)
        return replace(entry, state="failed", attempts=attempts, reason=answer.reason), refused

    # Storing

    @property
    def _database(self) -> Any:
        return self._catalog.database

    def _store(self, name: str, found: Sequence[Found]) -> None:
        if found:
            tally = self._tallies[name]
            tally.counts += store_found(self._catalog, self._run_id, found)

    def _save_hosts(self, crawler: Crawler) -> None:
        hosts = crawler.changed_hosts()
        save_hosts(self._database, [SourceHost(**asdict(one)) for one in hosts])

    def finish(self) -> GatherResult:
        """Remember what each source gave, and return all of it."""
        before = {one.source: one for one in load_reports(self._database)}
        reports = [
            self._report(self._sources[name], tally, before.get(name))
            for name, tally in self._tallies.items()
        ]
        with self._database.transaction():
            save_reports(self._database, reports)
        counts = ReadCounts()
        for tally in self._tallies.values():
            counts += tally.counts
        return GatherResult(
            counts=counts,
            n_feeds=self._n_feeds,
            n_unchanged_feeds=self._n_unchanged,
            n_pages=self._n_pages,
            failures=tuple(self._failures),
        )

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
            last_read_at=self._now,
            last_good_at=self._now if is_good else before.last_good_at if before else None,
            next_allowed_at=tally.next_allowed_at,
            failures=failures,
            n_read=tally.counts.n_read,
            n_new_articles=tally.counts.n_new,
            n_known=tally.counts.n_known,
            n_rejected=tally.counts.n_rejected,
            run_id=self._run_id,
        )


def is_hidden_feed(source: SourceSettings, answer: Answer) -> bool:
    """Tell whether an address that was given as a page is a feed."""
    return (
        source.kind is not SourceKind.FEED
        and answer.outcome is Outcome.FETCHED
        and looks_like_feed(answer.content)
    )


def read_entry(entry: FeedEntry, source: SourceSettings, title: str | None, feed_url: str) -> Found:
    """Return an entry's own text as an article."""
    record = {
        **entry.hints,
        "text": entry.text,
        "url": entry.url,
        "id": None if entry.url else entry.key,
        "outlet": source.outlet or read_host(entry.url) or title or read_host(feed_url),
    }
    return read_record(record, entry.url or f"{feed_url}#{entry.key}")


def list_urls(source: SourceSettings) -> list[str]:
    """Return the addresses of a source, each once. Raises `SourceError` naming file and line."""
    if source.list is None:
        return list(dict.fromkeys(source.addresses))
    try:
        lines = Path(source.list).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{source.list}: cannot be read: {error}") from error
    urls: list[str] = []
    for number, line in enumerate(lines, 1):
        words = line.strip()
        if words and not words.startswith("#"):
            try:
                urls.append(parse_web_address(words).url)
            except ValueError as error:
                raise SourceError(f"{source.list}:{number}: {error}") from None
    return list(dict.fromkeys(urls))


def hash_words(text: str) -> str:
    """Return eight digits that change with the words of a text."""
    return xxhash.xxh3_64_hexdigest(" ".join(text.split()).encode(errors="replace"))[:8]
