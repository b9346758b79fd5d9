"""A shared archive whose files are in a bucket, on a server of this machine that speaks as S3 does."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.flows.driving import hashing_settings, read_digest
from tests.storage.shared.servers import PASSWORD
from tests.storage.shared.sharing import (
    read_editions,
    read_views,
    share,
    share_until_killed,
    write_edition,
)
from wirethread.articles.errors import StorageError
from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder
from wirethread.flows.operations.repair import forget
from wirethread.questions import find_similar, list_stories, query_sql, show_article
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.database import StorageSettings
from wirethread.storage.shared import bucket_store, publications
from wirethread.storage.shared.bucket_store import BucketStore
from wirethread.storage.shared.files import SharedFile, describe_files, put_files
from wirethread.storage.shared_address import SharedAddress, parse_address
from wirethread.storage.sharing import migrate_from_shared, migrate_to_shared
from wirethread.storage.upkeep.forget_choice import ForgetSelection
from wirethread.storage.upkeep.verification import verify_folder
from wirethread.web.app import make_app
from wirethread.web.settings import WebSettings

pytestmark = [
    pytest.mark.needs("duckdb_extension_httpfs"),
    pytest.mark.needs("duckdb_extension_ducklake"),
    pytest.mark.needs("s3fs"),
    pytest.mark.pipeline,
    pytest.mark.filterwarnings("ignore"),
]

WORDS = "rescuers pulled survivors from the rubble after the earthquake"


@pytest.fixture
def shared(data: Path, bucket: str, tmp_path: Path) -> SharedAddress:
    """The sample, its catalog in a file and all else in a bucket."""
    return share(data, parse_address(f"ducklake:{tmp_path / 'news.ducklake'}"), bucket)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of files as they are fetched from a bucket."""
    names: list[str] = []
    plain = BucketStore.get

    def get(store: BucketStore, file: SharedFile, target: Path) -> None:
        names.append(file.name)
        plain(store, file, target)

    monkeypatch.setattr(BucketStore, "get", get)
    yield names


def list_objects(bucket: str) -> list[str]:
    """Return the names of all objects of a part of a bucket, without it."""
    import s3fs

    root = bucket.removeprefix("s3://")
    found = s3fs.S3FileSystem(skip_instance_cache=True).find(root)
    return [str(name).removeprefix(f"{root}/") for name in found]


def search(place: str | Path) -> Any:
    return find_similar(place, WORDS, LazyEncoder(EmbeddingSettings(model="hashing")))


@pytest.mark.slow
@pytest.mark.needs("duckdb_extension_postgres_scanner")
@pytest.mark.needs("asyncpg")
def test_an_archive_goes_to_a_bucket_and_postgres_and_back(
    in_postgres: str, bucket: str, data: Path, tmp_path: Path
) -> None:
    share(data, parse_address(in_postgres), bucket)
    assert read_views(in_postgres) == read_views(data)
    assert list_stories(in_postgres) == list_stories(data)
    assert search(in_postgres) == search(data)
    done = migrate_from_shared(parse_address(in_postgres), tmp_path / "back")
    assert done.n_articles == 65
    assert read_digest(tmp_path / "back") == read_digest(data)
    found = verify_folder(tmp_path / "back")
    assert [check.message for check in found.checks if check.state.value == "problem"] == []


@pytest.mark.slow
@pytest.mark.needs("duckdb_extension_postgres_scanner")
@pytest.mark.needs("asyncpg")
@pytest.mark.parametrize("place", ["before rows", "before commit", "before tidying"])
def test_what_was_killed_on_the_way_to_a_bucket_is_finished_by_the_next(
    in_postgres: str, bucket: str, data: Path, place: str
) -> None:
    share(data, parse_address(in_postgres), bucket)
    old = read_editions(in_postgres)
    write_edition(data, 3)
    assert share_until_killed(data, in_postgres, bucket, place) == -signal.SIGKILL
    new = (3, ["Edition 3"])
    assert read_editions(in_postgres) == (new if place == "before tidying" else old)
    assert search(in_postgres)
    share(data, parse_address(in_postgres), bucket)
    assert read_editions(in_postgres) == new
    assert read_views(in_postgres) == read_views(data)


