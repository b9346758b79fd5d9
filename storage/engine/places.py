"""Where rows lie in the order of writing: old ones are passed over without being read.

Rows carry the change number at which they were written (`written`), and DuckDB keeps the least
and the greatest of each block of rows. A row about an article is never older than the article, so
`written >= find_oldest(articles)` is true of all that is known of them and passes over the archive
before them.
"""

# ruff: noqa: S608 - only constant names and numbers are put into SQL; values are parameters

from collections.abc import Iterable

from wirethread.storage.engine.bulk import WRITTEN, ids_table
from wirethread.storage.engine.database import Database

__all__ = ["WRITTEN", "find_oldest", "find_tail"]

_MOST_REMEMBERED = 500_000
_TAIL_ARTICLES = 100_000


def find_oldest(database: Database, article_ids: Iterable[str]) -> int:
    """Return the least `written` of the articles; 0 where one of them is not in the catalog.

    What was looked up once is remembered: an article keeps its place as long as it is stored.
    """
    places = database.places
    asked = set(article_ids)
    missing = asked - places.keys()
    if missing:
        if len(places) > _MOST_REMEMBERED:
            places.clear()
            missing = asked
        tail = find_tail(database, "articles", _TAIL_ARTICLES)
        for where in (f"rowid >= {tail}", f"rowid < {tail}") if tail else ("true",):
            if missing:
                places.update(_look_up(database, where, missing))
                missing -= places.keys()
    return min((places.get(one, 0) for one in asked), default=0)


def _look_up(database: Database, where: str, article_ids: Iterable[str]) -> dict[str, int]:
    with database.registered(placed=ids_table(article_ids)):
        rows = database.fetch_rows(
            "SELECT article_id, coalesce(written, 0) FROM store.articles"
            f" WHERE {where} AND article_id IN (SELECT id FROM placed)"
        )
    return dict(rows)


def find_tail(database: Database, table: str, n_rows: int) -> int:
    """Return a row id after which the last rows of a table lie, `n_rows` or a few more.

    What is asked for is most often there, so it is looked for there first.
    """
    n_all = database.sizes.get(table) if database.read_only else None
    if n_all is None:
        n_all = database.fetch_value(
            "SELECT estimated_size FROM duckdb_tables() WHERE schema_name = 'store'"
            " AND table_name = ? AND database_name = current_database()",
            [table],
        )
        database.sizes[table] = n_all = int(n_all or 0)
    return max(0, n_all - n_rows)
