"""Feeds: ask each whether it has something new; store entries that are whole, queue the others."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import xxhash

from wirethread.articles.addresses import canonicalize_url, read_host
from wirethread.articles.records.record import read_record
from wirethread.articles.types.articles import Mark, SourceArticle
from wirethread.flows.intake.known_entries import KnownEntries
from wirethread.flows.intake.source_tally import Found, Ledger
from wirethread.flows.runs.progress import report_progress
from wirethread.sources.crawl import Crawler
from wirethread.sources.feeds.entry_text import count_words, is_teaser
from wirethread.sources.feeds.identity import holds_same_place
from wirethread.sources.feeds.parsing import FeedEntry
from wirethread.sources.feeds.reading import read_feed
from wirethread.sources.settings import SourceSettings
from wirethread.sources.web.hosts import is_in_force
from wirethread.sources.web.responses import Outcome, Request, Response
from wirethread.storage.tables.sources import FORGOTTEN, SourceEntry, SourceFeed

__all__ = ["FeedStep", "hash_words"]

_PATIENCE = 2
"""Failures in a row after which a feed is asked less often."""
_FIRST_PAUSE = timedelta(minutes=15)
_LONGEST_PAUSE = timedelta(days=1)


class FeedStep:
    """The feeds of one gathering."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._feeds: dict[tuple[str, str], SourceFeed] = {}

    def is_feed(self, source: str, url: str) -> bool:
        """Tell whether an address of a source is known to be a feed."""
        return (source, url) in self._feeds

    def ask(self, crawler: Crawler, given: Collection[tuple[str, str]]) -> None:
        """Ask every feed whether it has something new, and queue that.

        `given` are the sources and addresses that stand in the settings or in their lists.
        """
        ledger = self._ledger
        found = ledger.catalog.sources.load_feeds(list(ledger.sources))
        self._feeds = {(one.source, one.url): one for one in found}
        for source in ledger.sources.values():
            if source.feed is not None:
                key = (source.name, source.feed)
                self._feeds.setdefault(key, SourceFeed(source=source.name, url=source.feed))
        asked = [
            one for key, one in self._feeds.items() if key in given and self._is_due(one)
        ]  # the others stood there once
        requests = [
            Request(
                url=feed.moved_to or feed.url,
                etag=feed.etag,
                last_modified=feed.last_modified,
                tag=str(number),
            )
            for number, feed in enumerate(asked)
        ]
        n_done = 0
        for responses in crawler.fetch_all(requests):
            with ledger.catalog.taking_in():
                self.take([(asked[int(response.request.tag)], response) for response in responses])
                ledger.save_hosts(crawler)
            n_done += len(responses)
            report_progress("read", n_done, len(requests))

    def _is_due(self, feed: SourceFeed) -> bool:
        ledger, tally = self._ledger, self._ledger.tallies[feed.source]
        is_due = ledger.is_asked or not (
            feed.is_gone or is_in_force(feed.next_allowed_at, ledger.now)
        )
        if not is_due:
            tally.state = "gone" if feed.is_gone else "waiting"
            tally.next_allowed_at = feed.next_allowed_at
        return is_due

    def take(self, answered: Iterable[tuple[SourceFeed, Response]]) -> None:
        """Remember what feeds answered, and queue or store their entries."""
        ledger = self._ledger
        read: list[_ReadFeed] = []
        after: list[SourceFeed] = []
        for feed, response in answered:
            tally = ledger.tallies[feed.source]
            ledger.n_feeds += response.status is not None
            tally.status = response.status
            if response.outcome is Outcome.UNCHANGED:
                ledger.n_unchanged_feeds += 1
                after.append(self._note_good(feed, response, state="unchanged"))
            elif response.outcome is Outcome.LATER and response.status is None:
                tally.message = response.reason
            elif response.outcome is Outcome.FETCHED:
                try:
                    found = self._read(feed, response)
                except ValueError as error:
                    after.append(self._note_failure(feed, str(error)))
                else:
                    read.append(found)
                    after.append(self._note_good(feed, response, title=found.title))
            else:
                after.append(self._note_failure(feed, response.reason, outcome=response.outcome))
        self._take_entries(read)
        ledger.catalog.sources.save_feeds(after)

    def _read(self, feed: SourceFeed, response: Response) -> "_ReadFeed":
        """Return what a feed holds. Raises `ValueError` where the answer is no feed."""
        ledger = self._ledger
        source = ledger.sources[feed.source]
        parsed = read_feed(
            response.content,
            url=response.url,
            content_type=response.headers.get("content-type"),
            max_entries=ledger.limits.max_entries_per_feed,
            order=source.order,
        )
        if parsed.problem:
            ledger.tallies[source.name].message = f"its XML is broken: {parsed.problem}"[:300]
        entries = tuple(
            _ReadEntry.read(one, source, ledger.limits.min_feed_words) for one in parsed.entries
        )
        return _ReadFeed(source=source, title=parsed.title, url=response.url, entries=entries)

    def _note_good(
        self, feed: SourceFeed, response: Response, *, state: str = "good", title: str | None = None
    ) -> SourceFeed:
        """Tell that a feed answered, and return it as it is to be remembered."""
        tally = self._ledger.tallies[feed.source]
        tally.is_tried, tally.next_allowed_at = True, None
        if tally.state != "failed":
            tally.state = "good" if tally.state == "good" else state
        is_same = state != "good"
        return replace(
            feed,
            moved_to=response.moved_to or feed.moved_to,
            title=title or feed.title,
            etag=response.headers.get("etag") or (feed.etag if is_same else None),
            last_modified=response.headers.get("last-modified")
            or (feed.last_modified if is_same else None),
            is_gone=False,
            failures=0,
            next_allowed_at=None,
        )

    def _note_failure(
        self, feed: SourceFeed, reason: str, outcome: Outcome = Outcome.FAILED
    ) -> SourceFeed:
        """Tell that a feed failed, and return it as it is to be remembered.

        One that goes on failing is asked less and less often.
        """
        failures = feed.failures + 1
        pause = None
        if failures > _PATIENCE:
            pause = min(_FIRST_PAUSE * 2 ** min(failures - _PATIENCE - 1, 10), _LONGEST_PAUSE)
        next_allowed_at = self._ledger.now + pause if pause else None
        is_gone = outcome is Outcome.GONE
        advice = "; it is not asked again, take it out of the sources" if is_gone else ""
        state = "gone" if is_gone else "failed"
        self._ledger.tell(feed.source, f"{feed.url}: {reason}{advice}", state)
        self._ledger.tallies[feed.source].next_allowed_at = next_allowed_at
        return replace(
            feed,
            # a place that fails again and again may have moved back
            moved_to=feed.moved_to if failures <= _PATIENCE else None,
            is_gone=is_gone,
            failures=failures,
            next_allowed_at=next_allowed_at,
        )

    def _take_entries(self, feeds: Sequence["_ReadFeed"]) -> None:
        """Store the entries that are articles themselves, queue those whose page is to be fetched.

        The entries of all feeds are looked up, and stored, at once; a feed that comes later in the
        list finds those of the ones before it as known.
        """
        named = [(feed.source.name, entry) for feed in feeds for entry in feed.entries]
        known = KnownEntries(
            self._ledger.catalog,
            places=[(source, entry.key) for source, entry in named],
            stamps=[(source, entry.stamp) for source, entry in named],
            url_keys=[entry.url_key for _, entry in named if entry.url_key is not None],
        )
        found: dict[str, list[Found]] = {}
        for feed in feeds:
            moved = find_moved(feed, known)
            for entry in feed.entries:
                if entry.key in moved:
                    continue
                queued = self._queue_entry(entry, feed.source.name, known)
                if queued is None:
                    continue
                known.add(queued)
                if entry.is_whole:
                    article = read_entry(entry.entry, feed.source, feed.title, feed.url)
                    found.setdefault(feed.source.name, []).append(article)
        self._ledger.store(found)
        self._ledger.catalog.sources.save_entries(known.added.values())

    def _queue_entry(
        self, entry: "_ReadEntry", source: str, known: KnownEntries
    ) -> SourceEntry | None:
        """Return what is to be remembered of an entry, None where nothing is new."""
        before = known.find(source, entry.key)
        if before is not None and (before.stamp == entry.stamp or before.state == FORGOTTEN):
            return None
        is_elsewhere = (
            before is None
            and entry.url_key is not None
            and known.is_fetched_elsewhere(source, entry.url_key)
        )
        is_done = entry.is_whole or is_elsewhere
        pause = timedelta(minutes=self._ledger.limits.revisit_minutes)
        return SourceEntry(
            source=source,
            entry_key=entry.key,
            url=entry.entry.url,
            url_key=entry.url_key,
            stamp=entry.stamp,
            hints=None if is_done else json.dumps(entry.entry.hints),
            state="done" if is_done else "waiting",
            next_allowed_at=self._ledger.now + pause
            if before is not None and not is_done
            else None,
            reason="another source fetches it" if is_done and not entry.is_whole else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadEntry:
    """An entry of a feed as its source reads it."""

    entry: FeedEntry
    stamp: str
    """Changes with the entry, and with its text where that is the article."""
    url_key: str | None
    is_whole: bool
    """Whether the entry's own text is its article."""

    @property
    def key(self) -> str:
        return self.entry.key

    @classmethod
    def read(cls, entry: FeedEntry, source: SourceSettings, least_words: int) -> "_ReadEntry":
        """Return an entry; `least_words` make a text that may be an article."""
        is_whole = is_article(entry, source, least_words)
        return cls(
            entry=entry,
            stamp=f"{entry.stamp}-{hash_words(entry.text)}" if is_whole else entry.stamp,
            url_key=canonicalize_url(entry.url) if entry.url else None,
            is_whole=is_whole,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadFeed:
    """A feed that was read; `url` is where it was found."""

    source: SourceSettings
    title: str | None
    url: str
    entries: tuple[_ReadEntry, ...]


def is_article(entry: FeedEntry, source: SourceSettings, least_words: int) -> bool:
    """Tell whether an entry's own text is its article."""
    if entry.url is None or source.text == "feed":
        return True
    is_long = count_words(entry.text) >= least_words
    return source.text == "auto" and is_long and not is_teaser(entry.text)


def find_moved(feed: _ReadFeed, known: KnownEntries) -> set[str]:
    """Return the keys of entries that are known under other ones: with a new link or id.

    Such an entry has the time, the title and, where it is whole, the text of the known one, and
    an address that differs by tokens at most.
    """
    return {
        entry.key
        for entry in feed.entries
        if known.find(feed.source.name, entry.key) is None
        and (entry.entry.is_dated or entry.is_whole)
        and any(
            holds_same_place(entry.entry.url, before.url)
            for before in known.list_stamped(feed.source.name, entry.stamp)
        )
    }


def read_entry(entry: FeedEntry, source: SourceSettings, title: str | None, feed_url: str) -> Found:
    """Return an entry's own text as an article."""
    outlet = entry.hints.get("outlet") or read_host(entry.url) or title or read_host(feed_url)
    record = {
        **entry.hints,
        "text": entry.text,
        "url": entry.url,
        "id": entry.hints.get("guid") if entry.url else entry.key,
        "outlet": source.outlet or outlet,
    }
    found = read_record(record, entry.url or f"{feed_url}#{entry.key}")
    if isinstance(found, SourceArticle) and entry.hints.get("address_shared"):
        marks: dict[str, str] = {Mark.ADDRESS_SHARED: "its feed gives it to several entries"}
        return replace(found, notes={**found.notes, **marks})
    return found


def hash_words(text: str) -> str:
    """Return eight digits that change with the words of a text."""
    return xxhash.xxh3_64_hexdigest(" ".join(text.split()).encode(errors="replace"))[:8]
