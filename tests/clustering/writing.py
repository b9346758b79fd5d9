"""Articles written for the tests, and how to make them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from wirethread.articles.normalize import hash_text, tokenize_spans
from wirethread.articles.types.articles import (
    ArticleId,
    Paragraph,
    ParagraphId,
    ParagraphKind,
    TimePrecision,
)
from wirethread.clustering.types import ArticleText, VectorTable

HARBOUR = [
    "The harbour of Velmora was closed on Tuesday after a freighter carrying 340 containers ran "
    "aground on the sandbank east of the old lighthouse, the port authority said.",
    "Pilots had warned in March that the channel was silting up faster than the dredgers could "
    "clear it, according to minutes of the harbour board seen by reporters.",
    "Insurers put the cost of each day of closure at 2.5 million crowns, most of it borne by fruit "
    "growers in the valleys upstream whose cargo spoils within a week.",
    "Two tugs from the neighbouring port of Ostrin failed to move the vessel at high tide, and a "
    "third attempt was planned for the spring tide on Friday night.",
]
GARDEN = [
    "Rosalind Pym has grown the same variety of pear against the south wall of her schoolhouse for "
    "forty years and has never once pruned it in winter.",
    "Visitors to the village show will find her jars on the second table, between the knitted "
    "animals and the photographs of last summer's flood.",
    "She says the secret is patience, a sharp knife in July and a good deal of wood ash worked into "
    "the soil before the first frost.",
]


def write_article(
    article_id: str,
    texts: Sequence[str],
    *,
    outlet: str = "Morning Herald",
    agency: str | None = None,
    credited: Sequence[str] = (),
    published_at: datetime | None = datetime(2024, 5, 1, 12, tzinfo=UTC),
    precision: TimePrecision = TimePrecision.SECOND,
    kinds: Sequence[ParagraphKind] = (),
    url: str | None = None,
) -> ArticleText:
    """An article of these paragraphs, separated by a blank line."""
    paragraphs, at = [], 0
    for position, text in enumerate(texts):
        paragraphs.append(
            Paragraph(
                paragraph_id=ParagraphId(f"{article_id}:{position}"),
                article_id=ArticleId(article_id),
                position=position,
                kind=kinds[position] if kinds else ParagraphKind.BODY,
                text=text,
                begin=at,
                end=at + len(text),
                text_hash=hash_text(text),
            )
        )
        at += len(text) + 2
    return ArticleText(
        article_id=ArticleId(article_id),
        outlet=outlet,
        language="en",
        headline=f"Headline of {article_id}",
        published_at=published_at,
        published_precision=precision if published_at else TimePrecision.UNKNOWN,
        agency=agency,
        credited_agencies=frozenset(credited),
        paragraphs=paragraphs,
        url=url,
        credit_evidence={name: f"{name} contributed to this report." for name in credited},
    )


def body_text(article: ArticleText) -> str:
    """The article's text, to check offsets against."""
    return "\n\n".join(paragraph.text for paragraph in article.paragraphs)


def embed_words(articles: Sequence[ArticleText], dimension: int = 256) -> VectorTable:
    """Vectors of hashed words: near for texts with common words, and the same on every run."""
    vectors: dict[int, np.ndarray] = {}
    for article in articles:
        for paragraph in article.paragraphs:
            vector = np.zeros(dimension, dtype=np.float32)
            for word in paragraph.text.lower().split():
                vector[hash_text(word.strip(".,")[:5]) % dimension] += 1
            vectors[paragraph.text_hash] = vector / max(float(np.linalg.norm(vector)), 1e-6)
    hashes = np.array(sorted(vectors), dtype=np.int64)
    return VectorTable(hashes=hashes, vectors=np.stack([vectors[h] for h in hashes.tolist()]))


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a text as a model would place them."""

    begins: np.ndarray
    ends: np.ndarray
    vectors: np.ndarray


class TokenBook:
    """Stands for a model in which some words mean the same: `synonyms` gives one for another."""

    def __init__(self, synonyms: Mapping[str, str] | None = None, dimension: int = 4096) -> None:
        self.synonyms, self.dimension = synonyms or {}, dimension
        self.read: list[str] = []

    def __call__(self, texts: Sequence[str]) -> list[Tokens]:
        """Read texts, and remember which."""
        self.read += texts
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> Tokens:
        spans = tokenize_spans(text)
        vectors = np.zeros((len(spans), self.dimension), dtype=np.float32)
        for row, (word, _, _) in enumerate(spans):
            vectors[row, hash_text(self.synonyms.get(word, word)) % self.dimension] = 3.0
        begins, ends = (np.array([span[i] for span in spans], dtype=np.int64) for i in (1, 2))
        return Tokens(begins, ends, vectors)
