"""Labels as evidence: how story clusters under any settings agree with what people said."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.errors import ConfigError
from wirethread.articles.types.articles import ArticleId, Link
from wirethread.clustering.links.figures import find_figures, measure_disagreement
from wirethread.clustering.links.named_days import AGREEING
from wirethread.clustering.links.score import (
    STORY_TIME_SHARE,
    measure_time_penalties,
    score_links,
    sum_all_penalties,
)
from wirethread.clustering.settings import StoryArticle, StorySettings
from wirethread.clustering.stories.linkage import cluster_articles

__all__ = [
    "AgreementScore",
    "JudgedPairs",
    "LinkTable",
    "StoryEvidence",
    "build_link_table",
    "divide_into_folds",
]

MIN_DENSE_SHARE = 0.2
"""Smallest and, from 1, largest share of the dense weight that links are kept for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementScore:
    """How well clusters agree with labels, 0 to 1, and the two sides of it."""

    measure: str
    value: float
    parts: Mapping[str, float]


class LinkTable:
    """Pairs of articles with the components of their score, to be weighed anew.

    Scoring pairs is the slow part and its components do not change with the weights.
    """

    def __init__(self, articles: Sequence[StoryArticle], links: Sequence[Link]) -> None:
        self.article_ids = [one.article_id for one in articles]
        self._links = links
        self._dense = np.array([one.dense for one in links], dtype=np.float64)
        self._sparse = np.array([one.sparse for one in links], dtype=np.float64)
        self._copy = np.array([one.shared_copy for one in links], dtype=np.float64)
        self._days = np.array([one.named_days for one in links], dtype=np.float64)
        self._gaps = np.array([one.gap_days for one in links], dtype=np.float64)  # None is NaN
        figures = {
            article.article_id: find_figures(article.headline, article.text) for article in articles
        }
        self._disagreements = np.array(
            [measure_disagreement(figures[link.left_id], figures[link.right_id]) for link in links],
            dtype=np.float64,
        )

    def weigh(self, settings: StorySettings) -> list[Link]:
        """Return the links that `score_links` gives under other weights and penalties."""
        penalties = sum_all_penalties(self._gaps, self._disagreements, settings)
        likeness = (
            settings.dense_weight * self._dense
            + settings.sparse_weight * self._sparse
            + settings.copy_weight * self._copy
            + settings.day_weight * self._days
        )
        scores = np.clip(likeness - penalties, 0.0, 1.0).round(6)
        given_back = (1.0 - STORY_TIME_SHARE) * measure_time_penalties(self._gaps, settings)
        may_count = likeness - penalties + given_back >= settings.min_score
        return [
            replace(self._links[at], score=float(scores[at]), time_penalty=float(penalties[at]))
            for at in np.flatnonzero(may_count).tolist()
        ]

    def cluster(self, settings: StorySettings) -> dict[ArticleId, int]:
        """Return the number of its story cluster for each article."""
        groups = cluster_articles(self.article_ids, self.weigh(settings), settings=settings)
        return {one: number for number, group in enumerate(groups) for one in group}


def build_link_table(
    articles: Sequence[StoryArticle],
    openings: NDArray[np.float32],
    shared_copy: Mapping[tuple[ArticleId, ArticleId], float],
    settings: StorySettings,
) -> LinkTable:
    """Score every pair that may be a link under any weights that calibration tries.

    `openings` float32[articles, d] are unit vectors of headline and first words.

    A pair that reaches `min_score` with the dense weight at share s of the sum reaches at least
    half of it over the larger of s and 1 - s when both weigh the same and time costs nothing.
    Raises `ConfigError` where neither openings nor words weigh anything.
    """
    total = settings.dense_weight + settings.sparse_weight
    if total == 0:
        raise ConfigError("dense_weight and sparse_weight are both 0: there is nothing to fit")
    present = settings.dense_weight / total
    largest = max(1 - MIN_DENSE_SHARE, present, 1 - present)
    agreeing = settings.day_weight * (1 - AGREEING)  # the most that named days add
    min_score = max(settings.min_score - agreeing, 0.0) * 0.5 / largest
    generous = replace(
        settings,
        dense_weight=total / 2,
        sparse_weight=total / 2,
        copy_weight=1.0,
        day_weight=0.0,
        max_time_penalty=0.0,
        figure_penalty=0.0,
        min_score=min_score,
        unlinked_score=min(settings.unlinked_score, min_score),
    )
    links = score_links(articles, openings, shared_copy=shared_copy, settings=generous)
    return LinkTable(articles, links)


