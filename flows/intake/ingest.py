"""From a source to the catalog: read, parse, set aside what is broken, keep the rest."""

import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from wirethread.articles.errors import SourceError, StorageError
from wirethread.articles.parsing.parse import derive_article_id
from wirethread.articles.reading.outlets import name_outlets
from wirethread.articles.reading.reader import list_found
from wirethread.articles.types.articles import (
    UNKNOWN_OUTLET,
    ArticleId,
    Mark,
    ParsedArticle,
    RejectedArticle,
    SourceArticle,
)
from wirethread.flows.intake.pages import Found, Unread, read_pages
from wirethread.flows.intake.takers import CatalogTaker, Taker
from wirethread.flows.runners.here import HERE
from wirethread.flows.runners.partitions import Partition, Parts, Runner, map_apart
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.runs.results import ReadCounts
from wirethread.flows.settings.sections import IngestSettings
from wirethread.flows.stages.parsing import parse_found
from wirethread.sources.remote import get_files, is_remote
from wirethread.storage.catalog import Catalog
from wirethread.storage.tables.sources import SourceFile

Parsed = tuple[list[ParsedArticle], list[RejectedArticle]]

__all__ = ["Batch", "read_source", "store_found", "store_parsed", "take_in"]


def read_source(
    catalog: Catalog,
    source: str,
    run_id: str,
    settings: IngestSettings,
    *,
    runner: Runner = HERE,
    held: str | None = None,
    taker: Taker | None = None,
) -> ReadCounts:
    """Read one file or folder into the catalog, or to the taker, a batch a transaction.

    What is there already is passed over, so a run that was killed goes on where it stopped. A
    changed text of an article is stored beside the older one, as its next version. `held` is the
    file that is read under the name of the source, where it lies elsewhere.
    Raises `SourceError` where the source as a whole cannot be read.
    """
    taker = taker or CatalogTaker(catalog=catalog, run_id=run_id)
    counts = ReadCounts(n_dated=taker.prepare())
    with open_place(source) if held is None else nullcontext(held) as place:
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
        for stored in take_in(catalog, taker, found, runner, settings.articles_per_batch):
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


@dataclass(slots=True, kw_only=True)
class Batch:
    """What one source gave, or a part of it, on its way into the catalog."""

    n_read: int
    n_known: int
    """Of those read, those that were known to the letter and are not parsed."""
    parsed: list[ParsedArticle] = field(default_factory=list)
    rejected: list[RejectedArticle] = field(default_factory=list)

    def take(self, parts: Parts[Found, Parsed]) -> None:
        """Take what was parsed, and set aside what could not be."""
        self.parsed = [article for part in parts.results for article in part[0]]
        self.rejected = [article for part in parts.results for article in part[1]]
        self.rejected += [refuse(entry, fault) for entry, fault in parts.faults]

    def count(self, added: Sequence[ParsedArticle], n_versions: int) -> ReadCounts:
        """Return the counts where these of its articles were stored."""
        marks = [set(article.notes) for article in added]
        return ReadCounts(
            n_read=self.n_read,
            n_new=len(added),
            n_known=self.n_known + len(self.parsed) - len(added),
            n_rejected=len(self.rejected),
            n_versions=n_versions,
            n_undated=sum(bool(found & {Mark.DATE_AHEAD, Mark.DATE_UNREAD}) for found in marks),
            n_untitled=sum(Mark.HEADLINE_MADE in found for found in marks),
            n_without_outlet=sum(one.article.outlet == UNKNOWN_OUTLET for one in added),
        )


