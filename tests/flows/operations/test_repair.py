"""What is damaged is found, told, and mended from what is left."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.flows.driving import (
    FIRST_DAY,
    SECOND_DAY,
    fetch,
    hashing_settings,
    read_digest,
    read_published_digest,
    run_plainly,
    sample_rows,
    write_lines,
)
from tests.storage.digesting import digest_content
from wirethread.articles.errors import NotFoundError, RunInProgressError, StorageError
from wirethread.flows.operations.correct import pin_title
from wirethread.flows.operations.repair import Repairing, forget, repair
from wirethread.flows.settings.config import Settings
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine import migrations
from wirethread.storage.engine.lock import hold_run_lock
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.upkeep.backup import back_up
from wirethread.storage.upkeep.forget_choice import ForgetSelection
from wirethread.storage.upkeep.verification import Check, CheckState, verify_folder
from wirethread.storage.vectors.segments import VectorSegments


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a day in it. Only to copy."""
    folder = tmp_path_factory.mktemp("full")
    source = write_lines(folder / "news.jsonl", sample_rows([*FIRST_DAY, *SECOND_DAY]))
    run_plainly([source], hashing_settings(folder / "data"))
    return folder / "data"


@pytest.fixture
def data(full: Path, tmp_path: Path) -> Settings:
    shutil.copytree(full, tmp_path / "data")
    return hashing_settings(tmp_path / "data")


def find_problems(settings: Settings) -> list[Check]:
    found = verify_folder(settings.data_folder)
    problems = [one for one in found.checks if one.state is CheckState.PROBLEM]
    assert found.is_fine == (not problems)
    return problems


def check_mended(settings: Settings, digest: str) -> Repairing:
    """Repair, and see that all is as it was; what was damaged is set aside."""
    result = repair(settings)
    assert result.mendings
    assert find_problems(settings) == []
    assert read_digest(settings.data_folder) == digest
    assert read_published_digest(settings.data_folder) == digest
    return result


@pytest.mark.thorough
def test_a_sound_folder_is_fine_and_nothing_is_written(data: Settings) -> None:
    folder = Path(data.data_folder)
    before = {one: one.stat().st_mtime_ns for one in folder.rglob("*") if one.is_file()}
    assert find_problems(data) == []
    assert {one: one.stat().st_mtime_ns for one in folder.rglob("*") if one.is_file()} == before
    result = repair(data)
    assert result.mendings == ()
    assert result.aside is None


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("damage", "check", "words"),
    [
        (
            "DELETE FROM store.articles WHERE source_id = 'rtr-quake-1'",
            "paragraphs.article_id -> articles.article_id",
            "point to nothing",
        ),
        (
            "INSERT INTO store.links SELECT * REPLACE ('nobody' AS left_id) FROM store.links LIMIT 1",
            "links.left_id -> articles.article_id",
            "1 point to nothing: nobody",
        ),
        (
            "DELETE FROM store.passages WHERE passage_id = (SELECT min(passage_id) FROM store.passages)",
            "passage_places.passage_id -> passages.passage_id",
            "point to nothing",
        ),
        (
            "DELETE FROM store.story_clusters WHERE cluster_id ="
            " (SELECT min(cluster_id) FROM store.story_clusters)",
            "story_cluster_articles.cluster_id -> story_clusters.cluster_id",
            "point to nothing",
        ),
        (
            "DELETE FROM store.story_threads WHERE thread_id ="
            " (SELECT min(thread_id) FROM store.story_threads)",
            "story_thread_clusters.thread_id -> story_threads.thread_id",
            "point to nothing",
        ),
        (
            "INSERT INTO store.story_redirects VALUES ('s0', 's1')",
            "old ids",
            "1 ids lead to nothing: s0",
        ),
        (
            "UPDATE store.story_clusters SET n_articles = n_articles + 1",
            "counts",
            "counts are wrong",
        ),
        (
            'UPDATE store.paragraphs SET "begin" = "begin" + 1 WHERE "position" = 0',
            "paragraphs",
            "paragraphs are not what their articles say",
        ),
        (
            'DELETE FROM store.paragraphs WHERE "position" = 1',
            "paragraphs",
            "paragraphs are not what their articles say",
        ),
        (
            'UPDATE store.passage_places SET "end" = 1000000 WHERE "begin" > 0',
            "spans",
            "copied spans lie outside their articles",
        ),
        (
            "UPDATE store.links SET written = -1",
            "places",
            "rows are older than the articles that they are about: links: {'left",
        ),
        (
            "INSERT INTO store.links SELECT * FROM store.links LIMIT 2",
            "keys of links",
            "2 rows stand twice",
        ),
        (
            "INSERT INTO store.step_pending VALUES ('match', 'nobody')",
            "step_pending.article_id -> articles.article_id",
            "1 point to nothing: nobody",
        ),
        (
            "DELETE FROM store.vector_segments",
            "vector_rows.segment_id -> vector_segments.segment_id",
            "point to nothing",
        ),
    ],
)
def test_rows_that_do_not_fit_are_found_and_mended(
    data: Settings, damage: str, check: str, words: str
) -> None:
    digest = read_digest(data.data_folder)
    with Catalog.open(data.data_folder) as catalog:
        assert catalog._database.execute(damage) > 0
    problems = {one.name: one for one in find_problems(data)}
    assert words in problems[check].message
    assert problems[check].advice == "`wirethread repair` mends it"
    check_mended(data, digest)


