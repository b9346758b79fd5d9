"""Peer: HDBSCAN on our vectors of openings; noise is clusters of one.

Runs with the package hdbscan where the Python has it, else with scikit-learn, whose own (1.9) fails
under NumPy 2.4 for some `epsilon`.
"""

from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np

from benchmarks.job import Stopwatch, read_lines, run_job

try:
    library: Any = import_module("hdbscan")
except ImportError:
    library = import_module("sklearn.cluster")

Row = dict[str, Any]


def cluster_by_density(vectors: Any, settings: Row) -> Any:
    """Return labels int64[n], -1 for noise; None where the library fails."""
    more = {"copy": True} if library.__name__.startswith("sklearn") else {}
    try:
        return library.HDBSCAN(
            min_cluster_size=settings["min_cluster_size"],
            min_samples=settings["min_samples"],
            cluster_selection_method=settings["method"],
            cluster_selection_epsilon=settings["epsilon"],
            **more,
        ).fit_predict(vectors)
    except TypeError:
        return None


def describe_library() -> str:
    """Return name and version of the package in use."""
    name = "hdbscan" if library.__name__ == "hdbscan" else "scikit-learn"
    return f"{name} {version(name)}"


def work(request: Row) -> Row:
    """Cluster under every setting of the request."""
    watch = Stopwatch()
    ids = [one["id"] for one in read_lines(request["articles"])]
    vectors = np.load(request["rows"]).astype(np.float64)
    with watch.measure("find"):
        found = [cluster_by_density(vectors, one) for one in request["settings"]]
    return {
        "clusters": [
            {}
            if labels is None
            else {
                article_id: f"alone {place}" if label < 0 else str(label)
                for place, (article_id, label) in enumerate(zip(ids, labels.tolist(), strict=True))
            }
            for labels in found
        ],
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "version": describe_library(),
    }


if __name__ == "__main__":
    run_job(work)
