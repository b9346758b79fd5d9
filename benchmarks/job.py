"""What every compared system is given and gives back; standard library only.

A system runs as its own process, `python -m benchmarks.NAME REQUEST.json RESULT.json`, so that time
and memory are its own, and may run under a Python that has none of this project's dependencies.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["Stopwatch", "is_candidate", "read_lines", "run_job"]


class Stopwatch:
    """Wall-clock seconds by phase, in the order the phases were entered."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def measure(self, phase: str) -> Iterator[None]:
        """Add the time spent inside to `phase`."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - begin
            self.seconds[phase] = self.seconds.get(phase, 0.0) + spent


def is_candidate(host: Mapping[str, Any], source: Mapping[str, Any], window_days: float) -> bool:
    """Say whether passages of `host` are looked for in `source`: wire copy a little older."""
    gap: float = host["day"] - source["day"]
    return not host["wire"] and bool(source["wire"]) and 0 < gap <= window_days


def read_lines(path: str | Path) -> list[dict[str, Any]]:
    """Return the JSON objects of a file, one a line."""
    with Path(path).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def run_job(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Read the request named on the command line, work on it, write the result."""
    request, result = map(Path, sys.argv[1:3])
    answer = work(json.loads(request.read_text(encoding="utf-8")))
    result.write_text(json.dumps(answer), encoding="utf-8")
