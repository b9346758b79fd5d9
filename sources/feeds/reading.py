"""Read a feed within bounded time: here, or apart where it looks as if it could take for ever."""

from wirethread.articles.dates.order import DateOrder
from wirethread.sources.feeds.apart import is_suspicious, parse_apart
from wirethread.sources.feeds.parsing import Feed, parse_feed

__all__ = ["read_feed"]


def read_feed(
    content: bytes,
    *,
    url: str,
    content_type: str | None = None,
    max_entries: int = 200,
    order: DateOrder | None = None,
) -> Feed:
    """Return the first entries of a feed, within bounded time; `order` is how it writes dates.

    Raises:
        ValueError: where it is no feed, or so broken that no entry can be read, or takes too long.
    """
    parse = parse_apart if is_suspicious(content) else parse_feed
    return parse(content, url=url, content_type=content_type, max_entries=max_entries, order=order)
