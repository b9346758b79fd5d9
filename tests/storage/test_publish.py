import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.storage.digesting import digest_content
from tests.storage.making import LEDE, RUN, make_article, make_hashes, make_vectors
from wirethread.articles.errors import NotFoundError, StorageError
from wirethread.storage import publish
from wirethread.storage.catalog import SNAPSHOT_FILE, Catalog
from wirethread.storage.engine.database import BLOCK_BYTES, StorageSettings
from wirethread.storage.engine.file_copy import update_copy
from wirethread.storage.engine.free_query import SqlSettings
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.upkeep.backup import back_up, restore_backup
from wirethread.storage.upkeep.erasing import rewrite_catalog
from wirethread.storage.upkeep.readable import find_database_fault
from wirethread.storage.vectors.segments import VectorSegments

COUNT = "SELECT count(*) FROM articles"


def test_readers_without_a_snapshot_are_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="run `wirethread run SOURCE` first"):
        Catalog.open_published(tmp_path)


def test_a_snapshot_holds_what_was_committed(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1")])
    assert publish_snapshot(catalog).published
    with Catalog.open_published(catalog.folder) as snapshot:
        assert snapshot.articles.load_articles(["a1"]) == [make_article("a1")]
        assert digest_content(snapshot) == digest_content(catalog)
        assert snapshot.read_only


def test_publishing_again_without_change_does_nothing(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1")])
    publish_snapshot(catalog)
    stamp = (catalog.folder / SNAPSHOT_FILE).stat()
    catalog.articles.add_articles("run-2", [make_article("a1")])
    assert not publish_snapshot(catalog).published
    after = (catalog.folder / SNAPSHOT_FILE).stat()
    assert (after.st_ino, after.st_mtime_ns) == (stamp.st_ino, stamp.st_mtime_ns)
    assert publish_snapshot(catalog, force=True).published


def test_a_damaged_snapshot_is_published_anew(catalog: Catalog) -> None:
    publish_snapshot(catalog, force=True)
    (catalog.folder / SNAPSHOT_FILE).write_bytes(b"no database")
    with pytest.raises(StorageError, match=r"published\.duckdb is damaged or no DuckDB file"):
        Catalog.open_published(catalog.folder)
    assert publish_snapshot(catalog).published
    with Catalog.open_published(catalog.folder) as snapshot:
        assert snapshot._database.fetch_value(COUNT) == 0


def test_the_spare_is_written_again_only_when_nobody_reads_it(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1")])
    publish_snapshot(catalog)
    first = (catalog.folder / SNAPSHOT_FILE).stat().st_ino
    readers = [Catalog.open_published(catalog.folder) for _ in range(2)]
    inodes = []
    for turn in range(4):
        publish_snapshot(catalog, force=True)
        inodes.append((catalog.folder / SNAPSHOT_FILE).stat().st_ino)
        if turn < 2:
            readers[turn].close()
    assert first not in inodes[:2]
    assert inodes[1] == inodes[3]


@pytest.mark.heavy
def test_a_reader_keeps_its_snapshot_and_a_new_one_sees_the_new(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1")])
    publish_snapshot(catalog)
    with Catalog.open_published(catalog.folder) as old:
        for round_trip in range(4):  # spare files are used again only once nobody reads them
            catalog.articles.add_articles(RUN, [make_article(f"b{round_trip}")])
            publish_snapshot(catalog)
            with Catalog.open_published(catalog.folder) as new:
                assert new._database.fetch_value(COUNT) == 2 + round_trip
            assert old._database.fetch_value(COUNT) == 1
            assert old.articles.load_articles(["a1"]) == [make_article("a1")]


@pytest.mark.heavy
def test_publishing_writes_the_blocks_that_changed(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_text = [f"{LEDE} Paragraph {n} of {hash(n * 7919)}." for n in range(3000)]
    catalog.articles.add_articles(RUN, [make_article("a1", long_text)])
    for name in ("b2", "c3"):
        publish_snapshot(catalog)
        catalog.articles.add_articles(RUN, [make_article(name)])
    written: list[int] = []
    pwrite = os.pwrite
    monkeypatch.setattr(
        os, "pwrite", lambda file, data, at: written.append(len(data)) or pwrite(file, data, at)
    )
    publish_snapshot(catalog)
    size = (catalog.folder / SNAPSHOT_FILE).stat().st_size
    assert 0 < sum(written) < size
    with catalog.detached() as path:
        assert path.read_bytes() == (catalog.folder / SNAPSHOT_FILE).read_bytes()


def fill_blocks(catalog: Catalog) -> None:
    """Publish twice, so that there is a spare, with a text that fills several blocks."""
    long_text = [f"{LEDE} Paragraph {n} of {hash(n * 7919)}." for n in range(3000)]
    catalog.articles.add_articles(RUN, [make_article("a1", long_text)])
    publish_snapshot(catalog)
    catalog.articles.add_articles(RUN, [make_article("b2")])
    publish_snapshot(catalog)
    catalog.articles.add_articles(RUN, [make_article("c3")])


def rot_all_blocks(path: Path, at: int = 5000) -> None:
    """Change a byte in every block and leave size, time, and what the block says of itself."""
    before = path.stat()
    with path.open("r+b") as file:
        for begin in range(3 * 4096, before.st_size, BLOCK_BYTES):
            file.seek(begin + at)
            byte = file.read(1)
            file.seek(begin + at)
            file.write(bytes([byte[0] ^ 0x10]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.heavy
def test_a_damaged_spare_does_not_become_the_snapshot(catalog: Catalog) -> None:
    fill_blocks(catalog)
    rot_all_blocks(catalog.folder / "published.spare")
    publish_snapshot(catalog)
    assert find_database_fault(catalog.folder / SNAPSHOT_FILE, StorageSettings()) is None
    with catalog.detached() as path:
        assert path.read_bytes() == (catalog.folder / SNAPSHOT_FILE).read_bytes()


def test_of_a_large_spare_another_part_is_looked_at_each_time(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_blocks(catalog)
    monkeypatch.setattr("wirethread.storage.engine.file_copy._COMPARED_BYTES", 300_000)
    with catalog.detached() as path:
        target = path.with_name("copy")
        target.write_bytes(path.read_bytes())
        rot_all_blocks(target)
        n_turns = -(-target.stat().st_size // 300_000)
        assert n_turns > 1
        for turn in range(n_turns):
            assert target.read_bytes() != path.read_bytes()
            assert update_copy(path, target, turn=turn)
        assert target.read_bytes() == path.read_bytes()
        target.unlink()


def test_a_damaged_catalog_is_not_published_over_a_good_snapshot(catalog: Catalog) -> None:
    fill_blocks(catalog)
    (catalog.folder / "published.spare").unlink()
    before = (catalog.folder / SNAPSHOT_FILE).read_bytes()
    swap_in = publish._swap_in

    def rot_before(path: Path, *rest: object) -> None:
        rot_all_blocks(path)
        swap_in(path, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "_swap_in", rot_before)
        with pytest.raises(StorageError, match=r"damaged.*wirethread repair` mends"):
            publish_snapshot(catalog)
    assert (catalog.folder / SNAPSHOT_FILE).read_bytes() == before


def test_a_spare_that_is_no_duckdb_file_is_not_used(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1")])
    publish_snapshot(catalog)
    (catalog.folder / "published.spare").write_bytes(b"x" * 20_000)
    publish_snapshot(catalog, force=True)
    with Catalog.open_published(catalog.folder) as snapshot:
        assert snapshot._database.fetch_value(COUNT) == 1


def test_another_process_reads_while_the_writer_is_open(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1")])
    publish_snapshot(catalog)
    script = (
        "import sys; from wirethread.storage.catalog import Catalog\n"
        "with Catalog.open_published(sys.argv[1]) as snapshot:\n"
        f"    print(snapshot.execute_read_only({COUNT!r}).to_pylist())\n"
    )
    with catalog._database.transaction():
        catalog._database.execute("DELETE FROM store.articles")
        done = subprocess.run(
            [sys.executable, "-c", script, str(catalog.folder)],
            cwd=Path(__file__).resolve().parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.strip() == "[{'count_star()': 1}]"


def test_a_failed_copy_leaves_the_old_snapshot(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1")])
    publish_snapshot(catalog)
    catalog.articles.add_articles(RUN, [make_article("b2")])

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(publish, "copy_file", fail)
        with pytest.raises(StorageError, match=r"cannot publish in .*: No space left on device"):
            publish_snapshot(catalog)
    with Catalog.open_published(catalog.folder) as snapshot:
        assert snapshot._database.fetch_value(COUNT) == 1
    assert catalog.articles.find_known_articles(["b2"]) == {"b2"}
    assert publish_snapshot(catalog).published


def test_vector_files_outlive_one_more_publication(catalog: Catalog) -> None:
    def list_files() -> set[str]:
        return {path.name for path in (catalog.folder / "vectors").iterdir()}

    segments = VectorSegments(catalog.folder, catalog, model_id="m", dimension=32)
    hashes, vectors = make_hashes(10), make_vectors(10)
    segments.add(hashes[:5], vectors[:5])
    segments.add(hashes[5:], vectors[5:])
    old_files = list_files()
    publish_snapshot(catalog)
    with Catalog.open_published(catalog.folder) as snapshot:
        reader = VectorSegments(catalog.folder, snapshot, model_id="m", dimension=32)
        segments.compact_segments(min_rows=100)
        publish_snapshot(catalog)
        segments.remove_orphans()
        assert old_files < list_files()
        np.testing.assert_array_equal(reader.fetch(hashes), segments.fetch(hashes))
    publish_snapshot(catalog, force=True)
    assert list_files().isdisjoint(old_files)
    assert len(list_files()) == 1
    assert catalog.vectors.list_vector_files() == list_files()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """A snapshot with one article in it, asked one thing after the other."""
    with Catalog.open(tmp_path_factory.mktemp("asked")) as catalog:
        catalog.articles.add_articles(RUN, [make_article("a1")])
        publish_snapshot(catalog)
    with Catalog.open_published(catalog.folder) as snapshot:
        yield snapshot


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/*')",
        "COPY articles TO '/tmp/wirethread-leak.csv'",
        "CREATE TABLE own (x INTEGER)",
        "CREATE TEMP TABLE own (x INTEGER)",
        "INSERT INTO store.articles SELECT * FROM store.articles",
        "DELETE FROM store.articles",
        "UPDATE store.articles SET text = ''",
        "ATTACH '/tmp/wirethread-own.duckdb'",
        "DETACH wirethread",
        "SET enable_external_access = true",
        "SET threads = 1",
        "INSTALL fts",
        "LOAD fts",
        "SELECT 1; SELECT 2",
        "PIVOT articles ON outlet USING count(*); PIVOT articles ON outlet USING count(*)",
        "CREATE TABLE own AS PIVOT articles ON outlet USING count(*)",
        "CREATE TEMP TABLE own AS PIVOT articles ON outlet USING count(*)",
        "CREATE TEMP TABLE own AS PIVOT articles ON outlet USING count(*); SELECT 1",
        "CREATE TEMP TABLE own AS FROM articles; PIVOT articles ON outlet USING count(*)",
        "COPY (PIVOT articles ON outlet USING count(*)) TO '/tmp/wirethread-leak.csv'",
        "INSERT INTO store.articles FROM (PIVOT articles ON outlet USING count(*))",
        "EXPLAIN ANALYZE PIVOT articles ON outlet USING count(*)",
        "FROM (PIVOT (SELECT * FROM read_csv('/etc/passwd')) ON column0 USING count(*))",
        "SELECT 1; DROP TABLE store.articles",
        "EXPORT DATABASE '/tmp/wirethread-export'",
        "SELECT * FROM tables_of_nobody",
        "SELEKT",
        "",
    ],
)
def test_free_sql_can_neither_write_nor_read_files(asked: Catalog, sql: str) -> None:
    with pytest.raises(StorageError):
        asked.execute_read_only(sql)
    assert asked.execute_read_only("SELECT count(*) AS n FROM articles").to_pylist() == [{"n": 1}]


@pytest.mark.parametrize(
    "sql",
    [
        "PIVOT articles ON outlet USING count(*) GROUP BY language",
        "FROM (PIVOT articles ON outlet USING count(*) GROUP BY language);",
        "WITH wide AS (PIVOT articles ON outlet USING count(*) GROUP BY language) FROM wide",
        "PIVOT articles ON outlet IN ('harbour-post.example') USING count(*) GROUP BY language",
    ],
)
def test_a_pivot_finds_its_columns_and_leaves_nothing_behind(asked: Catalog, sql: str) -> None:
    wanted = [{"language": "en", "harbour-post.example": 1}]
    bounds = SqlSettings()
    assert asked.execute_read_only(sql).to_pylist() == wanted
    assert asked.execute_read_only(sql, settings=bounds).to_pylist() == wanted
    pieces = list(asked.stream_read_only(sql, settings=bounds))
    assert [row for piece in pieces for row in piece.to_pylist()] == wanted
    made = "SELECT type_name FROM duckdb_types() WHERE type_name LIKE '%pivot%'"
    assert asked.execute_read_only(made).to_pylist() == []


def test_free_sql_takes_parameters_and_explains(catalog: Catalog) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1"), make_article("b2")])
    publish_snapshot(catalog)
    with Catalog.open_published(catalog.folder) as snapshot:
        by_place = snapshot.execute_read_only(
            "WITH x AS (SELECT * FROM articles) SELECT article_id FROM x WHERE article_id = ?",
            ["b2"],
        )
        by_name = snapshot.execute_read_only(
            "FROM articles SELECT article_id WHERE article_id = $wanted", {"wanted": "b2"}
        )
        assert by_place.to_pylist() == by_name.to_pylist() == [{"article_id": "b2"}]
        assert snapshot.execute_read_only("EXPLAIN SELECT 1").num_rows == 1
        described = snapshot.execute_read_only("DESCRIBE articles").to_pylist()
        assert {"headline", "version", "is_current"} <= {row["column_name"] for row in described}
        assert snapshot.execute_read_only("SHOW TABLES").num_rows > 20


def test_free_sql_is_for_snapshots(catalog: Catalog) -> None:
    with pytest.raises(StorageError, match="published snapshot only"):
        catalog.execute_read_only("SELECT 1")


def test_a_snapshot_refuses_to_be_written(catalog: Catalog) -> None:
    publish_snapshot(catalog)
    with (
        Catalog.open_published(catalog.folder) as snapshot,
        pytest.raises(StorageError, match="read-only"),
    ):
        snapshot.articles.add_articles(RUN, [make_article("a1")])


def read_block_bytes(path: Path) -> int:
    connection = duckdb.connect(str(path), read_only=True)
    ((size,),) = connection.execute("SELECT block_size FROM pragma_database_size()").fetchall()
    connection.close()
    return int(size)


def test_an_archive_of_larger_blocks_works_on_and_a_new_one_is_small(tmp_path: Path) -> None:
    with Catalog.open(tmp_path / "new") as catalog:
        catalog.articles.add_articles(RUN, [make_article("a1")])
        publish_snapshot(catalog)
    path = tmp_path / "new" / "catalog.duckdb"
    assert read_block_bytes(path) == BLOCK_BYTES
    old = tmp_path / "old"
    old.mkdir()
    connection = duckdb.connect(str(old / path.name), config={"default_block_size": "262144"})
    connection.execute(f"ATTACH '{path}' AS new (READ_ONLY)")
    connection.execute("COPY FROM DATABASE new TO catalog")
    connection.close()
    with Catalog.open(old) as catalog:
        for name in ("a2", "a3", "a4"):
            catalog.articles.add_articles(RUN, [make_article(name)])
            publish_snapshot(catalog)
    back_up_folder = tmp_path / "backup"
    made = back_up(old, back_up_folder)
    assert (made.n_articles, read_block_bytes(back_up_folder / path.name)) == (4, 262144)
    restore_backup(tmp_path / "back", back_up_folder)
    with Catalog.open(tmp_path / "back") as catalog:
        rewrite_catalog(catalog)
        publish_snapshot(catalog, force=True)
    with Catalog.open_published(tmp_path / "back") as snapshot:
        assert snapshot._database.fetch_value(COUNT) == 4
    assert read_block_bytes(tmp_path / "back" / SNAPSHOT_FILE) == BLOCK_BYTES
    assert path.stat().st_size < (old / path.name).stat().st_size
