"""Ask an archive for the nearest vectors, one question after another, in a process of its own."""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.job import run_job
from wirethread.storage.catalog import Catalog
from wirethread.storage.vectors.segments import VectorSegments

__all__ = ["ask", "drop_from_cache", "read_resident_mib"]


def ask(request: dict[str, Any]) -> dict[str, Any]:
    """Search for `request["queries"]` (a .npy) and save the ids found to `request["found"]`.

    `seconds` has one number a question; the first contains opening everything.
    """
    queries = np.load(request["queries"])
    seconds, cpu_seconds, found = [], [], []
    if request["system"] == "flat":
        search = open_flat(Path(request["archive"]))
    else:
        search = open_ours(Path(request["archive"]), is_exact=request["system"] == "exact")
    before = read_resident_mib()
    for query in queries:
        begin, cpu_begin = time.perf_counter(), time.process_time()
        found.append(search(query[None, :]))
        seconds.append(time.perf_counter() - begin)
        cpu_seconds.append(time.process_time() - cpu_begin)
    np.save(request["found"], np.concatenate(found))
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "resident_before": before,
        "resident": read_resident_mib(),
    }


def open_ours(folder: Path, *, is_exact: bool) -> Any:
    """Return a function that opens the published archive at its first call and then searches it."""
    opened: list[VectorSegments] = []

    def search(query: Any) -> Any:
        if not opened:
            catalog = Catalog.open_published(folder)
            first = catalog.vectors.list_segments()[0]
            opened.append(
                VectorSegments(folder, catalog, model_id=first.model_id, dimension=first.dimension)
            )
        return opened[0].search(query, 10, exact=is_exact)[0]

    return search


def open_flat(folder: Path) -> Any:
    """Return FAISS's exact search in full precision, with the vectors of the archive in memory."""
    import faiss  # noqa: PLC0415

    with Catalog.open_published(folder) as catalog:
        first = catalog.vectors.list_segments()[0]
        vectors = VectorSegments(
            folder, catalog, model_id=first.model_id, dimension=first.dimension
        )
        ids = np.concatenate(
            [
                catalog.vectors.list_live_hashes(segment.segment_id)
                for segment in catalog.vectors.list_segments()
            ]
        )
        index = faiss.IndexFlatIP(first.dimension)
        for begin in range(0, len(ids), 50_000):
            index.add(vectors.fetch(ids[begin : begin + 50_000]))
    return lambda query: ids[index.search(query, 10)[1]]


def drop_from_cache(folder: Path) -> None:
    """Let the system forget the pages of every file below `folder`, as after a restart."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def read_resident_mib() -> dict[str, float]:
    """Return memory of this process in MiB: its own, and pages of mapped files."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        name: int(fields[key].split()[0]) / 1024
        for name, key in (("own", "RssAnon"), ("mapped", "RssFile"))
    }


if __name__ == "__main__":
    run_job(ask)