class StoryEvidence:
    """Articles whose story is known: B-cubed precision and recall of each."""

    def __init__(self, table: LinkTable, stories: Mapping[ArticleId, str], *, n_folds: int) -> None:
        self.n_articles = len(table.article_ids)
        self._table = table
        self._ids = sorted(stories)
        self._stories = [stories[one] for one in self._ids]
        self.folds = divide_into_folds(self._stories, n_folds)

    def judge(self, settings: StorySettings) -> NDArray[np.float64]:
        """Return float64[n, 2]: precision and recall of each article (Bagga and Baldwin 1998)."""
        cluster_of = self._table.cluster(settings)
        found = [cluster_of[one] for one in self._ids]
        joint = Counter(zip(self._stories, found, strict=True))
        gold, guess = Counter(self._stories), Counter(found)
        return np.array(
            [
                (joint[story, cluster] / guess[cluster], joint[story, cluster] / gold[story])
                for story, cluster in zip(self._stories, found, strict=True)
            ]
        )

    def summarize(self, judged: NDArray[np.float64]) -> AgreementScore:
        """Return B-cubed F1 of precisions and recalls float64[m, 2]."""
        precision, recall = (float(one) for one in judged.mean(axis=0))
        return AgreementScore(
            measure="B-cubed F1",
            value=2 * precision * recall / (precision + recall) if precision + recall else 0.0,
            parts={"precision": precision, "recall": recall},
        )


class JudgedPairs:
    """Pairs that a person judged: whether the clusters say the same."""

    def __init__(
        self,
        table: LinkTable,
        pairs: Mapping[tuple[ArticleId, ArticleId], bool],
        stories: Sequence[str],
        *,
        n_folds: int,
    ) -> None:
        """`stories` names, for each pair in order, the group of pairs that hangs together."""
        self.n_articles = len({one for pair in pairs for one in pair})
        self._table = table
        self._pairs = list(pairs)
        self._same = np.array([pairs[one] for one in self._pairs], dtype=bool)
        self.folds = divide_into_folds(stories, n_folds)

    def judge(self, settings: StorySettings) -> NDArray[np.float64]:
        """Return float64[n, 2]: whether the answer was yes, and whether the clusters agree."""
        cluster_of = self._table.cluster(settings)
        found = np.array([cluster_of[left] == cluster_of[right] for left, right in self._pairs])
        return np.stack((self._same, found == self._same), axis=1).astype(np.float64)

    def summarize(self, judged: NDArray[np.float64]) -> AgreementScore:
        """Return the mean agreement on pairs of one story and of two, from float64[m, 2]."""
        same = judged[:, 0] > 0.5
        parts = {
            name: float(judged[rows, 1].mean())
            for name, rows in (("same put together", same), ("different kept apart", ~same))
            if rows.any()
        }
        return AgreementScore(
            measure="balanced accuracy",
            value=sum(parts.values()) / len(parts) if parts else 0.0,
            parts=parts,
        )


def divide_into_folds(groups: Sequence[str], n_folds: int) -> NDArray[np.int64]:
    """Return a fold for each item, int64[n], the same for all of a group; folds of like size."""
    sizes = Counter(groups)
    filled = [0] * n_folds
    fold_of: dict[str, int] = {}
    for group in sorted(sizes, key=lambda one: (-sizes[one], one)):
        fold = filled.index(min(filled))
        fold_of[group] = fold
        filled[fold] += sizes[group]
    return np.array([fold_of[one] for one in groups], dtype=np.int64)
