"""Serve the pipeline on its schedule with Prefect, on the user's server or one of our own."""

import asyncio
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wirethread.articles.errors import (
    ConfigError,
    RunInProgressError,
    StorageError,
    WirethreadError,
)
from wirethread.flows.intake.choose import choose_sources
from wirethread.flows.runs.schedule_lock import SCHEDULE_LOCK
from wirethread.flows.schedule.schedule_file import read_last_scheduled
from wirethread.flows.schedule.server import serve_prefect
from wirethread.flows.schedule.start import set_prefect_defaults
from wirethread.flows.settings.config import Settings
from wirethread.flows.settings.due import ANCHOR, ScheduleSettings, find_last_due
from wirethread.storage.engine.lock import hold_lock, try_run_lock

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

__all__ = ["SCHEDULE_LOCK", "is_run_missing", "serve_schedule"]

# ruff: noqa: PLC0415 - Prefect reads the environment when it is imported

PREFECT_FOLDER = "prefect"


def serve_schedule(
    settings: Settings,
    config: Path | None,
    *,
    verbose: bool = False,
    tell: Callable[[str], None] = print,
) -> None:
    """Run the pipeline whenever it is due, until the process is told to stop.

    Where the last time due was missed, one run is made at once. Raises `ConfigError` where the
    settings name no schedule or no source, or one that another archive has on the server, and
    `RunInProgressError` where another process serves the folder.
    """
    schedule = settings.schedule
    if not schedule.is_set:
        raise ConfigError(
            f"{config or 'config.yaml'}: no schedule is set: add `schedule: {{every_minutes: 15}}`"
            " or a cron line"
        )
    choose_sources((), settings)  # a mistake is told now, not by each run that it fails
    folder = Path(settings.data_folder).resolve()
    with hold_schedule(folder):
        if not verbose:  # a run that could not even start must be told
            os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
        set_prefect_defaults(verbose=verbose)
        os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "wirethread")
        is_shared = bool(os.environ.get("PREFECT_API_URL"))
        with find_server(folder, schedule.port) as page:
            if is_shared:
                refuse_taken_name(schedule.name, folder, page)
            tell(f"wirethread runs {schedule.describe()} on {folder}")
            tell(f"Prefect's page: {page}")
            tell("Stop with Ctrl-C; a run that is under way is ended, and the next one goes on.")
            serve_deployment(settings, config, folder, tell)


@contextmanager
def hold_schedule(folder: Path) -> Iterator[None]:
    """Be the only process that serves the schedule of a folder while the block runs."""
    with hold_lock(
        folder / SCHEDULE_LOCK,
        lambda process: f"another `wirethread schedule` (process {process}) serves {folder}",
    ):
        yield


@contextmanager
def find_server(folder: Path, port: int) -> Iterator[str]:
    """Yield the page of the server that the user named, else of one that is started here."""
    named = os.environ.get("PREFECT_API_URL")
    if named:
        yield named.removesuffix("/").removesuffix("/api")
        return
    with serve_prefect(folder / PREFECT_FOLDER, port) as page:
        yield page


def refuse_taken_name(name: str, folder: Path, page: str) -> None:
    """Raise `ConfigError` where the schedule of that name on the server is another archive's.

    To put it in place would take the runs away from that archive, and nobody would hear of it.
    Where that one lies on this machine and is not served, its name may be taken over.
    """
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    try:
        with get_client(sync_client=True) as client:
            other = client.read_deployment_by_name(f"wirethread/{name}").parameters["data_folder"]
    except (ObjectNotFound, KeyError):
        return
    except Exception as error:  # whatever a server may answer, the user sees one sentence
        raise WirethreadError(f"Prefect's server {page} did not answer: {error}") from error
    if other is None or Path(other) == folder or is_left(Path(other)):
        return
    raise ConfigError(
        f"the schedule `{name}` on {page} is that of {other}: set schedule.name, one for each"
        f" archive, or end that one with `prefect deployment delete wirethread/{name}`"
    )


