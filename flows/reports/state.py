"""The state of an archive at a glance: the last run, what is left, its size, what is next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from wirethread.articles.errors import ModelError, NotFoundError, StorageError
from wirethread.flows.intake.parcels import HandedParcels, survey_parcels
from wirethread.flows.road import count_backlog
from wirethread.flows.runs.run_file import RunState, read_run_state
from wirethread.flows.runs.schedule_lock import is_schedule_served
from wirethread.flows.settings.config import Settings
from wirethread.flows.settings.due import find_last_due, find_next_due, is_stale
from wirethread.storage.answers.runs import (
    RunRecord,
    count_rows,
    load_last_runs,
    measure_files,
    open_for_status,
)
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.lock import try_run_lock
from wirethread.storage.shared.files import FileStore
from wirethread.storage.shared.opening import open_store
from wirethread.storage.shared_address import is_shared
from wirethread.storage.tables.sources import SourceReport

__all__ = ["ArchiveState", "LastRun", "read_state"]

RUNS_LOOKED_AT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """The last run that ended. `state` is finished, failed or interrupted."""

    run_id: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    seconds: float | None
    n_new_articles: int
    n_rejected: int
    counts: Mapping[str, int]
    message: str | None
    """Why it failed, or which sources could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveState:
    """What `wirethread status` tells."""

    data_folder: str
    asked_at: datetime
    running: RunState | None
    """The run that is under way, with the progress of its step."""
    last_run: LastRun | None
    last_finished_at: datetime | None
    """When a run last succeeded."""
    backlog: Mapping[str, int]
    """What steps have before them: texts for `embed`, else articles; what is 0 is left out."""
    rows: Mapping[str, int]
    n_bytes: Mapping[str, int]
    schedule: str
    last_due_at: datetime | None
    next_due_at: datetime | None
    has_scheduler: bool
    """Whether a `wirethread schedule` of the folder is running on this machine."""
    is_stale: bool
    """Two runs of the schedule are missing."""
    failing_sources: Sequence[SourceReport]
    """Sources of the settings that could not be read when they were last tried."""
    problems: Sequence[str]
    """Why somebody should look at it, in sentences; none where all is well."""
    parcels: Sequence[HandedParcels] = ()
    """What machines handed in to the files of the settings that is in no publication yet."""


def read_state(settings: Settings, moment: datetime | None = None) -> ArchiveState:
    """Return the state of an archive, also while a run goes on; a run never waits for this.

    Of a shared archive what its newest publication says, and what waits among its files. Raises
    `NotFoundError` where nothing was ever run in the folder.
    """
    moment = moment or datetime.now(UTC)
    if is_shared(settings.data_folder):
        return read_shared_state(settings, moment)
    folder = Path(settings.data_folder)
    told = read_run_state(folder)
    if not folder.is_dir() or (told is None and not measure_files(folder)["catalog"]):
        raise NotFoundError(
            f"nothing was run in {folder} yet: run `wirethread run SOURCE` or `wirethread schedule`"
        )
    with try_run_lock(folder) as is_idle:
        runs, reports, rows, backlog = read_catalog(folder, settings, of_catalog=is_idle)
    running = told if not is_idle and told is not None and told.state == "running" else None
    last = find_last_run(told, runs, is_idle=is_idle)
    finished = next((run for run in runs if run.state == "finished"), None)
    succeeded = told if told is not None and told.state == "finished" else finished
    # a run that is under way is not missing; one that hangs becomes so
    begun = max((one.started_at for one in (succeeded, running) if one), default=None)
    ended = succeeded.finished_at if succeeded else None
    schedule = settings.schedule
    stale = schedule.is_set and is_stale(schedule, begun, moment)
    parcels, lost = read_parcels(settings)
    return ArchiveState(
        data_folder=str(folder),
        asked_at=moment,
        running=running,
        last_run=last,
        last_finished_at=ended,
        backlog=backlog,
        rows=rows,
        n_bytes=measure_files(folder),
        schedule=schedule.describe(),
        last_due_at=find_last_due(schedule, moment),
        next_due_at=find_next_due(schedule, moment),
        has_scheduler=is_schedule_served(folder),
        is_stale=stale,
        failing_sources=list_failing(reports, settings),
        problems=(*list_problems(last, stale=stale, ended=ended), *lost),
        parcels=parcels,
    )


def read_shared_state(settings: Settings, moment: datetime) -> ArchiveState:
    """Return the state of a shared archive; what runs where it is published cannot be seen here."""
    place = Path(settings.data_folder)
    with Catalog.open_published(place, settings=settings.storage) as catalog:
        shared = catalog.shared
        if shared is None:
            raise NotFoundError(f"{place} is no shared archive")
        runs, reports, rows, backlog = read_records(catalog, settings)
        n_bytes, shown = shared.measure(), shared.shown
        parcels, lost = survey(lambda: shared.files)
    last = find_last_run(None, runs, is_idle=True)
    ended = next((run.finished_at for run in runs if run.state == "finished"), None)
    schedule = settings.schedule
    stale = schedule.is_set and is_stale(schedule, ended, moment)
    return ArchiveState(
        data_folder=shown,
        asked_at=moment,
        running=None,
        last_run=last,
        last_finished_at=ended,
        backlog=backlog,
        rows=rows,
        n_bytes=n_bytes,
        schedule=schedule.describe(),
        last_due_at=find_last_due(schedule, moment),
        next_due_at=find_next_due(schedule, moment),
        has_scheduler=False,
        is_stale=stale,
        failing_sources=list_failing(reports, settings),
        problems=(*list_problems(last, stale=stale, ended=ended), *lost),
        parcels=parcels,
    )


