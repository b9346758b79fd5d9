"""Linking: new articles and what lies near them in time in, links out.

Memory: some 20 kilobytes an article, and the vector of its opening.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.types.articles import ArticleId, Link, ParagraphKind, ParsedArticle
from wirethread.clustering.links.roundups import is_roundup
from wirethread.clustering.links.score import score_links
from wirethread.clustering.settings import StoryArticle, StorySettings

__all__ = ["LinkingContent", "link_articles", "to_story_article"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkingContent:
    """New articles with their neighbourhood."""

    articles: Sequence[ParsedArticle]
    openings: NDArray[np.float32]
    """float32[articles, d], unit vectors."""
    is_new: NDArray[np.bool_]
    """bool[articles]."""
    shared_copy: Mapping[tuple[ArticleId, ArticleId], float]
    """The share of common copy of pairs, left id before right id."""
    settings: StorySettings


def link_articles(content: LinkingContent, tell: Callable[[float], None]) -> list[Link]:
    """Return the links between any two articles of which one is new."""
    if not content.articles:
        return []
    return score_links(
        [to_story_article(article) for article in content.articles],
        content.openings,
        is_new=content.is_new,
        shared_copy=content.shared_copy,
        settings=content.settings,
    )


def to_story_article(parsed: ParsedArticle) -> StoryArticle:
    """Keep what story clustering looks at."""
    article = parsed.article
    body = [
        paragraph.text for paragraph in parsed.paragraphs if paragraph.kind is ParagraphKind.BODY
    ]
    return StoryArticle(
        article_id=article.article_id,
        headline=article.headline,
        text="\n".join(body),
        language=article.language,
        outlet=article.outlet,
        published_at=article.published_at,
        published_precision=article.published_precision,
        is_roundup=is_roundup(article.headline, parsed.paragraphs, article.language),
    )
