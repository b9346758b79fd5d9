"""What all commands share: answers as tables or JSON, and bars for long work."""

# ruff: noqa: PLC0415 - what is slow to import waits until it is used

from typing import Any

__all__ = ["print_answer", "watch"]


def print_answer(value: Any, *, as_json: bool, draw: Any) -> None:
    """Print an answer as JSON for programs, or drawn for people."""
    if as_json:
        from wirethread.as_json import to_json

        print(to_json(value))
        return
    from wirethread.drawing.answer_console import open_console

    open_console().print(draw(value))


def watch(work: Any) -> Any:
    """Do something long and say on standard error how far it is."""
    from rich.console import Console

    from wirethread.drawing.progress import show_progress

    console = Console(stderr=True)
    with show_progress(console):
        return work()
