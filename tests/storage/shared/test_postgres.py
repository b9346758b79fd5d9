"""A shared archive in a real Postgres: one coordinator, whole publications, kills, readers."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from starlette.testclient import TestClient

from tests.flows.driving import SAMPLE, hashing_settings, read_digest, run_plainly
from tests.storage.shared.servers import PASSWORD
from tests.storage.shared.sharing import (
    ROOT,
    read_editions,
    read_views,
    share_until_killed,
    write_edition,
)
from wirethread.archive import Archive
from wirethread.articles.errors import RunInProgressError, StorageError
from wirethread.questions import query_sql
from wirethread.storage.engine.database import StorageSettings
from wirethread.storage.shared import publications
from wirethread.storage.shared.coordinator import hold_coordinator
from wirethread.storage.shared_address import SharedAddress, parse_address
from wirethread.storage.sharing import migrate_from_shared, migrate_to_shared
from wirethread.web.app import make_app
from wirethread.web.settings import WebSettings

pytestmark = [
    pytest.mark.needs("duckdb_extension_postgres_scanner"),
    pytest.mark.needs("asyncpg"),
    pytest.mark.pipeline,
    pytest.mark.slow,
]


def test_an_archive_goes_to_postgres_and_back_and_every_view_has_the_same_rows(
    publish: Callable[[], SharedAddress], in_postgres: str, data: Path, tmp_path: Path
) -> None:
    publish()
    assert read_views(in_postgres) == read_views(data)
    migrate_from_shared(parse_address(in_postgres), tmp_path / "back")
    assert read_digest(tmp_path / "back") == read_digest(data)


@pytest.mark.parametrize("place", ["before rows", "before commit", "before tidying"])
def test_what_a_killed_publication_left_is_finished_by_the_next(
    publish: Callable[[], SharedAddress], in_postgres: str, data: Path, tmp_path: Path, place: str
) -> None:
    publish()
    old = read_editions(in_postgres)
    write_edition(data, 3)
    code = share_until_killed(data, in_postgres, tmp_path / "files", place)
    assert code == -signal.SIGKILL
    new = (3, ["Edition 3"])
    assert read_editions(in_postgres) == (new if place == "before tidying" else old)
    publish()  # the lock died with its holder
    assert read_editions(in_postgres) == new
    assert read_views(in_postgres) == read_views(data)


def test_a_reader_in_a_loop_sees_only_whole_publications(
    publish: Callable[[], SharedAddress], in_postgres: str, data: Path
) -> None:
    write_edition(data, 1)
    publish()
    ended = Event()

    def read_on() -> list[tuple[int, list[str]]]:
        seen = []
        while not ended.is_set():
            seen.append(read_editions(in_postgres))
        return seen

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read_on)
        try:
            for number in (2, 3):
                write_edition(data, number)
                publish()
        finally:
            ended.set()
        seen = reader.result()
    assert [found for found in seen if found != (found[0], [f"Edition {found[0]}"])] == []
    assert seen and [number for number, _ in seen] == sorted(number for number, _ in seen)
    assert read_editions(in_postgres) == (3, ["Edition 3"])


def test_the_page_follows_each_publication(
    publish: Callable[[], SharedAddress],
    in_postgres: str,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publications, "_ASKED_SECONDS", 0.0)
    publish()
    (tmp_path / "hashing.yaml").write_text("embedding:\n  model: hashing\n")
    article = query_sql(data, "SELECT min(article_id) AS id FROM articles")[0]["id"]
    app = make_app(WebSettings(folder=Path(in_postgres), config=tmp_path / "hashing.yaml"))
    with TestClient(app, base_url="http://localhost") as asking:
        asked = f"/article/{article}.json"
        before = asking.get(asked)
        assert asking.get(asked).headers["etag"] == before.headers["etag"]
        write_edition(data, 4)
        publish()
        assert asking.get(asked).json()["headline"] == "Edition 4"
        found = asking.get("/search.json?by=both&text=rescuers pulled survivors").json()
        groups = found["groups"]
        assert {place["headline"] for group in groups for place in group["places"]} == {"Edition 4"}


def test_an_open_archive_goes_on_when_its_connections_were_cut(
    publish: Callable[[], SharedAddress], in_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publications, "_ASKED_SECONDS", 0.0)
    publish()
    with Archive(in_postgres) as archive:
        with archive.read() as snapshot:
            before = snapshot.publication
        cut_connections(parse_address(in_postgres).parameters)
        with archive.read() as snapshot:
            assert snapshot.publication == before
            assert len(snapshot.catalog.execute_read_only("FROM articles")) == 65


def cut_connections(parameters: Mapping[str, str]) -> None:
    """Let the server end every connection but the one that asks for it."""

    async def cut() -> None:
        import asyncpg

        connection = await asyncpg.connect(
            host=parameters["host"], user=parameters["user"], database=parameters["dbname"]
        )
        await connection.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        await connection.close()

    asyncio.run(cut())


def test_a_second_coordinator_is_refused_and_the_lock_dies_with_its_holder(
    in_postgres: str,
) -> None:
    address = parse_address(in_postgres)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time\n"
            "from wirethread.storage.shared_address import parse_address\n"
            "from wirethread.storage.shared.coordinator import hold_coordinator\n"
            "with hold_coordinator(parse_address(sys.argv[1])):\n"
            "    print('held', flush=True)\n"
            "    time.sleep(120)\n",
            in_postgres,
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with (
            pytest.raises(RunInProgressError, match=f"process {holder.pid}.* one at a time"),
            hold_coordinator(address),
        ):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with hold_coordinator(address, wait_seconds=20), hold_coordinator(address):
        pass


def test_a_run_brings_what_it_publishes_and_is_refused_where_another_coordinates(
    in_postgres: str, tmp_path: Path
) -> None:
    storage = StorageSettings(catalog=in_postgres, files=str(tmp_path / "files"))
    settings = hashing_settings(tmp_path / "data", storage=storage)
    run_plainly([SAMPLE], settings)
    assert read_views(in_postgres) == read_views(tmp_path / "data")
    (told,) = query_sql(in_postgres, "SELECT settings FROM runs")
    assert "schema=news_" in told["settings"] and PASSWORD not in told["settings"]


def test_no_message_repeats_a_password(in_postgres: str, data: Path, tmp_path: Path) -> None:
    wrong = parse_address(f"{in_postgres} password=wrong-tidewater")
    for attempt in (
        lambda: migrate_to_shared(data, wrong, tmp_path / "files"),
        lambda: query_sql(f"{in_postgres} password=wrong-tidewater", "FROM articles"),
    ):
        with pytest.raises(StorageError, match="password authentication failed") as refused:
            attempt()
        assert "tidewater" not in str(refused.value)
        assert "tidewater" not in repr(refused.value.__cause__)
