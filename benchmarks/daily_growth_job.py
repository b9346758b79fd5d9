"""One day's articles taken into an archive, in a process of its own: seconds of every step."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from prefect.tasks import Task

from benchmarks.daily_runs import CachedEncoder
from benchmarks.job import run_job
from flows import pipeline, tasks
from flows.config import Settings
from storage.catalog import Catalog

__all__ = ["take_in_day"]


def take_in_day(request: dict[str, Any]) -> dict[str, Any]:
    """Open the archive, run the whole pipeline on one file without Prefect, ask for the stories."""
    settings = Settings(data_folder=request["archive"])
    begun = time.perf_counter()
    with Catalog.open(request["archive"]) as catalog:
        opening = time.perf_counter() - begun
        n_articles = int(catalog.database.fetch_value("SELECT count(*) FROM store.articles"))
    for name, one in list(vars(tasks).items()):
        if isinstance(one, Task):
            setattr(tasks, name, one.fn)
    files = [Path(one) for one in request["vectors"]]
    pipeline.LazyEncoder = lambda _: CachedEncoder(settings, files)  # type: ignore[attr-defined]
    begun = time.perf_counter()
    result = pipeline.run_pipeline.fn([request["day"]], settings)
    whole = time.perf_counter() - begun
    begun = time.perf_counter()
    command = [sys.executable, "-c", "from wirethread.cli import main; main()", "stories"]
    subprocess.run([*command, "--data", request["archive"]], check=True, stdout=subprocess.DEVNULL)
    return {
        "n_articles_before": n_articles,
        "seconds": {
            "opening": opening,
            **{one.step: one.seconds for one in result.steps},
            "whole run": whole,
            "wirethread stories": time.perf_counter() - begun,
        },
        "counts": {one.step: dict(one.counts) for one in result.steps},
    }


if __name__ == "__main__":
    run_job(take_in_day)
