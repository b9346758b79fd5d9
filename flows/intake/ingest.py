"""From a source to the catalog: read, parse, set aside what is broken, keep the rest."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

from wirethread.articles.errors import SourceError, StorageError
from wirethread.articles.parsing.segment import derive_article_id, parse_article
from wirethread.articles.reading.outlets import name_outlets
from wirethread.articles.reading.reader import read_articles
from wirethread.articles.types.articles import (
    UNKNOWN_OUTLET,
    Mark,
    ParsedArticle,
    RejectedArticle,
    SourceArticle,
)
from wirethread.flows.intake.versions import prepare_archive, store_batch
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.runs.results import ReadCounts
from wirethread.flows.settings.sections import IngestSettings
from wirethread.sources.remote import get_files, is_remote
from wirethread.storage.catalog import Catalog
from wirethread.storage.upkeep.forgetting import find_refusals

__all__ = ["batched", "read_source", "store_found"]


def read_source(catalog: Catalog, source: str, run_id: str, settings: IngestSettings) -> ReadCounts:
    """Read one file or folder into the catalog, a batch a transaction.

    What is there already is passed over, so a run that was killed goes on where it stopped. A
    changed text of an article is stored beside the older one, as its next version.
    Raises `SourceError` where the source as a whole cannot be read.
    """
    counts = ReadCounts(n_dated=prepare_archive(catalog, run_id))
    with open_place(source) as place:
        found = name_outlets(
            name_places(
                read_articles(place, columns=dict(settings.columns) or None), place, source
            ),
            source,
            outlet=settings.outlet,
            outlet_from=settings.outlet_from,
        )
        for batch in batched(found, settings.articles_per_batch):
            counts += store_found(catalog, run_id, batch)
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


def name_places(
    found: Iterable[SourceArticle | RejectedArticle], place: str, source: str
) -> Iterator[SourceArticle | RejectedArticle]:
    """Yield what was read under the name of its source, not of the copy that was read."""
    for entry in found:
        if place != source and entry.source.startswith(place):
            yield replace(entry, source=f"{source}{entry.source.removeprefix(place)}")
        else:
            yield entry


def store_found(
    catalog: Catalog, run_id: str, batch: Sequence[SourceArticle | RejectedArticle]
) -> ReadCounts:
    """Parse and store one batch of what was read, in one transaction, and return its counts.

    What is known to the letter is not parsed: most of what a run reads again is.
    """
    unread, n_known = leave_out_known(catalog, batch)
    parsed, rejected = parse_batch(unread)
    parsed, refused = refuse_forgotten(catalog, parsed)
    rejected = [*rejected, *refused]
    added, n_tied, versions = store_batch(catalog, run_id, parsed, rejected)
    marks = [set(article.notes) for article in added]
    return ReadCounts(
        n_read=len(batch),
        n_new=len(added),
        n_known=n_known + n_tied,
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


def batched(
    found: Iterable[SourceArticle | RejectedArticle], size: int
) -> Iterator[list[SourceArticle | RejectedArticle]]:
    """Yield lists of up to `size` items."""
    items = iter(found)
    while batch := list(islice(items, size)):
        yield batch


def parse_batch(
    batch: Sequence[SourceArticle | RejectedArticle],
) -> tuple[list[ParsedArticle], list[RejectedArticle]]:
    """Parse what was read; what cannot be parsed joins what could not be read."""
    parsed: list[ParsedArticle] = []
    rejected: list[RejectedArticle] = []
    for found in batch:
        result = found if isinstance(found, RejectedArticle) else parse_article(found)
        if isinstance(result, RejectedArticle):
            rejected.append(result)
        else:
            parsed.append(result)
    return parsed, rejected
