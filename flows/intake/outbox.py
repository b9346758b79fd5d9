"""Parcels of this machine on their way: made with what was read, kept until they are published.

A parcel is a file in the machine's own folder, remembered in the transaction that remembers the
sources it was read from; a file that is not is none. It is copied to the files of the shared
archive, and deleted here only when the archive's machine says that a publication holds it: one that
is lost or damaged on the way is handed in once more.
"""

import json
import os
import re
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from wirethread.articles.errors import StorageError
from wirethread.articles.types.articles import ArticleId, ParsedArticle, RejectedArticle
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.file_copy import checksum_file
from wirethread.storage.engine.strays import sync_folder
from wirethread.storage.shared.files import FileStore
from wirethread.storage.shared.parcels import (
    PARCELS,
    REFUSED,
    TAKEN_UP,
    Parcel,
    name_parcel,
    parse_name,
    write_parcel,
)
from wirethread.storage.tables.intake.parcels import WAITING, KnownParcel

__all__ = ["HandedIn", "Outbox", "name_maker", "name_refusal", "read_refusal"]

_PARTIAL = "parcel.partial"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """What became of the parcels of this machine."""

    n_sent: int = 0
    """Copied to the archive's files now."""
    n_published: int = 0
    """Found in a publication since the last look, and deleted here."""
    n_waiting: int = 0
    """Not yet in a publication."""
    refused: Sequence[str] = ()
    """Parcels that the archive's machine set aside, each with its reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """The parcels of one machine; `folder` is its own."""

    folder: Path
    maker: str = field(default="")

    def add(
        self,
        catalog: Catalog,
        run_id: str,
        parsed: Sequence[ParsedArticle],
        rejected: Sequence[RejectedArticle],
    ) -> None:
        """Make a parcel, within the transaction that remembers its sources."""
        number = catalog.parcels.number_parcel()
        parcel = Parcel(parsed=parsed, rejected=rejected, made_at=datetime.now(UTC))
        partial = self.folder / PARCELS / _PARTIAL
        try:
            partial.parent.mkdir(parents=True, exist_ok=True)
            write_parcel(partial, parcel)
            with partial.open("rb") as written:
                os.fsync(written.fileno())
            name = name_parcel(self.maker, number, checksum_file(partial))
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            partial.replace(path)
            sync_folder(path.parent)
        except OSError as error:
            raise StorageError(f"cannot write in {self.folder}: {error.strerror}") from error
        catalog.parcels.add_parcel(
            KnownParcel(
                name=name,
                state=WAITING,
                n_articles=len(parsed),
                n_rejected=len(rejected),
                made_at=parcel.made_at,
                run_id=run_id,
            )
        )
        catalog.parcels.add_handed(
            [*(one.article.article_id for one in parsed), *map(name_refusal, rejected)]
        )

    def tidy(self, catalog: Catalog) -> None:
        """Delete the files of parcels that were never finished, or are published."""
        kept = {one.name for one in catalog.parcels.list_waiting()}
        for path in (self.folder / PARCELS).glob("*/*"):
            if path.relative_to(self.folder).as_posix() not in kept:
                path.unlink(missing_ok=True)

    def hand_in(
        self,
        catalog: Catalog,
        store: FileStore,
        tell: Callable[[int, int], None] = lambda n_done, n_total: None,
    ) -> HandedIn:
        """Bring every parcel that the archive lacks, and let go of those that are published.

        In the order in which they were made. Killed anywhere, and done twice, it goes on. Raises
        `StorageError` where the archive's files cannot be reached; all is kept then.
        """
        waiting = catalog.parcels.list_waiting()
        there = {
            place: n_bytes
            for maker in {self.maker, *(parse_maker(one.name) for one in waiting)}
            for place, n_bytes in store.list_places(f"{PARCELS}/{maker}").items()
        }
        n_sent, published, refused = 0, [], []
        for number, one in enumerate(waiting):
            tell(number, len(waiting))
            if one.name + TAKEN_UP in there:
                published.append(one.name)
                continue
            path = self.folder / one.name
            is_whole = is_intact(path, one.name)
            if one.name + REFUSED in there:
                reason, is_damaged = read_refusal(store, one.name)
                if not (is_damaged and is_whole):
                    refused.append(f"{one.name}: {reason}")
                    continue
                store.bring(path, one.name)
                store.remove(one.name + REFUSED)
                n_sent += 1
            elif not is_whole:
                if one.name not in there:
                    refused.append(f"{one.name}: it is damaged or gone here, and was not handed in")
            elif there.get(one.name) != path.stat().st_size:
                store.bring(path, one.name)
                n_sent += 1
        catalog.parcels.remove_parcels(published)
        self.tidy(catalog)
        known = {one.name for one in waiting} - set(published)
        for place in there:
            if place.endswith(TAKEN_UP) and place.removesuffix(TAKEN_UP) not in known:
                store.remove(place)
        return HandedIn(
            n_sent=n_sent,
            n_published=len(published),
            n_waiting=len(waiting) - len(published),
            refused=refused,
        )


def name_maker(folder: Path) -> str:
    """Return the name under which the folder of this machine hands in."""
    host = re.sub(r"[^a-z0-9]+", "-", socket.gethostname().lower()).strip("-")[:60]
    told = sha256(str(folder.resolve()).encode(errors="surrogateescape")).hexdigest()[:8]
    return f"{host or 'host'}-{told}"


def name_refusal(one: RejectedArticle) -> ArticleId:
    """Return the word under which it is remembered that a refusal was handed in."""
    told = "\x1f".join((one.source, one.source_id or "", one.reason))
    return ArticleId("refusal-" + sha256(told.encode(errors="surrogatepass")).hexdigest()[:20])


def parse_maker(name: str) -> str:
    """Return who made a parcel."""
    found = parse_name(name)
    return found.maker if found is not None else ""


def is_intact(path: Path, name: str) -> bool:
    """Whether a file is the parcel of that name."""
    told = parse_name(name)
    with suppress(OSError):
        return told is not None and checksum_file(path) == told.checksum
    return False


def read_refusal(store: FileStore, name: str) -> tuple[str, bool]:
    """Return why a parcel was set aside, and whether it is because it was damaged on the way."""
    with TemporaryDirectory(prefix="wirethread-parcel-") as folder:
        path = Path(folder) / "refused"
        try:
            store.fetch(name + REFUSED, path)
            told = json.loads(path.read_bytes())
            return str(told["reason"]), bool(told["is_damaged"])
        except (OSError, ValueError, LookupError, TypeError):
            return "it was set aside", False
