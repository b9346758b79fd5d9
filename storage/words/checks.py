"""Whether the files of the index of words are what was written.

Every file of tantivy but its lists ends with a footer that holds the CRC-32 of what is before it.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from random import Random

from wirethread.storage.engine.whole_file import write_small_file
from wirethread.storage.vectors.files import stamp_file
from wirethread.storage.words.coverage import ROWS_FILE

__all__ = ["find_words_faults", "holds_index", "remember_words_files"]

_STAMPS_FILE = "stamps.json"
_LISTS = frozenset({"meta.json", _STAMPS_FILE, ROWS_FILE})
_ENDING = struct.Struct("<II")
_MAGIC = 1337
_READ_BYTES = 1 << 22
_BYTES_IN_TURN = 1 << 26
"""So much of what looks unchanged is read again by each run, in a tenth of a second."""


def holds_index(folder: Path) -> bool:
    """Whether anything of an index stands in a folder: one that was killed before has none."""
    return not folder.is_dir() or any(not path.name.startswith(".") for path in folder.iterdir())


def find_words_faults(
    folder: Path, *, is_quick: bool = False, turn: int | None = None
) -> list[str]:
    """Return what is wrong with the files of an index, reading each.

    A quick check reads those whose size or time is not what it was when they were remembered, and
    with a `turn` some of the others, which are other ones in another turn: bytes may change on a
    disk that says nothing of it.
    """
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        segments = [one["segment_id"].replace("-", "") for one in meta["segments"]]
    except FileNotFoundError:
        return ["meta.json is missing"]
    except (OSError, ValueError, KeyError, TypeError):
        return ["meta.json cannot be read"]
    known = _read_stamps(folder) if is_quick else {}
    if turn is not None:
        for name in _choose_in_turn(known, turn):
            del known[name]
    faults = []
    names = {path.name for path in folder.iterdir() if path.is_file()}
    for segment in segments:
        files = sorted(name for name in names if name.startswith(segment))
        if not {f"{segment}.{kind}" for kind in ("idx", "term", "store", "fast")} <= set(files):
            faults.append(f"files of {segment} are missing")
        faults += [
            f"{name} is damaged"
            for name in files
            if (name not in known or known[name] != stamp_file(folder / name))
            and not _is_right(folder / name)
        ]
    return faults


def _choose_in_turn(known: Mapping[str, tuple[int, int]], turn: int) -> list[str]:
    names = sorted(known)
    Random(turn).shuffle(names)  # noqa: S311 - any order does
    chosen, n_bytes = [], 0
    for name in names:
        n_bytes += known[name][0]
        if n_bytes <= _BYTES_IN_TURN:
            chosen.append(name)
    return chosen


def remember_words_files(folder: Path) -> None:
    """Remember the size and time of every file, all of which were found right."""
    stamps = {
        path.name: stamp
        for path in sorted(folder.iterdir())
        if path.name not in _LISTS
        and not path.name.startswith(".")
        and (stamp := stamp_file(path)) is not None
    }
    if stamps == _read_stamps(folder):
        return
    write_small_file(folder / _STAMPS_FILE, json.dumps(stamps), is_lasting=False)


def _read_stamps(folder: Path) -> dict[str, tuple[int, int]]:
    try:
        found = json.loads((folder / _STAMPS_FILE).read_text(encoding="utf-8"))
        return {name: (int(one[0]), int(one[1])) for name, one in found.items()}
    except (OSError, ValueError, TypeError, AttributeError, IndexError):
        return {}


def _is_right(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(size - _ENDING.size)
            n_footer, magic = _ENDING.unpack(file.read(_ENDING.size))
            n_left = size - _ENDING.size - n_footer
            if magic != _MAGIC or n_left < 0:
                return False
            file.seek(n_left)
            wanted = json.loads(file.read(n_footer))["crc"]
            file.seek(0)
            found = 0
            while n_left and (block := file.read(min(n_left, _READ_BYTES))):
                found = zlib.crc32(block, found)
                n_left -= len(block)
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return False
    return n_left == 0 and bool(found == wanted)
