"""Names of runs."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from wirethread.articles.printable import make_printable

__all__ = ["name_flow_run", "name_run"]

SOURCES_NAMED = 2
MAX_NAME = 40


def name_run() -> str:
    """Return an id that sorts by time and that no other process gives."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}Z-{os.getpid()}"


def name_flow_run(sources: Sequence[str], moment: datetime | None = None) -> str:
    """Return what people call a run: what it takes in, and when it began (now, in UTC)."""
    moment = moment or datetime.now(UTC)
    named = [shorten_source(source) for source in sources[:SOURCES_NAMED]]
    if len(sources) > SOURCES_NAMED:
        named.append(f"{len(sources) - SOURCES_NAMED} more")
    what = " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    return f"{what or 'configured sources'}, {moment:%d %b %Y %H:%M:%S} UTC"


def shorten_source(source: str) -> str:
    """Return the name of a file without its folder, or the host of an address."""
    host = urlsplit(source).hostname if "://" in source else None
    name = make_printable(host or PurePosixPath(source).name or source)
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"
