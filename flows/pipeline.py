"""One pass of the pipeline as a Prefect flow: it reads as the list of its steps."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from wirethread.articles.errors import DamagedVectorsError, SourceError, WirethreadError
from wirethread.articles.types.articles import ArticleId
from wirethread.flows import tasks
from wirethread.flows.intake.choose import ChosenSources, choose_sources
from wirethread.flows.reports.artifacts import report_failure, report_run
from wirethread.flows.runs.held_catalog import hold_catalog, open_catalog
from wirethread.flows.runs.logs import log_run, log_step
from wirethread.flows.runs.names import name_flow_run, name_run
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.runs.results import ReadCounts, RunResult, StepRecord
from wirethread.flows.runs.run_file import RunFile
from wirethread.flows.settings.config import Settings, dump_settings
from wirethread.flows.steps.backlog import count_backlog
from wirethread.flows.steps.embed import LazyEncoder, do_with_sound_vectors, embed_damaged
from wirethread.flows.steps.fingerprints import StepVersions, name_versions
from wirethread.sources.settings import SourceSettings
from wirethread.storage.engine.lock import hold_run_lock

__all__ = ["run_pipeline"]

ARTICLES_PER_BATCH = 2_000


def name_this_run() -> str:
    """Return what Prefect's page calls the run: what it takes in, and when."""
    return name_flow_run(flow_run.parameters.get("sources") or ())


@flow(name="wirethread", flow_run_name=name_this_run, validate_parameters=False)
def run_pipeline(
    sources: Sequence[str], settings: Settings, wait_seconds: float = 1.0
) -> RunResult:
    """Take in the sources, find the copy in them, thread the stories, and publish.

    Each step does what the catalog says is not done yet, so a run that was killed is finished by
    the next one. Raises `RunInProgressError` where another run holds the data folder for longer
    than `wait_seconds`.
    """
    settings = replace(settings, data_folder=str(Path(settings.data_folder).resolve()))
    chosen = choose_sources(sources, settings)
    with (
        hold_run_lock(settings.data_folder, wait_seconds=wait_seconds),
        hold_catalog(settings),
        recorded_run(sources, settings) as run,
    ):
        encoder = open_encoder(settings)
        run.mend_vectors = partial(mend_vectors, settings, encoder, run)
        run.step("check vectors", lambda: check_vectors(settings, encoder, run))
        run.take_in(chosen)
        run.step(
            "embed", lambda: {"n_new_vectors": embed_everything(settings, encoder, run.run_id)}
        )
        versions = name_versions(settings, encoder.model_id)
        run.step(
            "apply thresholds",
            lambda: {"n_new_verdicts": tasks.rethreshold_task(settings, run.run_id, versions)},
        )
        run.step("match", lambda: match_everything(settings, encoder, run.run_id, versions))
        run.step("join", lambda: tasks.join_passages_task(settings, run.run_id, versions))
        run.step("duplicates", lambda: tasks.find_duplicates_task(settings, run.run_id, versions))
        run.step("link", lambda: link_everything(settings, encoder, run.run_id, versions))
        run.step("cluster", lambda: tasks.cluster_stories_task(settings, run.run_id, versions))
        run.step("thread", lambda: tasks.tie_threads_task(settings, run.run_id, versions))
        run.step("count", lambda: tasks.count_sources_task(settings, run.run_id, versions))
        run.step("outdated", lambda: tasks.find_outdated_task(settings, run.run_id, versions))
        if settings.alerts.channels:
            run.step("alert", lambda: tasks.send_alerts_task(settings, run.run_id))
        run.step("compact", lambda: {"n_merged": tasks.compact_vectors_task(settings, encoder)})
        run.finish()
        run.step("publish", lambda: {"n_bytes": tasks.publish_task(settings)}, is_stored=False)
        report_run(run.result(), settings)
        return replace(run.result(), engine=encoder.engine)


