"""Pages: queue what the settings name, fetch what waits, store it a batch a transaction.

A page of the settings is visited again after a while, so that a silent change becomes a version:
with the server's marks of its last state, and less and less often while it stays the same. A page
that a feed brought is visited again when its feed says that it changed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import xxhash

from wirethread.articles.addresses import canonicalize_url
from wirethread.articles.errors import SourceError
from wirethread.articles.pages.page import read_page
from wirethread.articles.types.articles import RejectedArticle
from wirethread.flows.intake.feed_step import FeedStep
from wirethread.flows.intake.source_tally import Found, Ledger
from wirethread.flows.runs.progress import report_progress
from wirethread.sources.crawl import Crawler
from wirethread.sources.feeds.discovery import find_feed
from wirethread.sources.feeds.parsing import looks_like_feed
from wirethread.sources.settings import SourceKind, SourceSettings
from wirethread.sources.web.responses import Outcome, Request, Response
from wirethread.sources.web_address import parse_web_address
from wirethread.storage.tables.sources import FORGOTTEN, Place, SourceEntry, SourceFeed

__all__ = ["PageQueue", "list_found_feeds", "list_given"]

PAGES_PER_BATCH = 25
"""Pages stored in one transaction: so many at most are fetched again after a kill."""
_LONGEST_PAUSE = timedelta(days=1)
"""A page that never changes is visited again after so long, or after `revisit_minutes`."""
_VISIT = "visit"
"""Name, among the hints of a page, of what its last visit left."""

_FEED = "feed"
"""Name, in what a visit left, of the feed that stands for the page."""


class PageQueue:
    """The pages of one gathering. `given` are all addresses that the settings or lists name."""

    def __init__(self, ledger: Ledger, feeds: FeedStep, given: Sequence[Place]) -> None:
        self._ledger = ledger
        self._feeds = feeds
        self._given = frozenset(
            (name, url) for name, url in given if ledger.sources[name].kind is not SourceKind.FEED
        )

    def queue(self) -> None:
        """Queue the given pages that were never fetched, are due again, or were asked for."""
        ledger = self._ledger
        pages = sorted(place for place in self._given if not self._feeds.is_feed(*place))
        known = ledger.catalog.sources.find_entries(pages)
        queued = [self._queue_page(name, url, known.get((name, url))) for name, url in pages]
        ledger.catalog.sources.save_entries([page for page in queued if page is not None])
        for source in ledger.sources.values():
            tally = ledger.tallies[source.name]
            is_untold = tally.state == "waiting" and tally.next_allowed_at is None
            if source.kind is not SourceKind.FEED and is_untold:
                tally.state = "unchanged"

    def _queue_page(self, name: str, url: str, known: SourceEntry | None) -> SourceEntry | None:
        """Return a page as it waits from now on, None where it does not, or waits already."""
        if known is None or (self._ledger.is_asked and known.state != FORGOTTEN):
            return queue_address(name, url)
        if known.state == "done" and not self._is_resting(known):
            return replace(known, state="waiting", next_allowed_at=None)
        return None

    def _is_resting(self, page: SourceEntry) -> bool:
        """Tell whether it is too early for another visit; a clock that jumped back is not."""
        now, until = self._ledger.now, page.next_allowed_at
        longest = max(_LONGEST_PAUSE, timedelta(minutes=self._ledger.limits.revisit_minutes))
        return until is not None and now < until <= now + longest

    def fetch(self, crawler: Crawler) -> None:
        """Fetch what waits, and what feeds among it bring."""
        tried: set[Place] = set()
        while waiting := [
            entry
            for entry in self._ledger.catalog.sources.load_waiting(
                list(self._ledger.sources), datetime.now(UTC)
            )
            if (entry.source, entry.entry_key) not in tried
        ]:
            tried.update((one.source, one.entry_key) for one in waiting)
            self._fetch_waiting(crawler, waiting)

    def _fetch_waiting(self, crawler: Crawler, waiting: Sequence[SourceEntry]) -> None:
        requests = [ask_page(one, str(number)) for number, one in enumerate(waiting)]
        held: list[tuple[SourceEntry, Response]] = []
        n_done = 0
        for responses in crawler.fetch_all(requests):
            held += [(waiting[int(response.request.tag)], response) for response in responses]
            n_left = len(requests) - n_done - len(held)
            while len(held) >= PAGES_PER_BATCH or (held and not n_left):
                batch, held = held[:PAGES_PER_BATCH], held[PAGES_PER_BATCH:]
                self._store_pages(batch, crawler)
                n_done += len(batch)
                report_progress("read", n_done, len(requests))

    def _store_pages(self, held: Sequence[tuple[SourceEntry, Response]], crawler: Crawler) -> None:
        ledger = self._ledger
        found: dict[str, list[Found]] = {}
        entries: list[SourceEntry] = []
        with ledger.catalog.taking_in():
            for entry, response in held:
                if self._is_hidden_feed(entry, response):
                    feed = SourceFeed(source=entry.source, url=entry.entry_key)
                    self._feeds.take([(feed, response)])
                    entries.append(replace(entry, state="done", hints=None, reason="it is a feed"))
                    continue
                ledger.n_pages += response.status is not None
                after, article = self._take_page(entry, response)
                if (address := self._find_feed(entry, response, article)) is not None:
                    after, article = self._follow_feed(after, address), None
                    entries.append(queue_address(entry.source, address))
                entries.append(after)
                if article is not None:
                    found.setdefault(entry.source, []).append(article)
            ledger.store(found)
            ledger.catalog.sources.save_entries(entries)
            ledger.save_hosts(crawler)

    def _is_given(self, entry: SourceEntry) -> bool:
        return (entry.source, entry.entry_key) in self._given

    def _is_hidden_feed(self, entry: SourceEntry, response: Response) -> bool:
        """Tell whether an address that was given as a page is a feed.

        What a feed names as an article is never taken for one: feeds could lead on without end.
        """
        return (
            self._is_given(entry)
            and response.outcome is Outcome.FETCHED
            and looks_like_feed(response.content)
        )

    def _find_feed(
        self, entry: SourceEntry, response: Response, article: Found | None
    ) -> str | None:
        """Return the feed that a page names which was given and is no article itself."""
        is_page = self._is_given(entry) and response.outcome is Outcome.FETCHED
        is_root = urlsplit(response.url).path in ("", "/")
        if not is_page or article is None:
            return None
        if not is_root and not isinstance(article, RejectedArticle):
            return None
        return find_feed(response.content, response.url)

    def _follow_feed(self, page: SourceEntry, feed: str) -> SourceEntry:
        """Return a page that its feed stands for from now on."""
        self._given |= {(page.source, feed)}
        hints = json.loads(page.hints or "{}")
        hints[_VISIT] = {**hints.get(_VISIT, {}), _FEED: feed}
        return replace(page, hints=json.dumps(hints), reason=f"its feed is read: {feed}")

    def _take_page(
        self, entry: SourceEntry, response: Response
    ) -> tuple[SourceEntry, Found | None]:
        """Return the entry as it is from now on, and the article or why there is none."""
        source = self._ledger.sources[entry.source]
        tally = self._ledger.tallies[entry.source]
        if response.outcome is Outcome.LATER:
            tally.message = tally.message or response.reason
            return entry, None
        tally.is_tried, tally.status = True, response.status
        hints: dict[str, Any] = json.loads(entry.hints or "{}")
        visit = hints.pop(_VISIT, None)
        if response.outcome is Outcome.UNCHANGED or (
            visit is not None and visit["content"] == hash_content(response.content)
        ):
            tally.state = "unchanged" if tally.state == "waiting" else tally.state
            return self._rest(entry, visit or {}, response, is_same=True), None
        if response.outcome is not Outcome.FETCHED:
            return self._take_failure(entry, response, visit)
        tally.state = "good" if tally.state in ("waiting", "unchanged") else tally.state
        article: Found
        if looks_like_feed(response.content):
            reason = "it is a feed where its own feed promised an article"
            article = RejectedArticle(source=response.url, source_id=None, reason=reason)
        else:
            article = read_page(
                response.content,
                url=response.url,
                source=response.url,
                content_type=response.headers.get("content-type") or None,
                outlet=source.outlet,
                hints={**hints, "fetched_at": self._ledger.now},
                order=source.order,
            )
        refusal = article.reason if isinstance(article, RejectedArticle) else None
        after = replace(entry, state="done", hints=None, attempts=0, reason=refusal)
        if self._is_given(entry):
            after = self._rest(after, {}, response, is_same=False)
        return after, article

    def _rest(
        self, entry: SourceEntry, visit: Mapping[str, Any], response: Response, *, is_same: bool
    ) -> SourceEntry:
        """Return a visited page as it waits for its next visit, longer where nothing changed."""
        shortest = self._ledger.limits.revisit_minutes
        longest = max(shortest, _LONGEST_PAUSE / timedelta(minutes=1))
        minutes = min(max(shortest, 2 * visit.get("minutes", 0)), longest) if is_same else shortest
        is_read = response.outcome is Outcome.FETCHED
        left = {
            "minutes": minutes,
            "content": hash_content(response.content) if is_read else visit.get("content"),
            "etag": response.headers.get("etag") or (None if is_read else visit.get("etag")),
            "last_modified": response.headers.get("last-modified")
            or (None if is_read else visit.get("last_modified")),
            _FEED: visit.get(_FEED),
        }
        return replace(
            entry,
            state="done",
            attempts=0,
            hints=json.dumps({_VISIT: left}),
            next_allowed_at=self._ledger.now + timedelta(minutes=minutes),
        )

    def _take_failure(
        self, entry: SourceEntry, response: Response, visit: Mapping[str, Any] | None
    ) -> tuple[SourceEntry, Found | None]:
        """Try a page again in later runs, up to the limit; one that was read once, now and then."""
        source = self._ledger.sources[entry.source]
        if source.kind is not SourceKind.FEED:
            self._ledger.tell(source.name, f"{entry.url}: {response.reason}")
        attempts = entry.attempts + 1
        is_tired = attempts >= self._ledger.limits.max_attempts
        if visit is not None:  # its article is stored already
            is_gone = response.outcome is Outcome.GONE or (is_tired and response.status == 404)
            after = self._rest(entry, visit, response, is_same=True)
            state = "failed" if is_gone else "done"
            return replace(after, state=state, attempts=attempts, reason=response.reason), None
        if response.outcome in (Outcome.REFUSED, Outcome.GONE) or is_tired:
            refused = RejectedArticle(source=str(entry.url), source_id=None, reason=response.reason)
            return replace(
                entry, state="failed", attempts=attempts, reason=response.reason
            ), refused
        return replace(entry, attempts=attempts, reason=response.reason), None


def queue_address(source: str, url: str) -> SourceEntry:
    """Return an address as it waits to be fetched for the first time."""
    url_key = canonicalize_url(url)
    return SourceEntry(source=source, entry_key=url, url=url, url_key=url_key, stamp="")


def list_found_feeds(ledger: Ledger, given: Sequence[Place]) -> list[Place]:
    """Return the feeds that stand for given pages, as earlier visits found."""
    pages = [place for place in given if ledger.sources[place[0]].kind is not SourceKind.FEED]
    known = ledger.catalog.sources.find_entries(pages)
    left = [json.loads(page.hints or "{}").get(_VISIT, {}) for page in known.values()]
    return [
        (source, visit[_FEED])
        for (source, _), visit in zip(known, left, strict=True)
        if visit.get(_FEED)
    ]


def ask_page(entry: SourceEntry, tag: str) -> Request:
    """Return the request for a page: with the marks of its last state, where it was visited."""
    visit = json.loads(entry.hints or "{}").get(_VISIT, {})
    return Request(
        url=str(entry.url),
        etag=visit.get("etag"),
        last_modified=visit.get("last_modified"),
        tag=tag,
    )


def list_given(ledger: Ledger) -> list[Place]:
    """Return every address that the settings and lists name; a list that cannot be read is told."""
    given: list[Place] = []
    for source in ledger.sources.values():
        try:
            given += [(source.name, url) for url in list_urls(source)]
        except SourceError as error:
            ledger.tell(source.name, str(error))
    return given


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


def hash_content(content: bytes) -> str:
    """Return a hash of what a page answered."""
    return xxhash.xxh3_64_hexdigest(content)
