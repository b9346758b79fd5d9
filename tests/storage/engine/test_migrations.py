import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.storage.making import RUN, make_article
from wirethread.articles.errors import StorageError
from wirethread.storage.catalog import CATALOG_FILE, Catalog
from wirethread.storage.engine import migrations
from wirethread.storage.engine.database import StorageSettings, open_writer
from wirethread.storage.engine.migrations import (
    list_migrations,
    migrate_catalog,
    read_schema_number,
)
from wirethread.storage.publish import publish_snapshot

PUBLIC_VIEWS = {
    "articles",
    "paragraphs",
    "wire_credits",
    "passage_matches",
    "passages",
    "article_derivation",
    "duplicate_clusters",
    "story_clusters",
    "story_cluster_articles",
    "story_threads",
    "story_events",
    "links",
    "corrections",
    "rejected_articles",
    "runs",
}
STEPS = list_migrations()


def read_schema(catalog: Catalog) -> list[tuple[object, ...]]:
    return catalog._database.fetch_rows(
        "SELECT schema_name, table_name, column_name, data_type, comment FROM duckdb_columns()"
        " WHERE database_name = current_database() AND NOT internal ORDER BY ALL"
    )


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """A catalog of the newest schema. Only to read."""
    with Catalog.open(tmp_path_factory.mktemp("newest")) as opened:
        yield opened


def test_steps_are_numbered_without_a_gap() -> None:
    assert [number for number, _, _ in STEPS] == list(range(1, len(STEPS) + 1))


@pytest.mark.heavy
@pytest.mark.parametrize("version", range(len(STEPS)))
def test_each_old_schema_migrates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newest: Catalog, version: int
) -> None:
    path = tmp_path / CATALOG_FILE
    old = open_writer(path, StorageSettings())
    if version:
        with monkeypatch.context() as patch:
            patch.setattr(migrations, "list_migrations", lambda: STEPS[:version])
            migrate_catalog(old)
        old.execute("INSERT INTO store.rejected_articles VALUES ('a', NULL, 'b', now(), 'r')")
    assert read_schema_number(old) == version
    old.close()
    with Catalog.open(tmp_path) as catalog:
        assert read_schema(catalog) == read_schema(newest)
        assert read_schema_number(catalog._database) == len(STEPS)
        kept = catalog._database.fetch_value("SELECT count(*) FROM rejected_articles")
        assert kept == (1 if version else 0)


def test_what_was_not_done_under_the_last_settings_waits_after_the_migration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = open_writer(tmp_path / CATALOG_FILE, StorageSettings())
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "list_migrations", lambda: STEPS[:9])
        migrate_catalog(old)
    for article_id in ("a1", "b2", "c3"):
        old.execute(
            "INSERT INTO store.articles (article_id, source, outlet, headline, text,"
            " published_precision, opening, opening_hash, read_at, run_id)"
            " VALUES (?, 's', 'o', 'h', 't', 'unknown', 'o', 1, now(), 'r1')",
            [article_id],
        )
    done = [
        ("match", "a1", "v1", "r1"),
        ("match", "b2", "v2", "r2"),
        ("link", "a1", "v1", "r1"),
        ("link", "b2", "v1", "r1"),
        ("link", "c3", "v1", "r2"),
    ]
    for row in done:
        old.execute("INSERT INTO store.step_done VALUES (?, ?, ?, ?)", row)
    old.close()
    with Catalog.open(tmp_path) as catalog:
        assert catalog.runs.list_pending("match", fingerprint="v2") == ["a1", "c3"]
        assert catalog.runs.list_pending("link", fingerprint="v1") == []
        assert catalog.runs.list_pending("join", fingerprint="v1") == ["a1", "b2", "c3"]
        assert catalog.runs.list_pending("cluster", fingerprint="v1", after="match") == ["b2"]
        assert catalog.articles.load_articles(["a1"])[0].article.article_id == "a1"


def test_opening_again_applies_nothing(tmp_path: Path) -> None:
    Catalog.open(tmp_path).close()
    with Catalog.open(tmp_path) as catalog:
        assert migrate_catalog(catalog._database) == 0


def test_a_step_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [STEPS[0], (2, "broken", "CREATE TABLE store.half (x INTEGER); SELECT nonsense")]
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "list_migrations", lambda: broken)
        with pytest.raises(StorageError):
            Catalog.open(tmp_path)
    with Catalog.open(tmp_path) as catalog:
        tables = catalog._database.fetch_rows("SELECT table_name FROM duckdb_tables()")
        assert ("half",) not in tables


