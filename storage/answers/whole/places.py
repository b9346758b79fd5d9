"""Every place of every passage, and the texts they stand in: for programs that look for reuse."""

from collections.abc import Iterator
from typing import Any

from wirethread.storage.answers.whole.rows import stream_rows
from wirethread.storage.catalog import Catalog

__all__ = [
    "stream_article_names",
    "stream_place_spans",
    "stream_places_by_article",
    "stream_places_by_passage",
]

_NAMES = "SELECT article_id, source_id, url FROM articles"
_SPANS = """
SELECT p.passage_id, p.article_id, p.begin, p."end" FROM passage_places p ORDER BY ALL
"""
_PLACES = """
SELECT p.passage_id, p.article_id, p.begin, p."end", p.relation, s.agency, s.confidence,
    s.evidence, s.n_places, s.origin_article_id, a.outlet, a.headline, a.url, a.published_at,
    substring(a.text, p.begin + 1, p."end" - p.begin) AS excerpt, a.text
FROM passage_places p JOIN passages s USING (passage_id) JOIN articles a USING (article_id)
"""
_BY_PASSAGE = "ORDER BY p.passage_id, a.published_at NULLS LAST, p.article_id"
_BY_ARTICLE = 'ORDER BY p.article_id, p.begin, p."end", p.passage_id'


def stream_article_names(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Yield article_id, source_id and url of every article."""
    return stream_rows(catalog, _NAMES)


def stream_place_spans(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Yield passage_id, article_id, begin and end of every place; characters of the text."""
    return stream_rows(catalog, _SPANS)


def stream_places_by_passage(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Yield every place with its passage, its article and its words, passage by passage."""
    return stream_rows(catalog, _PLACES + _BY_PASSAGE)


def stream_places_by_article(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Yield the same, article by article in the order of the text."""
    return stream_rows(catalog, _PLACES + _BY_ARTICLE)
