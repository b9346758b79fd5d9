"""A shared archive whose catalog is a file: what is moved, what is asked, what is refused."""

import json
import shutil
from pathlib import Path

import pytest

import wirethread as wt
from tests.flows.driving import hashing_settings, read_digest
from tests.storage.shared.sharing import read_views, share, write_edition
from tests.wirethread.calling import call
from wirethread.articles.errors import ConfigError, NotFoundError, StorageError
from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder
from wirethread.flows.operations.explain import explain_articles
from wirethread.flows.operations.repair import forget
from wirethread.passage_search import SearchBy
from wirethread.questions import (
    find_similar,
    list_clusters,
    list_stories,
    query_sql,
    show_article,
    show_story,
)
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.database import StorageSettings
from wirethread.storage.shared.parcels import name_parcel
from wirethread.storage.shared_address import SharedAddress, parse_address
from wirethread.storage.sharing import migrate_from_shared, migrate_to_shared
from wirethread.storage.upkeep.forget_choice import ForgetSelection
from wirethread.storage.upkeep.verification import verify_folder

pytestmark = [pytest.mark.needs("duckdb_extension_ducklake"), pytest.mark.pipeline]


def test_an_archive_that_went_to_ducklake_and_back_has_the_same_content_and_is_sound(
    in_file: SharedAddress, published: Path, tmp_path: Path
) -> None:
    done = migrate_from_shared(in_file, tmp_path / "back")
    assert done.n_articles == 65
    assert read_digest(tmp_path / "back") == read_digest(shutil.copytree(published, tmp_path / "c"))
    found = verify_folder(tmp_path / "back")
    assert [check.message for check in found.checks if check.state.value == "problem"] == []
    vectors = sorted(path.name for path in (published / "vectors").iterdir())
    assert sorted(path.name for path in (tmp_path / "back" / "vectors").iterdir()) == vectors


def test_every_view_of_a_shared_archive_has_the_rows_of_the_folder_and_says_what_it_holds(
    in_file: SharedAddress, published: Path
) -> None:
    assert read_views(in_file.shown) == read_views(published)
    told = "SELECT view_name, comment FROM duckdb_views() WHERE comment IS NOT NULL ORDER BY ALL"
    ours, theirs = query_sql(in_file.shown, told), query_sql(published, told)
    assert [row for row in ours if row["view_name"] != "column_comments"] == theirs
    columns = query_sql(in_file.shown, "FROM column_comments ORDER BY ALL")
    with Catalog.open_published(published) as catalog:
        wanted = catalog._database.fetch_rows(
            "SELECT table_name, column_name, comment FROM duckdb_columns()"
            " WHERE schema_name = 'main' AND comment IS NOT NULL ORDER BY ALL"
        )
    assert [tuple(row.values()) for row in columns] == wanted


def test_a_reader_of_a_shared_archive_gets_the_answers_of_the_folder(
    in_file: SharedAddress, published: Path
) -> None:
    encoder = LazyEncoder(EmbeddingSettings(model="hashing"))
    text = "rescuers pulled survivors from the rubble after the earthquake"

    def answer(place: str | Path) -> list[object]:
        story = list_stories(place)[0]
        return [
            list_stories(place),
            list_clusters(place),
            show_story(place, story.thread_id),
            show_article(place, "rtr-quake-1"),
            explain_articles(hashing_settings(Path(place)), "rtr-quake-1", "mp-quake-1"),
            find_similar(place, text, encoder),
            find_similar(place, text, None, by=SearchBy.WORDS),
        ]

    assert answer(in_file.shown) == answer(published)


@pytest.mark.slow
def test_only_what_changed_is_written_again(data: Path, tmp_path: Path) -> None:
    address = parse_address(f"ducklake:{tmp_path / 'news.ducklake'}")
    files = tmp_path / "files"
    first = migrate_to_shared(data, address, files)
    again = migrate_to_shared(data, address, files)
    assert (again.n_rows, again.n_files) == (0, 0)
    with Catalog.open(data) as catalog:
        n_articles = catalog._database.fetch_value("SELECT count(*) FROM store.articles")
    write_edition(data, 7)
    edition = migrate_to_shared(data, address, files)
    # each article leaves and comes, and three counters with them
    assert 2 * n_articles <= edition.n_rows <= 2 * n_articles + 6 < first.n_rows
    assert read_views(address.shown) == read_views(data)


