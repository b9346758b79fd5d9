"""Publications of a shared archive: brought whole in one transaction, read as they were marked.

Files come first, rows second: DuckLake commits all tables and the list of files at once, so that a
reader sees a publication or the one before. A process that is killed leaves files without rows,
which the next publication uses or removes.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

import threading
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from wirethread.articles.errors import StorageError
from wirethread.storage.engine.bulk import quote
from wirethread.storage.engine.database import Database, StorageSettings
from wirethread.storage.shared.cache import copy_files, fetch_files, find_cache
from wirethread.storage.shared.coordinator import Coordinator
from wirethread.storage.shared.files import FileStore, SharedFile, describe_files, put_files
from wirethread.storage.shared.opening import (
    LAKE,
    name_metadata,
    open_for_bringing,
    open_for_reading,
)
from wirethread.storage.shared.rows import FOLDER, bring_rows, has_same_schema, make_schema
from wirethread.storage.shared_address import SharedAddress

__all__ = ["Brought", "SharedArchive", "bring_publication", "open_shared", "read_files"]

Stamp = tuple[int, int, int]
_ASKED_SECONDS = 2.0
"""So often who reads on asks whether something was published since."""
_MOST_SMALL_FILES = 500
_KEPT = "INTERVAL 1 DAY"
"""So long older publications can still be read by who has them open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What was brought to a shared archive."""

    catalog: str
    """Its address, without a password."""
    n_articles: int
    n_rows: int
    """Rows that were written or deleted, 0 where the archive was up to date."""
    n_files: int
    """Files that were copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What tells publications from one another."""

    archive_id: str
    """The first run of the archive."""
    publication: int
    change_number: int
    n_articles: int


def bring_publication(  # noqa: PLR0917 - what to bring, where to, and who may
    snapshot: Path,
    names: list[str],
    address: SharedAddress,
    store: FileStore,
    coordinator: Coordinator,
    settings: StorageSettings,
    *,
    are_proved: bool = False,
) -> Brought:
    """Bring the snapshot of a data folder, and its files of these names, to a shared archive.

    With `are_proved` the files that are there already are read, and mended. Raises `StorageError`
    where the archive is of another folder, or newer than this one.
    """
    described = describe_files(snapshot.parent, names)
    with closing(open_for_bringing(address, store, settings)) as database:
        database.execute(f"ATTACH {quote(snapshot.resolve())} AS {FOLDER} (READ_ONLY)")
        database.execute(f"USE {LAKE}")
        state = _read_state(database, FOLDER)
        last = _read_last(database)
        _refuse_other(address, state, last)
        n_put = put_files(snapshot.parent, described, store, are_proved=are_proved)
        n_rows = _bring(database, described, state, last, coordinator)
        is_forgotten = _holds_forgotten(database)
        _tidy(database, is_forgotten=is_forgotten)
        store.remove_others({file.checksum for file in described}, at_once=is_forgotten)
    return Brought(catalog=address.shown, n_articles=state.n_articles, n_rows=n_rows, n_files=n_put)


def _bring(
    database: Database,
    files: list[SharedFile],
    state: State,
    last: State | None,
    coordinator: Coordinator,
) -> int:
    """Write a publication, and commit it only while this is the coordinator.

    What DuckLake began while the lock was held it refuses to commit where another coordinator
    published since: it could only do so after the lock was lost, and writes the same tables.
    """
    with database.transaction():
        listed = read_files(database) if last is not None else []
        coordinator.require()
        if last is None or not has_same_schema(database) or _forgets(database):
            make_schema(database)
        n_rows = bring_rows(database)
        if n_rows or listed != sorted(files) or last != state:
            database.execute("DELETE FROM shared.files")
            if files:
                values = ", ".join(
                    f"({quote(file.name)}, {quote(file.checksum)}, {file.n_bytes})"
                    for file in files
                )
                database.execute(f"INSERT INTO shared.files VALUES {values}")
            database.execute(
                "INSERT INTO shared.publications VALUES (?, ?, ?, ?, ?)",
                [
                    state.publication,
                    state.change_number,
                    state.archive_id,
                    state.n_articles,
                    datetime.now(UTC).replace(tzinfo=None),
                ],
            )
            message = quote(f"publication {state.publication}")
            database.execute(f"CALL {LAKE}.set_commit_message('wirethread', {message})")
        coordinator.require()
    return n_rows


def _read_state(database: Database, catalog: str) -> State:
    ((archive_id, publication, change_number, n_articles),) = database.fetch_rows(
        "SELECT coalesce((SELECT run_id FROM"
        f" {catalog}.store.runs ORDER BY started_at, run_id LIMIT 1), ''),"
        f" (SELECT value FROM {catalog}.store.counters WHERE name = 'publication'),"
        f" (SELECT value FROM {catalog}.store.counters WHERE name = 'content_version'),"
        f" (SELECT count(*) FROM {catalog}.store.articles)"
    )
    return State(
        archive_id=archive_id,
        publication=int(publication or 0),
        change_number=int(change_number or 0),
        n_articles=int(n_articles),
    )


def _read_last(database: Database) -> State | None:
    """Return the last publication of the archive, None where there is none."""
    if not database.fetch_value(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'shared'",
        [LAKE],
    ):
        return None
    rows = database.fetch_rows(
        "SELECT archive_id, publication, change_number, n_articles FROM shared.publications"
        " ORDER BY published_at DESC LIMIT 1"
    )
    if not rows:
        return None
    archive_id, publication, change_number, n_articles = rows[0]
    return State(
        archive_id=archive_id,
        publication=publication,
        change_number=change_number,
        n_articles=n_articles,
    )


def _refuse_other(address: SharedAddress, state: State, last: State | None) -> None:
    if last is None:
        return
    if last.archive_id != state.archive_id:
        raise StorageError(
            f"{address.shown} holds the archive of another folder: nothing was changed; name"
            " another database, or another schema=..."
        )
    if last.change_number > state.change_number:
        raise StorageError(
            f"{address.shown} is newer ({last.n_articles:,} articles) than this folder"
            f" ({state.n_articles:,} articles): nothing was changed; `wirethread migrate"
            " ducklake:... FOLDER` makes a folder of it"
        )


def _forgets(database: Database) -> bool:
    """Whether articles were forgotten since: then all tables are written anew.

    DuckLake keeps the least and the greatest value of a column as long as its table stands.
    """
    left, right = (
        database.fetch_value(f"SELECT count(*) FROM {catalog}.store.forgettings")
        for catalog in (LAKE, FOLDER)
    )
    return bool(left != right)


def _holds_forgotten(database: Database) -> bool:
    """Whether there are publications from before articles were forgotten."""
    return bool(
        database.fetch_value(
            f"SELECT count(*) FROM ducklake_snapshots('{LAKE}') WHERE snapshot_time::TIMESTAMP <"
            " (SELECT max(begun_at) FROM store.forgettings)"
        )
    )


def _tidy(database: Database, *, is_forgotten: bool) -> None:
    """Let go of publications older than a day; of all but the last where words must be gone."""
    n_files = database.fetch_value(
        f"SELECT coalesce(sum(file_count), 0) FROM ducklake_table_info('{LAKE}')"
    )
    if n_files > _MOST_SMALL_FILES:
        database.execute(f"CALL ducklake_merge_adjacent_files('{LAKE}')")
    until = "now()" if is_forgotten else f"now() - {_KEPT}"
    database.execute(f"CALL ducklake_expire_snapshots('{LAKE}', older_than => {until})")
    which = "cleanup_all => true" if is_forgotten else f"older_than => {until}"
    database.execute(f"CALL ducklake_cleanup_old_files('{LAKE}', {which})")
    database.execute(
        f"CALL ducklake_delete_orphaned_files('{LAKE}', older_than => now() - {_KEPT})"
    )


def read_files(database: Database) -> list[SharedFile]:
    """Return the files that the publication names, by name."""
    return [
        SharedFile(name=name, checksum=checksum, n_bytes=n_bytes)
        for name, checksum, n_bytes in database.fetch_rows(
            f"SELECT name, checksum, n_bytes FROM {LAKE}.shared.files ORDER BY ALL"
        )
    ]


class SharedArchive:
    """The newest publication of a shared archive, open for reading. Threads may ask at once."""

    def __init__(self, address: SharedAddress, settings: StorageSettings) -> None:
        self._address = address
        self.database, self._number, self._store = open_for_reading(address, settings)
        self.stamp: Stamp = (self._number, 0, 0)
        """What tells this publication from others."""
        self._door = self._store.open_door()
        self._newest, self._asked_at = self.stamp, time.monotonic()
        self._turn = threading.Lock()
        self._folder: Path | None = None

    def find_newest(self) -> Stamp | None:
        """Return the stamp of the newest publication, asked for again after two seconds.

        None where the catalog does not answer: who asks then opens it anew, and is told why not.
        A catalog in a file stays what it is as long as it is open.
        """
        with self._turn:
            if time.monotonic() - self._asked_at < _ASKED_SECONDS:
                return self._newest
            try:
                self._renew_keys()
                if self._address.path is None:
                    place = name_metadata(self._address)
                    asked = f"SELECT max(snapshot_id) FROM {place}.ducklake_snapshot"
                    self._newest = int(self.database.fetch_value(asked)), 0, 0
            except StorageError:
                return None
            self._asked_at = time.monotonic()
            return self._newest

    def _renew_keys(self) -> None:
        """Tell DuckDB the keys of the bucket, where others took their place."""
        door = self._store.open_door()
        if door is not None and door != self._door:
            self.database.execute(door)
            self._door = door

    @property
    def shown(self) -> str:
        """Its address, without a password."""
        return self._address.shown

    @property
    def files(self) -> FileStore:
        """Where its files are."""
        return self._store

    def measure(self) -> dict[str, int]:
        """Return the bytes of its rows, and of the other files that the publication names."""
        rows = self.database.fetch_value(
            "SELECT coalesce(sum(file_size_bytes), 0)::BIGINT FROM"
            f" {name_metadata(self._address)}.ducklake_data_file"
            f" WHERE begin_snapshot <= {self._number}"
            f" AND coalesce(end_snapshot > {self._number}, true)"
        )
        return {"rows": int(rows), "files": sum(one.n_bytes for one in read_files(self.database))}

    def fetch_folder(self) -> Path:
        """Return a folder with its vectors and index of words, fetched once and checked."""
        if (
            self._folder is None
        ):  # of two threads at once both may come here: a file is fetched once
            self._folder = fetch_files(
                read_files(self.database),
                self._store,
                find_cache(self._address),
                str(self._number),
            )
        return self._folder

    def copy_files(self, folder: Path) -> list[SharedFile]:
        """Copy the files of the publication to a data folder, and return them."""
        found = read_files(self.database)
        copy_files(found, self._store, folder)
        return found


def open_shared(address: SharedAddress, settings: StorageSettings) -> SharedArchive:
    """Open the newest publication. Raises as `open_for_reading` does."""
    return SharedArchive(address, settings)
