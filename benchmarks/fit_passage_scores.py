"""Fit the passage model to labelled passages and say how it does on articles held out.

    python -m benchmarks.fit_passage_scores ARTICLES GOLD [--write]

Prints, for pairs with and without vectors, five-fold figures by groups: a host, its sources and
every article that shares one with it are held out together. `--write` replaces
`clustering/passage_model.json` by a fit to all of them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from articles.types import ArticleId
from clustering.boilerplate import drop_repeated_words, find_repeated_words
from clustering.candidates import find_candidates
from clustering.evidence import FEATURES, ProfileCache, measure_pairs
from clustering.evidence_pairs import group_by_articles, is_known_earlier
from clustering.match_settings import MatchSettings
from clustering.outlets import number_publishers
from clustering.paragraph_table import build_paragraph_table
from clustering.passage_model import expand_hinges, measure_context
from clustering.records import ArticleText, VectorTable

HINGED = (
    "cosine",
    "lift",
    "overlap_host",
    "overlap_source",
    "margin_host",
    "margin_source",
    "runs_3",
)
VECTOR_FEATURES = ("cosine", "margin_host", "margin_source", "is_mutual", "topic", "lift")
PENALTY = 1.0
LEVELS = ("verbatim", "light", "heavy", "paraphrase")


@dataclass(frozen=True, slots=True)
class LabelledPairs:
    """Candidate pairs of labelled hosts with their measurements; arrays have one row a pair."""

    article_pairs: npt.NDArray[np.int64]
    paragraph_pairs: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    levels: npt.NDArray[np.str_]
    groups: npt.NDArray[np.int64]

    @property
    def is_copy(self) -> npt.NDArray[np.bool_]:
        return np.isin(self.levels, LEVELS)


def collect_pairs(
    articles: Sequence[ArticleText], gold: Iterable[Mapping[str, Any]], vectors: VectorTable | None
) -> LabelledPairs:
    """Candidate pairs of a labelled host and an earlier wire article."""
    settings = MatchSettings()
    table = build_paragraph_table(articles, vectors, min_words=settings.min_words)
    publishers = number_publishers(articles)
    repeated = find_repeated_words(
        table, publishers, min_days=settings.boilerplate_days, window_days=settings.window_days
    )
    table = drop_repeated_words(table, repeated)
    left, right = find_candidates(table, np.ones(len(articles), dtype=bool), publishers, settings)
    index = {article.article_id: i for i, article in enumerate(articles)}
    gold = list(gold)
    levels = _label_paragraphs(table, index, gold)
    groups = _group_articles(len(articles), index, gold)
    hosts = {index[row["host_id"]] for row in gold}
    cache = ProfileCache(table)
    article_pairs, paragraph_pairs, values = [], [], []
    for host, source, pairs in group_by_articles(table, left, right):
        h, s = articles[host], articles[source]
        if host not in hosts or h.agency or not s.agency or not is_known_earlier(s, h):
            continue
        for evidence in measure_pairs(cache, host, source, pairs):
            article_pairs.append((host, source))
            paragraph_pairs.append((evidence.host, evidence.source))
            values.append(evidence.values)
    return LabelledPairs(
        np.array(article_pairs),
        np.array(paragraph_pairs),
        np.array(values),
        np.array([levels.get(pair, "") for pair in paragraph_pairs]),
        np.array([groups[host] for host, _ in article_pairs]),
    )


def _label_paragraphs(table: Any, index: Mapping[ArticleId, int], gold: Any) -> dict[Any, str]:
    levels: dict[tuple[int, int], str] = {}
    for row in gold:
        if row.get("level") in (*LEVELS, "near_miss"):
            sides = []
            for side in ("host", "source"):
                article = index[row[f"{side}_id"]]
                inside = range(table.article_starts[article], table.article_starts[article + 1])
                sides.append(
                    [
                        i
                        for i in inside
                        if table.begins[i] < row[f"{side}_end"]
                        and table.ends[i] > row[f"{side}_begin"]
                    ]
                )
            levels.update({(p, q): row["level"] for p in sides[0] for q in sides[1]})
    return levels


def _group_articles(n: int, index: Mapping[ArticleId, int], gold: Any) -> list[int]:
    parent = list(range(n))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = i = parent[parent[i]]
        return i

    for row in gold:
        source = row.get("source_id") or row.get("event_source_id")
        if source:
            parent[find(index[row["host_id"]])] = find(index[source])
    return [find(i) for i in range(n)]


def choose_hinges(pairs: LabelledPairs, features: Sequence[int]) -> list[tuple[int, float]]:
    """Bends at quantiles: of the copies for closeness in meaning, of all pairs for the others."""
    hinges = []
    for name in HINGED:
        column = FEATURES.index(name)
        if column in features:
            at_copies = name in ("cosine", "lift")
            values = pairs.values[:, column]
            values = values[pairs.is_copy] if at_copies else values
            bends = np.quantile(values, [0.05, 0.2, 0.5] if at_copies else [0.5, 0.9, 0.97])
            hinges += [(column, round(float(bend), 4)) for bend in sorted(set(bends.tolist()))]
    return hinges


def fit_logistic(
    values: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_], penalty: float = PENALTY
) -> tuple[float, npt.NDArray[np.float64]]:
    """(bias, weights) by Newton's method, ridge penalty on standardised columns."""
    mean, scale = values.mean(axis=0), values.std(axis=0)
    scale[scale < 1e-9] = 1.0
    design = np.column_stack([np.ones(len(values)), (values - mean) / scale])
    ridge = np.full(design.shape[1], penalty)
    ridge[0] = 0.0
    weights = np.zeros(design.shape[1])
    for _ in range(100):
        probability = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (labels - probability) - ridge * weights
        hessian = (design * (probability * (1 - probability))[:, None]).T @ design + np.diag(
            ridge + 1e-9
        )
        step = np.linalg.solve(hessian, gradient)
        weights += step * min(1.0, 5.0 / (np.abs(step).max() + 1e-12))
        if np.abs(step).max() < 1e-7:
            break
    slopes = weights[1:] / scale
    return float(weights[0] - slopes @ mean), slopes


