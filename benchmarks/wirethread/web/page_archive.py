"""Fill an archive on which every page has something to show.

    python -m benchmarks.wirethread.web.page_archive BASE FOLDER --vectors REAL.npy
        [--paragraphs 1000000]

Real articles and older copies of them, as `benchmarks.wirethread.similar_scale` fills an archive,
and what no archive of two months has enough of: texts that ran in hundreds of outlets, story
threads of hundreds of articles, outdated copies, corrections, runs, and what was set aside. These
rows are made as the pipeline would write them; none of it tells anything of quality.
"""

import argparse
from pathlib import Path

from benchmarks.made.inside import open_tables
from benchmarks.wirethread.similar_scale import fill_archive
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import WRITTEN
from wirethread.storage.engine.database import Database, StorageSettings
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.tables.runs import bump_counter

__all__ = ["add_rows", "main"]

N_CROWDS = 20
N_IN_CROWD = 300
N_JOINED_THREADS = 3
N_CLUSTERS_JOINED = 150
N_OUTDATED = 3_000
N_CORRECTIONS = 300
N_RUNS = 1_000
N_REJECTED = 20_000

_OF_ARTICLES = (
    "articles",
    "paragraphs",
    "article_derivation",
    "article_agency_shares",
    "wire_credits",
    "story_cluster_articles",
    "story_sources",
    "passage_places",
    "paragraph_sources",
)


def add_rows(folder: Path) -> None:
    """Add to a filled archive what it lacks, and publish it."""
    with Catalog.open(folder, settings=StorageSettings()) as catalog:
        database = open_tables(catalog)
        with database.transaction():
            _add_crowds(database)
            _join_threads(database)
            _add_changes(database)
            _add_bookkeeping(database)
            bump_counter(database, "content_version")
        for _ in range(2):
            publish_snapshot(catalog, force=True)


def _add_crowds(database: Database) -> None:
    """Let the words of some agencies' articles run in hundreds of outlets, minutes apart."""
    database.execute(
        "CREATE OR REPLACE TEMP TABLE crowd AS SELECT article_id,"
        f" article_id || '.c' || k AS copy_id, k FROM (SELECT article_id FROM store.passage_places"
        " WHERE relation IS NOT NULL GROUP BY article_id ORDER BY count(*) DESC, article_id"
        f" LIMIT {N_CROWDS}), range(1, {N_IN_CROWD + 1}) r(k)"
    )
    for table in _OF_ARTICLES:
        columns = {
            row[0]
            for row in database.fetch_rows(
                "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database()"
                " AND schema_name = 'store' AND table_name = ?",
                [table],
            )
        }
        changes = ["c.copy_id AS article_id"]
        if "written" in columns:
            changes.append(f"{WRITTEN} AS written")
        if "paragraph_id" in columns:
            changes.append("t.paragraph_id || '.c' || c.k AS paragraph_id")
        if "outlet" in columns:
            changes += [
                "'paper-' || c.k || '.example' AS outlet",
                "t.published_at + to_minutes(7 * c.k) AS published_at",
                "NULL AS url",
                "NULL AS url_key",
                "NULL AS id_key",
            ]
        database.execute(
            f"INSERT INTO store.{table} SELECT t.* REPLACE ({', '.join(changes)})"
            f" FROM store.{table} t JOIN crowd c ON c.article_id = t.article_id"
        )
    database.execute(
        "UPDATE store.story_clusters SET n_articles = m.n, n_outlets = m.n FROM"
        " (SELECT cluster_id, count(*) AS n FROM store.story_cluster_articles GROUP BY 1) m"
        " WHERE m.cluster_id = story_clusters.cluster_id"
    )


def _join_threads(database: Database) -> None:
    """Make a few story threads of very many clusters."""
    for number in range(N_JOINED_THREADS):
        database.execute(
            "CREATE OR REPLACE TEMP TABLE joined AS SELECT thread_id,"
            " first(thread_id) OVER (ORDER BY first_seen_at, thread_id) AS kept_id"
            " FROM (SELECT thread_id, first_seen_at FROM store.story_threads"
            " WHERE first_seen_at IS NOT NULL ORDER BY first_seen_at, thread_id"
            f" LIMIT {N_CLUSTERS_JOINED} OFFSET {5_000 * (number + 1)})"
        )
        database.execute(
            "UPDATE store.story_thread_clusters SET thread_id = j.kept_id FROM joined j"
            " WHERE j.thread_id = story_thread_clusters.thread_id"
        )
        database.execute(
            "DELETE FROM store.story_threads WHERE thread_id IN"
            " (SELECT thread_id FROM joined WHERE thread_id <> kept_id)"
        )


def _add_changes(database: Database) -> None:
    """Add words that agencies changed, and what people said."""
    database.execute(
        "INSERT INTO store.outdated_copies SELECT right_article_id, left_article_id,"
        " left_article_id, 'Reuters', ['kill', 'correction', 'update', 'refile'][1 + n % 4],"
        " right_begin, right_end, left_begin, left_end, 'of 12 people', 'of 14 people',"
        " 'CORRECTED', 'the agency changed it', run_id FROM (SELECT *, row_number() OVER () AS n"
        "  FROM store.passage_verdicts WHERE is_match ORDER BY hash(left_article_id)"
        f"  LIMIT {N_OUTDATED})"
    )
    database.execute(
        "INSERT INTO store.corrections SELECT 'said-' || n, 'together', a, b, NULL, 'Ada',"
        " 'one happening', TIMESTAMP '2024-01-01' + to_hours(n), CASE WHEN n % 3 = 0 THEN"
        " TIMESTAMP '2025-01-01' END, CASE WHEN n % 3 = 0 THEN 'Ada' END, NULL FROM"
        " (SELECT min(article_id) AS a, max(article_id) AS b, row_number() OVER () AS n"
        "  FROM store.story_cluster_articles GROUP BY cluster_id HAVING count(*) > 1"
        f"  ORDER BY cluster_id LIMIT {N_CORRECTIONS})"
    )


def _add_bookkeeping(database: Database) -> None:
    """Add runs, and what they set aside."""
    database.execute(
        "INSERT INTO store.runs SELECT r.* REPLACE ('20200101T000000.' || lpad(k::VARCHAR, 6, '0')"
        " || 'Z-1' AS run_id, r.started_at - to_hours(k) AS started_at,"
        " r.finished_at - to_hours(k) AS finished_at)"
        f" FROM (SELECT * FROM store.runs LIMIT 1) r, range(1, {N_RUNS + 1}) t(k)"
    )
    database.execute(
        "INSERT INTO store.rejected_articles SELECT 'feed-' || k % 90 || '.jsonl:' || k,"
        " 'id-' || k, ['the text is empty', 'the record has no title', 'published_at: ' || k ||"
        " ' is no time', 'the page holds 3 words'][1 + k % 4],"
        " TIMESTAMP '2025-01-01' + to_seconds(k), (SELECT max(run_id) FROM store.runs)"
        f" FROM range({N_REJECTED}) t(k)"
    )


def main() -> None:
    """Fill, add and publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--paragraphs", type=int, default=1_000_000)
    options = parser.parse_args()
    if not options.folder.exists():
        fill_archive(options.base, options.folder, options.vectors, options.paragraphs)
    add_rows(options.folder)


if __name__ == "__main__":
    main()
