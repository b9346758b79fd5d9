"""What a run says while it works: a line a step for people, or one JSON object a line."""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from wirethread.articles.errors import ConfigError
from wirethread.articles.printable import escape_unseen, make_printable
from wirethread.flows.runs.results import StepRecord
from wirethread.flows.settings.sections import LoggingSettings

__all__ = ["LOGGER_NAME", "describe_counts", "log_run", "log_step", "open_logs"]

LOGGER_NAME = "wirethread"
LOGGER = logging.getLogger(LOGGER_NAME)
LOGGER.addHandler(logging.NullHandler())


class TextLines(logging.Formatter):
    """Time, level where it is more than information, and the message, in one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created).astimezone()
        level = f"{record.levelname}: " if record.levelno > logging.INFO else ""
        words = make_printable(" ".join(record.getMessage().split()))
        return f"{moment:%Y-%m-%d %H:%M:%S} {level}{words}"


class JsonLines(logging.Formatter):
    """An object with time, level, run_id, step, counts, seconds and message; null where unknown."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object in one line."""
        details: Mapping[str, Any] = getattr(record, "details", {})
        line = json.dumps(
            {
                "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
                "level": record.levelname.lower(),
                "run_id": details.get("run_id"),
                "step": details.get("step"),
                "counts": details.get("counts"),
                "seconds": details.get("seconds"),
                "message": record.getMessage(),
            },
            ensure_ascii=False,
        )
        return escape_unseen(line)


@contextmanager
def open_logs(settings: LoggingSettings, *, on_terminal: bool) -> Iterator[None]:
    """Write the log of runs inside the block.

    Text for people goes to standard error only where `on_terminal` asks for it; JSON and files are
    written in any case. Raises `ConfigError` where the file cannot be opened.
    """
    if settings.format == "text" and not settings.file and not on_terminal:
        yield
        return
    handler = open_handler(settings.file)
    handler.setFormatter(JsonLines() if settings.format == "json" else TextLines())
    handler.setLevel(settings.level.upper())
    before, propagated = LOGGER.level, LOGGER.propagate
    LOGGER.addHandler(handler)
    LOGGER.propagate = False  # Prefect's own handlers would show every line a second time
    LOGGER.setLevel(min(before or logging.INFO, logging.getLevelName(settings.level.upper())))
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.propagate = propagated
        LOGGER.setLevel(before)
        handler.close()


def open_handler(file: str) -> logging.Handler:
    """Return what writes to the file, or to standard error."""
    if not file:
        return logging.StreamHandler(sys.stderr)
    try:
        return logging.FileHandler(file, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"logging.file: cannot write to {file}: {error.strerror}") from None


def log_step(run_id: str, record: StepRecord) -> None:
    """Say in a line what a step did."""
    words = describe_counts(record.counts)
    LOGGER.info(
        "%s: %s (%.1f s)",
        record.step,
        words or "nothing to do",
        record.seconds,
        extra={
            "details": {
                "run_id": run_id,
                "step": record.step,
                "counts": dict(record.counts),
                "seconds": round(record.seconds, 3),
            }
        },
    )


def log_run(
    run_id: str,
    message: str,
    *,
    level: int = logging.INFO,
    seconds: float | None = None,
    counts: Mapping[str, int] | None = None,
) -> None:
    """Say something about a run as a whole."""
    details = {
        "run_id": run_id,
        "seconds": None if seconds is None else round(seconds, 3),
        "counts": None if counts is None else dict(counts),
    }
    words = make_printable(message)  # Prefect shows it too
    LOGGER.log(level, "%s", words, extra={"details": details})


def describe_counts(counts: Mapping[str, int]) -> str:
    """Return what was counted in words, zeros left out."""
    return ", ".join(
        f"{number} {name.removeprefix('n_').replace('_', ' ')}"
        for name, number in counts.items()
        if number
    )
