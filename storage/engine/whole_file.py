"""The one way to write a file: whole, in the place of the one before, or not at all."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from wirethread.storage.engine.strays import sync_folder

__all__ = ["draft_file", "write_small_file"]


@contextmanager
def draft_file(path: Path) -> Iterator[Path]:
    """Yield the name of a new file for the block to write, which then takes the place of `path`.

    Whoever reads meanwhile finds the old file or the new one. Where the block fails the old file
    is left as it was. Raises `OSError`.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield draft
        if path.exists():
            draft.chmod(path.stat().st_mode & 0o777)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_small_file(
    path: Path,
    content: str | bytes,
    *,
    is_lasting: bool = True,
    check: Callable[[Path], None] | None = None,
) -> None:
    """Write `content`, text as UTF-8, to a file that takes the place of `path` (`draft_file`).

    `check` is given the new file before and may refuse it by raising. Unless `is_lasting` the disk
    is not waited for: what a power cut takes away then is no loss. Raises `OSError`.
    """
    with draft_file(path) as draft:
        with draft.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            if is_lasting:
                file.flush()
                os.fsync(file.fileno())
        if check is not None:
            check(draft)
    if is_lasting:
        sync_folder(path.parent)
