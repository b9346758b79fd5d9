"""The console that answers are printed on."""

import errno
from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from wirethread.articles.printable import make_printable

__all__ = ["AnswerConsole", "open_console"]


class AnswerConsole(Console):
    """A console for words from outside: brackets are no markup, control characters are left out.

    An article could otherwise move the cursor, set the title of the terminal it is shown in, or
    turn the order in which a line reads.
    """

    def __init__(self, *, width: int | None = None) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, width=width)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the segments of a renderable, those with text without control characters."""
        for entry in super().render(renderable, options):
            if entry.control:
                yield entry
            else:
                yield Segment(make_printable(entry.text), entry.style)

    def on_broken_pipe(self) -> None:
        """Leave it to the command to say that whoever read has seen enough."""
        raise BrokenPipeError(errno.EPIPE, "nobody reads the answer")


def open_console() -> Console:
    """Return the console for answers; piped output is wide enough for whole lines."""
    console = AnswerConsole()
    return console if console.is_terminal else AnswerConsole(width=140)
