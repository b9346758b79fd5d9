"""The flow that a schedule runs: settings from a file, then the pipeline."""

import logging
from pathlib import Path

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.context import get_run_context
from prefect.exceptions import FailedRun
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from wirethread.articles.errors import WirethreadError
from wirethread.flows.pipeline import run_pipeline
from wirethread.flows.reports.artifacts import advise, report_run
from wirethread.flows.runs.logs import open_logs
from wirethread.flows.runs.results import RunResult
from wirethread.flows.runs.run_names import name_flow_run
from wirethread.flows.schedule.schedule_file import is_covered, record_scheduled_run
from wirethread.flows.settings.config import load_settings
from wirethread.flows.tasks import work_as_task

__all__ = ["run_scheduled"]


def name_scheduled_run() -> str:
    """Return what Prefect's page calls the run: what it takes in, and when it was due."""
    return name_flow_run(flow_run.parameters.get("sources") or (), flow_run.scheduled_start_time)


@flow(name="wirethread", flow_run_name=name_scheduled_run)
def run_scheduled(
    config: str | None = None,
    data_folder: str | None = None,
    sources: list[str] | None = None,
) -> RunResult | State[None]:
    """Take in the sources (those of the settings, for none), and publish.

    `config` is a settings file, `data_folder` takes the place of the one that it names. A run that
    waited in the queue while a later one began has nothing to do, and says so.
    """
    try:
        settings = load_settings(
            Path(config) if config else None,
            data_folder=Path(data_folder) if data_folder else None,
        )
        due_at = flow_run.scheduled_start_time
        if was_queued() and is_covered(settings.data_folder, due_at):
            return Completed(
                message="Nothing to do: a run that began after this one was due has finished.",
                name="Covered",
            )
        with open_logs(settings.logging, on_terminal=True):
            result = run_pipeline(
                sources or [],
                settings,
                wait_seconds=settings.schedule.wait_minutes * 60,
                work=work_as_task,
            )
        report_run(result, settings)
        if not sources:
            record_scheduled_run(settings.data_folder, result)
    except WirethreadError as error:
        logging.getLogger("prefect.flow_runs").addFilter(tell_in_a_line)
        return Failed(message=f"{error}. What to do: {advise(error)}")
    return result


def was_queued() -> bool:
    """Whether a schedule made this run, not a person who asks for one now."""
    run = getattr(get_run_context(), "flow_run", None)
    return bool(run is not None and (run.auto_scheduled or CATCH_UP in run.tags))


def tell_in_a_line(record: logging.LogRecord) -> bool:
    """Put the message of a failure that has one in the place of Prefect's trace; keep all else."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, FailedRun):
        record.msg, record.args, record.exc_info = "%s", (str(error),), None
    return True


CATCH_UP = "catch-up"
"""Tag of the run that makes good for those that were missed."""
