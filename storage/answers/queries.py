"""Answers from the catalog: lists of stories, one story, one article.

Every function works on a published snapshot and on the catalog of a run.
"""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from wirethread.articles.errors import NotFoundError
from wirethread.articles.series import derive_keys
from wirethread.articles.types.articles import (
    UNKNOWN_OUTLET,
    ArticleId,
    Derivation,
    ParagraphState,
    Relation,
    StoryEventKind,
    ThreadState,
    TimePrecision,
)
from wirethread.storage.answers.types import (
    ArticleDetail,
    ArticleSummary,
    ArticleVersion,
    ClusterArticle,
    ClusterDetail,
    ClusterSummary,
    EventRecord,
    MatchedPlace,
    ParagraphDetail,
    ParagraphSource,
    PassageSummary,
    ThreadDetail,
    ThreadSummary,
)
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, build_objects, ids_table
from wirethread.storage.engine.directory import has_rows
from wirethread.storage.tables.versions import find_current

__all__ = [
    "complete_story_id",
    "find_article",
    "get_article",
    "get_story",
    "list_article_summaries",
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
    "read_at": as_utc,
}


def get_story(catalog: Catalog, key: str) -> ClusterDetail | ThreadDetail:
    """Return the story cluster or thread with this id, an id it once had, or a clear prefix.

    Raises `NotFoundError`.
    """
    found = catalog.stories.resolve_story_id(complete_story_id(catalog, key))
    clusters = _clusters(catalog, "s.cluster_id = $1", [found])
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
    return _choose(key, [row[0] for row in rows], "story cluster or thread")


def _choose(key: str, found: Sequence[str], what: str) -> str:
    if key in found:
        return key
    if not found:
        raise NotFoundError(f"no {what} has the id {key}")
    if len(found) > 1:
        raise NotFoundError(f"{key} may be {', '.join(found[:5])}: give more of the id")
    return found[0]


def _clusters(catalog: Catalog, where: str, parameters: Sequence[Any]) -> list[ClusterSummary]:
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
        clusters=_clusters(catalog, "s.thread_id = $1", [thread_id]),
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
    with catalog._database.registered(asked=ids_table(article_ids)):
        table = catalog._database.fetch_table(
            "SELECT a.article_id, a.outlet, a.headline, a.url, a.published_at,"
            " a.published_precision, d.derivation, d.share AS wire_share,"
            " coalesce(s.agencies, []) AS agencies, coalesce(c.names, []) AS credited_agencies,"
            " d.copied_share"
            " FROM store.articles a LEFT JOIN store.article_derivation d USING (article_id)"
            " LEFT JOIN (SELECT article_id, list(agency ORDER BY share DESC, agency) AS agencies"
            "  FROM store.article_agency_shares WHERE article_id IN (SELECT id FROM asked)"
            "  GROUP BY article_id) s USING (article_id)"
            " LEFT JOIN (SELECT article_id, list(DISTINCT agency ORDER BY agency) AS names"
            "  FROM store.wire_credits WHERE article_id IN (SELECT id FROM asked)"
            "  AND role <> 'photo' AND agency <> '' GROUP BY article_id) c USING (article_id)"
            " WHERE a.article_id IN (SELECT id FROM asked)"
            " ORDER BY a.published_at NULLS LAST, a.outlet, a.article_id"
        )
    converters = {**_TIMES, "published_precision": TimePrecision, "derivation": Derivation}
    return build_objects(table, ArticleSummary, converters)


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


def find_article(catalog: Catalog, key: str) -> ArticleId:
    """Return the article with this id, clear prefix of an id, source id, or address.

    A source id or address leads to the current version. Raises `NotFoundError`, also where several
    articles answer to `key`.
    """
    if has_rows(catalog._database, "articles", "article_id", key):
        return ArticleId(key)
    rows = catalog._database.fetch_rows(
        "SELECT DISTINCT article_id FROM store.articles WHERE article_id = $1"
        " OR (length($1) >= $2 AND starts_with(article_id, $1))"
        " OR (superseded_by IS NULL AND (source_id = $1 OR url = $1 OR url_key = $3))"
        " ORDER BY article_id LIMIT 6",
        [key, _MIN_PREFIX, derive_keys(UNKNOWN_OUTLET, key, None).url_key or None],
    )
    found = [row[0] for row in rows] or _find_by_older_address(catalog, key)
    return ArticleId(_choose(key, found, "article"))


def _find_by_older_address(catalog: Catalog, key: str) -> list[str]:
    """Return the current versions of articles that were read before under this address or id."""
    rows = catalog._database.fetch_rows(
        "SELECT article_id FROM store.articles WHERE source_id = $1 OR url = $1 LIMIT 100", [key]
    )
    current = find_current(catalog._database, [row[0] for row in rows])
    return sorted(set(current.values()))


