"""The catalog: one door to the DuckDB file, with a room for each subject behind it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from wirethread.articles.errors import NotFoundError, StorageError
from wirethread.storage.engine.database import Database, StorageSettings, open_snapshot, open_writer
from wirethread.storage.engine.exchange import finish_restoring
from wirethread.storage.engine.free_query import SqlSettings
from wirethread.storage.engine.migrations import migrate_catalog, refuse_other_schema
from wirethread.storage.engine.strays import make_folder
from wirethread.storage.shared.publications import SharedArchive, open_shared
from wirethread.storage.shared_address import is_shared, parse_address
from wirethread.storage.subjects import (
    Alerts,
    Articles,
    Copy,
    Corrections,
    Notices,
    Parcels,
    Runs,
    Sources,
    Stories,
    Surroundings,
    Vectors,
    Versions,
)
from wirethread.storage.tables import runs as run_tables
from wirethread.storage.tables import segments as segment_tables

__all__ = ["CATALOG_FILE", "SNAPSHOT_FILE", "SPARE_FILE", "Catalog"]

CATALOG_FILE = "catalog.duckdb"
SNAPSHOT_FILE = "published.duckdb"
SPARE_FILE = "published.spare"
"""The snapshot before: the next one is made from it."""


class Catalog:
    """Everything wirethread knows but the vectors. A context manager."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        settings: StorageSettings,
        *,
        shared: SharedArchive | None = None,
    ) -> None:
        self._folder = folder
        self.shared = shared
        """The shared archive that this is a publication of; None for that of a folder."""
        self._database = database
        self._settings = settings
        self.alerts = Alerts(self._get_database)
        self.articles = Articles(self._get_database)
        self.copy = Copy(self._get_database)
        self.corrections = Corrections(self._get_database)
        self.notices = Notices(self._get_database)
        self.parcels = Parcels(self._get_database)
        self.runs = Runs(self._get_database)
        self.sources = Sources(self._get_database)
        self.stories = Stories(self._get_database)
        self.surroundings = Surroundings(self._get_database)
        self.vectors = Vectors(self._get_database)
        self.versions = Versions(self._get_database)

    @property
    def folder(self) -> Path:
        """The data folder; of a shared archive one with its files, fetched when first asked for."""
        return self._folder if self.shared is None else self.shared.fetch_folder()

    def _get_database(self) -> Database:
        return self._database

    def taking_in(self) -> AbstractContextManager[None]:
        """Commit what the block takes in, or nothing of it; one inside another is one with it.

        So articles, the series they belong to, and what is remembered of where they came from
        stand together, wherever a run is killed.
        """
        return self._database.transaction()

    @classmethod
    def open(cls, folder: str | Path, *, settings: StorageSettings | None = None) -> Self:
        """Open the catalog in `folder` for writing; create it, or bring it to this schema.

        Raises `StorageError` where the published snapshot is newer than the catalog: somebody put
        an older catalog back, and the next publication would be the end of the newer articles.
        """
        folder = Path(folder)
        finish_restoring(folder)
        settings = settings or StorageSettings()
        try:
            make_folder(folder / "vectors", keep_in=folder)
        except OSError as error:
            raise StorageError(
                f"cannot write in the data folder {folder}: {error.strerror}"
            ) from error
        database = open_writer(folder / CATALOG_FILE, settings)
        try:
            migrate_catalog(database)
            _refuse_older(folder, database, settings)
        except BaseException:
            database.close()
            raise
        return cls(folder, database, settings)

    @classmethod
    def open_published(cls, folder: str | Path, *, settings: StorageSettings | None = None) -> Self:
        """Open the published snapshot in `folder` for reading, whatever a run is doing.

        In the place of a folder may stand a shared archive, `ducklake:...`. Raises
        `NotFoundError` where nothing has been published, `StorageError` where the snapshot is
        damaged, cannot be reached, or is of another schema than this code reads.
        """
        folder = Path(folder)
        settings = settings or StorageSettings()
        if is_shared(folder):
            return cls._open_shared(folder, settings)
        database = open_snapshot(folder / SNAPSHOT_FILE, settings)
        try:
            refuse_other_schema(database, str(folder / SNAPSHOT_FILE))
        except BaseException:
            database.close()
            raise
        return cls(folder, database, settings)

    @classmethod
    def _open_shared(cls, place: Path, settings: StorageSettings) -> Self:
        address = parse_address(place)
        archive = open_shared(address, settings)
        try:
            refuse_other_schema(archive.database, address.shown)
        except BaseException:
            archive.database.close()
            raise
        return cls(place, archive.database, settings, shared=archive)

    @property
    def read_only(self) -> bool:
        """Whether this is a published snapshot."""
        return self._database.read_only

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def cursor(self) -> "Catalog":
        """Return a second door to the same open snapshot, for another thread."""
        return Catalog(self._folder, self._database.cursor(), self._settings, shared=self.shared)

    @property
    def publication_name(self) -> str:
        """What tells this publication of the archive from others, as a short word."""
        return "-".join(
            str(run_tables.read_counter(self._database, name))
            for name in ("publication", "content_version")
        )

    def forget_lookups(self) -> None:
        """Let go of what was looked up and of the blocks that were read, as closing would.

        Texts that were gathered to be embedded stay until all are: to find them takes long.
        """
        segment_tables.forget_lookups(self._database)
        self._database.places.clear()
        self._database.release_blocks(self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def detached(self) -> Iterator[Path]:
        """Checkpoint and close the file while the block runs, so that it can be copied."""
        path = self.folder / CATALOG_FILE
        self._database.execute("CHECKPOINT")
        self._database.close()
        try:
            yield path
        finally:
            self._database = open_writer(path, self._settings)

    @contextmanager
    def finishing(
        self, step: str, article_ids: Iterable[str], run_id: str, *, fingerprint: str = ""
    ) -> Iterator[None]:
        """Commit what the block writes together with `step` being done for the articles."""
        with self._database.transaction():
            yield
            self.runs.mark_done(step, article_ids, run_id, fingerprint=fingerprint)

    @property
    def change_number(self) -> int:
        """A number that grows with every transaction that changed content."""
        return run_tables.read_counter(self._database, "content_version")

    @property
    def publication(self) -> int:
        """The number of snapshots that were published."""
        return run_tables.read_counter(self._database, "publication")

    def execute_read_only(
        self,
        sql: str,
        parameters: Sequence[Any] | Mapping[str, Any] = (),
        *,
        settings: SqlSettings | None = None,
    ) -> pa.Table:
        """Run one SELECT that a person wrote, on the published snapshot, within the bounds set.

        It can read no file and write nothing. Raises `StorageError` for anything else, and past
        the time or size; None sets no bounds.
        """
        if not self.read_only:
            raise StorageError("free SQL runs on the published snapshot only")
        return self._database.fetch_free_query(sql, parameters, settings=settings)

    def stream_read_only(
        self,
        sql: str,
        parameters: Sequence[Any] | Mapping[str, Any] = (),
        *,
        settings: SqlSettings,
    ) -> Iterator[pa.Table]:
        """Run one SELECT as `execute_read_only` does, and yield any number of rows in pieces."""
        if not self.read_only:
            raise StorageError("free SQL runs on the published snapshot only")
        return self._database.stream_free_query(sql, parameters, settings=settings)


def _refuse_older(folder: Path, database: Database, settings: StorageSettings) -> None:
    """Raise `StorageError` where the snapshot holds more changes than the catalog."""
    path = folder / SNAPSHOT_FILE
    if not path.exists():
        return
    asked = (
        "SELECT (SELECT value FROM store.counters WHERE name = 'content_version'),"
        " (SELECT count(*) FROM store.articles)"
    )
    try:
        snapshot = open_snapshot(path, settings)
        try:
            ((published, n_published),) = snapshot.fetch_rows(asked)
        finally:
            snapshot.close()
    except (NotFoundError, StorageError):
        return  # one that cannot be read is published anew
    ((present, n_present),) = database.fetch_rows(asked)
    if (published or 0) > present:
        raise StorageError(
            f"{folder}: the published snapshot ({n_published:,} articles) is newer than the"
            f" catalog ({n_present:,} articles), which was put back; nothing was changed."
            " `wirethread repair --keep snapshot` makes the catalog from the snapshot,"
            " `--keep catalog` goes on from the catalog; the other one is kept aside"
        )