class RecordedRun:
    """A run in progress: it times its steps and writes what they counted into `runs`."""

    def __init__(self, run_id: str, settings: Settings) -> None:
        self.run_id = run_id
        self._settings = settings
        self._begun = time.monotonic()
        self._steps: list[StepRecord] = []
        self._unreadable: list[str] = []
        self._mended: list[str] = []
        self.mend_vectors: Callable[[DamagedVectorsError], object] | None = None

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
        """What is to be told at the end: sources that could not be read, and what was mended."""
        return "; ".join([*self._unreadable, *self._mended]) or None

    def step(
        self, name: str, work: Callable[[], Mapping[str, int]], *, is_stored: bool = True
    ) -> None:
        """Do one step, time it, and record what it counted."""
        report_progress(name, 0)
        begun = time.monotonic()
        mend = self.mend_vectors
        counts = dict(do_with_sound_vectors(work, mend) if mend else work())
        record = StepRecord(step=name, seconds=time.monotonic() - begun, counts=counts)
        log_step(self.run_id, record)
        before = next((one for one in self._steps if one.step == name), None)
        if before is not None:  # a step per source adds up
            self._steps.remove(before)
            record = add_records(before, record)
        self._steps.append(record)
        if is_stored:
            with open_catalog(self._settings) as catalog:
                catalog.record_step(self.run_id, name, record.seconds, record.counts)

    def take_in(self, chosen: ChosenSources) -> None:
        """Read every source; one that cannot be read is told at the end, and the rest goes on."""
        for path in chosen.paths:
            self.read(partial(read_one, self._settings, self.run_id, path))
        for source in chosen.watched:
            self.read(partial(read_new_files, self._settings, self.run_id, source))
        if chosen.web:
            self.read(lambda: self._gather(chosen.web, is_asked=chosen.is_asked))

    def read(self, work: Callable[[], Mapping[str, int]]) -> None:
        """Do one part of the reading."""
        try:
            self.step("read", work)
        except SourceError as error:
            self._tell(str(error))

    def _tell(self, message: str) -> None:
        self._unreadable.append(message)
        log_run(self.run_id, message, level=logging.WARNING)

    def tell_mended(self, message: str) -> None:
        """Say what was damaged and is made again."""
        self._mended.append(message)
        log_run(self.run_id, message, level=logging.WARNING)

    def _gather(self, sources: Sequence[SourceSettings], *, is_asked: bool) -> Mapping[str, int]:
        result = tasks.gather_web_task(self._settings, self.run_id, sources, is_asked)
        for message in result.failures:
            self._tell(message)
        return {
            **name_counts(result.counts),
            "n_feeds": result.n_feeds,
            "n_unchanged_feeds": result.n_unchanged_feeds,
            "n_pages": result.n_pages,
        }

    def finish(self) -> None:
        """Record the run as finished, with all it counted."""
        with open_catalog(self._settings) as catalog:
            catalog.finish_run(self.run_id, "finished", self.counts, self.message)

    def result(self) -> RunResult:
        """Return what the run did."""
        return RunResult(
            run_id=self.run_id,
            seconds=time.monotonic() - self._begun,
            steps=tuple(self._steps),
            unreadable_sources=tuple(self._unreadable),
            mended=tuple(self._mended),
        )


@contextmanager
def recorded_run(sources: Sequence[str], settings: Settings) -> Iterator[RecordedRun]:
    """Write down that a run starts, how far it is, and how it ended."""
    run = RecordedRun(name_run(), settings)
    file = RunFile(settings.data_folder, run.run_id, sources)
    log_run(run.run_id, f"run {run.run_id} begins")
    try:
        with open_catalog(settings) as catalog:
            catalog.begin_run(run.run_id, sources, json.dumps(dump_settings(settings)))
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
            catalog.finish_run(run.run_id, state, run.counts, words)
            backlog = count_backlog(catalog, settings)
    except WirethreadError as second:
        log_run(run.run_id, f"could not be recorded: {second}", level=logging.ERROR)
    file.end(state, run.steps, words, backlog)
    log_run(run.run_id, f"run {state}: {words}", level=logging.ERROR, counts=run.counts)
    report_failure(run.run_id, error, run.steps)


def add_records(first: StepRecord, second: StepRecord) -> StepRecord:
    """Return two records of one step as one."""
    names = {**first.counts, **second.counts}
    return StepRecord(
        step=first.step,
        seconds=first.seconds + second.seconds,
        counts={name: first.counts.get(name, 0) + second.counts.get(name, 0) for name in names},
    )


