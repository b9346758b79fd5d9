"""What is remembered of each host from run to run: its robots.txt, and until when to leave it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

__all__ = ["HostRecord", "choose_wait", "is_in_force", "read_retry_after"]

LONGEST_WAIT = timedelta(days=1)
"""No memory holds longer: robots.txt may be kept for a day (RFC 9309), and a server that asks for
more, or a clock that was set back, must not close a source for ever."""
FIRST_WAIT_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRecord:
    """One origin (scheme, host and port)."""

    origin: str
    robots_status: int | None = None
    """Status of the last answer for robots.txt; None where it was never asked for."""
    robots_text: str | None = None
    """Its rules; None where there are none."""
    robots_until: datetime | None = None
    """Until when they hold, aware."""
    not_before: datetime | None = None
    """The server asked to be left alone until then, aware."""
    n_waits: int = 0
    """How often in a row it asked for that."""


def is_in_force(until: datetime | None, now: datetime) -> bool:
    """Tell whether a moment lies ahead, and no further than any memory may reach."""
    return until is not None and now < until <= now + LONGEST_WAIT


def read_retry_after(words: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header names, None where it says nothing."""
    if not words:
        return None
    words = words.strip()
    if words.isascii() and words.isdigit():
        return float(words[:9])
    try:
        moment = parsedate_to_datetime(words)
    except (TypeError, ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def choose_wait(asked: float | None, n_waits: int) -> float:
    """Return how many seconds to leave a host alone: as it asks, else longer each time."""
    seconds = FIRST_WAIT_SECONDS * 2 ** min(n_waits, 12) if asked is None else max(1.0, asked)
    return min(seconds, LONGEST_WAIT.total_seconds())
