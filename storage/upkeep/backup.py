"""A second copy of a data folder that can be trusted, and the way back from it.

A backup is a folder: a manifest with the size and checksum of every file, the catalog, the files of
vectors, and the answers people gave. It appears under its name only when it is whole. Files of
vectors never change, so those that the backup before already has are linked, not copied again.
"""

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wirethread.articles.errors import NotFoundError, StorageError
from wirethread.storage.catalog import CATALOG_FILE, SNAPSHOT_FILE, Catalog
from wirethread.storage.engine.database import StorageSettings
from wirethread.storage.engine.exchange import (
    exchange_names,
    finish_restoring,
    mark_restoring,
    name_restoring,
    put_in_place,
)
from wirethread.storage.engine.file_copy import copy_file
from wirethread.storage.engine.lock import hold_run_lock
from wirethread.storage.engine.migrations import list_migrations, read_schema_number
from wirethread.storage.engine.strays import sync_folder
from wirethread.storage.engine.whole_file import write_small_file
from wirethread.storage.upkeep.readable import find_database_fault
from wirethread.storage.vectors.files import checksum_file

__all__ = [
    "MANIFEST_FILE",
    "Backup",
    "BackupFile",
    "Restoring",
    "back_up",
    "read_manifest",
    "restore_backup",
]

MANIFEST_FILE = "manifest.json"
FORMAT = "wirethread backup"
FORMAT_VERSION = 1
_UNREADABLE = (errno.EIO, errno.ELOOP, errno.EBADMSG)
"""What a disk says that has lost a block, and a link that leads nowhere."""
KEPT_FILES = ("labels.jsonl",)
"""Files of the data folder beside catalog and vectors that cannot be made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFile:
    """A file of a backup."""

    name: str
    """Relative to the folder of the backup."""
    n_bytes: int
    checksum: str
    """xxh3-128 in hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup holds."""

    folder: str
    created_at: datetime
    schema: int
    change_number: int
    n_articles: int
    files: Sequence[BackupFile]
    n_bytes_copied: int = 0
    """The rest was linked from the backup before."""
    lost: Sequence[str] = ()
    """Files of vectors that were missing or damaged: their texts are embedded again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """What a restoring did."""

    folder: str
    backup: str
    created_at: datetime
    """When the backup was made."""
    n_articles: int
    kept_in: str | None
    """Where the data that was there before is kept."""
    n_made_again: int = 0
    """Texts whose vectors the backup lacked and that were embedded again."""
    waits_for: str | None = None
    """Why that could not be done at once; the next run does it."""


def back_up(
    folder: str | Path,
    target: str | Path,
    *,
    settings: StorageSettings | None = None,
    wait_seconds: float = 0.0,
    on_file: Callable[[int, int], None] | None = None,
) -> Backup:
    """Copy the data folder to `target`, in the place of the backup that is there.

    The older backup stays until every table of the new one was read and every file of vectors has
    its checksum. Readers are not disturbed; a run waits. Raises `RunInProgressError` where a run is
    writing after `wait_seconds`, `StorageError` where the catalog is damaged, and where `target`
    holds anything but a backup of ours.
    """
    folder, target = Path(folder), Path(target)
    finish_restoring(folder)
    if not (folder / CATALOG_FILE).exists():
        raise NotFoundError(f"{folder} holds no catalog: run `wirethread run SOURCE` first")
    refuse_target(folder, target)
    partial = target.with_name(target.name + ".partial")
    with (
        explained(f"cannot write the backup {target}", partial),
        hold_run_lock(folder, wait_seconds=wait_seconds),
    ):
        finish_swap(target)
        previous = read_previous(target)
        shutil.rmtree(partial, ignore_errors=True)
        (partial / "vectors").mkdir(parents=True)
        backup = fill_backup(folder, target, partial, previous, settings, on_file)
        swap_folders(partial, target)
    return backup


def refuse_target(folder: Path, target: Path) -> None:
    """Raise `StorageError` where a backup would overwrite something that is none."""
    real, data = target.resolve(), folder.resolve()
    if real == data or data in real.parents or real in data.parents:
        raise StorageError(f"the backup {target} must lie outside the data folder {folder}")
    if not target.exists():
        return
    if not target.is_dir():
        raise StorageError(f"{target} is a file: name a folder for the backup")
    if any(target.iterdir()) and read_previous(target) is None:
        raise StorageError(
            f"{target} holds something that is no backup of wirethread: nothing was overwritten"
        )


