"""Made articles of one kind, as matching and stories see them: for the gate, from a seed alone."""

import numpy as np

from benchmarks.flows.widths_job import BEGIN, make_records
from benchmarks.made.made_news import MadeNews, to_text
from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.settings import StoryArticle
from wirethread.clustering.types import VectorTable
from wirethread.embedding import HashingEncoder

__all__ = ["make_crowd"]


def make_crowd(kind: str, n_articles: int) -> MadeNews:
    """Return so many articles of a kind of `benchmarks.flows.widths_job`."""
    encoder = HashingEncoder(64)
    articles, texts = [], []
    for number, record in enumerate(make_records(kind, n_articles)):
        paragraphs = record["text"].split("\n\n")
        articles.append(
            StoryArticle(
                article_id=ArticleId(f"made-{number:06}"),
                headline=record["title"],
                text="\n".join(paragraphs),
                language="en",
                published_at=BEGIN,
            )
        )
        texts.append(to_text(articles[-1], paragraphs, number))
    by_hash = {one.text_hash: one.text for text in texts for one in text.paragraphs}
    hashes = sorted(by_hash)
    return MadeNews(
        articles=articles,
        openings=encoder.encode([f"{one.headline}\n{one.text[:300]}" for one in articles]),
        texts=texts,
        vectors=VectorTable(
            hashes=np.array(hashes, dtype=np.int64),
            vectors=encoder.encode([by_hash[one] for one in hashes]),
        ),
    )
