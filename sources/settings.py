"""What a source is and how the network is used: the sections `sources` and `fetching`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Literal

from wirethread.articles.bounds import require_between
from wirethread.articles.dates.order import DateOrder
from wirethread.articles.records.record import check_columns
from wirethread.sources.web_address import parse_web_address

__all__ = ["FetchSettings", "SourceKind", "SourceSettings", "TextOrigin"]

_NAME = re.compile(r"[\w][\w. -]{0,79}")
_MAX_AGENT = 500


class SourceKind(StrEnum):
    """What a source is made of; each is also the key that says so in `config.yaml`."""

    FEED = "feed"
    URL = "url"
    URLS = "urls"
    LIST = "list"
    FOLDER = "folder"
    FILE = "file"


TextOrigin = Literal["auto", "page", "feed"]
"""Where the text of a feed's entry is taken from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """How pages and feeds are fetched from the network."""

    user_agent: str = "wirethread (reads news feeds; no contact set)"
    """How requests name themselves; put an address there where the operator can be reached."""
    delay_seconds: float = 1.0
    """Pause between two requests to one host; a longer Crawl-delay is kept. 0 to 600."""
    concurrency: int = 8
    """Hosts that are asked at the same time, each one request at a time; 1 to 64."""
    connect_seconds: float = 10.0
    """A host that takes no connection for this long is given up; 0.1 to 600."""
    read_seconds: float = 15.0
    """A host that sends nothing for this long is given up; 0.1 to 600."""
    total_seconds: float = 45.0
    """One answer may take this long in all, however steadily it drips; 0.1 to 3600."""
    max_bytes: int = 10_000_000
    """A larger answer, packed or unpacked, is given up; at least 1000."""
    max_redirects: int = 5
    """Redirects that are followed for one address, each checked anew; 0 to 20."""
    retries: int = 1
    """How often a broken connection is tried again at once; 0 to 5."""
    respect_robots: bool = True
    """Whether robots.txt decides what may be fetched."""
    allow_private_addresses: bool = False
    """Whether hosts of the own machine or network may be asked. Leave it off where feeds are not
    all your own: an address in them could reach what only this machine may see."""
    max_entries_per_feed: int = 200
    """Entries of one feed that are looked at, the first ones; 1 to 10000."""
    max_pages_per_host: int = 200
    """Pages fetched from one host in one run; the rest waits for the next. 1 to 100000."""
    max_seconds_per_run: float = 900.0
    """After this long no more is fetched in a run; the rest waits for the next. At least 1."""
    max_attempts: int = 3
    """Runs in which a page is tried before it is set aside with the reason; 1 to 20."""
    revisit_minutes: float = 60.0
    """A page that its feed marks as changed is not fetched again sooner than this; a page of the
    settings is asked again after it, less and less often while nothing changes. 0 to 10080."""
    min_feed_words: int = 150
    """With `text: auto`, an entry of at least so many words is its own article; 1 to 10000."""

    def __post_init__(self) -> None:
        require_between(self, 0, 600, "delay_seconds")
        require_between(self, 1, 64, "concurrency")
        require_between(self, 0.1, 600, "connect_seconds", "read_seconds")
        require_between(self, 0.1, 3600, "total_seconds")
        require_between(self, 1000, 1_000_000_000, "max_bytes")
        require_between(self, 0, 20, "max_redirects")
        require_between(self, 0, 5, "retries")
        require_between(self, 1, 10_000, "max_entries_per_feed", "min_feed_words")
        require_between(self, 1, 100_000, "max_pages_per_host")
        require_between(self, 1, inf, "max_seconds_per_run")
        require_between(self, 1, 20, "max_attempts")
        require_between(self, 0, 10_080, "revisit_minutes")
        agent = self.user_agent
        if not agent.strip() or not agent.isascii() or not agent.isprintable():
            raise ValueError(f"user_agent must be printable ASCII, not {agent!r}")
        if len(agent) > _MAX_AGENT:
            raise ValueError(f"user_agent must have at most {_MAX_AGENT} characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """One source that every run looks at: a name, and exactly one place."""

    name: str
    """What the source is called in `wirethread sources` and after `wirethread run`."""
    feed: str | None = None
    """Address of an RSS, RDF or Atom feed."""
    url: str | None = None
    """Address of one page, or of a feed: its content tells."""
    urls: tuple[str, ...] = ()
    """Addresses of pages or feeds."""
    list: str | None = None
    """A text file with an address a line; `#` begins a comment."""
    folder: str | None = None
    """A folder with everything below it; each run reads the files that are new or changed."""
    file: str | None = None
    """A file, or a pattern such as `/data/*.jsonl`; read when new or changed."""
    outlet: str | None = None
    """Who publishes it, where the articles do not say; else the host of their address."""
    text: TextOrigin = "auto"
    """`page` fetches the page of each entry, `feed` takes the entry's own text, `auto` takes that
    where it is long enough."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """For tables and records: which column is the `title`, `text`, `date`, `url`, ..."""

    dates: Literal["auto", "day_first", "month_first"] = "auto"
    """How 03/04/2026 is meant. `auto` tells it from the source as a whole, then from language and
    country, and leaves a date away that stays open."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) and self.name not in self.addresses:
            raise ValueError(
                f"name must be letters, digits, blanks and `._-`, at most 80, not {self.name!r}"
            )
        given = [kind.value for kind in SourceKind if getattr(self, kind.value)]
        if len(given) != 1:
            raise ValueError(
                f"{self.name} needs exactly one of {', '.join(kind.value for kind in SourceKind)}"
                f"{', not ' + ' and '.join(given) if given else ''}"
            )
        for address in self.addresses:
            parse_web_address(address)
        if self.columns and self.kind not in (SourceKind.FOLDER, SourceKind.FILE):
            raise ValueError(f"{self.name}: columns belong to a folder or file")
        try:
            check_columns(self.columns)
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from None
        if self.text != "auto" and self.kind in (SourceKind.FOLDER, SourceKind.FILE):
            raise ValueError(f"{self.name}: text belongs to a feed")

    @property
    def order(self) -> DateOrder | None:
        """How its dates write day and month, None where that is to be told from them."""
        return None if self.dates == "auto" else DateOrder(self.dates)

    @property
    def kind(self) -> SourceKind:
        """What the source is made of."""
        return next(kind for kind in SourceKind if getattr(self, kind.value))

    @property
    def is_on_the_network(self) -> bool:
        """Whether it takes requests to read it."""
        return self.kind not in (SourceKind.FOLDER, SourceKind.FILE)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The web addresses that stand in the settings (those in a list file do not)."""
        return tuple(one for one in (self.feed, self.url, *self.urls) if one)

    @property
    def place(self) -> str:
        """Where it is, in words."""
        place = getattr(self, self.kind.value)
        return place if isinstance(place, str) else f"{len(place)} addresses"
