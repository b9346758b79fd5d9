"""The state of an archive as figures for Prometheus, in its text format."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from wirethread import __version__
from wirethread.articles.errors import WirethreadError
from wirethread.flows.reports.state import ArchiveState, read_state
from wirethread.flows.runs.logs import log_run
from wirethread.flows.settings.config import Settings
from wirethread.storage.engine.whole_file import write_small_file

__all__ = ["keep_metrics", "write_metrics"]


def write_metrics(state: ArchiveState) -> str:
    """Return the state as lines in Prometheus' text format; times are seconds since 1970, UTC.

    What is not known, as the end of a run before the first, has no line.
    """
    registry = CollectorRegistry()

    def tell(name: str, words: str, value: float | datetime | None) -> None:
        if value is not None:
            seconds = value.timestamp() if isinstance(value, datetime) else float(value)
            Gauge(f"wirethread_{name}", words, registry=registry).set(seconds)

    def tell_each(name: str, words: str, label: str, values: Mapping[str, int]) -> None:
        gauge = Gauge(f"wirethread_{name}", words, [label], registry=registry)
        for key, value in values.items():
            gauge.labels(key).set(value)

    last = state.last_run
    tell_each("info", "Which wirethread wrote this.", "version", {__version__: 1})
    tell("problems", "Reasons why somebody should look at it.", len(state.problems))
    tell("running", "1 while a run is under way.", state.running is not None)
    tell("has_scheduler", "1 where `wirethread schedule` is running.", state.has_scheduler)
    tell("schedule_stale", "1 where two runs of the schedule are missing.", state.is_stale)
    tell("next_due_seconds", "When the next run is due.", state.next_due_at)
    tell("last_success_seconds", "When a run last succeeded.", state.last_finished_at)
    tell("failing_sources", "Sources that could not be read.", len(state.failing_sources))
    if last is not None:
        tell("last_run_success", "1 where the last run finished.", last.state == "finished")
        tell("last_run_start_seconds", "When the last run began.", last.started_at)
        tell("last_run_duration_seconds", "How long the last run took.", last.seconds)
        tell_each("last_run_count", "What the last run counted.", "name", last.counts)
    tell_each("backlog", "Articles or texts that a step has before it.", "step", state.backlog)
    tell_each("rows", "What the archive holds.", "table", state.rows)
    tell_each("bytes", "What its files take on the disk.", "file", state.n_bytes)
    return generate_latest(registry).decode("utf-8")


@contextmanager
def keep_metrics(settings: Settings) -> Iterator[None]:
    """Write the file of figures that the settings name, however the run in the block ends.

    That it cannot be written is logged, and fails no run.
    """
    try:
        yield
    finally:
        if settings.logging.metrics_file:
            try:
                words = write_metrics(read_state(settings))
                write_small_file(Path(settings.logging.metrics_file), words, is_lasting=False)
            except (OSError, WirethreadError) as error:
                log_run("", f"metrics were not written: {error}", level=logging.WARNING)
