"""Take up what other machines handed in: once each, in the order in which each of them made it.

A parcel is taken in one transaction with the memory of having been, stays where it is until a
publication holds it, and only then is deleted, with an empty file in its place that tells its
maker. One that cannot be read is set aside: the reason stands beside it, and in
`rejected_articles`.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from wirethread.articles.errors import SourceError, StorageError
from wirethread.articles.types.articles import RejectedArticle
from wirethread.flows.intake.ingest import Batch, store_parsed
from wirethread.flows.intake.outbox import read_refusal
from wirethread.flows.intake.takers import CatalogTaker
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.runs.results import ReadCounts
from wirethread.storage.catalog import Catalog
from wirethread.storage.shared.files import FileStore
from wirethread.storage.shared.opening import open_store
from wirethread.storage.shared.parcels import (
    PARCELS,
    REFUSED,
    TAKEN_UP,
    Parcel,
    ParcelFault,
    parse_name,
    read_parcel,
)
from wirethread.storage.tables.intake.parcels import TAKEN, KnownParcel

__all__ = ["HandedParcels", "acknowledge_parcels", "survey_parcels", "take_parcels"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedParcels:
    """What one machine handed in and is in no publication yet."""

    maker: str
    n_waiting: int
    n_bytes: int
    """Of those that wait."""
    set_aside: Sequence[str]
    """Why parcels of it were not taken, a reason each."""


def take_parcels(catalog: Catalog, run_id: str, files: str) -> ReadCounts:
    """Take up the parcels that wait among the files of a shared archive.

    Raises `SourceError` where the files cannot be reached.
    """
    counts = ReadCounts(n_dated=CatalogTaker(catalog=catalog, run_id=run_id).prepare())
    try:
        store = open_store(files)
        names = list_new(catalog, store)
        for number, name in enumerate(names):
            report_progress("read", number, len(names))
            counts += take_parcel(catalog, run_id, store, name)
    except StorageError as error:
        raise SourceError(f"what other machines handed in cannot be read: {error}") from error
    return counts


def survey_parcels(store: FileStore) -> list[HandedParcels]:
    """Return what waits among the files of a shared archive, by maker. Raises `StorageError`."""
    there = store.list_places(PARCELS)
    makers: dict[str, list[str]] = {}
    for name in sorted(there):
        if (told := parse_name(name)) is not None:
            makers.setdefault(told.maker, []).append(name)
    found = []
    for maker, names in makers.items():
        waiting = [name for name in names if name + REFUSED not in there]
        found.append(
            HandedParcels(
                maker=maker,
                n_waiting=len(waiting),
                n_bytes=sum(there[name] for name in waiting),
                set_aside=[
                    f"{name}: {read_refusal(store, name)[0]}"
                    for name in names
                    if name + REFUSED in there
                ],
            )
        )
    return found


def list_new(catalog: Catalog, store: FileStore) -> list[str]:
    """Return the parcels that were neither taken nor set aside, those of a maker in their order."""
    there = store.list_places(PARCELS)
    names = [name for name in there if parse_name(name) and name + REFUSED not in there]
    return sorted(set(names) - catalog.parcels.find_taken(names))


def take_parcel(catalog: Catalog, run_id: str, store: FileStore, name: str) -> ReadCounts:
    """Take up one parcel, or set it aside."""
    try:
        parcel = fetch_parcel(store, name)
    except ParcelFault as fault:
        return set_aside(catalog, run_id, store, name, fault)
    taker = CatalogTaker(catalog=catalog, run_id=run_id, read_at=parcel.made_at)
    batch = Batch(
        n_read=len(parcel.parsed) + len(parcel.rejected),
        n_known=0,
        parsed=list(parcel.parsed),
        rejected=list(parcel.rejected),
    )
    known = KnownParcel(
        name=name,
        state=TAKEN,
        n_articles=len(parcel.parsed),
        n_rejected=len(parcel.rejected),
        made_at=parcel.made_at,
        run_id=run_id,
    )
    with catalog.taking_in():
        (counts,) = store_parsed(taker, [batch])
        catalog.parcels.add_parcel(known)
    return counts


def fetch_parcel(store: FileStore, name: str) -> Parcel:
    """Return what a parcel holds. Raises `ParcelFault`, and `StorageError` for the store's."""
    told = parse_name(name)
    if told is None:
        raise ParcelFault("it has no name of a parcel")
    with TemporaryDirectory(prefix="wirethread-parcel-") as folder:
        path = Path(folder) / "parcel"
        try:
            store.fetch(name, path)
        except OSError as error:
            raise StorageError(f"{name} cannot be read: {error.strerror}") from error
        return read_parcel(path, told)


def set_aside(
    catalog: Catalog, run_id: str, store: FileStore, name: str, fault: ParcelFault
) -> ReadCounts:
    """Leave a parcel where it is, with the reason beside it and in the catalog."""
    told = RejectedArticle(source=f"{store.shown}/{name}", source_id=None, reason=str(fault))
    with catalog.taking_in():
        catalog.articles.add_articles(run_id, [], [told])
    words = json.dumps({"reason": str(fault), "is_damaged": fault.is_damaged})
    with written(words) as path:
        store.bring(path, name + REFUSED)
    return ReadCounts(n_rejected=1)


def acknowledge_parcels(catalog: Catalog, files: str) -> int:
    """Delete the parcels that were taken, once they are published; return how many.

    Their makers are told first, by an empty file each. Raises `StorageError`.
    """
    store = open_store(files)
    there = store.list_places(PARCELS)
    names = sorted(catalog.parcels.find_taken([name for name in there if parse_name(name)]))
    if names:
        with written("") as path:
            for name in names:
                store.bring(path, name + TAKEN_UP)
                store.remove(name)
    return len(names)


@contextmanager
def written(words: str) -> Iterator[Path]:
    """Yield a file with these words."""
    with TemporaryDirectory(prefix="wirethread-parcel-") as folder:
        path = Path(folder) / "told"
        path.write_text(words, encoding="utf-8")
        yield path
