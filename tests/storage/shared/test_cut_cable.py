"""The catalog or the files of a shared archive can be reached no more, in the middle of something."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.flows.driving import FIRST_DAY, run_plainly, sample_rows, write_lines
from tests.flows.intake.killing import set_up
from tests.storage.shared.cables import Machine, can_cut, open_machine
from tests.storage.shared.servers import (
    PASSWORD,
    Postgres,
    find_binaries,
    open_bucket_server,
    open_postgres,
)
from tests.storage.shared.sharing import read_editions, read_views, share, write_edition
from wirethread.archive import Archive
from wirethread.articles.errors import StorageError
from wirethread.flows.ingesting import ingest
from wirethread.questions import list_stories
from wirethread.storage.engine.database import Database
from wirethread.storage.shared import publications
from wirethread.storage.shared.coordinator import hold_coordinator
from wirethread.storage.shared_address import parse_address

pytestmark = [
    pytest.mark.needs("duckdb_extension_postgres_scanner"),
    pytest.mark.needs("asyncpg"),
    pytest.mark.pipeline,
    pytest.mark.slow,
]
cutting = pytest.mark.skipif(
    not can_cut() or find_binaries() is None, reason="network namespaces and Postgres are needed"
)


@pytest.fixture
def machine() -> Iterator[Machine]:
    with open_machine() as machine:
        yield machine


@pytest.fixture
def far(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with open_postgres(machine) as server:
        yield server


def is_one_line(error: BaseException) -> bool:
    return "\n" not in str(error) and PASSWORD not in str(error)


@cutting
def test_a_cut_cable_ends_in_a_line_and_what_was_begun_is_finished_by_the_next(
    far: Postgres, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = parse_address(f"{far.words} schema=news")
    share(data, address, tmp_path / "files")
    place = f"{far.words} schema=news"
    old = read_editions(place)
    write_edition(data, 3)
    plain = publications.bring_rows

    def bring_and_lose(database: Database) -> int:
        n_rows = plain(database)
        far.machine.cut()
        return n_rows

    with Archive(place) as archive:
        with archive.read() as snapshot:
            snapshot.catalog.execute_read_only("FROM articles")
        with monkeypatch.context() as patch:
            patch.setattr(publications, "bring_rows", bring_and_lose)
            with pytest.raises(StorageError, match="cannot be reached") as told:
                share(data, address, tmp_path / "files")
        assert is_one_line(told.value)
        for ask in (
            lambda: list_stories(place),
            lambda: share(data, address, tmp_path / "files"),
        ):
            with pytest.raises(StorageError, match=r"timeout|no answer") as told:
                ask()
            assert is_one_line(told.value)
        far.machine.mend()
        assert read_editions(place) == old
        with hold_coordinator(address, wait_seconds=90):  # the server let go of who was cut off
            share(data, address, tmp_path / "files")
        with archive.read() as snapshot:
            found = snapshot.catalog.execute_read_only("SELECT DISTINCT headline FROM articles")
        assert found.column(0).to_pylist() == ["Edition 3"]
    assert read_views(place) == read_views(data)


@cutting
@pytest.mark.needs("s3fs")
def test_a_bucket_behind_a_cut_cable_is_told_in_a_line_and_parcels_wait(
    machine: Machine, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3fs = pytest.importorskip("s3fs")
    with open_bucket_server(machine) as service:
        monkeypatch.setenv("AWS_ENDPOINT_URL", service)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, PASSWORD)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        s3fs.S3FileSystem(skip_instance_cache=True).mkdir("news")
        place = f"ducklake:{tmp_path / 'news.ducklake'}"
        share(data, parse_address(place), "s3://news/a")
        told = list_stories(place)
        day = write_lines(tmp_path / "day.jsonl", sample_rows(FIRST_DAY))
        settings = set_up(tmp_path / "a", Path("/"))
        settings = type(settings)(
            data_folder=settings.data_folder,
            ingest=settings.ingest,
            storage=type(settings.storage)(files="s3://news/parcels"),
        )
        machine.cut()
        for ask in (lambda: list_stories(place), lambda: ingest([str(day)], settings)):
            with pytest.raises(StorageError) as refused:
                ask()
            assert is_one_line(refused.value)
        machine.mend()
        assert list_stories(place) == told
        done = ingest([], settings)
        assert (done.n_read, done.handed_in.n_sent) == (0, 3)
        archive = set_up(tmp_path / "archive", Path("/"))
        archive = type(archive)(
            data_folder=archive.data_folder, embedding=archive.embedding, storage=settings.storage
        )
        assert run_plainly([], archive).count("read", "n_new_articles") == len(FIRST_DAY)
        assert ingest([], settings).handed_in.n_published == 3


def test_who_lost_the_lock_publishes_nothing(
    in_postgres: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = parse_address(in_postgres)
    share(data, address, tmp_path / "files")
    old = read_editions(in_postgres)
    write_edition(data, 3)
    plain = publications.bring_rows

    def bring_and_lose(database: Database) -> int:
        n_rows = plain(database)
        end_holders(address.parameters)
        return n_rows

    with monkeypatch.context() as patch:
        patch.setattr(publications, "bring_rows", bring_and_lose)
        with pytest.raises(StorageError, match="cannot be reached"):
            share(data, address, tmp_path / "files")
    assert read_editions(in_postgres) == old
    share(data, address, tmp_path / "files")
    assert read_editions(in_postgres) == (3, ["Edition 3"])


def end_holders(parameters: Mapping[str, str]) -> None:
    """Let the server end the connections that hold a lock of a coordinator, and no others."""

    async def end() -> None:
        import asyncpg

        connection = await asyncpg.connect(
            host=parameters["host"], user=parameters["user"], database=parameters["dbname"]
        )
        ended = await connection.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
        assert len(ended) == 1
        await connection.close()

    asyncio.run(end())
