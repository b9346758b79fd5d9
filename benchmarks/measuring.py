"""Run a system in its own process, measure its seconds and memory, and round the result. Linux."""

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.job import TICKS, find_descendants, read_process_stats

__all__ = ["ROOT", "JobError", "Measured", "read_pss", "round_all", "run_measured"]

ROOT = Path(__file__).parents[1]
"""Where commands are called: the folder with `benchmarks`."""
SAMPLE_SECONDS = 0.5


class JobError(RuntimeError):
    """A compared system ended with an error; the message is the end of what it printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a process gave back, and what it cost with all of its child processes."""

    result: dict[str, Any]
    seconds: float
    """From start to end of the process."""
    cpu_seconds: float
    """User and system time of the process and its descendants."""
    peak_mib: float
    """Largest sum of the proportional set sizes (PSS) of the process and its descendants."""


def run_measured(
    python: str, module: str, request: Mapping[str, Any], environment: Mapping[str, str]
) -> Measured:
    """Run `python -m module` on a request. Raises `JobError` where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answered, log = (Path(folder, name) for name in ("request", "result", "log"))
        asked.write_text(json.dumps(request), encoding="utf-8")
        begin = time.perf_counter()
        with log.open("wb") as output:
            process = subprocess.Popen(
                [python, "-m", module, str(asked), str(answered)],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            sampler = TreeSampler(process.pid)
            sampler.start()
            code = process.wait()
        seconds = time.perf_counter() - begin
        sampler.finish()
        if code != 0 or not answered.is_file():
            raise JobError(
                f"{module} ended with {code}:\n{log.read_text(errors='replace')[-3000:]}"
            )
        return Measured(
            result=json.loads(answered.read_text(encoding="utf-8")),
            seconds=seconds,
            cpu_seconds=sum(sampler.cpu_seconds.values()),
            peak_mib=sampler.peak_kib / 1024,
        )


class TreeSampler(threading.Thread):
    """Looks at a process and its descendants again and again until told to finish."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root = root
        self._is_done = threading.Event()
        self.peak_kib = 0
        self.cpu_seconds: dict[int, float] = {}

    def run(self) -> None:
        """Sample until `finish` is called."""
        while not self._is_done.wait(SAMPLE_SECONDS):
            self._sample()

    def finish(self) -> None:
        """Stop sampling."""
        self._is_done.set()
        self.join()

    def _sample(self) -> None:
        stats = read_process_stats()
        parents = {pid: int(fields[1]) for pid, fields in stats.items()}
        total = 0
        for pid in find_descendants(self._root, parents):
            spent = (int(stats[pid][11]) + int(stats[pid][12])) / TICKS
            self.cpu_seconds[pid] = max(spent, self.cpu_seconds.get(pid, 0.0))
            total += read_pss(pid)
        self.peak_kib = max(self.peak_kib, total)


def read_pss(pid: int) -> int:
    """Return the memory of a process in KiB; pages shared by several processes are divided."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def round_all(value: Any) -> Any:
    """Round every number to four places."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {name: round_all(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [round_all(inner) for inner in value]
    return value
