"""Answers from the catalog: one story, and the articles of a list.

Every function works on a published snapshot and on the catalog of a run.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from wirethread.articles.errors import NotFoundError
from wirethread.articles.types.articles import (
    Derivation,
    StoryEventKind,
    ThreadState,
    TimePrecision,
)
from wirethread.storage.answers.types import (
    ArticleSummary,
    ClusterArticle,
    ClusterDetail,
    ClusterSummary,
    EventRecord,
    PassageSummary,
    ThreadDetail,
    ThreadSummary,
)
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, build_objects, ids_table
from wirethread.storage.engine.directory import fetch_about

__all__ = [
    "choose_id",
    "complete_story_id",
    "get_story",
    "list_article_summaries",
    "list_clusters",
]

_MIN_PREFIX = 4
_N_PASSAGES = 20
_CLUSTER_COLUMNS = (
    "s.cluster_id, s.title, s.first_seen_at, s.last_seen_at, s.n_articles, s.n_outlets,"
    " s.n_independent_sources, s.thread_id"
)
_THREAD_COLUMNS = (
    "s.thread_id, s.title, s.state, s.first_seen_at, s.last_seen_at, s.names, s.numbers,"
    " coalesce(s.n_clusters, 0) AS n_clusters, coalesce(s.n_articles, 0) AS n_articles,"
    " coalesce(s.n_outlets, 0) AS n_outlets, s.n_independent_sources"
)
_TIMES: dict[str, Callable[[Any], Any]] = {
    "first_seen_at": as_utc,
    "last_seen_at": as_utc,
    "published_at": as_utc,
    "recorded_at": as_utc,
    "updated_at": as_utc,
}
_HEADS = (
    "SELECT article_id, outlet, headline, url, published_at, published_precision"
    " FROM store.articles WHERE {rows} ORDER BY published_at NULLS LAST, outlet, article_id"
)
_DERIVATIONS = (
    "SELECT article_id, derivation, share, copied_share FROM store.article_derivation WHERE {rows}"
)
_SHARES = (
    "SELECT article_id, agency FROM store.article_agency_shares WHERE {rows}"
    " ORDER BY article_id, share DESC, agency"
)
_CREDITED = (
    "SELECT DISTINCT article_id, agency FROM store.wire_credits"
    " WHERE {rows} AND role <> 'photo' AND agency <> '' ORDER BY article_id, agency"
)


def get_story(catalog: Catalog, key: str) -> ClusterDetail | ThreadDetail:
    """Return the story cluster or thread with this id, an id it once had, or a clear prefix.

    Raises `NotFoundError`.
    """
    found = catalog.stories.resolve_story_id(complete_story_id(catalog, key))
    clusters = list_clusters(catalog, "s.cluster_id = $1", [found])
    if clusters:
        return _get_cluster(catalog, clusters[0])
    return _get_thread(catalog, found)


def complete_story_id(catalog: Catalog, key: str) -> str:
    """Return the id, present or past, that a clear beginning names. Raises `NotFoundError`."""
    rows = catalog._database.fetch_rows(
        "SELECT DISTINCT id FROM (SELECT cluster_id AS id FROM store.story_clusters UNION ALL"
        " SELECT thread_id FROM store.story_threads UNION ALL"
        " SELECT old_id FROM store.story_redirects UNION ALL"
        " SELECT subject_id FROM store.story_events)"
        " WHERE id = $1 OR (length($1) >= $2 AND starts_with(id, $1)) ORDER BY id LIMIT 6",
        [key, _MIN_PREFIX],
    )
    return choose_id(key, [row[0] for row in rows], "story cluster or thread")


def choose_id(key: str, found: Sequence[str], what: str) -> str:
    if key in found:
        return key
    if not found:
        raise NotFoundError(f"no {what} has the id {key}")
    if len(found) > 1:
        raise NotFoundError(f"{key} may be {', '.join(found[:5])}: give more of the id")
    return found[0]


def list_clusters(catalog: Catalog, where: str, parameters: Sequence[Any]) -> list[ClusterSummary]:
    table = catalog._database.fetch_table(
        f"SELECT {_CLUSTER_COLUMNS} FROM story_clusters s WHERE {where}"
        " ORDER BY s.first_seen_at NULLS LAST, s.cluster_id",
        parameters,
    )
    return build_objects(table, ClusterSummary, _TIMES)


def _get_cluster(catalog: Catalog, summary: ClusterSummary) -> ClusterDetail:
    rows = catalog._database.fetch_rows(
        "SELECT m.article_id, s.counted, s.source_group, s.reason, min(d.cluster_id)"
        " FROM store.story_cluster_articles m"
        " LEFT JOIN store.story_sources s USING (cluster_id, article_id)"
        " LEFT JOIN store.duplicate_cluster_articles d ON d.article_id = m.article_id"
        " WHERE m.cluster_id = ? GROUP BY ALL",
        [summary.cluster_id],
    )
    verdicts = {row[0]: row[1:] for row in rows}
    articles = []
    for article in list_article_summaries(catalog, verdicts):
        counted, source_group, reason, duplicate_cluster_id = verdicts[article.article_id]
        articles.append(
            ClusterArticle(
                article=article,
                counted=counted,
                source_group=source_group,
                reason=reason,
                duplicate_cluster_id=duplicate_cluster_id,
            )
        )
    return ClusterDetail(
        summary=summary,
        articles=articles,
        passages=_list_shared_passages(catalog, verdicts),
        events=_list_events(catalog, [summary.cluster_id]),
    )


def _get_thread(catalog: Catalog, thread_id: str) -> ThreadDetail:
    table = catalog._database.fetch_table(
        f"SELECT {_THREAD_COLUMNS} FROM story_threads s WHERE s.thread_id = ?", [thread_id]
    )
    summary = build_objects(table, ThreadSummary, {**_TIMES, "state": ThreadState})[0]
    return ThreadDetail(
        summary=summary,
        clusters=list_clusters(catalog, "s.thread_id = $1", [thread_id]),
        events=_list_events(catalog, [thread_id]),
    )


def _list_events(catalog: Catalog, ids: Iterable[str]) -> list[EventRecord]:
    with catalog._database.registered(asked=ids_table(ids)):
        table = catalog._database.fetch_table(
            "SELECT kind, subject_id, other_id, reason, recorded_at, run_id"
            " FROM store.story_events WHERE subject_id IN (SELECT id FROM asked)"
            " OR other_id IN (SELECT id FROM asked) ORDER BY event"
        )
    return build_objects(table, EventRecord, {**_TIMES, "kind": StoryEventKind})


def list_article_summaries(catalog: Catalog, article_ids: Iterable[str]) -> list[ArticleSummary]:
    """Return the articles by time of publication, undated ones last."""
    asked = set(article_ids)

    def about(sql: str, table: str) -> list[tuple[Any, ...]]:
        return fetch_about(catalog._database, sql, table, "article_id", asked)

    derivations = {row[0]: row[1:] for row in about(_DERIVATIONS, "article_derivation")}
    shares: dict[str, list[str]] = {}
    for article_id, agency in about(_SHARES, "article_agency_shares"):
        shares.setdefault(article_id, []).append(agency)
    credited: dict[str, list[str]] = {}
    for article_id, agency in about(_CREDITED, "wire_credits"):
        credited.setdefault(article_id, []).append(agency)
    found = []
    for article_id, outlet, headline, url, moment, precision in about(_HEADS, "articles"):
        derivation, wire_share, copied_share = derivations.get(article_id, (None, None, None))
        found.append(
            ArticleSummary(
                article_id=article_id,
                outlet=outlet,
                headline=headline,
                url=url,
                published_at=as_utc(moment),
                published_precision=TimePrecision(precision),
                derivation=None if derivation is None else Derivation(derivation),
                wire_share=wire_share,
                agencies=shares.get(article_id, []),
                credited_agencies=credited.get(article_id, []),
                copied_share=copied_share,
            )
        )
    return found


def _list_shared_passages(catalog: Catalog, article_ids: Iterable[str]) -> list[PassageSummary]:
    with catalog._database.registered(asked=ids_table(article_ids)):
        table = catalog._database.fetch_table(
            "WITH places AS (SELECT l.passage_id, l.article_id, a.outlet,"
            '  substring(a."text", l."begin" + 1, l."end" - l."begin") AS words'
            "  FROM store.passage_places l JOIN store.articles a USING (article_id)"
            "  WHERE l.article_id IN (SELECT id FROM asked)),"
            " spread AS (SELECT passage_id, count(*) AS n_places,"
            "  count(DISTINCT outlet) AS n_outlets,"
            "  list(DISTINCT article_id ORDER BY article_id) AS article_ids,"
            "  arg_max(words, (length(words), article_id)) AS text FROM places GROUP BY passage_id)"
            " SELECT p.passage_id, p.agency, p.origin_article_id, o.outlet AS origin_outlet,"
            " p.confidence, p.evidence, p.evidence_article_id, p.reason, s.n_places, s.n_outlets,"
            " s.article_ids, s.text"
            " FROM spread s JOIN store.passages p USING (passage_id)"
            " LEFT JOIN store.articles o ON o.article_id = p.origin_article_id"
            " WHERE len(s.article_ids) > 1"
            " ORDER BY s.n_places DESC, length(s.text) DESC, p.passage_id LIMIT ?",
            [_N_PASSAGES],
        )
    return build_objects(table, PassageSummary)
