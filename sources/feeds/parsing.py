"""RSS, RDF and Atom from bytes that were fetched already: feedparser never fetches itself."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from wirethread.articles.addresses import read_host
from wirethread.articles.dates.order import DateOrder, guess_order
from wirethread.articles.dates.times import read_time
from wirethread.articles.field_text import read_line, read_text
from wirethread.articles.pages.xml_text import clean_xml
from wirethread.articles.records.dating import OrderVotes
from wirethread.articles.records.headlines import split_outlet
from wirethread.articles.types.articles import TimePrecision
from wirethread.sources.feeds.identity import Draft, Identity, identify_entries, is_aggregator
from wirethread.sources.web_address import join_address

__all__ = ["Feed", "FeedEntry", "looks_like_feed", "parse_feed"]

_ROOT = re.compile(rb"<(?:rss|feed|(?:\w+:)?RDF)[\s>:]", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_TIMES = ("published", "updated", "created")
_MAX_KEY = 1000
_MAX_TITLE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry of a feed."""

    key: str
    """Its guid, else its address, else a hash: what it is known by."""
    stamp: str
    """Changes when the feed says that the entry changed."""
    is_dated: bool = False
    """Whether a time is part of the stamp."""
    url: str | None
    text: str
    """Its own text in paragraphs, empty where it has none."""
    hints: Mapping[str, Any] = field(default_factory=dict)
    """What the feed knows of the article, under the names of records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed: its title and entries in its order, each key once."""

    title: str | None
    entries: tuple[FeedEntry, ...]
    problem: str | None = None
    """What is wrong with its XML; the entries are what could be read in spite of it."""


def looks_like_feed(content: bytes) -> bool:
    """Tell a feed from a page by its first element."""
    head = content[:8192].replace(b"\0", b"")
    root, page = _ROOT.search(head), _PAGE.search(head)
    return root is not None and (page is None or root.start() < page.start())


def parse_feed(
    content: bytes,
    *,
    url: str,
    content_type: str | None,
    max_entries: int,
    order: DateOrder | None = None,
) -> Feed:
    """Return the first entries of a feed, however long it takes.

    Raises:
        ValueError: where it is no feed, or so broken that no entry can be read.
    """
    import feedparser  # noqa: PLC0415 - only runs that fetch need it

    try:
        found = feedparser.parse(
            io.BytesIO(clean_xml(content, content_type)),
            response_headers={
                "content-location": url,
                "content-type": "application/xml; charset=utf-8",
            },
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"its XML cannot be read: {error}") from error
    problem = str(found.get("bozo_exception", "")) if found.get("bozo") else None
    if not found.get("version"):
        raise ValueError(f"it is no feed{': ' + problem if problem else ''}")
    if problem and not found.entries:
        raise ValueError(f"its XML is broken: {problem}")
    votes = OrderVotes(today=datetime.now(UTC).date())
    raws = found.entries[:max_entries]
    for raw in raws:
        stated = {name: _words(_get(raw, name)) for name in _TIMES}
        votes.add({**stated, "url": _words(raw.get("link"))}, "")
    order = order or votes.decide("")
    drafts = [_draft_entry(raw, url) for raw in raws]
    identities = identify_entries(drafts)
    entries: dict[str, FeedEntry] = {}
    for raw, draft, identity in zip(raws, drafts, identities, strict=True):
        entry = _read_entry(raw, draft, identity, found.feed, order)
        entries.setdefault(entry.key, entry)
    title = read_line(_words(found.feed.get("title")) or "") or None
    return Feed(title=title, entries=tuple(entries.values()), problem=problem)


def _draft_entry(raw: Any, feed_url: str) -> Draft:
    bodies = [str(body.get("value") or "") for body in raw.get("content") or ()]
    link = _read_link(raw, feed_url)
    text = read_text(max([*bodies, str(raw.get("summary") or "")], key=len)).strip()
    return Draft(
        guid=_words(raw.get("id")),
        link=link,
        title=read_line(_words(raw.get("title")) or "")[:_MAX_TITLE] or None,
        text="" if is_aggregator(link) else text,  # there it holds the headlines of others
    )


def _read_entry(
    raw: Any, draft: Draft, identity: Identity, feed: Any, order: DateOrder | None
) -> FeedEntry:
    language = _words(feed.get("language"))
    updated = _words(_get(raw, "updated")) or _words(_get(raw, "published")) or ""
    origin = _read_origin(raw.get("source"))
    title, outlet = draft.title, None
    if origin and title:
        headline, name = split_outlet(title, origin[:1])
        if name is not None or is_aggregator(draft.link):
            title, outlet = headline, read_host(origin[-1]) or origin[0]
    hints: dict[str, Any] = {
        "title": title,
        "published_at": _read_times(raw, order, language, draft.link),
        "authors": [
            name for author in raw.get("authors") or () if (name := _words(author.get("name")))
        ],
        "source": origin,
        "outlet": outlet,
        "language": language,
        "original_source": _words(raw.get("dc_source")),
        "copyrightNotice": _words(raw.get("rights")),
        "associations": _read_media(raw),
        "guid": identity.guid,
        "address_shared": identity.is_shared_address,
    }
    return FeedEntry(
        key=identity.key[:_MAX_KEY],
        stamp=sha256(f"{updated}\n{draft.title}".encode()).hexdigest()[:16],
        is_dated=bool(updated),
        url=draft.link,
        text=draft.text,
        hints={name: value for name, value in hints.items() if value},
    )


def _read_media(raw: Any) -> list[dict[str, str]]:
    """Return whom the pictures of an entry are credited to."""
    credits_given = [_words(credit.get("content")) for credit in raw.get("media_credit") or ()]
    return [{"type": "picture", "byline": words} for words in credits_given[:20] if words]


def _read_link(raw: Any, feed_url: str) -> str | None:
    for link in (raw.get("feedburner_origlink"), raw.get("link")):
        if isinstance(link, str) and link.strip():
            try:
                return join_address(feed_url, link).url
            except ValueError:
                continue
    return None


def _read_origin(source: Any) -> list[str]:
    """Return title and address of the publisher that an entry was taken from."""
    if not isinstance(source, Mapping):
        return []
    said = [source.get("title"), source.get("link") or source.get("href") or source.get("url")]
    return [words for value in said if (words := _words(value))]


def _read_times(
    raw: Any, order: DateOrder | None, language: str | None, url: str | None
) -> str | None:
    """Return the time of an entry in our form, or its words where they cannot be read as one.

    feedparser's own reading is not used: it drops PM and most zones, and reads 2026/11/02 as 1
    November.
    """
    stated = [words for name in _TIMES if (words := _words(_get(raw, name)))]
    usual = order or guess_order(language, url)
    for words in stated:
        try:
            moment, precision = read_time(words, order=usual, language=(language or "")[:2] or None)
        except ValueError:
            continue
        if moment is not None:
            is_day = precision is TimePrecision.DAY
            return moment.date().isoformat() if is_day else moment.isoformat()
    return stated[0] if stated else None


def _get(raw: Any, name: str) -> Any:
    """Look up what really stands in an entry: feedparser lends `published` to `updated`."""
    return dict.get(raw, name)


def _words(value: Any) -> str | None:
    words = " ".join(value.split()) if isinstance(value, str) else ""
    return words or None
