"""How well predicted clusters agree with labelled ones.

B-cubed: Bagga and Baldwin 1998; adjusted Rand index: Hubert and Arabie 1985; V-measure: Rosenberg
and Hirschberg 2007. Clusterings are given as labels per article, in the same order.
"""

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from wirethread.articles.types.articles import ArticleId

__all__ = [
    "ClusterError",
    "ClusterScores",
    "PrecisionRecall",
    "find_worst_merges",
    "find_worst_splits",
    "score_clusters",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionRecall:
    """Precision, recall and their harmonic mean, 0 to 1."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterScores:
    """Agreement of predicted with labelled clusters."""

    n_articles: int
    n_labelled_clusters: int
    n_predicted_clusters: int
    largest_labelled: int
    largest_predicted: int
    bcubed: PrecisionRecall
    pairwise: PrecisionRecall
    adjusted_rand: float
    v_measure: float
    homogeneity: float
    completeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterError:
    """A predicted cluster that joins several labelled ones, or a labelled one that was split."""

    label: str
    """Of the predicted cluster (merge) or the labelled one (split)."""
    n_wrong_pairs: int
    parts: Sequence[Sequence[ArticleId]]
    """The articles by labelled cluster (merge) or predicted cluster (split), largest first."""


def score_clusters(labelled: Sequence[Hashable], predicted: Sequence[Hashable]) -> ClusterScores:
    """Return every score of `predicted` against `labelled`; a `ValueError` if lengths differ."""
    if len(labelled) != len(predicted):
        raise ValueError(f"{len(labelled)} labels for {len(predicted)} predictions")
    n = len(labelled)
    joint = Counter(zip(labelled, predicted, strict=True))
    gold, guess = Counter(labelled), Counter(predicted)
    precision = sum(c * c / guess[key[1]] for key, c in joint.items()) / n if n else 1.0
    recall = sum(c * c / gold[key[0]] for key, c in joint.items()) / n if n else 1.0
    homogeneity, completeness = (
        _homogeneity(joint, gold, guess, n),
        _completeness(joint, gold, guess, n),
    )
    return ClusterScores(
        n_articles=n,
        n_labelled_clusters=len(gold),
        n_predicted_clusters=len(guess),
        largest_labelled=max(gold.values(), default=0),
        largest_predicted=max(guess.values(), default=0),
        bcubed=_combine(precision, recall),
        pairwise=_score_pairs(joint, gold, guess),
        adjusted_rand=_adjust_rand(joint, gold, guess, n),
        v_measure=_harmonic(homogeneity, completeness),
        homogeneity=homogeneity,
        completeness=completeness,
    )


def find_worst_merges(
    labelled: Mapping[ArticleId, Hashable], predicted: Mapping[ArticleId, Hashable], limit: int = 10
) -> list[ClusterError]:
    """Return the predicted clusters with most pairs of different labelled clusters."""
    return _find_mixed(predicted, labelled, limit)


def find_worst_splits(
    labelled: Mapping[ArticleId, Hashable], predicted: Mapping[ArticleId, Hashable], limit: int = 10
) -> list[ClusterError]:
    """Return the labelled clusters with most pairs that were put apart."""
    return _find_mixed(labelled, predicted, limit)


def _find_mixed(
    outer: Mapping[ArticleId, Hashable], inner: Mapping[ArticleId, Hashable], limit: int
) -> list[ClusterError]:
    parts: dict[Hashable, dict[Hashable, list[ArticleId]]] = {}
    for article_id in sorted(outer.keys() & inner.keys()):
        part = parts.setdefault(outer[article_id], {})
        part.setdefault(inner[article_id], []).append(article_id)
    errors = []
    for label, part in parts.items():
        total = sum(map(len, part.values()))
        n_wrong = math.comb(total, 2) - sum(math.comb(len(ids), 2) for ids in part.values())
        if n_wrong:
            ordered = sorted(part.values(), key=lambda ids: (-len(ids), ids[0]))
            errors.append(ClusterError(label=str(label), n_wrong_pairs=n_wrong, parts=ordered))
    return sorted(errors, key=lambda error: (-error.n_wrong_pairs, error.label))[:limit]


def _score_pairs(
    joint: Counter[tuple[Hashable, Hashable]], gold: Counter[Hashable], guess: Counter[Hashable]
) -> PrecisionRecall:
    both = sum(math.comb(c, 2) for c in joint.values())
    n_gold = sum(math.comb(c, 2) for c in gold.values())
    n_guess = sum(math.comb(c, 2) for c in guess.values())
    return _combine(both / n_guess if n_guess else 1.0, both / n_gold if n_gold else 1.0)


def _adjust_rand(
    joint: Counter[tuple[Hashable, Hashable]],
    gold: Counter[Hashable],
    guess: Counter[Hashable],
    n: int,
) -> float:
    both = sum(math.comb(c, 2) for c in joint.values())
    n_gold = sum(math.comb(c, 2) for c in gold.values())
    n_guess = sum(math.comb(c, 2) for c in guess.values())
    expected = n_gold * n_guess / math.comb(n, 2) if n > 1 else 0.0
    largest = (n_gold + n_guess) / 2
    return 1.0 if largest == expected else (both - expected) / (largest - expected)


def _homogeneity(
    joint: Counter[tuple[Hashable, Hashable]],
    gold: Counter[Hashable],
    guess: Counter[Hashable],
    n: int,
) -> float:
    entropy = _entropy(gold, n)
    given = -sum(c / n * math.log(c / guess[key[1]]) for key, c in joint.items())
    return 1.0 - given / entropy if entropy > 0 else 1.0


def _completeness(
    joint: Counter[tuple[Hashable, Hashable]],
    gold: Counter[Hashable],
    guess: Counter[Hashable],
    n: int,
) -> float:
    entropy = _entropy(guess, n)
    given = -sum(c / n * math.log(c / gold[key[0]]) for key, c in joint.items())
    return 1.0 - given / entropy if entropy > 0 else 1.0


def _entropy(counts: Counter[Hashable], n: int) -> float:
    return -sum(c / n * math.log(c / n) for c in counts.values())


def _combine(precision: float, recall: float) -> PrecisionRecall:
    return PrecisionRecall(precision=precision, recall=recall, f1=_harmonic(precision, recall))


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other > 0 else 0.0
