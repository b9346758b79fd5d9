"""What all commands share: answers and lists as tables or JSON, and bars for long work."""

# ruff: noqa: PLC0415 - what is slow to import waits until it is used

import sys
from collections.abc import Callable, Sequence
from typing import Any

from wirethread.paging import ask_page

__all__ = ["print_answer", "print_list", "tell_end", "tell_rest", "watch"]


def print_answer(value: Any, *, as_json: bool, draw: Any) -> None:
    """Print an answer as JSON for programs, or drawn for people."""
    if as_json:
        from wirethread.as_json import to_json

        print(to_json(value))
        return
    from wirethread.drawing.answer_console import open_console

    open_console().print(draw(value))


def print_list(
    ask: Callable[..., Sequence[Any]],
    *,
    limit: int,
    offset: int,
    show_all: bool,
    as_json: bool,
    draw: Any,
) -> None:
    """Print a part of a list, and how to see the rest where there is one.

    `ask` takes `limit` (None: all) and `offset`. For programs the rest is told on standard error,
    so that what they read stays a list.
    """
    found, has_more = ask_page(ask, limit=None if show_all else limit, offset=offset)
    if offset and not found and not as_json:
        print(tell_end(offset))
        return
    print_answer(found, as_json=as_json, draw=draw)
    if has_more:
        print(tell_rest(offset, len(found)), file=sys.stderr if as_json else sys.stdout)


def tell_rest(offset: int, n_shown: int) -> str:
    """Return how to see what stands behind the part of a list that was shown."""
    end = offset + n_shown
    return f"{offset + 1:,} to {end:,}. The list goes on: --offset {end}, or --all"


def tell_end(offset: int) -> str:
    """Return that a list has nothing so far behind."""
    return f"The list ends before --offset {offset}."


def watch(work: Any) -> Any:
    """Do something long and say on standard error how far it is."""
    from rich.console import Console

    from wirethread.drawing.progress import show_progress

    console = Console(stderr=True)
    with show_progress(console):
        return work()
