"""Cut the power at many points of a run and its upkeep: what was not on the disk is forgotten.

    python -m tests.flows.power_cuts --cuts 200 --seed 1

A library that is loaded before all others (`forgetful_disk.c`, built with the C compiler of the
machine) notes what fsync and fdatasync brought to the disk. At each cut the data folder is put
together from that alone: renames and writes that were not followed by one of them never happened.
At every second cut some of the rest did reach the disk: file by file, 4 KiB by 4 KiB, name by name,
in any order. Then everything must be whole, whatever a command had done when it ended must still be
there, and after the same was done again all must be as if nothing had happened.
"""

import argparse
import collections
import os
import pickle
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.flows.driving import fetch, read_digest, read_published_digest, run_plainly
from tests.flows.killable import (
    FORGOTTEN_OUTLET,
    Points,
    keep_house,
    recover,
    small_batches,
)
from tests.flows.test_kills import Scene
from wirethread.flows import work
from wirethread.flows.runs.progress import listen_to_progress
from wirethread.storage.upkeep.backup import restore_backup
from wirethread.storage.upkeep.verification import CheckState, verify_folder

DISK, SHADOW = "cut-disk", "cut-shadow"
PAGE_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The state of disk and memory at a point."""

    number: int
    step: str
    done: tuple[str, ...]
    """What had ended by then, in order."""
    folder: Path
    """Holds a copy of the disk as it looked to programs, and of what was safe."""


@dataclass
class Outcome:
    """What came out of all cuts."""

    steps: collections.Counter[str] = field(default_factory=collections.Counter)
    lost: list[str] = field(default_factory=list)


def build_library(folder: Path) -> Path:
    """Compile the forgetful disk; raises where there is no C compiler."""
    library = folder / "forgetful_disk.so"
    source = Path(__file__).with_name("forgetful_disk.c")
    compiler = shutil.which("cc") or shutil.which("gcc") or "cc"
    subprocess.run(
        [compiler, "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl", "-lpthread"],
        check=True,
    )
    return library


def bring_to_disk(folder: Path) -> None:
    """Make all that lies in a folder safe, as it is before the run begins."""
    for root, _, files in os.walk(folder, topdown=False):
        for path in [*(Path(root, name) for name in files), Path(root)]:
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)


class CutPoints(Points):
    """Copies disk and shadow at chosen points, and goes on."""

    def __init__(self, chosen: set[int], world: Path, keep_in: Path) -> None:
        super().__init__(last=0)
        self._keep_in = keep_in
        self.cuts: list[Cut] = []
        self.done: list[str] = []
        self._chosen = chosen
        self._world = world

    def pass_one(self) -> None:
        self.steps.append(self._step)
        if len(self.steps) in self._chosen:
            watching, self._watching = self._watching, False
            folder = self._keep_in / f"cut-{len(self.steps)}"
            for name in (DISK, SHADOW):
                shutil.copytree(self._world / name, folder / name, symlinks=True)
            numbers = {
                str(path.relative_to(self._world / DISK)): path.stat().st_ino
                for path in (self._world / DISK).rglob("*")
            }
            numbers["."] = (self._world / DISK).stat().st_ino
            (folder / "numbers").write_bytes(pickle.dumps(numbers))
            self.cuts.append(
                Cut(
                    number=len(self.steps),
                    step=self._step,
                    done=tuple(self.done),
                    folder=folder,
                )
            )
            self._watching = watching


def run_under_cuts(world: Path, second: Path, chosen: set[int], keep_in: Path) -> list[Cut]:
    """Do everything once on the forgetful disk; this process is nobody else's."""
    work.ARTICLES_PER_BATCH = 3
    data = world / DISK / "data"
    points = CutPoints(chosen, world, keep_in)
    bring_to_disk(world / DISK)
    points.watch()
    with listen_to_progress(points.listen):
        run_plainly([second], small_batches(data))
        points.done.append("run")
        keep_house(data, points.done.append)
    return points.cuts


