"""Time, memory and rows of whole runs on made articles: one text in many outlets, and templates.

    python -m benchmarks.flows.widths [--sizes 500 1000 2000] [--kinds ...]

Every size runs in a process of its own, on an empty archive, with the encoder without weights.
Exponents are fitted over the logarithms of size and processor seconds (and of memory beyond that of
the smallest size's process).
"""

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.fitting import fit_exponent
from benchmarks.flows.widths_job import KINDS
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.measuring import run_measured

SIZES = (500, 1_000, 2_000)


def measure_kind(kind: str, sizes: list[int]) -> dict[str, Any]:
    """Return what runs on so many articles of a kind cost, and how that grows."""
    rows = []
    for size in sizes:
        found = run_measured(
            sys.executable,
            "benchmarks.flows.widths_job",
            {"kind": kind, "size": size},
            {"OMP_NUM_THREADS": "1"},
        )
        rows.append({**found.result, "peak_mib": round(found.peak_mib)})
        print(f"{kind} {size}: {found.result['total_cpu_seconds']:.1f} CPU s", flush=True)
    return {
        "name": kind,
        "rows": rows,
        "exponent": fit_exponent(sizes, [row["total_cpu_seconds"] for row in rows]),
        "memory_exponent": fit_exponent(sizes, [row["peak_mib"] for row in rows]),
        "verdict_exponent": fit_exponent(
            sizes, [max(row["rows"]["store.passage_verdicts"], 1) for row in rows]
        ),
    }


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=KINDS)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/widths.json"))
    options = parser.parse_args()
    load_before = os.getloadavg()[0]
    result = {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "versions": describe_versions("numpy", "scipy", "duckdb"),
        "kinds": [measure_kind(kind, list(options.sizes)) for kind in options.kinds],
        "load": [load_before, os.getloadavg()[0]],
    }
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
