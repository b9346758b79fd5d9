"""What is remembered of the sources from run to run: SQL in, objects out.

Of an article that was forgotten for good its entry stays, so that no feed brings it back: with
hashes in the place of its addresses, under which `find_entries` finds it too.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

import pyarrow as pa

from wirethread.storage.engine.bulk import as_utc, build_objects, build_table, ids_table, now_utc
from wirethread.storage.engine.database import Database

__all__ = [
    "FORGOTTEN",
    "Place",
    "SourceEntry",
    "SourceFeed",
    "SourceFile",
    "SourceHost",
    "SourceReport",
    "find_entries",
    "find_fetching",
    "find_stamped",
    "forget_addresses",
    "load_feeds",
    "load_files",
    "load_hosts",
    "load_reports",
    "load_waiting",
    "save_entries",
    "save_feeds",
    "save_files",
    "save_hosts",
    "save_reports",
]

FORGOTTEN = "forgotten"
"""State of an entry whose article was forgotten for good."""
_HASHED = "sha256:"


Place = tuple[str, str]
"""A source, and an entry's key or a page's address in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFeed:
    """A feed, under the source it belongs to and the address it was given by."""

    source: str
    url: str
    moved_to: str | None = None
    title: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    is_gone: bool = False
    failures: int = 0
    next_allowed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry:
    """An entry of a feed, or a page of a list; `state`: waiting, done, failed, forgotten."""

    source: str
    entry_key: str
    url: str | None
    url_key: str | None
    stamp: str
    hints: str | None = None
    state: str = "waiting"
    attempts: int = 0
    next_allowed_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A watched file as it was when it was read."""

    source: str
    path: str
    size: int
    mtime_ns: int
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHost:
    """One origin: its robots.txt, and until when it asked to be left alone."""

    origin: str
    robots_status: int | None
    robots_text: str | None
    robots_until: datetime | None
    not_before: datetime | None
    n_waits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What a source gave when it was last read."""

    source: str
    kind: str
    place: str
    state: str
    message: str | None
    last_status: int | None
    last_read_at: datetime | None
    last_good_at: datetime | None
    next_allowed_at: datetime | None
    failures: int
    n_read: int
    n_new_articles: int
    n_known: int
    n_rejected: int
    run_id: str


Row = TypeVar("Row", SourceFeed, SourceEntry, SourceFile, SourceHost, SourceReport)

_KINDS = {"size": pa.int64(), "mtime_ns": pa.int64(), "is_gone": pa.bool_()}
_TIMES = ("next_allowed_at", "robots_until", "not_before", "last_read_at", "last_good_at")
_NUMBERS = ("failures", "attempts", "robots_status", "n_waits", "last_status")


def _columns(kind: type) -> dict[str, pa.DataType]:
    def choose(name: str) -> pa.DataType:
        if name in _TIMES:
            return pa.timestamp("us")
        if name in _NUMBERS or name.startswith("n_"):
            return pa.int64()
        return _KINDS.get(name, pa.string())

    return {field.name: choose(field.name) for field in fields(kind)}


def _save(
    database: Database,
    table: str,
    rows: Iterable[Row],
    kind: type[Row],
    keys: Sequence[str],
    **stamps: Any,
) -> int:
    """Put rows in the place of those with the same keys; of several the last one counts."""
    latest = {tuple(getattr(row, key) for key in keys): row for row in rows}
    if not latest:
        return 0
    columns = _columns(kind)
    same = " AND ".join(f"t.{key} = n.{key}" for key in keys)
    names = ", ".join(columns)
    with (
        database.transaction(),
        database.registered(new_rows=build_table(latest.values(), columns)),
    ):
        database.execute(
            f"DELETE FROM {table} t WHERE EXISTS (SELECT 1 FROM new_rows n WHERE {same})"
        )
        return database.execute(
            f"INSERT INTO {table} ({', '.join([names, *stamps])})"
            f" SELECT {names}{', ?' * len(stamps)} FROM new_rows ORDER BY {', '.join(keys)}",
            list(stamps.values()),
        )


def _load(
    database: Database, kind: type[Row], sql: str, parameters: Sequence[Any] = ()
) -> list[Row]:
    columns = _columns(kind)
    found = database.fetch_table(f"SELECT {', '.join(columns)} FROM {sql}", parameters)
    return build_objects(found, kind, {name: as_utc for name in columns if name in _TIMES})


def load_feeds(database: Database, sources: Sequence[str]) -> list[SourceFeed]:
    """Return the feeds of the sources."""
    sql = "store.source_feeds WHERE list_contains(?, source) ORDER BY source, url"
    return _load(database, SourceFeed, sql, [list(sources)])


def save_feeds(database: Database, feeds: Iterable[SourceFeed]) -> int:
    """Remember feeds."""
    return _save(database, "store.source_feeds", feeds, SourceFeed, ["source", "url"])


def find_entries(database: Database, places: Iterable[Place]) -> dict[Place, SourceEntry]:
    """Return those of the entries that are known; a hashed one under the key asked for."""
    asked = {
        (source, stored): (source, key)
        for source, key in places
        for stored in (key, hash_address(key))
    }
    found = _find(database, "entry_key", asked)
    return {asked[entry.source, entry.entry_key]: entry for entry in found}