def rebuild(cut: Cut, target: Path, chance: random.Random | None) -> None:
    """Put together what is on the disk after the cut; with `chance` some of the rest is too."""
    numbers: dict[str, int] = pickle.loads((cut.folder / "numbers").read_bytes())
    by_number = {number: name for name, number in numbers.items()}
    rebuild_folder(cut, numbers["."], target, by_number, chance)


def rebuild_folder(
    cut: Cut,
    number: int,
    target: Path,
    by_number: dict[int, str],
    chance: random.Random | None,
) -> None:
    target.mkdir(exist_ok=True)
    names = read_names(cut.folder / SHADOW / "d" / str(number))
    if chance is not None and number in by_number:
        names = mix_names(names, list_names(cut, by_number[number], by_number), chance)
    for name, (inode, is_folder) in sorted(names.items()):
        if is_folder:
            rebuild_folder(cut, inode, target / name, by_number, chance)
        else:
            (target / name).write_bytes(find_content(cut, inode, by_number, chance))


Names = dict[str, tuple[int, bool]]


def read_names(path: Path) -> Names:
    """Return name -> (inode, whether it is a folder) as they were brought to the disk."""
    if not path.exists():
        return {}
    found: Names = {}
    for line in path.read_text().splitlines():
        number, kind, name = line.split(" ", 2)
        found[name] = (int(number), kind == "4")
    return found


def list_names(cut: Cut, folder: str, by_number: dict[int, str]) -> Names:
    """Return the names as programs saw them."""
    numbers = {name: number for number, name in by_number.items()}
    found: Names = {}
    place = cut.folder / DISK / folder
    for path in place.iterdir() if place.is_dir() else ():
        number = numbers.get(str(Path(folder, path.name)))
        if number is not None:
            found[path.name] = (number, path.is_dir())
    return found


def mix_names(safe: Names, seen: Names, chance: random.Random) -> Names:
    """Let some changes of names have reached the disk; both ends of a rename go together."""
    mixed = dict(safe)
    went = {number: name for name, (number, _) in safe.items() if seen.get(name) != safe[name]}
    for name, entry in seen.items():
        if safe.get(name) != entry and chance.random() < 0.5:
            mixed[name] = entry
            before = went.get(entry[0])
            if before is not None and before != name:
                mixed.pop(before, None)
    for name in safe:
        if name not in seen and chance.random() < 0.3:
            mixed.pop(name, None)
    return mixed


def find_content(
    cut: Cut, number: int, by_number: dict[int, str], chance: random.Random | None
) -> bytes:
    """Return what a file holds after the cut."""
    path = cut.folder / SHADOW / "i" / str(number)
    safe = path.read_bytes() if path.exists() else b""
    name = by_number.get(number)
    if chance is None or name is None or chance.random() < 0.3:
        return safe
    seen = (cut.folder / DISK / name).read_bytes()
    size = chance.choice((len(safe), len(seen)))
    pages = [
        chance.choice((safe, seen))[begin : begin + PAGE_BYTES]
        for begin in range(0, size, PAGE_BYTES)
    ]
    whole = b"".join(
        page.ljust(min(PAGE_BYTES, size - place * PAGE_BYTES), b"\0")
        for place, page in enumerate(pages)
    )
    return whole[:size]


def find_losses(cut: Cut, place: Path, second: Path, digest: str, *, goes_on: bool) -> list[str]:
    """Say what is lost after a cut: all that is not whole, or not there, or different in the end.

    Only where a run `goes_on` after the cut the end is looked at.
    """
    data, backup = place / "data", place / "data-backup"
    lost = [
        check.message
        for check in verify_folder(data).checks
        if check.state is CheckState.PROBLEM and check.name != "words"  # the next run makes them
    ]
    if "correct" in cut.done and fetch(data, "SELECT count(*) FROM corrections") != [(1,)]:
        lost.append("the correction is gone")
    articles = f"SELECT count(*) FROM articles WHERE outlet = '{FORGOTTEN_OUTLET}'"
    if "forget" in cut.done and fetch(data, articles) != [(0,)]:
        lost.append("what was forgotten is there again")
    if "repair" in cut.done and read_digest(data) != digest:
        lost.append("what was made again is not there")
    if "backup" in cut.done:
        restore_backup(place / "restored", backup)
        if read_digest(place / "restored") != digest:
            lost.append("the backup is another one")
    if not goes_on:
        return lost
    recover([second], data, with_housekeeping=True)
    if {read_digest(data), read_published_digest(data)} != {digest}:
        lost.append("the next run ends in another state")
    if not verify_folder(data).is_fine:
        lost.append("the recovered state is not whole")
    return lost


