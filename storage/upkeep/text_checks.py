"""Checks inside the catalog that are more than a reference: offsets, counts, ids that lead on."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Sequence

from wirethread.storage.engine.bulk import WITH_PLACE
from wirethread.storage.engine.database import Database
from wirethread.storage.upkeep.references import REFERENCES

__all__ = [
    "BROKEN_ARTICLES",
    "OUTSIDE_SPANS",
    "TEXT_CHECKS",
    "TOO_EARLY",
    "count_repeated_keys",
]

_ROWS_AT_ONCE = 5_000_000

BROKEN_ARTICLES = """
SELECT article_id, paragraph_id FROM store.paragraphs p JOIN store.articles a USING (article_id)
WHERE NOT (p."begin" >= 0 AND p."end" <= length(a."text") AND p."begin" < p."end")
    OR substring(a."text", p."begin" + 1, p."end" - p."begin") <> p."text"
UNION ALL SELECT article_id, 'no paragraph' FROM store.articles ANTI JOIN store.paragraphs
    USING (article_id)
UNION ALL SELECT article_id, 'a place is missing' FROM store.paragraphs GROUP BY article_id
    HAVING min("position") <> 0 OR max("position") + 1 <> count(*)
"""
"""Articles whose paragraphs are not the pieces of their text."""

_OUTSIDE = (
    't."{begin}" < 0 OR t."{begin}" >= t."{end}" OR t."{end}" >'
    ' (SELECT length(a."text") FROM store.articles a WHERE a.article_id = t.{side})'
)

OUTSIDE_SPANS: dict[str, str] = {
    "passage_places": _OUTSIDE.format(side="article_id", begin="begin", end="end"),
    "passage_verdicts": " OR ".join(
        _OUTSIDE.format(side=f"{side}_article_id", begin=f"{side}_begin", end=f"{side}_end")
        for side in ("left", "right")
    ),
}
"""By table: the condition, over the alias `t`, of rows whose span lies outside its article."""


def _find_too_early(table: str) -> str:
    columns = [
        reference.column
        for reference in REFERENCES
        if reference.table == table and reference.target == "articles" and not reference.is_optional
    ]
    return " OR ".join(
        f"EXISTS (SELECT 1 FROM store.articles a WHERE a.article_id = t.{column}"
        " AND coalesce(a.written, 0) > coalesce(t.written, 0))"
        for column in columns
    )


TOO_EARLY: dict[str, str] = {
    table: _find_too_early(table)
    for table in sorted({"paragraphs", "wire_credits", *WITH_PLACE} - {"articles"})
}
"""By table: the condition, over the alias `t`, of rows that say they are older than their article.

Such a row is passed over where what is known of the article is looked up (`storage.engine.places`).
"""


TEXT_CHECKS: dict[str, tuple[str, str, str]] = {
    "paragraphs": (
        "every paragraph is what its article says between its offsets",
        "paragraphs are not what their articles say",
        f"SELECT article_id || ' (' || paragraph_id || ')' AS example FROM ({BROKEN_ARTICLES})",
    ),
    "spans": (
        "every copied span lies inside its article",
        "copied spans lie outside their articles",
        " UNION ALL ".join(
            f"SELECT t::VARCHAR AS example FROM store.{table} t WHERE {where}"
            for table, where in OUTSIDE_SPANS.items()
        ),
    ),
    "places": (
        "no row is older than the article that it is about",
        "rows are older than the articles that they are about",
        " UNION ALL ".join(
            f"SELECT '{table}: ' || (t::VARCHAR)[:60] AS example FROM store.{table} t WHERE {where}"
            for table, where in TOO_EARLY.items()
        ),
    ),
    "counts": (
        "story clusters and files of vectors hold what their rows count",
        "counts are wrong",
        "SELECT c.cluster_id AS example FROM store.story_clusters c JOIN"
        " (SELECT cluster_id, count(*) AS n FROM store.story_cluster_articles GROUP BY ALL) m"
        " USING (cluster_id) WHERE m.n <> c.n_articles"
        " UNION ALL SELECT s.segment_id FROM store.vector_segments s JOIN"
        " (SELECT segment_id, count(*) AS n, min(model_id) AS low, max(model_id) AS high"
        "  FROM store.vector_rows GROUP BY ALL) r USING (segment_id)"
        " WHERE r.n > s.n_rows OR r.low <> s.model_id OR r.high <> s.model_id",
    ),
    "models": (
        "the vectors of each model have one dimension",
        "models have vectors of several dimensions",
        "SELECT model_id AS example FROM store.vector_segments GROUP BY model_id"
        " HAVING count(DISTINCT dimension) > 1",
    ),
    "old ids": (
        "every id that a story once had leads somewhere",
        "ids lead to nothing",
        "SELECT old_id AS example FROM store.story_redirects WHERE new_id NOT IN ("
        "SELECT cluster_id FROM store.story_clusters UNION ALL"
        " SELECT thread_id FROM store.story_threads UNION ALL"
        " SELECT old_id FROM store.story_redirects UNION ALL"
        " SELECT subject_id FROM store.story_events)",
    ),
}
"""By name: the words where it is fine, the words where it is not, and a query for `example`s."""


def count_repeated_keys(
    database: Database, table: str, keys: Sequence[str]
) -> tuple[int, list[str]]:
    """Return how many rows repeat the key of another one, and a few of these keys.

    A large table is gone through several times, a share of its keys each time.
    """
    columns = ", ".join(f'"{key}"' for key in keys)
    n_rows = int(database.fetch_value(f"SELECT count(*) FROM store.{table}"))
    n_parts = 1 + n_rows // _ROWS_AT_ONCE
    n_repeated = 0
    examples: list[str] = []
    for part in range(n_parts):
        where = f"WHERE hash({columns}) % {n_parts} = {part}" if n_parts > 1 else ""
        ((n_found, shown),) = database.fetch_rows(
            f"SELECT coalesce(sum(n - 1), 0)::BIGINT, list(example)[:3] FROM ("
            f"SELECT concat_ws(' ', {columns}) AS example, count(*) AS n FROM store.{table} {where}"
            f" GROUP BY {columns} HAVING count(*) > 1)"
        )
        n_repeated += n_found
        examples += shown or []
    return n_repeated, examples[:3]
