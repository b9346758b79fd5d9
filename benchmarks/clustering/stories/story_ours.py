"""Ours: make the vectors of openings, and cluster labelled articles with the shipped settings."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.job import Stopwatch, run_job
from wirethread.clustering.links.score import score_links
from wirethread.clustering.settings import StorySettings
from wirethread.clustering.stories.linkage import cluster_articles
from wirethread.embedding.sentence import load_encoder
from wirethread.flows.evaluation.stories import read_labelled

__all__ = ["cluster_set", "embed_set"]


def embed_set(request: dict[str, Any]) -> dict[str, Any]:
    """Save a vector for each labelled article (`ids`, `vectors`): headline and first words."""
    watch = Stopwatch()
    with watch.measure("parse"):
        _, labelled = read_labelled(Path(request["source"]))
    with watch.measure("load model"):
        encoder = load_encoder("default")
    with watch.measure("find"):
        vectors = encoder.encode([one.opening for one in labelled])
    ids = np.array([one.article.article_id for one in labelled])
    np.savez(request["vectors"], ids=ids, vectors=vectors)
    return {
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "n_texts": len(labelled),
        "model": encoder.model_id,
        "precision": getattr(encoder, "precision", "float32"),
    }


def cluster_set(request: dict[str, Any]) -> dict[str, Any]:
    """Return the cluster of each labelled id; an article that cannot be read is alone."""
    watch = Stopwatch()
    with watch.measure("parse"):
        labels, labelled = read_labelled(Path(request["source"]))
    with np.load(request["vectors"]) as file:
        vectors = file["vectors"]
    settings = StorySettings()
    with watch.measure("find"):
        articles = [one.article for one in labelled]
        links = score_links(articles, vectors, settings=settings)
        groups = cluster_articles([one.article_id for one in articles], links, settings=settings)
    found = {str(one): f"{number}" for number, group in enumerate(groups) for one in group}
    return {
        "clusters": [{str(one): found.get(str(one), f"unread {one}") for one in labels}],
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "n_links": len(links),
    }


def work(request: dict[str, Any]) -> dict[str, Any]:
    """Do the step that the request names."""
    return embed_set(request) if request["step"] == "embed" else cluster_set(request)


if __name__ == "__main__":
    run_job(work)
