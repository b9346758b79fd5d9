"""What goes wrong stays where it went wrong, is told, and leaves nothing half done."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from tests.flows.driving import (
    FIRST_DAY,
    SECOND_DAY,
    fetch,
    hashing_settings,
    read_clusters,
    read_digest,
    read_published_digest,
    run_plainly,
    sample_rows,
    write_lines,
)
from tests.storage.answers.hits import search_words
from tests.storage.making import make_hashes, make_vectors
from wirethread.articles.errors import ConfigError, ModelError, RunInProgressError, StorageError
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows import work
from wirethread.flows.operations.repair import forget, repair
from wirethread.flows.settings.config import load_settings
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine import migrations
from wirethread.storage.engine.database import StorageSettings, open_writer
from wirethread.storage.engine.lock import hold_run_lock
from wirethread.storage.upkeep.backup import back_up
from wirethread.storage.upkeep.forget_choice import ForgetSelection
from wirethread.storage.upkeep.verification import CheckState, verify_folder
from wirethread.storage.vectors.segments import VectorSegments
from wirethread.storage.words.index import open_words


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lines(tmp_path_factory.mktemp("news") / "news.jsonl", sample_rows(FIRST_DAY))


def test_bad_articles_are_set_aside_and_the_rest_goes_through(tmp_path: Path) -> None:
    good = sample_rows(FIRST_DAY[:3])
    source = write_lines(
        tmp_path / "mixed.jsonl",
        [
            good[0],
            '{"id": "broken", "title": "A line that stops',
            {"id": "listing", "url": "https://meridian.example/a", "text": "News Sport Weather"},
            good[1],
            {"id": "empty", "outlet": "Meridian Post", "title": "A headline", "text": ""},
            {"id": "huge", "outlet": "Meridian Post", "title": "Long", "text": "word " * 300_000},
            "[1, 2, 3]",
            good[2],
        ],
    )
    data = tmp_path / "data"
    result = run_plainly([source], hashing_settings(data))
    assert result.count("read", "n_read") == 8
    assert result.count("read", "n_new_articles") == 3
    assert result.count("read", "n_rejected") == 5
    assert {row[0] for row in fetch(data, "SELECT source_id FROM articles")} == set(FIRST_DAY[:3])
    with Catalog.open_published(data) as catalog:
        rejected = {
            row["source"].rpartition(":")[2]: row
            for row in catalog.execute_read_only("SELECT * FROM rejected_articles").to_pylist()
        }
    assert set(rejected) == {"2", "3", "5", "6", "7"}
    assert rejected["3"]["source_id"] == "listing"
    assert rejected["3"]["reason"] == "it has no title, and no sentence stands in its text"
    assert rejected["5"]["reason"] == "it has no text"
    assert "at most 1,000,000 are read" in rejected["6"]["reason"]
    assert all(row["reason"] for row in rejected.values())

    again = run_plainly([source], hashing_settings(data))
    assert again.count("read", "n_rejected") == 5
    assert not again.changed_something
    assert fetch(data, "SELECT count(*) FROM rejected_articles") == [(5,)]


def test_an_impossible_date_costs_the_date_and_not_the_article(tmp_path: Path) -> None:
    row = {**sample_rows(["pvc-quake-1"])[0], "published_at": "31 February 20024", "url": None}
    data = tmp_path / "data"
    source = write_lines(tmp_path / "dates.jsonl", [row])
    result = run_plainly([source], hashing_settings(data))
    assert (result.count("read", "n_rejected"), result.count("read", "n_undated")) == (0, 1)
    assert fetch(data, "SELECT source_id, published_at FROM articles") == [("pvc-quake-1", None)]
    ((note,),) = fetch(data, "SELECT words FROM article_notes WHERE field = 'mark:date_unread'")
    assert "31 February 20024" in note


def test_an_unreadable_source_is_told_and_the_others_go_through(news: Path, tmp_path: Path) -> None:
    binary = tmp_path / "picture.png"
    binary.write_bytes(bytes(range(256)))
    missing = tmp_path / "missing.jsonl"
    data = tmp_path / "data"
    result = run_plainly([missing, news, binary], hashing_settings(data))
    assert result.count("read", "n_new_articles") == len(FIRST_DAY)
    told = result.unreadable_sources
    assert len(told) == 2
    assert told[0] == f"{missing}: there is no such file or folder"
    assert told[1].startswith(f"{binary}: unknown extension")
    ((state, message),) = fetch(data, "SELECT state, message FROM runs")
    assert state == "finished"
    assert message == "; ".join(told)


@pytest.mark.thorough
def test_a_source_that_breaks_off_keeps_what_was_read_before(tmp_path: Path) -> None:
    import gzip

    rows = sample_rows(FIRST_DAY)
    packed = gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode())
    source = tmp_path / "cut.jsonl.gz"
    source.write_bytes(packed[: len(packed) * 3 // 4])
    data = tmp_path / "data"
    result = run_plainly([source], hashing_settings(data))
    kept = {row[0] for row in fetch(data, "SELECT source_id FROM articles")}
    assert kept
    assert kept < set(FIRST_DAY)
    assert result.count("read", "n_rejected") + len(result.unreadable_sources) >= 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_without_permission_is_told(news: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    result = run_plainly([closed, news], hashing_settings(tmp_path / "data"))
    assert result.unreadable_sources == (f"{closed}: permission denied",)
    assert result.count("read", "n_new_articles") == len(FIRST_DAY)


@pytest.mark.thorough
def test_an_id_that_comes_again_with_another_text_is_its_next_version(tmp_path: Path) -> None:
    (first,) = sample_rows(["pvc-quake-1"])
    changed = {**first, "text": first["text"] + "\n\nA sentence was added later."}
    other_outlet = {**changed, "outlet": "Another Paper", "url": "https://another.example/1"}
    data = tmp_path / "data"
    source = write_lines(tmp_path / "twice.jsonl", [first, changed, other_outlet])
    result = run_plainly([source], hashing_settings(data))
    assert result.count("read", "n_new_articles") == 3
    assert result.count("read", "n_rejected") == 0
    later = write_lines(tmp_path / "later.jsonl", [changed])
    assert run_plainly([later], hashing_settings(data)).count("read", "n_known") == 1
    assert fetch(
        data,
        "SELECT text, version, is_current FROM articles WHERE outlet = 'Port Varrin Courier'"
        " ORDER BY version",
    ) == [(first["text"], 1, False), (changed["text"], 2, True)]


def test_the_same_article_twice_in_one_file_is_one_article(tmp_path: Path) -> None:
    (row,) = sample_rows(["pvc-quake-1"])
    data = tmp_path / "data"
    result = run_plainly([write_lines(tmp_path / "n.jsonl", [row, row])], hashing_settings(data))
    assert result.count("read", "n_new_articles") == 1
    assert result.count("read", "n_rejected") == 0
    assert fetch(data, "SELECT count(*) FROM articles") == [(1,)]


def test_a_run_over_nothing_but_bad_articles_finishes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    result = run_plainly([write_lines(tmp_path / "bad.jsonl", ["{"])], hashing_settings(data))
    assert result.count("read", "n_rejected") == 1
    assert fetch(data, "SELECT count(*) FROM articles") == [(0,)]
    with Catalog.open_published(data) as catalog:
        assert catalog.execute_read_only("FROM rejected_articles").num_rows == 1


def test_a_run_that_fails_is_written_down_with_its_reason(news: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    nowhere = str(tmp_path / "no-model")
    settings = hashing_settings(data, embedding=EmbeddingSettings(model=nowhere))
    with pytest.raises(ModelError):
        run_plainly([news], settings)
    ((state, message, ended),) = fetch(data, "SELECT state, message, finished_at FROM runs")
    assert (state, message) == ("failed", f"there is no model folder {nowhere}")
    assert ended is not None
    run_plainly([news], hashing_settings(data))
    states = fetch(data, "SELECT state FROM runs ORDER BY started_at")
    assert states == [("failed",), ("finished",)]


@pytest.mark.thorough
def test_a_run_that_breaks_unforeseen_is_written_down_as_failed(
    news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"

    def fall_over(*_: object, **__: object) -> None:
        raise RuntimeError("the roof fell in")

    with monkeypatch.context() as patched:
        patched.setattr(work, "count_story_newsrooms", fall_over)
        with pytest.raises(RuntimeError):
            run_plainly([news], hashing_settings(data))
    ((state, message),) = fetch(data, "SELECT state, message FROM runs")
    assert state == "failed"
    assert "the roof fell in" in message
    run_plainly([news], hashing_settings(data))
    fresh = tmp_path / "fresh"
    run_plainly([news], hashing_settings(fresh))
    assert read_digest(data) == read_digest(fresh)


@pytest.mark.thorough
@pytest.mark.parametrize("damage", ["missing", "one byte", "empty"])
def test_a_lost_vector_file_is_made_again_by_the_next_run(
    news: Path, tmp_path: Path, damage: str
) -> None:
    settings = hashing_settings(
        tmp_path,
        embedding=EmbeddingSettings(model="hashing", texts_per_batch=30, rows_per_segment=20),
    )
    run_plainly([news], settings)
    digest = read_digest(tmp_path)
    files = sorted((tmp_path / "vectors").glob("*.faiss"))
    assert len(files) > 1
    names = [one.name for one in files]
    spoil(files[0], damage)
    result = run_plainly([news], settings)
    assert result.count("check vectors", "n_lost") == result.count("embed", "n_new_vectors") > 0
    assert read_digest(tmp_path) == digest
    assert read_published_digest(tmp_path) == digest
    assert sorted(one.name for one in (tmp_path / "vectors").glob("*.faiss")) == names


def spoil(file: Path, damage: str) -> None:
    if damage == "missing":
        file.unlink()
        return
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(b"" if damage == "empty" else bytes(content))


@pytest.mark.thorough
def test_a_vector_file_that_nobody_names_is_removed(news: Path, tmp_path: Path) -> None:
    run_plainly([news], hashing_settings(tmp_path))
    stray = tmp_path / "vectors" / "0123456789abcdef.faiss"
    stray.write_bytes(b"left by a killed run")
    run_plainly([news], hashing_settings(tmp_path))
    assert not stray.exists()


@pytest.mark.thorough
@pytest.mark.model
def test_another_model_embeds_everything_anew_and_never_mixes(tmp_path: Path) -> None:
    news = write_lines(tmp_path / "few.jsonl", sample_rows(FIRST_DAY[:2] + SECOND_DAY[:1]))
    data = tmp_path / "data"
    first = run_plainly([news], hashing_settings(data))
    settings = hashing_settings(data, embedding=EmbeddingSettings())
    second = run_plainly([news], settings)
    n_texts = first.count("embed", "n_new_vectors")
    assert second.count("embed", "n_new_vectors") == n_texts
    assert second.count("match", "n_matched") == second.count("link", "n_linked") == 3
    assert fetch(
        data,
        "SELECT split_part(model_id, '@', 1), dimension, sum(n_rows) FROM vector_segments"
        " GROUP BY ALL ORDER BY ALL",
    ) == [("all-MiniLM-L6-v2", 384, n_texts), ("hashing-256", 256, n_texts)]

    fresh = tmp_path / "fresh"
    run_plainly([news], hashing_settings(fresh, embedding=EmbeddingSettings()))
    for table in ("passage_verdicts", "links", "passages", "paragraph_sources"):
        # which write of a run a row came with is no content
        kept = "COLUMNS(lambda c: c NOT IN ('run_id', 'written'))"
        rows = f"SELECT {kept} FROM store.{table} ORDER BY ALL"
        assert fetch(data, rows) == fetch(fresh, rows), table

    # the old vectors are still there, so going back costs nothing
    back = run_plainly([news], hashing_settings(data))
    assert back.count("embed", "n_new_vectors") == 0


@pytest.mark.thorough
def test_a_full_disk_is_told_and_the_next_run_goes_on(news: Path, tmp_path: Path) -> None:
    later = write_lines(tmp_path / "later.jsonl", sample_rows(SECOND_DAY))
    expected = tmp_path / "expected"
    for source in (news, later):
        run_plainly([source], hashing_settings(expected))
    reasons = set()
    with small_disk(tmp_path / "disk") as disk:
        settings = hashing_settings(disk.folder / "data")
        run_plainly([news], settings)
        before = read_published_digest(settings.data_folder)
        for n_free_kib in (0, 500, 2_500):
            disk.leave_free(n_free_kib)
            with pytest.raises(StorageError) as error:
                run_plainly([later], settings)
            reasons.add(str(error.value).partition(":")[0].partition(" in ")[0])
            assert "No space left on device" in str(error.value)
            assert "\n" not in str(error.value)
            assert read_published_digest(settings.data_folder) == before
        disk.grow()
        run_plainly([later], settings)
        assert read_digest(settings.data_folder) == read_digest(expected)
        assert verify_folder(settings.data_folder).is_fine
    assert "the disk is full" in reasons


def test_a_disk_that_fills_up_while_vectors_are_written_is_told(news: Path, tmp_path: Path) -> None:
    child = (
        "import resource, sys; from pathlib import Path\n"
        "from wirethread.articles.errors import StorageError\n"
        "from wirethread.storage.vectors.files import write_segment\n"
        "from tests.storage.making import make_hashes, make_vectors\n"
        "import numpy as np\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try:\n"
        "    write_segment(Path(sys.argv[1]), np.sort(make_hashes(500)), make_vectors(500))\n"
        "except StorageError as error:\n"
        "    print(error)\n"
    )
    target = tmp_path / "ab.faiss"
    done = subprocess.run(
        [sys.executable, "-c", child, str(target)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == (
        f"the vectors cannot be written to {target}: File too large; the next run goes on from here"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.thorough
def test_a_read_only_folder_is_told_and_can_be_read_and_verified(
    news: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        settings = hashing_settings(disk.folder / "data")
        run_plainly([news], settings)
        disk.close_for_writing()
        words = rf"cannot write in the data folder {settings.data_folder}: Read-only file system"
        for command in (
            lambda: run_plainly([news], settings),
            lambda: repair(settings),
            lambda: forget(settings, ForgetSelection(outlet="AP")),
        ):
            with pytest.raises(StorageError, match=words):
                command()
        found = verify_folder(settings.data_folder)
        assert found.is_fine
        assert found.looked_at == "catalog"
        assert read_published_digest(settings.data_folder)
        with Catalog.open_published(settings.data_folder) as snapshot:
            index = open_words(snapshot)
            assert index is not None
            assert search_words(snapshot, "the", index=index)


class SmallDisk:
    """A file system of its own in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def mount(self, *options: str) -> None:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(self.folder)],
            check=True,
            capture_output=True,
        )

    def leave_free(self, n_kib: int) -> None:
        used = subprocess.check_output(["df", "-k", "--output=used", str(self.folder)], text=True)
        size = int(used.split()[-1]) + n_kib
        self.mount("remount", f"size={max(size, 4)}k")

    def grow(self) -> None:
        self.mount("remount", "size=256m")

    def close_for_writing(self) -> None:
        self.mount("remount", "ro")


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Mount a small file system, where this user may."""
    folder.mkdir()
    disk = SmallDisk(folder)
    try:
        disk.mount("size=256m")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small file system is not allowed here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize(
    "hours",
    [-24 * 400, 24, *(pytest.param(one, marks=pytest.mark.slow) for one in (-24, -1, 1))],
)
def test_a_clock_that_jumps_loses_and_reorders_nothing(
    news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    later = write_lines(tmp_path / "later.jsonl", sample_rows(SECOND_DAY))
    undated = [{**row, "published_at": None} for row in sample_rows(["ng-quake-2"])]
    last = write_lines(
        tmp_path / "last.jsonl", [{**undated[0], "id": "x", "url": "https://x.example/1"}]
    )
    steady, jumping = hashing_settings(tmp_path / "steady"), hashing_settings(tmp_path / "jumping")
    for source in (news, later, last):
        run_plainly([source], steady)
    run_plainly([news], jumping)
    with monkeypatch.context() as patched:
        jump_clock(patched, timedelta(hours=hours))
        run_plainly([later], jumping)
        assert verify_folder(jumping.data_folder).is_fine
    run_plainly([last], jumping)
    assert read_digest(jumping.data_folder) == read_digest(steady.data_folder)
    assert read_published_digest(jumping.data_folder) == read_digest(steady.data_folder)
    states = fetch(jumping.data_folder, "SELECT state FROM runs")
    assert states == [("finished",)] * 3
    assert verify_folder(jumping.data_folder).is_fine
    assert read_clusters(jumping.data_folder) == read_clusters(steady.data_folder)
    events = fetch(jumping.data_folder, "SELECT count(*), count(DISTINCT event) FROM story_events")
    assert events[0][0] == events[0][1]


def jump_clock(patched: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let every module of ours that asks for the time see another one."""

    class Jumped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Jumped":
            shown = datetime.now(tz) + by
            return cls.fromtimestamp(shown.timestamp(), tz)

    for name, module in list(sys.modules.items()):
        if name.startswith("wirethread.") and getattr(module, "datetime", None) is datetime:
            patched.setattr(module, "datetime", Jumped)


