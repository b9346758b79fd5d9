"""What was decided about two articles, as a comparison shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wirethread.articles.types.articles import ArticleId, ParsedArticle
from wirethread.storage.answers.article import find_article
from wirethread.storage.answers.page.facts import load_parsed
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.directory import fetch_about

__all__ = ["ComparedPair", "StoredVerdict", "load_compared_pair"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVerdict:
    """A verdict on two spans, seen from the article that was asked for first."""

    begin: int
    end: int
    other_begin: int
    other_end: int
    relation: str
    score: float
    is_match: bool
    reason: str
    passage_id: str | None
    """The passage that the span of the first article belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPair:
    """Two articles with the verdicts on their spans."""

    left: ParsedArticle
    right: ParsedArticle
    verdicts: Sequence[StoredVerdict]
    """In the order of the left text."""
    agencies: dict[ArticleId, str]
    """The agency whose own outlet published it, by article."""


def load_compared_pair(catalog: Catalog, left: str, right: str) -> ComparedPair:
    """Return the articles that two keys name. Raises `NotFoundError`."""
    ids = find_article(catalog, left), find_article(catalog, right)
    texts = load_parsed(catalog, ids)
    database = catalog._database
    rows = _load_verdicts(database, ids)
    mine = fetch_about(database, _PLACES, "passage_places", "article_id", [ids[0]])
    return ComparedPair(
        left=texts[ids[0]],
        right=texts[ids[1]],
        verdicts=[
            StoredVerdict(
                begin=row[0],
                end=row[1],
                other_begin=row[2],
                other_end=row[3],
                relation=row[4],
                score=row[5],
                is_match=row[6],
                reason=row[7],
                passage_id=_find_passage(mine, row[0], row[1]),
            )
            for row in rows
        ],
        agencies={
            text.article.article_id: credit.agency
            for text in texts.values()
            for credit in text.credits
            if credit.rule == "outlet"
        },
    )


def _find_passage(mine: Sequence[tuple[str, int, int]], begin: int, end: int) -> str | None:
    """Return the passage that covers most of a span."""
    shared = [(min(end, e) - max(begin, b), name) for name, b, e in mine if b < end and begin < e]
    return max(shared)[1] if shared else None


def _load_verdicts(database: Database, ids: tuple[ArticleId, ArticleId]) -> list[tuple[Any, ...]]:
    """Return the verdicts on two articles, the first one's span first; by place."""
    left, right = sorted(ids)  # as they are stored
    found = fetch_about(database, _VERDICTS, "passage_verdicts", "left_article_id", [left])
    rows = [row[1:] for row in found if row[0] == right]
    if left != ids[0]:
        rows = [(*row[2:4], *row[:2], *row[4:]) for row in rows]
    return sorted(rows)


_VERDICTS = (
    "SELECT right_article_id, left_begin, left_end, right_begin, right_end, relation, score,"
    " is_match, reason FROM store.passage_verdicts WHERE {rows}"
)
_PLACES = 'SELECT passage_id, "begin", "end" FROM store.passage_places WHERE {rows}'
