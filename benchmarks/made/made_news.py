"""Made news of any size, from a seed alone: for ratios that must not need data.

Words follow a Zipf law over invented words. A story has words of its own and one to twelve
articles within two days; each draws from the story and from anywhere. Some paragraphs run in
several articles of a story, as they are or with a few words changed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.normalize import hash_text
from wirethread.articles.types.articles import (
    ArticleId,
    Paragraph,
    ParagraphId,
    ParagraphKind,
    TimePrecision,
)
from wirethread.clustering.settings import StoryArticle
from wirethread.clustering.types import ArticleText, VectorTable

__all__ = ["MadeNews", "make_news", "to_text"]

ARTICLES_A_DAY = 20
FIRST_DAY = datetime(2031, 1, 1, tzinfo=UTC)

_N_WORDS = 30_000
_N_PARAGRAPHS = 5
_WORDS_PER_PARAGRAPH = 35
_DIMENSION = 64
_COPIED_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class MadeNews:
    """Articles as stories and as texts see them, with stand-in vectors."""

    articles: list[StoryArticle]
    openings: NDArray[np.float32]
    texts: list[ArticleText]
    vectors: VectorTable
    """Of the paragraphs."""


def make_news(n_articles: int, *, seed: int = 5) -> MadeNews:
    """Return so many articles, `ARTICLES_A_DAY` a day, always the same for a seed."""
    chance = np.random.default_rng(seed)
    words = _make_words(chance)
    shares = 1.0 / np.arange(5, _N_WORDS + 5)
    sums = np.cumsum(shares / shares.sum())

    def draw(n: int) -> NDArray[np.int64]:
        return np.minimum(np.searchsorted(sums, chance.random(n)), _N_WORDS - 1)

    articles: list[StoryArticle] = []
    texts: list[ArticleText] = []
    rows: list[NDArray[np.float32]] = []
    by_hash: dict[int, NDArray[np.float32]] = {}
    while len(articles) < n_articles:
        own = chance.integers(300, _N_WORDS, 40)
        centre = chance.normal(size=_DIMENSION)
        carried: list[str] = []
        size = min(1 + int(chance.exponential(1.4)), 12, n_articles - len(articles))
        begins = FIRST_DAY + timedelta(days=len(articles) / ARTICLES_A_DAY)
        for _ in range(size):
            number = len(articles)
            opening = _unit(centre + chance.normal(size=_DIMENSION))
            paragraphs = []
            for _ in range(_N_PARAGRAPHS):
                if carried and chance.random() < _COPIED_SHARE:
                    found = carried[int(chance.integers(len(carried)))].split()
                    if chance.random() < 0.5:
                        found[:: len(found) // 4] = [words[one] for one in draw(5)][
                            : len(found[:: len(found) // 4])
                        ]
                    text = " ".join(found)
                else:
                    half = _WORDS_PER_PARAGRAPH // 2
                    mixed = np.concatenate((chance.choice(own, half), draw(half)))
                    chance.shuffle(mixed)
                    text = " ".join(words[one] for one in mixed.tolist())
                carried.append(text)
                paragraphs.append(text)
                by_hash.setdefault(
                    int(hash_text(text)),
                    _unit(0.7 * opening + 0.1 * chance.normal(size=_DIMENSION)),
                )
            moment = begins + timedelta(days=float(chance.random()) * 2)
            headline = " ".join(words[one] for one in chance.choice(own, 7).tolist())
            articles.append(
                StoryArticle(
                    article_id=ArticleId(f"made-{number:06}"),
                    headline=headline,
                    text="\n".join(paragraphs),
                    language="en",
                    published_at=moment,
                )
            )
            texts.append(to_text(articles[-1], paragraphs, int(chance.integers(40))))
            rows.append(opening)
    hashes = np.array(sorted(by_hash), dtype=np.int64)
    return MadeNews(
        articles=articles,
        openings=np.stack(rows),
        texts=texts,
        vectors=VectorTable(hashes=hashes, vectors=np.stack([by_hash[one] for one in hashes])),
    )


def _make_words(chance: np.random.Generator) -> list[str]:
    letters = np.array(list("aeioubdfgklmnprstvz"))
    lengths = chance.integers(3, 9, _N_WORDS)
    ends = np.cumsum(lengths)
    drawn = "".join(letters[chance.integers(0, len(letters), ends[-1])])
    return [
        drawn[end - size : end] for end, size in zip(ends.tolist(), lengths.tolist(), strict=True)
    ]


def to_text(article: StoryArticle, paragraphs: list[str], outlet: int) -> ArticleText:
    """Return an article as matching sees it, each paragraph a body of its own."""
    found = []
    begin = 0
    for position, text in enumerate(paragraphs):
        found.append(
            Paragraph(
                paragraph_id=ParagraphId(f"{article.article_id}-{position}"),
                article_id=article.article_id,
                position=position,
                kind=ParagraphKind.BODY,
                text=text,
                begin=begin,
                end=begin + len(text),
                text_hash=hash_text(text),
            )
        )
        begin += len(text) + 1
    return ArticleText(
        article_id=article.article_id,
        outlet=f"outlet-{outlet}.example",
        language="en",
        headline=article.headline,
        published_at=article.published_at,
        published_precision=TimePrecision.SECOND,
        agency=None,
        credited_agencies=frozenset(),
        paragraphs=found,
    )


def _unit(row: NDArray[np.float64]) -> NDArray[np.float32]:
    return (row / np.linalg.norm(row)).astype(np.float32)