def read_catalog(
    folder: Path, settings: Settings, *, of_catalog: bool
) -> tuple[list[RunRecord], list[SourceReport], dict[str, int], Mapping[str, int]]:
    """Return runs, sources, sizes and backlog: of the catalog where nobody writes, or else of the
    snapshot."""
    for whole in (True, False) if of_catalog else (False,):
        try:
            with open_for_status(folder, settings.storage, of_catalog=whole) as catalog:
                return read_records(catalog, settings)
        except (NotFoundError, StorageError):
            continue
    return [], [], {}, {}


def read_records(
    catalog: Catalog, settings: Settings
) -> tuple[list[RunRecord], list[SourceReport], dict[str, int], Mapping[str, int]]:
    """Return runs, sources, sizes and backlog."""
    runs = load_last_runs(catalog, RUNS_LOOKED_AT)
    reports = catalog.sources.load_reports()
    try:
        backlog = count_backlog(catalog, settings)
    except ModelError:  # the last run says so, and the rest can still be told
        backlog = dict[str, int]()
    return runs, reports, count_rows(catalog), backlog


def read_parcels(settings: Settings) -> tuple[list[HandedParcels], list[str]]:
    """Return what waits among the files of the settings, and why that cannot be told."""
    if not settings.storage.files:
        return [], []
    return survey(lambda: open_store(settings.storage.files))


def survey(open_files: Callable[[], FileStore]) -> tuple[list[HandedParcels], list[str]]:
    """Return what waits among the files of an archive, and why that cannot be told."""
    try:
        return survey_parcels(open_files()), []
    except StorageError as error:
        return [], [f"what other machines handed in cannot be seen: {error}"]


def list_failing(reports: Sequence[SourceReport], settings: Settings) -> list[SourceReport]:
    """Return the sources of the settings that failed when they were last tried, or are gone."""
    names = {source.name for source in settings.sources}
    return [
        report
        for report in reports
        if report.source in names and report.state in ("failed", "gone")
    ]


def find_last_run(
    told: RunState | None, runs: Sequence[RunRecord], *, is_idle: bool
) -> LastRun | None:
    """Return the last run that ended; one whose process is gone counts as interrupted."""
    newest = runs[0] if runs else None
    if told is not None and (newest is None or told.run_id >= newest.run_id):
        if told.state != "running":
            return from_file(told)
        if is_idle:
            message = f"its process {told.process} ended in the step “{told.step or 'start'}”"
            broken = from_file(told, state="interrupted", message=message)
            # the file has no counts before a run ends, the catalog has those of each step
            same = next((run for run in runs if run.run_id == told.run_id), None)
            return with_counts(broken, same.counts) if same else broken
        newest = next((run for run in runs if run.run_id != told.run_id), None)
    if newest is None:
        return None
    ended = newest.finished_at
    return LastRun(
        run_id=newest.run_id,
        state="interrupted" if newest.state == "running" else newest.state,
        started_at=newest.started_at,
        finished_at=ended,
        seconds=(ended - newest.started_at).total_seconds() if ended else None,
        n_new_articles=newest.counts.get("n_new_articles", 0),
        n_rejected=newest.counts.get("n_rejected", 0),
        counts=newest.counts,
        message=newest.message,
    )


def with_counts(last: LastRun, counts: Mapping[str, int]) -> LastRun:
    """Return a run with what it counted."""
    return replace(
        last,
        counts=counts,
        n_new_articles=counts.get("n_new_articles", 0),
        n_rejected=counts.get("n_rejected", 0),
    )


def from_file(told: RunState, *, state: str | None = None, message: str | None = None) -> LastRun:
    """Return what the file says of a run that ended."""
    counts = {name: number for step in told.steps for name, number in step.counts.items()}
    ended = told.finished_at
    return LastRun(
        run_id=told.run_id,
        state=state or told.state,
        started_at=told.started_at,
        finished_at=ended,
        seconds=(ended - told.started_at).total_seconds() if ended else None,
        n_new_articles=counts.get("n_new_articles", 0),
        n_rejected=counts.get("n_rejected", 0),
        counts=counts,
        message=message or told.message,
    )


def list_problems(last: LastRun | None, *, stale: bool, ended: datetime | None) -> list[str]:
    """Return what somebody should look at."""
    problems = []
    if last is not None and last.state != "finished":
        why = f": {last.message}" if last.message else ""
        problems.append(f"the last run {last.state.replace('interrupted', 'was interrupted')}{why}")
    if stale:
        since = f"since {ended:%Y-%m-%d %H:%M} UTC" if ended else "ever"
        problems.append(f"no run has finished {since}, and the schedule asks for more")
    return problems
