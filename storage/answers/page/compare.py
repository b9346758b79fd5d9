"""What was decided about two articles, as a comparison shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from wirethread.articles.types.articles import ArticleId, ParsedArticle
from wirethread.storage.answers.queries import find_article
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import list_records

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
    texts = {one.article.article_id: one for one in catalog.load_article_texts(set(ids))}
    table = catalog.database.fetch_table(_VERDICTS, {"left": ids[0], "right": ids[1]})
    converters: dict[str, Callable[[Any], Any]] = {}
    return ComparedPair(
        left=texts[ids[0]],
        right=texts[ids[1]],
        verdicts=list_records(table, StoredVerdict, converters),
        agencies={
            article_id: credit.agency
            for article_id, text in texts.items()
            for credit in text.credits
            if credit.rule == "outlet"
        },
    )


_VERDICTS = (
    'WITH sides AS (SELECT left_begin AS "begin", left_end AS "end",'
    "   right_begin AS other_begin, right_end AS other_end, relation, score, is_match, reason"
    "  FROM store.passage_verdicts WHERE left_article_id = $left AND right_article_id = $right"
    "  UNION ALL SELECT right_begin, right_end, left_begin, left_end, relation, score, is_match,"
    "   reason FROM store.passage_verdicts"
    "  WHERE left_article_id = $right AND right_article_id = $left),"
    ' mine AS (SELECT passage_id, "begin" AS b, "end" AS e FROM store.passage_places'
    "  WHERE article_id = $left)"
    ' SELECT s."begin", s."end", s.other_begin, s.other_end, s.relation, s.score, s.is_match,'
    ' s.reason, max_by(m.passage_id, least(m.e, s."end") - greatest(m.b, s."begin"))'
    "  AS passage_id FROM sides s LEFT JOIN mine m"
    '  ON m.b < s."end" AND s."begin" < m.e GROUP BY ALL'
    ' ORDER BY s."begin", s."end", s.other_begin, s.relation'
)
