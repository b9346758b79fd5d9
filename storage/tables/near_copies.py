"""The rows of the view `copies` in which some articles stand, without working out all others.

The view compares every two articles that carry one piece of copy. A run asks about its own alone,
so it is asked here over what lies around them: the articles that share a verdict or a passage with
one of them, and the verdicts, passages and places of those.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are rows and parameters

import re
from collections.abc import Sequence

import pyarrow as pa

from wirethread.storage.engine.bulk import ids_table, list_rows
from wirethread.storage.engine.database import Database

__all__ = ["fetch_copies_of"]

_AROUND = """
WITH own AS (SELECT id AS article_id FROM asked),
shared AS (
    SELECT DISTINCT passage_id FROM store.passage_places WHERE article_id IN (FROM own))
SELECT article_id FROM own UNION
SELECT right_article_id FROM store.passage_verdicts WHERE left_article_id IN (FROM own) UNION
SELECT left_article_id FROM store.passage_verdicts WHERE right_article_id IN (FROM own) UNION
SELECT article_id FROM store.passage_places WHERE passage_id IN (FROM shared)
"""
_NEAR = {
    "passage_verdicts": "left_article_id IN (SELECT id FROM around)"
    " AND right_article_id IN (SELECT id FROM around) OR anchor_id IN (SELECT id FROM around)",
    "passage_places": "article_id IN (SELECT id FROM around)",
    "passages": "passage_id IN (SELECT passage_id FROM near_passage_places)",
    "wire_credits": "article_id IN (SELECT id FROM around)",
}
"""By table: which of its rows the view needs for the articles around. `articles` go by row."""
_TABLE = re.compile(r"\bstore\.(\w+)")


def fetch_copies_of(database: Database, article_ids: Sequence[str]) -> pa.Table:
    """Return the rows of `copies` in which one of the articles stands, on either side."""
    with database.registered(asked=ids_table(article_ids)):
        around = [row[0] for row in database.fetch_rows(_AROUND)]
    ((view,),) = database.fetch_rows(
        "SELECT sql FROM duckdb_views() WHERE view_name = 'copies' AND schema_name = 'main'"
    )
    query = _TABLE.sub(r"near_\1", view.partition(" AS ")[2].rstrip().rstrip(";"))
    with database.registered(asked=ids_table(article_ids), around=ids_table(around)):
        rows = database.fetch_rows(
            "SELECT rowid FROM store.articles WHERE article_id IN (SELECT id FROM around)"
        )
        chosen = {"articles": f"rowid IN {list_rows(row[0] for row in rows)}", **_NEAR}
        near = ", ".join(
            f"near_{name} AS MATERIALIZED (SELECT * FROM store.{name} WHERE {which})"
            for name, which in chosen.items()
        )
        return database.fetch_table(
            f"WITH {near} SELECT * FROM ({query}) c WHERE from_article_id IN (SELECT id FROM asked)"
            " OR to_article_id IN (SELECT id FROM asked)"
        )
