"""Copy that travels: passages, the places where they ran, and what articles derive from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wirethread.articles.types.articles import (
    ArticleId,
    Derivation,
    ParagraphId,
    ParagraphState,
    PassageId,
    Relation,
)

__all__ = ["ArticleDerivation", "NewsroomVerdict", "ParagraphOrigin", "Passage", "PassagePlace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassagePlace:
    """One place where a passage ran: characters `begin` to `end` of an article's text."""

    article_id: ArticleId
    begin: int
    end: int
    position: int
    """Position of the first paragraph the place touches."""
    relation: Relation | None = None
    """How the place relates to the origin; None for the origin itself or where it is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One piece of copy and every place it ran."""

    passage_id: PassageId
    places: Sequence[PassagePlace]
    origin_article_id: ArticleId | None
    """The article it came from, where times and credits allow to say so."""
    agency: str | None
    confidence: float
    """Of the agency, 0 to 1; 0 where there is none."""
    evidence: str | None
    """The words that name the agency, or the outlet or dateline that makes it the agency's own."""
    evidence_article_id: ArticleId | None
    reason: str
    """How origin and agency were found, or why not, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphOrigin:
    """Where one body paragraph of an article comes from."""

    paragraph_id: ParagraphId
    position: int
    state: ParagraphState
    passage_id: PassageId | None
    """Passage it carries; None where it was found nowhere else."""
    agency: str | None
    copied_share: float
    """Share of the paragraph's characters inside the passage."""
    own_evidence: str | None = None
    """Words of the paragraph that show it to be the outlet's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDerivation:
    """How much of an article's body is wire copy, and whose."""

    article_id: ArticleId
    derivation: Derivation
    wire_share: float
    """Share of the body's characters that were traced to agencies; never taken from a line."""
    share_by_agency: Mapping[str, float]
    copied_share: float
    """Share of the body that also ran elsewhere first, wire copy or not."""
    shared_share: float
    """Share of the body that other articles have too, whoever had it first."""
    paragraphs: Sequence[ParagraphOrigin]
    """One entry per body paragraph, in order."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsroomVerdict:
    """Whether an article counts as a newsroom of its own, and why."""

    article_id: ArticleId
    outlet: str
    is_counted: bool
    counted_with: ArticleId | None
    """The article that stands for this one's newsroom; None where this one is counted."""
    newsroom: str
    """Who it is counted for, the same among any articles: an agency or a publisher."""
    reason: str
