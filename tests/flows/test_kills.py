"""A run may be killed anywhere: the next one goes on and ends where an undisturbed one ends."""

import random
import shutil
import time
from pathlib import Path

import pytest

from tests.flows.driving import (
    FIRST_DAY,
    SECOND_DAY,
    STEPS,
    fetch,
    read_digest,
    read_published_digest,
    sample_rows,
    write_lines,
)
from tests.flows.killable import Point, plan_points, recover, run_killed
from wirethread.storage.catalog import Catalog

RANDOM_POINTS = 2


class Scene:
    """A data folder after a first run, a second source, and what both end in undisturbed."""

    def __init__(self, folder: Path, *, with_housekeeping: bool = False) -> None:
        self.with_housekeeping = with_housekeeping
        self.first = write_lines(folder / "first.jsonl", sample_rows(FIRST_DAY))
        second = [*sample_rows(SECOND_DAY), '{"title": "cut off']
        self.second = write_lines(folder / "second.jsonl", second)
        self.before = folder / "before"
        recover([self.first], self.before)
        undisturbed = folder / "undisturbed"
        shutil.copytree(self.before, undisturbed)
        self.steps = plan_points([self.second], undisturbed, with_housekeeping=with_housekeeping)
        self.digest = read_digest(undisturbed)

    def copy(self, folder: Path) -> Path:
        """Return a data folder of one's own, as the first run left it."""
        shutil.copytree(self.before, folder)
        return folder

    def middle_of(self, step: str) -> Point:
        """Return the point halfway through a step."""
        numbers = [number for number, one in enumerate(self.steps, 1) if one == step]
        return Point(number=numbers[len(numbers) // 2], step=step)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("scene"))


def check_recovery(scene: Scene, folder: Path) -> None:
    """Run again over what a killed run left, and look at all that must be as if nothing was."""
    published = read_published_digest(folder)  # readers have an answer in between
    assert published
    recover([scene.second], folder)
    assert read_digest(folder) == scene.digest
    assert read_published_digest(folder) == scene.digest
    assert "running" not in {row[0] for row in fetch(folder, "SELECT state FROM runs")}
    with Catalog.open(folder) as catalog:
        assert {
            one.name for one in (folder / "vectors").iterdir()
        } == catalog.vectors.list_vector_files()
    leftovers = {one.name for one in folder.iterdir() if one.name.endswith((".partial", ".wal"))}
    assert leftovers == set()


def test_every_step_has_points_to_be_killed_at(scene: Scene) -> None:
    assert set(STEPS) <= set(scene.steps)
    assert len(scene.steps) > 300


@pytest.mark.parametrize(
    "step",
    [
        "read",
        "embed",
        "match",
        "cluster",
        "publish",
        *(
            pytest.param(step, marks=pytest.mark.slow)
            for step in ("join", "duplicates", "link", "thread", "count", "compact")
        ),
    ],
)
def test_a_run_killed_in_a_step_is_finished_by_the_next(
    scene: Scene, tmp_path: Path, step: str
) -> None:
    folder = scene.copy(tmp_path / "data")
    assert run_killed(scene.middle_of(step), [scene.second], folder)
    state = fetch(folder, "SELECT state FROM runs ORDER BY started_at DESC LIMIT 1")
    assert state == [("finished" if step == "publish" else "running",)]
    check_recovery(scene, folder)
    states = fetch(folder, "SELECT state FROM runs ORDER BY started_at")
    last = ("finished",) if step == "publish" else ("interrupted",)
    assert states == [("finished",), last, ("finished",)]


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(RANDOM_POINTS))
def test_a_run_killed_twice_at_any_point_is_finished_by_the_third(
    scene: Scene, tmp_path: Path, seed: int
) -> None:
    chosen = random.Random(seed)
    folder = scene.copy(tmp_path / "data")
    assert run_killed(Point(number=chosen.randint(1, len(scene.steps))), [scene.second], folder)
    run_killed(Point(number=chosen.randint(1, len(scene.steps))), [scene.second], folder)
    check_recovery(scene, folder)


@pytest.mark.thorough
def test_a_very_first_run_killed_at_any_moment_is_finished_by_the_next(
    scene: Scene, tmp_path: Path
) -> None:
    undisturbed, folder = tmp_path / "undisturbed", tmp_path / "data"
    begun = time.monotonic()
    recover([scene.first, scene.second], undisturbed)
    seconds = time.monotonic() - begun
    moment = random.Random(7).uniform(0.1, 0.9) * seconds
    run_killed(Point(seconds=moment), [scene.first, scene.second], folder)
    recover([scene.first, scene.second], folder)
    assert read_digest(folder) == read_digest(undisturbed)
    assert read_published_digest(folder) == read_digest(undisturbed)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_runs_killed_at_many_points_all_end_in_the_same_state() -> None:
    from tests.flows.kill_points import try_points

    assert try_points(20, seed=2) == 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_power_cut_at_any_point_loses_nothing_that_was_said_to_be_done() -> None:
    from tests.flows.power_cuts import cut_many

    assert cut_many(20, seed=2) == 0


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_readers_beside_everything_that_writes_see_whole_publications_and_no_errors() -> None:
    from tests.flows.readers_soak import soak

    assert soak(n_readers=4, minutes=1.0) == 0