def take_in(
    catalog: Catalog,
    taker: Taker,
    found: Iterable[Found | SourceFile],
    runner: Runner,
    size: int,
) -> Iterator[ReadCounts]:
    """Parse and store what was found, and yield the counts of each batch of that size.

    A batch is a transaction, in which the files are remembered that end in it. What is known to
    the letter is not parsed: most of what a run reads again is.
    """
    waiting: deque[tuple[Batch, Sequence[SourceFile]]] = deque()

    def plan() -> Iterator[Partition[Sequence[Found]]]:
        for entries in batched(found, size):
            articles = [entry for entry in entries if not isinstance(entry, SourceFile)]
            (unread,) = leave_out_known(taker, [articles])
            files = [entry for entry in entries if isinstance(entry, SourceFile)]
            batch = Batch(n_read=len(articles), n_known=len(articles) - len(unread))
            waiting.append((batch, files))
            yield plan_parsing(unread)

    for parts in map_apart(runner, parse_found, plan()):
        batch, files = waiting.popleft()
        batch.take(parts)
        with catalog.taking_in():
            (counts,) = store_parsed(taker, [batch])
            catalog.sources.save_files(files)
        yield counts


def plan_parsing(unread: Sequence[Found]) -> Partition[Sequence[Found]]:
    """Return what is parsed at once, with its name."""
    first = unread[0].source if unread else ""
    return Partition(name=f"parsing {len(unread)} articles from {first}", content=unread)


def refuse(entry: Found, fault: str) -> RejectedArticle:
    """Return that something cannot be parsed."""
    reason = f"it cannot be parsed: {fault}"
    return RejectedArticle(source=entry.source, source_id=entry.source_id, reason=reason)


def store_found(taker: Taker, found: Mapping[str, Sequence[Found]]) -> dict[str, ReadCounts]:
    """Parse and store what sources gave, in one transaction; return the counts of each source."""
    unread = leave_out_known(taker, list(found.values()))
    batches = [
        Batch(n_read=len(articles), n_known=len(articles) - len(left))
        for articles, left in zip(found.values(), unread, strict=True)
    ]
    for batch, parts in zip(
        batches, map_apart(HERE, parse_found, map(plan_parsing, unread)), strict=True
    ):
        batch.take(parts)
    return dict(zip(found, store_parsed(taker, batches), strict=True))


def store_parsed(taker: Taker, batches: Sequence[Batch]) -> list[ReadCounts]:
    """Store what was parsed, in one transaction, and return the counts of each batch.

    An article that several batches hold counts as new in the first, as known in the others.
    """
    refuse_forgotten(taker, batches)
    arrivals = taker.take(
        [article for batch in batches for article in batch.parsed],
        [refused for batch in batches for refused in batch.rejected],
    )
    added, counts = dict(arrivals.articles), []
    for batch in batches:
        own = {parsed.article.article_id for parsed in batch.parsed} & added.keys()
        n_versions = len(arrivals.versions & own)
        counts.append(batch.count([added.pop(article_id) for article_id in own], n_versions))
    return counts


def leave_out_known(
    taker: Taker, batches: Sequence[Sequence[Found]]
) -> list[list[SourceArticle | RejectedArticle]]:
    """Return of each batch what was not taken before under its very id."""
    ids = [[name_article(entry) for entry in batch] for batch in batches]
    known = taker.find_known([one for keys in ids for one in keys if one is not None])
    return [
        [entry for entry, key in zip(batch, keys, strict=True) if key not in known]
        for batch, keys in zip(batches, ids, strict=True)
    ]


def name_article(entry: Found) -> ArticleId | None:
    """Return the id that an article will have."""
    return None if isinstance(entry, RejectedArticle) else derive_article_id(entry)


def refuse_forgotten(taker: Taker, batches: Sequence[Batch]) -> None:
    """Set aside what was forgotten for good."""
    refusals = taker.find_refusals([one.article for batch in batches for one in batch.parsed])
    for batch in batches if refusals else ():
        batch.rejected += [
            RejectedArticle(
                source=article.article.source,
                source_id=article.article.source_id,
                reason=refusals[article.article.article_id],
            )
            for article in batch.parsed
            if article.article.article_id in refusals
        ]
        batch.parsed = [one for one in batch.parsed if one.article.article_id not in refusals]


_Entry = TypeVar("_Entry")


def batched(found: Iterable[_Entry], size: int) -> Iterator[list[_Entry]]:
    """Yield lists of up to `size` items."""
    items = iter(found)
    while batch := list(islice(items, size)):
        yield batch
