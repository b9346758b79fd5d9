"""One pass of the pipeline: what a run checks first, and how it walks the road."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from wirethread.articles.errors import DamagedVectorsError, SourceError
from wirethread.flows.intake.choose import ChosenSources, choose_sources
from wirethread.flows.recorded_run import RecordedRun, recorded_run
from wirethread.flows.reports.metrics import keep_metrics
from wirethread.flows.road import (
    ROAD,
    Step,
    count_backlog,
    embed_damaged,
    find_step,
    split_work,
    work_batch,
)
from wirethread.flows.runners.choose import open_runner
from wirethread.flows.runs.held_catalog import hold_catalog, open_catalog
from wirethread.flows.runs.results import RunResult
from wirethread.flows.settings.config import Settings
from wirethread.flows.steps.embed import do_with_sound_vectors, open_encoder
from wirethread.flows.work import Batch, Bench
from wirethread.storage.engine.lock import hold_run_lock
from wirethread.storage.shared_address import refuse_shared
from wirethread.storage.sharing import hold_shared

__all__ = ["Journey", "run_pipeline"]

WorkBatch = Callable[[Step, Bench, Batch], Mapping[str, int]]
"""Does one batch of a step: here, or as a task of Prefect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A run on the road, for whoever takes it on to its end."""

    run: RecordedRun
    bench: Bench

    def go(self, steps: Iterable[Step], work: WorkBatch = work_batch) -> None:
        """Do the steps in order, each batch by `work`."""
        for step in steps:
            if not step.is_wanted(self.bench.settings):
                continue
            if not step.is_recorded:
                self.run.finish()  # what is published says that the run has finished
            self.do_step(step, work)

    def do_step(self, step: Step, work: WorkBatch) -> None:
        """Do one step; a source that cannot be read is told at the end, and the rest goes on."""

        def do_batches() -> Mapping[str, int]:
            counts = Counter(dict.fromkeys(step.counted, 0))
            for batch in split_work(step, self.bench):
                try:
                    counts.update(
                        do_with_sound_vectors(partial(work, step, self.bench, batch), self.mend)
                    )
                except SourceError as error:
                    self.bench.tell_unread(str(error))
            return counts

        self.run.step(step.name, do_batches, is_stored=step.is_recorded)

    def mend(self, error: DamagedVectorsError) -> None:
        """Embed again what stands in a file that turned out to be damaged while it was read."""
        bench = self.bench
        with open_catalog(bench.settings) as catalog:
            n_texts = embed_damaged(bench, catalog, error)
        bench.tell_mended(f"{error.fault}: {n_texts} texts were embedded again")


def run_pipeline(
    sources: Sequence[str],
    settings: Settings,
    *,
    wait_seconds: float = 1.0,
    work: WorkBatch = work_batch,
    take_on: Callable[[Journey, Sequence[Step]], None] | None = None,
    held: Mapping[str, str] | None = None,
) -> RunResult:
    """Take in the sources, find the copy in them, thread the stories, and publish.

    Each step does what the catalog says is not done yet, so a run that was killed is finished by
    the next one. Where something is left to do after reading, `take_on` does the steps from there
    (as a flow of Prefect, which so is never started for nothing); without it they are done here,
    each batch by `work`. `held` are files that lie there for this run only, by the names of the
    sources that they are; then these are read, and no others.

    Raises `ConfigError` and `StorageError` where the run cannot begin, before anything is made, and
    `RunInProgressError` where another run holds the data folder for longer than `wait_seconds`.
    """
    refuse_shared(settings.data_folder)
    settings = replace(settings, data_folder=str(Path(settings.data_folder).resolve()))
    if held:
        sources = tuple(held)
        chosen = ChosenSources(paths=sources, held=held, is_asked=True)
    else:
        chosen = choose_sources(sources, settings)
    with (
        keep_metrics(settings),
        hold_run_lock(settings.data_folder, wait_seconds=wait_seconds),
        hold_shared(settings.storage, wait_seconds=wait_seconds),
        hold_catalog(settings),
        open_runner(settings.runner) as runner,
        recorded_run(sources, settings) as run,
    ):
        with open_catalog(settings) as catalog:
            encoder = open_encoder(catalog, settings.embedding)
        bench = Bench(
            settings=settings,
            encoder=encoder,
            run_id=run.run_id,
            chosen=chosen,
            tell_unread=run.tell_unread,
            tell_mended=run.tell_mended,
            runner=runner,
            tell_set_aside=run.tell_set_aside,
        )
        journey = Journey(run=run, bench=bench)
        place = ROAD.index(find_step("read")) + 1
        journey.go(ROAD[:place], work)
        if take_on is not None and is_anything_left(bench):
            take_on(journey, ROAD[place:])
        else:
            journey.go(ROAD[place:], work)
        return replace(run.result(), engine=encoder.engine)


def is_anything_left(bench: Bench) -> bool:
    """Whether a step behind reading has articles or texts before it."""
    with open_catalog(bench.settings) as catalog:
        return bool(count_backlog(catalog, bench.settings))
