"""Watched files and folders: each run reads those that are new or changed, and no others."""

import glob
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from wirethread.articles.errors import SourceError
from wirethread.articles.reading.outlets import name_outlets
from wirethread.articles.reading.reader import OUTSIDE, leads_inside, list_found
from wirethread.articles.types.articles import RejectedArticle
from wirethread.flows.intake.ingest import take_in
from wirethread.flows.intake.pages import Found, Unread, read_pages
from wirethread.flows.intake.takers import CatalogTaker, Taker
from wirethread.flows.runners.here import HERE
from wirethread.flows.runners.partitions import Runner
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.runs.results import ReadCounts
from wirethread.flows.settings.sections import IngestSettings
from wirethread.sources.settings import SourceSettings
from wirethread.storage.catalog import Catalog
from wirethread.storage.tables.sources import SourceFile, SourceReport

__all__ = ["read_watched"]

SETTLE_SECONDS = 2.0
"""A file changed this recently may still be being written: it is left for the next run."""
_OUTLET_BY_FOLDER = (".txt", ".txt.gz")


def read_watched(
    catalog: Catalog,
    source: SourceSettings,
    run_id: str,
    settings: IngestSettings,
    *,
    settle_seconds: float = SETTLE_SECONDS,
    runner: Runner = HERE,
    taker: Taker | None = None,
) -> ReadCounts:
    """Read what is new or changed below a source, to `taker` or the catalog, a batch a transaction.

    A file is remembered in the transaction of its last article, so that a run that was killed
    reads it again, and none twice. A file that cannot be read is set aside with the reason.
    Raises `SourceError` where the file or folder is not there.
    """
    taker = taker or CatalogTaker(catalog=catalog, run_id=run_id)
    n_dated = taker.prepare()
    try:
        counts = read_changed(
            catalog, source, taker, settings, runner, settle_seconds=settle_seconds
        )
    except SourceError as error:
        report_source(catalog, source, run_id, ReadCounts(), str(error))
        raise
    report_source(catalog, source, run_id, counts, None)
    return counts + ReadCounts(n_dated=n_dated)


def read_changed(
    catalog: Catalog,
    source: SourceSettings,
    taker: Taker,
    settings: IngestSettings,
    runner: Runner,
    *,
    settle_seconds: float,
) -> ReadCounts:
    """Read and remember the changed files."""
    known = catalog.sources.load_files(source.name)
    counts = ReadCounts()
    changed = find_changed(source, known, settle_seconds)
    found: Iterator[Found | SourceFile] = name_outlets(
        read_pages(read_files(source, changed, known), runner),
        str(source.folder or source.place),
        outlet=settings.outlet,
        outlet_from=settings.outlet_from,
    )
    for stored in take_in(catalog, taker, found, runner, settings.articles_per_batch):
        counts += stored
        report_progress("read", counts.n_read)
    return counts


def report_source(
    catalog: Catalog, source: SourceSettings, run_id: str, counts: ReadCounts, message: str | None
) -> None:
    """Remember what the source gave in this run."""
    before = {one.source: one for one in catalog.sources.load_reports()}.get(source.name)
    now = datetime.now(UTC)
    report = SourceReport(
        source=source.name,
        kind=source.kind.value,
        place=source.place,
        state="failed" if message else "good" if counts.n_read else "unchanged",
        message=message,
        last_status=None,
        last_read_at=now,
        last_good_at=(before.last_good_at if before else None) if message else now,
        next_allowed_at=None,
        failures=(before.failures if before else 0) + 1 if message else 0,
        n_read=counts.n_read,
        n_new_articles=counts.n_new,
        n_known=counts.n_known,
        n_rejected=counts.n_rejected,
        run_id=run_id,
    )
    catalog.sources.save_reports([report])


def find_changed(
    source: SourceSettings, known: dict[str, SourceFile], settle_seconds: float
) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the settled files whose size or time differs from when they were read."""
    now = time.time()
    for path in list_files(source):
        try:
            stat = path.stat()
        except OSError:  # gone since it was listed
            continue
        before = known.get(str(path))
        is_same = before is not None and (before.size, before.mtime_ns) == (
            stat.st_size,
            stat.st_mtime_ns,
        )
        if not is_same and not 0 <= now - stat.st_mtime < settle_seconds:
            yield path, stat


def list_files(source: SourceSettings) -> Iterator[Path]:
    """Yield the files of a source in sorted order, hidden ones left out."""
    if source.folder is not None:
        folder = Path(source.folder)
        if not folder.is_dir():
            raise SourceError(f"{source.name}: {folder}: there is no such folder")
        for root, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from (Path(root) / name for name in sorted(files) if not name.startswith("."))
        return
    pattern = str(source.file)
    if Path(pattern).is_file():
        yield Path(pattern)
    elif glob.has_magic(pattern):
        found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - any pattern
        yield from (Path(one) for one in found if Path(one).is_file())
    else:
        raise SourceError(f"{source.name}: {pattern}: there is no such file")


def read_files(
    source: SourceSettings,
    changed: Iterator[tuple[Path, os.stat_result]],
    known: dict[str, SourceFile],
) -> Iterator[Unread | SourceFile]:
    """Yield the articles of changed files, and behind its last each file that was read to its end.

    One with an article whose sender withholds it until a day to come is read again until then.
    """
    inside = find_base(source)
    for path, stat in changed:
        is_withheld = False
        try:
            if inside is not None and not leads_inside(path, inside):
                raise SourceError(OUTSIDE)
            digest = hash_file(path)
            before = known.get(str(path))
            if before is None or before.content_hash != digest:
                columns = dict(source.columns) or None
                for found in list_found(
                    path,
                    columns=columns,
                    outlet=choose_outlet(source, path),
                    order=source.order,
                ):
                    is_withheld |= isinstance(found, RejectedArticle) and found.until is not None
                    yield found
        except (SourceError, OSError) as error:
            digest = ""
            reason = str(error).removeprefix(f"{path}: ")
            yield RejectedArticle(source=str(path), source_id=None, reason=reason)
        if is_unchanged(path, stat) and not is_withheld:
            yield SourceFile(
                source=source.name,
                path=str(path),
                size=stat.st_size,
                mtime_ns=stat.st_mtime_ns,
                content_hash=digest,
            )


def find_base(source: SourceSettings) -> Path | None:
    """Return the folder out of which no link is followed, None for a single file."""
    if source.folder is not None:
        return Path(source.folder).resolve()
    pattern = Path(str(source.file))
    if pattern.is_file() or not glob.has_magic(str(pattern)):
        return None
    return next(one for one in pattern.parents if not glob.has_magic(str(one))).resolve()


def choose_outlet(source: SourceSettings, path: Path) -> str | None:
    """Return the outlet of a file: as set, for plain text else the sub-folder it lies in."""
    if source.outlet or source.folder is None or not path.name.endswith(_OUTLET_BY_FOLDER):
        return source.outlet
    return path.parent.name if path.parent != Path(source.folder) else None


def is_unchanged(path: Path, stat: os.stat_result) -> bool:
    """Tell whether a file is as it was before it was read."""
    try:
        now = path.stat()
    except OSError:
        return False
    return (now.st_size, now.st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)


def hash_file(path: Path) -> str:
    """Return a hash of the content of a file."""
    with path.open("rb") as stream:
        digest = blake2b(digest_size=16)
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
