"""An archive that stays open follows what is published, and lets several threads ask at once."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from wirethread.archive import Archive
from wirethread.articles.errors import NotFoundError, StorageError
from wirethread.storage.catalog import Catalog
from wirethread.storage.publish import publish_snapshot


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "data"))


@pytest.fixture
def archive(folder: Path) -> Iterator[Archive]:
    with Archive(folder) as opened:
        yield opened


def count_runs(archive: Archive) -> int:
    with archive.read() as snapshot:
        rows = snapshot.catalog.execute_read_only("SELECT count(*) AS n FROM runs").to_pylist()
    return int(rows[0]["n"])


def publish_another_run(folder: Path) -> None:
    with Catalog.open(folder) as catalog:
        catalog.runs.begin_run("later", [], "{}")
        catalog.runs.finish_run("later", "finished", {})
        publish_snapshot(catalog, force=True)


def test_the_next_question_is_answered_from_what_was_published_since(
    archive: Archive, folder: Path
) -> None:
    before = count_runs(archive)
    publish_another_run(folder)
    assert count_runs(archive) == before + 1


def test_who_still_reads_keeps_the_old_publication_to_the_end(
    archive: Archive, folder: Path
) -> None:
    with archive.read() as old:
        sql = "SELECT count(*) AS n FROM runs"
        before = old.catalog.execute_read_only(sql).to_pylist()
        publish_another_run(folder)
        with archive.read() as new:
            assert new.publication != old.publication
        assert old.catalog.execute_read_only(sql).to_pylist() == before
        catalog = old.catalog
    with pytest.raises(StorageError):
        catalog.execute_read_only(sql)


def test_each_thread_asks_on_a_cursor_of_its_own(archive: Archive) -> None:
    seen: list[tuple[int, int]] = []

    def ask() -> None:
        with archive.read() as snapshot:
            n = snapshot.catalog.execute_read_only("SELECT count(*) AS n FROM articles")
            seen.append((id(snapshot.catalog), n.to_pylist()[0]["n"]))
            barrier.wait(10)

    barrier = threading.Barrier(8)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({cursor for cursor, _ in seen}) == 8
    assert {n for _, n in seen} == {65}


def test_what_is_derived_from_a_publication_is_derived_once(archive: Archive) -> None:
    made = []
    for _ in range(2):
        with archive.read() as snapshot:
            snapshot.make_once("list", lambda catalog: made.append(catalog.folder))
    assert made == [archive.folder]


def test_an_archive_without_a_publication_says_what_to_do(tmp_path: Path) -> None:
    with (
        Archive(tmp_path) as archive,
        pytest.raises(NotFoundError, match="wirethread run"),
        archive.read(),
    ):
        pass
