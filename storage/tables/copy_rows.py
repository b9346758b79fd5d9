"""Passages and derivations as the rows of their tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from wirethread.articles.types.articles import (
    ArticleId,
    Derivation,
    ParagraphId,
    ParagraphState,
    PassageId,
    Relation,
)
from wirethread.articles.types.copy import ArticleDerivation, Passage
from wirethread.storage.engine.bulk import build_table

__all__ = [
    "DERIVATION",
    "OWN_PARAGRAPH",
    "PARAGRAPH_SOURCE",
    "PASSAGE",
    "PLACE",
    "SHARE",
    "tabulate_derivations",
    "tabulate_passages",
]

PASSAGE = {
    "passage_id": pa.string(),
    "origin_article_id": pa.string(),
    "agency": pa.string(),
    "confidence": pa.float64(),
    "evidence": pa.string(),
    "evidence_article_id": pa.string(),
    "reason": pa.string(),
}
PLACE = {
    "passage_id": pa.string(),
    "article_id": pa.string(),
    "begin": pa.int32(),
    "end": pa.int32(),
    "position": pa.int32(),
    "relation": pa.string(),
}
PARAGRAPH_SOURCE = {
    "paragraph_id": pa.string(),
    "article_id": pa.string(),
    "position": pa.int32(),
    "passage_id": pa.string(),
    "agency": pa.string(),
    "relation": pa.string(),
    "share": pa.float64(),
    "reason": pa.string(),
    "state": pa.string(),
}
OWN_PARAGRAPH = {
    "paragraph_id": pa.string(),
    "article_id": pa.string(),
    "position": pa.int32(),
    "evidence": pa.string(),
}
DERIVATION = {
    "article_id": pa.string(),
    "derivation": pa.string(),
    "share": pa.float64(),
    "reason": pa.string(),
    "copied_share": pa.float64(),
    "shared_share": pa.float64(),
}
SHARE = {"article_id": pa.string(), "agency": pa.string(), "share": pa.float64()}


class _Place(NamedTuple):
    passage_id: PassageId
    article_id: ArticleId
    begin: int
    end: int
    position: int
    relation: Relation | None


class _ParagraphSource(NamedTuple):
    paragraph_id: ParagraphId
    article_id: ArticleId
    position: int
    passage_id: PassageId | None
    agency: str | None
    relation: Relation | None
    share: float
    reason: str
    state: ParagraphState


class _OwnParagraph(NamedTuple):
    paragraph_id: ParagraphId
    article_id: ArticleId
    position: int
    evidence: str | None


class _Derivation(NamedTuple):
    article_id: ArticleId
    derivation: Derivation
    share: float
    reason: str
    copied_share: float
    shared_share: float


class _Share(NamedTuple):
    article_id: ArticleId
    agency: str
    share: float


def tabulate_passages(passages: Sequence[Passage]) -> Mapping[str, pa.Table]:
    """Return the tables `new_passages` and `new_places`."""
    places = [
        _Place(
            passage.passage_id,
            place.article_id,
            place.begin,
            place.end,
            place.position,
            place.relation,
        )
        for passage in passages
        for place in passage.places
    ]
    return {
        "new_passages": build_table(passages, PASSAGE),
        "new_places": build_table(places, PLACE),
    }


def tabulate_derivations(
    derivations: Sequence[ArticleDerivation], passages: Sequence[Passage]
) -> Mapping[str, pa.Table]:
    """Return the tables `new_derivations`, `new_shares`, `new_sources` and `new_own`."""
    verdicts = [
        _Derivation(
            derivation.article_id,
            derivation.derivation,
            derivation.wire_share,
            derivation.reason,
            derivation.copied_share,
            derivation.shared_share,
        )
        for derivation in derivations
    ]
    shares = [
        _Share(derivation.article_id, agency, share)
        for derivation in derivations
        for agency, share in derivation.share_by_agency.items()
    ]
    own = [
        _OwnParagraph(
            paragraph.paragraph_id,
            derivation.article_id,
            paragraph.position,
            paragraph.own_evidence,
        )
        for derivation in derivations
        for paragraph in derivation.paragraphs
        if paragraph.state is ParagraphState.OWN
    ]
    return {
        "new_derivations": build_table(verdicts, DERIVATION),
        "new_shares": build_table(shares, SHARE),
        "new_sources": build_table(_list_sources(derivations, passages), PARAGRAPH_SOURCE),
        "new_own": build_table(own, OWN_PARAGRAPH),
    }


def _list_sources(
    derivations: Sequence[ArticleDerivation], passages: Sequence[Passage]
) -> Iterator[_ParagraphSource]:
    """Yield whose words each paragraph carries that was found elsewhere or is declared copy."""
    reasons = {passage.passage_id: passage.reason for passage in passages}
    relations = {
        (passage.passage_id, place.article_id): place.relation
        for passage in passages
        for place in passage.places
    }
    for derivation in derivations:
        for paragraph in derivation.paragraphs:
            if paragraph.passage_id is None and paragraph.agency is None:
                continue
            told, relation = derivation.reason, None
            if paragraph.passage_id is not None:
                told = reasons.get(paragraph.passage_id, derivation.reason)
                relation = relations.get((paragraph.passage_id, derivation.article_id))
            yield _ParagraphSource(
                paragraph.paragraph_id,
                derivation.article_id,
                paragraph.position,
                paragraph.passage_id,
                paragraph.agency,
                relation,
                paragraph.copied_share,
                told,
                paragraph.state,
            )
