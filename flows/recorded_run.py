"""A run that is written down: its steps timed and counted, in the catalog and in the run file."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from wirethread.articles.errors import WirethreadError
from wirethread.flows.reports.artifacts import report_failure
from wirethread.flows.road import count_backlog
from wirethread.flows.runs.held_catalog import open_catalog
from wirethread.flows.runs.logs import log_run, log_step
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.runs.results import RunResult, StepRecord
from wirethread.flows.runs.run_file import RunFile
from wirethread.flows.runs.run_names import name_run
from wirethread.flows.settings.config import Settings, dump_settings

__all__ = ["RecordedRun", "recorded_run"]


class RecordedRun:
    """A run in progress: it times its steps and writes what they counted into `runs`."""

    def __init__(self, run_id: str, settings: Settings) -> None:
        self.run_id = run_id
        self._settings = settings
        self._begun = time.monotonic()
        self._steps: list[StepRecord] = []
        self._unreadable: list[str] = []
        self._mended: list[str] = []
        self._set_aside: list[str] = []

    @property
    def steps(self) -> Sequence[StepRecord]:
        """The steps that are done, in order."""
        return tuple(self._steps)

    @property
    def counts(self) -> Mapping[str, int]:
        """All that was counted so far, by name."""
        return {name: number for record in self._steps for name, number in record.counts.items()}

    @property
    def message(self) -> str | None:
        """What is to be told at the end: what could not be read, was set aside, and was mended."""
        return "; ".join([*self._unreadable, *self._set_aside, *self._mended]) or None

    def step(
        self, name: str, work: Callable[[], Mapping[str, int]], *, is_stored: bool = True
    ) -> None:
        """Do one step, time it, and record what it counted."""
        report_progress(name, 0)
        begun = time.monotonic()
        counts = dict(work())
        record = StepRecord(step=name, seconds=time.monotonic() - begun, counts=counts)
        log_step(self.run_id, record)
        self._steps.append(record)
        if is_stored:
            with open_catalog(self._settings) as catalog:
                catalog.runs.record_step(self.run_id, name, record.seconds, record.counts)

    def tell_unread(self, message: str) -> None:
        """Say at the end which source could not be read."""
        self._unreadable.append(message)
        log_run(self.run_id, message, level=logging.WARNING)

    def tell_mended(self, message: str) -> None:
        """Say what was damaged and is made again."""
        self._mended.append(message)
        log_run(self.run_id, message, level=logging.WARNING)

    def tell_set_aside(self, message: str) -> None:
        """Say what failed every time it was tried; the next run tries it again."""
        self._set_aside.append(message)
        log_run(self.run_id, message, level=logging.WARNING)

    def finish(self) -> None:
        """Record the run as finished, with all it counted."""
        with open_catalog(self._settings) as catalog:
            catalog.runs.finish_run(self.run_id, "finished", self.counts, self.message)

    def result(self) -> RunResult:
        """Return what the run did."""
        return RunResult(
            run_id=self.run_id,
            seconds=time.monotonic() - self._begun,
            steps=tuple(self._steps),
            unreadable_sources=tuple(self._unreadable),
            mended=tuple(self._mended),
            set_aside=tuple(self._set_aside),
        )


@contextmanager
def recorded_run(sources: Sequence[str], settings: Settings) -> Iterator[RecordedRun]:
    """Write down that a run starts, how far it is, and how it ended."""
    run = RecordedRun(name_run(), settings)
    file = RunFile(settings.data_folder, run.run_id, sources)
    log_run(run.run_id, f"run {run.run_id} begins")
    try:
        with open_catalog(settings) as catalog:
            catalog.runs.begin_run(run.run_id, sources, json.dumps(dump_settings(settings)))
        with file.follow_progress():
            yield run
    except BaseException as error:
        record_failure(run, file, settings, error)
        raise
    file.end("finished", run.steps, run.message)
    seconds = run.result().seconds
    log_run(run.run_id, f"run finished in {seconds:.1f} s", seconds=seconds, counts=run.counts)


def record_failure(
    run: RecordedRun, file: RunFile, settings: Settings, error: BaseException
) -> None:
    """Write down how a run failed, and what it left undone, as far as that can still be written."""
    state = "failed" if isinstance(error, Exception) else "interrupted"
    words = str(error) if isinstance(error, WirethreadError) else repr(error)
    backlog: Mapping[str, int] = {}
    try:
        with open_catalog(settings) as catalog:
            catalog.runs.finish_run(run.run_id, state, run.counts, words)
            backlog = count_backlog(catalog, settings)
    except WirethreadError as second:
        log_run(run.run_id, f"could not be recorded: {second}", level=logging.ERROR)
    file.end(state, run.steps, words, backlog)
    log_run(run.run_id, f"run {state}: {words}", level=logging.ERROR, counts=run.counts)
    report_failure(run.run_id, error, run.steps)
