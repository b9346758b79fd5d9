"""Articles, paragraphs, credits and what was set aside: SQL in, objects out."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirethread.articles.errors import NotFoundError
from wirethread.articles.normalize import hash_text, tokenize_words
from wirethread.articles.opening import compose_opening
from wirethread.articles.series import derive_keys
from wirethread.articles.types.articles import (
    Article,
    ArticleId,
    CreditRole,
    Mark,
    Paragraph,
    ParagraphKind,
    ParsedArticle,
    RejectedArticle,
    TimePrecision,
    WireCredit,
)
from wirethread.storage.engine.bulk import (
    WRITTEN,
    as_naive_utc,
    as_utc,
    build_objects,
    build_table,
    ids_table,
    insert_missing,
    now_utc,
)
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.directory import fetch_about, fetch_table_about
from wirethread.storage.engine.places import find_oldest
from wirethread.storage.tables.runs import open_steps, read_counter

__all__ = [
    "add_articles",
    "find_article_times",
    "find_articles_between",
    "find_known_articles",
    "find_known_source_ids",
    "find_opening_hashes",
    "give_due_dates",
    "holds_any",
    "load_articles",
]

_ARTICLE = {
    "article_id": pa.string(),
    "source": pa.string(),
    "source_id": pa.string(),
    "url": pa.string(),
    "outlet": pa.string(),
    "headline": pa.string(),
    "byline": pa.string(),
    "dateline": pa.string(),
    "text": pa.string(),
    "language": pa.string(),
    "published_at": pa.timestamp("us"),
    "published_precision": pa.string(),
    "updated_at": pa.timestamp("us"),
}
_PARAGRAPH = {
    "paragraph_id": pa.string(),
    "article_id": pa.string(),
    "position": pa.int32(),
    "kind": pa.string(),
    "text": pa.string(),
    "begin": pa.int32(),
    "end": pa.int32(),
    "text_hash": pa.int64(),
}
_CREDIT = {
    "article_id": pa.string(),
    "agency": pa.string(),
    "role": pa.string(),
    "rule": pa.string(),
    "evidence": pa.string(),
    "begin": pa.int32(),
    "end": pa.int32(),
    "origin": pa.string(),
}
_NOTE = pa.schema({"article_id": pa.string(), "field": pa.string(), "words": pa.string()})
_REJECTED = {"source": pa.string(), "source_id": pa.string(), "reason": pa.string()}

_ASKED = "written >= ? AND article_id IN (SELECT id FROM asked)"
_ENOUGH_WORDS = 5


def count_words(text: str) -> int:
    """Return the number of words; characters count where a script has no spaces."""
    n_words = len(text.split())
    return n_words if n_words >= _ENOUGH_WORDS else max(n_words, len(tokenize_words(text)))


def add_articles(
    database: Database,
    run_id: str,
    parsed: Sequence[ParsedArticle],
    rejected: Sequence[RejectedArticle] = (),
    *,
    read_at: datetime | None = None,
) -> int:
    """Insert articles and rejections that are not there yet; return how many were new.

    `read_at` is when they were read, aware; now, for None.
    """
    database.gathered_for = None
    moment = as_naive_utc(read_at) or now_utc()
    new_ids = {one.article.article_id for one in parsed}
    new_ids -= find_known_articles(database, new_ids)
    fresh = [one for one in parsed if one.article.article_id in new_ids]
    articles, paragraphs, statements = _build_article_tables(fresh)
    notes = [
        {"article_id": entry.article.article_id, "field": field, "words": words}
        for entry in fresh
        for field, words in sorted(entry.notes.items())
        if words
    ]
    n_new = 0
    with database.registered(
        new_articles=articles,
        new_paragraphs=paragraphs,
        new_credits=statements,
        new_rejected=build_table(rejected, _REJECTED),
        new_notes=pa.Table.from_pylist(notes, schema=_NOTE),
    ):
        n_new += insert_missing(
            database,
            "store.articles",
            "new_articles",
            articles.column_names,
            keys=["article_id"],
            stamps={"read_at": moment, "run_id": run_id},
            since=read_counter(database, "content_version"),  # none of them was there before
        )
        if fresh:
            _insert_contents(database)
            open_steps(database, "SELECT article_id FROM new_articles")
        n_new += insert_missing(
            database,
            "store.rejected_articles",
            "new_rejected",
            list(_REJECTED),
            keys=list(_REJECTED),
            stamps={"rejected_at": moment, "run_id": run_id},
        )
    return n_new


def _insert_contents(database: Database) -> None:
    """Insert what new articles hold: rows of `new_paragraphs`, `new_credits` and `new_notes`."""
    database.execute(
        'INSERT INTO store.paragraphs (paragraph_id, article_id, "position", kind,'
        ' "text", "begin", "end", text_hash, n_words, written)'
        ' SELECT paragraph_id, article_id, "position", kind, "text", "begin", "end",'
        f" text_hash, n_words, {WRITTEN} FROM new_paragraphs"
    )
    database.execute(
        'INSERT INTO store.wire_credits (article_id, agency, role, rule, evidence, "begin",'
        ' "end", origin, written) SELECT DISTINCT article_id, agency, role, rule, evidence,'
        f' "begin", "end", origin, {WRITTEN} FROM new_credits'
        ' ORDER BY article_id, "begin", "end", agency'
    )
    database.execute(
        "INSERT INTO store.article_notes (article_id, field, words)"
        " SELECT DISTINCT article_id, field, words FROM new_notes ORDER BY ALL"
    )


def give_due_dates(database: Database, now: datetime) -> int:
    """Date the articles whose stated date lay ahead when they were read and has come by `now`.

    They wait for every step again. Returns how many there were.
    """
    database.gathered_for = None
    moment = now.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    due = (
        "SELECT article_id, try_cast(min(words) AS TIMESTAMP) AS day FROM store.article_notes"
        f" WHERE field = '{Mark.DATE_AHEAD}' AND words <= '{moment}' GROUP BY article_id"
    )
    n_due = int(database.fetch_rows(f"SELECT count(*) FROM ({due})")[0][0])
    if not n_due:
        return 0
    open_steps(database, f"SELECT article_id FROM ({due})")
    database.execute(
        "UPDATE store.articles SET published_at = d.day, published_precision ="
        f" CASE WHEN d.day = date_trunc('day', d.day) THEN '{TimePrecision.DAY}'"
        f" ELSE '{TimePrecision.SECOND}' END"
        f" FROM ({due}) d WHERE store.articles.article_id = d.article_id"
        " AND store.articles.published_at IS NULL"
    )
    database.execute(
        "DELETE FROM store.article_notes WHERE field = ? AND words <= ?",
        [str(Mark.DATE_AHEAD), moment],
    )
    return n_due


def _build_article_tables(parsed: Sequence[ParsedArticle]) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Return articles with openings and keys, paragraphs with their word counts, and credits.

    Of several records with one article id the first counts.
    """
    distinct = list({one.article.article_id: one for one in reversed(parsed)}.values())[::-1]
    openings = [compose_opening(one.article.headline, one.paragraphs) for one in distinct]
    articles = build_table((one.article for one in distinct), _ARTICLE)
    articles = articles.append_column("opening", pa.array(openings, type=pa.string()))
    hashes = pa.array([hash_text(opening) for opening in openings], type=pa.int64())
    articles = articles.append_column("opening_hash", hashes)
    keys = [
        derive_keys(text.article.outlet, text.article.url, text.article.source_id)
        for text in distinct
    ]
    for name in ("url_key", "id_key"):
        values = pa.array([getattr(key, name) for key in keys], type=pa.string())
        articles = articles.append_column(name, values)
    pieces = [paragraph for one in distinct for paragraph in one.paragraphs]
    n_words = pa.array([count_words(piece.text) for piece in pieces], type=pa.int32())
    paragraphs = build_table(pieces, _PARAGRAPH).append_column("n_words", n_words)
    statements = build_table((credit for one in distinct for credit in one.credits), _CREDIT)
    return articles, paragraphs, statements


