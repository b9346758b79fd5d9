"""Fit story settings to labels: a small search, judged on stories that it did not see."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.errors import SourceError
from wirethread.clustering.settings import Granularity, StorySettings
from wirethread.flows.evaluation.label_evidence import AgreementScore
from wirethread.flows.runs.progress import report_progress

__all__ = ["FITTED", "Calibration", "Evidence", "FoldResult", "fit_settings"]

MIN_GAIN = 0.001
"""A step must raise the agreement by this much, so that noise does not move settings."""
MAX_STEPS = 12
STEP = 0.01
"""Of the threshold."""
SCAN_STEP = 0.02
"""Between the thresholds that are tried first, from `min_score` to `MAX_THRESHOLD`."""
SHARE_STEP, COPY_STEP, PENALTY_STEP, RATIO_STEP = 0.1, 0.05, 0.05, 0.05
MIN_DENSE_SHARE, MAX_DENSE_SHARE = 0.2, 0.8
MAX_COPY_WEIGHT, MAX_PENALTY, MAX_THRESHOLD = 0.5, 0.6, 0.7


class Evidence(Protocol):
    """What people said, in a form that settings can be held against."""

    n_articles: int
    folds: NDArray[np.int64]
    """int64[n]: the fold of each labelled article or pair; a story lies in one fold."""

    def judge(self, settings: StorySettings) -> NDArray[np.float64]:
        """Return float64[n, k]: how each labelled article or pair fares under the settings."""
        ...

    def summarize(self, judged: NDArray[np.float64]) -> AgreementScore:
        """Return the agreement of some rows of what `judge` returns, float64[m, k]."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldResult:
    """One fold: what was fitted on the others, and how it does here."""

    n_labels: int
    settings: Mapping[str, float | str]
    before: AgreementScore
    after: AgreementScore


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What fitting to labels would change, and whether it helps on stories it did not see."""

    labels: Path
    kind: str
    """`stories` or `pairs`."""
    n_articles: int
    n_labels: int
    before: AgreementScore
    """Of the present settings."""
    after: AgreementScore
    """Of settings fitted without the stories they are judged on (cross-validation)."""
    fitted: AgreementScore
    """Of the settings proposed, on the labels they were fitted on: always flattering."""
    folds: Sequence[FoldResult]
    present: Mapping[str, float | str]
    proposed: Mapping[str, float | str]
    """Fitted on all labels."""
    is_better: bool
    """Whether settings change, and fitting them helps on stories that were not fitted on."""


class Judge:
    """Remembers what was judged: folds of one search mostly try the same settings."""

    def __init__(self, evidence: Evidence, present: StorySettings) -> None:
        self.evidence = evidence
        self.present = present
        self._known: dict[StorySettings, NDArray[np.float64]] = {}

    def judge(self, settings: StorySettings) -> NDArray[np.float64]:
        """Return float64[n, k], as the evidence does, but once for the same settings."""
        if settings not in self._known:
            self._known[settings] = self.evidence.judge(settings)
            report_progress("calibrate", len(self._known))
        return self._known[settings]

    def score(self, settings: StorySettings, rows: NDArray[np.bool_]) -> float:
        """Return the agreement, 0 to 1, on the articles or pairs `rows`, bool[n]."""
        return self.evidence.summarize(self.judge(settings)[rows]).value


def fit_settings(
    evidence: Evidence, settings: StorySettings, labels: Path, kind: str
) -> Calibration:
    """Fit the settings to the evidence, and judge fitting itself by cross-validation.

    Raises `SourceError` where the labels cannot be divided into at least two folds.
    """
    judge = Judge(evidence, settings)
    places = sorted(set(evidence.folds.tolist()))
    if len(places) < 2:
        raise SourceError(f"{labels}: all labels hang together, so none can be held out")
    before = judge.judge(settings)
    after = np.empty_like(before)
    folds: list[FoldResult] = []
    for place in places:
        held_out = evidence.folds == place
        fitted = fit(judge, ~held_out)
        after[held_out] = judge.judge(fitted)[held_out]
        folds.append(
            FoldResult(
                n_labels=int(held_out.sum()),
                settings=list_fitted(fitted),
                before=evidence.summarize(before[held_out]),
                after=evidence.summarize(after[held_out]),
            )
        )
    everything = np.ones(len(before), dtype=bool)
    proposed = fit(judge, everything)
    scores = evidence.summarize(before), evidence.summarize(after)
    return Calibration(
        labels=labels,
        kind=kind,
        n_articles=evidence.n_articles,
        n_labels=len(before),
        before=scores[0],
        after=scores[1],
        fitted=evidence.summarize(judge.judge(proposed)),
        folds=folds,
        present=list_fitted(settings),
        proposed=list_fitted(proposed),
        is_better=proposed != settings and scores[1].value > scores[0].value,
    )


def fit(judge: Judge, rows: NDArray[np.bool_]) -> StorySettings:
    """Return the settings that agree best with the labels `rows`, bool[n].

    Found by a scan of thresholds, then by steps.
    """
    best = judge.present
    value = judge.score(best, rows)
    for candidate in scan_thresholds(best):
        found = judge.score(candidate, rows)
        if found > value + (MIN_GAIN if best == judge.present else 0):
            best, value = candidate, found
    for _ in range(MAX_STEPS):
        tried = {one: judge.score(one, rows) for one in step_around(best)}
        candidate = max(tried, key=lambda one: tried[one], default=best)
        if candidate == best or tried[candidate] < value + MIN_GAIN:
            break
        best, value = candidate, tried[candidate]
    return best


def scan_thresholds(settings: StorySettings) -> Iterator[StorySettings]:
    """Yield the settings with other thresholds, the nearest first, then those of the other level.

    Of the other level only the shipped threshold is tried first: steps move it later.
    """
    other: Granularity = "happening" if settings.granularity == "story" else "story"
    yield replace(settings, granularity=other)
    name = name_threshold(settings)
    scanned = np.arange(settings.min_score, MAX_THRESHOLD + 1e-6, SCAN_STEP).round(4).tolist()
    present = getattr(settings, name)
    for threshold in sorted(scanned, key=lambda value: abs(value - present)):
        yield replace(settings, **{name: threshold})


def name_threshold(settings: StorySettings) -> str:
    """Return the name of the threshold that cuts clusters of this granularity."""
    return "story_threshold" if settings.granularity == "story" else "threshold"


def step_around(settings: StorySettings) -> Iterator[StorySettings]:
    """Yield settings one step away; a step of a weight also with thresholds moved with it."""
    for n_steps in (-1, 1):
        yield from move_threshold(settings, n_steps)
    for weighed in step_weights(settings):
        for n_steps in (0, -2, 2):
            yield from move_threshold(weighed, n_steps)


def move_threshold(settings: StorySettings, n_steps: int) -> Iterator[StorySettings]:
    name = name_threshold(settings)
    threshold = round(getattr(settings, name) + n_steps * STEP, 4)
    if settings.min_score <= threshold <= MAX_THRESHOLD:
        yield replace(settings, **{name: threshold})


def step_weights(settings: StorySettings) -> Iterator[StorySettings]:
    """Yield the settings with one weight a step up or down."""
    total = settings.dense_weight + settings.sparse_weight
    for sign in (-1, 1):
        share = settings.dense_weight / total + sign * SHARE_STEP
        if MIN_DENSE_SHARE - 1e-6 <= share <= MAX_DENSE_SHARE + 1e-6:
            dense = round(share * total, 4)
            yield replace(settings, dense_weight=dense, sparse_weight=round(total - dense, 4))
        for name, step, most in (
            ("copy_weight", COPY_STEP, MAX_COPY_WEIGHT),
            ("max_time_penalty", PENALTY_STEP, MAX_PENALTY),
            ("min_ratio", RATIO_STEP, 1.0),
        ):
            value = round(getattr(settings, name) + sign * step, 4)
            if 0 <= value <= most:
                yield replace(settings, **{name: value})


FITTED = (
    "granularity",
    "threshold",
    "story_threshold",
    "dense_weight",
    "sparse_weight",
    "copy_weight",
    "max_time_penalty",
    "min_ratio",
)


def list_fitted(settings: StorySettings) -> dict[str, float | str]:
    """Return the settings that fitting may change."""
    return {name: getattr(settings, name) for name in FITTED}
