"""The score of a paragraph pair: a logistic model over its measurements.

`passage_model.json` holds, for pairs with vectors and for pairs without, two sets of weights:
`local`, for the pair by itself, and `context`, which adds how well other paragraphs of the same two
articles match; and on what they were fitted, with how each fit does on the articles of the other.
`benchmarks/passages/fit_passage_scores.py` fits them.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from wirethread.clustering.matching.evidence import FEATURES

__all__ = ["CONTEXT", "PassageModel", "load_passage_model", "measure_context", "read_passage_model"]

CONTEXT = ("best_other", "n_others", "beside")
"""What other pairs of the two articles add: the best one's log-odds, the sum of their
probabilities, and the probability of the paragraph next to this one."""


@dataclass(frozen=True, slots=True)
class PassageModel:
    """Weights of one model; log-odds are `bias + weights . [measurements(, context)]`."""

    features: Sequence[int]
    """Columns of `FEATURES` that are used."""
    local_bias: float
    local_weights: npt.NDArray[np.float64]
    context_bias: float
    context_weights: npt.NDArray[np.float64]

    def score_local(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Log-odds of pairs by themselves; `values` is float64[n, len(FEATURES)]."""
        return self.local_bias + values[:, list(self.features)] @ self.local_weights

    def score_in_context(
        self, values: npt.NDArray[np.float64], context: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Log-odds with `context` float64[n, len(CONTEXT)] from `measure_context`."""
        measured = np.hstack([values[:, list(self.features)], context])
        return self.context_bias + measured @ self.context_weights


def measure_context(
    hosts: Sequence[int], sources: Sequence[int], log_odds: Sequence[float]
) -> npt.NDArray[np.float64]:
    """What the other pairs of two articles say about each pair; float64[n, len(CONTEXT)].

    Only pairs that share neither paragraph with this one count, each paragraph of the host once.
    """
    context = np.zeros((len(hosts), len(CONTEXT)))
    for i, (p, q) in enumerate(zip(hosts, sources, strict=True)):
        best: dict[int, float] = {}
        for other_p, other_q, value in zip(hosts, sources, log_odds, strict=True):
            if other_p != p and other_q != q and value > best.get(other_p, -9.0):
                best[other_p] = value
        top = max(best.values(), default=-4.0)
        odds = {other: 1 / (1 + math.exp(-value)) for other, value in best.items()}
        context[i] = (
            min(max(top, -4.0), 4.0),
            min(sum(sorted(odds.values())), 4.0),
            max((odds[other] for other in (p - 1, p + 1) if other in odds), default=0.0),
        )
    return context


@cache
def load_passage_model(*, with_vectors: bool) -> PassageModel:
    """The model that ships, for pairs with vectors or without."""
    text = (
        resources.files("wirethread.clustering.matching")
        .joinpath("passage_model.json")
        .read_text("utf-8")
    )
    return read_passage_model(
        json.loads(text)["with_vectors" if with_vectors else "without_vectors"]
    )


def read_passage_model(data: Mapping[str, Any]) -> PassageModel:
    """The model as `passage_model.json` stores it."""
    return PassageModel(
        features=[FEATURES.index(name) for name in data["features"]],
        local_bias=float(data["local"]["bias"]),
        local_weights=np.array(data["local"]["weights"], dtype=np.float64),
        context_bias=float(data["context"]["bias"]),
        context_weights=np.array(data["context"]["weights"], dtype=np.float64),
    )
