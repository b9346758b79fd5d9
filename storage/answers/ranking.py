"""Paragraphs that were found, before they are read."""

from dataclasses import dataclass

import pyarrow as pa

from wirethread.articles.types.articles import ArticleId, ParagraphId

__all__ = ["RankedPassage", "list_ranked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPassage:
    """A paragraph and how well it answers."""

    place: int
    """Its row in the table of paragraphs."""
    article_id: ArticleId
    paragraph_id: ParagraphId
    score: float


def list_ranked(table: pa.Table) -> list[RankedPassage]:
    """Return the rows of a table that has these columns."""
    names = ("place", "article_id", "paragraph_id", "score")
    rows = zip(*(table.column(name).to_pylist() for name in names), strict=True)
    return [
        RankedPassage(
            place=place,
            article_id=ArticleId(article_id),
            paragraph_id=ParagraphId(paragraph_id),
            score=score,
        )
        for place, article_id, paragraph_id, score in rows
    ]