def test_a_reader_of_a_bucket_gets_the_answers_of_the_folder(
    shared: SharedAddress, published: Path
) -> None:
    assert list_stories(shared.shown) == list_stories(published)
    assert show_article(shared.shown, "rtr-quake-1") == show_article(published, "rtr-quake-1")
    assert search(shared.shown) == search(published)


def test_a_page_over_a_bucket_is_that_over_the_folder(
    shared: SharedAddress, published: Path, tmp_path: Path
) -> None:
    (tmp_path / "hashing.yaml").write_text("embedding:\n  model: hashing\n")
    article = query_sql(published, "SELECT min(article_id) AS id FROM articles")[0]["id"]
    pages = []
    for place in (Path(shared.shown), published):
        app = make_app(WebSettings(folder=place, config=tmp_path / "hashing.yaml"))
        with TestClient(app, base_url="http://localhost") as asking:
            asked = ("/", f"/article/{article}.json", f"/search.json?by=both&text={WORDS}")
            pages.append([asking.get(address).text for address in asked])
    assert pages[0] == pages[1]


def test_a_file_is_fetched_once_and_again_where_the_cache_is_damaged(
    shared: SharedAddress, cache: Path, fetched: list[str], published: Path
) -> None:
    answer = search(published)
    assert search(shared.shown) == answer
    assert len(fetched) == len(set(fetched)) > 5
    (segment,) = (name for name in fetched if name.endswith(".faiss"))
    fetched.clear()
    assert search(shared.shown) == answer
    assert fetched == []
    (kept,) = (path for path in cache.rglob("*.faiss") if not path.is_symlink())
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert search(shared.shown) == answer
    assert fetched == [segment]
    assert kept.read_bytes() == whole


@pytest.mark.thorough
def test_damage_that_leaves_no_trace_is_found_the_next_day(
    shared: SharedAddress, cache: Path, fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = search(shared.shown)
    (kept,) = (path for path in cache.rglob("*.faiss") if not path.is_symlink())
    times = kept.stat()
    with kept.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)[0]
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last ^ 1]))
    os.utime(kept, ns=(times.st_atime_ns, times.st_mtime_ns))
    fetched.clear()
    monkeypatch.setattr("wirethread.storage.shared.cache._PROVED_SECONDS", 0.0)
    assert search(shared.shown) == answer
    assert [Path(name).suffix for name in fetched] == [".faiss"]


