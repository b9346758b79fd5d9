"""A machine that hands in, or the one that takes up, killed at a point of our choice."""

import signal
from collections.abc import Sequence
from pathlib import Path

from tests.flows.driving import hashing_settings, run_plainly
from tests.flows.killable import Points, open_processes
from wirethread.flows.ingesting import ingest
from wirethread.flows.settings.config import Settings
from wirethread.flows.settings.sections import IngestSettings
from wirethread.storage.engine.database import StorageSettings

__all__ = ["POINTS_OF", "end_at", "set_up"]

POINTS_OF = {"ingest": range(5, 205, 30), "run": range(20, 330, 40)}
"""Points at which who does that is killed: beyond the last ones little is written."""


def set_up(folder: Path, files: Path) -> Settings:
    """Return the settings of one machine, whose parcels hold three articles."""
    return hashing_settings(
        folder,
        storage=StorageSettings(files=str(files)),
        ingest=IngestSettings(articles_per_batch=3),
    )


def work_to(last: int, who: str, folder: Path, files: Path, sources: Sequence[Path]) -> None:
    """Hand in, or run, in this process, which is to be nobody else's, up to a point."""
    points = Points(last)
    points.watch()
    given = [str(source) for source in sources]
    if who == "ingest":
        ingest(given, set_up(folder, files))
    else:
        run_plainly(given, set_up(folder, files))
    print(f"{who}: {len(points.steps)} points", flush=True)


def end_at(number: int, who: str, folder: Path, files: Path, sources: Sequence[Path]) -> bool:
    """Work in another process up to a point; return whether it was killed there."""
    process = open_processes().Process(target=work_to, args=(number, who, folder, files, sources))
    process.start()
    process.join()
    if process.exitcode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"{who} ended by itself with {process.exitcode} at {number}")
    return bool(process.exitcode)
