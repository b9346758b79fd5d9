"""`wirethread.compare`: whether two texts share copy, without an archive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from wirethread.articles.errors import SourceError
from wirethread.articles.parsing.parse import parse_article
from wirethread.articles.reading.document import read_document
from wirethread.articles.types.articles import (
    ArticleId,
    ParagraphKind,
    RejectedArticle,
    Relation,
)
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.explain import explain_pair
from wirethread.clustering.passages.like_texts import compare_texts
from wirethread.clustering.passages.own_copy import to_article_text
from wirethread.clustering.types import AlignedPassage, ArticleText, DiffPiece, VectorTable
from wirethread.embedding.encoder import Encoder
from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder
from wirethread.python.moments import read_choice
from wirethread.python.shown import draw_passages

__all__ = ["ComparedPassage", "Comparison", "compare"]

_SIDES = (ArticleId("left"), ArticleId("right"))


class _Way(StrEnum):
    WORDS = "words"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPassage:
    """Two spans that carry the same copy."""

    begin: int
    """First character in the first text."""
    end: int
    other_begin: int
    other_end: int
    text: str
    other_text: str
    relation: Relation
    score: float
    reason: str
    pieces: Sequence[DiffPiece]
    """Both aligned word for word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two texts have in common."""

    is_copy: bool
    """Whether at least one passage is the same copy; a shared quotation is none."""
    verdict: str
    relation: Relation | None
    """Of the longest shared passage; None where there is none."""
    copied_share: float
    """Share of the characters of the first text that stand in shared passages, 0 to 1."""
    other_copied_share: float
    """The same of the other text."""
    duplicate_score: float
    """Shared runs of five words over all runs of both; from .7 on they are one text."""
    passages: Sequence[ComparedPassage]
    """In the order of the first text."""

    def _repr_html_(self) -> str:
        return draw_passages(
            "Comparison", self.verdict, [passage.pieces for passage in self.passages]
        )


def compare(
    text: str | Mapping[str, Any],
    other: str | Mapping[str, Any],
    *,
    by: str = "words",
    settings: MatchSettings | None = None,
    encoder: Encoder | None = None,
) -> Comparison:
    """Return which passages of two texts are the same copy, word for word, edited or reworded.

    Each is a text, or a dict as `wirethread.run` takes it, whose credits then count. `by="words"`
    compares words, figures and names; `by="both"` meaning too, with the model that wirethread
    comes with or `encoder`: it finds more of what was reworded. `settings` are those of
    `matching:`.

    Raises `SourceError` where a text holds no words, and `ConfigError` for another `by`.
    """
    way = _Way(read_choice(by, "by", _Way))
    sides = [_read_side(one, side) for one, side in zip((text, other), _SIDES, strict=True)]
    vectors = read_tokens = None
    if way is _Way.BOTH:
        chosen = encoder or LazyEncoder(EmbeddingSettings())
        vectors = _encode(sides, chosen)
        # one's own encoder may know no tokens
        read_tokens = getattr(chosen, "encode_tokens", None)
    found = explain_pair(sides[0], sides[1], vectors, settings or MatchSettings(), read_tokens)
    matches = [passage for passage in found.passages if passage.match.is_match]
    passages = sorted((_show(match) for match in matches), key=lambda one: (one.begin, one.end))
    longest = max(passages, key=lambda one: one.end - one.begin, default=None)
    spans = [(passage.begin, passage.end) for passage in passages]
    other_spans = [(passage.other_begin, passage.other_end) for passage in passages]
    bodies = [_join_body(side) for side in sides]
    return Comparison(
        is_copy=bool(passages),
        verdict=found.verdict,
        relation=longest.relation if longest is not None else None,
        copied_share=_share(sides[0], spans),
        other_copied_share=_share(sides[1], other_spans),
        duplicate_score=round(compare_texts(bodies[0], bodies[1]), 4),
        passages=passages,
    )


def _read_side(given: str | Mapping[str, Any], side: ArticleId) -> ArticleText:
    record = {"text": given} if isinstance(given, str) else given
    if not isinstance(record, Mapping):
        raise SourceError(f"the {side} text is {type(given).__name__}, not a text or dict")
    source = read_document(record, side)
    parsed = source if isinstance(source, RejectedArticle) else parse_article(source)
    if isinstance(parsed, RejectedArticle):
        raise SourceError(f"the {side} text cannot be compared: {parsed.reason}")
    text = to_article_text(parsed)
    return replace(text, article_id=side)


def _encode(sides: Sequence[ArticleText], encoder: Encoder) -> VectorTable:
    texts = {
        paragraph.text_hash: paragraph.text
        for side in sides
        for paragraph in side.paragraphs
        if paragraph.kind is ParagraphKind.BODY
    }
    hashes = np.array(sorted(texts), dtype=np.int64)
    return VectorTable(
        hashes=hashes, vectors=encoder.encode([texts[text_hash] for text_hash in sorted(texts)])
    )


def _show(passage: AlignedPassage) -> ComparedPassage:
    return ComparedPassage(
        begin=passage.match.left_begin,
        end=passage.match.left_end,
        other_begin=passage.match.right_begin,
        other_end=passage.match.right_end,
        text=passage.left_text,
        other_text=passage.right_text,
        relation=passage.relation,
        score=passage.match.score,
        reason=passage.match.reason,
        pieces=passage.pieces,
    )


def _join_body(side: ArticleText) -> str:
    return "\n".join(
        paragraph.text for paragraph in side.paragraphs if paragraph.kind is ParagraphKind.BODY
    )


def _share(side: ArticleText, spans: Sequence[tuple[int, int]]) -> float:
    """Return how much of the body stands in spans, which may overlap."""
    body = [
        (paragraph.begin, paragraph.end)
        for paragraph in side.paragraphs
        if paragraph.kind is ParagraphKind.BODY
    ]
    n_characters = sum(end - begin for begin, end in body)
    covered = 0
    for begin, end in body:
        at = begin
        for low, high in sorted(spans):
            n_more = min(high, end) - max(low, at)
            if n_more > 0:
                covered += n_more
                at = min(high, end)
    return round(covered / n_characters, 4) if n_characters else 0.0
