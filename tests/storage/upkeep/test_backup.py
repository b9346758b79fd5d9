"""A backup is whole or is not there, and what is restored is what was backed up."""

import contextlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.storage.digesting import digest_content
from tests.storage.making import RUN, make_article, make_hashes, make_vectors
from wirethread.articles.errors import NotFoundError, RunInProgressError, StorageError
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine import exchange
from wirethread.storage.engine.database import BLOCK_BYTES
from wirethread.storage.engine.lock import hold_run_lock
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.upkeep import backup as backups
from wirethread.storage.upkeep.backup import back_up, restore_backup
from wirethread.storage.upkeep.verification import verify_folder
from wirethread.storage.vectors.files import checksum_file
from wirethread.storage.vectors.segments import VectorSegments


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder. Only to copy."""
    folder = tmp_path_factory.mktemp("full")
    with Catalog.open(folder) as catalog:
        catalog.articles.add_articles(RUN, [make_article("a1"), make_article("b2")])
        add_vectors(catalog, seed=1)
        publish_snapshot(catalog)
    (folder / "labels.jsonl").write_text('{"left_id": "a1", "right_id": "b2", "same": true}\n')
    return folder


@pytest.fixture
def data(full: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(full, tmp_path / "data"))


@dataclass(frozen=True)
class Outdated:
    """A data folder that went on after its backup was made. Only to copy."""

    folder: Path
    backup: Path
    newer: str
    """The digest of the data folder."""
    restored: str
    """The digest of the backup."""


@pytest.fixture(scope="module")
def outdated(full: Path, tmp_path_factory: pytest.TempPathFactory) -> Outdated:
    folder = tmp_path_factory.mktemp("outdated")
    data = Path(shutil.copytree(full, folder / "data"))
    back_up(data, folder / "backup")
    restored = read_digest(data)
    with Catalog.open(data) as catalog:
        catalog.articles.add_articles(RUN, [make_article("c3")])
        publish_snapshot(catalog)
    return Outdated(
        folder=data, backup=folder / "backup", newer=read_digest(data), restored=restored
    )


def add_vectors(catalog: Catalog, seed: int) -> None:
    segments = VectorSegments(catalog.folder, catalog, model_id="m", dimension=32)
    segments.add(make_hashes(20, seed), make_vectors(20, seed=seed))


def read_digest(folder: Path) -> str:
    with Catalog.open(folder) as catalog:
        return digest_content(catalog)


def test_what_is_restored_is_what_was_backed_up(data: Path, tmp_path: Path) -> None:
    digest = read_digest(data)
    made = back_up(data, tmp_path / "backup")
    assert made.n_articles == 2
    assert {one.name.partition("/")[0] for one in made.files} == {
        "catalog.duckdb",
        "labels.jsonl",
        "vectors",
    }
    done = restore_backup(tmp_path / "new" / "data", tmp_path / "backup")
    assert done.kept_in is None
    restored = tmp_path / "new" / "data"
    assert read_digest(restored) == digest
    assert (restored / "labels.jsonl").read_text() == (data / "labels.jsonl").read_text()
    assert verify_folder(restored).is_fine
    with Catalog.open_published(restored) as snapshot:
        assert digest_content(snapshot) == digest


def test_a_second_backup_copies_only_new_vectors(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "backup")
    (old,) = (tmp_path / "backup" / "vectors").iterdir()
    inode = old.stat().st_ino
    with Catalog.open(data) as catalog:
        add_vectors(catalog, seed=2)
    made = back_up(data, tmp_path / "backup")
    files = {one.name: one for one in (tmp_path / "backup" / "vectors").iterdir()}
    assert len(files) == 2
    assert files[old.name].stat().st_ino == inode
    (new_name,) = set(files) - {old.name}
    sizes = {one.name: one.n_bytes for one in made.files}
    assert made.n_bytes_copied == (
        sizes["catalog.duckdb"] + sizes["labels.jsonl"] + sizes[f"vectors/{new_name}"]
    )
    assert sorted(one.name for one in tmp_path.iterdir()) == ["backup", "data"]


def test_a_reader_goes_on_while_a_backup_is_made(data: Path, tmp_path: Path) -> None:
    with Catalog.open_published(data) as reader:
        back_up(data, tmp_path / "backup")
        assert reader._database.fetch_value("SELECT count(*) FROM articles") == 2


def test_a_backup_waits_for_a_run_or_leaves(data: Path, tmp_path: Path) -> None:
    with hold_run_lock(data), pytest.raises(RunInProgressError):
        back_up(data, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_nothing_but_a_backup_is_overwritten(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "photos"
    target.mkdir()
    (target / "holiday.jpg").write_bytes(b"sea")
    with pytest.raises(StorageError, match=r"no backup of wirethread: nothing was overwritten"):
        back_up(data, target)
    (target / "manifest.json").write_text(json.dumps({"format": "something else"}))
    with pytest.raises(StorageError, match="no backup of wirethread"):
        back_up(data, target)
    assert (target / "holiday.jpg").read_bytes() == b"sea"
    with pytest.raises(StorageError, match="is a file: name a folder"):
        back_up(data, target / "holiday.jpg")
    for inside in (data, data / "backup", tmp_path):
        with pytest.raises(StorageError, match="must lie outside the data folder"):
            back_up(data, inside)
    with pytest.raises(NotFoundError, match="holds no catalog"):
        back_up(tmp_path / "nothing", tmp_path / "backup")


@pytest.mark.thorough
def test_a_folder_with_data_is_not_overwritten_unless_forced(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "backup")
    digest = read_digest(data)
    with Catalog.open(data) as catalog:
        catalog.articles.add_articles(RUN, [make_article("c3")])
    newer = read_digest(data)
    with pytest.raises(StorageError, match="holds data: nothing was overwritten; --force"):
        restore_backup(data, tmp_path / "backup")
    assert read_digest(data) == newer
    done = restore_backup(data, tmp_path / "backup", force=True)
    assert read_digest(data) == digest
    assert done.kept_in is not None
    assert read_digest(Path(done.kept_in)) == newer


@pytest.mark.thorough
@pytest.mark.parametrize("damage", ["missing", "changed", "manifest", "newer", "leading out"])
def test_a_damaged_backup_is_not_restored(data: Path, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "backup"
    back_up(data, folder)
    (vectors,) = (folder / "vectors").iterdir()
    manifest = folder / "manifest.json"
    content = json.loads(manifest.read_text())
    if damage == "missing":
        vectors.unlink()
        words = f"nothing was restored: vectors/{vectors.name} is missing"
    elif damage == "changed":
        spoiled = bytearray(vectors.read_bytes())
        spoiled[100] ^= 1
        vectors.write_bytes(spoiled)
        words = f"nothing was restored: vectors/{vectors.name} is damaged"
    elif damage == "manifest":
        manifest.write_text(manifest.read_text()[:100])
        words = "manifest.json is damaged"
    elif damage == "newer":
        manifest.write_text(json.dumps({**content, "schema": 1000}))
        words = "was made by a newer wirethread: update wirethread"
    else:
        content["files"][0]["name"] = "../data/run.lock"
        manifest.write_text(json.dumps(content))
        words = r"\.\./data/run\.lock leads out of the backup"
    with pytest.raises(StorageError, match=words):
        restore_backup(tmp_path / "new", folder)
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_no_backup_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"is no backup: it has no manifest\.json"):
        restore_backup(tmp_path / "data", tmp_path)


def test_damaged_vectors_are_left_out_and_told(data: Path, tmp_path: Path) -> None:
    (file,) = (data / "vectors").iterdir()
    file.write_bytes(b"damaged")
    made = back_up(data, tmp_path / "backup")
    assert made.lost == (file.name,)
    restore_backup(tmp_path / "new", tmp_path / "backup")
    problems = [one for one in verify_folder(tmp_path / "new").checks if one.n_found]
    assert problems[0].message == f"1 files of vectors are not right: {file.name} is missing"


def flip_catalog(folder: Path) -> None:
    """Change a byte in each block of a catalog, behind what opening it reads."""
    path = folder / "catalog.duckdb"
    content = bytearray(path.read_bytes())
    for begin in range(3 * 4096, len(content), BLOCK_BYTES):
        content[begin + 3000] ^= 1
    path.write_bytes(content)


def test_a_catalog_that_cannot_be_read_replaces_no_backup(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "backup")
    digest = read_digest(data)
    flip_catalog(data)
    with pytest.raises(StorageError, match="damaged"):
        back_up(data, tmp_path / "backup")
    restore_backup(tmp_path / "new", tmp_path / "backup")
    assert read_digest(tmp_path / "new") == digest
    assert sorted(one.name for one in tmp_path.iterdir()) == ["backup", "data", "new"]


def test_a_backup_whose_catalog_was_damaged_when_it_was_made_is_not_restored(
    data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    back_up(data, folder)
    flip_catalog(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    for file in manifest["files"]:
        if file["name"] == "catalog.duckdb":
            file["checksum"] = checksum_file(folder / "catalog.duckdb")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    digest = read_digest(data)
    with pytest.raises(StorageError, match=r"is damaged, nothing was restored"):
        restore_backup(data, folder, force=True)
    assert read_digest(data) == digest
    assert sorted(one.name for one in tmp_path.iterdir()) == ["backup", "data"]


def test_vectors_that_rotted_in_the_backup_before_are_copied_anew(
    data: Path, tmp_path: Path
) -> None:
    back_up(data, tmp_path / "backup")
    (old,) = (tmp_path / "backup" / "vectors").iterdir()
    spoiled = bytearray(old.read_bytes())
    spoiled[100] ^= 1
    old.write_bytes(spoiled)
    assert back_up(data, tmp_path / "backup").lost == ()
    (new,) = (tmp_path / "backup" / "vectors").iterdir()
    assert new.read_bytes() == (data / "vectors" / new.name).read_bytes()
    restore_backup(tmp_path / "new", tmp_path / "backup")


def test_damaged_vectors_are_saved_by_the_backup_before(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "backup")
    (file,) = (data / "vectors").iterdir()
    file.write_bytes(b"damaged")
    assert back_up(data, tmp_path / "backup").lost == ()
    restore_backup(tmp_path / "new", tmp_path / "backup")
    assert verify_folder(tmp_path / "new").is_fine


@pytest.mark.thorough
@pytest.mark.parametrize("can_exchange", [True, False])
@pytest.mark.parametrize("n_done", range(5))
def test_a_restoring_that_is_killed_between_two_names_is_finished_at_the_next_opening(
    outdated: Outdated,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    can_exchange: bool,
    n_done: int,
) -> None:
    data = Path(shutil.copytree(outdated.folder, tmp_path / "data"))
    shutil.copytree(outdated.backup, tmp_path / "backup")
    restored, newer = outdated.restored, outdated.newer
    if not can_exchange:
        monkeypatch.setattr(exchange, "exchange_names", lambda left, right: False)
    left = n_done

    class Killed(BaseException):
        """Ends the process here."""

    def die_after(function: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return function(*arguments, **named)

        return call

    with monkeypatch.context() as killing:
        killing.setattr(Path, "rename", die_after(Path.rename))
        killing.setattr(exchange, "exchange_names", die_after(exchange.exchange_names))
        killing.setattr(exchange, "sync_folder", die_after(exchange.sync_folder))
        with contextlib.suppress(Killed):
            restore_backup(data, tmp_path / "backup", force=True)
    with Catalog.open_published(data) as snapshot:  # a reader finds one of the two, whole
        read = digest_content(snapshot)
    assert read in {restored, newer}
    with hold_run_lock(data):
        pass
    assert read_digest(data) == read
    kept = list(tmp_path.glob("data.before-restore-*"))
    assert [read_digest(one) for one in kept] == ([newer] if read == restored else [])
    restore_backup(data, tmp_path / "backup", force=True)
    assert read_digest(data) == restored
    assert newer in {read_digest(one) for one in tmp_path.glob("data.before-restore-*")}
    assert not (data / "restoring.json").exists()
    assert not (tmp_path / "data.restoring").exists()


def test_names_are_exchanged_in_one_step(tmp_path: Path) -> None:
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not exchange.exchange_names(tmp_path / "left", tmp_path / "right"):
        pytest.skip("this file system cannot")
    assert (tmp_path / "left" / "right").exists()
    assert (tmp_path / "right" / "left").exists()
    assert not exchange.exchange_names(tmp_path / "left", tmp_path / "nothing")


def test_a_full_disk_leaves_the_older_backup(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(data, tmp_path / "backup")
    before = (tmp_path / "backup" / "manifest.json").read_text()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups, "copy_file", fail)
    with pytest.raises(
        StorageError, match=r"cannot write the backup .*backup: No space left on device"
    ):
        back_up(data, tmp_path / "backup")
    assert (tmp_path / "backup" / "manifest.json").read_text() == before
    with pytest.raises(StorageError, match=r"cannot restore to .*: No space left on device"):
        restore_backup(data, tmp_path / "backup", force=True)
    assert read_digest(data)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["backup", "data"]


def test_a_backup_that_was_killed_between_two_renames_is_found_again(
    data: Path, tmp_path: Path
) -> None:
    back_up(data, tmp_path / "backup")
    (tmp_path / "backup").rename(tmp_path / "backup.old")
    restore_backup(tmp_path / "new", tmp_path / "backup")
    shutil.rmtree(tmp_path / "new")
    assert (tmp_path / "backup").exists()


def test_a_run_that_waited_while_the_folder_was_replaced_holds_the_new_one(
    data: Path, tmp_path: Path
) -> None:
    back_up(data, tmp_path / "backup")
    restore_backup(data, tmp_path / "backup", force=True)
    with hold_run_lock(data), pytest.raises(RunInProgressError), hold_run_lock(data):
        pass
