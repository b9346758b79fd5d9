"""A run that is killed at a point of our choice: in another process, with SIGKILL.

Points are what reaches the disk or another process: every statement sent to DuckDB, every file that
is opened for writing, renamed or deleted, every word of progress. They are counted from 1, and the
process dies before the point. `plan_points` counts them in an undisturbed run.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.flows.driving import hashing_settings, run_plainly
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows import work
from wirethread.flows.operations.correct import say_together
from wirethread.flows.operations.repair import forget, repair
from wirethread.flows.operations.restore import restore
from wirethread.flows.runs.progress import listen_to_progress, report_progress
from wirethread.flows.settings.config import Settings
from wirethread.flows.settings.sections import IngestSettings
from wirethread.flows.steps.embed import open_encoder, open_vectors
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.lock import hold_run_lock
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.upkeep.backup import back_up
from wirethread.storage.upkeep.forget_choice import ForgetSelection

PUT_TOGETHER = ("rtr-sarquen", "ng-festival")
"""Two articles of the first day that are two stories."""
FORGOTTEN_OUTLET = "Port Varrin Courier"
"""An outlet of the first day alone, so that the second does not bring it back."""
WATCHED = {"os.rename", "os.remove", "os.link", "os.truncate", "os.mkdir"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A moment of a run: the `number`-th point, in `step`; or some seconds after it began."""

    number: int = 0
    seconds: float = 0.0
    step: str = ""


def small_batches(folder: Path) -> Settings:
    """Return settings under which a few articles go through every step in several batches."""
    return hashing_settings(
        folder,
        embedding=EmbeddingSettings(model="hashing", texts_per_batch=24, rows_per_segment=200),
        ingest=IngestSettings(articles_per_batch=4),
    )


class Points:
    """Counts the points of this process, and ends it at one of them."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.steps: list[str] = []
        self._step = "start"
        self._watching = False

    def pass_one(self) -> None:
        self.steps.append(self._step)
        if len(self.steps) == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def listen(self, step: str, n_done: int, n_total: int | None) -> None:
        self._step = step
        self.pass_one()

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._watching:
            return
        is_write = (
            event == "open"
            and isinstance(arguments[2], int)
            and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        )
        if is_write or event in WATCHED:
            self.pass_one()

    def watch(self) -> None:
        """Count from now on."""
        for name in ("execute", "fetch_rows", "fetch_table"):
            setattr(Database, name, self._counted(getattr(Database, name)))
        sys.addaudithook(self.audit)
        self._watching = True

    def _counted(self, method: Any) -> Any:
        def call(database: Database, *arguments: Any, **named: Any) -> Any:
            self.pass_one()
            return method(database, *arguments, **named)

        return call


def keep_house(folder: Path, on_done: Callable[[str], None] = lambda verb: None) -> None:
    """Do to a data folder what is done beside runs, verb after verb.

    Two articles are put together, an outlet is forgotten, everything derived is made again and
    published, all vectors are merged, a backup is made and restored over the data.
    """
    settings = small_batches(folder)
    backup = folder.with_name(folder.name + "-backup")
    for verb, do in (
        ("correct", lambda: say_together(settings, *PUT_TOGETHER, said_by="desk")),
        ("forget", lambda: forget(settings, ForgetSelection(outlet=FORGOTTEN_OUTLET))),
        ("repair", lambda: repair(settings, again=True)),
        ("publish and compact", lambda: publish_and_compact(settings)),
        ("backup", lambda: back_up(folder, backup)),
        ("restore", lambda: restore(settings, backup, force=True)),
    ):
        report_progress(verb, 0)
        do()
        on_done(verb)


def publish_and_compact(settings: Settings) -> None:
    """Merge all vectors of a data folder into one file and publish it."""
    with (
        hold_run_lock(settings.data_folder),
        Catalog.open(settings.data_folder, settings=settings.storage) as catalog,
    ):
        encoder = open_encoder(catalog, settings.embedding)
        open_vectors(catalog, encoder).compact_segments(10_000)
        publish_snapshot(catalog, force=True)


def run_to(
    point: Point,
    sources: Sequence[str],
    folder: str,
    answer: Any = None,
    with_housekeeping: bool = False,
) -> None:
    """Run the pipeline in this process, which is to be nobody else's, up to `point`."""
    work.ARTICLES_PER_BATCH = 3
    points = Points(point.number)
    points.watch()
    if point.seconds:
        timer = threading.Timer(point.seconds, os.kill, (os.getpid(), signal.SIGKILL))
        timer.daemon = True
        timer.start()
    with listen_to_progress(points.listen):
        run_plainly(sources, small_batches(Path(folder)))
        if with_housekeeping:
            keep_house(Path(folder))
    if answer is not None:
        answer.send(points.steps)


def run_with_a_stop(
    step: str, sources: Sequence[str], folder: str, reached: Any, go_on: Any
) -> None:
    """Run the pipeline, and wait at the beginning of `step` until told to go on."""

    def listen(name: str, n_done: int, n_total: int | None) -> None:
        if name == step and not reached.is_set():
            reached.set()
            go_on.wait()

    with listen_to_progress(listen):
        run_plainly(sources, small_batches(Path(folder)))


def open_processes() -> Any:
    """Return processes that start fast: they are forked from one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.flows.killable"])
    return context


def plan_points(
    sources: Sequence[Path], folder: Path, *, with_housekeeping: bool = False
) -> list[str]:
    """Run undisturbed in another process; return the step of each point that was passed."""
    context = open_processes()
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=run_to,
        args=(Point(), [str(one) for one in sources], str(folder), sender, with_housekeeping),
    )
    process.start()
    sender.close()
    try:
        steps: list[str] = receiver.recv()
    finally:
        process.join()
    return steps


def run_killed(
    point: Point, sources: Sequence[Path], folder: Path, *, with_housekeeping: bool = False
) -> bool:
    """Run in another process up to `point`; return whether it was killed before it had finished."""
    process = open_processes().Process(
        target=run_to,
        args=(point, [str(one) for one in sources], str(folder), None, with_housekeeping),
    )
    process.start()
    process.join()
    if process.exitcode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the run ended by itself with {process.exitcode} at {point}")
    return bool(process.exitcode)


def recover(sources: Sequence[Path], folder: Path, *, with_housekeeping: bool = False) -> None:
    """Run undisturbed, in this process."""
    run_plainly(sources, small_batches(folder))
    if with_housekeeping:
        keep_house(folder)
