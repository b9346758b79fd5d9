"""Kill a run at many random points and see that the next run always ends in the same state.

    python -m tests.flows.kill_points --points 200 --seed 1

Half of the points are statements or file operations, half are moments. Every point is tried on a
data folder with a first run in it, to which a second source comes. Prints how many runs were killed
in which step, the longest recovery, and every point after which the state was another one.
"""

import argparse
import collections
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.flows.driving import fetch, read_digest, read_published_digest
from tests.flows.killable import Point, recover, run_killed
from tests.flows.test_kills import Scene


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


def try_points(n_points: int, seed: int) -> int:
    """Try all points, print what came out, and return how many ended in another state."""
    wrong: list[Point] = []
    steps: collections.Counter[str] = collections.Counter()
    longest, longest_after = 0.0, Point()
    with tempfile.TemporaryDirectory() as name:
        scene = Scene(Path(name))
        begun = time.monotonic()
        recover([scene.second], scene.copy(Path(name) / "timed"))
        undisturbed_seconds = time.monotonic() - begun
        points = choose_points(scene, n_points, seed, undisturbed_seconds)
        for n_done, point in enumerate(points):
            if n_done and n_done % 10 == 0:
                print(f"{n_done} of {n_points} points, {len(wrong)} wrong", flush=True)
            folder = scene.copy(Path(name) / "data")
            was_killed = run_killed(point, [scene.second], folder)
            steps[find_step(folder, point) if was_killed else "(had finished)"] += 1
            begun = time.monotonic()
            recover([scene.second], folder)
            seconds = time.monotonic() - begun
            if seconds > longest:
                longest, longest_after = seconds, point
            if {read_digest(folder), read_published_digest(folder)} != {scene.digest}:
                wrong.append(point)
                print(f"another state after {point}", flush=True)
            shutil.rmtree(folder)
    for step, number in sorted(steps.items()):
        print(f"{number:6d}  {step}")
    print(
        f"{n_points} runs killed, {len(wrong)} ended in another state; the longest recovery took"
        f" {longest:.1f} s (after {longest_after}), an undisturbed run {undisturbed_seconds:.1f} s"
    )
    return len(wrong)


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
