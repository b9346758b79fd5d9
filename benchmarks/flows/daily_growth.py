"""Measure what one day's articles cost on archives of growing size.

    python -m benchmarks.flows.daily_growth BASE DAY.jsonl WORK_FOLDER
        [--sizes 10000 100000 1000000] [--repeats 1] [--vectors FILE.npz ...]
        [--out benchmarks/results/daily_growth.json]

`BASE` is a data folder into which real articles were taken (its newest month or two, whole days);
`DAY` is a file with the articles of the next day. Each size is `BASE` with older copies of its rows
(`benchmarks/made/grown_archive.py`), so the day has the same work to do on all of them. The run is
the whole pipeline without Prefect, whose overhead does not depend on the archive. With repeats the
sizes come in turn, each time on an archive made anew, and of each the run counts that took the
processor least: a machine that others use is a quarter faster at one time than at another.
"""

import argparse
import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine, describe_versions
from benchmarks.made.grown_archive import grow_archive, list_sizes
from benchmarks.made.inside import open_tables
from benchmarks.measuring import round_all, run_measured
from wirethread.storage.catalog import CATALOG_FILE, SNAPSHOT_FILE, Catalog
from wirethread.storage.publish import publish_snapshot

__all__ = ["measure_size"]

Row = dict[str, Any]


def count_base(base: Path) -> tuple[int, float]:
    """Return the number of articles of an archive and the days that they span, rounded up."""
    with Catalog.open(base) as catalog:
        rows = open_tables(catalog).fetch_rows(
            "SELECT count(*), date_diff('day', min(published_at), max(published_at)) + 1"
            " FROM store.articles"
        )
    return int(rows[0][0]), float(rows[0][1])


def measure_size(base: Path, options: argparse.Namespace, n_sets: int, days: float) -> Row:
    """Build the archive of one size, publish it twice, and take the day in."""
    folder = Path(options.work, "archive")
    shutil.rmtree(folder, ignore_errors=True)
    n_articles = grow_archive(base, folder, n_sets, days)
    with Catalog.open(folder) as catalog:
        publish_snapshot(catalog, force=True)
    # with the spare that an archive in use has
    shutil.copyfile(folder / SNAPSHOT_FILE, folder / "published.spare")
    request = {
        "archive": str(folder),
        "day": str(options.day),
        "model": options.model,
        "vectors": [str(one) for one in options.vectors],
    }
    measured = run_measured(sys.executable, "benchmarks.flows.daily_growth_job", request, {})
    row = {
        "n_articles": n_articles,
        "catalog_mib": (folder / CATALOG_FILE).stat().st_size / 2**20,
        "peak_mib": measured.peak_mib,
        "seconds": measured.result["seconds"],
        "cpu_seconds": measured.result["cpu_seconds"],
        "counts": measured.result["counts"],
        "load": round(os.getloadavg()[0], 1),
    }
    shutil.rmtree(folder, ignore_errors=True)
    return row


def find_cost(row: Row) -> float:
    """Return the processor seconds of the whole run."""
    return float(row["cpu_seconds"]["whole run"])


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", type=Path)
    parser.add_argument("day", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--model", default="default")
    parser.add_argument("--vectors", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/daily_growth.json"))
    options = parser.parse_args()
    n_base, days = count_base(options.base)
    runs: dict[int, list[Row]] = {}
    for _ in range(options.repeats):
        for n_sets in list_sizes(n_base, options.sizes):
            row = measure_size(options.base, options, n_sets, days)
            runs.setdefault(n_sets, []).append(row)
            print(json.dumps(round_all({**row, "counts": None})), flush=True)
    result = {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "versions": describe_versions("duckdb", "faiss-cpu", "numpy"),
        "repeats": options.repeats,
        "sizes": [min(rows, key=find_cost) for rows in runs.values()],
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(round_all(result), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