def get_article(catalog: Catalog, key: str) -> ArticleDetail:
    """Return everything about an article, paragraph by paragraph (`key` as in `find_article`)."""
    article_id = find_article(catalog, key)
    parsed = catalog.articles.load_articles([article_id])[0]
    derivation_reason = catalog._database.fetch_value(
        "SELECT reason FROM store.article_derivation WHERE article_id = ?", [article_id]
    )
    shares = catalog._database.fetch_rows(
        "SELECT agency, share FROM store.article_agency_shares WHERE article_id = ?"
        " ORDER BY share DESC, agency",
        [article_id],
    )
    groups = catalog.copy.load_duplicates([article_id])
    copies = {one for group in groups for one in group.article_ids} - {article_id}
    origins = [group.origin_id for group in groups if group.origin_id is not None]
    clusters = _clusters(
        catalog,
        "s.cluster_id IN (SELECT cluster_id FROM store.story_cluster_articles"
        " WHERE article_id = $1)",
        [article_id],
    )
    sources = _load_paragraph_sources(catalog, article_id)
    states = _load_paragraph_states(catalog, article_id)
    matches = _load_matched_places(catalog, article_id)
    return ArticleDetail(
        summary=list_article_summaries(catalog, [article_id])[0],
        parsed=parsed,
        derivation_reason=derivation_reason,
        agency_shares=dict(shares),
        duplicates=list_article_summaries(catalog, copies),
        duplicate_origin_id=origins[0] if origins else None,
        cluster=clusters[0] if clusters else None,
        paragraphs=[
            ParagraphDetail(
                paragraph=paragraph,
                sources=sources.get(paragraph.paragraph_id, []),
                matches=[
                    match
                    for match in matches
                    if match.begin < paragraph.end and paragraph.begin < match.end
                ],
                state=states.get(paragraph.paragraph_id, (None, None))[0],
                own_evidence=states.get(paragraph.paragraph_id, (None, None))[1],
            )
            for paragraph in parsed.paragraphs
        ],
        versions=_list_versions(catalog, article_id),
    )


def _list_versions(catalog: Catalog, article_id: str) -> list[ArticleVersion]:
    table = catalog._database.fetch_table(
        "SELECT v.article_id, v.version, v.is_current, v.headline, v.published_at,"
        " a.published_precision, v.updated_at, v.read_at, v.changed FROM article_versions v"
        " JOIN store.articles a USING (article_id) WHERE v.series_id ="
        " (SELECT series_id FROM article_versions WHERE article_id = ?) ORDER BY v.version",
        [article_id],
    )
    return build_objects(table, ArticleVersion, {**_TIMES, "published_precision": TimePrecision})


def _load_paragraph_sources(
    catalog: Catalog, article_id: str
) -> Mapping[str, list[ParagraphSource]]:
    table = catalog._database.fetch_table(
        "SELECT s.paragraph_id, s.passage_id, s.agency, s.relation, s.share, s.reason,"
        " s.origin_article_id, o.outlet AS origin_outlet, o.headline AS origin_headline,"
        " s.confidence, s.evidence, s.evidence_article_id, s.state"
        " FROM paragraph_sources s LEFT JOIN store.articles o"
        " ON o.article_id = s.origin_article_id"
        " WHERE s.article_id = ? ORDER BY s.position, s.share DESC, s.passage_id, s.agency",
        [article_id],
    )
    found: dict[str, list[ParagraphSource]] = {}
    origins = build_objects(
        table.drop_columns(["paragraph_id"]),
        ParagraphSource,
        {"relation": Relation, "state": ParagraphState},
    )
    for paragraph_id, origin in zip(table.column("paragraph_id").to_pylist(), origins, strict=True):
        found.setdefault(paragraph_id, []).append(origin)
    return found


def _load_paragraph_states(
    catalog: Catalog, article_id: str
) -> Mapping[str, tuple[ParagraphState, str | None]]:
    rows = catalog._database.fetch_rows(
        "SELECT paragraph_id, state, own_evidence FROM paragraph_states WHERE article_id = ?",
        [article_id],
    )
    return {row[0]: (ParagraphState(row[1]), row[2]) for row in rows}


def _load_matched_places(catalog: Catalog, article_id: str) -> list[MatchedPlace]:
    table = catalog._database.fetch_table(
        'WITH sides AS (SELECT left_begin AS "begin", left_end AS "end",'
        "  right_article_id AS article_id, right_begin AS other_begin, right_end AS other_end,"
        "  relation, score, reason FROM passage_matches WHERE left_article_id = $1 UNION ALL"
        " SELECT right_begin, right_end, left_article_id, left_begin, left_end, relation, score,"
        "  reason FROM passage_matches WHERE right_article_id = $1)"
        ' SELECT s."begin", s."end", s.article_id, a.outlet, a.headline, a.published_at,'
        " s.other_begin, s.other_end,"
        ' substring(a."text", s.other_begin + 1, s.other_end - s.other_begin) AS other_text,'
        " s.relation, s.score, s.reason FROM sides s JOIN store.articles a USING (article_id)"
        " WHERE a.superseded_by IS NULL"
        ' ORDER BY s."begin", s."end", a.published_at NULLS LAST, s.article_id, s.other_begin',
        [article_id],
    )
    return build_objects(table, MatchedPlace, {**_TIMES, "relation": Relation})
