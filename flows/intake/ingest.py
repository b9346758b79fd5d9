"""From a source to the catalog: read, parse, set aside what is broken, keep the rest."""

import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from wirethread.articles.errors import SourceError, StorageError
from wirethread.articles.parsing.parse import derive_article_id
from wirethread.articles.reading.outlets import name_outlets
from wirethread.articles.reading.reader import list_found
from wirethread.articles.types.articles import (
    UNKNOWN_OUTLET,
    Mark,
    ParsedArticle,
    RejectedArticle,
    SourceArticle,
)
from wirethread.flows.intake.pages import Found, Unread, read_pages
from wirethread.flows.intake.versions import prepare_archive, store_batch
from wirethread.flows.runners.here import HERE
from wirethread.flows.runners.partitions import Partition, Runner, map_apart
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.runs.results import ReadCounts
from wirethread.flows.settings.sections import IngestSettings
from wirethread.flows.stages.parsing import parse_found
from wirethread.sources.remote import get_files, is_remote
from wirethread.storage.catalog import Catalog
from wirethread.storage.tables.sources import SourceFile
from wirethread.storage.upkeep.forgetting import find_refusals

__all__ = ["read_source", "store_found", "take_in"]


def read_source(
    catalog: Catalog,
    source: str,
    run_id: str,
    settings: IngestSettings,
    *,
    runner: Runner = HERE,
) -> ReadCounts:
    """Read one file or folder into the catalog, a batch a transaction.

    What is there already is passed over, so a run that was killed goes on where it stopped. A
    changed text of an article is stored beside the older one, as its next version.
    Raises `SourceError` where the source as a whole cannot be read.
    """
    counts = ReadCounts(n_dated=prepare_archive(catalog, run_id))
    with open_place(source) as place:
        found = name_outlets(
            read_pages(
                name_places(
                    list_found(place, columns=dict(settings.columns) or None), place, source
                ),
                runner,
            ),
            source,
            outlet=settings.outlet,
            outlet_from=settings.outlet_from,
        )
        for stored in take_in(catalog, run_id, found, runner, settings.articles_per_batch):
            counts += stored
            report_progress("read", counts.n_read)
    return counts


@contextmanager
def open_place(source: str) -> Iterator[str]:
    """Yield where a source can be read here: what lies elsewhere is copied while it is read.

    Raises `SourceError` where it cannot be copied.
    """
    if not is_remote(source):
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="wirethread-source-") as folder:
        try:
            files = get_files(source, Path(folder))
        except StorageError as error:
            raise SourceError(str(error)) from error
        yield str(files[0]) if len(files) == 1 else folder


def name_places(found: Iterable[Unread], place: str, source: str) -> Iterator[Unread]:
    """Yield what was read under the name of its source, not of the copy that was read."""
    for entry in found:
        if place != source and entry.source.startswith(place):
            yield replace(entry, source=f"{source}{entry.source.removeprefix(place)}")
        else:
            yield entry


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What is stored in one transaction."""

    n_read: int
    n_known: int
    files: Sequence[SourceFile]
    """Those that end in this batch."""


def take_in(
    catalog: Catalog,
    run_id: str,
    found: Iterable[Found | SourceFile],
    runner: Runner,
    size: int,
) -> Iterator[ReadCounts]:
    """Parse and store what was found, and yield the counts of each batch of that size.

    A batch is a transaction, in which the files are remembered that end in it. What is known to
    the letter is not parsed: most of what a run reads again is.
    """
    waiting: deque[_Batch] = deque()

    def plan() -> Iterator[Partition[Sequence[Found]]]:
        for entries in batched(found, size):
            articles = [entry for entry in entries if not isinstance(entry, SourceFile)]
            unread, n_known = leave_out_known(catalog, articles)
            files = [entry for entry in entries if isinstance(entry, SourceFile)]
            waiting.append(_Batch(n_read=len(articles), n_known=n_known, files=files))
            first = unread[0].source if unread else ""
            yield Partition(name=f"parsing {len(unread)} articles from {first}", content=unread)

    for parts in map_apart(runner, parse_found, plan()):
        batch = waiting.popleft()
        parsed = [article for part in parts.results for article in part[0]]
        rejected = [article for part in parts.results for article in part[1]]
        rejected += [refuse(entry, fault) for entry, fault in parts.faults]
        with catalog.taking_in():
            counts = store_parsed(catalog, run_id, parsed, rejected)
            catalog.sources.save_files(batch.files)
        yield replace(counts, n_read=batch.n_read, n_known=counts.n_known + batch.n_known)


def refuse(entry: Found, fault: str) -> RejectedArticle:
    """Return that something cannot be parsed."""
    reason = f"it cannot be parsed: {fault}"
    return RejectedArticle(source=entry.source, source_id=entry.source_id, reason=reason)


def store_found(catalog: Catalog, run_id: str, found: Sequence[Found]) -> ReadCounts:
    """Parse and store the few articles of a feed or some pages, in one transaction."""
    return sum(take_in(catalog, run_id, found, HERE, max(1, len(found))), ReadCounts())


def store_parsed(
    catalog: Catalog,
    run_id: str,
    parsed: Sequence[ParsedArticle],
    rejected: Sequence[RejectedArticle],
) -> ReadCounts:
    """Store what was parsed, in one transaction, and return its counts."""
    parsed, refused = refuse_forgotten(catalog, parsed)
    rejected = [*rejected, *refused]
    added, n_tied, versions = store_batch(catalog, run_id, parsed, rejected)
    marks = [set(article.notes) for article in added]
    return ReadCounts(
        n_new=len(added),
        n_known=n_tied,
        n_rejected=len(rejected),
        n_versions=versions,
        n_undated=sum(bool(found & {Mark.DATE_AHEAD, Mark.DATE_UNREAD}) for found in marks),
        n_untitled=sum(Mark.HEADLINE_MADE in found for found in marks),
        n_without_outlet=sum(one.article.outlet == UNKNOWN_OUTLET for one in added),
    )


def leave_out_known(
    catalog: Catalog, batch: Sequence[SourceArticle | RejectedArticle]
) -> tuple[list[SourceArticle | RejectedArticle], int]:
    """Return what the catalog does not hold under its very id, and how many it does hold."""
    ids = [
        None if isinstance(found, RejectedArticle) else derive_article_id(found) for found in batch
    ]
    known = catalog.articles.find_known_articles(one for one in ids if one is not None)
    left = [found for found, key in zip(batch, ids, strict=True) if key not in known]
    return left, len(batch) - len(left)


def refuse_forgotten(
    catalog: Catalog, parsed: Sequence[ParsedArticle]
) -> tuple[list[ParsedArticle], list[RejectedArticle]]:
    """Set aside what was forgotten for good."""
    refusals = find_refusals(catalog, [one.article for one in parsed])
    refused = [
        RejectedArticle(
            source=article.article.source,
            source_id=article.article.source_id,
            reason=refusals[article.article.article_id],
        )
        for article in parsed
        if article.article.article_id in refusals
    ]
    return [one for one in parsed if one.article.article_id not in refusals], refused


_Entry = TypeVar("_Entry")


def batched(found: Iterable[_Entry], size: int) -> Iterator[list[_Entry]]:
    """Yield lists of up to `size` items."""
    items = iter(found)
    while batch := list(islice(items, size)):
        yield batch