@pytest.mark.thorough
def test_an_object_that_is_not_what_was_published_is_not_used_until_migrate_mends_it(
    shared: SharedAddress, bucket: str, data: Path, cache: Path
) -> None:
    import s3fs

    filesystem = s3fs.S3FileSystem(skip_instance_cache=True)
    (name,) = (name for name in list_objects(bucket) if name.endswith(".faiss"))
    path = f"{bucket}/{name}"
    whole = filesystem.cat_file(path)
    filesystem.pipe_file(path, whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(StorageError, match=r"is not what was published .*brings it once more"):
        search(shared.shown)
    assert list(cache.rglob("*.faiss")) == []
    assert migrate_to_shared(data, shared, bucket).n_files == 1
    assert search(shared.shown) == search(data)


def test_what_no_publication_names_stays_a_day_and_goes(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(name)
    one, two = describe_files(tmp_path, ["one", "two"])
    store = BucketStore(bucket)
    assert put_files(tmp_path, [one, two], store) == 2
    assert put_files(tmp_path, [one, two], store) == 0
    store.remove_others({one.checksum}, at_once=False)
    unnamed = f"files/{two.checksum}/unnamed"
    assert sorted(list_objects(bucket)) == sorted([one.place, two.place, unnamed])
    store.remove_others({one.checksum, two.checksum}, at_once=False)
    assert sorted(list_objects(bucket)) == sorted([one.place, two.place])
    store.remove_others({one.checksum}, at_once=False)
    monkeypatch.setattr(bucket_store, "KEPT_SECONDS", -60)
    store.remove_others({one.checksum}, at_once=False)
    assert list_objects(bucket) == [one.place]
    store.remove_others(set(), at_once=True)
    assert list_objects(bucket) == []


@pytest.mark.slow
def test_what_was_forgotten_is_gone_from_the_bucket(
    shared: SharedAddress, bucket: str, data: Path
) -> None:
    import s3fs

    filesystem = s3fs.S3FileSystem(skip_instance_cache=True)

    def find_holders() -> set[str]:
        return {
            name
            for name in list_objects(bucket)
            if b"Abendblick" in filesystem.cat_file(f"{bucket}/{name}")
        }

    assert find_holders()
    storage = StorageSettings(catalog=shared.shown, files=bucket)
    forget(hashing_settings(data, storage=storage), ForgetSelection(outlet="Abendblick"))
    named = {name.split("/")[-2] for name in find_holders()}
    assert named <= {"forgettings", "runs"}  # what was asked to be forgotten
    assert read_views(shared.shown) == read_views(data)


def test_keys_that_are_renewed_are_told_to_an_open_publication(
    shared: SharedAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Catalog.open_published(shared.shown) as catalog:
        assert catalog.shared is not None
        monkeypatch.setattr(publications, "_ASKED_SECONDS", 0.0)
        told: list[str] = []
        plain = catalog._database.execute

        def execute(sql: str) -> int:
            told.append(sql)
            return plain(sql)

        monkeypatch.setattr(catalog._database, "execute", execute)
        catalog.shared.find_newest()
        assert told == []
        monkeypatch.setattr(BucketStore, "_show_keys", lambda _: ", KEY_ID 'new', SECRET 'newer'")
        catalog.shared.find_newest()
        assert [sql for sql in told if "KEY_ID 'new'" in sql]
        assert catalog.execute_read_only("FROM articles").num_rows == 65


def test_a_question_reaches_nothing_else_in_the_bucket(shared: SharedAddress, bucket: str) -> None:
    for question in (
        f"FROM read_parquet('{bucket}/rows/store/articles/*.parquet')",
        f"FROM '{bucket}/files/x.csv'",
        "FROM duckdb_secrets()",
    ):
        with pytest.raises(StorageError) as refused:
            query_sql(shared.shown, question)
        assert PASSWORD not in str(refused.value)


@pytest.mark.slow
def test_a_bucket_that_is_not_there_is_told_in_one_line(
    data: Path, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = parse_address(f"ducklake:{tmp_path / 'news.ducklake'}")
    with pytest.raises(StorageError, match=r"^s3://nowhere/a: there is no bucket nowhere$"):
        migrate_to_shared(data, address, "s3://nowhere/a")
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        with pytest.raises(StorageError, match=r"^s3://news/a: Could not connect to the endpoint"):
            migrate_to_shared(data, address, "s3://news/a")
    with pytest.raises(StorageError, match="in a folder or at s3://bucket/prefix, not at 'gs://"):
        migrate_to_shared(data, address, "gs://news/a")


@pytest.mark.parametrize(
    ("files", "is_taken"),
    [
        ("s3://news", True),
        ("s3://news/years/2024", True),
        ("s3://news/../other", False),
        ("s3://key:secret@news/a", False),
        ("s3://news/a*", False),
        ("gs://news/a", False),
    ],
)
def test_settings_take_a_bucket_by_its_plain_address(files: str, is_taken: bool) -> None:
    if is_taken:
        StorageSettings(catalog="ducklake:postgres:dbname=n", files=files)
        return
    with pytest.raises(ValueError, match="by its whole path, or s3://bucket/prefix"):
        StorageSettings(catalog="ducklake:postgres:dbname=n", files=files)
