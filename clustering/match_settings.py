"""Settings of passage matching, each with its unit and effect."""

import math
from dataclasses import dataclass

from wirethread.articles.bounds import require_between

__all__ = ["MatchSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSettings:
    """How passages are found and when two count as the same copy."""

    window_days: float = 10.0
    """Articles further apart than this are not compared. Longer finds late copies, costs time."""
    shingle_words: int = 5
    """Paragraphs that share a run of this many words are compared. Shorter finds more, slower."""
    max_postings: int = 16
    """Words that run in more places than this are compared with a few that stand for all of them.
    """
    min_cosine: float = 0.42
    """Paragraphs at least this close in meaning are compared. Lower finds more, slower."""
    min_words: int = 4
    """Shorter paragraphs are not compared, words."""
    min_copied_words: int = 8
    """A shared run shorter than this is never copy by itself, words."""
    min_score_verbatim: float = 0.5
    """Score from which word-for-word passages are matches."""
    min_score_edited: float = 0.5
    """Score from which edited passages are matches. Higher is stricter."""
    min_score_paraphrase: float = 0.3
    """Score from which reworded passages are matches. Higher is stricter."""
    keep_score: float = 0.15
    """Verdicts below this are not kept: thresholds can be lowered this far without a new run."""
    boilerplate_days: int = 3
    """Words that a publisher repeats on this many days of the window are not compared."""

    def __post_init__(self) -> None:
        require_between(self, 0.01, math.inf, "window_days")
        require_between(self, 2, 50, "shingle_words")
        require_between(self, 1, math.inf, "max_postings", "min_words", "min_copied_words")
        require_between(self, 2, math.inf, "boilerplate_days")
        require_between(
            self,
            0,
            1,
            "min_cosine",
            "min_score_verbatim",
            "min_score_edited",
            "min_score_paraphrase",
            "keep_score",
        )
