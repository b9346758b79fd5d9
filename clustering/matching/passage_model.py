"""The score of a paragraph pair: a logistic model over its measurements.

`passage_model.json` holds, for pairs with vectors and for pairs without, sets of weights: `local`,
for the pair by itself; `context`, which adds how well other paragraphs of the same two articles
match; with vectors `reworded`, which adds the soft alignment of words, for pairs that share few
runs; and on what they were fitted, with how each fit does on the articles of the other.
`benchmarks/clustering/matching/fit_passage_scores.py` fits them.
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
_EARLIER_NAMES = {
    "margin_source": "margin_donor",
    "overlap_source": "overlap_donor",
    "credits_source": "credits_donor",
}
"""By the name of a measurement in models that were fitted earlier: its name now."""
_LEAST_LOG_ODDS = -9.0
_MARGIN = 1e-6
"""More than sums of the same numbers in another order differ by."""


@dataclass(frozen=True, slots=True)
class PassageModel:
    """Weights of one model; log-odds are `bias + weights . [measurements(, context)]`."""

    features: Sequence[int]
    """Columns of `FEATURES` that are used."""
    local_bias: float
    local_weights: npt.NDArray[np.float64]
    context_bias: float
    context_weights: npt.NDArray[np.float64]
    reworded_bias: float = 0.0
    reworded_weights: npt.NDArray[np.float64] | None = None
    """None where the model has none."""

    def score_local(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Log-odds of pairs by themselves; `values` is float64[n, len(FEATURES)]."""
        return self.local_bias + values[:, list(self.features)] @ self.local_weights

    def score_in_context(
        self, values: npt.NDArray[np.float64], context: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Log-odds with `context` float64[n, len(CONTEXT)] from `measure_context`."""
        measured = np.hstack([values[:, list(self.features)], context])
        return self.context_bias + measured @ self.context_weights

    def score_reworded(
        self,
        values: npt.NDArray[np.float64],
        context: npt.NDArray[np.float64],
        soft: npt.NDArray[np.float64],
    ) -> npt.NDArray[np.float64]:
        """Log-odds with `soft` float64[n, len(SOFT_FEATURES)] too, of what shares few runs.

        Raises `ValueError` where the model has no weights for it.
        """
        if self.reworded_weights is None:
            raise ValueError("this model has no weights for soft alignment")
        measured = np.hstack([values[:, list(self.features)], context, soft])
        return self.reworded_bias + measured @ self.reworded_weights


def measure_context(
    hosts: Sequence[int], donors: Sequence[int], log_odds: Sequence[float]
) -> npt.NDArray[np.float64]:
    """What the other pairs of two articles say about each pair; float64[n, len(CONTEXT)].

    Only pairs that share neither paragraph with this one count, each paragraph of the host once.
    """
    best = _BestOfHosts(hosts, donors, log_odds)
    context = np.zeros((len(hosts), len(CONTEXT)))
    for i, (p, q) in enumerate(zip(hosts, donors, strict=True)):
        context[i] = best.measure(p, q)
    return context


class _BestOfHosts:
    """The best pair of each host paragraph, and the best with another donor paragraph than that.

    With these two each pair is measured without going through all others.
    """

    def __init__(
        self, hosts: Sequence[int], donors: Sequence[int], log_odds: Sequence[float]
    ) -> None:
        self._first: dict[int, tuple[float, int]] = {}
        self._second: dict[int, float] = {}
        for value, p, q in sorted(zip(log_odds, hosts, donors, strict=True), reverse=True):
            if value <= _LEAST_LOG_ODDS:
                break
            if p not in self._first:
                self._first[p] = (value, q)
            elif q != self._first[p][1]:
                self._second.setdefault(p, value)
        self._led_by: dict[int, list[int]] = {}
        """By donor paragraph: the hosts of which the best pair is with it."""
        for p, (_, q) in self._first.items():
            self._led_by.setdefault(q, []).append(p)
        self._odds = {p: _to_odds(value) for p, (value, _) in self._first.items()}
        self._total = math.fsum(self._odds.values())

    def measure(self, p: int, q: int) -> tuple[float, float, float]:
        """What pairs without this host and this donor paragraph say: see `CONTEXT`."""
        led = self._led_by.get(q, ())
        others = {p, *led}
        rest = {host: self._second[host] for host in led if host != p and host in self._second}
        # the hosts come best first
        top = next((value for host, (value, _) in self._first.items() if host not in others), -4.0)
        top = max([top, *rest.values()])
        odds = {host: _to_odds(value) for host, value in rest.items()}
        total = 4.0
        if self._total - sum(self._odds.get(host, 0.0) for host in others) < 4.0 + _MARGIN:
            unlike = [value for host, value in self._odds.items() if host not in others]
            total = min(sum(sorted([*unlike, *odds.values()])), 4.0)
        beside = [
            odds[host] if host in odds else self._odds[host]
            for host in (p - 1, p + 1)
            if host in odds or (host in self._odds and host not in others)
        ]
        return min(max(top, -4.0), 4.0), total, max(beside, default=0.0)


def _to_odds(value: float) -> float:
    return 1 / (1 + math.exp(-value))


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
    """The model as `passage_model.json` stores it, under names of now or earlier ones."""
    reworded = data.get("reworded")
    return PassageModel(
        features=[FEATURES.index(_EARLIER_NAMES.get(name, name)) for name in data["features"]],
        local_bias=float(data["local"]["bias"]),
        local_weights=np.array(data["local"]["weights"], dtype=np.float64),
        context_bias=float(data["context"]["bias"]),
        context_weights=np.array(data["context"]["weights"], dtype=np.float64),
        reworded_bias=float(reworded["bias"]) if reworded else 0.0,
        reworded_weights=np.array(reworded["weights"], dtype=np.float64) if reworded else None,
    )
