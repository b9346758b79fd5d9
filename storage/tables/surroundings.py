"""What lies around some articles: in time, in copy, in stories."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.types.articles import ArticleId, ClusterId, ThreadId, ThreadState
from wirethread.storage.engine.bulk import as_naive_utc, as_utc, ids_table, quote_all
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.directory import fetch_about
from wirethread.storage.engine.places import find_oldest
from wirethread.storage.tables.segments import MIN_WORDS

__all__ = [
    "find_body_texts",
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


def find_body_texts(database: Database, article_ids: Iterable[str]) -> NDArray[np.int64]:
    """Return the hashes int64[n] of the body paragraphs that are to have a vector, ascending.

    Paragraphs of fewer words are left out.
    """
    asked = set(article_ids)
    if database.read_only:
        rows = fetch_about(database, _EMBEDDED, "paragraphs", "article_id", asked)
        hashes = np.array([row[0] for row in rows], dtype=np.int64)
    else:
        with database.registered(asked=ids_table(asked)):
            table = database.fetch_table(
                _EMBEDDED.replace("{rows}", _ASKED), [find_oldest(database, asked)]
            )
        hashes = table.column("text_hash").to_numpy().astype(np.int64)
    return hashes


def find_headlines(database: Database, article_ids: Iterable[str]) -> dict[ArticleId, str]:
    """Return the headline of each article."""
    asked = set(article_ids)
    if database.read_only:
        rows = fetch_about(database, _HEADLINES, "articles", "article_id", asked)
    else:
        with database.registered(asked=ids_table(asked)):
            rows = database.fetch_rows(
                _HEADLINES.replace("{rows}", _ASKED), [find_oldest(database, asked)]
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
    if len(asked) == 2 and database.read_only and _is_looked_up(database, asked):
        return _look_up_shared_copy(database, asked)
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


def _is_looked_up(database: Database, pair: Collection[str]) -> bool:
    """Whether what two articles share is in their verdicts: they were compared, or share nothing.

    Copy that ran in very many places is not compared place by place.
    """
    if _load_verdicts(database, pair):
        return True
    carried: dict[str, set[str]] = {}
    for passage_id, article_id in fetch_about(
        database, _PLACES, "passage_places", "article_id", pair
    ):
        carried.setdefault(article_id, set()).add(passage_id)
    return len(carried) < len(pair) or not set.intersection(*carried.values())


def _look_up_shared_copy(
    database: Database, pair: Collection[str]
) -> dict[tuple[ArticleId, ArticleId], float]:
    left, right = sorted(pair)
    sums = [0, 0]
    if not fetch_about(database, _SUPERSEDED, "articles", "article_id", pair):
        for _, n_left, n_right, is_match, relation in _load_verdicts(database, pair):
            if is_match and relation != "quotation":
                sums = [sums[0] + n_left, sums[1] + n_right]
    sizes = dict(fetch_about(database, _BODIES, "paragraphs", "article_id", pair))
    if not any(sums) or not sizes.get(left) or not sizes.get(right):
        return {}
    share = min(1.0, max(sums[0] / sizes[left], sums[1] / sizes[right]))
    return {(ArticleId(left), ArticleId(right)): share}


def _load_verdicts(database: Database, pair: Collection[str]) -> list[tuple[Any, ...]]:
    left, right = sorted(pair)
    rows = fetch_about(database, _VERDICTS, "passage_verdicts", "left_article_id", [left])
    return [row for row in rows if row[0] == right]


_EMBEDDED = (
    "SELECT DISTINCT text_hash FROM store.paragraphs"
    f" WHERE {{rows}} AND kind = 'body' AND n_words >= {MIN_WORDS} ORDER BY text_hash"
)
_HEADLINES = "SELECT article_id, headline FROM store.articles WHERE {rows}"
_VERDICTS = (
    "SELECT right_article_id, left_end - left_begin, right_end - right_begin, is_match, relation"
    " FROM store.passage_verdicts WHERE {rows}"
)
_PLACES = "SELECT passage_id, article_id FROM store.passage_places WHERE {rows}"
_SUPERSEDED = "SELECT 1 FROM store.articles WHERE {rows} AND superseded_by IS NOT NULL"
_BODIES = (
    'SELECT article_id, sum("end" - "begin")::BIGINT FROM store.paragraphs'
    " WHERE {rows} AND kind = 'body' GROUP BY article_id"
)


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
