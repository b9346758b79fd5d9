"""Articles of our own making and random unit vectors."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.normalize import hash_text
from wirethread.articles.types.articles import (
    Article,
    ArticleId,
    CreditRole,
    Link,
    Paragraph,
    ParagraphId,
    ParagraphKind,
    ParsedArticle,
    PassageMatch,
    Relation,
    TimePrecision,
    WireCredit,
)

RUN = "run-1"
NOON = datetime(2024, 3, 5, 12, 0, tzinfo=UTC)
LEDE = "The harbour of Port Ellery stayed closed on Tuesday after a crane fell."
QUOTE = "We heard a crack and then the whole arm came down, a docker said."
LOCAL = "Ferries to the northern islands will leave from Saltmarsh instead."


def make_article(
    article_id: str,
    texts: Sequence[str] = (LEDE, QUOTE),
    *,
    outlet: str = "harbour-post.example",
    headline: str = "Crane falls in Port Ellery",
    published_at: datetime | None = NOON,
    kinds: Sequence[ParagraphKind] | None = None,
    agency: str | None = None,
    source_id: str | None = None,
    url: str | None = None,
) -> ParsedArticle:
    """Return an article whose text is its paragraphs, one a line."""
    key = ArticleId(article_id)
    paragraphs = []
    begin = 0
    for position, text in enumerate(texts):
        paragraphs.append(
            Paragraph(
                paragraph_id=ParagraphId(f"{article_id}.{position}"),
                article_id=key,
                position=position,
                kind=kinds[position] if kinds else ParagraphKind.BODY,
                text=text,
                begin=begin,
                end=begin + len(text),
                text_hash=hash_text(text),
            )
        )
        begin += len(text) + 1
    credits_given = [
        WireCredit(
            article_id=key,
            agency=agency,
            role=CreditRole.SOURCE,
            rule="dateline",
            evidence=f"({agency})",
            begin=-1,
            end=-1,
        )
    ]
    return ParsedArticle(
        article=Article(
            article_id=key,
            source=f"news.jsonl:{article_id}",
            source_id=source_id,
            url=url,
            outlet=outlet,
            headline=headline,
            byline=None,
            dateline=None,
            text="\n".join(texts),
            language="en",
            published_at=published_at,
            published_precision=TimePrecision.SECOND if published_at else TimePrecision.UNKNOWN,
        ),
        paragraphs=paragraphs,
        credits=credits_given if agency else [],
    )


def make_match(
    left: str,
    right: str,
    *,
    score: float = 0.9,
    relation: Relation = Relation.VERBATIM,
    is_match: bool = True,
) -> PassageMatch:
    """Return a verdict on the first paragraph of both."""
    return PassageMatch(
        left_article_id=ArticleId(left),
        right_article_id=ArticleId(right),
        left_begin=0,
        left_end=len(LEDE),
        right_begin=0,
        right_end=len(LEDE),
        relation=relation,
        score=score,
        similarity=0.97,
        containment_left=1.0,
        containment_right=1.0,
        is_match=is_match,
        reason="the same words",
    )


def make_link(left: str, right: str, score: float = 0.6) -> Link:
    """Return a link between two articles."""
    return Link(
        left_id=ArticleId(left),
        right_id=ArticleId(right),
        score=score,
        dense=0.7,
        sparse=0.5,
        names=0.2,
        shared_copy=0.0,
        time_penalty=0.0,
        gap_days=None,
    )


def make_vectors(n: int, dimension: int = 32, seed: int = 0) -> NDArray[np.float32]:
    """Return random unit vectors float32[n, dimension]."""
    rows = np.random.default_rng(seed).standard_normal((n, dimension), dtype=np.float32)
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def make_hashes(n: int, seed: int = 0) -> NDArray[np.int64]:
    """Return distinct random hashes int64[n] over the whole range."""
    drawn = np.random.default_rng(seed + 1).integers(-(2**63), 2**63 - 1, n)
    assert len(np.unique(drawn)) == n
    return drawn
