"""Which scheduled run was the last to finish: a small file, so that no database need be asked."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wirethread.flows.runs.results import RunResult
from wirethread.storage.engine.whole_file import write_small_file

__all__ = ["is_covered", "read_last_scheduled", "record_scheduled_run"]

SCHEDULE_FILE = "schedule.json"


def record_scheduled_run(folder: str | Path, result: RunResult) -> None:
    """Remember when the run began that has just finished."""
    begun = datetime.now(UTC) - timedelta(seconds=result.seconds)
    path = Path(folder) / SCHEDULE_FILE
    words = json.dumps({"run_id": result.run_id, "begun_at": begun.isoformat()})
    write_small_file(path, words + "\n")


def read_last_scheduled(folder: str | Path) -> datetime | None:
    """Return when the last scheduled run that finished began, None where there was none."""
    try:
        values = json.loads((Path(folder) / SCHEDULE_FILE).read_text(encoding="utf-8"))
        moment = datetime.fromisoformat(values["begun_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # a clock that was put back since must not make runs look done that are not
    return moment if moment.tzinfo is not None and moment <= datetime.now(UTC) else None


def is_covered(folder: str | Path, due_at: datetime) -> bool:
    """Whether a run that began at `due_at` or later has taken in the configured sources."""
    begun = read_last_scheduled(folder)
    return begun is not None and begun >= due_at