@pytest.mark.slow
def test_what_was_forgotten_is_gone_from_the_rows_of_a_shared_archive(
    data: Path, tmp_path: Path
) -> None:
    files = tmp_path / "files"
    place = f"ducklake:{tmp_path / 'news.ducklake'}"
    storage = StorageSettings(catalog=place, files=str(files))
    share(data, parse_address(place), files)

    def count_files() -> int:
        return sum(
            b"Abendblick" in path.read_bytes() for path in files.rglob("*") if path.is_file()
        )

    assert count_files() > 0
    forget(hashing_settings(data, storage=storage), ForgetSelection(outlet="Abendblick"))
    named = {
        path.parent.name for path in files.rglob("*.parquet") if b"Abendblick" in path.read_bytes()
    }
    assert named <= {"forgettings", "runs"}  # what was asked to be forgotten
    assert read_views(place) == read_views(data)


def test_a_file_that_is_not_what_was_published_is_not_used(
    data: Path, tmp_path: Path, cache: Path
) -> None:
    address = share(data, parse_address(f"ducklake:{tmp_path / 'n.ducklake'}"), tmp_path / "files")
    (vectors,) = (tmp_path / "files").rglob("*.faiss")
    content = bytearray(vectors.read_bytes())
    content[-1] ^= 1
    vectors.write_bytes(content)
    with pytest.raises(StorageError, match="is not what was published"):
        find_similar(
            address.shown, "an earthquake", LazyEncoder(EmbeddingSettings(model="hashing"))
        )
    assert list(cache.rglob("*.faiss")) == []


@pytest.mark.slow
def test_another_folder_and_an_older_one_are_refused(
    data: Path, tmp_path: Path, published: Path
) -> None:
    older = Path(shutil.copytree(published, tmp_path / "older"))
    address = parse_address(f"ducklake:{tmp_path / 'news.ducklake'}")
    write_edition(data, 1)
    share(data, address, tmp_path / "files")
    before = read_views(address.shown)
    with pytest.raises(StorageError, match=r"is newer \(65 articles\) than this folder"):
        migrate_to_shared(older, address, tmp_path / "files")
    with Catalog.open(older) as catalog:
        catalog._database.execute("UPDATE store.runs SET run_id = 'another'")
    write_edition(older, 2)
    with pytest.raises(StorageError, match="holds the archive of another folder"):
        migrate_to_shared(older, address, tmp_path / "files")
    assert read_views(address.shown) == before


@pytest.mark.parametrize(
    "question",
    [
        "FROM read_text('/etc/passwd')",
        "FROM '/etc/passwd'",
        "SELECT * FROM articles WHERE headline IN (SELECT content FROM read_text('/etc/passwd'))",
        "WITH a AS (FROM glob('/etc/*')) FROM a",
        "FROM postgres_query('__ducklake_metadata_wirethread', 'SELECT 1')",
        "FROM postgres_scan('host=db', 'public', 'accounts')",
        "FROM __ducklake_metadata_wirethread.ducklake_table",
        "FROM duckdb_secrets()",
        "FROM duckdb_databases",
        "FROM query('FROM duckdb_secrets()')",
        "EXPLAIN ANALYZE FROM read_text('/etc/passwd')",
        "FROM shared.files",
        "DROP VIEW articles",
    ],
)
def test_a_question_reaches_nothing_but_the_archive(in_file: SharedAddress, question: str) -> None:
    with pytest.raises(StorageError) as refused:
        query_sql(in_file.shown, question)
    assert "root:" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_question_may_name_views_tables_and_what_it_calls_so_itself(
    in_file: SharedAddress,
) -> None:
    asked = (
        "WITH few AS (FROM articles LIMIT 3) SELECT count(*) AS n FROM few, range(2) AS r,"
        " (SELECT count(*) AS m FROM store.articles) AS s WHERE s.m = 65"
    )
    assert query_sql(in_file.shown, asked) == [{"n": 6}]
    assert query_sql(in_file.shown, "SELECT count(*) AS n FROM wirethread.main.articles") == [
        {"n": 65}
    ]
    assert len(query_sql(in_file.shown, "DESCRIBE articles")) > 10


@pytest.mark.parametrize("command", [("run", "x.jsonl"), ("verify",), ("repair",), ("backup", "x")])
def test_what_writes_says_in_one_line_where_it_can(
    in_file: SharedAddress, command: tuple[str, ...]
) -> None:
    answer = call(*command, "--data", in_file.shown)
    assert answer.code == 2
    assert answer.err.startswith(
        "wirethread: a shared archive is only read: do this on the machine"
    )
    assert len(answer.err.splitlines()) == 1


