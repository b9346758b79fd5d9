"""What the threading of stories takes: articles as it sees them, and every setting with its unit."""

from dataclasses import dataclass
from datetime import datetime

from articles.types import ArticleId, TimePrecision

__all__ = ["StoryArticle", "StorySettings", "ThreadSettings"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySettings:
    """How pairs of articles are scored and joined. The defaults are meant for any news.

    A raw score is `dense_weight * dense + sparse_weight * sparse + copy_weight * shared_copy`
    minus the time penalty; `floor` and `ceiling` of the raw score become 0 and 1.
    """

    window_days: float = 14.0
    """Articles further apart than this are never linked; > 0."""
    dense_weight: float = 0.3
    """Weight of the cosine of the opening vectors in the raw score."""
    sparse_weight: float = 0.7
    """Weight of the words that both articles hold, rare ones counting most."""
    copy_weight: float = 0.1
    """Weight of the share of copy that both articles carry."""
    penalty_at_full_gap: float = 0.3
    """Taken from the raw score of articles `full_gap_days` apart or more."""
    free_gap_days: float = 1.0
    """A gap up to this costs nothing; an unknown gap never does."""
    full_gap_days: float = 10.0
    """Gap from which the whole penalty is taken, days."""
    floor: float = 0.10
    """Raw score that counts as 0: pairs at or below it are not kept."""
    ceiling: float = 0.48
    """Raw score that counts as 1."""
    threshold: float = 0.5
    """Average score at which two clusters are still joined, 0 to 1; higher gives smaller
    clusters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadSettings:
    """How story clusters are tied into threads."""

    max_gap_days: float = 14.0
    """Longest silence inside a thread."""
    min_nearest: float = 0.6
    """Score that a cluster must reach with the nearest recent cluster of a thread, 0 to 1."""
    min_score: float = 0.4
    """Average score that it must reach with all recent clusters of the thread, 0 to 1."""
    quiet_after_days: float = 3.0
    """A thread without a new article for this long is quiet, before that it is developing."""
    closed_after_days: float = 14.0
    """A thread without a new article for this long is closed."""