def context_of(pairs: LabelledPairs, log_odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """`measure_context` for every article pair."""
    context = np.zeros((len(log_odds), 3))
    _, inverse = np.unique(pairs.article_pairs, axis=0, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(inverse[order])) + 1):
        hosts, sources = pairs.paragraph_pairs[rows].T.tolist()
        context[rows] = measure_context(hosts, sources, log_odds[rows].tolist())
    return context


def hold_out(
    pairs: LabelledPairs, features: Sequence[int], seed: int, n_folds: int = 5
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Held-out log-odds (local, in context) and the fold of each pair."""
    random = np.random.default_rng(seed)
    fold_of = {group: int(random.integers(n_folds)) for group in sorted(set(pairs.groups.tolist()))}
    folds = np.array([fold_of[group] for group in pairs.groups.tolist()])
    expanded = expand_hinges(pairs.values, features, choose_hinges(pairs, features))
    local, final = np.zeros(len(folds)), np.zeros(len(folds))
    for out, add_context in ((local, False), (final, True)):
        design = np.hstack([expanded, context_of(pairs, local)]) if add_context else expanded
        for fold in range(n_folds):
            bias, weights = fit_logistic(design[folds != fold], pairs.is_copy[folds != fold])
            out[folds == fold] = bias + design[folds == fold] @ weights
    return local, final, folds


def fit_model(pairs: LabelledPairs, features: Sequence[int], seed: int = 0) -> dict[str, Any]:
    """The model as stored; context is learnt from held-out scores, as it will be met in use."""
    hinges = choose_hinges(pairs, features)
    expanded = expand_hinges(pairs.values, features, hinges)
    held_out, _, _ = hold_out(pairs, features, seed)
    local = fit_logistic(expanded, pairs.is_copy)
    final = fit_logistic(np.hstack([expanded, context_of(pairs, held_out)]), pairs.is_copy)
    return {
        "features": [FEATURES[i] for i in features],
        "hinges": [[FEATURES[column], bend] for column, bend in hinges],
        "local": {"bias": round(local[0], 5), "weights": [round(w, 5) for w in local[1].tolist()]},
        "context": {
            "bias": round(final[0], 5),
            "weights": [round(w, 5) for w in final[1].tolist()],
        },
    }


def write_model(
    articles: Sequence[ArticleText], gold: Sequence[Any], vectors: VectorTable, path: Path
) -> None:
    """Fit both models to all labelled pairs and store them."""
    every = range(len(FEATURES))
    lexical = [i for i in every if FEATURES[i] not in VECTOR_FEATURES]
    model = {
        "with_vectors": fit_model(collect_pairs(articles, gold, vectors), list(every)),
        "without_vectors": fit_model(collect_pairs(articles, gold, None), lexical),
    }
    path.write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")
