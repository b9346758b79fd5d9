"""IPTC 7901 (and its sister ANPA 1312), the telex form in which agencies have sent text since 1979.

A message is `SOH source priority category words STX text ETX place and time EOT`; its text begins
with a line of key words or the headline. Several may stand in one file.
"""

import re
from collections.abc import Iterator
from typing import Any

from wirethread.articles.pages.charsets import decode_bytes
from wirethread.articles.reading.sheets import Raw

__all__ = ["looks_like_message", "read_messages"]

_LOOKS = re.compile(rb"^[\x00\x16\r\n ]{0,64}\x01[^\x02\x03]{1,200}\x02")
_MESSAGE = re.compile(
    r"\x01(?P<head>[^\x01\x02]{0,300})\x02(?P<text>[^\x01\x02\x03]*)\x03?(?P<foot>[^\x01\x02]{0,300})"
)
_HEAD = re.compile(r"(?P<source>[A-Za-z]{2,6})\s*(?P<number>\d{1,6})?")
_TIME = re.compile(r"\b(\d{2})(\d{2})(\d{2})\s+(\w{3})\s+(\d{2,4})\b")


def looks_like_message(head: bytes) -> bool:
    """Tell whether a file begins like such a message."""
    return _LOOKS.match(head) is not None


def read_messages(content: bytes, name: str, *, outlet: str | None = None) -> Iterator[Raw]:
    """Yield the record of each message of a file."""
    words = decode_bytes(content.replace(b"\0", b"")).replace("\r\n", "\n").replace("\r", "\n")
    messages = list(_MESSAGE.finditer(words))
    for number, match in enumerate(messages, 1):
        source = name if len(messages) == 1 else f"{name}[{number}]"
        record = _read_message(match)
        yield source, {**record, "outlet": outlet} if outlet else record


def _read_message(match: re.Match[str]) -> dict[str, Any]:
    head = _HEAD.search(match["head"])
    agency = head["source"] if head else None
    paragraphs = _join_lines(re.sub(r"[\x00-\x08\x0b-\x1f]", "", match["text"]))
    title = paragraphs[0] if paragraphs and len(paragraphs) > 1 and len(paragraphs[0]) < 200 else ""
    moment = _TIME.search(match["foot"]) or _TIME.search(match["head"])
    time = None
    if moment is not None:
        time = f"{moment[1]} {moment[4]} {moment[5]} {moment[2]}:{moment[3]}"
    return {
        "id": f"{agency}{head['number']}" if head and head["number"] else None,
        "title": title,
        "text": "\n\n".join(paragraphs[1:] if title else paragraphs),
        "agency": agency,
        "publisher_name": agency,
        "published_at": time,
    }


def _join_lines(text: str) -> list[str]:
    """Return the paragraphs of a text set line by line: indented, or parted by empty lines."""
    found: list[list[str]] = []
    begins = True
    for line in text.split("\n"):
        if not line.strip():
            begins = True
            continue
        if begins or line.startswith(("  ", "\t")) or not found:
            found.append([])
        found[-1].append(line.strip())
        begins = False
    return [" ".join(lines) for lines in found]
