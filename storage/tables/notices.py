"""Notices, what they are about, and the copies that still run what was changed or withdrawn."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from wirethread.articles.credits.agencies import name_agency
from wirethread.articles.types.articles import ArticleId, TimePrecision
from wirethread.articles.types.changes import (
    ArticleNotice,
    NoticeKind,
    NoticeTie,
    OutdatedPassage,
    TieText,
)
from wirethread.storage.engine.bulk import (
    as_naive_utc,
    as_utc,
    build_objects,
    build_table,
    ids_table,
    list_rows,
    sync_rows,
)
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.paging import (
    EVERYTHING,
    Key,
    Place,
    cut_page,
    follow_place,
    list_keys,
    order_by,
)
from wirethread.storage.engine.places import find_oldest

__all__ = [
    "OutdatedCopy",
    "count_outdated",
    "find_earlier",
    "find_notices_after",
    "find_old_texts",
    "find_outdated_pairs",
    "find_predecessors",
    "find_tie_texts",
    "find_ties",
    "list_outdated",
    "load_notes",
    "load_notices",
    "page_outdated",
    "replace_notices",
    "replace_outdated",
    "replace_ties",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdatedCopy:
    """A passage of an article that still runs replaced words, with what was replaced and why."""

    kind: str
    agency: str
    outlet: str
    article_id: ArticleId
    headline: str
    url: str | None
    published_at: datetime | None
    published_precision: TimePrecision
    """How exactly that is known: second, day or unknown; so of the other two times."""
    old_words: str
    """Words that changed, as the older text has them; empty where all of it was withdrawn."""
    new_words: str
    begin: int
    end: int
    passage: str
    """Characters `begin` to `end` of the article."""
    old_article_id: ArticleId
    old_headline: str
    old_published_at: datetime | None
    old_published_precision: TimePrecision
    old_begin: int
    old_end: int
    old_passage: str
    new_article_id: ArticleId
    new_headline: str
    new_url: str | None
    new_published_at: datetime | None
    new_published_precision: TimePrecision
    notice_words: str
    """The words of the notice; empty where the agency changed its text without saying so."""
    reason: str
    """Why the newer article concerns the older one."""


_NOTICE = {
    "article_id": pa.string(),
    "kind": pa.string(),
    "field": pa.string(),
    "words": pa.string(),
    "begin": pa.int32(),
    "end": pa.int32(),
    "language": pa.string(),
    "number": pa.int32(),
    "agency": pa.string(),
}
_TIE = {
    "article_id": pa.string(),
    "old_article_id": pa.string(),
    "score": pa.float64(),
    "reason": pa.string(),
}
_OUTDATED = {
    "article_id": pa.string(),
    "new_article_id": pa.string(),
    "old_article_id": pa.string(),
    "agency": pa.string(),
    "kind": pa.string(),
    "begin": pa.int32(),
    "end": pa.int32(),
    "old_begin": pa.int32(),
    "old_end": pa.int32(),
    "old_words": pa.string(),
    "new_words": pa.string(),
    "notice_words": pa.string(),
    "reason": pa.string(),
}
_TIME = "coalesce(a.updated_at, a.published_at)"


def load_notes(database: Database, article_ids: Iterable[str]) -> dict[ArticleId, dict[str, str]]:
    """Return what the senders of the articles said about them, by field."""
    with database.registered(asked=ids_table(article_ids)):
        rows = database.fetch_rows(
            "SELECT article_id, field, words FROM store.article_notes"
            " WHERE article_id IN (SELECT id FROM asked) AND NOT starts_with(field, 'mark:')"
            " ORDER BY ALL"
        )
    notes: dict[ArticleId, dict[str, str]] = {}
    for article_id, field, words in rows:
        notes.setdefault(ArticleId(article_id), {})[field] = words
    return notes


def replace_notices(
    database: Database, run_id: str, notices: Sequence[ArticleNotice], article_ids: Iterable[str]
) -> int:
    """Make the notices of the articles equal to `notices`; return rows touched."""
    with database.registered(
        new_notices=build_table(notices, _NOTICE), scope_ids=ids_table(article_ids)
    ):
        return sync_rows(
            database,
            "store.agency_notices",
            "new_notices",
            list(_NOTICE),
            keys=["article_id", "kind"],
            scope="t.article_id IN (SELECT id FROM scope_ids)",
            stamps={"run_id": run_id},
        )


def replace_ties(
    database: Database, run_id: str, ties: Sequence[NoticeTie], article_ids: Iterable[str]
) -> int:
    """Make the ties of these notices equal to `ties`; return rows touched."""
    with database.registered(new_ties=build_table(ties, _TIE), scope_ids=ids_table(article_ids)):
        return sync_rows(
            database,
            "store.notice_ties",
            "new_ties",
            list(_TIE),
            keys=["article_id"],
            scope="t.article_id IN (SELECT id FROM scope_ids)",
            stamps={"run_id": run_id},
        )


def replace_outdated(
    database: Database, run_id: str, rows: Sequence[OutdatedPassage], old_ids: Iterable[str]
) -> int:
    """Make the outdated copies of the older texts equal to `rows`; return rows touched."""
    with database.registered(
        new_outdated=build_table(rows, _OUTDATED), scope_ids=ids_table(old_ids)
    ):
        return sync_rows(
            database,
            "store.outdated_copies",
            "new_outdated",
            list(_OUTDATED),
            keys=["article_id", "new_article_id", "old_article_id", "begin", "old_begin"],
            scope="t.old_article_id IN (SELECT id FROM scope_ids)",
            stamps={"run_id": run_id},
        )


def load_notices(
    database: Database, article_ids: Iterable[str]
) -> dict[ArticleId, list[ArticleNotice]]:
    """Return the stored notices of the articles."""
    names = ", ".join(f'"{name}"' for name in _NOTICE)
    with database.registered(asked=ids_table(article_ids)):
        table = database.fetch_table(
            f"SELECT {names} FROM store.agency_notices"
            " WHERE article_id IN (SELECT id FROM asked) ORDER BY ALL"
        )
    found: dict[ArticleId, list[ArticleNotice]] = {}
    for row in build_objects(table, ArticleNotice, {"kind": NoticeKind}):
        found.setdefault(row.article_id, []).append(row)
    return found


def find_notices_after(
    database: Database, article_ids: Iterable[str], days: float
) -> list[ArticleId]:
    """Return the notices that may be about one of the articles: of its outlet, soon after it."""
    asked = set(article_ids)
    with database.registered(asked=ids_table(asked)):
        rows = database.fetch_rows(
            "WITH told AS (SELECT DISTINCT article_id FROM store.agency_notices"
            "  WHERE agency IS NOT NULL),"
            " earlier AS (SELECT article_id, outlet, published_at FROM store.articles"
            "  WHERE written >= $2 AND article_id IN (SELECT id FROM asked))"
            " SELECT DISTINCT a.article_id FROM store.articles a JOIN earlier o"
            "  ON o.outlet = a.outlet AND o.article_id <> a.article_id"
            " WHERE a.article_id IN (SELECT article_id FROM told)"
            f" AND (o.published_at IS NULL OR {_TIME} IS NULL OR {_TIME} BETWEEN"
            "  o.published_at AND o.published_at + to_seconds($1)) ORDER BY 1",
            [days * 86_400, find_oldest(database, asked)],
        )
    return [ArticleId(row[0]) for row in rows]


def find_tie_texts(
    database: Database, outlets: Iterable[str], begin: datetime | None, end: datetime | None
) -> list[TieText]:
    """Return the current articles of the outlets between two times, and those without a time.

    Without their texts.
    """
    with database.registered(asked=ids_table(outlets)):
        table = database.fetch_table(
            f"SELECT a.article_id, a.outlet, a.headline, {_TIME} AS published_at,"
            " s.slug, n.number, coalesce(n.kinds, []) AS kinds"
            " FROM store.articles a LEFT JOIN (SELECT article_id, max(number) AS number,"
            "  list(kind ORDER BY kind) AS kinds FROM store.agency_notices"
            "  GROUP BY article_id) n USING (article_id)"
            " LEFT JOIN (SELECT article_id, min(words) AS slug FROM store.article_notes"
            "  WHERE lower(field) IN ('slug', 'slugline') GROUP BY article_id) s USING (article_id)"
            " WHERE a.superseded_by IS NULL AND a.outlet IN (SELECT id FROM asked)"
            f" AND ({_TIME} IS NULL OR (($1 IS NULL OR {_TIME} >= $1)"
            f"  AND ($2 IS NULL OR {_TIME} <= $2))) ORDER BY a.article_id",
            [as_naive_utc(begin), as_naive_utc(end)],
        )
    return build_objects(
        table, TieText, {"published_at": as_utc, "kinds": lambda kinds: [*map(NoticeKind, kinds)]}
    )


def find_ties(
    database: Database, *, notices: Iterable[str] = (), old_ids: Iterable[str] = ()
) -> list[NoticeTie]:
    """Return the ties of these notices, and those to these earlier articles."""
    with database.registered(asked_new=ids_table(notices), asked_old=ids_table(old_ids)):
        table = database.fetch_table(
            f"SELECT {', '.join(_TIE)} FROM store.notice_ties"
            " WHERE article_id IN (SELECT id FROM asked_new)"
            " OR old_article_id IN (SELECT id FROM asked_old) ORDER BY ALL"
        )
    return build_objects(table, NoticeTie)


def find_predecessors(
    database: Database, article_ids: Iterable[str]
) -> dict[ArticleId, tuple[ArticleId, int]]:
    """Return, for each article that is a later version, the one before it and its own number."""
    with database.registered(asked=ids_table(article_ids)):
        rows = database.fetch_rows(
            "SELECT article_id, supersedes, version FROM store.article_versions"
            " WHERE supersedes IS NOT NULL AND article_id IN (SELECT id FROM asked)"
        )
    return {ArticleId(one): (ArticleId(before), number) for one, before, number in rows}


def find_old_texts(database: Database, article_ids: Iterable[str]) -> set[ArticleId]:
    """Return the replaced texts that concern these articles: theirs, or those they share copy with.

    A replaced text is an older version, or an article that a notice is about or was about.
    """
    with database.registered(asked=ids_table(article_ids)):
        rows = database.fetch_rows(
            "WITH replaced AS (SELECT article_id FROM store.articles"
            "  WHERE superseded_by IS NOT NULL"
            " UNION SELECT old_article_id FROM store.notice_ties"
            " UNION SELECT v.article_id FROM store.article_versions v"
            "  JOIN store.article_versions t USING (series_id)"
            "  JOIN store.notice_ties ON old_article_id = t.article_id),"
            " near AS (SELECT id AS article_id FROM asked UNION"
            " SELECT right_article_id FROM store.passage_verdicts WHERE is_match"
            "  AND left_article_id IN (SELECT id FROM asked) UNION"
            " SELECT left_article_id FROM store.passage_verdicts WHERE is_match"
            "  AND right_article_id IN (SELECT id FROM asked) UNION"
            " SELECT v.article_id FROM store.article_versions v JOIN store.article_versions t"
            "  USING (series_id) WHERE t.article_id IN (SELECT id FROM asked) UNION"
            " SELECT old_article_id FROM store.notice_ties"
            "  WHERE article_id IN (SELECT id FROM asked))"
            " SELECT article_id FROM near SEMI JOIN replaced USING (article_id) UNION"
            " SELECT old_article_id FROM store.outdated_copies"
            "  WHERE article_id IN (SELECT id FROM asked)"
            "  OR new_article_id IN (SELECT id FROM asked)"
            "  OR old_article_id IN (SELECT id FROM asked)"
        )
    return {ArticleId(row[0]) for row in rows}


def find_earlier(database: Database, article_ids: Iterable[str]) -> set[ArticleId]:
    """Return the articles with those they were notices about, and what these were about in turn."""
    with database.registered(asked=ids_table(article_ids)):
        rows = database.fetch_rows(
            "WITH RECURSIVE earlier AS (SELECT id FROM asked UNION"
            " SELECT t.old_article_id FROM earlier e"
            " JOIN store.notice_ties t ON t.article_id = e.id) SELECT id FROM earlier"
        )
    return {ArticleId(row[0]) for row in rows}


def find_outdated_pairs(
    database: Database, old_ids: Iterable[str]
) -> list[tuple[ArticleId, ArticleId, bool]]:
    """Return (older text, newer text, whether both are versions of one article).

    Older versions stand against the current one; an article that a notice is about, and each of its
    versions, against the current version of the notice. What withdraws a text withdraws those that
    it had updated or corrected, too.
    """
    with database.registered(asked=ids_table(old_ids)):
        rows = database.fetch_rows(
            "WITH RECURSIVE series AS (SELECT o.article_id AS old_id, n.article_id AS new_id"
            "  FROM store.article_versions o JOIN store.article_versions n USING (series_id)"
            "  JOIN store.articles a ON a.article_id = n.article_id AND a.superseded_by IS NULL"
            "  WHERE o.article_id <> n.article_id),"
            " told AS (SELECT old_article_id AS old_id, article_id AS new_id"
            "  FROM store.notice_ties UNION SELECT t.old_article_id, g.new_id"
            "  FROM told g JOIN store.notice_ties t ON t.article_id = g.old_id"
            "  WHERE g.new_id IN (SELECT article_id FROM store.agency_notices"
            "   WHERE kind IN ('kill', 'withdrawal', 'hold'))),"
            " meant AS (FROM told UNION SELECT v.article_id, t.new_id FROM told t"
            "  JOIN store.article_versions o ON o.article_id = t.old_id"
            "  JOIN store.article_versions v USING (series_id))"
            " SELECT old_id, new_id, true FROM series WHERE old_id IN (SELECT id FROM asked)"
            " UNION SELECT m.old_id, m.new_id, false FROM meant m"
            " JOIN store.articles a ON a.article_id = m.new_id AND a.superseded_by IS NULL"
            " LEFT JOIN store.article_versions x ON x.article_id = m.old_id"
            " LEFT JOIN store.article_versions y ON y.article_id = m.new_id"
            " WHERE m.old_id IN (SELECT id FROM asked)"
            " AND (x.series_id IS NULL OR x.series_id IS DISTINCT FROM y.series_id) ORDER BY ALL"
        )
    return [(ArticleId(old), ArticleId(new), bool(same)) for old, new, same in rows]


def count_outdated(database: Database) -> int:
    """Return how many articles run words that were replaced."""
    return int(database.fetch_value("SELECT count(DISTINCT article_id) FROM store.outdated_copies"))


def list_outdated(
    database: Database,
    *,
    limit: int | None = 100,
    offset: int = 0,
    agency: str | None = None,
    kind: str | None = None,
    outlet: str | None = None,
    since: datetime | None = None,
) -> list[OutdatedCopy]:
    """Return who still runs what was changed or withdrawn, the gravest kinds first.

    `since` asks for changes of this time or later. Within a kind the last changes stand first. The
    first `offset` rows are left out, and without a `limit` all others are returned.
    """
    n_wanted = offset + (EVERYTHING if limit is None else limit)
    copies, _ = page_outdated(
        database, limit=n_wanted, agency=agency, kind=kind, outlet=outlet, since=since
    )
    return copies[offset:]


def page_outdated(
    database: Database,
    *,
    limit: int,
    agency: str | None = None,
    kind: str | None = None,
    outlet: str | None = None,
    since: datetime | None = None,
    after: Place | None = None,
) -> tuple[list[OutdatedCopy], Place | None]:
    """Return what `list_outdated` does behind a place, and where the list goes on."""
    behind, place = follow_place(_OUTDATED_KEYS, after)
    parameters: Mapping[str, Any] = {
        "limit": limit + 1,
        "agency": agency and name_agency(agency),
        "kind": kind,
        "outlet": outlet,
        "since": as_naive_utc(since),
        **place,
    }
    table = database.fetch_table(
        "WITH named AS MATERIALIZED (SELECT rowid AS place, article_id, outlet, published_at,"
        " updated_at, read_at FROM store.articles WHERE article_id IN (SELECT unnest([article_id,"
        "  new_article_id, old_article_id]) FROM store.outdated_copies))"
        " SELECT o.rowid AS place, a.place AS ran_in, n.place AS new_place, p.place AS old_place,"
        f" {list_keys(_OUTDATED_KEYS)}"
        " FROM store.outdated_copies o JOIN named a USING (article_id)"
        " JOIN named n ON n.article_id = o.new_article_id"
        " JOIN named p ON p.article_id = o.old_article_id"
        " WHERE ($agency IS NULL OR lower(o.agency) = lower($agency))"
        " AND ($kind IS NULL OR o.kind = $kind)"
        " AND ($outlet IS NULL OR lower(a.outlet) = lower($outlet))"
        " AND ($since IS NULL OR coalesce(n.updated_at, n.published_at, n.read_at) >= $since)"
        f" AND {behind} ORDER BY {order_by(_OUTDATED_KEYS)} LIMIT $limit",
        parameters,
    )
    shown, goes_on = cut_page(table, limit)
    return _read_outdated(database, shown), goes_on


def _read_outdated(database: Database, shown: pa.Table) -> list[OutdatedCopy]:
    """Return the copies that stand in the rows of `shown`, in its order.

    They are read last, by the rows of their articles: to read all that is outdated costs most.
    """
    articles = {row for side in _SIDES for row in shown.column(side).to_pylist()}
    if not articles:
        return []
    numbered = shown.append_column("number", pa.array(range(len(shown)), type=pa.int64()))
    with database.registered(shown=numbered):
        table = database.fetch_table(
            "WITH told AS MATERIALIZED (SELECT rowid AS place, outlet, headline, url, published_at,"
            ' published_precision, updated_at, "text" FROM store.articles'
            f" WHERE rowid IN {list_rows(sorted(articles))})"
            " SELECT o.kind, o.agency, a.outlet, o.article_id, a.headline, a.url, a.published_at,"
            " a.published_precision, p.published_precision AS old_published_precision,"
            " CASE WHEN n.updated_at IS NULL THEN n.published_precision ELSE 'second' END"
            "  AS new_published_precision,"
            ' o.old_words, o.new_words, o.begin, o."end", o.old_article_id,'
            " p.headline AS old_headline, p.published_at AS old_published_at, o.old_begin,"
            " o.old_end, o.new_article_id, n.headline AS new_headline, n.url AS new_url,"
            " coalesce(n.updated_at, n.published_at) AS new_published_at, o.notice_words, o.reason,"
            ' a."text" AS text, p."text" AS old_text'
            " FROM shown s JOIN store.outdated_copies o ON o.rowid = s.place"
            " JOIN told a ON a.place = s.ran_in JOIN told n ON n.place = s.new_place"
            " JOIN told p ON p.place = s.old_place ORDER BY s.number"
        )
    for text, name, begin, end in (
        ("text", "passage", "begin", "end"),
        ("old_text", "old_passage", "old_begin", "old_end"),
    ):
        spans = (table.column(side).to_pylist() for side in (text, begin, end))
        words = [whole[first:last] for whole, first, last in zip(*spans, strict=True)]
        table = table.drop_columns([text]).append_column(name, pa.array(words, type=pa.string()))
    times = dict.fromkeys(("published_at", "old_published_at", "new_published_at"), as_utc)
    precisions = dict.fromkeys(_PRECISIONS, TimePrecision)
    return build_objects(table, OutdatedCopy, {**times, **precisions})


_PRECISIONS = ("published_precision", "old_published_precision", "new_published_precision")
_SIDES = ("ran_in", "new_place", "old_place")
_OUTDATED_KEYS: tuple[Key, ...] = (
    (
        "coalesce(nullif(list_position(['kill', 'withdrawal', 'hold', 'correction', 'update',"
        " 'refile'], o.kind), 0), 99)",
        False,
    ),
    ("coalesce(epoch_us(coalesce(n.updated_at, n.published_at)), -9e18::BIGINT)", True),
    ("o.new_article_id", False),
    ("o.old_article_id", False),
    ("a.outlet", False),
    ("o.article_id", False),
    ("o.begin", False),
    ("o.old_begin", False),
)
