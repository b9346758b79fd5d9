"""A small file beside the catalog that says what the last run did, or is doing now.

The catalog is closed to others while a run writes, and the snapshot knows only runs that ended; so
a run keeps this file up to date, replacing it as a whole each time.
"""

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from wirethread.articles.printable import escape_unseen
from wirethread.flows.runs.progress import LISTENER, listen_to_progress
from wirethread.flows.runs.results import StepRecord
from wirethread.storage.engine.whole_file import write_small_file

__all__ = ["RUN_FILE", "RunFile", "RunState", "read_run_state"]

RUN_FILE = "run.json"
SECONDS_BETWEEN_WRITES = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """A run as the file tells it. `n_done` of `n_total` are the progress of the present step."""

    run_id: str
    process: int
    state: str
    """running, finished, failed or interrupted."""
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None
    sources: Sequence[str] = ()
    step: str | None = None
    n_done: int = 0
    n_total: int | None = None
    steps: Sequence[StepRecord] = ()
    message: str | None = None
    backlog: Mapping[str, int] = field(default_factory=dict)
    """What was left to do when a run did not finish, by step."""


ADAPTER = TypeAdapter(RunState)


class RunFile:
    """Writes what a run is doing. A file that cannot be written never stops the run."""

    def __init__(self, folder: str | Path, run_id: str, sources: Sequence[str]) -> None:
        self._path = Path(folder) / RUN_FILE
        for left in self._path.parent.glob(f".{RUN_FILE}.*.partial"):  # of a run that was killed
            with suppress(OSError):
                left.unlink()
        self._turn = threading.Lock()
        self._written = 0.0
        now = datetime.now(UTC)
        self._state = RunState(
            run_id=run_id,
            process=os.getpid(),
            state="running",
            started_at=now,
            updated_at=now,
            sources=list(sources),
        )
        self._write()

    @contextmanager
    def follow_progress(self) -> Iterator[None]:
        """Write down how far each step is while the block runs; other listeners hear it too."""
        other = LISTENER.get()

        def listen(step: str, n_done: int, n_total: int | None) -> None:
            if other is not None:
                other(step, n_done, n_total)
            is_new = step != self._state.step
            self._state = replace(self._state, step=step, n_done=n_done, n_total=n_total)
            if is_new or time.monotonic() - self._written > SECONDS_BETWEEN_WRITES:
                self._write()

        with listen_to_progress(listen):
            yield

    def end(
        self,
        state: str,
        steps: Sequence[StepRecord],
        message: str | None = None,
        backlog: Mapping[str, int] | None = None,
    ) -> None:
        """Write down how the run ended."""
        self._state = replace(
            self._state,
            state=state,
            finished_at=datetime.now(UTC),
            step=None if state == "finished" else self._state.step,
            steps=list(steps),
            message=message,
            backlog=dict(backlog or {}),
        )
        self._write()

    def _write(self) -> None:
        self._state = replace(self._state, updated_at=datetime.now(UTC))
        self._written = time.monotonic()
        text = escape_unseen(
            json.dumps(asdict(self._state), default=write_value, ensure_ascii=False)
        )
        with self._turn, suppress(OSError):
            write_small_file(self._path, text + "\n", is_lasting=False)


def write_value(value: Any) -> Any:
    """Return what JSON has no form for."""
    return value.isoformat() if isinstance(value, datetime) else dict(value)


def read_run_state(folder: str | Path) -> RunState | None:
    """Return what the last run wrote, None where there is no such file or it is damaged."""
    try:
        return ADAPTER.validate_json((Path(folder) / RUN_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
