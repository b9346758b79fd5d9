"""A progress bar per step, for people who watch; silent where nobody does."""

from collections.abc import Iterator
from contextlib import contextmanager

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
from wirethread.flows.runs.progress import listen_to_progress

__all__ = ["show_progress"]

LABELS = {step.name: step.label for step in ROAD} | {"calibrate": "trying settings"}


@contextmanager
def show_progress(console: Console, *, is_shown: bool) -> Iterator[None]:
    """Show the step that is under way, how far it is, and how long it has taken."""
    if not is_shown:
        yield
        return
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

    with bars, listen_to_progress(listen):
        yield
