"""Paragraphs that were found, before they are read."""

from dataclasses import dataclass

import pyarrow as pa

from articles.types import ParagraphId

__all__ = ["RankedPassage", "list_ranked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPassage:
    """A paragraph and how well it answers."""

    place: int
    """Its row in the table of paragraphs."""
    paragraph_id: ParagraphId
    score: float


def list_ranked(table: pa.Table) -> list[RankedPassage]:
    """Return the rows of a table with the columns `place`, `paragraph_id` and `score`."""
    columns = (table.column(name).to_pylist() for name in ("place", "paragraph_id", "score"))
    return [
        RankedPassage(place=place, paragraph_id=ParagraphId(paragraph_id), score=score)
        for place, paragraph_id, score in zip(*columns, strict=True)
    ]
