"""What is asked of the network, what came back, and why nothing did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "FetchError",
    "LaterError",
    "Outcome",
    "RefusedError",
    "Request",
    "Response",
    "UnreachableError",
]


class Outcome(StrEnum):
    """How a request ended."""

    FETCHED = "fetched"
    UNCHANGED = "unchanged"
    """The server says that nothing changed since the last time (304)."""
    GONE = "gone"
    """The server says that it is gone for good (410)."""
    REFUSED = "refused"
    """It may not be fetched: robots.txt, a private address, no page. Trying again is no use."""
    FAILED = "failed"
    """It could not be fetched this time."""
    LATER = "later"
    """The server asked to wait, or the limits of this run are reached: it was not tried."""


class FetchError(Exception):
    """A request that brought nothing; the words say why."""

    outcome = Outcome.FAILED

    def __init__(self, reason: str, *, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        """What a server answered; None where none was asked."""


class UnreachableError(FetchError):
    """No connection, or one that broke: worth another try."""


class RefusedError(FetchError):
    """It may not be fetched."""

    outcome = Outcome.REFUSED


class LaterError(FetchError):
    """Not now."""

    outcome = Outcome.LATER


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One address to ask for."""

    url: str
    etag: str | None = None
    """Of the last answer; sent along so that an unchanged one need not come again."""
    last_modified: str | None = None
    tag: str = ""
    """Whatever tells the asker which request this was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a request brought. `content` is unpacked, and empty unless it was fetched."""

    request: Request
    outcome: Outcome
    reason: str = ""
    """Why nothing was fetched, in words."""
    status: int | None = None
    """Of the last answer; None where no server answered."""
    url: str = ""
    """Where the content was found, after redirects."""
    moved_to: str | None = None
    """Where it stands for good, when the server said so (301, 308)."""
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case names: content-type, etag, last-modified."""
    wait_seconds: float | None = None
    """How long the server asks to be left alone."""
