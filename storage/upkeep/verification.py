"""Look whether everything in a data folder is whole and belongs together; nothing is written.

Every check is one line: what was looked at, what was found, and what to do. Tables are read once
as a stream, so that memory does not follow the size of the archive.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from wirethread.articles.errors import NotFoundError, StorageError
from wirethread.storage.catalog import CATALOG_FILE, SNAPSHOT_FILE
from wirethread.storage.engine.database import Database, StorageSettings, open_snapshot
from wirethread.storage.engine.exchange import finish_restoring
from wirethread.storage.engine.lock import try_run_lock
from wirethread.storage.engine.migrations import list_migrations, read_schema_number
from wirethread.storage.upkeep.references import REFERENCES, UNIQUE_KEYS, Reference, is_waiting
from wirethread.storage.upkeep.segment_checks import (
    check_segment_files,
    find_orphan_files,
    find_segments_without,
)
from wirethread.storage.upkeep.text_checks import TEXT_CHECKS, TOO_EARLY, count_repeated_keys
from wirethread.storage.words.checks import find_words_faults, holds_index
from wirethread.storage.words.index import WORDS_FOLDER, WordsIndex, WordsIndexError, measure_rows

__all__ = ["Check", "CheckState", "Verification", "verify_folder"]

REPAIR = "`wirethread repair` mends it"
N_EXAMPLES = 3


class CheckState(StrEnum):
    """How a check came out; a note needs no repair."""

    FINE = "fine"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: CheckState
    n_found: int
    """How many things are wrong; 0 where it is fine."""
    message: str
    advice: str = ""
    """What to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Everything that was looked at in a data folder."""

    folder: str
    looked_at: str
    """`catalog`, or `snapshot` where a run was writing."""
    checks: Sequence[Check]

    @property
    def is_fine(self) -> bool:
        """Whether no check found a problem."""
        return not any(check.state is CheckState.PROBLEM for check in self.checks)


def verify_folder(
    folder: str | Path,
    *,
    settings: StorageSettings | None = None,
    on_check: Callable[[str], None] | None = None,
) -> Verification:
    """Check the data folder; where a run is writing its published snapshot is checked instead.

    Raises `NotFoundError` where the folder holds nothing of ours.
    """
    folder = Path(folder)
    settings = settings or StorageSettings()
    finish_restoring(folder)
    if not (folder / CATALOG_FILE).exists() and not (folder / SNAPSHOT_FILE).exists():
        raise NotFoundError(f"{folder} holds no catalog: run `wirethread run SOURCE` first")
    with try_run_lock(folder) as is_free:
        report = _Report(folder, settings, on_check or (lambda _: None))
        if is_free:
            looked_at = report.check_everything()
        else:
            report.note(
                "run", "a run is writing: the published snapshot was checked, not the catalog"
            )
            looked_at = "snapshot"
            report.check_snapshot_alone()
    return Verification(folder=str(folder), looked_at=looked_at, checks=tuple(report.checks))


class _Report:
    """Collects checks over the files of one folder."""

    def __init__(
        self, folder: Path, settings: StorageSettings, on_check: Callable[[str], None]
    ) -> None:
        self.folder = folder
        self.checks: list[Check] = []
        self._settings = settings
        self._on_check = on_check

    def check_everything(self) -> str:
        with self._opened(CATALOG_FILE, "catalog") as database:
            if database is not None and self._check_content(database):
                self._check_files(database)
                self._check_snapshot(database)
                return "catalog"
        self.check_snapshot_alone()
        return "snapshot"

    def check_snapshot_alone(self) -> None:
        with self._opened(SNAPSHOT_FILE, "snapshot") as database:
            if database is not None and self._check_content(database):
                self._check_segments(database)

    def note(self, name: str, message: str) -> None:
        self._add(name, CheckState.NOTE, 0, message)

    def _add(
        self, name: str, state: CheckState, n_found: int, message: str, advice: str = ""
    ) -> None:
        self.checks.append(
            Check(name=name, state=state, n_found=n_found, message=message, advice=advice)
        )

    def _tell(self, name: str, wrong: Sequence[str], n_wrong: int, fine: str, what: str) -> None:
        """Add a check that counted what is wrong, with a few examples."""
        if not n_wrong:
            self._add(name, CheckState.FINE, 0, fine)
            return
        shown = ", ".join(wrong[:N_EXAMPLES]) + (", …" if n_wrong > N_EXAMPLES else "")
        self._add(name, CheckState.PROBLEM, n_wrong, f"{n_wrong} {what}: {shown}", REPAIR)

    @contextmanager
    def _opened(self, file_name: str, name: str) -> Iterator[Database | None]:
        """Open a database file read-only; None, with a problem told, where that cannot be done."""
        self._on_check(name)
        path = self.folder / file_name
        database: Database | None = None
        try:
            if not path.exists():
                raise StorageError(f"{path} is missing")
            database = open_snapshot(path, self._settings)
            self._check_schema(database, name)
        except (StorageError, NotFoundError) as error:
            is_busy = "open in another process" in str(error)
            advice = "close the other program" if is_busy else REPAIR
            if "update wirethread" in str(error):
                advice = "update wirethread"
            self._add(name, CheckState.PROBLEM, 1, str(error), advice)
            if database is not None:
                database.close()
            yield None
            return
        try:
            yield database
        finally:
            database.close()

    def _check_schema(self, database: Database, name: str) -> None:
        found, newest = read_schema_number(database), list_migrations()[-1][0]
        if found == 0:
            raise StorageError(f"{self.folder} holds no wirethread catalog")
        if found > newest:
            raise StorageError(
                f"the {name} has schema {found} and this wirethread knows schemas up to {newest}:"
                " update wirethread"
            )
        if found < newest:
            self._add(
                name,
                CheckState.NOTE,
                0,
                f"it has schema {found} of {newest}",
                "the next run brings it up to date",
            )
        else:
            self._add(name, CheckState.FINE, 0, f"it opens and has schema {found}")

    # What stands in a database

    def _check_content(self, database: Database) -> bool:
        """Check the rows; False where they cannot be read, and nothing more can be told."""
        try:
            tables = _list_tables(database)
        except StorageError as error:
            self._add("rows", CheckState.PROBLEM, 1, str(error), REPAIR)
            return False
        if not self._check_readable(database, tables):
            return False
        for table, keys in UNIQUE_KEYS.items():
            if table in tables:
                self._on_check(table)
                n_wrong, examples = count_repeated_keys(database, table, keys)
                if n_wrong:
                    self._tell(f"keys of {table}", examples, n_wrong, "", "rows stand twice")
        if not any(check.name.startswith("keys of ") for check in self.checks):
            self._add("keys", CheckState.FINE, 0, "no row stands twice")
        n_before = len(self.checks)
        columns = _list_columns(database)  # an older schema lacks some
        for reference in REFERENCES:
            if (reference.table, reference.column) in columns and reference.target in tables:
                self._check_reference(database, reference)
        if len(self.checks) == n_before:
            self._add(
                "references", CheckState.FINE, 0, "every row points to something that is there"
            )
        for name, (fine, what, sql) in TEXT_CHECKS.items():
            if name == "places" and not columns.issuperset((one, "written") for one in TOO_EARLY):
                continue
            self._on_check(name)
            ((n_wrong, examples),) = database.fetch_rows(
                f"SELECT count(*), list(example)[:{N_EXAMPLES}] FROM ({sql})"
            )
            self._tell(name, examples or [], n_wrong, fine, what)
        return True

    def _check_readable(self, database: Database, tables: Sequence[str]) -> bool:
        """Read every column of every table, so that a damaged block shows."""
        n_rows = 0
        for table in tables:
            self._on_check(table)
            try:
                ((n_found, _),) = database.fetch_rows(
                    f"SELECT count(*), bit_xor(hash(t)) FROM store.{table} t"
                )
            except StorageError as error:
                words = f"{table} cannot be read: {error}"
                self._add("rows", CheckState.PROBLEM, 1, words, REPAIR)
                return False
            n_rows += n_found
        self._add("rows", CheckState.FINE, 0, f"{n_rows:,} rows of {len(tables)} tables are read")
        return True

    def _check_reference(self, database: Database, reference: Reference) -> None:
        self._on_check(reference.words)
        ((n_wrong, examples),) = database.fetch_rows(
            f'SELECT count(*), list("{reference.column}"::VARCHAR)[:{N_EXAMPLES}]'
            f" FROM store.{reference.table} t WHERE {reference.dangling}"
        )
        if n_wrong and is_waiting(database, reference):
            self._add(
                reference.words,
                CheckState.NOTE,
                n_wrong,
                f"{n_wrong} wait for the step `{reference.dealt_by}`, which a stopped run left",
                "the next run does it",
            )
        elif n_wrong:
            self._tell(reference.words, examples, n_wrong, "", "point to nothing")

    # What lies beside it

    def _check_segments(self, database: Database) -> None:
        self._on_check("vectors")
        problems, n_files, n_vectors = check_segment_files(self.folder, database)
        self._tell(
            "vectors",
            problems,
            len(problems),
            f"{n_files} files hold {n_vectors:,} vectors as recorded",
            "files of vectors are not right",
        )

    def _check_words(self, database: Database) -> None:
        self._on_check("words")
        folder = self.folder / WORDS_FOLDER
        if not folder.exists() or not holds_index(folder):
            self.note("words", "there is no index of words yet: the next run makes it")
            return
        faults = find_words_faults(folder)
        if faults:
            self._tell(
                "words", faults, len(faults), "", "files of the index of words are not right"
            )
            return
        try:
            found = WordsIndex.open(folder).measure()
        except WordsIndexError as error:
            self._add("words", CheckState.PROBLEM, 1, str(error), REPAIR)
            return
        if found != measure_rows(database, found.last_place):
            words = "the index of words belongs to another catalog"
            self._add("words", CheckState.NOTE, 0, words, "the next run makes it again")
        elif found != measure_rows(database):
            words = f"the index of words ends after {found.n_rows:,} paragraphs"
            self._add("words", CheckState.NOTE, 0, words, "the next run goes on from there")
        else:
            words = f"the index of words holds {found.n_rows:,} paragraphs as recorded"
            self._add("words", CheckState.FINE, 0, words)

    def _check_files(self, database: Database) -> None:
        self._check_segments(database)
        self._check_words(database)
        orphans = find_orphan_files(self.folder, database)
        if orphans:
            names = ", ".join(orphans[:N_EXAMPLES])
            self._add(
                "orphans",
                CheckState.NOTE,
                len(orphans),
                f"{len(orphans)} files belong to nothing: {names}",
                "the next run or `wirethread repair` removes them",
            )
        else:
            self._add("orphans", CheckState.FINE, 0, "no file is left over")

    def _check_snapshot(self, catalog: Database) -> None:
        if not (self.folder / SNAPSHOT_FILE).exists():
            self._add("snapshot", CheckState.PROBLEM, 1, "nothing has been published", REPAIR)
            return
        with self._opened(SNAPSHOT_FILE, "snapshot") as snapshot:
            if snapshot is None:
                return
            if not self._check_readable(snapshot, _list_tables(snapshot)):
                return
            published, present = (_read_change_number(one) for one in (snapshot, catalog))
            if published > present:
                self._add(
                    "snapshot content",
                    CheckState.PROBLEM,
                    1,
                    f"it is newer ({published}) than the catalog ({present}): the catalog was"
                    " put back",
                    "`wirethread repair --keep snapshot` makes the catalog from it, `--keep"
                    " catalog` goes on without it",
                )
            elif published < present:
                self._add(
                    "snapshot content",
                    CheckState.NOTE,
                    0,
                    f"it is {present - published} changes older than the catalog",
                    "the next run publishes",
                )
            else:
                self._compare(snapshot, catalog)
            self._tell(
                "snapshot vectors",
                lost := find_segments_without(self.folder, snapshot),
                len(lost),
                "every file of vectors that it names is there",
                "files of vectors that it names are missing",
            )

    def _compare(self, snapshot: Database, catalog: Database) -> None:
        names = ("articles", "paragraphs", "story_cluster_articles", "passage_places", "links")
        counts = [
            [entry.fetch_value(f"SELECT count(*) FROM store.{name}") for name in names]
            for entry in (snapshot, catalog)
        ]
        if counts[0] == counts[1]:
            self._add("snapshot content", CheckState.FINE, 0, "it is the present content")
        else:
            told = ", ".join(
                f"{name} {left} instead of {right}"
                for name, left, right in zip(names, *counts, strict=True)
                if left != right
            )
            self._add("snapshot content", CheckState.PROBLEM, 1, f"it differs: {told}", REPAIR)


def _list_tables(database: Database) -> list[str]:
    rows = database.fetch_rows(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'store'"
        " AND database_name = current_database() ORDER BY table_name"
    )
    return [row[0] for row in rows]


def _list_columns(database: Database) -> set[tuple[str, str]]:
    rows = database.fetch_rows(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'store'"
        " AND database_name = current_database()"
    )
    return {(table, column) for table, column in rows}


def _read_change_number(database: Database) -> int:
    value = database.fetch_value("SELECT value FROM store.counters WHERE name = 'content_version'")
    return int(value or 0)