def test_vectors_of_another_model_under_our_name_are_refused(news: Path, tmp_path: Path) -> None:
    settings = hashing_settings(tmp_path)
    run_plainly([news], settings)
    with Catalog.open(tmp_path) as catalog:
        ((model_id,),) = catalog._database.fetch_rows("SELECT model_id FROM vector_segments")
        other = VectorSegments(tmp_path, catalog, model_id=model_id, dimension=32)
        hashes = make_hashes(5)
        with pytest.raises(
            ModelError, match="has dimension 32 and stored vectors of dimension 256"
        ):
            other.fetch(
                catalog.vectors.list_live_hashes(catalog.vectors.list_segments()[0].segment_id)
            )
        other.add(hashes, make_vectors(5))
    problems = [one for one in verify_folder(tmp_path).checks if one.state is CheckState.PROBLEM]
    assert [one.name for one in problems] == ["models"]
    assert problems[0].message == f"1 models have vectors of several dimensions: {model_id}"
    repair(settings)
    assert verify_folder(tmp_path).is_fine


def test_a_catalog_of_an_older_version_is_brought_up_to_date_by_a_run(
    news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = migrations.list_migrations()
    data = tmp_path / "data"
    data.mkdir()
    old = open_writer(data / "catalog.duckdb", StorageSettings())
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "list_migrations", lambda: steps[:4])
        migrations.migrate_catalog(old)
    old.execute(
        "INSERT INTO store.runs VALUES ('r0', now(), now(), 'finished', ['old.jsonl'], '{}',"
        " MAP {}, NULL)"
    )
    old.close()
    told = {one.name: one for one in verify_folder(data).checks}["catalog"]
    assert (told.state, told.message) == (CheckState.NOTE, f"it has schema 4 of {len(steps)}")
    assert told.advice == "the next run brings it up to date"
    run_plainly([news], hashing_settings(data))
    fresh = tmp_path / "fresh"
    run_plainly([news], hashing_settings(fresh))
    assert read_digest(data) == read_digest(fresh)
    assert fetch(data, "SELECT run_id FROM runs ORDER BY started_at")[0] == ("r0",)


