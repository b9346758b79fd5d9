"""What stands where a file or a folder of ours should stand: it is moved aside, never followed.

A folder in the place of a file, a link that leads elsewhere, a file in the place of a folder: each
would stop every later run, or let it write where nobody meant it to.
"""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["clear_place", "make_folder", "open_aside", "sync_folder"]


def clear_place(path: Path, *, keep_in: Path) -> None:
    """Make sure that nothing stands at `path`: a file or link is deleted, never what it leads to.

    A folder is moved to a folder `damaged-TIME` in `keep_in`. Raises `OSError`.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(mode):
        path.unlink()
        return
    try:
        path.rmdir()  # an empty one is worth nothing
    except OSError:
        path.rename(open_aside(keep_in) / path.name)


def make_folder(path: Path, *, keep_in: Path) -> None:
    """Make sure that `path` is a folder, or a link to one; a file in its place is kept aside.

    Raises `OSError`.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        if path.is_symlink():
            path.unlink()  # it leads to no folder
        else:
            path.rename(open_aside(keep_in) / path.name)
        path.mkdir()


def open_aside(folder: Path) -> Path:
    """Make a new folder `damaged-TIME` in `folder` and return it."""
    stem = f"damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}Z"
    number = 0
    while True:
        aside = folder / (f"{stem}-{number}" if number else stem)
        try:
            aside.mkdir()
        except FileExistsError:
            number += 1
        else:
            return aside


def sync_folder(folder: Path) -> None:
    """Bring renames in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