def test_a_newer_catalog_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Catalog.open(tmp_path).close()
    monkeypatch.setattr(migrations, "list_migrations", lambda: STEPS[:-1])
    with pytest.raises(StorageError, match=f"schema {len(STEPS)} .* up to {len(STEPS) - 1}"):
        Catalog.open(tmp_path)


def test_every_promised_view_is_there(newest: Catalog) -> None:
    rows = newest._database.fetch_rows("SELECT view_name FROM duckdb_views() WHERE NOT internal")
    assert {row[0] for row in rows} >= PUBLIC_VIEWS


def test_every_view_and_column_is_commented(newest: Catalog) -> None:
    bare = newest._database.fetch_rows(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'main'"
        " AND NOT internal AND comment IS NULL AND table_name <> 'schema_migrations' UNION ALL"
        " SELECT view_name, NULL FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal"
        " AND comment IS NULL"
    )
    assert bare == []


def test_a_file_that_is_no_catalog_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / CATALOG_FILE).write_bytes(b"this is not a database" * 1000)
    with pytest.raises(
        StorageError, match=r"catalog\.duckdb is damaged or no DuckDB file"
    ) as error:
        Catalog.open(tmp_path)
    assert "\n" not in str(error.value)


def test_a_catalog_open_elsewhere_is_told_in_one_sentence(tmp_path: Path) -> None:
    Catalog.open(tmp_path).close()
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()",
            str(tmp_path / CATALOG_FILE),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        with pytest.raises(StorageError, match="is open in another process"):
            Catalog.open(tmp_path)
    finally:
        holder.communicate(b"\n")


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot write in the data folder"):
        Catalog.open(tmp_path / "file" / "data")


def test_people_can_read_the_file_without_wirethread(tmp_path: Path) -> None:
    with Catalog.open(tmp_path) as catalog:
        catalog.articles.add_articles(RUN, [make_article("a1")])
    with duckdb.connect(str(tmp_path / CATALOG_FILE), read_only=True) as plain:
        assert plain.execute("SELECT count(*) FROM articles").fetchall() == [(1,)]


def test_a_step_that_another_branch_numbered_alike_is_still_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = len(STEPS) + 1
    left = (number, "left", "CREATE TABLE store.of_left (x INTEGER)")
    right = (number, "right", "CREATE TABLE store.of_right (x INTEGER)")
    monkeypatch.setattr(migrations, "list_migrations", lambda: [*STEPS, right])
    Catalog.open(tmp_path).close()
    joined = [*STEPS, left, (number + 1, *right[1:])]
    monkeypatch.setattr(migrations, "list_migrations", lambda: joined)
    with Catalog.open(tmp_path) as catalog:
        names = catalog._database.fetch_rows(
            "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'of_%' ORDER BY 1"
        )
        assert names == [("of_left",), ("of_right",)]
        assert migrate_catalog(catalog._database) == 0


def test_a_catalog_that_took_an_unknown_or_another_step_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, name, sql = STEPS[-1]
    Catalog.open(tmp_path).close()
    for steps, words in (
        ([*STEPS[:-1], (number, "other", sql)], f"took the step '{name}', which"),
        ([*STEPS[:-1], (number, name, sql + "; SELECT 1")], f"took another step '{name}' than"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(migrations, "list_migrations", lambda steps=steps: steps)
            with pytest.raises(StorageError, match=f"{words}.*update wirethread"):
                Catalog.open(tmp_path)
    with monkeypatch.context() as patch:  # a comment changes nothing
        commented = [*STEPS[:-1], (number, name, "-- why\n" + sql)]
        patch.setattr(migrations, "list_migrations", lambda: commented)
        Catalog.open(tmp_path).close()


def test_a_catalog_from_before_checksums_were_kept_is_given_them(tmp_path: Path) -> None:
    with Catalog.open(tmp_path) as catalog:
        catalog._database.execute("ALTER TABLE schema_migrations DROP COLUMN checksum")
    with Catalog.open(tmp_path) as catalog:
        assert catalog._database.fetch_value(
            "SELECT count(*) FROM schema_migrations WHERE checksum IS NOT NULL"
        ) == len(STEPS)


def test_a_reader_of_an_older_snapshot_is_told_what_brings_it_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "list_migrations", lambda: STEPS[:-1])
        with Catalog.open(tmp_path) as catalog:
            publish_snapshot(catalog)
    with pytest.raises(StorageError, match=r"`wirethread run` or .* once brings it up to date"):
        Catalog.open_published(tmp_path)
    with Catalog.open(tmp_path) as catalog:
        publish_snapshot(catalog)
    Catalog.open_published(tmp_path).close()
