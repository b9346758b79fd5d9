"""The systems that are compared on reused passages, and how each is asked for its best.

All peers get the articles' agencies and the set of allowed pairs (wire copy published before the
host, within our window) as labelled, and their parameters are chosen on the very labels they are
scored on; ours finds agencies and paragraphs by itself, compares every article with every other,
and has the shipped settings.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clustering.matching.datasets import ReuseSet, Scorer
from benchmarks.clustering.matching.peers.passim_tuning import (
    SPAN_FORMS,
    describe_options,
    reshape_spans,
    tune_passim,
)
from benchmarks.measuring import Measured, run_measured

__all__ = [
    "OURS",
    "Bench",
    "Contender",
    "enter_minhash",
    "enter_nearest",
    "enter_ours",
    "enter_passim",
]

Row = dict[str, Any]

OURS = "wirethread"
THRESHOLDS = [round(float(one), 2) for one in np.arange(0.05, 1.0, 0.01)]
SPARK = {
    "PYSPARK_SUBMIT_ARGS": "--master local[*] --driver-memory 4g "
    "--conf spark.ui.enabled=false pyspark-shell",
    "SPARK_LOCAL_IP": "127.0.0.1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every measurement needs."""

    data: ReuseSet
    score: Scorer
    folder: Path
    window_days: float

    def request(self, **more: Any) -> Row:
        """Return a request with the inputs all systems share."""
        return {
            "source": str(self.data.source),
            "gold": str(self.data.gold_source),
            "articles": str(self.folder / "articles.jsonl"),
            "paragraphs": str(self.folder / "paragraphs.jsonl"),
            "vectors": str(self.folder / "vectors.npz"),
            "plain_vectors": str(self.folder / "plain_vectors.npy"),
            "window_days": self.window_days,
            **more,
        }

    def run(self, module: str, request: Row, *, python: str = sys.executable) -> Measured:
        """Run a system once."""
        return run_measured(python, module, request, SPARK)

    def rate(self, predictions: Sequence[Row]) -> float:
        """Return the plagdet of some predictions."""
        return float(self.score(self.data.gold, predictions)["plagdet"])

    def choose_threshold(self, predictions: Sequence[Row]) -> float:
        """Return the threshold of the predictions' `score` with the best plagdet on the labels."""
        return max(
            THRESHOLDS,
            key=lambda least: self.rate([one for one in predictions if one["score"] >= least]),
        )

    def summarize(self, predictions: Sequence[Row]) -> Row:
        """Return the figures of the table for some predictions."""
        scores = self.score(self.data.gold, predictions)
        return {
            **{one: scores[one] for one in ("plagdet", "precision", "recall", "granularity")},
            "recall_by_level": {name: one["recall"] for name, one in scores["by_level"].items()},
            "near_misses": scores["near_miss"]["false_positives"],
            "n_near_misses": scores["near_miss"]["passages"],
            "clean_articles": scores["clean_hosts"]["with_predictions"],
            "n_clean_articles": scores["clean_hosts"]["hosts"],
            "n_predictions": scores["predictions"],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A system with its settings, ready to run."""

    name: str
    module: str
    request: Row
    timed: str | None
    """What its seconds are spent on; None where they say nothing."""
    choose: Callable[[Row], tuple[str, Sequence[Row]]]
    """From a result, the settings in words and the predictions to score."""
    python: str = sys.executable
    costs: Callable[[Row], Row] = lambda result: result
    """From a result, where its seconds by phase stand."""
    more: Mapping[str, Any] = field(default_factory=dict)
    max_runs: int = 1_000


def enter_ours(bench: Bench) -> list[Contender]:
    """Ours with vectors, the making of which is measured once and apart; and without any."""
    embed = bench.run("benchmarks.clustering.matching.ours", bench.request(step="embed"))
    embedding = {
        "seconds": embed.result["seconds"]["find"],
        "cpu_seconds": embed.result["cpu_seconds"]["find"],
        "process_cpu_seconds": embed.cpu_seconds,
        "peak_mib": embed.peak_mib,
        **{one: embed.result[one] for one in ("n_texts", "model", "precision")},
    }
    return [
        Contender(
            name=OURS,
            module="benchmarks.clustering.matching.ours",
            request=bench.request(step="match", with_vectors=True),
            timed="matching all pairs of articles, vectors made before",
            choose=lambda result: ("shipped", result["predictions"]),
            more={"embedding": embedding},
        ),
        Contender(
            name=f"{OURS}, words only",
            module="benchmarks.clustering.matching.ours",
            request=bench.request(step="match", with_vectors=False),
            timed="matching all pairs of articles, no vectors",
            choose=lambda result: ("shipped", result["predictions"]),
        ),
        Contender(
            name=f"{OURS}, model fitted on the other set",
            module="benchmarks.clustering.matching.held_out",
            request=bench.request(),
            timed=None,
            choose=lambda result: ("shipped, but for the model", result["predictions"]),
            max_runs=1,
        ),
    ]


def enter_nearest(bench: Bench) -> list[Contender]:
    """Peers that give the nearest paragraph, at the threshold that is best on the labels."""

    def choose(result: Row) -> tuple[str, Sequence[Row]]:
        least = bench.choose_threshold(result["predictions"])
        kept = [one for one in result["predictions"] if one["score"] >= least]
        return f"threshold {least:g}", kept

    return [
        Contender(
            name=name, module=module, request=bench.request(floor=floor), timed=timed, choose=choose
        )
        for name, module, floor, timed in (
            (
                "embedding cosine",
                "benchmarks.clustering.matching.peers.cosine",
                0.3,
                "cosines of all allowed pairs, vectors made before",
            ),
            (
                "TF-IDF cosine",
                "benchmarks.clustering.matching.peers.tfidf",
                0.1,
                "TF-IDF of all paragraphs, cosines of allowed pairs",
            ),
        )
    ]


def enter_minhash(bench: Bench, python: str, tuned: Row | None) -> list[Contender]:
    """MinHash LSH: shingle length and threshold are the best on the labels."""
    options = {"n_permutations": 128, "floor": 0.0}
    if tuned is None:
        tried = []
        for n_words in (1, 2, 3, 5):
            request = bench.request(**options, n_words=n_words, threshold=0.1)
            found = bench.run(
                "benchmarks.clustering.matching.peers.minhash", request, python=python
            ).result["predictions"]
            least = bench.choose_threshold(found)
            plagdet = bench.rate([one for one in found if one["score"] >= least])
            tried.append({"n_words": n_words, "threshold": least, "plagdet": plagdet})
        tuned = {**max(tried, key=lambda one: one["plagdet"]), "tried": tried}
    n_words, least = tuned["n_words"], tuned["threshold"]

    def choose(result: Row) -> tuple[str, Sequence[Row]]:
        words = f"shingles of {n_words} {'word' if n_words == 1 else 'words'}"
        kept = [one for one in result["predictions"] if one["score"] >= least]
        return f"{words}, Jaccard {least:g}, 128 permutations", kept

    index_threshold = max(least - 0.05, 0.05)  # the index itself misses some near its threshold
    return [
        Contender(
            name="MinHash LSH (datasketch)",
            module="benchmarks.clustering.matching.peers.minhash",
            request=bench.request(**options, n_words=n_words, threshold=index_threshold),
            timed="signatures of all paragraphs, index of wire ones, a query per host one",
            choose=choose,
            python=python,
            more={"tuning": tuned},
        )
    ]


def enter_passim(bench: Bench, python: str, tuned: Row | None) -> list[Contender]:
    """Passim with its own defaults, and with what is best on the labels."""
    paragraphs = bench.data.paragraphs
    ids = [one["id"] for one in bench.data.articles]

    def find(options: list[list[str]]) -> list[list[Row]]:
        request = bench.request(options=options)
        runs = bench.run(
            "benchmarks.clustering.matching.peers.passim_spans", request, python=python
        ).result["runs"]
        return [one["predictions"] for one in runs]

    def rate(form: str, spans: Sequence[Row]) -> float:
        return bench.rate(reshape_spans(form, spans, paragraphs, ids))

    tuned = tuned or tune_passim(find, rate)

    def enter(name: str, options: Sequence[str], form: str, more: Row) -> Contender:
        def choose(result: Row) -> tuple[str, Sequence[Row]]:
            spans = reshape_spans(form, result["runs"][0]["predictions"], paragraphs, ids)
            return f"{describe_options(options)}; {SPAN_FORMS[form]}", spans

        return Contender(
            name=name,
            module="benchmarks.clustering.matching.peers.passim_spans",
            request=bench.request(options=[list(options)]),
            timed="passim --to-extents, from its JSON input to aligned spans, Spark running",
            choose=choose,
            python=python,
            costs=lambda result: result["runs"][0],
            more=more,
        )

    return [
        enter("passim, defaults", [], "as given", {}),
        enter("passim, tuned", tuned["options"], tuned["form"], {"tuning": tuned}),
    ]