def test_a_catalog_of_a_newer_version_is_refused_by_every_command(
    news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = hashing_settings(tmp_path)
    run_plainly([news], settings)
    steps = migrations.list_migrations()
    monkeypatch.setattr(migrations, "list_migrations", lambda: steps[:-1])
    words = (
        f"the catalog has schema {len(steps)} and this wirethread knows schemas up to"
        f" {len(steps) - 1}: update wirethread"
    )
    for command in (
        lambda: run_plainly([news], settings),
        lambda: repair(settings),
        lambda: forget(settings, ForgetSelection(outlet="AP")),
        lambda: back_up(tmp_path, tmp_path.with_name("backup")),
    ):
        with pytest.raises(StorageError, match=words):
            command()


def test_a_second_run_leaves_with_the_number_of_the_first(news: Path, tmp_path: Path) -> None:
    settings = hashing_settings(tmp_path)
    run_plainly([news], settings)
    digest = read_digest(tmp_path)
    with hold_run_lock(tmp_path):
        words = rf"another run \(process {os.getpid()}\) is writing to {tmp_path}"
        for command in (
            lambda: run_plainly([news], settings),
            lambda: repair(settings),
            lambda: forget(settings, ForgetSelection(outlet="AP")),
            lambda: back_up(tmp_path, tmp_path.with_name("backup")),
        ):
            with pytest.raises(RunInProgressError, match=words):
                command()
    assert read_digest(tmp_path) == digest


def test_a_damaged_catalog_is_told_with_what_to_do(news: Path, tmp_path: Path) -> None:
    settings = hashing_settings(tmp_path)
    run_plainly([news], settings)
    (tmp_path / "catalog.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(
        StorageError, match=r"catalog\.duckdb is damaged or no DuckDB file.*`wirethread repair`"
    ):
        run_plainly([news], settings)
    assert read_published_digest(tmp_path)


def test_damaged_settings_are_told_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(b"matching:\n  window_days: 3\n\xff\xfe")
    with pytest.raises(ConfigError, match=r"config\.yaml: cannot be read: .*utf-8"):
        load_settings(file)
    file.write_text("matching:\n  window_days: [3\n")
    with pytest.raises(ConfigError, match=r"config\.yaml:\d: not valid YAML"):
        load_settings(file)
