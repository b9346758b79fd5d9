"""Articles as they were read, without what was concluded from them, in the order of reading."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from wirethread.storage.answers.whole.rows import stream_rows
from wirethread.storage.catalog import Catalog

__all__ = ["stream_read_articles"]

_ARTICLES = """
SELECT a.article_id, a.outlet, a.headline, a.byline, a.text, a.language, a.url, a.published_at,
    a.published_precision, a.updated_at, a.source_id, n.notes, c.credits, p.head
FROM articles a
LEFT JOIN (SELECT article_id, list(text ORDER BY position) AS head FROM paragraphs
    WHERE position < $n_head GROUP BY article_id) p USING (article_id)
LEFT JOIN (SELECT article_id, map_from_entries(list((field, words))) AS notes
    FROM article_notes GROUP BY article_id) n USING (article_id)
LEFT JOIN (SELECT article_id, map_from_entries(list((rule, evidence))) AS credits FROM
    (SELECT article_id, rule, string_agg(DISTINCT evidence, '; ' ORDER BY evidence) AS evidence
        FROM wire_credits WHERE begin = -1 GROUP BY article_id, rule)
    GROUP BY article_id) c USING (article_id)
"""
_ORDER = "ORDER BY a.read_at, a.version, a.article_id"


def stream_read_articles(
    catalog: Catalog, n_head: int, *, since: datetime | None = None, is_current: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield the columns of each article, those published from `since` (naive, in UTC) on.

    `head` are its first `n_head` paragraphs; `notes` what its source stated, by field; `credits`
    the words of credits that stand in fields, by field; with `is_current` newest versions alone.
    """
    given: dict[str, Any] = {"n_head": n_head}
    if since is not None:
        given["since"] = since
    asked = [("a.published_at >= $since", since is not None), ("a.is_current", is_current)]
    held = " AND ".join(condition for condition, is_asked in asked if is_asked)
    where = f"WHERE {held}\n" if held else ""
    yield from stream_rows(catalog, _ARTICLES + where + _ORDER, given)
