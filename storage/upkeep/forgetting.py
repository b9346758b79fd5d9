"""Take articles out of the catalog with everything that was derived from them.

The rows leave in one transaction, after which the catalog is whole: nothing points to what is gone,
and what the removal concerns is open for the steps of a run to do again. The words leave the files
when the catalog is published next (`storage.upkeep.erasing`).
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import pyarrow as pa
import xxhash

from wirethread.articles.addresses import canonicalize_url
from wirethread.articles.series import derive_keys
from wirethread.articles.types.articles import Article, ArticleId, StoryEventKind
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import ids_table, now_utc
from wirethread.storage.engine.database import Database
from wirethread.storage.tables.runs import bump_counter, open_steps
from wirethread.storage.tables.segments import MIN_WORDS
from wirethread.storage.tables.sources import forget_addresses
from wirethread.storage.upkeep.forget_choice import ForgetSelection

__all__ = [
    "find_refusals",
    "forget_articles",
    "forgetting",
    "list_unfinished_forgettings",
]

_FORGOTTEN = "IN (SELECT id FROM forgotten)"

_ARTICLE_ROWS = {
    "paragraphs": ("article_id",),
    "wire_credits": ("article_id",),
    "step_pending": ("article_id",),
    "passage_verdicts": ("left_article_id", "right_article_id"),
    "passage_places": ("article_id",),
    "paragraph_sources": ("article_id",),
    "own_paragraphs": ("article_id",),
    "derivation_events": ("article_id",),
    "article_derivation": ("article_id",),
    "article_agency_shares": ("article_id",),
    "duplicate_cluster_articles": ("article_id",),
    "links": ("left_id", "right_id"),
    "story_cluster_articles": ("article_id",),
    "story_sources": ("article_id",),
    "article_versions": ("article_id",),
    "article_notes": ("article_id",),
    "agency_notices": ("article_id",),
    "notice_ties": ("article_id", "old_article_id"),
    "outdated_copies": ("article_id", "new_article_id", "old_article_id"),
    "articles": ("article_id",),
}
"""Rows that go with an article, by the columns that name it. `articles` goes last."""

_CONCERNED = (
    "SELECT right_article_id FROM store.passage_verdicts WHERE left_article_id {}",
    "SELECT left_article_id FROM store.passage_verdicts WHERE right_article_id {}",
    "SELECT right_id FROM store.links WHERE left_id {}",
    "SELECT left_id FROM store.links WHERE right_id {}",
    "SELECT article_id FROM store.paragraphs WHERE kind = 'body' AND text_hash IN"
    " (SELECT text_hash FROM store.paragraphs WHERE kind = 'body' AND article_id {})",
    "SELECT article_id FROM store.passage_places WHERE passage_id IN"
    " (SELECT passage_id FROM store.passage_places WHERE article_id {})",
    "SELECT article_id FROM store.duplicate_cluster_articles WHERE cluster_id IN"
    " (SELECT cluster_id FROM store.duplicate_cluster_articles WHERE article_id {})",
    "SELECT article_id FROM store.story_cluster_articles WHERE cluster_id IN"
    " (SELECT cluster_id FROM store.story_cluster_articles WHERE article_id {})",
    "SELECT article_id FROM store.notice_ties WHERE old_article_id {}",
    "SELECT old_article_id FROM store.notice_ties WHERE article_id {}",
    "SELECT unnest([article_id, new_article_id, old_article_id]) FROM store.outdated_copies"
    " WHERE article_id {0} OR new_article_id {0} OR old_article_id {0}",
)
"""What may come out otherwise without the forgotten: whatever shared a pair or a group with it."""


def forget_articles(
    catalog: Catalog,
    run_id: str,
    article_ids: Sequence[ArticleId],
    selection: ForgetSelection,
    *,
    for_good: bool = False,
    reopens: Sequence[str] = (),
) -> int:
    """Remove the articles and all that names them, in one transaction; return how many there were.

    What shared anything with them is open for every step again, and what shared a story thread for
    the steps `reopens`; links, passages and clusters that are left stand until then. `for_good`
    refuses the articles, and the address that was named, when they come again.
    """
    if not article_ids:
        return 0
    database = catalog._database
    moment = now_utc()
    with (
        database.transaction(),
        database.registered(forgotten=ids_table(article_ids)),
    ):
        _record(database, run_id, selection, len(article_ids), moment)
        if for_good:
            _refuse(database, run_id, selection, moment)
        _forget_addresses(database, for_good=for_good)
        _scrub_words(database)
        _void_corrections(database, moment)
        _reopen_concerned(database, reopens)
        _blank_alerts(database)
        _forget_vectors(database)
        _shrink_stories(database, run_id, moment)
        _cut_passages(database)
        for table, columns in _ARTICLE_ROWS.items():
            where = " OR ".join(f"{column} {_FORGOTTEN}" for column in columns)
            database.execute(f"DELETE FROM store.{table} WHERE {where}")
        database.execute("DROP TABLE concerned_stories")
        bump_counter(database, "content_version")
    return len(article_ids)


@contextmanager
def forgetting(
    catalog: Catalog,
    run_id: str,
    article_ids: Sequence[ArticleId],
    selection: ForgetSelection,
    *,
    for_good: bool = False,
    reopens: Sequence[str] = (),
) -> Iterator[Mapping[ArticleId, ArticleId]]:
    """Forget articles (`forget_articles`) together with what the block stores, or do neither.

    Yields what is left of the series that they stood in, by member the name of its series, for the
    block to put right.
    """
    with catalog._database.transaction():
        series = catalog.versions.find_series(article_ids)
        forget_articles(catalog, run_id, article_ids, selection, for_good=for_good, reopens=reopens)
        gone = set(article_ids)
        yield {member: name for member, name in series.items() if member not in gone}


def _record(
    database: Database, run_id: str, selection: ForgetSelection, n_articles: int, moment: datetime
) -> None:
    asked = selection.words
    forgetting_id = "f" + xxhash.xxh3_64_hexdigest(f"{run_id}\x1f{asked}".encode())
    database.execute(
        "INSERT INTO store.forgettings VALUES (?, ?, ?, ?, NULL, ?)",
        [forgetting_id, asked, n_articles, moment, run_id],
    )


def _refuse(database: Database, run_id: str, selection: ForgetSelection, moment: datetime) -> None:
    reason = f"it was forgotten for good on {moment:%Y-%m-%d}"
    database.execute(
        "INSERT INTO store.refused_articles (article_id, url, url_key, reason, refused_at, run_id)"
        " SELECT f.id, $1, CASE WHEN $1 IS NOT NULL THEN nullif(a.url_key, '') END, $2, $3, $4"
        " FROM forgotten f JOIN store.articles a ON a.article_id = f.id"
        " WHERE f.id NOT IN (SELECT article_id FROM store.refused_articles) ORDER BY f.id",
        [selection.url, reason, moment, run_id],
    )


def _forget_addresses(database: Database, *, for_good: bool) -> None:
    """Take their addresses out of what is remembered of the sources."""
    rows = database.fetch_rows(
        f"SELECT url FROM store.articles WHERE url IS NOT NULL AND article_id {_FORGOTTEN}"
    )
    urls = {row[0] for row in rows}
    forget_addresses(database, urls | {canonicalize_url(one) for one in urls}, for_good=for_good)


def _scrub_words(database: Database) -> None:
    """Take their words out of the history: headlines in reasons, and why an article was refused."""
    quoted = "regexp_extract(reason, '“(.*)”', 1)"
    database.execute(
        f"UPDATE store.story_events SET reason = replace(reason, {quoted}, '(forgotten)')"
        " WHERE reason LIKE '%“%' AND"
        f" {quoted} IN (SELECT headline FROM store.articles WHERE article_id {_FORGOTTEN})"
    )
    named = "regexp_extract(reason, 'article ([0-9a-f]{20})', 1)"
    database.execute(
        "DELETE FROM store.rejected_articles"
        f" WHERE reason LIKE '%article %' AND {named} {_FORGOTTEN}"
    )
    database.execute(
        f"DELETE FROM store.passage_events WHERE old_origin_id {_FORGOTTEN}"
        f" OR new_origin_id {_FORGOTTEN}"
    )


def _void_corrections(database: Database, moment: datetime) -> None:
    """End the corrections that name a forgotten article, or a story of which nothing is left."""
    emptied = (
        "SELECT cluster_id FROM store.story_cluster_articles GROUP BY cluster_id"
        f" HAVING bool_and(article_id {_FORGOTTEN})"
    )
    gone = (
        f"CASE WHEN left_id {_FORGOTTEN} OR left_id IN ({emptied}) THEN left_id ELSE right_id END"
    )
    database.execute(
        f"UPDATE store.corrections SET void_reason = {gone} || ' was forgotten',"
        " undone_at = coalesce(undone_at, ?), undone_by = coalesce(undone_by, 'wirethread forget')"
        f" WHERE left_id {_FORGOTTEN} OR right_id {_FORGOTTEN} OR left_id IN ({emptied})",
        [moment],
    )


def _reopen_concerned(database: Database, reopens: Sequence[str]) -> None:
    """Open every step for what shared a pair or a group, and some for what shared a thread."""
    concerned = " UNION ".join(query.format(_FORGOTTEN) for query in _CONCERNED)
    open_steps(database, f"SELECT * FROM ({concerned}) AS c (article_id)")
    database.execute(
        "CREATE OR REPLACE TEMP TABLE concerned_stories AS"
        " SELECT cluster_id, count(*) AS n_gone FROM store.story_cluster_articles"
        f" WHERE article_id {_FORGOTTEN} GROUP BY cluster_id"
    )
    open_steps(
        database,
        "SELECT article_id FROM store.story_cluster_articles"
        " JOIN store.story_thread_clusters USING (cluster_id) WHERE thread_id IN ("
        "SELECT thread_id FROM store.story_thread_clusters"
        " JOIN concerned_stories USING (cluster_id))",
        reopens,
    )


def _blank_alerts(database: Database) -> None:
    """Take the words of stories and articles concerned out of what was told to the user.

    What was sent stays on record, so that it is not sent again; what was not is found anew.
    """
    concerned = (
        "subject_id IN (SELECT id FROM forgotten) OR subject_id IN (SELECT cluster_id FROM"
        " concerned_stories) OR subject_id IN (SELECT thread_id FROM store.story_thread_clusters"
        " JOIN concerned_stories USING (cluster_id)) OR subject_id IN (SELECT passage_id"
        f" FROM store.passage_places WHERE article_id {_FORGOTTEN})"
        " OR json_extract_string(payload, '$.copy.from_article_id') IN (SELECT id FROM forgotten)"
        " OR json_extract_string(payload, '$.outdated.new_article_id') IN"
        " (SELECT id FROM forgotten)"
    )
    database.execute(f"DELETE FROM store.alerts WHERE sent_at IS NULL AND ({concerned})")
    database.execute(f"UPDATE store.alerts SET payload = '{{}}' WHERE {concerned}")


def _forget_vectors(database: Database) -> None:
    """Let go of the vectors of texts that no other article has."""
    texts = (
        "SELECT text_hash FROM store.paragraphs WHERE kind = 'body' AND n_words >= {} AND"
        " article_id {} UNION SELECT opening_hash FROM store.articles WHERE opening <> '' AND"
        " article_id {}"
    )
    gone = texts.format(0, _FORGOTTEN, _FORGOTTEN)
    kept = texts.format(MIN_WORDS, f"NOT {_FORGOTTEN}", f"NOT {_FORGOTTEN}")
    database.execute(f"DELETE FROM store.vector_rows WHERE text_hash IN (({gone}) EXCEPT ({kept}))")


def _shrink_stories(database: Database, run_id: str, moment: datetime) -> None:
    """Say what each story cluster lost, and end clusters and threads of which nothing is left."""
    database.execute(
        "CREATE OR REPLACE TEMP TABLE emptied AS SELECT cluster_id FROM concerned_stories s"
        " JOIN store.story_clusters c USING (cluster_id) WHERE s.n_gone >= c.n_articles"
    )
    database.execute(
        "CREATE OR REPLACE TEMP TABLE emptied_threads AS SELECT thread_id"
        " FROM store.story_thread_clusters GROUP BY thread_id"
        " HAVING bool_and(cluster_id IN (SELECT cluster_id FROM emptied))"
    )
    words = "n_gone || CASE WHEN n_gone = 1 THEN ' article' ELSE ' articles' END"
    database.execute(
        "INSERT INTO store.story_events"
        " (event, kind, subject_id, other_id, reason, recorded_at, run_id)"
        " SELECT (SELECT coalesce(max(event), 0) FROM store.story_events)"
        "  + row_number() OVER (ORDER BY place, subject_id), kind, subject_id, NULL, reason,"
        "  $1, $2 FROM ("
        f" SELECT 0 AS place, cluster_id AS subject_id, CASE WHEN cluster_id IN (FROM emptied)"
        f"  THEN '{StoryEventKind.REMOVED.value}' ELSE '{StoryEventKind.SHRANK.value}' END AS kind,"
        f"  CASE WHEN cluster_id IN (FROM emptied) THEN 'all of its ' || {words}"
        f"   ELSE {words} END || CASE WHEN n_gone = 1 THEN ' was' ELSE ' were' END || ' forgotten'"
        "   AS reason FROM concerned_stories"
        f" UNION ALL SELECT 1, thread_id, '{StoryEventKind.REMOVED.value}',"
        "  'all of its articles were forgotten' FROM emptied_threads)",
        [moment, run_id],
    )
    for table, column in (
        ("story_clusters", "cluster_id"),
        ("story_sources", "cluster_id"),
        ("uncounted_clusters", "cluster_id"),
        ("story_thread_clusters", "cluster_id"),
    ):
        database.execute(f"DELETE FROM store.{table} WHERE {column} IN (FROM emptied)")
    database.execute("DELETE FROM store.story_threads WHERE thread_id IN (FROM emptied_threads)")
    # what is left has the right size at once; title and times come with the next clustering
    database.execute(
        "UPDATE store.story_clusters AS c SET n_articles = n_articles - s.n_gone, title = ''"
        " FROM concerned_stories s WHERE c.cluster_id = s.cluster_id"
    )
    for table in ("emptied", "emptied_threads"):
        database.execute(f"DROP TABLE {table}")


def _cut_passages(database: Database) -> None:
    """Let passages and duplicate clusters go on without the forgotten, until they are made anew."""
    alone = (
        "SELECT passage_id FROM store.passage_places GROUP BY passage_id"
        f" HAVING bool_and(article_id {_FORGOTTEN})"
    )
    database.execute(f"DELETE FROM store.passages WHERE passage_id IN ({alone})")
    database.execute(
        "UPDATE store.passages SET"
        f" origin_article_id = CASE WHEN origin_article_id {_FORGOTTEN} THEN NULL"
        "  ELSE origin_article_id END,"
        f" evidence = CASE WHEN evidence_article_id {_FORGOTTEN} THEN NULL ELSE evidence END,"
        f" evidence_article_id = CASE WHEN evidence_article_id {_FORGOTTEN} THEN NULL"
        "  ELSE evidence_article_id END"
        f" WHERE origin_article_id {_FORGOTTEN} OR evidence_article_id {_FORGOTTEN}"
    )
    copies = (
        f"SELECT cluster_id FROM store.duplicate_cluster_articles WHERE article_id {_FORGOTTEN}"
    )
    database.execute(f"DELETE FROM store.duplicate_clusters WHERE cluster_id IN ({copies})")
    database.execute(f"DELETE FROM store.duplicate_cluster_articles WHERE cluster_id IN ({copies})")


def find_refusals(catalog: Catalog, articles: Sequence[Article]) -> dict[ArticleId, str]:
    """Return those of the articles that may not come back, and why."""
    if not catalog._database.fetch_value("SELECT 1 FROM store.refused_articles LIMIT 1"):
        return {}
    keys = [
        derive_keys(article.outlet, article.url, article.source_id).url_key for article in articles
    ]
    asked = pa.table(
        {
            "article_id": pa.array([article.article_id for article in articles], type=pa.string()),
            "url_key": pa.array([key or None for key in keys], type=pa.string()),
        }
    )
    with catalog._database.registered(asked=asked):
        rows = catalog._database.fetch_rows(
            "SELECT a.article_id, min(r.reason) FROM asked a JOIN store.refused_articles r"
            " ON r.article_id = a.article_id OR r.url_key = a.url_key GROUP BY a.article_id"
        )
    return {ArticleId(found): reason for found, reason in rows}


def list_unfinished_forgettings(catalog: Catalog) -> list[str]:
    """Return the removals whose words still stand in a file."""
    rows = catalog._database.fetch_rows(
        "SELECT forgetting_id FROM store.forgettings WHERE erased_at IS NULL ORDER BY begun_at"
    )
    return [row[0] for row in rows]