def cut_many(n_cuts: int, seed: int, *, every: int = 1) -> int:
    """Cut at many points, print what came out, and return at how many something was lost.

    After each cut of which the number divides by `every` all is done again to the end.
    """
    chance = random.Random(seed)
    outcome = Outcome()
    place = Path("/dev/shm")
    with (  # inodes are never used twice in shared memory; what was cut may be large
        tempfile.TemporaryDirectory(dir=place if place.is_dir() else None) as name,
        tempfile.TemporaryDirectory() as kept,
    ):
        folder = Path(name)
        scene = Scene(folder, with_housekeeping=True)
        chosen = set(chance.sample(range(1, len(scene.steps)), min(n_cuts, len(scene.steps) - 1)))
        world = folder / "world"
        for part in ("i", "d"):
            (world / SHADOW / part).mkdir(parents=True)
        (world / DISK).mkdir()
        scene.copy(world / DISK / "data")
        cuts = run_apart(folder, world, scene.second, chosen, Path(kept))
        begun = time.monotonic()
        for n_done, cut in enumerate(cuts, 1):
            rest = random.Random(cut.number) if n_done % 2 == 0 else None
            after = folder / "after"
            rebuild(cut, after, rest)
            try:
                lost = find_losses(
                    cut, after, scene.second, scene.digest, goes_on=n_done % every == 0
                )
            except Exception as error:  # whatever it is, it is a loss
                lost = [repr(error)]
            outcome.steps[cut.step] += 1
            kind = "some of the rest was there" if rest else "all of the rest was lost"
            for words in lost:
                outcome.lost.append(f"{cut.number} ({cut.step}, {kind}): {words}")
                print(outcome.lost[-1], flush=True)
            shutil.rmtree(after)
            shutil.rmtree(cut.folder)
            if n_done % 10 == 0:
                spent = time.monotonic() - begun
                print(
                    f"{n_done} of {len(cuts)} cuts in {spent:.0f} s, {len(outcome.lost)} lost",
                    flush=True,
                )
    for step, number in sorted(outcome.steps.items()):
        print(f"{number:6d}  {step}")
    print(f"{len(cuts)} cuts at {len(scene.steps)} points, {len(outcome.lost)} lost something")
    return len(outcome.lost)


def run_apart(
    folder: Path, world: Path, second: Path, chosen: set[int], keep_in: Path
) -> list[Cut]:
    """Run in a process of its own, on the forgetful disk."""
    asked, answered = folder / "asked", folder / "answered"
    asked.write_bytes(pickle.dumps((world, second, chosen, keep_in)))
    environment: dict[str, Any] = {**os.environ, "LD_PRELOAD": str(build_library(folder))}
    command = [sys.executable, "-m", "tests.flows.power_cuts", "--run", asked, answered]
    subprocess.run(command, env=environment, check=True)
    cuts: list[Cut] = pickle.loads(answered.read_bytes())
    return cuts


def main() -> None:
    """Read the command line and cut."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="Go on to the end after every Nth.")
    parser.add_argument("--run", nargs=2, type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        from tests.flows import power_cuts

        asked, answered = chosen.run
        cuts = power_cuts.run_under_cuts(*pickle.loads(asked.read_bytes()))
        answered.write_bytes(pickle.dumps(cuts))
        return
    sys.exit(1 if cut_many(chosen.cuts, chosen.seed, every=chosen.every) else 0)


if __name__ == "__main__":
    main()
