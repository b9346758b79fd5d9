"""One pass of the pipeline as a Prefect flow: it reads as the list of its steps."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from prefect import flow

from articles.errors import SourceError, WirethreadError
from articles.types import ArticleId
from flows import tasks
from flows.config import Settings, dump_settings
from flows.embed import LazyEncoder
from flows.names import name_run
from flows.progress import report_progress
from flows.results import RunResult, StepRecord
from flows.versions import StepVersions, name_versions
from storage.lock import hold_run_lock

__all__ = ["run_pipeline"]

ARTICLES_PER_BATCH = 2_000


@flow(name="wirethread", flow_run_name="take in {sources}", validate_parameters=False)
def run_pipeline(sources: Sequence[str], settings: Settings) -> RunResult:
    """Take in the sources, find the copy in them, thread the stories, and publish.

    Each step does what the catalog says is not done yet, so a run that was killed is finished by
    the next one. Raises `RunInProgressError` where another run holds the data folder.
    """
    settings = replace(settings, data_folder=str(Path(settings.data_folder).resolve()))
    with hold_run_lock(settings.data_folder), recorded_run(sources, settings) as run:
        encoder = LazyEncoder(settings.embedding)
        run.step("check vectors", lambda: {"n_lost": tasks.mend_vectors_task(settings, encoder)})
        for source in sources:
            run.read(source)
        run.step("embed", lambda: {"n_new_vectors": embed_everything(settings, encoder)})
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
        run.step("thread", lambda: tasks.tie_threads_task(settings, encoder, run.run_id, versions))
        run.step("count", lambda: tasks.count_sources_task(settings, run.run_id, versions))
        run.step("compact", lambda: {"n_merged": tasks.compact_vectors_task(settings, encoder)})
        run.finish()
        run.step("publish", lambda: {"n_bytes": tasks.publish_task(settings)}, is_stored=False)
        return run.result()


class RecordedRun:
    """A run in progress: it times its steps and writes what they counted into `runs`."""

    def __init__(self, run_id: str, settings: Settings) -> None:
        self.run_id = run_id
        self._settings = settings
        self._begun = time.monotonic()
        self._steps: list[StepRecord] = []
        self._unreadable: list[str] = []

    def step(
        self, name: str, work: Callable[[], Mapping[str, int]], *, is_stored: bool = True
    ) -> None:
        """Do one step, time it, and record what it counted."""
        report_progress(name, 0)
        begun = time.monotonic()
        counts = dict(work())
        record = StepRecord(step=name, seconds=time.monotonic() - begun, counts=counts)
        before = next((one for one in self._steps if one.step == name), None)
        if before is not None:  # a step per source adds up
            self._steps.remove(before)
            record = add_records(before, record)
        self._steps.append(record)
        if is_stored:
            with tasks.open_catalog(self._settings) as catalog:
                catalog.record_step(self.run_id, name, record.seconds, record.counts)

    def read(self, source: str) -> None:
        """Read one source; one that cannot be read is told at the end, and the rest goes on."""
        try:
            self.step("read", lambda: read_one(self._settings, self.run_id, source))
        except SourceError as error:
            self._unreadable.append(str(error))

    def finish(self) -> None:
        """Record the run as finished, with all it counted."""
        counts = {name: number for record in self._steps for name, number in record.counts.items()}
        message = "; ".join(self._unreadable) or None
        with tasks.open_catalog(self._settings) as catalog:
            catalog.finish_run(self.run_id, "finished", counts, message)

    def result(self) -> RunResult:
        """Return what the run did."""
        return RunResult(
            run_id=self.run_id,
            seconds=time.monotonic() - self._begun,
            steps=tuple(self._steps),
            unreadable_sources=tuple(self._unreadable),
        )


@contextmanager
def recorded_run(sources: Sequence[str], settings: Settings) -> Iterator[RecordedRun]:
    """Write down that a run starts, and how it ended where it fails."""
    run = RecordedRun(name_run(), settings)
    with tasks.open_catalog(settings) as catalog:
        catalog.begin_run(run.run_id, sources, json.dumps(dump_settings(settings)))
    try:
        yield run
    except BaseException as error:
        state = "failed" if isinstance(error, Exception) else "interrupted"
        words = str(error) if isinstance(error, WirethreadError) else repr(error)
        with tasks.open_catalog(settings) as catalog:
            catalog.finish_run(run.run_id, state, {}, words)
        raise


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
    counts = tasks.read_articles_task(settings, run_id, source)
    return {
        "n_read": counts.n_read,
        "n_new_articles": counts.n_new,
        "n_known": counts.n_known,
        "n_rejected": counts.n_rejected,
    }


def embed_everything(settings: Settings, encoder: LazyEncoder) -> int:
    """Embed batch after batch until every text has a vector; return how many were embedded."""
    with tasks.open_catalog(settings) as catalog:
        n_total = catalog.count_texts_to_embed(encoder.model_id)
    n_done = 0
    while n_done < n_total:
        n_embedded = tasks.embed_texts_task(settings, encoder, n_done, n_total)
        if n_embedded == 0:
            break
        n_done += n_embedded
    return n_done


def list_batches(settings: Settings, step: str, version: str) -> list[list[ArticleId]]:
    """Return the articles that `step` has not dealt with, in batches, the earliest first."""
    with tasks.open_catalog(settings) as catalog:
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
