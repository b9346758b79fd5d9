"""Measure how long commands take to answer, and what Prefect adds to a run with nothing to do.

    python -m benchmarks.wirethread.commands.startup [--repeats 7]
        [--out benchmarks/results/startup.json]

Everything is its own process on an archive of the shipped sample, taken in with the encoder that
needs no weights. A run with nothing to do reads the same file again: once as the Prefect flow that
`wirethread run` calls, with the temporary server that it starts, and once with the same steps as
plain functions. Prefect's share is the difference.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine, describe_versions
from benchmarks.measuring import ROOT, round_all
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows.settings.config import Settings

__all__ = ["measure_command"]

PROGRAM = "from wirethread.cli import main; main()"
RUN = (
    "from benchmarks.wirethread.commands.startup import run_again;"
    " run_again({folder!r}, with_prefect={with_prefect})"
)


def give_settings(folder: str) -> Settings:
    """Return settings that need no weights."""
    return Settings(data_folder=folder, embedding=EmbeddingSettings(model="hashing"))


def run_again(folder: str, *, with_prefect: bool) -> None:
    """Take the sample in, once more or for the first time."""
    sample = str(resources.files("wirethread") / "sample" / "articles.jsonl")
    if with_prefect:
        from wirethread.flows.schedule.start import run_once  # noqa: PLC0415 - as the command does

        run_once([sample], give_settings(folder))
        return
    from wirethread.flows.pipeline import run_pipeline  # noqa: PLC0415

    run_pipeline([sample], give_settings(folder))


def measure_command(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run Python with the arguments; return wall-clock seconds."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
        cwd=ROOT,
    )
    _, said = process.communicate()
    seconds = time.perf_counter() - begun
    if process.returncode:
        raise RuntimeError(f"{arguments} ended with {process.returncode}: {said.decode()[-2000:]}")
    return seconds


def measure_all(folder: str, home: str, n_repeats: int) -> dict[str, dict[str, float]]:
    """Measure each command several times in turn; return the medians."""
    environment = {"PREFECT_HOME": home}
    commands = {
        "python without anything": ["-c", "pass"],
        "wirethread --help": ["-c", PROGRAM, "--help"],
        "wirethread stories": ["-c", PROGRAM, "stories", "--data", folder],
        "wirethread status": ["-c", PROGRAM, "status", "--data", folder],
        "a run with nothing to do, plain functions": [
            "-c",
            RUN.format(folder=folder, with_prefect=False),
        ],
        "a run with nothing to do, as a flow": ["-c", RUN.format(folder=folder, with_prefect=True)],
    }
    measure_command(commands["a run with nothing to do, as a flow"], environment)  # takes it in
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(n_repeats):
        for name, arguments in commands.items():
            before = os.times()
            seconds = measure_command(arguments, environment)
            after = os.times()
            cpu = after.children_user + after.children_system
            cpu -= before.children_user + before.children_system
            found[name].append((seconds, cpu))
    return {
        name: {
            "seconds": statistics.median(one[0] for one in rows),
            "least_seconds": min(one[0] for one in rows),
            "cpu_seconds": statistics.median(one[1] for one in rows),
        }
        for name, rows in found.items()
    }


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/startup.json"))
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
        commands = measure_all(folder, home, options.repeats)
    result: dict[str, Any] = {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "versions": describe_versions("prefect", "typer", "rich", "duckdb"),
        "repeats": options.repeats,
        "load_before": load,
        "load_after": os.getloadavg()[0],
        "commands": commands,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(round_all(result), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
