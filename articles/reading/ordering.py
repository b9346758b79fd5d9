"""Settle, from a source as a whole, whether its dates have the day or the month first.

Records pass through as they come. Where one has a date such as 03/04/2026, and nothing so far says
how it is meant, it waits with those behind it until a date such as 13/04/2026 does.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from wirethread.articles.addresses import read_host
from wirethread.articles.dates.order import DateOrder
from wirethread.articles.reading.document import read_document
from wirethread.articles.reading.sheets import Raw
from wirethread.articles.records.dating import OrderVotes
from wirethread.articles.types.articles import RejectedArticle, SourceArticle

__all__ = ["read_settled"]

_MAX_WAITING = 50_000
"""Records that may wait; then the usual order of language and country decides."""
_MAX_CHARACTERS = 128 * 1024 * 1024
"""Characters of waiting records."""


def read_settled(
    records: Iterable[Raw], *, order: DateOrder | None = None
) -> Iterator[SourceArticle | RejectedArticle]:
    """Yield the article of each record in order; `order` is what the settings say of the dates."""
    votes = OrderVotes(today=datetime.now(UTC).date())
    waiting: deque[tuple[Raw, bool]] = deque()
    n_characters = 0

    def read(raw: Raw) -> SourceArticle | RejectedArticle:
        source, record = raw
        if isinstance(record, RejectedArticle):
            return record
        decided = order or votes.decide(_name_outlet(record))
        return read_document(record, source, order=decided)

    for raw in records:
        record = raw[1]
        is_open = False
        if order is None and not isinstance(record, RejectedArticle):
            is_open = votes.add(record, _name_outlet(record))
        waiting.append((raw, is_open))
        n_characters += _measure(record) if len(waiting) > 1 or is_open else 0
        is_full = len(waiting) > _MAX_WAITING or n_characters > _MAX_CHARACTERS
        while waiting and (is_full or not waiting[0][1] or _is_settled(votes, waiting[0][0])):
            yield read(waiting.popleft()[0])
        if not waiting:
            n_characters = 0
    while waiting:
        yield read(waiting.popleft()[0])


def _is_settled(votes: OrderVotes, raw: Raw) -> bool:
    record = raw[1]
    return isinstance(record, RejectedArticle) or votes.decide(_name_outlet(record)) is not None


def _name_outlet(record: Mapping[str, Any]) -> str:
    """Return what stands for the outlet of a record among the others of its source."""
    for name in ("url", "link", "outlet", "publication", "source"):
        value = record.get(name)
        if isinstance(value, str) and value:
            return read_host(value) or value
    return ""


def _measure(record: Mapping[str, Any] | RejectedArticle) -> int:
    if isinstance(record, RejectedArticle):
        return 0
    return sum(len(value) for value in record.values() if isinstance(value, str | list))