def find_known_articles(database: Database, article_ids: Iterable[str]) -> set[ArticleId]:
    """Return those of `article_ids` that the catalog holds."""
    with database.registered(asked=ids_table(article_ids)):
        rows = database.fetch_rows(
            "SELECT article_id FROM store.articles WHERE article_id IN (SELECT id FROM asked)"
        )
    return {ArticleId(row[0]) for row in rows}


def find_known_source_ids(
    database: Database, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], ArticleId]:
    """Return the first article read under each (outlet, source id) that the catalog holds."""
    asked = pa.table(
        {
            "outlet": pa.array([key[0] for key in keys], type=pa.string()),
            "source_id": pa.array([key[1] for key in keys], type=pa.string()),
        }
    )
    with database.registered(asked=asked):
        rows = database.fetch_rows(
            "SELECT outlet, source_id, arg_min(article_id, (read_at, article_id))"
            " FROM store.articles SEMI JOIN asked USING (outlet, source_id)"
            " GROUP BY outlet, source_id"
        )
    return {(outlet, source_id): ArticleId(found) for outlet, source_id, found in rows}


def find_articles_between(
    database: Database, begin: datetime | None, end: datetime | None
) -> list[ArticleId]:
    """Return the articles with begin <= time < end, by time; an open side is None.

    The time of an article is its publication, or when it was read where that is unknown.
    """
    rows = database.fetch_rows(
        "SELECT article_id FROM store.articles"
        " WHERE ($1 IS NULL OR coalesce(published_at, read_at) >= $1)"
        " AND ($2 IS NULL OR coalesce(published_at, read_at) < $2)"
        " ORDER BY coalesce(published_at, read_at), article_id",
        [as_naive_utc(begin), as_naive_utc(end)],
    )
    return [ArticleId(row[0]) for row in rows]