@pytest.mark.slow
def test_migrate_is_a_command_both_ways(data: Path, tmp_path: Path) -> None:
    place = f"ducklake:{tmp_path / 'news.ducklake'}"
    there = call("migrate", data, place, "--files", tmp_path / "files", "--json").json()
    assert (there["target"], there["n_articles"]) == (place, 65)
    back = call("migrate", place, tmp_path / "back")
    assert back.code == 0
    assert json.loads(call("stories", "--data", tmp_path / "back", "--json").out) == json.loads(
        call("stories", "--data", place, "--json").out
    )
    again = call("migrate", place, tmp_path / "back")
    assert (again.code, again.err) == (
        1,
        f"wirethread: {tmp_path / 'back'} holds data: nothing was overwritten; name a new folder\n",
    )


def test_a_shared_archive_can_be_opened_in_python(in_file: SharedAddress, published: Path) -> None:
    with wt.open(in_file.shown) as shared, wt.open(published) as folder:
        assert [story.title for story in shared.stories()] == [
            story.title for story in folder.stories()
        ]


def test_status_sources_and_corrections_are_those_of_the_folder(data: Path, tmp_path: Path) -> None:
    (tmp_path / "hashing.yaml").write_text("embedding: {model: hashing}\n")
    settings = ("--config", tmp_path / "hashing.yaml", "--json")
    titled = call("stories", "--clusters", "--data", data, "--json").json()[0]["cluster_id"]
    call("correct", "pin-title", titled, "A new title", "--data", data, *settings[:2])
    place = f"ducklake:{tmp_path / 'news.ducklake'}"
    share(data, parse_address(place), tmp_path / "files")
    (tmp_path / "files" / name_parcel("reader", 1, "0" * 32)).parent.mkdir(parents=True)
    (tmp_path / "files" / name_parcel("reader", 1, "0" * 32)).write_bytes(b"1234")
    there = call("status", "--data", place, *settings).json()
    here = call("status", "--data", data, *settings).json()
    for name in ("rows", "backlog", "problems"):
        assert there[name] == here[name], name
    assert there["last_run"]["state"] == "finished"
    assert there["parcels"] == [{"maker": "reader", "n_waiting": 1, "n_bytes": 4, "set_aside": []}]
    assert min(there["n_bytes"].values()) > 1000
    assert "reader: 1 parcel for the next run (4 B)" in call("status", "--data", place).out
    assert 'wirethread_rows{table="articles"} 65.0' in call("metrics", "--data", place).out
    for command in (("correct", "list"), ("sources",)):
        assert call(*command, "--data", place, "--json").json() == (
            call(*command, "--data", data, "--json").json()
        )
    (said,) = call("correct", "list", "--data", place, "--json").json()
    assert said["title"] == "A new title"


def test_nothing_published_yet_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nothing has been published in ducklake:"):
        list_stories(f"ducklake:{tmp_path / 'none.ducklake'}")


@pytest.mark.parametrize(
    ("address", "shown", "parameters"),
    [
        (
            "ducklake:postgres:dbname=news host=db user=wire password='two words'",
            "ducklake:postgres:host=db user=wire dbname=news",
            {"dbname": "news", "host": "db", "user": "wire", "password": "two words"},
        ),
        (
            "ducklake:postgresql:/wire:p%40ss@db:5433/news",
            "ducklake:postgres:host=db port=5433 user=wire dbname=news",
            {"dbname": "news", "host": "db", "user": "wire", "password": "p@ss", "port": "5433"},
        ),
    ],
)
def test_an_address_is_shown_without_its_password(
    address: str, shown: str, parameters: dict[str, str]
) -> None:
    parsed = parse_address(address)
    assert parsed.shown == shown
    assert parsed.parameters == parameters
    assert parameters["password"] not in repr(parsed)


@pytest.mark.parametrize(
    "address",
    [
        "ducklake:",
        "ducklake:postgres:secret",
        "ducklake:postgres:dbname=news password='secret",
        "ducklake:postgres:sslmode=secret",
        "ducklake:postgresql://wire:secret@db:port/news",
        "ducklake:postgres:dbname=x schema=secret;drop",
    ],
)
def test_an_address_that_cannot_be_read_is_not_repeated(address: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_address(address)
    assert "secret" not in str(refused.value).replace("'sslmode'", "")


def test_settings_take_no_password_and_no_half_of_a_shared_archive() -> None:
    with pytest.raises(ValueError, match="put it into PGPASSWORD") as refused:
        StorageSettings(catalog="ducklake:postgres:dbname=n password=tidewater", files="/mnt")
    assert "tidewater" not in str(refused.value)
    with pytest.raises(ValueError, match="needs files"):
        StorageSettings(catalog="ducklake:postgres:dbname=n")
    with pytest.raises(ValueError, match="by its whole path"):
        StorageSettings(catalog="ducklake:postgres:dbname=n", files="files")
