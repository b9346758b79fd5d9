"""`wirethread status` and `metrics` tell people and monitors how an archive is doing."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wirethread.articles.errors import StorageError
from wirethread.articles.printable import count
from wirethread.terminal.console import print_answer
from wirethread.terminal.options import AsJson, ConfigFile, DataFolder

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wirethread.flows.intake.parcels import HandedParcels
    from wirethread.flows.reports.state import ArchiveState, LastRun
    from wirethread.flows.runs.run_file import RunState
    from wirethread.storage.tables.sources import SourceReport

__all__ = ["add_status"]

EXIT_PROBLEM = 1


def add_status(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(status)
    app.command()(metrics)


def status(
    *,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the last run, what is left to do, sizes, and the next run; also during a run.

    Leaves with 1 where the last run failed or runs of the schedule are missing.
    """
    from wirethread.flows.reports.state import read_state
    from wirethread.flows.settings.config import load_settings

    state = read_state(load_settings(config, data_folder=data))
    print_answer(state, as_json=as_json, draw=draw_state)
    if state.problems:
        raise SystemExit(EXIT_PROBLEM)


def metrics(
    *,
    data: DataFolder = None,
    config: ConfigFile = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="File to write, whole or not at all.")
    ] = None,
) -> None:
    """Show the state of the archive as figures for Prometheus, in its text format.

    `logging.metrics_file` in the settings names a file that each run writes at its end.
    """
    from wirethread.flows.reports.metrics import write_metrics
    from wirethread.flows.reports.state import read_state
    from wirethread.flows.settings.config import load_settings
    from wirethread.storage.engine.whole_file import write_small_file

    words = write_metrics(read_state(load_settings(config, data_folder=data)))
    if output is None:
        print(words, end="")
        return
    try:
        write_small_file(output, words)
    except OSError as error:
        raise StorageError(f"cannot write {output}: {error.strerror or error}") from error


def draw_state(state: "ArchiveState") -> "RenderableType":
    """Return the state as lines of a name and what there is to say."""
    from rich.text import Text

    from wirethread.drawing.plain_table import plain_table

    table = plain_table()
    table.show_header = False
    table.add_column("what", no_wrap=True)
    table.add_column("is", overflow="fold")
    for name, words in describe_state(state):
        table.add_row(name, Text(words))
    return table


def describe_state(state: "ArchiveState") -> Iterator[tuple[str, str]]:
    """Yield each line: its name, and the words."""
    if state.problems:
        yield "look at", "; ".join(state.problems)
    if state.running is not None:
        yield "running", describe_running(state.running, state.asked_at)
    yield "last run", describe_last(state.last_run, state.asked_at)
    failing = "; ".join(source.message or "" for source in state.failing_sources)
    said = state.last_run.message if state.last_run is not None else None
    if said and said != failing and not state.problems:
        yield "it said", said
    if state.last_run is None or state.last_run.state != "finished":
        yield "last success", describe_moment(state.last_finished_at, state.asked_at)
    for report in state.failing_sources:
        yield "failing", describe_failing(report, state.asked_at)
    yield "left to do", describe_backlog(state)
    for parcels in state.parcels:
        yield "handed in", describe_parcels(parcels)
    if state.next_due_at is not None:
        due = f"{describe_moment(state.next_due_at, state.asked_at)}, {state.schedule}"
        asleep = "" if state.has_scheduler else "; no scheduler is running: wirethread schedule"
        yield "next run", due + asleep
    else:
        yield "next run", state.schedule
    if state.rows:
        rows = {name.replace("_", " "): number for name, number in state.rows.items()}
        nouns = (name.removesuffix("s") for name in rows)
        yield "archive", ", ".join(map(count, rows.values(), nouns))
    yield (
        "on disk",
        ", ".join(f"{name} {format_bytes(number)}" for name, number in state.n_bytes.items()),
    )


def describe_running(run: "RunState", now: datetime) -> str:
    """Return which step a run is in and how far."""
    words = f"process {run.process}, since {describe_moment(run.started_at, now)}"
    if run.step is None:
        return words
    of_total = f" of {run.n_total:,}" if run.n_total else ""
    progress = f", {run.n_done:,}{of_total}" if run.n_done else ""
    return f"{words}: {run.step}{progress}"


def describe_last(last: "LastRun | None", now: datetime) -> str:
    """Return how the last run ended and what it took in."""
    if last is None:
        return "none yet"
    took = f" in {last.seconds:.1f} s" if last.seconds is not None else ""
    return (
        f"{last.state}{took}, {describe_moment(last.finished_at or last.started_at, now)}: "
        f"{count(last.n_new_articles, 'new article')}, {last.n_rejected:,} set aside"
    )


def describe_failing(report: "SourceReport", now: datetime) -> str:
    """Return which source fails, why, and since when."""
    why = report.message or report.state
    named = why if why.startswith(report.source) else f"{report.source}: {why}"
    good = f"last read {describe_moment(report.last_good_at, now)}"
    times = f", {report.failures} times in a row" if report.failures > 1 else ""
    return f"{named}{times}; {good}"


def describe_parcels(parcels: "HandedParcels") -> str:
    """Return what waits of one machine, and what was set aside."""
    words = (
        f"{parcels.maker}: {count(parcels.n_waiting, 'parcel')} for the next run"
        f" ({format_bytes(parcels.n_bytes)})"
    )
    return "; set aside: ".join((words, *parcels.set_aside))


def describe_backlog(state: "ArchiveState") -> str:
    """Return what each step has before it."""
    if not state.backlog:
        return "nothing"
    return ", ".join(
        f"{step} {count(number, 'text' if step == 'embed' else 'article')}"
        for step, number in state.backlog.items()
    )


def describe_moment(moment: datetime | None, now: datetime) -> str:
    """Return a time and how far from now it is."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    far = abs(seconds)
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if far >= size or unit == "second":
            number = int(far // size)
            words = count(number, unit)
            break
    shown = f"{moment:%Y-%m-%d %H:%M} UTC"
    return f"{shown} ({words} ago)" if seconds >= 0 else f"{shown} (in {words})"


def format_bytes(number: int) -> str:
    """Return a size that people can read."""
    size = float(number)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"
