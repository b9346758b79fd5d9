"""Matching: new articles and what lies near them in time in, verdicts out.

Memory: some 50 kilobytes an article, and the vectors of its paragraphs; where rewording is in doubt
the model, and what it read of 2,000 texts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.types.articles import PassageMatch
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.match import match_passages
from wirethread.clustering.types import ArticleText, VectorTable
from wirethread.flows.stages.embedding import ModelChoice, find_encoder

__all__ = ["MatchingContent", "match_articles"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingContent:
    """New articles with their neighbourhood."""

    articles: Sequence[ArticleText]
    vectors: VectorTable
    model: ModelChoice
    """What made the vectors."""
    is_new: NDArray[np.bool_]
    """bool[articles]."""
    settings: MatchSettings


def match_articles(content: MatchingContent, tell: Callable[[float], None]) -> list[PassageMatch]:
    """Return the verdicts on every two articles of which one is new."""
    return match_passages(
        content.articles,
        content.vectors,
        content.is_new,
        content.settings,
        read_tokens=lambda texts: find_encoder(content.model).encode_tokens(texts),
        on_progress=tell,
    )
