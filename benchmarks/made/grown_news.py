"""Real news grown to any size: the articles of a corpus, and older copies with other facts.

Copy k of the corpus lies k spans of time earlier, so articles a day stay what they are, and copies
never share a window. In it every figure, and every capitalised word inside a sentence, is another,
the same one throughout the copy. Vectors are those of the original with a little noise. Those of
paragraphs are made from the article's real opening (.8) and noise by text (.6), as encoding a
million paragraphs would take an hour: near in one article and one story, far elsewhere.
"""

import pickle
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from wirethread.articles.normalize import hash_text
from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.passages.own_copy import to_article_text
from wirethread.clustering.settings import StoryArticle
from wirethread.clustering.types import ArticleText, VectorTable
from wirethread.flows.evaluation.stories import parse_source
from wirethread.flows.stages.linking import to_story_article

__all__ = ["Base", "grow_articles", "grow_paragraphs", "load_base", "make_base"]

_CHANGED = re.compile(r"\d+|(?<=[a-z,] )[A-Z][a-z]{2,}")
_DIMENSION = 384


@dataclass(frozen=True, slots=True)
class Base:
    """The dated articles of a corpus, by time, with the vectors of their openings."""

    stories: list[StoryArticle]
    texts: list[ArticleText]
    openings: NDArray[np.float32]


def make_base(corpus: Path, vectors: Path, keep: Path) -> None:
    """Parse a corpus and write what `load_base` reads; vectors are looked up by `source_id`.

    The vector file holds `ids` and `vectors`. Articles without a time or a vector are left out.
    """
    parsed, _ = parse_source(corpus)
    with np.load(vectors) as file:
        rows = dict(zip(file["ids"].tolist(), file["vectors"].astype(np.float32), strict=True))
    chosen = sorted(
        (
            article
            for article in parsed
            if article.article.published_at is not None and str(article.article.source_id) in rows
        ),
        key=lambda one: (one.article.published_at, one.article.article_id),
    )
    base = Base(
        stories=[to_story_article(one) for one in chosen],
        texts=[to_article_text(one) for one in chosen],
        openings=np.stack([rows[str(one.article.source_id)] for one in chosen]),
    )
    with keep.open("wb") as file_out:
        pickle.dump(base, file_out)


def load_base(path: Path) -> Base:
    """Read what `make_base` wrote."""
    with path.open("rb") as file:
        base: Base = pickle.load(file)
    return base


def grow_articles(base: Base, n_articles: int) -> tuple[list[StoryArticle], NDArray[np.float32]]:
    """Return the newest articles of the grown news, and the vectors of their openings."""
    chance = np.random.default_rng(11)
    articles: list[StoryArticle] = []
    rows: list[NDArray[np.float32]] = []
    for number, place in _walk(len(base.stories)):
        if len(articles) == n_articles:
            break
        one = base.stories[place]
        if number:
            one = replace(
                one,
                article_id=ArticleId(f"{one.article_id}.{number}"),
                headline=change_facts(one.headline, number),
                text=change_facts(one.text, number),
                published_at=_shift(one, base, number),
            )
        articles.append(one)
        rows.append(base.openings[place])
    vectors = np.stack(rows)
    n_real = min(len(articles), len(base.stories))
    vectors[n_real:] += 0.02 * chance.standard_normal(vectors[n_real:].shape, dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return articles, vectors


def grow_paragraphs(base: Base, n_paragraphs: int) -> tuple[list[ArticleText], VectorTable]:
    """Return the newest articles with about so many paragraphs, and vectors by text."""
    chance = np.random.default_rng(12)
    articles: list[ArticleText] = []
    place_of_text: dict[int, int] = {}
    total = 0
    for number, place in _walk(len(base.texts)):
        if total >= n_paragraphs:
            break
        one = base.texts[place]
        if number:
            one = _copy_text(one, base, place, number)
        articles.append(one)
        total += len(one.paragraphs)
        for paragraph in one.paragraphs:
            place_of_text.setdefault(int(paragraph.text_hash), place)
    hashes = np.array(sorted(place_of_text), dtype=np.int64)
    vectors = chance.standard_normal((len(hashes), _DIMENSION), dtype=np.float32)
    vectors *= 0.6 / np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors += 0.8 * base.openings[[place_of_text[one] for one in hashes.tolist()]]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return articles, VectorTable(hashes=hashes, vectors=vectors)


def change_facts(text: str, number: int) -> str:
    """Return a text with other figures and names, the same ones throughout copy `number`."""

    def change(found: re.Match[str]) -> str:
        word = found[0]
        digest = xxhash.xxh3_64_intdigest(f"{number} {word}".encode())
        if word[0].isdigit():
            return str(digest)[-len(word) :]
        letters = "aeioulnrst"
        return word[0] + "".join(letters[digest >> 4 * k & 7] for k in range(len(word) - 1))

    return _CHANGED.sub(change, text)


def list_texts(articles: Sequence[ArticleText]) -> Iterator[str]:
    """Yield the text of every paragraph."""
    return (one.text for article in articles for one in article.paragraphs)


def _walk(n: int) -> Iterator[tuple[int, int]]:
    """Yield copy and place, the newest first, without end."""
    number = 0
    while True:
        for place in range(n - 1, -1, -1):
            yield number, place
        number += 1


def _shift(article: Any, base: Base, number: int) -> Any:
    first, last = base.stories[0].published_at, base.stories[-1].published_at
    if article.published_at is None or first is None or last is None:
        return None
    return article.published_at - number * (last - first + timedelta(days=30))


def _copy_text(article: ArticleText, base: Base, place: int, number: int) -> ArticleText:
    paragraphs = []
    begin = 0
    for paragraph in article.paragraphs:
        text = change_facts(paragraph.text, number)
        paragraphs.append(
            replace(
                paragraph,
                paragraph_id=f"{paragraph.paragraph_id}.{number}",
                article_id=ArticleId(f"{article.article_id}.{number}"),
                text=text,
                begin=begin,
                end=begin + len(text),
                text_hash=hash_text(text),
            )
        )
        begin += len(text) + 1
    return replace(
        article,
        article_id=ArticleId(f"{article.article_id}.{number}"),
        headline=change_facts(article.headline, number),
        published_at=_shift(article, base, number),
        paragraphs=paragraphs,
    )
