"""What the matching of passages takes and gives: plain types, no behaviour."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

from wirethread.articles.types.articles import (
    ArticleId,
    Paragraph,
    PassageMatch,
    Relation,
    TimePrecision,
)
from wirethread.articles.types.copy import NewsroomVerdict

__all__ = [
    "AlignedPassage",
    "ArticleText",
    "DiffPiece",
    "NamedScore",
    "NewsroomCount",
    "PairExplanation",
    "TokenReader",
    "TokenVectors",
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


class TokenVectors(Protocol):
    """The tokens of one text, in order, each with what it means there to a model."""

    @property
    def begins(self) -> npt.NDArray[np.int64]:
        """First character of each token; int64[t]."""
        ...

    @property
    def ends(self) -> npt.NDArray[np.int64]:
        """After the last one; int64[t]."""
        ...

    @property
    def vectors(self) -> npt.NDArray[np.float32]:
        """float32[t, d], of any length."""
        ...


TokenReader = Callable[[Sequence[str]], Sequence[TokenVectors]]
"""Gives the tokens of texts; those of a text do not depend on the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsroomCount:
    """Independent newsrooms among some articles: copies of one text count once."""

    n_independent: int
    verdicts: Sequence[NewsroomVerdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffPiece:
    """A run of words of an alignment: `equal`, `moved`, only `left`, or only `right`."""

    kind: str
    left: str
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedScore:
    """One measurement behind a verdict, its value, and what it says.

    The `host` is the article that may have copied, the `donor` the one it may have copied from.
    """

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
