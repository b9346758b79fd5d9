"""Put one folder in the place of another in a single step, or find and finish what a kill cut off.

Linux exchanges two names at once (renameat2), so that neither is ever missing. Where a file system
cannot, two renames do it, and a mark in the new folder says what is left to be done: whoever opens
the folder next does it.
"""

import ctypes
import json
import os
from contextlib import suppress
from pathlib import Path

from wirethread.articles.errors import StorageError
from wirethread.storage.engine.strays import sync_folder

__all__ = ["exchange_names", "finish_restoring", "mark_restoring", "name_restoring", "put_in_place"]

_AT_HERE = -100
_EXCHANGE = 2
_MARK = "restoring.json"


def exchange_names(left: Path, right: Path) -> bool:
    """Exchange two names in one step; False where this system or file system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    done = rename(_AT_HERE, os.fsencode(left), _AT_HERE, os.fsencode(right), _EXCHANGE)
    if done == 0:
        sync_folder(left.parent)
    return bool(done == 0)


def name_restoring(folder: Path) -> Path:
    """Return where what is to take the place of a data folder is made ready."""
    return folder.with_name(folder.name + ".restoring")


def mark_restoring(ready: Path, kept: Path | None) -> None:
    """Write into a folder that it is whole, and under which name the one before it is kept."""
    with (ready / _MARK).open("w", encoding="utf-8") as file:
        json.dump({"kept": None if kept is None else kept.name}, file)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(ready)


def put_in_place(folder: Path) -> None:
    """Let the folder that is ready and marked take the place of `folder`.

    Killed anywhere, `finish_restoring` does what is left.
    """
    ready = name_restoring(folder)
    kept = _read_kept(ready)
    if kept is None:
        (folder / "run.lock").unlink(missing_ok=True)
        folder.rmdir()
    elif not exchange_names(ready, folder):
        folder.rename(kept)
    _finish(folder)


def finish_restoring(folder: Path, *, is_needed: bool = False) -> None:
    """Finish a restoring that was cut off between two names; else nothing is done.

    Several processes may do this at once. Who may not write here leaves it to others, unless it
    `is_needed`: then `StorageError` is raised.
    """
    try:
        _finish(folder.resolve())
    except (OSError, ValueError, KeyError, TypeError) as error:
        if is_needed:
            ready = name_restoring(folder.resolve())
            raise StorageError(
                f"{ready} is left of a restoring and cannot be moved ({error}): move it yourself"
            ) from error


def _finish(folder: Path) -> None:
    ready = name_restoring(folder)
    mark = folder / _MARK
    if not os.path.lexists(ready) and not os.path.lexists(mark):
        return
    if mark.exists():
        kept = _read_kept(folder)
        if kept is not None and ready.exists():
            with suppress(FileNotFoundError):  # another process was faster
                ready.rename(kept)
    elif not folder.exists() and (ready / _MARK).exists():
        with suppress(FileNotFoundError):
            ready.rename(folder)
    else:
        return  # what is there was never made ready
    sync_folder(folder.parent)
    mark.unlink(missing_ok=True)
    sync_folder(folder)


def _read_kept(folder: Path) -> Path | None:
    """Return under which name the folder before this one is kept, None for none."""
    name = json.loads((folder / _MARK).read_text(encoding="utf-8"))["kept"]
    base = folder.name.removesuffix(".restoring")
    return None if name is None or not name.startswith(base) else folder.with_name(Path(name).name)
