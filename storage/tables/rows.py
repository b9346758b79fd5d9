"""Rows that the flows fill and the catalog keeps, where `articles.types` has no type for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    Derivation,
    ParagraphId,
    ParagraphState,
    PassageId,
    Relation,
)

__all__ = [
    "AgencyShareRow",
    "DerivationRow",
    "ParagraphSourceRow",
    "PassagePlaceRow",
    "PassageRow",
    "StorySourceRow",
    "TextBatch",
    "VectorSegment",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageRow:
    """One piece of copy: where it comes from and how we know."""

    passage_id: PassageId
    origin_article_id: ArticleId | None
    agency: str | None
    confidence: float
    """Between 0 and 1."""
    evidence: str | None
    """The words that prove the agency."""
    evidence_article_id: ArticleId | None
    """The article in which those words stand."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassagePlaceRow:
    """One place where a passage ran."""

    passage_id: PassageId
    article_id: ArticleId
    begin: int
    end: int
    position: int
    """Position of the paragraph in which the place begins."""
    relation: Relation | None
    """How the place relates to the origin; None for the origin itself or where it is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphSourceRow:
    """Whose words a paragraph carries. A paragraph without a row is its outlet's own text.

    A paragraph that carries several passages has several rows.
    """

    paragraph_id: ParagraphId
    article_id: ArticleId
    position: int
    passage_id: PassageId | None
    agency: str | None
    relation: Relation | None
    share: float
    """Share of the paragraph's characters, between 0 and 1."""
    reason: str
    state: ParagraphState = ParagraphState.COPIED


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnParagraphRow:
    """A paragraph that is its outlet's own by what it says."""

    paragraph_id: ParagraphId
    article_id: ArticleId
    position: int
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivationRow:
    """How much of an article's body is wire copy."""

    article_id: ArticleId
    derivation: Derivation
    share: float
    """Share of the characters of the body that was traced, between 0 and 1."""
    reason: str
    copied_share: float = 0.0
    """Share of the body that ran elsewhere before."""
    shared_share: float = 0.0
    """Share of the body that other articles have too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyShareRow:
    """How much of an article's body comes from one agency."""

    article_id: ArticleId
    agency: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySourceRow:
    """Whether an article of a story cluster counts as an independent source."""

    cluster_id: ClusterId
    article_id: ArticleId
    counted: bool
    """True for the one article that stands for its group."""
    source_group: str
    """Name of the independent source, the same in every cluster: an agency or a publisher."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBatch:
    """Texts that have no vector yet, each distinct text once."""

    hashes: NDArray[np.int64]
    """int64[n]."""
    texts: Sequence[str]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorSegment:
    """One file of vectors as the catalog knows it."""

    segment_id: str
    model_id: str
    dimension: int
    n_rows: int
    file_name: str
    checksum: str
    """xxh3-128 of the file, in hexadecimal."""
    created_at: datetime
    """Aware, in UTC."""