def fill_backup(  # noqa: PLR0917 - the places between which files move
    folder: Path,
    target: Path,
    partial: Path,
    previous: Mapping[str, BackupFile] | None,
    settings: StorageSettings | None,
    on_file: Callable[[int, int], None] | None,
) -> Backup:
    """Copy everything to the folder `partial`, the manifest last."""
    files: list[BackupFile] = []
    lost: list[str] = []
    n_copied = 0
    with Catalog.open(folder, settings=settings) as catalog:
        segments = catalog.vectors.list_segments()
        for number, segment in enumerate(segments, 1):
            name = f"vectors/{segment.file_name}"
            old = (previous or {}).get(name)
            new = partial / name
            if not (
                old is not None
                and old.checksum == segment.checksum
                and link_checked(target / name, new, segment.checksum)
            ):
                if not copy_checked(folder / name, new, segment.checksum):
                    lost.append(segment.file_name)
                    continue
                n_copied += new.stat().st_size
            files.append(describe_file(partial, name, segment.checksum))
            if on_file is not None:
                on_file(number, len(segments))
        schema = read_schema_number(catalog._database)
        change_number = catalog.change_number
        n_articles = int(catalog._database.fetch_value("SELECT count(*) FROM store.articles"))
        with catalog.detached() as path:
            copy_file(path, partial / CATALOG_FILE)
    fault = find_database_fault(partial / CATALOG_FILE, settings or StorageSettings())
    if fault is not None:
        raise StorageError(
            f"{folder / CATALOG_FILE} is damaged, no backup was made and {target} is as it was"
            f" ({fault}): `wirethread repair` mends what can be mended"
        )
    files.append(describe_file(partial, CATALOG_FILE))
    n_copied += files[-1].n_bytes
    for name in KEPT_FILES:
        if (folder / name).exists():
            copy_file(folder / name, partial / name)
            files.append(describe_file(partial, name))
            n_copied += files[-1].n_bytes
    backup = Backup(
        folder=str(target),
        created_at=datetime.now(UTC),
        schema=schema,
        change_number=change_number,
        n_articles=n_articles,
        files=tuple(sorted(files, key=lambda one: one.name)),
        n_bytes_copied=n_copied,
        lost=tuple(lost),
    )
    write_manifest(partial, backup)
    sync_folder(partial / "vectors")
    sync_folder(partial)
    return backup


def link_checked(old: Path, new: Path, checksum: str) -> bool:
    """Give a file of the backup before a second name, if it still is what was copied then.

    Returns whether that could be done.
    """
    try:
        if old.is_symlink() or checksum_file(old) != checksum:
            return False
        os.link(old, new)
    except OSError:
        return False
    return True


def copy_checked(source: Path, target: Path, checksum: str) -> bool:
    """Copy a file and return whether it is there and has this checksum; else nothing is left."""
    try:
        copy_file(source, target)
    except (FileNotFoundError, IsADirectoryError, PermissionError):
        return False
    except OSError as error:
        if error.errno not in _UNREADABLE:
            raise
        target.unlink(missing_ok=True)
        return False
    if checksum_file(target) == checksum:
        return True
    target.unlink()
    return False


def describe_file(folder: Path, name: str, checksum: str | None = None) -> BackupFile:
    path = folder / name
    return BackupFile(
        name=name, n_bytes=path.stat().st_size, checksum=checksum or checksum_file(path)
    )


def write_manifest(folder: Path, backup: Backup) -> None:
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "created_at": backup.created_at.isoformat(),
        "schema": backup.schema,
        "content_version": backup.change_number,
        "n_articles": backup.n_articles,
        "files": [asdict(file) for file in backup.files],
    }
    write_small_file(folder / MANIFEST_FILE, json.dumps(content, indent=1))


def read_manifest(folder: Path) -> Backup:
    """Return what a backup says that it holds.

    Raises `NotFoundError` where there is none, `StorageError` where it cannot be understood.
    """
    path = folder / MANIFEST_FILE
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise StorageError(f"{path} belongs to no backup of wirethread")
        if (
            content["format_version"] > FORMAT_VERSION
            or content["schema"] > list_migrations()[-1][0]
        ):
            raise StorageError(f"{folder} was made by a newer wirethread: update wirethread")
        return Backup(
            folder=str(folder),
            created_at=datetime.fromisoformat(content["created_at"]),
            schema=content["schema"],
            change_number=content["content_version"],
            n_articles=content["n_articles"],
            files=tuple(BackupFile(**one) for one in content["files"]),
        )
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"{folder} is no backup: it has no {MANIFEST_FILE}") from None
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{path} is damaged: {error}") from error


