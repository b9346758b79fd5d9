"""What the matching of passages takes and gives: plain records, no behaviour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from wirethread.articles.types.articles import (
    ArticleId,
    Derivation,
    Paragraph,
    ParagraphId,
    ParagraphState,
    PassageId,
    PassageMatch,
    Relation,
    TimePrecision,
)

__all__ = [
    "AlignedPassage",
    "ArticleDerivation",
    "ArticleText",
    "DiffPiece",
    "NamedScore",
    "PairExplanation",
    "ParagraphOrigin",
    "Passage",
    "PassagePlace",
    "SourceCount",
    "SourceVerdict",
    "VectorTable",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleText:
    """An article as passage matching sees it: who ran it, when, what it credits, its paragraphs."""

    article_id: ArticleId
    outlet: str
    language: str | None
    headline: str
    published_at: datetime | None
    published_precision: TimePrecision
    agency: str | None
    """The agency whose own copy this article is (by outlet, dateline or declared source)."""
    credited_agencies: frozenset[str]
    """Agencies that the text credits as source or contributor; photo credits are not among them."""
    paragraphs: Sequence[Paragraph]
    """All kinds, in order; only `body` is compared."""
    credit_evidence: Mapping[str, str] | None = None
    """The words of the credit by agency, where they are known."""
    url: str | None = None
    """Tells which outlets are of one publisher, together with the outlet's name."""
    byline: str | None = None
    contributors: frozenset[str] = frozenset()
    """Credited agencies that supplied no more than a part: a contributor line, a shared byline."""
    unnamed_credit: str | None = None
    """Words that credit agencies without naming one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorTable:
    """Vectors by text hash: `hashes` int64[n] ascending, `vectors` float32[n, d], unit length."""

    hashes: npt.NDArray[np.int64]
    vectors: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassagePlace:
    """One place where a passage ran: characters `begin` to `end` of an article's text."""

    article_id: ArticleId
    begin: int
    end: int
    position: int
    """Position of the first paragraph the place touches."""


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
class SourceVerdict:
    """Whether an article counts as a source of its own, and why."""

    article_id: ArticleId
    outlet: str
    is_counted: bool
    counted_with: ArticleId | None
    """The article that stands for this one's source; None where this one is counted."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCount:
    """Independent sources among some articles: copies of one text count once."""

    n_independent: int
    verdicts: Sequence[SourceVerdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffPiece:
    """A run of words of an alignment: `equal`, `moved`, only `left`, or only `right`."""

    kind: str
    left: str
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedScore:
    """One measurement behind a verdict, its value, and what it says."""

    name: str
    value: float
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedPassage:
    """Two spans side by side, with the verdict on them and everything that led to it."""

    match: PassageMatch
    relation: Relation
    left_text: str
    right_text: str
    pieces: Sequence[DiffPiece]
    scores: Sequence[NamedScore]
    rules: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairExplanation:
    """Why two articles share copy or not: `verdict` in one sentence, then the passages."""

    left_id: ArticleId
    right_id: ArticleId
    verdict: str
    passages: Sequence[AlignedPassage]
    """Accepted ones first, then those that came near."""
    notes: Sequence[str]
    """Rules that concern the pair as a whole: time window, outlets, credits."""