def test_rows_that_leave_are_kept_aside(data: Settings) -> None:
    with Catalog.open(data.data_folder) as catalog:
        catalog._database.execute(
            "INSERT INTO store.wire_credits VALUES ('nobody', 'AP', 'source', 'byline', 'by AP', 0, 5, 0, NULL)"
        )
    result = repair(data)
    assert result.aside is not None
    kept = Path(result.aside, "wire_credits.csv").read_text()
    assert kept.splitlines()[1] == "nobody,AP,source,byline,by AP,0,5,0,"
    assert [one.message for one in result.mendings] == [
        "set aside 1 rows whose article_id points to nothing"
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("damage", ["missing", "one byte", "cut", "empty"])
def test_a_damaged_file_of_vectors_is_told_and_made_again(data: Settings, damage: str) -> None:
    digest = read_digest(data.data_folder)
    (file,) = Path(data.data_folder, "vectors").iterdir()
    spoil(file, damage)
    (problem,) = [one for one in find_problems(data) if one.name == "vectors"]
    verb = "is missing" if damage == "missing" else "is damaged"
    assert problem.message == f"1 files of vectors are not right: {file.name} {verb}"
    result = check_mended(data, digest)
    assert "texts are embedded again" in result.mendings[0].message
    assert (result.aside is None) == (damage == "missing")


def spoil(file: Path, damage: str) -> None:
    content = bytearray(file.read_bytes())
    if damage == "missing":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "empty":
        file.write_bytes(b"")
    else:
        for place in range(len(content) // 2, len(content), 50_000):
            content[place] ^= 1
        file.write_bytes(content)


def rot(file: Path) -> None:
    """Spoil a file and leave its size and time as they were."""
    stamp = file.stat()
    spoil(file, "one byte")
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


def test_bytes_that_changed_without_a_trace_are_found_and_made_again_by_the_next_run(
    data: Settings,
) -> None:
    digest = read_digest(data.data_folder)
    (file,) = Path(data.data_folder, "vectors").iterdir()
    nothing = Path(data.data_folder).with_name("nothing.jsonl")
    nothing.write_text("\n")
    run_plainly([nothing], data)  # remembers the file as right
    rot(file)
    assert [one.name for one in find_problems(data)] == ["vectors"]
    result = run_plainly([nothing], data)
    assert result.mended == (
        f"the vector file {file.name} is damaged: its texts are embedded again",
    )
    assert result.count("embed", "n_new_vectors") == result.count("check vectors", "n_lost") > 0
    assert find_problems(data) == []
    assert read_digest(data.data_folder) == digest


@pytest.mark.thorough
def test_damage_found_while_a_run_is_at_work_is_mended_by_this_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wirethread.storage.vectors.segments._BYTES_IN_TURN", 0)  # a large archive
    first = write_lines(tmp_path / "first.jsonl", sample_rows(FIRST_DAY))
    second = write_lines(tmp_path / "second.jsonl", sample_rows(SECOND_DAY))
    sound, rotten = (hashing_settings(tmp_path / name) for name in ("sound", "rotten"))
    run_plainly([first], sound)
    shutil.copytree(sound.data_folder, rotten.data_folder)
    (file,) = Path(rotten.data_folder, "vectors").iterdir()
    run_plainly([write_lines(tmp_path / "nothing.jsonl", [])], rotten)
    rot(file)
    assert run_plainly([second], sound).mended == ()
    result = run_plainly([second], rotten)
    (words,) = result.mended
    assert words.startswith(f"the vector file {file.name} is damaged: ")
    assert words.endswith(" texts were embedded again")
    assert find_problems(rotten) == []
    assert read_vectors(rotten).tobytes() == read_vectors(sound).tobytes()


def read_vectors(settings: Settings) -> NDArray[np.float32]:
    """Return every vector, by the hash of its text."""
    with Catalog.open(settings.data_folder) as catalog:
        (segment,) = catalog.vectors.list_segments()
        vectors = VectorSegments(
            settings.data_folder, catalog, model_id=segment.model_id, dimension=segment.dimension
        )
        return vectors.fetch(catalog.vectors.list_live_hashes(segment.segment_id))


@pytest.mark.thorough
def test_what_is_forgotten_takes_no_damage_with_it(
    data: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wirethread.storage.vectors.segments._BYTES_IN_TURN", 0)
    (file,) = Path(data.data_folder, "vectors").iterdir()
    rot(file)
    forget(data, ForgetSelection(outlet="Port Varrin Courier"))
    assert find_problems(data) == []
    nothing = Path(data.data_folder).with_name("nothing.jsonl")
    nothing.write_text("\n")
    assert not run_plainly([nothing], data).changed_something


@pytest.mark.thorough
@pytest.mark.parametrize("damage", ["missing", "one byte", "cut", "empty"])
def test_a_damaged_catalog_is_made_again_from_the_snapshot(data: Settings, damage: str) -> None:
    digest = read_digest(data.data_folder)
    spoil(Path(data.data_folder, "catalog.duckdb"), damage)
    if damage == "missing":
        shutil.rmtree(Path(data.data_folder, "vectors"))
        Path(data.data_folder, "vectors").mkdir()
    problems = find_problems(data)
    assert problems
    result = check_mended(data, digest)
    told = result.mendings[0]
    assert told.name == "catalog"
    assert "made again from the published snapshot, whose last run ended" in told.message
    assert "what was stored later is lost, read those sources again" in told.message
    if damage != "missing":
        assert result.aside is not None
        assert Path(result.aside, "catalog.duckdb").exists()


@pytest.mark.thorough
@pytest.mark.parametrize("damage", ["missing", "cut", "empty"])
def test_a_damaged_snapshot_is_published_anew(data: Settings, damage: str) -> None:
    digest = read_digest(data.data_folder)
    spoil(Path(data.data_folder, "published.duckdb"), damage)
    (problem,) = find_problems(data)
    # a file that is cut opens where the cut goes through rows, and not where it goes through heads
    assert problem.name in ({"rows", "snapshot"} if damage == "cut" else {"snapshot"})
    result = check_mended(data, digest)
    assert result.mendings[0].message.endswith(("it is published now", "it is published anew"))


def test_with_catalog_and_snapshot_damaged_the_backup_is_named(data: Settings) -> None:
    for name in ("catalog.duckdb", "published.duckdb"):
        Path(data.data_folder, name).write_bytes(b"no database at all" * 500)
    with pytest.raises(StorageError, match=r"`wirethread restore BACKUP` brings a backup back"):
        repair(data)
    assert Path(data.data_folder, "catalog.duckdb").exists()


@pytest.mark.thorough
def test_with_catalog_and_snapshot_damaged_the_snapshot_before_is_taken(data: Settings) -> None:
    folder = Path(data.data_folder)
    with Catalog.open(folder) as catalog:
        publish_snapshot(catalog, force=True)  # so that there is one before
    digest = read_digest(folder)
    for name in ("catalog.duckdb", "published.duckdb"):
        (folder / name).write_bytes(b"no database at all" * 500)
    result = check_mended(data, digest)
    assert "made again from the snapshot before the last, whose last run" in (
        result.mendings[0].message
    )


@pytest.fixture
def put_back(tmp_path: Path) -> Settings:
    """A data folder in which somebody put back the catalog of the day before."""
    settings = hashing_settings(tmp_path / "data")
    run_plainly([write_lines(tmp_path / "first.jsonl", sample_rows(FIRST_DAY))], settings)
    shutil.copy(Path(settings.data_folder, "catalog.duckdb"), tmp_path / "older.duckdb")
    run_plainly([write_lines(tmp_path / "second.jsonl", sample_rows(SECOND_DAY))], settings)
    shutil.copy(tmp_path / "older.duckdb", Path(settings.data_folder, "catalog.duckdb"))
    return settings


@pytest.mark.thorough
def test_a_newer_snapshot_is_kept_until_a_person_decides(put_back: Settings) -> None:
    folder = Path(put_back.data_folder)
    newer = read_published_digest(folder)
    nothing = write_lines(folder.with_name("nothing.jsonl"), [])
    (problem,) = [one for one in find_problems(put_back) if one.name == "snapshot content"]
    assert "`wirethread repair --keep snapshot` makes the catalog from it" in problem.advice
    for attempt in (
        lambda: run_plainly([nothing], put_back),
        lambda: repair(put_back),
        lambda: forget(put_back, ForgetSelection(outlet="Port Varrin Courier")),
        lambda: back_up(folder, folder.with_name("backup")),
        lambda: pin_title(put_back, "s1", "Anything"),
    ):
        with pytest.raises(StorageError, match=r"newer than the catalog.*nothing was changed"):
            attempt()
        assert read_published_digest(folder) == newer
    result = repair(put_back, keep="snapshot")
    assert "made from the newer snapshot (14 articles" in result.mendings[0].message
    assert read_digest(folder) == newer
    assert result.aside is not None
    assert Path(result.aside, "catalog.duckdb").exists()
    assert find_problems(put_back) == []


@pytest.mark.thorough
def test_who_wants_the_older_catalog_keeps_the_newer_snapshot_aside(put_back: Settings) -> None:
    folder = Path(put_back.data_folder)
    newer = read_published_digest(folder)
    result = repair(put_back, keep="catalog")
    assert fetch(folder, "SELECT count(*) FROM articles") == [(len(FIRST_DAY),)]
    assert find_problems(put_back) == []
    assert result.aside is not None
    kept = Path(result.aside)
    (kept / "vectors").mkdir()
    with Catalog.open_published(kept) as snapshot:
        assert digest_content(snapshot) == newer


def test_what_a_killed_process_left_is_removed(data: Settings) -> None:
    folder = Path(data.data_folder)
    for name in ("vectors/0123.faiss.tmp", "published.partial", "catalog.rewritten"):
        (folder / name).write_bytes(b"half")
    (orphans,) = [one for one in verify_folder(folder).checks if one.name == "orphans"]
    assert (orphans.state, orphans.n_found) == (CheckState.NOTE, 3)
    (told,) = repair(data).mendings
    assert (told.name, told.n_mended) == ("orphans", 3)
    assert not (folder / "published.partial").exists()


def test_during_a_run_the_snapshot_is_checked_and_nothing_is_repaired(data: Settings) -> None:
    with hold_run_lock(data.data_folder):
        found = verify_folder(data.data_folder)
        assert found.looked_at == "snapshot"
        assert found.is_fine
        assert found.checks[0].message == (
            "a run is writing: the published snapshot was checked, not the catalog"
        )
        with pytest.raises(RunInProgressError):
            repair(data)


def test_a_folder_without_a_catalog_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="holds no catalog: run `wirethread run SOURCE` first"):
        verify_folder(tmp_path)
    with pytest.raises(NotFoundError):
        repair(hashing_settings(tmp_path / "never"))
    assert not (tmp_path / "never").exists()


def test_a_catalog_of_a_newer_wirethread_is_left_alone(
    data: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = migrations.list_migrations()
    for module in (
        "wirethread.storage.engine.migrations",
        "wirethread.storage.upkeep.verification",
        "wirethread.storage.upkeep.backup",
    ):
        monkeypatch.setattr(f"{module}.list_migrations", lambda: steps[:-1])
    problems = find_problems(data)
    assert problems[0].advice == "update wirethread"
    with pytest.raises(StorageError, match="update wirethread"):
        repair(data)


def test_everything_derived_can_be_made_again(data: Settings) -> None:
    digest = read_digest(data.data_folder)
    with Catalog.open(data.data_folder) as catalog:
        n_links = catalog._database.execute("DELETE FROM store.links")
    (problem,) = find_problems(data)
    assert problem.message == f"it differs: links {n_links} instead of 0"
    repair(data, again=True)
    assert read_digest(data.data_folder) == digest
    assert fetch(data.data_folder, "SELECT count(*) FROM links") != [(0,)]
