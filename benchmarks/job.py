"""What every compared system is given and gives back; standard library only.

A system runs as its own process, `python -m benchmarks.NAME REQUEST.json RESULT.json`, so that time
and memory are its own, and may run under a Python that has none of this project's dependencies.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

__all__ = [
    "TICKS",
    "Stopwatch",
    "find_descendants",
    "is_candidate",
    "read_lines",
    "read_process_stats",
    "run_job",
]


TICKS = os.sysconf("SC_CLK_TCK")


class Stopwatch:
    """Wall-clock and processor seconds by phase, in the order the phases were entered. Linux."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu_seconds: dict[str, float] = {}
        """Of this process and all processes below it."""

    @contextmanager
    def measure(self, phase: str) -> Iterator[None]:
        """Add the time spent inside to `phase`."""
        begin, cpu_begin = time.perf_counter(), measure_tree_cpu()
        try:
            yield
        finally:
            spent, cpu = time.perf_counter() - begin, measure_tree_cpu() - cpu_begin
            self.seconds[phase] = self.seconds.get(phase, 0.0) + spent
            self.cpu_seconds[phase] = self.cpu_seconds.get(phase, 0.0) + cpu


def measure_tree_cpu() -> float:
    """Return the processor seconds of this process, its descendants, and those that have ended."""
    stats = read_process_stats()
    parents = {pid: int(fields[1]) for pid, fields in stats.items()}
    ticks = sum(
        int(one) for pid in find_descendants(os.getpid(), parents) for one in stats[pid][11:15]
    )
    return ticks / TICKS


def read_process_stats() -> dict[int, list[str]]:
    """Return the fields of `/proc/PID/stat` from the state on, by process id."""
    stats = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # ended in the meantime
                stats[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
    return stats


def find_descendants(root: int, parents: Mapping[int, int]) -> list[int]:
    """Return `root` and everything below it."""
    children: dict[int, list[int]] = {}
    for pid, parent in parents.items():
        children.setdefault(parent, []).append(pid)
    found, waiting = [], [root] if root in parents else []
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def is_candidate(host: Mapping[str, Any], donor: Mapping[str, Any], window_days: float) -> bool:
    """Say whether passages of `host` are looked for in `donor`: wire copy a little older."""
    gap: float = host["day"] - donor["day"]
    return not host["wire"] and bool(donor["wire"]) and 0 < gap <= window_days


def read_lines(path: str | Path) -> list[dict[str, Any]]:
    """Return the JSON objects of a file, one a line."""
    with Path(path).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def run_job(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Read the request named on the command line, work on it, write the result."""
    request, result = map(Path, sys.argv[1:3])
    answer = work(json.loads(request.read_text(encoding="utf-8")))
    result.write_text(json.dumps(answer), encoding="utf-8")
