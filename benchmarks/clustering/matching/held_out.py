"""Ours with a model that was fitted on the other labelled set alone.

The model that ships was fitted on both sets, so a comparison on either says too much in its favour.
`fitted/` holds the models of `fit_passage_scores`, each fitted on one set: here a set's passages
are found with the other's.
"""

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.clustering.matching.labelled_pairs import load_texts
from benchmarks.clustering.matching.ours import load_vector_table, to_row
from benchmarks.job import Stopwatch, run_job
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.matching.passage_model import read_passage_model
from wirethread.clustering.measures.passage_scores import predict_reuse
from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder
from wirethread.flows.settings.config import Settings

FITTED = Path(__file__).parent / "fitted"


def name_other(source: Path) -> str:
    """Return the set whose model knows nothing of the articles of a source."""
    return "reuse_dev" if source.name.startswith("reuse_dev2") else "reuse_dev2"


def find_passages(request: dict[str, Any]) -> dict[str, Any]:
    """Return the passages of a set, found by a model that does not know it."""
    source = Path(request["source"])
    stored = FITTED / f"{name_other(source)}_with_vectors.json"
    model = read_passage_model(json.loads(stored.read_text(encoding="utf-8")))
    watch = Stopwatch()
    with watch.measure("find"):
        articles = load_texts(source)
        vectors = load_vector_table(Path(request["vectors"]))
        with patch("wirethread.clustering.matching.match.load_passage_model", lambda **_: model):
            matches = match_passages(
                articles,
                vectors,
                np.ones(len(articles), dtype=bool),
                Settings().matching,
                read_tokens=LazyEncoder(EmbeddingSettings()).encode_tokens,
            )
        found = [to_row(one) for one in predict_reuse(matches, articles)]
    return {"predictions": found, "seconds": watch.seconds, "cpu_seconds": watch.cpu_seconds}


if __name__ == "__main__":
    run_job(find_passages)
