"""Measure storing and searching vectors by the million.

    python -m benchmarks.storage.vectors.search_scale WORK_FOLDER --vectors REAL.npy
        [--sizes 1000000 10000000] [--out benchmarks/results/search_scale.json]

`REAL.npy` holds vectors of real paragraphs, float16 or float32[n, d]; 200 of them are kept out and
asked for. An archive is filled with the others and with vectors grown from them
(`benchmarks/made/grown_vectors.py`), compacted and published; then every system is asked in a
process of its own.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.job import Stopwatch
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.made.grown_vectors import GrownVectors, find_exactly
from benchmarks.made.inside import open_tables
from benchmarks.measuring import round_all, run_measured
from benchmarks.storage.vectors.search_scale_job import drop_from_cache
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import ids_table
from wirethread.storage.engine.database import StorageSettings
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.vectors.files import open_segment
from wirethread.storage.vectors.segments import VectorSegments

__all__ = ["measure_size"]

Row = dict[str, Any]
Vectors = NDArray[np.float32]

N_QUERIES = 200
N_EXACT = 20
"""Of them are put to what reads every vector."""
ROWS_PER_SEGMENT = 20_000
BATCH_ROWS = 250_000
N_CHANGED = 1_000
MAX_FLAT_ROWS = 2_000_000
MODEL = "measured@1"


def fill_archive(folder: Path, vectors: GrownVectors, dimension: int) -> Row:
    """Store, compact and publish all vectors; return what each cost."""
    watch = Stopwatch()
    with Catalog.open(folder, settings=StorageSettings()) as catalog:
        segments = VectorSegments(folder, catalog, model_id=MODEL, dimension=dimension)
        ids: list[NDArray[np.int64]] = []
        rows: list[Vectors] = []
        for block_ids, block in vectors.read_blocks():
            ids.append(block_ids)
            rows.append(block)
            if sum(map(len, ids)) >= BATCH_ROWS:
                with watch.measure("add"):
                    segments.add(np.concatenate(ids), np.concatenate(rows))
                ids, rows = [], []
        if ids:
            with watch.measure("add"):
                segments.add(np.concatenate(ids), np.concatenate(rows))
        with watch.measure("compact"):
            segments.compact_segments(ROWS_PER_SEGMENT)
        for _ in range(2):  # the files that were merged go with the publication after the next
            publish_snapshot(catalog, force=True)
        catalog.vectors.end_publication(catalog.vectors.begin_publication())
    return {"seconds": watch.seconds, "cpu_seconds": watch.cpu_seconds}


def change_archive(folder: Path, fresh: Vectors, dimension: int) -> Row:
    """Add a thousand texts, delete as many, compact, and erase; return the seconds of each."""
    watch = Stopwatch()
    with Catalog.open(folder) as catalog:
        segments = VectorSegments(folder, catalog, model_id=MODEL, dimension=dimension)
        with watch.measure("add"):
            segments.add(np.arange(1, len(fresh) + 1, dtype=np.int64), fresh)
        with watch.measure("compact"):
            segments.compact_segments(ROWS_PER_SEGMENT)
        largest = max(catalog.vectors.list_segments(MODEL), key=lambda one: one.n_rows)
        gone = catalog.vectors.list_live_hashes(largest.segment_id)[:N_CHANGED]
        with watch.measure("delete"):
            delete_texts(catalog, gone)
        with watch.measure("compact after deleting"):
            segments.compact_segments(ROWS_PER_SEGMENT)
        found, _ = segments.search(fresh[:5], 50)
        if np.isin(found, gone).any():
            raise RuntimeError("a deleted text was found")
        if largest.n_rows <= MAX_FLAT_ROWS:
            with watch.measure("rewrite without the deleted"):
                segments.rewrite_segments_with_gaps()
    return {"n_texts": len(fresh), "seconds": watch.seconds, "cpu_seconds": watch.cpu_seconds}


def delete_texts(catalog: Catalog, hashes: NDArray[np.int64]) -> None:
    """Take the vectors of texts away, as `forget` does."""
    with (
        open_tables(catalog).transaction(),
        open_tables(catalog).registered(gone=ids_table(str(one) for one in hashes)),
    ):
        open_tables(catalog).execute(
            "DELETE FROM store.vector_rows WHERE text_hash IN (SELECT id::BIGINT FROM gone)"
        )


def ask_system(folder: Path, system: str, queries: Vectors, wanted: NDArray[np.int64]) -> Row:
    """Ask all queries twice, the second time warm; return times, memory and recall."""
    with tempfile.TemporaryDirectory() as scratch:
        asked, answered = Path(scratch, "asked.npy"), Path(scratch, "found.npy")
        np.save(asked, np.concatenate([queries, queries]))
        request = {
            "system": system,
            "archive": str(folder),
            "queries": str(asked),
            "found": str(answered),
        }
        measured = run_measured(
            sys.executable, "benchmarks.storage.vectors.search_scale_job", request, {}
        )
        found = np.load(answered)[: len(queries)]
    warm = 1000 * np.array(measured.result["seconds"][len(queries) :])
    warm_cpu = 1000 * np.array(measured.result["cpu_seconds"][len(queries) :])
    return {
        "name": system,
        "recall": float((found[:, :, None] == wanted[:, None, :]).any(axis=1).mean()),
        "warm_ms": {"median": float(np.median(warm)), "p95": float(np.percentile(warm, 95))},
        "warm_cpu_ms": float(np.median(warm_cpu)),
        "resident": measured.result["resident"],
    }


def time_cold(folder: Path, queries: Vectors) -> Row:
    """Start a process that asks one question with nothing of the archive in memory."""
    with tempfile.TemporaryDirectory() as scratch:
        asked = Path(scratch, "asked.npy")
        np.save(asked, queries[:1])
        request = {
            "system": "ours",
            "archive": str(folder),
            "queries": str(asked),
            "found": str(Path(scratch, "found.npy")),
        }
        drop_from_cache(folder)
        measured = run_measured(
            sys.executable, "benchmarks.storage.vectors.search_scale_job", request, {}
        )
    return {"process_seconds": measured.seconds, "search_seconds": measured.result["seconds"][0]}


def measure_size(work: Path, real: Vectors, n_rows: int) -> Row:
    """Fill an archive of one size, and ask and change it."""
    folder = work / "archive"
    shutil.rmtree(folder, ignore_errors=True)
    queries, stored = real[:N_QUERIES], real[N_QUERIES:]
    vectors = GrownVectors(stored, n_rows)
    filled = fill_archive(folder, vectors, real.shape[1])
    wanted, likeness = find_exactly(vectors, queries, 10)
    with Catalog.open(folder) as catalog:
        segments = catalog.vectors.list_segments()
        index = {
            "n_files": len(segments),
            "n_lists": [
                (file.n_lists, int(file.index.nprobe))
                for file in (
                    open_segment(
                        folder / "vectors" / segment.file_name, segment.n_rows, segment.dimension
                    )
                    for segment in segments
                )
                if file.n_lists
            ],
            "bytes": sum((folder / "vectors" / one.file_name).stat().st_size for one in segments),
        }
    systems = [ask_system(folder, "ours", queries, wanted)]
    few = queries[:N_EXACT]
    systems.append(ask_system(folder, "exact", few, wanted[: len(few)]))
    if n_rows <= MAX_FLAT_ROWS:
        systems.append(ask_system(folder, "flat", few, wanted[: len(few)]))
    row = {
        "n_rows": n_rows,
        "n_real": min(len(stored), n_rows),
        "mean_similarity": float(likeness.mean()),
        "index": index,
        "fill": filled,
        "cold": time_cold(folder, queries),
        "systems": systems,
        "change": change_archive(folder, queries[:N_CHANGED], real.shape[1]),
    }
    shutil.rmtree(folder, ignore_errors=True)
    return row


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("work", type=Path)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/search_scale.json"))
    options = parser.parse_args()
    real = np.load(options.vectors).astype(np.float32)
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    result = {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "versions": describe_versions("faiss-cpu", "duckdb", "numpy"),
        "n_queries": N_QUERIES,
        "dimension": real.shape[1],
        "sizes": [],
    }
    if options.out.exists():
        result = {**json.loads(options.out.read_text(encoding="utf-8")), **result}
    for n_rows in options.sizes:
        begun = time.monotonic()
        result["sizes"].append(measure_size(options.work, real, n_rows))
        print(json.dumps(round_all(result["sizes"][-1])), f"{time.monotonic() - begun:.0f} s")
        options.out.write_text(json.dumps(round_all(result), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
