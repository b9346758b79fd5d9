"""The feed that a page names: what somebody means who gives the page of a site or a section."""

import html
import re
from urllib.parse import urljoin

from wirethread.sources.web_address import parse_web_address

__all__ = ["find_feed"]

_LOOKED_AT = 300_000
"""Bytes of a page in which its links are looked for; they stand in its head."""
_LINK = re.compile(r"<link\b[^<>]{1,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""\b(rel|type|href|title)\s{0,9}=\s{0,9}(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""",
    re.IGNORECASE,
)
_TYPES = frozenset(("application/rss+xml", "application/atom+xml", "application/rdf+xml"))
_COMMENTS = re.compile(r"\b(?:comments?|reacties|kommentare|commentaires|comentarios)\b", re.I)


def find_feed(content: bytes, url: str) -> str | None:
    """Return the address of the first feed of articles that a page names, None where none is.

    Feeds of readers' comments are passed over, as are addresses that are never asked.
    """
    for link in _LINK.findall(content[:_LOOKED_AT].decode("utf-8", "replace")):
        fields = {
            name.lower(): html.unescape(next(filter(None, values), "")).strip()
            for name, *values in _ATTRIBUTE.findall(link)
        }
        is_feed = fields.get("type", "").lower() in _TYPES
        is_alternate = "alternate" in fields.get("rel", "").lower().split()
        href = fields.get("href", "")
        if not (is_feed and is_alternate and href):
            continue
        if _COMMENTS.search(fields.get("title", "")) or _COMMENTS.search(href):
            continue
        try:
            return parse_web_address(urljoin(url, href)).url
        except ValueError:
            continue
    return None
