"""The `wirethread` command: every heavy import waits until a command needs it."""

import codecs
import contextlib
import errno
import io
import os
import sys
from typing import Annotated

import typer

from wirethread import __version__
from wirethread.articles.errors import (
    ConfigError,
    NotFoundError,
    RunInProgressError,
    WirethreadError,
)
from wirethread.articles.printable import make_printable
from wirethread.commands.asking import add_asking
from wirethread.commands.copies.adding import add_copies
from wirethread.commands.correcting import add_correcting
from wirethread.commands.evaluating import add_evaluating
from wirethread.commands.gathering import add_gathering
from wirethread.commands.handing.assisting import add_assisting
from wirethread.commands.handing.exporting import add_exporting
from wirethread.commands.handing.ingesting import add_ingesting
from wirethread.commands.handing.migrating import add_migrating
from wirethread.commands.handing.plotting import add_plotting
from wirethread.commands.keeping import add_keeping
from wirethread.commands.labelling import add_labelling
from wirethread.commands.outdating import add_outdating
from wirethread.commands.running import add_running
from wirethread.commands.scheduling import add_scheduling
from wirethread.commands.serving import add_serving
from wirethread.commands.status import add_status
from wirethread.terminal.app import EXIT_UNREAD, App

__all__ = ["app", "main"]

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOT_FOUND = 3
EXIT_BUSY = 4

app = App(
    name="wirethread",
    help="Finds the wire copy in news articles, shows how we know, and threads the stories.",
    epilog="\n\n".join(
        (
            "Where to begin:",
            "  wirethread demo",
            "  wirethread run articles.jsonl",
            "  wirethread stories",
        )
    ),
)

UNWRITTEN = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}
"""What the system says where output goes to a place that takes no more."""


def main() -> None:
    """Run the command; a mistake of the user is one line on standard error, never a trace."""
    allow_all_letters()
    try:
        try:
            app()
        finally:
            if sys.stdout is not None:  # it was closed before we began
                sys.stdout.flush()
    except WirethreadError as error:
        print(make_printable(f"wirethread: {error}"), file=sys.stderr)
        raise SystemExit(choose_exit_code(error)) from None
    except KeyboardInterrupt:
        print("wirethread: stopped; the next run goes on from here", file=sys.stderr)
        raise SystemExit(130) from None
    except BrokenPipeError:
        abandon_output()  # whoever read it has seen enough
        raise SystemExit(EXIT_UNREAD) from None
    except OSError as error:
        if error.filename is not None or error.errno not in UNWRITTEN:
            raise
        abandon_output()
        print(f"wirethread: the answer cannot be written: {error.strerror}", file=sys.stderr)
        raise SystemExit(EXIT_FAILED) from None


def allow_all_letters() -> None:
    """Write letters that the encoding of the terminal lacks as JSON escapes, not as an error.

    What a program reads as JSON says the same then, and a person sees all other letters.
    """
    codecs.register_error("json_escapes", escape_letters)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="json_escapes")


def escape_letters(error: UnicodeError) -> tuple[str, int]:
    """Return letters that could not be written as `\\u00e9`, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    written = error.object[error.start : error.end]
    units = written.encode("utf-16-be", "surrogatepass")
    pairs = zip(units[::2], units[1::2], strict=True)
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in pairs), error.end


def abandon_output() -> None:
    """Let what is still to be printed go nowhere, or the interpreter complains at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def choose_exit_code(error: WirethreadError) -> int:
    """Return the exit status that a scheduler can act on."""
    if isinstance(error, ConfigError):
        return EXIT_USAGE
    if isinstance(error, NotFoundError):
        return EXIT_NOT_FOUND
    if isinstance(error, RunInProgressError):
        return EXIT_BUSY
    return EXIT_FAILED


@app.callback(invoke_without_command=True)
def show_version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Answer `--version`."""
    if version:
        print(f"wirethread {__version__}")
        raise typer.Exit


for add_commands in (
    add_running,
    add_ingesting,
    add_asking,
    add_copies,
    add_correcting,
    add_evaluating,
    add_gathering,
    add_labelling,
    add_scheduling,
    add_status,
    add_keeping,
    add_outdating,
    add_serving,
    add_exporting,
    add_assisting,
    add_plotting,
    add_migrating,
):
    add_commands(app)

if __name__ == "__main__":
    main()
