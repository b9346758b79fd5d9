"""Peers that cluster stories: TF-IDF with average linkage, and a streaming clusterer.

Each takes a list of parameter settings and gives the clusters under every one of them, so that the
best can be chosen.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.job import Stopwatch, read_lines, run_job

__all__ = ["cluster_stream"]

Row = dict[str, Any]
Labels = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float32]
Inputs = tuple[Sequence[Row], Matrix]


def cluster_by_linkage(inputs: Inputs, settings: Sequence[Row]) -> list[Labels]:
    """Average linkage of TF-IDF cosines over all pairs, cut at a distance."""
    articles, _ = inputs
    similarity = compare_words(articles)
    distances = 1 - np.clip(similarity, 0, 1)
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), method="average")
    return [
        fcluster(tree, t=1 - setting["threshold"], criterion="distance").astype(np.int64)
        for setting in settings
    ]


def cluster_by_stream(inputs: Inputs, settings: Sequence[Row]) -> list[Labels]:
    """Nearest centroid, articles taken in the order of time, as in Miranda et al. 2018."""
    articles, vectors = inputs
    words = compare_words(articles)
    meaning = np.asarray(vectors @ vectors.T, dtype=np.float32)
    days = np.array([np.nan if one["day"] is None else one["day"] for one in articles])
    return [cluster_stream(words, meaning, days, **one) for one in settings]


def compare_words(articles: Sequence[Row]) -> Matrix:
    """Return TF-IDF cosines float32[n, n] of title and text, frequencies from the set itself."""
    weights = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32)
    rows = weights.fit_transform(f"{one['title']}\n{one['text']}" for one in articles)
    return np.asarray((rows @ rows.T).toarray(), dtype=np.float32)


def cluster_stream(
    words: Matrix,
    meaning: Matrix,
    days: npt.NDArray[np.float64],
    *,
    threshold: float,
    dense: float,
    time: float,
    sigma_days: float,
) -> Labels:
    """Put each article to the cluster whose centroid is nearest, or open one.

    A cluster scores (1 - time) * ((1 - dense) * TF-IDF cosine + dense * vector cosine) + time * g,
    with the centroids the sums of its articles' unit vectors and g the mean of Gaussians of the
    gaps to its first, last and mean article (Miranda et al. 2018, section 4: their features with
    weights that are searched, not learned). Without a time, its weight goes to the other two.

    A centroid is never built: its cosine with an article is the sum of the cosines with its
    members over its length, and its length grows with them.
    """
    n = len(days)
    order = np.lexsort((np.arange(n), np.isnan(days), days))
    labels = np.full(n, -1, dtype=np.int64)
    lengths = np.zeros((2, n))  # squared, of the sums of unit rows
    first, last = np.full(n, np.nan), np.full(n, np.nan)
    day_sum, n_dated = np.zeros(n), np.zeros(n)
    n_clusters = 0
    for n_done, place in enumerate(order.tolist()):
        choice = -1
        sums = np.zeros((2, n_clusters))
        if n_done:
            done = order[:n_done]
            for row, table in enumerate((words, meaning)):
                sums[row] = np.bincount(
                    labels[done], weights=table[place, done], minlength=n_clusters
                )
            cosines = sums / np.sqrt(np.maximum(lengths[:, :n_clusters], 1e-12))
            scores = (1 - dense) * cosines[0] + dense * cosines[1]
            middle = day_sum[:n_clusters] / np.maximum(n_dated[:n_clusters], 1)
            gaps = days[place] - np.stack((first[:n_clusters], last[:n_clusters], middle))
            near = np.exp(-(gaps**2) / (2 * sigma_days**2)).mean(axis=0)
            scores = np.where(np.isnan(near), scores, (1 - time) * scores + time * near)
            best = int(np.argmax(scores))
            if scores[best] >= threshold:
                choice = best
        if choice < 0:
            choice, n_clusters = n_clusters, n_clusters + 1
            added = np.zeros(2)
        else:
            added = sums[:, choice]
        own = np.array([words[place, place], meaning[place, place]])
        lengths[:, choice] += 2 * added + own
        if not np.isnan(days[place]):
            first[choice] = np.fmin(first[choice], days[place])
            last[choice] = np.fmax(last[choice], days[place])
            day_sum[choice] += days[place]
            n_dated[choice] += 1
        labels[place] = choice
    return labels


METHODS: dict[str, Callable[[Inputs, Sequence[Row]], list[Labels]]] = {
    "linkage": cluster_by_linkage,
    "stream": cluster_by_stream,
}


def work(request: Row) -> Row:
    """Cluster under every setting of the request."""
    watch = Stopwatch()
    articles = read_lines(request["articles"])
    vectors = np.load(request["rows"])
    with watch.measure("find"):
        found = METHODS[request["method"]]((articles, vectors), request["settings"])
    return {
        "clusters": [
            {one["id"]: int(label) for one, label in zip(articles, labels, strict=True)}
            for labels in found
        ],
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
    }


if __name__ == "__main__":
    run_job(work)
