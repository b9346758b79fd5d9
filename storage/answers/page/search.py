"""The passages that found paragraphs belong to."""

# ruff: noqa: S608 - only constant names are put into SQL; ids are quoted

from collections.abc import Sequence
from dataclasses import dataclass

from wirethread.articles.types.articles import ArticleId, PassageId
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import quote_all

__all__ = ["HitPassage", "find_hit_passages", "list_vague_articles"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HitPassage:
    """The passage that accounts for most of a paragraph."""

    passage_id: PassageId
    agency: str | None
    origin_article_id: ArticleId | None
    """Where it ran first, None where that is not known."""
    n_places: int
    n_outlets: int


def list_vague_articles(catalog: Catalog, article_ids: Sequence[str]) -> set[str]:
    """Return those of the articles of whose publication the day is known at most."""
    if not article_ids:
        return set()
    rows = catalog._database.fetch_rows(
        "SELECT article_id FROM store.articles WHERE published_precision <> 'second'"
        f" AND article_id IN ({quote_all(article_ids)})"
    )
    return {row[0] for row in rows}


def find_hit_passages(catalog: Catalog, paragraph_ids: Sequence[str]) -> dict[str, HitPassage]:
    """Return the passage of each paragraph that belongs to one."""
    if not paragraph_ids:
        return {}
    rows = catalog._database.fetch_rows(
        "WITH hit AS (SELECT paragraph_id, max_by(passage_id, share) AS passage_id"
        "  FROM store.paragraph_sources WHERE passage_id IS NOT NULL"
        f"  AND paragraph_id IN ({quote_all(paragraph_ids)}) GROUP BY paragraph_id),"
        " spread AS (SELECT passage_id, count(*) AS n_places,"
        "  count(DISTINCT a.outlet) AS n_outlets FROM store.passage_places"
        "  JOIN store.articles a USING (article_id)"
        "  WHERE passage_id IN (SELECT passage_id FROM hit) GROUP BY passage_id)"
        " SELECT h.paragraph_id, h.passage_id, p.agency, p.origin_article_id, s.n_places,"
        " s.n_outlets FROM hit h"
        " JOIN store.passages p USING (passage_id) JOIN spread s USING (passage_id)"
    )
    return {
        row[0]: HitPassage(
            passage_id=row[1],
            agency=row[2],
            origin_article_id=row[3],
            n_places=row[4],
            n_outlets=row[5],
        )
        for row in rows
    }
