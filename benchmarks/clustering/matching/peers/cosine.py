"""Peer: cosine of embedded paragraphs, the same vectors as ours, made by `matching.ours`."""

from typing import Any

import numpy as np

from benchmarks.clustering.matching.peers.nearest import predict_nearest
from benchmarks.job import Stopwatch, read_lines, run_job


def find_passages(request: dict[str, Any]) -> dict[str, Any]:
    """Return the nearest wire paragraph of each host paragraph, with its cosine as score."""
    watch = Stopwatch()
    with watch.measure("read"):
        articles = read_lines(request["articles"])
        paragraphs = read_lines(request["paragraphs"])
        vectors = np.load(request["plain_vectors"])
    with watch.measure("find"):
        found = predict_nearest(
            articles,
            paragraphs,
            lambda rows, columns: vectors[rows] @ vectors[columns].T,
            window_days=request["window_days"],
            floor=request["floor"],
        )
    return {"predictions": found, "seconds": watch.seconds, "cpu_seconds": watch.cpu_seconds}


if __name__ == "__main__":
    run_job(find_passages)
