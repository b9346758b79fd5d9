"""Fit the passage model to labelled sets, each for testing on the others, then all for use.

    python -m benchmarks.clustering.matching.fit_passage_scores --set NAME ARTICLES GOLD --set ...
        [--background ARTICLES ...] [--models FOLDER] [--write]

A set teaches one hand of rewording, so only what a model finds in another set counts: each is
fitted alone and scored on the others, and the scores are stored with the model that ships. Beside
the labelled pairs stand the same articles at other lengths (`shorten_side`), at half weight or
less, and pairs of unlabelled articles, of which a few are copies anyway, at a fifth:
labelled hosts are far likelier to hold copy than news at large. Of pairs that share few runs, those
that are in doubt in context get a fit of their own, with the soft alignment of their words; the
unlabelled count whole there, since what is in doubt is rarely copied in news at large.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from benchmarks.clustering.matching.datasets import read_rows
from benchmarks.clustering.matching.labelled_pairs import (
    LabelledPairs,
    collect_background,
    collect_pairs,
    load_texts,
)
from benchmarks.clustering.matching.shorter import shorten_side
from benchmarks.measuring import ROOT
from wirethread.clustering.matching.evidence import FEATURES
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.matching.pair_scores import DOUBTFUL
from wirethread.clustering.matching.passage_model import measure_context, read_passage_model
from wirethread.clustering.matching.quotations import discount_pairs, resemble_quotations
from wirethread.clustering.matching.soft_alignment import SOFT_FEATURES
from wirethread.clustering.measures.passage_scores import predict_reuse, score_passages
from wirethread.clustering.types import ArticleText, VectorTable
from wirethread.embedding.encoder import Encoder
from wirethread.embedding.sentence import load_encoder
from wirethread.flows.evaluation.passages import encode_paragraphs, read_cases
from wirethread.flows.settings.config import Settings

VECTOR_FEATURES = ("cosine", "margin_host", "margin_donor", "is_mutual", "topic", "lift")
DECIDED_BY_RULE = ("slots_changed",)
PENALTY = {"with_vectors": 1.0, "without_vectors": 0.1}
SHORTER_WEIGHT = {"with_vectors": 0.5, "without_vectors": 0.2}
BACKGROUND_WEIGHT = 0.2
N_FOLDS = 5
SHIPPED = ROOT / "clustering" / "matching" / "passage_model.json"
MODELS = ("with_vectors", "without_vectors")

Fitted = tuple[float, npt.NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A labelled set: its articles with their vectors, its labels, and what is fitted to it."""

    name: str
    texts: Sequence[ArticleText]
    gold: Sequence[Mapping[str, Any]]
    gold_path: Path
    vectors: VectorTable
    pairs: Mapping[str, LabelledPairs]
    """By name of the model."""


def load_set(name: str, articles: Path, gold: Path, encoder: Encoder) -> LabelledSet:
    """Read a set and measure its pairs and those of its shortened articles."""
    texts, rows = load_texts(articles), list(read_rows(gold))
    vectors = encode_paragraphs(texts, encoder)
    pairs = {
        "with_vectors": [collect_pairs(texts, rows, vectors, encoder.encode_tokens)],
        "without_vectors": [collect_pairs(texts, rows, None, None)],
    }
    for side in ("host", "donor"):
        made, labels = shorten_side(texts, rows, side)
        at_lengths = encode_paragraphs(made, encoder)
        for model, table in (("with_vectors", at_lengths), ("without_vectors", None)):
            read_tokens = encoder.encode_tokens if table is not None else None
            found = collect_pairs(made, labels, table, read_tokens)
            pairs[model].append(found.weigh(SHORTER_WEIGHT[model]))
    joined = {
        model: LabelledPairs.join([one.leave_forms_out() for one in parts])
        for model, parts in pairs.items()
    }
    return LabelledSet(name, texts, rows, gold, vectors, joined)


