"""What lies around some articles: in time, in copy, in stories."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Iterable
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.types.articles import ArticleId, ClusterId, ThreadId, ThreadState
from wirethread.storage.engine.bulk import as_naive_utc, as_utc, ids_table, quote_all
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.places import find_oldest
from wirethread.storage.tables.segments import MIN_WORDS, locate_vectors

__all__ = [
    "find_embedded",
    "find_emptied_threads",
    "find_headlines",
    "find_newest_articles",
    "find_newest_publication",
    "find_publication_times",
    "find_published_between",
    "find_redirected_ids",
    "find_shared_copy",
    "find_silent_threads",
    "find_threads_of_clusters",
    "find_uncounted_clusters",
    "find_undated_articles",
    "find_used_story_ids",
]

MANY_PLACES = 16
_ASKED = "written >= $1 AND article_id IN (SELECT id FROM asked)"
_TIME = "coalesce(first_published_at, published_at)"
_WITH_FIRST_PLACE = (
    "SELECT * FROM (SELECT least(f.article_id, p.article_id) AS left_article_id,"
    " greatest(f.article_id, p.article_id) AS right_article_id,"
    " CASE WHEN f.article_id < p.article_id THEN f.span_begin ELSE p.begin END AS left_begin,"
    ' CASE WHEN f.article_id < p.article_id THEN f.span_end ELSE p."end" END AS left_end,'
    " CASE WHEN f.article_id < p.article_id THEN p.begin ELSE f.span_begin END AS right_begin,"
    ' CASE WHEN f.article_id < p.article_id THEN p."end" ELSE f.span_end END AS right_end'
    ' FROM (SELECT passage_id, article_id, begin AS span_begin, "end" AS span_end'
    "  FROM store.passage_places SEMI JOIN asked ON id = article_id JOIN store.articles"
    "  USING (article_id) WHERE passage_id IN (SELECT passage_id FROM store.passage_places"
    f"   GROUP BY passage_id HAVING count(*) > {MANY_PLACES})"
    f"  QUALIFY row_number() OVER (PARTITION BY passage_id ORDER BY {_TIME} NULLS LAST,"
    "   article_id) = 1) f"
    " JOIN store.passage_places p USING (passage_id) SEMI JOIN asked ON id = p.article_id"
    " WHERE p.article_id <> f.article_id) d"
    " ANTI JOIN store.passage_verdicts v ON v.left_article_id = d.left_article_id"
    " AND v.right_article_id = d.right_article_id"
)
"""Of passages in very many places, the spans that the first place has in common with the others,
where the two were not compared."""


def find_publication_times(
    database: Database, article_ids: Iterable[str]
) -> dict[ArticleId, datetime]:
    """Return when each article was published, aware, in UTC; undated ones are left out.

    Of several versions the first publication counts for all.
    """
    asked = set(article_ids)
    with database.registered(asked=ids_table(asked)):
        rows = database.fetch_rows(
            f"SELECT article_id, {_TIME} FROM store.articles"
            f" WHERE {_TIME} IS NOT NULL AND {_ASKED}",
            [find_oldest(database, asked)],
        )
    return {ArticleId(found): moment for found, at in rows if (moment := as_utc(at)) is not None}


def find_published_between(database: Database, begin: datetime, end: datetime) -> list[ArticleId]:
    """Return the articles published from `begin` to `end`, both included, by id.

    Times are those of `find_publication_times`.
    """
    rows = database.fetch_rows(
        "SELECT article_id FROM store.articles"
        f" WHERE {_TIME} BETWEEN $1 AND $2 ORDER BY article_id",
        [as_naive_utc(begin), as_naive_utc(end)],
    )
    return [ArticleId(row[0]) for row in rows]


def find_undated_articles(database: Database, limit: int) -> list[ArticleId]:
    """Return up to `limit` articles without a publication time, those read last first."""
    rows = database.fetch_rows(
        f"SELECT article_id FROM store.articles WHERE {_TIME} IS NULL"
        " ORDER BY read_at DESC, article_id LIMIT $1",
        [limit],
    )
    return [ArticleId(row[0]) for row in rows]


def find_newest_articles(database: Database, limit: int) -> list[ArticleId]:
    """Return the `limit` articles published last, newest first."""
    rows = database.fetch_rows(
        f"SELECT article_id FROM store.articles WHERE {_TIME} IS NOT NULL"
        f" ORDER BY {_TIME} DESC, article_id LIMIT $1",
        [limit],
    )
    return [ArticleId(row[0]) for row in rows]


def find_newest_publication(database: Database) -> datetime | None:
    """Return the latest publication time in the catalog, aware, in UTC."""
    return as_utc(database.fetch_value("SELECT max(published_at) FROM store.articles"))


def find_embedded(
    database: Database, model_id: str, article_ids: Iterable[str]
) -> NDArray[np.int64]:
    """Return the hashes int64[n] of the body paragraphs that have a vector, ascending.

    Paragraphs of fewer words than are embedded are left out.
    """
    asked = set(article_ids)
    with database.registered(asked=ids_table(asked)):
        table = database.fetch_table(
            "SELECT DISTINCT text_hash FROM store.paragraphs"
            f" WHERE {_ASKED} AND kind = 'body' AND n_words >= $2 ORDER BY text_hash",
            [find_oldest(database, asked), MIN_WORDS],
        )
    hashes: NDArray[np.int64] = table.column("text_hash").to_numpy().astype(np.int64)
    places, _ = locate_vectors(database, model_id, hashes)
    return hashes[places]


def find_headlines(database: Database, article_ids: Iterable[str]) -> dict[ArticleId, str]:
    """Return the headline of each article."""
    asked = set(article_ids)
    with database.registered(asked=ids_table(asked)):
        rows = database.fetch_rows(
            f"SELECT article_id, headline FROM store.articles WHERE {_ASKED}",
            [find_oldest(database, asked)],
        )
    return {ArticleId(found): headline for found, headline in rows}


def find_shared_copy(
    database: Database, article_ids: Iterable[str]
) -> dict[tuple[ArticleId, ArticleId], float]:
    """Return, by pair left before right, the larger share of either body that matches cover.

    Shares lie between 0 and 1. Only pairs with both ends among `article_ids`; quotations that two
    articles share are no copy. Of copy that ran in very many places the pairs are those that were
    compared, and those with its first place; of two articles alone, whatever follows.
    """
    asked = set(article_ids)
    between = (
        "left_article_id IN (SELECT id FROM asked) AND right_article_id IN (SELECT id FROM asked)"
    )
    if len(asked) == 2:
        # named in the statement: then only their places are matched, not those of the archive
        left, right = (quote_all([one]) for one in sorted(asked))
        spans = (
            "SELECT * FROM passage_matches WHERE relation <> 'quotation'"
            f" AND left_article_id = {left} AND right_article_id = {right}"
        )
    else:
        spans = (
            "SELECT left_article_id, right_article_id, left_begin, left_end, right_begin,"
            " right_end FROM store.passage_verdicts WHERE written >= $1"
            f" AND is_match AND relation <> 'quotation' AND {between}"
            f" UNION ALL {_WITH_FIRST_PLACE}"
        )
    with database.registered(asked=ids_table(asked)):
        rows = database.fetch_rows(
            'WITH bodies AS (SELECT article_id, sum("end" - "begin") AS size'
            f" FROM store.paragraphs WHERE kind = 'body' AND {_ASKED} GROUP BY article_id),"
            " pairs AS (SELECT left_article_id, right_article_id,"
            " sum(left_end - left_begin) AS left_size, sum(right_end - right_begin) AS right_size"
            f" FROM ({spans}) GROUP BY ALL)"
            " SELECT left_article_id, right_article_id,"
            " least(1.0, greatest(left_size / l.size, right_size / r.size)) FROM pairs"
            " JOIN bodies l ON l.article_id = left_article_id"
            " JOIN bodies r ON r.article_id = right_article_id"
            " WHERE l.size > 0 AND r.size > 0 ORDER BY ALL",
            [find_oldest(database, asked)],
        )
    return {(ArticleId(left), ArticleId(right)): float(share) for left, right, share in rows}


def find_threads_of_clusters(
    database: Database, cluster_ids: Iterable[str]
) -> dict[ClusterId, ThreadId]:
    """Return the thread of each story cluster that has one."""
    with database.registered(asked=ids_table(cluster_ids)):
        rows = database.fetch_rows(
            "SELECT cluster_id, thread_id FROM store.story_thread_clusters"
            " WHERE cluster_id IN (SELECT id FROM asked) ORDER BY cluster_id"
        )
    return {ClusterId(cluster): ThreadId(thread) for cluster, thread in rows}


def find_silent_threads(database: Database, since: datetime) -> list[ThreadId]:
    """Return the story threads not closed whose newest article came at `since` or before."""
    rows = database.fetch_rows(
        "SELECT thread_id FROM store.story_threads"
        " WHERE state <> $1 AND last_seen_at <= $2 ORDER BY thread_id",
        [ThreadState.CLOSED.value, as_naive_utc(since)],
    )
    return [ThreadId(row[0]) for row in rows]


def find_emptied_threads(database: Database) -> list[ThreadId]:
    """Return the story threads whose last story cluster is gone."""
    rows = database.fetch_rows(
        "SELECT thread_id FROM store.story_threads"
        " ANTI JOIN store.story_thread_clusters USING (thread_id) ORDER BY thread_id"
    )
    return [ThreadId(row[0]) for row in rows]


def find_redirected_ids(database: Database, ids: Iterable[str]) -> set[str]:
    """Return those of the ids that lead to another story cluster or thread."""
    with database.registered(asked=ids_table(ids)):
        rows = database.fetch_rows(
            "SELECT old_id FROM store.story_redirects WHERE old_id IN (SELECT id FROM asked)"
        )
    return {row[0] for row in rows}


def find_used_story_ids(database: Database, ids: Iterable[str]) -> set[str]:
    """Return those of the ids that a story cluster or thread ever had."""
    with database.registered(asked=ids_table(ids)):
        rows = database.fetch_rows(
            "SELECT DISTINCT subject_id FROM store.story_events"
            " WHERE subject_id IN (SELECT id FROM asked)"
        )
    return {row[0] for row in rows}


def find_uncounted_clusters(database: Database) -> list[ClusterId]:
    """Return the story clusters that changed since their sources were counted last."""
    rows = database.fetch_rows(
        "SELECT DISTINCT cluster_id FROM store.uncounted_clusters ORDER BY cluster_id"
    )
    return [ClusterId(row[0]) for row in rows]
