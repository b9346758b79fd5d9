"""The road under Prefect: each batch of a step is a task worth a retry, the whole a flow.

What they work with stays in this process; Prefect is given names and numbers, never settings or
articles, whose size it limits.
"""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import flow_run
from prefect.tasks import Task

from wirethread.articles.errors import WirethreadError
from wirethread.flows.pipeline import Journey
from wirethread.flows.reports.artifacts import report_failure, report_run
from wirethread.flows.road import Step, find_step, work_batch
from wirethread.flows.runs.run_names import name_flow_run
from wirethread.flows.work import Batch, Bench

__all__ = ["go_as_flow", "work_as_task"]

AT_WORK: ContextVar[tuple[Bench, Batch]] = ContextVar("batch_at_work")
ON_THE_ROAD: ContextVar[tuple[Journey, Sequence[Step]]] = ContextVar("journey_on_the_road")


def is_worth_a_retry(task_: "Task[Any, Any]", run: TaskRun, state: "State[Any]") -> bool:
    """A mistake in the input or settings stays one; a full disk or a busy machine may not."""
    try:
        state.result(raise_on_failure=True)
    except WirethreadError:
        return False
    except Exception:
        return True
    return False


@task(
    retries=2,
    retry_delay_seconds=[1, 10],
    retry_condition_fn=is_worth_a_retry,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def work_step(step_name: str) -> Mapping[str, int]:
    """Do the batch that is at work."""
    bench, batch = AT_WORK.get()
    return work_batch(find_step(step_name), bench, batch)


def work_as_task(step: Step, bench: Bench, batch: Batch) -> Mapping[str, int]:
    """Do one batch of a step as a task of the flow that is under way."""
    token = AT_WORK.set((bench, batch))
    try:
        named = work_step.with_options(
            name=step.name, task_run_name=lambda: describe_batch(step, batch)
        )
        return named(step.name)
    finally:
        AT_WORK.reset(token)


def describe_batch(step: Step, batch: Batch) -> str:
    """Return what Prefect's page calls a batch: the step, and what is in it."""
    if batch.source is not None:
        return f"{step.label}: {getattr(batch.source, 'name', batch.source)}"
    return f"{step.label}: {batch.n_total}" if batch.n_total else step.label


def name_this_run() -> str:
    """Return what Prefect's page calls the run: what it takes in, and when."""
    return str(flow_run.parameters.get("what"))


@flow(name="wirethread", flow_run_name=name_this_run, validate_parameters=False)
def walk_road(what: str) -> None:
    """Do the steps of the journey that is on the road, and report them."""
    journey, steps = ON_THE_ROAD.get()
    try:
        journey.go(steps, work_as_task)
    except BaseException as error:
        report_failure(journey.run.run_id, error, journey.run.steps)
        raise
    report_run(journey.run.result(), journey.bench.settings)


def go_as_flow(journey: Journey, steps: Sequence[Step], sources: Sequence[str]) -> None:
    """Take a run on as a flow of Prefect."""
    token = ON_THE_ROAD.set((journey, steps))
    try:
        walk_road(name_flow_run(sources))
    finally:
        ON_THE_ROAD.reset(token)
