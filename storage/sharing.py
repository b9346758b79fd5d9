"""Publish for readers of the folder, and of a shared archive; move an archive between the two."""

# ruff: noqa: S608 - names come from the catalog's own schema; values are parameters

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from wirethread.articles.errors import StorageError
from wirethread.storage.catalog import CATALOG_FILE, SNAPSHOT_FILE, Catalog
from wirethread.storage.engine.database import StorageSettings, open_writer
from wirethread.storage.engine.file_copy import copy_file
from wirethread.storage.engine.lock import hold_run_lock
from wirethread.storage.engine.migrations import migrate_catalog, refuse_other_schema
from wirethread.storage.engine.strays import sync_folder
from wirethread.storage.publish import Publication, publish_snapshot
from wirethread.storage.shared.coordinator import hold_coordinator
from wirethread.storage.shared.files import list_folder
from wirethread.storage.shared.opening import LAKE, open_store
from wirethread.storage.shared.publications import Brought, bring_publication, open_shared
from wirethread.storage.shared.rows import list_tables
from wirethread.storage.shared_address import SharedAddress, parse_address
from wirethread.storage.upkeep.backup import KEPT_FILES
from wirethread.storage.words.index import WORDS_FOLDER, open_words
from wirethread.storage.words.writing import update_words

__all__ = [
    "Migration",
    "hold_shared",
    "migrate_from_shared",
    "migrate_to_shared",
    "publish_everywhere",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What was moved where."""

    source: str
    target: str
    n_articles: int
    n_rows: int
    n_files: int


def publish_everywhere(
    catalog: Catalog, settings: StorageSettings, *, force: bool = False
) -> Publication:
    """Publish in the folder, then in the shared archive of the settings, if they name one.

    What a process that was killed left undone there is done too. Raises as `publish_snapshot` and
    `bring_publication` do, and `RunInProgressError` where another coordinator publishes there.
    """
    publication = publish_snapshot(catalog, force=force)
    if settings.catalog:
        _bring(catalog, parse_address(settings.catalog), settings.files, settings)
    return publication


@contextmanager
def hold_shared(settings: StorageSettings, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Be the one coordinator of the settings' shared archive while the block runs, if there is one.

    Raises as `hold_coordinator` does.
    """
    if not settings.catalog:
        yield
        return
    with hold_coordinator(parse_address(settings.catalog), wait_seconds=wait_seconds):
        yield


def _bring(
    catalog: Catalog,
    address: SharedAddress,
    files: str | Path,
    settings: StorageSettings,
    *,
    are_proved: bool = False,
) -> Brought:
    folder = catalog.folder
    names = [f"vectors/{segment.file_name}" for segment in catalog.vectors.list_segments()]
    if open_words(catalog) is not None:
        names += list_folder(folder, WORDS_FOLDER)
    names += [name for name in KEPT_FILES if (folder / name).is_file()]
    with hold_coordinator(address) as coordinator:
        return bring_publication(
            folder / SNAPSHOT_FILE,
            names,
            address,
            open_store(files),
            coordinator,
            settings,
            are_proved=are_proved,
        )


def migrate_to_shared(
    folder: str | Path,
    address: SharedAddress,
    files: str | Path,
    *,
    settings: StorageSettings | None = None,
    wait_seconds: float = 0.0,
) -> Migration:
    """Bring all that a data folder holds to a shared archive.

    Once more brings what changed, and what is damaged among the archive's files.

    Raises `StorageError` where the archive is another folder's, or newer.
    """
    folder = Path(folder)
    settings = settings or StorageSettings()
    if not (folder / CATALOG_FILE).exists():
        raise StorageError(f"{folder} holds no archive: nothing was moved")
    with (
        hold_run_lock(folder, wait_seconds=wait_seconds),
        Catalog.open(folder, settings=settings) as catalog,
    ):
        publish_snapshot(catalog)
        brought = _bring(catalog, address, files, settings, are_proved=True)
    return Migration(
        source=str(folder),
        target=address.shown,
        n_articles=brought.n_articles,
        n_rows=brought.n_rows,
        n_files=brought.n_files,
    )


def migrate_from_shared(
    address: SharedAddress, folder: str | Path, *, settings: StorageSettings | None = None
) -> Migration:
    """Make a data folder of the newest publication of a shared archive.

    It appears under its name only when it is whole. Raises `StorageError` where the folder holds
    something, or the archive is of another schema or damaged.
    """
    folder = Path(folder).absolute()
    settings = settings or StorageSettings()
    if folder.exists() and any(folder.iterdir()):
        raise StorageError(f"{folder} holds data: nothing was overwritten; name a new folder")
    partial = folder.with_name(folder.name + ".migrating")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        (partial / "vectors").mkdir(parents=True)
        n_articles, n_rows, n_files = _fill(address, partial, settings)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise StorageError(f"cannot write in {folder}: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Migration(
        source=address.shown,
        target=str(folder),
        n_articles=n_articles,
        n_rows=n_rows,
        n_files=n_files,
    )


def _fill(address: SharedAddress, partial: Path, settings: StorageSettings) -> tuple[int, int, int]:
    """Fill a folder that is new; return its articles, rows and files."""
    path = partial / CATALOG_FILE
    with closing(open_writer(path, settings)) as empty:
        migrate_catalog(empty)
    archive = open_shared(address, settings)
    with closing(archive.database) as shared:
        refuse_other_schema(shared, address.shown)
        with closing(open_writer(path, settings)) as database:
            n_rows = 0
            with database.transaction():
                for table in list_tables(shared, LAKE):
                    database.execute(f"DELETE FROM {table.full_name}")
            for table in list_tables(database, Path(CATALOG_FILE).stem):
                with database.transaction():
                    for rows in shared.stream_rows(table.select()):
                        n_rows += rows.num_rows
                        with database.registered(incoming=rows):
                            database.execute(f"INSERT INTO {table.full_name} FROM incoming")
            n_articles = int(database.fetch_value("SELECT count(*) FROM store.articles"))
        files = archive.copy_files(partial)
    with Catalog.open(partial, settings=settings) as catalog:
        update_words(catalog)
    copy_file(path, partial / SNAPSHOT_FILE)
    (partial / "run.lock").touch()
    return n_articles, n_rows, len(files)
