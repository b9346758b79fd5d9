"""Backups to a folder, or to an address elsewhere such as `s3://bucket/news`.

At an address every file lies under its checksum, and the manifest is written last: until then the
backup before is whole. What was sent is read back and compared before the manifest names it.
"""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import xxhash

from wirethread.articles.errors import NotFoundError, StorageError
from wirethread.flows.operations.restore import restore
from wirethread.flows.settings.config import Settings
from wirethread.sources.remote import is_remote
from wirethread.sources.remote_folder import RemoteFolder
from wirethread.storage.upkeep.backup import (
    MANIFEST_FILE,
    Backup,
    BackupFile,
    Restoring,
    back_up,
    read_manifest,
)

__all__ = ["back_up_to", "restore_from"]

_FILES = "files"


def back_up_to(
    settings: Settings,
    target: str,
    *,
    wait_seconds: float = 0.0,
    on_file: Callable[[int, int], None] | None = None,
) -> Backup:
    """Copy the data folder to a folder or an address, in the place of the backup that is there.

    `on_file` is called with files done and files in all. Raises as `storage.upkeep.backup.back_up`
    does, and `StorageError` where the address cannot be reached or holds something else.
    """
    folder = Path(settings.data_folder)
    if not is_remote(target):
        return back_up(
            folder, target, settings=settings.storage, wait_seconds=wait_seconds, on_file=on_file
        )
    place = RemoteFolder(target)
    place.require_bucket()
    with tempfile.TemporaryDirectory(prefix="wirethread-backup-") as held:
        _refuse_other(place, Path(held))
        here = Path(held) / "backup"
        made = back_up(folder, here, settings=settings.storage, wait_seconds=wait_seconds)
        n_bytes = _send(here, made, place, on_file)
    return replace(made, folder=target, n_bytes_copied=n_bytes)


def restore_from(
    settings: Settings, source: str, *, force: bool = False, wait_seconds: float = 0.0
) -> Restoring:
    """Put a backup at a folder or an address in the place of the data folder.

    It is brought here and proved before it replaces anything. Raises as
    `storage.upkeep.backup.restore_backup` does.
    """
    if not is_remote(source):
        return restore(settings, source, force=force, wait_seconds=wait_seconds)
    place = RemoteFolder(source)
    with tempfile.TemporaryDirectory(prefix="wirethread-restore-") as held:
        here = Path(held) / "backup"
        try:
            _bring(place, here)
            done = restore(settings, here, force=force, wait_seconds=wait_seconds)
        except (NotFoundError, StorageError) as error:
            raise type(error)(str(error).replace(str(here), source)) from None
    return replace(done, backup=source)


def _refuse_other(place: RemoteFolder, held: Path) -> None:
    """Raise `StorageError` where the address holds something that is no backup of ours."""
    names = place.list_sizes()
    others = [name for name in names if not name.startswith(f"{_FILES}/")]
    if MANIFEST_FILE in names:
        place.get(MANIFEST_FILE, held / MANIFEST_FILE)
        read_manifest(held)
    elif others:
        raise StorageError(
            f"{place.address} holds something that is no backup of wirethread: nothing was"
            " overwritten"
        )


def _send(
    here: Path, made: Backup, place: RemoteFolder, on_file: Callable[[int, int], None] | None
) -> int:
    """Copy what the address lacks and prove it, then the manifest; return the bytes sent."""
    known = place.list_sizes()
    n_bytes = 0
    for number, file in enumerate(made.files, 1):
        name = _name_there(file)
        if known.get(name) != file.n_bytes:
            place.put(here / file.name, name)
            n_bytes += file.n_bytes
        if _checksum_there(place, name) != file.checksum:
            place.remove([name])
            raise StorageError(
                f"{place.address}: {file.name} did not arrive as it was sent; the backup before"
                " stays, ask for this one again"
            )
        if on_file is not None:
            on_file(number, len(made.files))
    place.put(here / MANIFEST_FILE, MANIFEST_FILE)
    wanted = {MANIFEST_FILE, *map(_name_there, made.files)}
    place.remove(name for name in place.list_sizes() if name not in wanted)
    return n_bytes


def _bring(place: RemoteFolder, here: Path) -> None:
    """Copy a backup to a folder, where it is checked like any other."""
    names = place.list_sizes()
    if MANIFEST_FILE not in names:
        raise NotFoundError(f"{place.address} is no backup: it has no {MANIFEST_FILE}")
    place.get(MANIFEST_FILE, here / MANIFEST_FILE)
    for file in read_manifest(here).files:
        if not (here / file.name).resolve().is_relative_to(here.resolve()):
            raise StorageError(f"{place.address}: {file.name} leads out of the backup")
        if _name_there(file) in names:  # what is missing is told by name, like what is damaged
            place.get(_name_there(file), here / file.name)


def _name_there(file: BackupFile) -> str:
    return f"{_FILES}/{file.checksum}/{Path(file.name).name}"


def _checksum_there(place: RemoteFolder, name: str) -> str:
    found = xxhash.xxh3_128()
    for piece in place.read_pieces(name):
        found.update(piece)
    return found.hexdigest()
