"""What robots.txt allows (RFC 9309)."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from wirethread.sources.web.hosts import HostRecord
from wirethread.sources.web.responses import LaterError, RefusedError

__all__ = ["MAX_ROBOTS_BYTES", "check_rules", "choose_rules", "name_product", "read_crawl_delay"]

MAX_ROBOTS_BYTES = 512 * 1024
"""What is read of a longer file; the standard asks for 500 KiB."""
_KEPT = timedelta(hours=24)
_KEPT_BROKEN = timedelta(minutes=10)
LONGEST_DELAY = 120.0
"""Seconds; a `Crawl-delay` above is no pause between two requests, but a closed door."""


def name_product(user_agent: str) -> str:
    """Return the name that robots.txt knows a reader by: `mine` of `mine/1 (...)`."""
    return user_agent.partition("/")[0].split()[0] if user_agent.strip("/ ") else "wirethread"


def choose_rules(record: HostRecord, status: int, content: bytes, now: datetime) -> HostRecord:
    """Return what is remembered of a host after its robots.txt answered.

    Found: its rules, for a day. Not there (4xx): all is allowed. Broken (5xx, 429): nothing is
    allowed, until it is asked again in ten minutes.
    """
    is_broken = status >= 500 or status == 429
    text = content.decode("utf-8", errors="replace") if 200 <= status < 300 else None
    return HostRecord(
        origin=record.origin,
        robots_status=status,
        robots_text=text,
        robots_until=now + (_KEPT_BROKEN if is_broken else _KEPT),
        not_before=record.not_before,
        n_waits=record.n_waits,
    )


def check_rules(record: HostRecord, url: str, product: str) -> None:
    """Raise `RefusedError` where the rules do not allow an address, `LaterError` while broken."""
    status = record.robots_status or 0
    if status >= 500 or status == 429:
        raise LaterError(
            f"{record.origin}/robots.txt answers {status}, so nothing is fetched there for now",
            status=status,
        )
    if record.robots_text and not _parse(record.robots_text).can_fetch(url, product):
        raise RefusedError(f"{record.origin}/robots.txt does not allow it")


def read_crawl_delay(record: HostRecord, product: str) -> float:
    """Return the seconds between two requests that the rules ask for, 0 without."""
    if not record.robots_text:
        return 0.0
    delay = _parse(record.robots_text).crawl_delay(product)
    return min(max(0.0, float(delay or 0.0)), LONGEST_DELAY)


@lru_cache(maxsize=256)
def _parse(text: str) -> Any:
    from protego import Protego  # noqa: PLC0415 - only runs that fetch need it

    return Protego.parse(text)