def find_stamped(
    database: Database, stamps: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], list[SourceEntry]]:
    """Return by source and stamp the entries of that source that have the stamp."""
    found: dict[tuple[str, str], list[SourceEntry]] = {}
    for entry in _find(database, "stamp", set(stamps)):
        found.setdefault((entry.source, entry.stamp), []).append(entry)
    return found


def _find(database: Database, column: str, asked: Collection[tuple[str, str]]) -> list[SourceEntry]:
    """Return the entries that are of one of the sources and have the word asked for with it."""
    if not asked:
        return []
    sources, words = zip(*sorted(asked), strict=True)
    same = f"entry.source = a.asked_source AND entry.{column} = a.asked_word"
    with database.registered(asked=pa.table({"asked_source": sources, "asked_word": words})):
        return _load(
            database,
            SourceEntry,
            f"store.source_entries entry JOIN asked a ON {same} ORDER BY source, entry_key",
        )


def find_fetching(database: Database, url_keys: Iterable[str]) -> dict[str, set[str]]:
    """Return by address the sources that fetch it or have fetched it."""
    asked = {stored: key for key in url_keys for stored in (key, hash_address(key))}
    found: dict[str, set[str]] = {}
    if asked:
        with database.registered(asked=ids_table(asked)):
            rows = database.fetch_rows(
                "SELECT DISTINCT url_key, source FROM store.source_entries"
                " WHERE state <> 'failed' AND url_key IN (SELECT id FROM asked)"
            )
        for stored, source in rows:
            found.setdefault(asked[stored], set()).add(source)
    return found


def hash_address(address: str) -> str:
    """Return what stands in the place of an address that was forgotten for good."""
    return _HASHED + sha256(address.encode(errors="surrogatepass")).hexdigest()


def forget_addresses(database: Database, urls: Iterable[str], *, for_good: bool) -> None:
    """Take the addresses of articles out of what is remembered of the sources.

    Their entries go, so that feeds may bring them again; `for_good` they stay as hashes, and are
    not fetched only to be refused. `urls` are the addresses as stored and in their canonical form.
    """
    named = "(url IN (SELECT id FROM gone_urls) OR url_key IN (SELECT id FROM gone_urls))"
    with database.registered(gone_urls=ids_table(urls)):
        # an address from the command line is a source of its own
        asked_once = "source IN (SELECT id FROM gone_urls)"
        for table in ("source_reports", "source_feeds", "source_entries"):
            database.execute(f"DELETE FROM store.{table} WHERE {asked_once}")
        if for_good:
            database.execute(
                "UPDATE store.source_entries SET entry_key = $1 || sha256(entry_key), url = NULL,"
                " url_key = $1 || sha256(url_key), hints = NULL, reason = NULL, state = $2"
                f" WHERE {named}",
                [_HASHED, FORGOTTEN],
            )
        else:
            database.execute(f"DELETE FROM store.source_entries WHERE {named}")
        database.execute(
            "UPDATE store.source_reports SET message = '(forgotten)' WHERE EXISTS"
            " (SELECT 1 FROM gone_urls WHERE contains(message, id))"
        )


def load_waiting(database: Database, sources: Sequence[str], now: datetime) -> list[SourceEntry]:
    """Return the entries of the sources that are to be fetched now, those found first first."""
    sql = (
        "store.source_entries WHERE list_contains(?, source) AND state = 'waiting'"
        " AND (next_allowed_at IS NULL OR next_allowed_at <= ?)"
        " ORDER BY changed_at, source, entry_key"
    )
    return _load(database, SourceEntry, sql, [list(sources), now.replace(tzinfo=None)])


def save_entries(database: Database, entries: Iterable[SourceEntry]) -> int:
    """Remember entries and what became of them."""
    return _save(
        database,
        "store.source_entries",
        entries,
        SourceEntry,
        ["source", "entry_key"],
        changed_at=now_utc(),
    )


def load_files(database: Database, source: str) -> dict[str, SourceFile]:
    """Return the files of a source that were read, by path."""
    found = _load(database, SourceFile, "store.source_files WHERE source = ?", [source])
    return {one.path: one for one in found}


def save_files(database: Database, files: Iterable[SourceFile]) -> int:
    """Remember files that were read."""
    return _save(database, "store.source_files", files, SourceFile, ["source", "path"])


def load_hosts(database: Database) -> list[SourceHost]:
    """Return what is remembered of hosts."""
    return _load(database, SourceHost, "store.source_hosts ORDER BY origin")


def save_hosts(database: Database, hosts: Iterable[SourceHost]) -> int:
    """Remember hosts."""
    return _save(database, "store.source_hosts", hosts, SourceHost, ["origin"])


def load_reports(database: Database) -> list[SourceReport]:
    """Return what each source gave, by name."""
    return _load(database, SourceReport, "store.source_reports ORDER BY source")


def save_reports(database: Database, reports: Iterable[SourceReport]) -> int:
    """Remember what sources gave."""
    return _save(database, "store.source_reports", reports, SourceReport, ["source"])
