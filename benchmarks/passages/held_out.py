"""Ours on articles that its model was not fitted on: five folds of the labelled set.

The model that ships was fitted on labels of the set it is compared on, so the comparison says too
much in its favour. Here the passages of each fold are found with a model fitted on the other four.
A host, its sources and every article that shares one with it are in one fold. Unlabelled articles,
on which the model that ships was fitted too, are left out.
"""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.passages.datasets import read_rows
from benchmarks.passages.fit_passage_scores import (
    LabelledPairs,
    choose_features,
    collect_pairs,
    fit_model,
    load_texts,
)
from benchmarks.passages.ours import load_vector_table, to_row
from benchmarks.peers.job import Stopwatch, run_job
from wirethread.clustering.matching.evidence import FEATURES
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.matching.passage_model import PassageModel
from wirethread.clustering.measures.passage_scores import predict_reuse
from wirethread.flows.settings.config import Settings

N_FOLDS = 5


def find_passages(request: dict[str, Any]) -> dict[str, Any]:
    """Return the passages of every labelled host, each found by a model that does not know it."""
    watch = Stopwatch()
    with watch.measure("find"):
        articles = load_texts(Path(request["source"]))
        vectors = load_vector_table(Path(request["vectors"]))
        pairs = collect_pairs(articles, read_rows(Path(request["gold"])), vectors)
        group_of = {
            articles[host].article_id: int(group)
            for (host, _), group in zip(pairs.article_pairs.tolist(), pairs.groups, strict=True)
        }
        fold_of = spread(sorted(set(group_of.values())))
        folds = np.array([fold_of[group] for group in pairs.groups.tolist()])
        found = []
        for fold in range(N_FOLDS):
            model = fit_to(keep_rows(pairs, folds != fold))
            with patch(
                "wirethread.clustering.matching.match.load_passage_model",
                lambda model=model, **_: model,
            ):
                matches = match_passages(
                    articles, vectors, np.ones(len(articles), dtype=bool), Settings().matching
                )
            found += [
                to_row(one)
                for one in predict_reuse(matches, articles)
                if one.host_id in group_of and fold_of[group_of[one.host_id]] == fold
            ]
    return {"predictions": found, "seconds": watch.seconds, "cpu_seconds": watch.cpu_seconds}


def spread(groups: list[int]) -> dict[int, int]:
    """Give each group a fold, by chance with a fixed seed."""
    random = np.random.default_rng(0)
    return {group: int(random.integers(N_FOLDS)) for group in groups}


def keep_rows(pairs: LabelledPairs, rows: np.ndarray[Any, np.dtype[np.bool_]]) -> LabelledPairs:
    return LabelledPairs(
        pairs.article_pairs[rows],
        pairs.paragraph_pairs[rows],
        pairs.values[rows],
        pairs.levels[rows],
        pairs.groups[rows],
    )


def fit_to(pairs: LabelledPairs) -> PassageModel:
    """Fit the model with vectors to some labelled pairs."""
    fitted = fit_model(pairs, None, choose_features("with_vectors"))
    return PassageModel(
        features=[FEATURES.index(name) for name in fitted["features"]],
        hinges=[(FEATURES.index(name), float(bend)) for name, bend in fitted["hinges"]],
        local_bias=fitted["local"]["bias"],
        local_weights=np.array(fitted["local"]["weights"]),
        context_bias=fitted["context"]["bias"],
        context_weights=np.array(fitted["context"]["weights"]),
    )


if __name__ == "__main__":
    run_job(find_passages)
