"""Peer: TF-IDF cosine of paragraphs (scikit-learn), frequencies from the set itself."""

from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.clustering.matching.peers.nearest import predict_nearest
from benchmarks.job import Stopwatch, read_lines, run_job


def find_passages(request: dict[str, Any]) -> dict[str, Any]:
    """Return the nearest wire paragraph of each host paragraph, with its cosine as score."""
    watch = Stopwatch()
    with watch.measure("read"):
        articles = read_lines(request["articles"])
        paragraphs = read_lines(request["paragraphs"])
    with watch.measure("find"):
        matrix = TfidfVectorizer(sublinear_tf=True, dtype=np.float32).fit_transform(
            paragraph["text"] for paragraph in paragraphs
        )
        found = predict_nearest(
            articles,
            paragraphs,
            lambda rows, columns: (matrix[rows] @ matrix[columns].T).toarray(),
            window_days=request["window_days"],
            floor=request["floor"],
        )
    return {"predictions": found, "seconds": watch.seconds, "cpu_seconds": watch.cpu_seconds}


if __name__ == "__main__":
    run_job(find_passages)