def choose_features(model: str) -> list[int]:
    """Columns of `FEATURES` for a model; the one without vectors leaves out what needs them."""
    left_out = DECIDED_BY_RULE if model == "with_vectors" else DECIDED_BY_RULE + VECTOR_FEATURES
    return [i for i, feature in enumerate(FEATURES) if feature not in left_out]


def fit_logistic(
    values: npt.NDArray[np.float64],
    labels: npt.NDArray[np.bool_],
    weights: npt.NDArray[np.float64],
    penalty: float,
) -> Fitted:
    """(bias, slopes) by Newton's method, ridge penalty on standardised columns."""
    mean, scale = values.mean(axis=0), values.std(axis=0)
    scale[scale < 1e-9] = 1.0
    design = np.column_stack([np.ones(len(values)), (values - mean) / scale])
    ridge = np.full(design.shape[1], penalty)
    ridge[0] = 0.0
    found = np.zeros(design.shape[1])
    for _ in range(100):
        probability = 1 / (1 + np.exp(-design @ found))
        gradient = design.T @ (weights * (labels - probability)) - ridge * found
        curvature = weights * probability * (1 - probability)
        hessian = (design * curvature[:, None]).T @ design + np.diag(ridge + 1e-9)
        step = np.linalg.solve(hessian, gradient)
        found += step * min(1.0, 5.0 / (np.abs(step).max() + 1e-12))
        if np.abs(step).max() < 1e-7:
            break
    slopes = found[1:] / scale
    return float(found[0] - slopes @ mean), slopes


def context_of(pairs: LabelledPairs, log_odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """`measure_context` for every article pair."""
    context = np.zeros((len(log_odds), 3))
    log_odds = discount_pairs(
        pairs.values,
        log_odds,
        resemble_quotations(pairs.values),
        pairs.values[:, FEATURES.index("slots_changed")] > 0,
    )
    _, inverse = np.unique(pairs.article_pairs, axis=0, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(inverse[order])) + 1):
        hosts, donors = pairs.paragraph_pairs[rows].T.tolist()
        context[rows] = measure_context(hosts, donors, log_odds[rows].tolist())
    return context


def fit_model(
    pairs: LabelledPairs, background: LabelledPairs | None, model: str, seed: int = 0
) -> dict[str, Any]:
    """The model as stored; context is learnt from held-out scores, as it will be met in use."""
    features = choose_features(model)
    n = len(pairs.levels)
    every = pairs
    if background is not None:
        every = LabelledPairs.join([pairs, background.weigh(BACKGROUND_WEIGHT)])
    values, labels = every.values[:, features], every.is_copy
    penalty = PENALTY[model]
    local = fit_logistic(values, labels, every.weights, penalty)
    random = np.random.default_rng(seed)
    fold_of = {group: int(random.integers(N_FOLDS)) for group in sorted(set(pairs.groups.tolist()))}
    folds = np.array([fold_of[group] for group in pairs.groups.tolist()])
    folds = np.append(folds, np.full(len(labels) - n, -1))
    log_odds = local[0] + values @ local[1]
    for fold in range(N_FOLDS):
        kept = folds != fold
        bias, slopes = fit_logistic(values[kept], labels[kept], every.weights[kept], penalty)
        log_odds[~kept] = bias + values[~kept] @ slopes
    in_context = np.hstack([values, context_of(every, log_odds)])
    final = fit_logistic(in_context, labels, every.weights, penalty)
    found = {
        "features": [FEATURES[i] for i in features],
        "local": _store(local),
        "context": _store(final),
    }
    doubtful = ~np.isnan(every.soft).any(axis=1)
    if doubtful.any():
        log_odds = final[0] + in_context @ final[1]
        for fold in range(N_FOLDS):
            kept = folds != fold
            bias, slopes = fit_logistic(
                in_context[kept], labels[kept], every.weights[kept], penalty
            )
            log_odds[~kept] = bias + in_context[~kept] @ slopes
        doubtful &= log_odds > DOUBTFUL
        measured = np.hstack([in_context, every.soft])[doubtful]
        weights = np.append(pairs.weights, np.ones(len(labels) - n))[doubtful]
        reworded = fit_logistic(measured, labels[doubtful], weights, penalty)
        found["soft"] = list(SOFT_FEATURES)
        found["reworded"] = _store(reworded)
    return found


