"""Read a feed that may take for ever in a process of its own, which can be ended.

The parser of feeds takes time that grows with the square of some inputs: an element with thousands
of attributes, an author of thousands of letters, a page of blanks. Feeds that look like that, and
large ones, are read here; all others in the process that asks.
"""

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

from wirethread.articles.dates.order import DateOrder
from wirethread.sources.feeds.parsing import Feed, parse_feed

__all__ = ["is_suspicious", "parse_apart"]

MAX_SECONDS = 30.0
"""A feed that takes longer is refused; a good one of ten megabytes takes five."""
_LARGE = 1_000_000
_LONG_RUN = re.compile(
    rb"<(?!!)[^<>]{5000}"  # a tag
    rb"|(?<![\w.+\0-])[\w.+\0-]{1000}"  # what could be the first half of a mail address
    rb"|(?<![\s\0])[\s\0]{1000}"
)


def is_suspicious(content: bytes) -> bool:
    """Tell whether a feed may take long to read."""
    return len(content) > _LARGE or _LONG_RUN.search(content) is not None


def parse_apart(
    content: bytes,
    *,
    url: str,
    content_type: str | None,
    max_entries: int,
    order: DateOrder | None = None,
    max_seconds: float | None = None,
) -> Feed:
    """Read a feed in another process.

    Raises:
        ValueError: where it is no feed, is broken, or takes too long.
    """
    seconds = MAX_SECONDS if max_seconds is None else max_seconds
    asked = {
        "content": content,
        "url": url,
        "content_type": content_type,
        "max_entries": max_entries,
        "order": order,
    }
    paths = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "wirethread.sources.feeds.apart"],
            input=pickle.dumps(asked),
            capture_output=True,
            timeout=seconds,
            env={**os.environ, "PYTHONPATH": paths},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ValueError(f"it takes longer than {seconds:g} s to read") from None
    if done.returncode:
        raise ValueError(f"it cannot be read: its reader ended with code {done.returncode}")
    found: Feed | str = pickle.loads(done.stdout)  # noqa: S301 - written by this very module
    if isinstance(found, str):
        raise ValueError(found)
    return found


def main() -> None:
    """Answer one feed from standard input: what it holds, or why it is refused."""
    asked = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - written by `parse_apart`
    found: Feed | str
    try:
        found = parse_feed(**asked)
    except ValueError as error:
        found = str(error)
    sys.stdout.buffer.write(pickle.dumps(found))


if __name__ == "__main__":
    main()
