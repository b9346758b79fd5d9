"""What an entry of a feed is known by, however carelessly its site hands out ids and links.

A guid that several entries share says nothing, and neither does a link that several share; links
that differ only behind `#` are told apart by that. Tokens that a link gets anew with each fetch are
no part of what it is known by, as long as the entries of the feed stay distinct without them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from wirethread.articles.addresses import canonicalize_url, read_host

__all__ = ["Draft", "Identity", "holds_same_place", "identify_entries", "is_aggregator"]

_TOKEN = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Z]*[A-Z]|[0-9a-f]{16})[A-Za-z0-9_~.%-]{8,200}")
"""A value of letters and figures mixed, as no person writes them."""
_NAMED_PATH = re.compile(r"[0-9]{4}|[a-z]+-[a-z]+-", re.I)
"""A path that names an article by itself."""
_AGGREGATORS = re.compile(r"^(?:news\.google\.[a-z.]{2,6}|(?:bing|msn)\.com|news\.yahoo\.com)$")


@dataclass(frozen=True, slots=True)
class Draft:
    """What an entry says of itself, as far as its identity goes."""

    guid: str | None
    link: str | None
    title: str | None
    text: str

    @property
    def content(self) -> str:
        """Title and text, by which entries are the same whatever their ids."""
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Identity:
    """What an entry is known by."""

    key: str
    guid: str | None
    """Its guid where that is its own."""
    is_shared_address: bool
    """Whether other entries of the feed have the same address, but for what follows `#`."""


def identify_entries(drafts: Sequence[Draft]) -> list[Identity]:
    """Return the identity of each entry of one feed."""
    shared_guids = _find_shared([(draft.guid, draft) for draft in drafts])
    addresses = [canonicalize_url(draft.link) if draft.link else None for draft in drafts]
    shared = _find_shared(list(zip(addresses, drafts, strict=True)))
    shared_links = _find_shared([(draft.link, draft) for draft in drafts])
    stable = _Stable([word for draft in drafts for word in (draft.guid, draft.link) if word])
    found = []
    for draft, address in zip(drafts, addresses, strict=True):
        guid = draft.guid if draft.guid not in shared_guids else None
        if guid:
            key = stable.strip(guid)
        elif draft.link and draft.link not in shared_links:
            key = stable.strip(draft.link)
        else:
            key = sha256(draft.content.encode(errors="replace")).hexdigest()
        found.append(Identity(key, guid and stable.strip(guid), address in shared))
    return found


def _find_shared(named: Sequence[tuple[str | None, Draft]]) -> set[str]:
    """Return the names that entries of different content have in common."""
    contents: dict[str, set[str]] = {}
    for name, draft in named:
        if name:
            contents.setdefault(name, set()).add(draft.content)
    return {name for name, different in contents.items() if len(different) > 1}


class _Stable:
    """Strips tokens from the addresses of one feed, where these stay distinct without them."""

    def __init__(self, words: Sequence[str]) -> None:
        stripped: dict[str, set[str]] = {}
        for word in set(words):
            stripped.setdefault(_strip_tokens(word), set()).add(word)
        self._changed = {
            word
            for bare, same in stripped.items()
            for word in same
            if len(same) == 1 and bare != word
        }
        self._is_told = len(stripped) > 1

    def strip(self, word: str) -> str:
        """Return what stays of an id or address from fetch to fetch."""
        return _strip_tokens(word) if self._is_told and word in self._changed else word


def _strip_tokens(word: str) -> str:
    """Return an address without the parameters that look like tokens, if it keeps others."""
    if not word.startswith(("http://", "https://")) or "?" not in word:
        return word
    try:
        parts = urlsplit(word)
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return word
    kept = [(name, value) for name, value in pairs if not _TOKEN.fullmatch(value)]
    if len(kept) == len(pairs) or not (kept or _NAMED_PATH.search(parts.path)):
        return word
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept), parts.fragment))


def holds_same_place(left: str | None, right: str | None) -> bool:
    """Tell whether two addresses differ by tokens at most: on one path, or an aggregator's."""
    if not left or not right or read_host(left) != read_host(right):
        return False
    if is_aggregator(left):
        return True
    try:
        return urlsplit(left).path == urlsplit(right).path
    except ValueError:
        return False


def is_aggregator(url: str | None) -> bool:
    """Tell whether an address belongs to a service that passes on the headlines of others."""
    return _AGGREGATORS.match(read_host(url) or "") is not None
