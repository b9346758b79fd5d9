"""One day's articles taken into an archive, in a process of its own: what every step cost."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.job import run_job
from benchmarks.made.daily_runs import CachedEncoder
from benchmarks.made.inside import open_tables
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows import pipeline, work
from wirethread.flows.settings.config import Settings
from wirethread.storage.catalog import Catalog

__all__ = ["take_in_day"]

COMMANDS = ("stories", "status")


def take_in_day(request: dict[str, Any]) -> dict[str, Any]:
    """Open the archive, run the whole pipeline on one file without Prefect, ask for the stories."""
    settings = Settings(
        data_folder=request["archive"],
        embedding=replace(EmbeddingSettings(), model=request["model"]),
    )
    spent: dict[str, tuple[float, float]] = {}
    with timed(spent, "opening"), Catalog.open(request["archive"]) as catalog:
        n_articles = int(open_tables(catalog).fetch_value("SELECT count(*) FROM store.articles"))
    # the files of old vectors hold zeros and cannot be merged
    work.compact_vectors = lambda *_: 0
    if request["vectors"]:
        files = [Path(one) for one in request["vectors"]]
        pipeline.open_encoder = lambda *_: CachedEncoder(settings, files)
    with timed(spent, "whole run"), timing_steps(spent):
        result = pipeline.run_pipeline([request["day"]], settings)
    config = Path(request["archive"], "config.yaml")
    config.write_text(f"embedding: {{model: {request['model']}}}\n", encoding="utf-8")
    for name in COMMANDS:
        command = [sys.executable, "-c", "from wirethread.cli import main; main()", name]
        asked = [*command, "--data", request["archive"], "--config", str(config)]
        begun = time.perf_counter()
        subprocess.run(asked, check=True, stdout=subprocess.DEVNULL)
        spent[f"wirethread {name}"] = (time.perf_counter() - begun, 0.0)
    return {
        "n_articles_before": n_articles,
        "seconds": {name: one[0] for name, one in spent.items()},
        "cpu_seconds": {name: one[1] for name, one in spent.items() if one[1]},
        "counts": {one.step: dict(one.counts) for one in result.steps},
    }


@contextmanager
def timed(spent: dict[str, tuple[float, float]], name: str) -> Iterator[None]:
    """Add wall-clock and processor seconds of the block."""
    begun, cpu = time.perf_counter(), time.process_time()
    yield
    before = spent.get(name, (0.0, 0.0))
    spent[name] = (
        before[0] + time.perf_counter() - begun,
        before[1] + time.process_time() - cpu,
    )


@contextmanager
def timing_steps(spent: dict[str, tuple[float, float]]) -> Iterator[None]:
    """Time the steps of the runs in the block, with the writing down of what they counted."""
    plain = pipeline.RecordedRun.step

    def step(
        run: pipeline.RecordedRun,
        name: str,
        task: Callable[[], Mapping[str, int]],
        *,
        is_stored: bool = True,
    ) -> None:
        with timed(spent, name):
            plain(run, name, task, is_stored=is_stored)

    pipeline.RecordedRun.step = step  # type: ignore[method-assign]
    try:
        yield
    finally:
        pipeline.RecordedRun.step = plain  # type: ignore[method-assign]


if __name__ == "__main__":
    run_job(take_in_day)
