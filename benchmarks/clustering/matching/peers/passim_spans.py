"""Peer: passim (github.com/dasmiq/passim), run as its command does, up to its aligned extents.

Runs under a Python that has passim and pyspark. Clustering, which passim does after aligning, is
not asked for: what is compared are aligned spans of two articles.
"""

import contextlib
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from benchmarks.job import Stopwatch, run_job


def find_passages(request: dict[str, Any]) -> dict[str, Any]:
    """Run passim once for each of `options` (lists of arguments)."""
    from passim import seriatim  # noqa: PLC0415 - part of what is timed would hide in the import

    pairs = f"wire = 1 AND wire2 = 0 AND day < day2 AND day2 - day <= {request['window_days']}"
    runs = []
    for options in request["options"]:
        watch = Stopwatch()
        with tempfile.TemporaryDirectory() as folder:
            with watch.measure("start"):
                start_spark()
            arguments = [*options, "--fields", "id", "wire", "day", "--filterpairs", pairs]
            with watch.measure("find"), contextlib.redirect_stdout(sys.stderr):
                seriatim.main([*arguments, "--to-extents", request["articles"], folder])
            spans = read_extents(folder)
        runs.append(
            {"predictions": spans, "seconds": watch.seconds, "cpu_seconds": watch.cpu_seconds}
        )
    return {"runs": runs, "version": version("passim"), "pyspark": version("pyspark")}


def start_spark() -> SparkSession:
    """Return the Spark session that passim will find."""
    return SparkSession.builder.appName("passim").getOrCreate()


def read_extents(folder: str) -> list[dict[str, Any]]:
    """Return what passim aligned; its `uid` side is the donor, `uid2` the host."""
    spark = start_spark()
    rows = (
        spark.read.load(str(Path(folder, "tmp", "extents.parquet")))
        .select("id", "begin", "end", "id2", "begin2", "end2")
        .collect()
    )
    spark.stop()
    shutil.rmtree(Path(folder, "tmp"), ignore_errors=True)
    return [
        {
            "host_id": row["id2"],
            "source_id": row["id"],
            "host_begin": row["begin2"],
            "host_end": row["end2"],
            "source_begin": row["begin"],
            "source_end": row["end"],
        }
        for row in rows
    ]


if __name__ == "__main__":
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    run_job(find_passages)
