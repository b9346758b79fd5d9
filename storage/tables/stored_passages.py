"""Passages as the catalog holds them now, for whoever wants to compare them with new ones."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from wirethread.articles.types.articles import PassageId, Relation
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import ids_table, list_records
from wirethread.storage.tables.rows import PassagePlaceRow, PassageRow

__all__ = ["load_passages"]

_TOUCHING = (
    "passage_id IN (SELECT passage_id FROM store.passage_places"
    " WHERE article_id IN (SELECT id FROM asked))"
)


def load_passages(
    catalog: Catalog, article_ids: Iterable[str]
) -> list[tuple[PassageRow, list[PassagePlaceRow]]]:
    """Return each passage that has a place in one of the articles, with all its places."""
    with catalog.database.registered(asked=ids_table(article_ids)):
        passages = catalog.database.fetch_table(
            "SELECT passage_id, origin_article_id, agency, confidence, evidence,"
            f" evidence_article_id, reason FROM store.passages WHERE {_TOUCHING}"
            " ORDER BY passage_id"
        )
        places = catalog.database.fetch_table(
            'SELECT passage_id, article_id, "begin", "end", "position", relation'
            f" FROM store.passage_places WHERE {_TOUCHING}"
            ' ORDER BY passage_id, article_id, "begin"'
        )
    found: dict[PassageId, list[PassagePlaceRow]] = {
        key: list(group)
        for key, group in groupby(
            list_records(places, PassagePlaceRow, {"relation": Relation}),
            key=attrgetter("passage_id"),
        )
    }
    return [(row, found.get(row.passage_id, [])) for row in list_records(passages, PassageRow)]