def read_one(settings: Settings, run_id: str, source: str) -> Mapping[str, int]:
    """Read one source and return its counts under the names that `runs` shows."""
    return name_counts(tasks.read_articles_task(settings, run_id, source))


def read_new_files(settings: Settings, run_id: str, source: SourceSettings) -> Mapping[str, int]:
    """Read what is new or changed in a watched file or folder."""
    return name_counts(tasks.read_watched_task(settings, run_id, source, source.name))


def name_counts(counts: ReadCounts) -> Mapping[str, int]:
    """Return what reading counted under the names that `runs` shows."""
    return {
        "n_read": counts.n_read,
        "n_new_articles": counts.n_new,
        "n_new_versions": counts.n_versions,
        "n_known": counts.n_known,
        "n_rejected": counts.n_rejected,
        "n_undated": counts.n_undated,
        "n_untitled": counts.n_untitled,
        "n_dated": counts.n_dated,
    }


def open_encoder(settings: Settings) -> LazyEncoder:
    """Return the encoder for the vectors that the archive has, or is to have."""
    with open_catalog(settings) as catalog:
        return LazyEncoder(settings.embedding).keep_to(catalog)


def check_vectors(settings: Settings, encoder: LazyEncoder, run: RecordedRun) -> Mapping[str, int]:
    """Let go of files of vectors that are missing or damaged; the next step embeds their texts."""
    found = tasks.mend_vectors_task(settings, encoder)
    for fault in found.faults:
        run.tell_mended(f"the vector file {fault}: its texts are embedded again")
    return {"n_lost": found.n_lost}


def mend_vectors(
    settings: Settings, encoder: LazyEncoder, run: RecordedRun, error: DamagedVectorsError
) -> None:
    """Embed again what stands in a file that turned out to be damaged while it was read."""
    with open_catalog(settings) as catalog:
        n_texts = embed_damaged(catalog, encoder, settings.embedding, run.run_id, error)
    run.tell_mended(f"{error.fault}: {n_texts} texts were embedded again")


def embed_everything(settings: Settings, encoder: LazyEncoder, run_id: str) -> int:
    """Embed batch after batch until every text has a vector; return how many were embedded."""
    with open_catalog(settings) as catalog:
        waiting = catalog.articles_to_embed(encoder.model_id)
        if not waiting:
            return 0
        n_total = catalog.count_texts_to_embed(encoder.model_id)
        catalog.renew_vectors(encoder.model_id)
    n_done = 0
    while n_done < n_total:
        n_embedded = tasks.embed_texts_task(settings, encoder, n_done, n_total)
        if n_embedded == 0:
            break
        n_done += n_embedded
    with open_catalog(settings) as catalog:
        catalog.mark_embedded(encoder.model_id, waiting, run_id)
    return n_done


def list_batches(settings: Settings, step: str, version: str) -> list[list[ArticleId]]:
    """Return the articles that `step` has not dealt with, in batches, the earliest first."""
    with open_catalog(settings) as catalog:
        pending = catalog.articles_pending(step, version=version)
    return [
        pending[begin : begin + ARTICLES_PER_BATCH]
        for begin in range(0, len(pending), ARTICLES_PER_BATCH)
    ]


def match_everything(
    settings: Settings, encoder: LazyEncoder, run_id: str, versions: StepVersions
) -> Mapping[str, int]:
    """Match every article that was not matched yet."""
    batches = list_batches(settings, "match", versions.match)
    n_total, n_done, n_matches = sum(map(len, batches)), 0, 0
    for batch in batches:
        n_matches += tasks.match_passages_task(
            settings, encoder, run_id, batch, len(batch), versions
        )
        n_done += len(batch)
        report_progress("match", n_done, n_total)
    return {"n_matched": n_total, "n_new_matches": n_matches}


def link_everything(
    settings: Settings, encoder: LazyEncoder, run_id: str, versions: StepVersions
) -> Mapping[str, int]:
    """Score the links of every article that has none yet."""
    batches = list_batches(settings, "link", versions.link)
    n_total, n_done, n_links = sum(map(len, batches)), 0, 0
    for batch in batches:
        n_links += tasks.link_articles_task(settings, encoder, run_id, batch, len(batch), versions)
        n_done += len(batch)
        report_progress("link", n_done, n_total)
    return {"n_linked": n_total, "n_new_links": n_links}
