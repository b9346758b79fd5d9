"""Pages of web archives, read on the way in: most of the work of a back-fill."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, TypeVar

from wirethread.articles.reading.warc import SavedAnswer
from wirethread.articles.types.articles import RejectedArticle, SourceArticle
from wirethread.flows.runners.partitions import Partition, Runner, map_apart
from wirethread.flows.stages.reading import read_answers

__all__ = ["Found", "Unread", "read_pages"]

Found = SourceArticle | RejectedArticle
Unread = SourceArticle | RejectedArticle | SavedAnswer
Other = TypeVar("Other")

_PAGES_PER_PARTITION = 250
"""Some ten seconds of work."""
_BYTES_PER_PARTITION = 1 << 24


def read_pages(
    found: Iterable[Unread | Other], runner: Runner
) -> Iterator[SourceArticle | RejectedArticle | Other]:
    """Yield what was found, in order, with the articles in place of the pages."""
    for has_pages, group in groupby(cut(found), has_page):
        chunks: Iterator[list[Any]] = group
        if not has_pages:
            for chunk in chunks:
                yield from chunk
            continue
        partitions: Iterator[Partition[Sequence[Any]]] = (
            Partition(name=name_pages(chunk), content=chunk) for chunk in chunks
        )
        for parts in map_apart(runner, read_answers, partitions):
            for result in parts.results:
                yield from result
            for entry, fault in parts.faults:
                reason = f"the page cannot be read: {fault}"
                source = getattr(entry, "source", "")
                yield RejectedArticle(source=source, source_id=None, reason=reason)


def cut(found: Iterable[Unread | Other]) -> Iterator[list[Unread | Other]]:
    """Yield what was found in lists of bounded size; what is no page never waits for one."""
    chunk: list[Unread | Other] = []
    n_bytes = 0
    for entry in found:
        chunk.append(entry)
        n_bytes += len(entry.content) if isinstance(entry, SavedAnswer) else 0
        if not n_bytes or len(chunk) >= _PAGES_PER_PARTITION or n_bytes >= _BYTES_PER_PARTITION:
            yield chunk
            chunk, n_bytes = [], 0
    if chunk:
        yield chunk


def has_page(chunk: Sequence[object]) -> bool:
    """Whether a page is among what was found."""
    return any(isinstance(entry, SavedAnswer) for entry in chunk)


def name_pages(chunk: Sequence[object]) -> str:
    """Return what messages call some pages."""
    first = next(entry for entry in chunk if isinstance(entry, SavedAnswer))
    return f"reading {len(chunk)} pages from {first.source}"