def read_previous(target: Path) -> Mapping[str, BackupFile] | None:
    """Return the files of the backup at `target` by name, None where there is no backup."""
    try:
        return {file.name: file for file in read_manifest(target).files}
    except (NotFoundError, StorageError):
        return None


def restore_backup(
    folder: str | Path,
    backup: str | Path,
    *,
    settings: StorageSettings | None = None,
    force: bool = False,
    wait_seconds: float = 0.0,
) -> Restoring:
    """Put a backup in the place of the data folder, after every file of it was found right.

    The folder is exchanged in one step; where that is not possible and the process is killed in
    between, whoever opens the folder next finishes it. Raises `StorageError` where the backup is
    damaged, and where the folder holds data, unless `force`: then what it holds is kept beside it.
    """
    folder, source = Path(folder), Path(backup)
    finish_restoring(folder, is_needed=True)
    finish_swap(source)
    manifest = read_manifest(source)
    check_backup(source, manifest)
    has_content = folder.exists() and any(one.name != "run.lock" for one in folder.iterdir())
    if has_content and not force:
        raise StorageError(
            f"{folder} holds data: nothing was overwritten; --force puts the backup in its place"
            " and keeps the data beside it"
        )
    folder = folder.resolve()
    kept = name_free(folder, f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S}Z")
    with hold_run_lock(folder, wait_seconds=wait_seconds):
        with explained(f"cannot restore to {folder}", name_restoring(folder)):
            fill_restoring(folder, source, manifest, settings or StorageSettings())
            mark_restoring(name_restoring(folder), kept if has_content else None)
        try:
            put_in_place(folder)
        except OSError as error:
            raise StorageError(f"cannot restore to {folder}: {error.strerror}") from error
    return Restoring(
        folder=str(folder),
        backup=str(source),
        created_at=manifest.created_at,
        n_articles=manifest.n_articles,
        kept_in=str(kept) if has_content else None,
    )


def fill_restoring(folder: Path, source: Path, manifest: Backup, settings: StorageSettings) -> None:
    """Copy a backup beside the folder whose place it is to take, and prove the copy."""
    partial = name_restoring(folder)
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "vectors").mkdir(parents=True)
    for file in manifest.files:
        if not copy_checked(source / file.name, partial / file.name, file.checksum):
            raise StorageError(f"{source / file.name} cannot be read: nothing was restored")
    fault = find_database_fault(partial / CATALOG_FILE, settings)
    if fault is not None:
        raise StorageError(f"the backup {source} is damaged, nothing was restored: {fault}")
    copy_file(source / CATALOG_FILE, partial / SNAPSHOT_FILE)
    (partial / "run.lock").touch()
    sync_folder(partial / "vectors")
    sync_folder(partial)


def check_backup(source: Path, manifest: Backup) -> None:
    """Raise `StorageError` naming the files of a backup that are missing or damaged."""
    wrong = []
    for file in manifest.files:
        path = source / file.name
        if Path(file.name).is_absolute() or ".." in Path(file.name).parts:
            wrong.append(f"{file.name} leads out of the backup")
        elif not path.is_file():
            wrong.append(f"{file.name} is missing")
        elif path.stat().st_size != file.n_bytes or checksum_file(path) != file.checksum:
            wrong.append(f"{file.name} is damaged")
    if CATALOG_FILE not in {one.name for one in manifest.files}:
        wrong.append(f"{CATALOG_FILE} is not in the manifest")
    if wrong:
        shown = ", ".join(wrong[:3]) + (", …" if len(wrong) > 3 else "")
        raise StorageError(f"the backup {source} is damaged, nothing was restored: {shown}")


def name_free(folder: Path, word: str) -> Path:
    """Return a path beside `folder` that is not taken."""
    number = 0
    while True:
        path = folder.with_name(f"{folder.name}.{word}" + (f"-{number}" if number else ""))
        if not path.exists():
            return path
        number += 1


def swap_folders(partial: Path, target: Path) -> None:
    """Let `partial` take the place of `target`; the older one is deleted after that."""
    old = target.with_name(target.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        if exchange_names(partial, target):
            partial.rename(old)
        else:
            target.rename(old)
            partial.rename(target)
    else:
        partial.rename(target)
    sync_folder(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def finish_swap(target: Path) -> None:
    """Bring the older backup back where a process was killed between two renames."""
    old = target.with_name(target.name + ".old")
    if old.exists() and not target.exists():
        old.rename(target)


@contextmanager
def explained(what: str, partial: Path) -> Iterator[None]:
    """Turn errors of the file system into one sentence, and leave nothing half written."""
    try:
        yield
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise StorageError(f"{what}: {error.strerror or error}") from error
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
