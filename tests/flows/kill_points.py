"""Kill a run at many random points and see that the next run always ends in the same state.

    python -m tests.flows.kill_points --points 200 --seed 1

Half of the points are statements or file operations, half are moments. Every point is tried on a
data folder with a first run in it, to which a second source comes, of which then an outlet is
forgotten after two articles were put together, all that is derived is made again and published, all
vectors are merged, and a backup is made and restored over the data. What a killed process left must
be whole, and after the same was done again everything must be as if nothing had happened, the
backup too. Prints how many runs were killed in which step, the longest recovery, and every point
after which the state was another one.
"""

import argparse
import collections
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.flows.driving import fetch, read_digest, read_published_digest
from tests.flows.killable import Point, recover, run_killed
from tests.flows.test_kills import Scene
from wirethread.storage.upkeep.backup import restore_backup
from wirethread.storage.upkeep.verification import CheckState, verify_folder


def choose_points(scene: Scene, n_points: int, seed: int, seconds: float) -> list[Point]:
    """Return as many points counted by statement as by time."""
    chosen = random.Random(seed)
    points = []
    for place in range(n_points):
        if place % 2:
            points.append(Point(seconds=chosen.uniform(0.01, seconds)))
        else:
            number = chosen.randint(1, len(scene.steps))
            points.append(Point(number=number, step=scene.steps[number - 1]))
    return points


def find_step(folder: Path, point: Point) -> str:
    """Return the step in which a run died, as far as it was written down."""
    if point.step:
        return point.step
    rows = fetch(
        folder,
        "SELECT step FROM run_steps WHERE run_id = (SELECT max(run_id) FROM runs)"
        " ORDER BY recorded_at DESC LIMIT 1",
    )
    return f"after {rows[0][0]}" if rows else "at the beginning"


@dataclass
class Outcome:
    """What came out of all points."""

    steps: collections.Counter[str] = field(default_factory=collections.Counter)
    wrong: list[str] = field(default_factory=list)
    longest: float = 0.0
    longest_after: Point = field(default_factory=Point)


def try_point(scene: Scene, point: Point, folder: Path, outcome: Outcome) -> None:
    """Kill at one point, look at what is left, recover, and look at all that must be as if nothing
    had happened."""
    scene.copy(folder)
    was_killed = run_killed(point, [scene.second], folder, with_housekeeping=True)
    outcome.steps[find_step(folder, point) if was_killed else "(had finished)"] += 1
    problems = list_problems(folder)
    if problems:
        outcome.wrong.append(f"{point}: what is left is not whole: {problems}")
    begun = time.monotonic()
    recover([scene.second], folder, with_housekeeping=True)
    seconds = time.monotonic() - begun
    if seconds > outcome.longest:
        outcome.longest, outcome.longest_after = seconds, point
    backup, restored = (folder.with_name(f"{folder.name}-{one}") for one in ("backup", "restored"))
    restore_backup(restored, backup)
    digests = {read_digest(folder), read_published_digest(folder), read_digest(restored)}
    if digests != {scene.digest}:
        outcome.wrong.append(f"{point}: another state")
    if list_problems(folder):
        outcome.wrong.append(f"{point}: the recovered state is not whole")
    for left in folder.parent.glob(f"{folder.name}*"):
        shutil.rmtree(left)


def list_problems(folder: Path) -> list[str]:
    """Return what `verify` says is wrong."""
    found = verify_folder(folder)
    return [one.message for one in found.checks if one.state is CheckState.PROBLEM]


def try_points(n_points: int, seed: int) -> int:
    """Try all points, print what came out, and return how many ended in another state."""
    outcome = Outcome()
    shared_memory = Path("/dev/shm")
    place = shared_memory if shared_memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as name:
        scene = Scene(Path(name), with_housekeeping=True)
        begun = time.monotonic()
        recover([scene.second], scene.copy(Path(name) / "timed"), with_housekeeping=True)
        undisturbed_seconds = time.monotonic() - begun
        points = choose_points(scene, n_points, seed, undisturbed_seconds)
        for n_done, point in enumerate(points):
            if n_done and n_done % 10 == 0:
                spent = time.monotonic() - begun
                print(
                    f"{n_done} of {n_points} points in {spent:.0f} s, {len(outcome.wrong)} wrong",
                    flush=True,
                )
            n_before = len(outcome.wrong)
            try_point(scene, point, Path(name) / "data", outcome)
            for words in outcome.wrong[n_before:]:
                print(words, flush=True)
    for step, number in sorted(outcome.steps.items()):
        print(f"{number:6d}  {step}")
    print(
        f"{n_points} points of {len(scene.steps)} tried, {len(outcome.wrong)} ended in another"
        f" state; the longest recovery took {outcome.longest:.1f} s (after"
        f" {outcome.longest_after}), an undisturbed run {undisturbed_seconds:.1f} s"
    )
    return len(outcome.wrong)


def main() -> None:
    """Read the command line and try the points."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    sys.exit(1 if try_points(chosen.points, chosen.seed) else 0)


if __name__ == "__main__":
    main()