def holds_any(database: Database) -> bool:
    """Return whether there is an article."""
    return bool(database.fetch_value("SELECT 1 FROM store.articles LIMIT 1"))


def find_article_times(database: Database, article_ids: Iterable[str]) -> dict[ArticleId, datetime]:
    """Return publication, or when it was read, of each known article; aware, in UTC."""
    asked = set(article_ids)
    with database.registered(asked=ids_table(asked)):
        rows = database.fetch_rows(
            "SELECT article_id, coalesce(published_at, read_at) FROM store.articles"
            " WHERE written >= ? AND article_id IN (SELECT id FROM asked) ORDER BY article_id",
            [find_oldest(database, asked)],
        )
    return {ArticleId(found): moment.replace(tzinfo=UTC) for found, moment in rows}


_AMONG_ASKED = "article_id IN (SELECT id FROM asked)"
_OPENINGS = "SELECT article_id, opening_hash FROM store.articles WHERE {rows}"


def find_opening_hashes(database: Database, article_ids: Sequence[str]) -> NDArray[np.int64]:
    """Return the hash of each opening, int64[n] in the order asked; unknown is `NotFoundError`."""
    if database.read_only:
        rows = fetch_about(database, _OPENINGS, "articles", "article_id", article_ids)
    else:
        with database.registered(asked=ids_table(article_ids)):
            rows = database.fetch_rows(
                _OPENINGS.replace(
                    "{rows}", "written >= ? AND article_id IN (SELECT id FROM asked)"
                ),
                [find_oldest(database, article_ids)],
            )
    hashes = dict(rows)
    try:
        return np.array([hashes[wanted] for wanted in article_ids], dtype=np.int64)
    except KeyError as error:
        raise NotFoundError(f"no article has the id {error.args[0]}") from None


def load_articles(database: Database, article_ids: Iterable[str]) -> list[ParsedArticle]:
    """Return the articles with paragraphs and credits, by article id; unknown ids are left out."""
    articles, paragraphs, statements = _fetch_parts(database, set(article_ids))
    by_article = attrgetter("article_id")
    pieces: dict[str, list[Paragraph]] = {
        key: list(group)
        for key, group in groupby(
            build_objects(paragraphs, Paragraph, {"kind": ParagraphKind}), key=by_article
        )
    }
    credits_of: dict[str, list[WireCredit]] = {
        key: list(group)
        for key, group in groupby(
            build_objects(statements, WireCredit, {"role": CreditRole}), key=by_article
        )
    }
    converters: dict[str, Callable[[Any], Any]] = {
        "published_at": as_utc,
        "published_precision": TimePrecision,
        "updated_at": as_utc,
    }
    return [
        ParsedArticle(
            article=article,
            paragraphs=pieces.get(article.article_id, []),
            credits=credits_of.get(article.article_id, []),
        )
        for article in build_objects(articles, Article, converters)
    ]


def _fetch_parts(database: Database, article_ids: set[str]) -> list[pa.Table]:
    """Return the articles, their paragraphs and their credits, each in its order.

    In a snapshot their rows are named; in the catalog of a run, where rows move, those written
    before the oldest of the articles are passed over.
    """
    tables = ("articles", "paragraphs", "wire_credits")
    if database.read_only:
        return [
            fetch_table_about(database, sql, table, "article_id", article_ids)
            for table, sql in zip(tables, _PARTS, strict=True)
        ]
    since = [find_oldest(database, article_ids)]
    with database.registered(asked=ids_table(article_ids)):
        return [database.fetch_table(sql.replace("{rows}", _ASKED), since) for sql in _PARTS]


def _select(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


_PARTS = (
    f"SELECT {_select(_ARTICLE)} FROM store.articles WHERE {{rows}} ORDER BY article_id",
    f"SELECT {_select(_PARAGRAPH)} FROM store.paragraphs WHERE {{rows}}"
    ' ORDER BY article_id, "position"',
    f"SELECT {_select(_CREDIT)} FROM store.wire_credits WHERE {{rows}} ORDER BY ALL",
)
