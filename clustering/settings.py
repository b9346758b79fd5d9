"""What story clustering takes: articles as it sees them, and every setting with its effect."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wirethread.articles.bounds import require_between
from wirethread.articles.types.articles import ArticleId, TimePrecision

__all__ = ["Granularity", "StoryArticle", "StorySettings", "ThreadSettings"]

_STORY_SHARES = (
    "dense_weight",
    "sparse_weight",
    "copy_weight",
    "day_weight",
    "max_time_penalty",
    "figure_penalty",
    "threshold",
    "story_threshold",
    "min_ratio",
    "typical_closeness",
    "max_closeness",
    "copy_score",
)


Granularity = Literal["happening", "story"]
"""How coarse story clusters are: one happening, or a whole story of days and weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryArticle:
    """An article as story clustering sees it."""

    article_id: ArticleId
    headline: str
    text: str
    """The body, without captions, credits and furniture."""
    language: str | None = None
    outlet: str = ""
    published_at: datetime | None = None
    published_precision: TimePrecision = TimePrecision.UNKNOWN
    is_roundup: bool = False
    """Tells of several things at once, and so belongs to no story (`clustering.links.roundups`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySettings:
    """How pairs of articles are scored and joined. The defaults are meant for any news.

    The score of a pair is `dense_weight * dense + sparse_weight * sparse + copy_weight *
    shared_copy + day_weight * named_days` minus penalties for the time between them and for
    figures that disagree, held to 0 to 1. Two clusters are joined while the average score between
    them reaches both `threshold` and `min_ratio` of how close the articles inside them are to one
    another.
    """

    granularity: Granularity = "happening"
    """`happening`: a cluster is one happening, a thread a story of days and weeks. `story`: the
    clusters too are whole stories."""
    window_days: float = 28.0
    """Articles further apart than this are never linked; more than 0."""
    dense_weight: float = 0.38
    """Weight of the cosine of the two openings."""
    sparse_weight: float = 0.62
    """Weight of the cosine of the two texts' words, rare ones counting most."""
    copy_weight: float = 0.1
    """Weight of the share of common copy."""
    day_weight: float = 0.05
    """Weight of the weekdays that both texts name: -0.5 for other ones to 0.5 for the same."""
    max_time_penalty: float = 0.3
    """Taken from the score of articles `full_gap_days` or more apart."""
    free_gap_days: float = 1.0
    """A gap up to this costs nothing; an unknown gap never does."""
    full_gap_days: float = 10.0
    """Gap from which the whole penalty is taken; more than `free_gap_days`."""
    figure_penalty: float = 0.08
    """Taken too from articles `figure_gap_days` or more apart whose figures do not agree: the same
    report on another day."""
    figure_gap_days: float = 0.25
    """Articles closer than this may differ in their figures; an unknown gap never counts."""
    min_score: float = 0.2
    """Pairs below this are not kept as links; at most `threshold`."""
    unlinked_score: float = 0.08
    """What a pair without a link counts as in averages; at most `min_score`."""
    threshold: float = 0.25
    """Average score that two clusters must reach to be joined; higher gives smaller clusters."""
    story_threshold: float = 0.28
    """Average score that the clusters of one thread must reach, where time takes a fifth as much
    from a score; higher gives shorter threads."""
    min_ratio: float = 0.84
    """Share of the clusters' own closeness that it must reach too; 0 switches this off."""
    typical_closeness: float = 0.24
    """Closeness of a single article; larger clusters start from it as if from one pair."""
    max_closeness: float = 0.6
    """Closeness beyond this asks for no more."""
    copy_score: float = 0.7
    """Pairs from here on are copies of one text: they say nothing about how close a story's
    articles are, and are left out of the closeness."""

    def __post_init__(self) -> None:
        require_between(self, 0.01, math.inf, "window_days", "full_gap_days")
        require_between(self, 0, 1, *_STORY_SHARES)
        require_between(self, 0, self.full_gap_days, "free_gap_days")
        require_between(self, 0, math.inf, "figure_gap_days")
        require_between(self, 0, self.threshold, "min_score")
        require_between(self, 0, self.min_score, "unlinked_score")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadSettings:
    """When a thread is quiet, and when it is closed; `StorySettings` say what is one."""

    quiet_after_days: float = 3.0
    """A thread without a new article for this long is quiet, before that it is developing."""
    closed_after_days: float = 14.0
    """A thread without a new article for this long is closed."""

    def __post_init__(self) -> None:
        require_between(self, 0, math.inf, "quiet_after_days")
        require_between(self, self.quiet_after_days, math.inf, "closed_after_days")
