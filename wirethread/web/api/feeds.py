"""Atom (RFC 4287) and JSON Feed 1.1 of what a list shows."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from fastapi import APIRouter, Request, Response

from wirethread.web.site import Ask, Line, Site
from wirethread.web.twins import PROBLEMS, wear_signature

__all__ = ["Entry", "Feed", "add_feeds"]

ATOM = "http://www.w3.org/2005/Atom"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_ALLOWED = {9, 10, 13}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `key` names it for good, whatever address the site has."""

    key: str
    title: str
    path: str
    updated_at: datetime | None
    summary: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed of entries. `path` is the page that it follows."""

    key: str
    title: str
    path: str
    entries: Sequence[Entry]


def add_feeds(
    router: APIRouter,
    site: Site,
    path: str,
    feed: Callable[..., Feed],
    *,
    name: str,
    line: Line = Line.PAGES,
) -> None:
    """Serve `feed(ask, **parameters)` at `path.atom` and `path.feed.json`."""

    async def as_atom(request: Request, **values: Any) -> Response:
        return await site.answer(
            request,
            lambda ask: (
                write_atom(feed(ask, **values), ask),
                "application/atom+xml; charset=utf-8",
            ),
            line,
        )

    async def as_json(request: Request, **values: Any) -> Response:
        return await site.answer(
            request,
            lambda ask: (write_json_feed(feed(ask, **values), ask), "application/feed+json"),
            line,
        )

    for suffix, serve, media in (
        ("atom", as_atom, "application/atom+xml"),
        ("feed.json", as_json, "application/feed+json"),
    ):
        form = suffix.replace(".", "_")
        router.add_api_route(
            f"{path}.{suffix}",
            wear_signature(serve, feed),
            methods=["GET"],
            response_model=None,
            responses={200: {"description": "A feed.", "content": {media: {}}}, **PROBLEMS},
            name=f"{name}_{form}",
            operation_id=f"{name}_{form}",
            description="What is new here, for a reader of feeds.",
            tags=["feeds"],
        )


def write_atom(feed: Feed, ask: Ask) -> bytes:
    """Return the feed as Atom."""
    root = ElementTree.Element("feed", {"xmlns": ATOM})
    _add(root, "id", f"urn:wirethread:{feed.key}")
    _add(root, "title", feed.title)
    _add(root, "updated", _newest(feed).isoformat())
    ElementTree.SubElement(root, "link", {"href": f"{ask.base_url}{feed.path}"})
    ElementTree.SubElement(root, "link", {"rel": "self", "href": ask.url})
    for piece in feed.entries:
        entry = ElementTree.SubElement(root, "entry")
        _add(entry, "id", f"urn:wirethread:{piece.key}")
        _add(entry, "title", piece.title or "without a title")
        _add(entry, "updated", (piece.updated_at or _LONG_AGO).isoformat())
        ElementTree.SubElement(entry, "link", {"href": f"{ask.base_url}{piece.path}"})
        _add(entry, "summary", piece.summary)
        _add(ElementTree.SubElement(entry, "author"), "name", piece.author or "unknown")
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def write_json_feed(feed: Feed, ask: Ask) -> bytes:
    """Return the feed as JSON Feed 1.1."""
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "home_page_url": f"{ask.base_url}{feed.path}",
            "feed_url": ask.url,
            "items": [
                {
                    "id": f"urn:wirethread:{entry.key}",
                    "url": f"{ask.base_url}{entry.path}",
                    "title": entry.title,
                    "content_text": entry.summary,
                    "date_modified": (entry.updated_at or _LONG_AGO).isoformat(),
                    "authors": [{"name": entry.author or "unknown"}],
                }
                for entry in feed.entries
            ],
        },
        ensure_ascii=False,
    ).encode("utf-8", "replace")


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = clean_text(text)


def clean_text(text: str) -> str:
    """Leave out the characters that XML 1.0 cannot carry."""
    return "".join(
        letter
        for letter in text
        if (code := ord(letter)) in _ALLOWED
        or 32 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or code >= 0x10000
    )


def _newest(feed: Feed) -> datetime:
    return max([entry.updated_at for entry in feed.entries if entry.updated_at], default=_LONG_AGO)
