"""How far long work is: a bar per step for people who watch, a line now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from wirethread.flows.road import ROAD
from wirethread.flows.runs.progress import ProgressListener, listen_to_progress

__all__ = ["show_progress"]

LABELS = {step.name: step.label for step in ROAD} | {"calibrate": "trying settings"}
SECONDS_A_LINE = 5.0
"""Between two lines, where output goes to a file or a log."""


@contextmanager
def show_progress(
    console: Console, *, is_shown: bool = True, seconds_a_line: float = SECONDS_A_LINE
) -> Iterator[None]:
    """Show the step that is under way, how far it is, and how long it has taken.

    Outside a terminal that is a line every few seconds.
    """
    if not is_shown:
        yield
    elif console.is_terminal:
        with show_bars(console) as listen, listen_to_progress(listen):
            yield
    else:
        with write_lines(console, seconds_a_line) as listen, listen_to_progress(listen):
            yield


@contextmanager
def show_bars(console: Console) -> Iterator[ProgressListener]:
    """Draw a bar a step while the block runs."""
    bars = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    begun: dict[str, TaskID] = {}

    def listen(step: str, n_done: int, n_total: int | None) -> None:
        if step not in begun:
            for other in begun.values():
                bars.update(other, visible=False)
            begun[step] = bars.add_task(LABELS.get(step, step), total=n_total)
        bars.update(begun[step], completed=n_done, total=n_total, visible=True)

    with bars:
        yield listen


@contextmanager
def write_lines(console: Console, seconds_a_line: float) -> Iterator[ProgressListener]:
    """Write a line every `seconds_a_line` while the block runs, also where nothing is reported."""
    begun = time.monotonic()
    told: list[tuple[str, int, int | None]] = []
    ended = Event()

    def listen(step: str, n_done: int, n_total: int | None) -> None:
        told[:] = [(step, n_done, n_total)]

    def write() -> None:
        while not ended.wait(seconds_a_line):
            for step, n_done, n_total in told[:]:
                console.print(
                    describe_step(step, n_done, n_total, time.monotonic() - begun),
                    highlight=False,
                    markup=False,
                    soft_wrap=True,
                )

    writer = Thread(target=write, name="progress", daemon=True)
    writer.start()
    try:
        yield listen
    finally:
        ended.set()
        writer.join()


def describe_step(step: str, n_done: int, n_total: int | None, seconds: float) -> str:
    """Return `matching 120 of 1,500, 12 s`."""
    label = LABELS.get(step, step)
    if n_total:
        label += f" {n_done:,} of {n_total:,}"
    elif n_done:
        label += f" {n_done:,}"
    return f"{label}, {seconds:.0f} s"
