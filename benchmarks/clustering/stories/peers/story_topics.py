"""Peer: BERTopic on our vectors of openings; runs under a Python that has bertopic."""

from typing import Any

import bertopic
import numpy as np
import umap
from bertopic import BERTopic
from hdbscan import HDBSCAN
from umap import UMAP

from benchmarks.job import Stopwatch, read_lines, run_job

Row = dict[str, Any]


class Reduced:
    """UMAP done once for several settings of what follows it."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def fit(self, rows: Any, y: Any = None) -> "Reduced":
        return self

    def transform(self, rows: Any) -> Any:
        return self._rows


def find_topics(request: Row) -> Row:
    """Return the topic of each article under every setting; outliers are topics of their own."""
    watch = Stopwatch()
    articles = read_lines(request["articles"])
    vectors = np.load(request["rows"])
    # texts only name the topics, so headlines do while settings are tried
    texts = [
        text["title"] if request["is_trial"] else f"{text['title']}\n{text['text']}"
        for text in articles
    ]
    clusters = []
    with watch.measure("find"):
        reduced: dict[int, Any] = {}
        for entry in request["settings"]:
            n_neighbors = entry["n_neighbors"]
            if n_neighbors not in reduced:
                reduced[n_neighbors] = UMAP(
                    n_neighbors=n_neighbors,
                    n_components=5,
                    min_dist=0.0,
                    metric="cosine",
                    random_state=0,
                ).fit_transform(vectors)
            model = BERTopic(
                umap_model=Reduced(reduced[n_neighbors]),
                hdbscan_model=HDBSCAN(
                    min_cluster_size=entry["min_topic_size"],
                    min_samples=entry["min_samples"],
                    cluster_selection_method=entry["method"],
                ),
                calculate_probabilities=False,
            )
            topics, _ = model.fit_transform(texts, embeddings=vectors)
            clusters.append(
                {
                    article["id"]: f"alone {place}" if topic < 0 else str(topic)
                    for place, (article, topic) in enumerate(zip(articles, topics, strict=True))
                }
            )
    return {
        "clusters": clusters,
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "version": f"bertopic {bertopic.__version__}, umap-learn {umap.__version__}",
    }


if __name__ == "__main__":
    run_job(find_topics)