def is_left(folder: Path) -> bool:
    """Whether a data folder lies on this machine and no process serves its schedule."""
    if not folder.is_dir():
        return False
    if not (folder / SCHEDULE_LOCK).exists():
        return True
    try:
        with hold_schedule(folder):
            return True
    except (RunInProgressError, StorageError):
        return False


def serve_deployment(
    settings: Settings, config: Path | None, folder: Path, tell: Callable[[str], None]
) -> None:
    """Put the deployment on the server, make good for a missed run, and serve."""
    from prefect import serve

    deployment = describe_deployment(settings.schedule, config, folder)
    try:
        deployment_id = deployment.apply()
        clear_leftovers(deployment_id, folder)
        if is_run_missing(settings.schedule, read_last_scheduled(folder), datetime.now(UTC)):
            tell("A run is due since before now: one is made at once.")
            catch_up(deployment_id)
    except Exception as error:  # whatever a server may answer, the user sees one sentence
        raise WirethreadError(f"Prefect's server refused the schedule: {error}") from error
    # its own handler of SIGTERM forgets to await this, and stops all the same
    warnings.filterwarnings("ignore", message="coroutine 'Runner.astop' was never awaited")
    logging.getLogger("asyncio").addFilter(is_no_echo_of_stopping)
    serve(deployment, print_starting_message=False, limit=1)


def is_no_echo_of_stopping(record: logging.LogRecord) -> bool:
    """Whether a message says more than that a connection was cut while the process stopped."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def describe_deployment(
    schedule: ScheduleSettings, config: Path | None, folder: Path
) -> "RunnerDeployment":
    """Return the deployment of the schedule: one run at a time, others wait their turn."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.schedules import Cron, Interval
    from prefect.types.entrypoint import EntrypointType

    from wirethread.flows.schedule.scheduled import run_scheduled
    from wirethread.flows.settings.cron import parse_cron

    if schedule.every_minutes is not None:
        when: Any = Interval(timedelta(minutes=schedule.every_minutes), anchor_date=ANCHOR)
    else:
        when = Cron(parse_cron(schedule.cron or "").text, timezone=schedule.timezone)
    deployment: RunnerDeployment = run_scheduled.to_deployment(  # type: ignore[assignment]
        name=schedule.name,
        schedule=when,
        paused=False,
        parameters={
            "config": str(config.resolve()) if config else None,
            "data_folder": str(folder),
        },
        description="Takes in the configured sources, finds the copy in them, threads the stories.",
        concurrency_limit=ConcurrencyLimitConfig(
            limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE
        ),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return deployment


def is_run_missing(
    schedule: ScheduleSettings, last_begun: datetime | None, moment: datetime
) -> bool:
    """Whether no run has begun since the last time that one was due."""
    due = find_last_due(schedule, moment)
    return due is not None and (last_begun is None or last_begun < due)


def clear_leftovers(deployment_id: Any, folder: Path) -> None:
    """Take back what an earlier process left on the server.

    Runs whose time passed are dropped: one run makes good for all. Runs that seem to be under way
    are ended, unless one still writes: the slot that they hold would keep the next ones waiting.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        DeploymentFilter,
        DeploymentFilterId,
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    waiting = [StateType.SCHEDULED]
    busy = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    with get_client(sync_client=True) as client, try_run_lock(folder) as is_idle:

        def find(kinds: list[StateType]) -> Any:
            return client.read_flow_runs(
                deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id])),
                flow_run_filter=FlowRunFilter(
                    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=kinds))
                ),
            )

        for run in find(waiting):
            expected = run.expected_start_time
            if expected is None or expected < datetime.now(UTC):
                client.delete_flow_run(run.id)
        if is_idle:
            for run in find(busy):
                message = "The process that made this run is gone; the next run goes on from it."
                client.set_flow_run_state(run.id, Crashed(message=message))


def catch_up(deployment_id: Any) -> None:
    """Ask for one run now."""
    from prefect.client.orchestration import get_client

    from wirethread.flows.schedule.scheduled import CATCH_UP

    with get_client(sync_client=True) as client:
        client.create_flow_run_from_deployment(deployment_id, tags=[CATCH_UP])