def _store(fitted: Fitted) -> dict[str, Any]:
    bias, slopes = fitted
    return {"bias": round(bias, 5), "weights": [round(slope, 5) for slope in slopes.tolist()]}


def score_model(
    fitted: Mapping[str, Any], tested: LabelledSet, model: str, encoder: Encoder
) -> dict[str, float]:
    """Score the passages found in a set with a model, as `evaluate passages` does."""
    vectors = tested.vectors if model == "with_vectors" else None
    read = read_passage_model(fitted)
    with patch("wirethread.clustering.matching.match.load_passage_model", lambda **_: read):
        matches = match_passages(
            tested.texts,
            vectors,
            np.ones(len(tested.texts), dtype=bool),
            Settings().matching,
            read_tokens=encoder.encode_tokens,
        )
    cases, clean = read_cases(tested.gold_path, tested.gold)
    scores = score_passages(
        cases,
        clean,
        predict_reuse(matches, tested.texts),
        {row["host_id"] for row in tested.gold if row.get("host_id")},
    )
    return {
        "plagdet": round(scores.plagdet, 4),
        "precision": round(scores.precision, 4),
        **{level: round(value, 4) for level, value in scores.recall_by_level.items()},
        "look_alikes": scores.n_near_misses_reported,
        "clean": scores.n_clean_reported,
    }


def fit_all(
    sets: Sequence[LabelledSet],
    background: Mapping[str, LabelledPairs],
    folder: Path | None,
    encoder: Encoder,
) -> dict[str, Any]:
    """Fit each set alone, score it on the others, then fit all; the model as it ships."""
    shipped: dict[str, Any] = {}
    for model in MODELS:
        held_out: dict[str, Any] = {}
        for fitted_on in sets:
            alone = fit_model(fitted_on.pairs[model], background.get(model), model)
            if folder is not None:
                path = folder / f"{fitted_on.name}_{model}.json"
                path.write_text(json.dumps(alone, indent=1) + "\n", encoding="utf-8")
            for tested in sets:
                if tested is not fitted_on:
                    scores = score_model(alone, tested, model, encoder)
                    held_out[f"fitted on {fitted_on.name}, tested on {tested.name}"] = scores
                    print(f"{model}, fitted on {fitted_on.name}, {tested.name}: {scores}")
        both = LabelledPairs.join([one.pairs[model] for one in sets])
        shipped[model] = {
            "fitted_on": [one.name for one in sets],
            "n_copies": int(both.is_copy.sum()),
            "n_others": int((~both.is_copy).sum()),
            "n_background": len(background[model].levels) if model in background else 0,
            "held_out": held_out,
            **fit_model(both, background.get(model), model),
        }
    return shipped


def main() -> None:
    """Fit, report, and store if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument(
        "--set", nargs=3, action="append", required=True, metavar=("NAME", "ARTICLES", "GOLD")
    )
    parser.add_argument("--background", type=Path, nargs="*", default=[])
    parser.add_argument("--models", type=Path, help="folder for the models fitted on one set each")
    parser.add_argument("--write", action="store_true", help="in place of the model that ships")
    asked = parser.parse_args()
    encoder = load_encoder("default")
    sets = [load_set(name, Path(a), Path(g), encoder) for name, a, g in asked.set]
    labelled = [text for one in sets for text in one.texts]
    background: dict[str, LabelledPairs] = {}
    if asked.background:
        parts = []
        for path in asked.background:
            texts = load_texts(path)
            vectors = encode_paragraphs(texts, encoder)
            parts.append(collect_background(texts, vectors, encoder.encode_tokens, labelled))
        background["with_vectors"] = LabelledPairs.join(parts).leave_forms_out()
    shipped = fit_all(sets, background, asked.models, encoder)
    if asked.write:
        SHIPPED.write_text(json.dumps(shipped, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
