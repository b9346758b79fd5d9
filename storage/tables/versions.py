"""Versions of one article: keys, texts, their order, and which one is current.

`store.articles.superseded_by` and `store.article_versions` follow from the articles of a series
alone. Whoever removes an article puts the rest of its series right with `find_series` and
`replace_series`, as `flows/intake/versions.py` does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from wirethread.articles.types.articles import ArticleId, TimePrecision
from wirethread.articles.types.versions import KeyedArticle, StoredVersion, VersionRow
from wirethread.storage.engine.bulk import as_utc, build_objects, build_table, ids_table, sync_rows
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.directory import find_rows
from wirethread.storage.engine.places import find_oldest
from wirethread.storage.tables.runs import open_steps

__all__ = [
    "find_current",
    "find_first_times",
    "find_mates",
    "find_repeated_keys",
    "find_series",
    "find_superseded",
    "list_superseded",
    "list_unkeyed",
    "load_versions",
    "replace_series",
    "store_keys",
]


_VERSION = {
    "series_id": pa.string(),
    "article_id": pa.string(),
    "version": pa.int32(),
    "supersedes": pa.string(),
    "changed": pa.string(),
}
_STATE = {
    "article_id": pa.string(),
    "superseded_by": pa.string(),
    "first_published_at": pa.timestamp("us"),
    "first_precision": pa.string(),
}
_KEYS = {"article_id": pa.string(), "url_key": pa.string(), "id_key": pa.string()}


def list_unkeyed(database: Database, limit: int) -> list[dict[str, Any]]:
    """Return article_id, outlet, url and source_id of articles whose keys were never derived."""
    rows = database.fetch_rows(
        "SELECT article_id, outlet, url, source_id FROM store.articles"
        " WHERE url_key IS NULL ORDER BY rowid LIMIT ?",
        [limit],
    )
    names = ("article_id", "outlet", "url", "source_id")
    return [dict(zip(names, row, strict=True)) for row in rows]


def store_keys(database: Database, keys: Sequence[KeyedArticle]) -> int:
    """Write the keys of articles that are in the catalog; return rows changed."""
    with database.registered(new_keys=build_table(keys, _KEYS)):
        return database.execute(
            "UPDATE store.articles SET url_key = k.url_key, id_key = k.id_key FROM new_keys k"
            " WHERE store.articles.article_id = k.article_id"
            " AND (store.articles.url_key IS DISTINCT FROM k.url_key"
            "  OR store.articles.id_key IS DISTINCT FROM k.id_key)"
        )


def find_mates(
    database: Database, keys: Sequence[KeyedArticle], most_with_one_id: int
) -> list[KeyedArticle]:
    """Return the articles of the catalog that share a key with one of these, in order of reading.

    All at one address, and of one id the last so many.
    """
    with database.registered(
        asked_urls=ids_table(key.url_key for key in keys if key.url_key),
        asked_ids=ids_table(key.id_key for key in keys if key.id_key),
    ):
        rows = database.fetch_rows(
            "SELECT article_id, url_key, id_key FROM store.articles"
            " WHERE url_key IN (SELECT id FROM asked_urls)"
            " OR id_key IN (SELECT id FROM asked_ids)"
            " QUALIFY url_key IN (SELECT id FROM asked_urls)"
            " OR row_number() OVER (PARTITION BY id_key ORDER BY rowid DESC) <= $1"
            " ORDER BY rowid",
            [most_with_one_id],
        )
    return [
        KeyedArticle(article_id=ArticleId(article_id), url_key=url_key, id_key=id_key or "")
        for article_id, url_key, id_key in rows
    ]


def find_repeated_keys(database: Database) -> list[KeyedArticle]:
    """Return the articles that share a key with another one, in order of reading."""
    rows = database.fetch_rows(
        "WITH repeated AS (SELECT url_key AS k FROM store.articles WHERE url_key <> ''"
        " GROUP BY 1 HAVING count(*) > 1 UNION ALL SELECT id_key FROM store.articles"
        " WHERE id_key <> '' GROUP BY 1 HAVING count(*) > 1)"
        " SELECT article_id, url_key, id_key FROM store.articles"
        " WHERE url_key IN (SELECT k FROM repeated) OR id_key IN (SELECT k FROM repeated)"
        " ORDER BY rowid"
    )
    return [
        KeyedArticle(article_id=ArticleId(article_id), url_key=url_key, id_key=id_key or "")
        for article_id, url_key, id_key in rows
    ]


def find_series(database: Database, article_ids: Iterable[str]) -> dict[ArticleId, ArticleId]:
    """Return every member, with its series, of the series that hold one of the articles."""
    with database.registered(asked=ids_table(article_ids)):
        rows = database.fetch_rows(
            "SELECT article_id, series_id FROM store.article_versions WHERE series_id IN"
            " (SELECT series_id FROM store.article_versions"
            "  WHERE article_id IN (SELECT id FROM asked)) ORDER BY series_id, version"
        )
    return {ArticleId(one): ArticleId(series) for one, series in rows}


def load_versions(database: Database, article_ids: Iterable[str]) -> list[StoredVersion]:
    """Return the articles with what versions are compared by, in the order of reading."""
    asked = set(article_ids)
    with database.registered(asked=ids_table(asked)):
        table = database.fetch_table(
            "SELECT a.article_id, coalesce(a.url_key, '') AS url_key,"
            " coalesce(a.id_key, '') AS id_key, a.outlet, a.headline,"
            ' a."text" AS text, coalesce(b.body, []) AS body,'
            " coalesce(b.body_hashes, []) AS body_hashes,"
            " a.published_at, a.published_precision, a.updated_at"
            " FROM store.articles a LEFT JOIN (SELECT article_id,"
            '  list("text" ORDER BY "position") AS body,'
            '  list(text_hash ORDER BY "position") AS body_hashes FROM store.paragraphs'
            "  WHERE written >= $1 AND kind = 'body' AND article_id IN (SELECT id FROM asked)"
            "  GROUP BY article_id) b USING (article_id)"
            " WHERE a.written >= $1 AND a.article_id IN (SELECT id FROM asked) ORDER BY a.rowid",
            [find_oldest(database, asked)],
        )
    converters: dict[str, Callable[[Any], Any]] = {
        "published_at": as_utc,
        "updated_at": as_utc,
        "published_precision": TimePrecision,
    }
    return build_objects(table, StoredVersion, converters)


def replace_series(database: Database, run_id: str, rows: Sequence[VersionRow]) -> int:
    """Make the series of these articles equal to `rows`; return rows touched.

    An article whose place in its series changed waits for every step again. Give the whole of each
    series; an article alone in its series has version 1 and no row is kept of it.
    """
    kept = [row for row in rows if row.supersedes is not None or row.superseded_by is not None]
    with database.registered(
        new_versions=build_table(kept, _VERSION),
        new_states=build_table(rows, _STATE),
        scope_ids=ids_table(row.article_id for row in rows),
    ):
        open_steps(
            database,
            "SELECT a.article_id FROM store.articles a JOIN new_states n USING (article_id)"
            " WHERE (a.superseded_by IS NULL) <> (n.superseded_by IS NULL)"
            " OR a.first_published_at IS DISTINCT FROM n.first_published_at"
            " OR a.first_precision IS DISTINCT FROM n.first_precision",
        )
        n_touched = database.execute(
            "UPDATE store.articles SET superseded_by = n.superseded_by,"
            " first_published_at = n.first_published_at, first_precision = n.first_precision"
            " FROM new_states n WHERE store.articles.article_id = n.article_id"
            " AND (store.articles.superseded_by IS DISTINCT FROM n.superseded_by"
            " OR store.articles.first_published_at IS DISTINCT FROM n.first_published_at"
            " OR store.articles.first_precision IS DISTINCT FROM n.first_precision)"
        )
        return n_touched + sync_rows(
            database,
            "store.article_versions",
            "new_versions",
            list(_VERSION),
            keys=["article_id"],
            scope="t.article_id IN (SELECT id FROM scope_ids)",
            stamps={"run_id": run_id},
        )


def list_superseded(database: Database) -> frozenset[str]:
    """Return the ids of all articles that a newer version replaced."""
    rows = database.fetch_rows(
        "SELECT article_id FROM store.articles WHERE superseded_by IS NOT NULL"
    )
    return frozenset(row[0] for row in rows)


def find_superseded(database: Database, article_ids: Iterable[str]) -> set[ArticleId]:
    """Return those of the articles that a later version replaced."""
    asked = set(article_ids)
    with database.registered(asked=ids_table(asked)):
        rows = database.fetch_rows(
            "SELECT article_id FROM store.articles WHERE superseded_by IS NOT NULL"
            " AND written >= ? AND article_id IN (SELECT id FROM asked)",
            [find_oldest(database, asked)],
        )
    return {ArticleId(row[0]) for row in rows}


def find_current(database: Database, article_ids: Iterable[str]) -> dict[ArticleId, ArticleId]:
    """Return the current version of each of the articles that is no longer current."""
    article_ids = set(article_ids)
    if find_rows(database, "article_versions", "article_id", article_ids) is None:
        return {}
    with database.registered(asked=ids_table(article_ids)):
        rows = database.fetch_rows(
            "SELECT o.article_id, max_by(n.article_id, n.version) FROM store.article_versions o"
            " JOIN store.article_versions n USING (series_id)"
            " WHERE o.article_id IN (SELECT id FROM asked) GROUP BY o.article_id"
            " HAVING max(n.version) > any_value(o.version) ORDER BY o.article_id"
        )
    return {ArticleId(old): ArticleId(current) for old, current in rows}


def find_first_times(
    database: Database, article_ids: Iterable[str]
) -> Mapping[ArticleId, tuple[datetime, TimePrecision]]:
    """Return when the first version of an article ran, where that is not its own time."""
    asked = set(article_ids)
    with database.registered(asked=ids_table(asked)):
        rows = database.fetch_rows(
            "SELECT article_id, first_published_at, first_precision FROM store.articles"
            " WHERE first_published_at IS NOT NULL"
            " AND written >= ? AND article_id IN (SELECT id FROM asked)",
            [find_oldest(database, asked)],
        )
    return {
        ArticleId(article_id): (moment, TimePrecision(precision))
        for article_id, at, precision in rows
        if (moment := as_utc(at)) is not None
    }
