"""How good passage matches are against labelled passages: plagdet and what stands behind it.

The measures of Potthast et al. (An Evaluation Framework for Plagiarism Detection, 2010), as used
for text alignment at PAN: a prediction detects a case when both name the same two articles and
overlap on both sides; the overlap is counted in characters of both sides.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from wirethread.articles.types.articles import ArticleId, PassageMatch
from wirethread.clustering.matching.evidence_pairs import is_known_earlier
from wirethread.clustering.types import ArticleText

__all__ = [
    "PassageScores",
    "ReuseCase",
    "ReusePrediction",
    "ScoreBand",
    "predict_reuse",
    "score_passages",
]

_NEAR_MISS_OVERLAP = 0.5
_BANDS = (0.0, 0.3, 0.5, 0.7, 0.9, 1.0)
NEAR_MISS = "near_miss"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReusePrediction:
    """A span of a host said to come from a span of a donor; offsets are characters."""

    host_id: ArticleId
    donor_id: ArticleId
    host: Span
    donor: Span
    score: float = 1.0
    """How sure it is, 0 to 1."""

    @property
    def length(self) -> int:
        """Characters of both sides."""
        return self.host[1] - self.host[0] + self.donor[1] - self.donor[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseCase(ReusePrediction):
    """A labelled passage; of level `near_miss` it must not be reported."""

    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreBand:
    """Predictions with a score from `low` to below `high`, and how many name a labelled copy."""

    low: float
    high: float
    n_predictions: int
    n_right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageScores:
    """Scores between 0 and 1, except granularity (1 is best) and counts."""

    n_cases: int
    n_predictions: int
    precision: float
    recall: float
    granularity: float
    plagdet: float
    micro_precision: float
    micro_recall: float
    micro_plagdet: float
    recall_by_level: Mapping[str, float]
    n_near_misses: int
    n_near_misses_reported: int
    n_clean: int
    n_clean_reported: int
    clean_reported_by_kind: Mapping[str, int]
    reliability: Sequence[ScoreBand]
    """Whether scores say how often they are right; bands without a prediction are left out."""


def predict_reuse(
    matches: Iterable[PassageMatch], articles: Sequence[ArticleText]
) -> list[ReusePrediction]:
    """Accepted matches of an article with an earlier one of an agency not its own."""
    by_id = {article.article_id: article for article in articles}
    predictions = []
    for match in matches:
        if not match.is_match:
            continue
        left = match.left_article_id, (match.left_begin, match.left_end)
        right = match.right_article_id, (match.right_begin, match.right_end)
        for host, donor in ((left, right), (right, left)):
            copied, own = by_id[host[0]], by_id[donor[0]]
            if own.agency not in (None, copied.agency) and is_known_earlier(own, copied):
                predictions.append(
                    ReusePrediction(
                        host_id=host[0],
                        donor_id=donor[0],
                        host=host[1],
                        donor=donor[1],
                        score=match.score,
                    )
                )
    return predictions


def score_passages(
    cases: Sequence[ReuseCase],
    clean: Mapping[ArticleId, str],
    predictions: Iterable[ReusePrediction],
    other_hosts: Iterable[ArticleId] = (),
) -> PassageScores:
    """Score predictions against labelled cases.

    `clean` gives the kind of every host known to hold no copy. Predictions for hosts that no label
    names (a case, `clean` or `other_hosts`) are left out, and a repeated prediction counts once.
    """
    hosts = {case.host_id for case in cases} | set(clean) | set(other_hosts)
    found = [p for p in dict.fromkeys(predictions) if p.host_id in hosts]
    real = [case for case in cases if case.level != NEAR_MISS]
    by_pair: dict[tuple[ArticleId, ArticleId], list[int]] = defaultdict(list)
    for j, prediction in enumerate(found):
        by_pair[prediction.host_id, prediction.donor_id].append(j)
    detected_by: list[list[int]] = [
        [
            j
            for j in by_pair[case.host_id, case.donor_id]
            if _cut(case.host, found[j].host) and _cut(case.donor, found[j].donor)
        ]
        for case in real
    ]
    detects: list[list[int]] = [[] for _ in found]
    for i, hits in enumerate(detected_by):
        for j in hits:
            detects[j].append(i)
    case_share = [
        _covered(case, [found[j] for j in hits]) / case.length
        for case, hits in zip(real, detected_by, strict=True)
    ]
    found_share = [
        _covered(prediction, [real[i] for i in hits]) / prediction.length
        for prediction, hits in zip(found, detects, strict=True)
    ]
    hit_counts = [len(hits) for hits in detected_by if hits]
    precision, recall = _mean(found_share), _mean(case_share)
    granularity = _mean(hit_counts) if hit_counts else 1.0
    micro_precision, micro_recall = _pool(real, found, detected_by)
    levels = sorted({case.level for case in real})
    near = [case for case in cases if case.level == NEAR_MISS]
    on_host: dict[ArticleId, list[Span]] = defaultdict(list)
    for prediction in found:
        on_host[prediction.host_id].append(prediction.host)
    reported: dict[str, int] = dict.fromkeys(sorted(set(clean.values())), 0)
    for host_id, kind in clean.items():
        reported[kind] += host_id in on_host
    return PassageScores(
        n_cases=len(real),
        n_predictions=len(found),
        precision=precision,
        recall=recall,
        granularity=granularity,
        plagdet=_plagdet(precision, recall, granularity),
        micro_precision=micro_precision,
        micro_recall=micro_recall,
        micro_plagdet=_plagdet(micro_precision, micro_recall, granularity),
        recall_by_level={
            level: _mean(
                [s for s, case in zip(case_share, real, strict=True) if case.level == level]
            )
            for level in levels
        },
        n_near_misses=len(near),
        n_near_misses_reported=sum(_is_reported(case, on_host[case.host_id]) for case in near),
        n_clean=len(clean),
        n_clean_reported=sum(reported.values()),
        clean_reported_by_kind=reported,
        reliability=_measure_reliability(
            [
                (prediction.score, bool(hits))
                for prediction, hits in zip(found, detects, strict=True)
            ]
        ),
    )


def _measure_reliability(told: Sequence[tuple[float, bool]]) -> list[ScoreBand]:
    bands = []
    for low, high in pairwise(_BANDS):
        inside = [right for score, right in told if low <= score < high or score == high == 1.0]
        if inside:
            bands.append(
                ScoreBand(low=low, high=high, n_predictions=len(inside), n_right=sum(inside))
            )
    return bands


def _is_reported(case: ReuseCase, spans: Sequence[Span]) -> bool:
    covered = _size([cut for cut in (_cut(case.host, span) for span in spans) if cut])
    return covered > 0 and covered >= _NEAR_MISS_OVERLAP * (case.host[1] - case.host[0])


def _pool(
    cases: Sequence[ReuseCase],
    found: Sequence[ReusePrediction],
    detected_by: Sequence[Sequence[int]],
) -> tuple[float, float]:
    """Precision and recall over characters pooled per article pair, both sides."""
    pairs: dict[tuple[ArticleId, ArticleId], tuple[list[int], list[int]]] = defaultdict(
        lambda: ([], [])
    )
    for i, case in enumerate(cases):
        pairs[case.host_id, case.donor_id][0].append(i)
    for j, prediction in enumerate(found):
        pairs[prediction.host_id, prediction.donor_id][1].append(j)
    n_true = n_case = n_found = 0
    for in_pair, predicted in pairs.values():
        n_case += _size([cases[i].host for i in in_pair]) + _size([cases[i].donor for i in in_pair])
        n_found += _size([found[j].host for j in predicted])
        n_found += _size([found[j].donor for j in predicted])
        hits = [(i, j) for i in in_pair for j in detected_by[i]]
        n_true += _size([c for i, j in hits if (c := _cut(cases[i].host, found[j].host))])
        n_true += _size([c for i, j in hits if (c := _cut(cases[i].donor, found[j].donor))])
    return (n_true / n_found if n_found else 0.0), (n_true / n_case if n_case else 0.0)


def _covered(one: ReusePrediction, others: Sequence[ReusePrediction]) -> int:
    return _size([c for o in others if (c := _cut(one.host, o.host))]) + _size(
        [c for o in others if (c := _cut(one.donor, o.donor))]
    )


def _plagdet(precision: float, recall: float, granularity: float) -> float:
    both = precision + recall
    return 2 * precision * recall / both / math.log2(1 + granularity) if both else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _cut(left: Span, right: Span) -> Span | None:
    begin, end = max(left[0], right[0]), min(left[1], right[1])
    return (begin, end) if begin < end else None


def _size(spans: Iterable[Span]) -> int:
    """Characters that at least one of the spans covers."""
    total, reached = 0, -1
    for begin, end in sorted(spans):
        total += max(end - max(begin, reached), 0)
        reached = max(reached, end)
    return total
