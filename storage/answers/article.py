"""One article, as Python and `--json` give it: its text, whose words it carries, where else.

A snapshot is asked table by table for the rows about it (`storage/engine/directory.py`): to plan a
join of views takes DuckDB longer than to find the rows.
"""

from collections.abc import Callable, Mapping
from typing import Any

from wirethread.articles.series import derive_keys
from wirethread.articles.types.articles import (
    UNKNOWN_OUTLET,
    ArticleId,
    ParagraphState,
    Relation,
    TimePrecision,
)
from wirethread.storage.answers.queries import choose_id, list_article_summaries, list_clusters
from wirethread.storage.answers.types import (
    ArticleDetail,
    ArticleVersion,
    ClusterSummary,
    MatchedPlace,
    ParagraphDetail,
    ParagraphSource,
)
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, build_objects
from wirethread.storage.engine.directory import fetch_about, fetch_table_about, has_rows
from wirethread.storage.tables.versions import find_current

__all__ = ["find_article", "get_article"]

_MIN_PREFIX = 4
_TIMES: dict[str, Callable[[Any], Any]] = {
    "published_at": as_utc,
    "updated_at": as_utc,
    "read_at": as_utc,
}
_REASON = "SELECT reason FROM store.article_derivation WHERE {rows}"
_SHARES = (
    "SELECT agency, share FROM store.article_agency_shares WHERE {rows} ORDER BY share DESC, agency"
)
_CLUSTER_OF = "SELECT cluster_id FROM store.story_cluster_articles WHERE {rows}"
_DUPLICATES_OF = "SELECT cluster_id, article_id FROM store.duplicate_cluster_articles WHERE {rows}"
_ORIGINS = (
    "SELECT origin_id FROM store.duplicate_clusters WHERE {rows} AND origin_id IS NOT NULL"
    " ORDER BY cluster_id"
)
_MATCH = "relation, score, reason FROM store.passage_verdicts WHERE {rows} AND is_match"
_MATCHED_RIGHT = f"SELECT left_begin, left_end, right_article_id, right_begin, right_end, {_MATCH}"
_MATCHED_LEFT = f"SELECT right_begin, right_end, left_article_id, left_begin, left_end, {_MATCH}"
_PASSAGES_OF = "SELECT DISTINCT passage_id FROM store.passage_places WHERE {rows}"
_CARRIERS = "SELECT DISTINCT article_id FROM store.passage_places WHERE {rows}"
_IS_ANCHORED = (
    "SELECT 1 FROM store.passage_verdicts WHERE {rows} AND is_match AND anchor_id IS NOT NULL"
    " LIMIT 1"
)
_TEXTS = (
    'SELECT article_id, outlet, headline, published_at, "text" FROM store.articles'
    " WHERE {rows} AND superseded_by IS NULL"
)
_ONLY_VERSION = (
    "SELECT article_id, 1 AS version, superseded_by IS NULL AS is_current, headline, published_at,"
    " published_precision, updated_at, read_at, NULL::VARCHAR AS changed FROM store.articles"
    " WHERE {rows}"
)


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
    return ArticleId(choose_id(key, found, "article"))


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

    def about(sql: str, table: str) -> list[tuple[Any, ...]]:
        return fetch_about(catalog._database, sql, table, "article_id", [article_id])

    parsed = catalog.articles.load_articles([article_id])[0]
    reasons = about(_REASON, "article_derivation")
    copies, origin_id = _find_duplicates(catalog, article_id)
    summaries = list_article_summaries(catalog, {article_id, *copies})
    sources = _load_paragraph_sources(catalog, article_id)
    states = _load_paragraph_states(catalog, article_id) if reasons else {}
    matches = _list_matched_places(catalog, article_id)
    return ArticleDetail(
        summary=next(one for one in summaries if one.article_id == article_id),
        parsed=parsed,
        derivation_reason=reasons[0][0] if reasons else None,
        agency_shares=dict(about(_SHARES, "article_agency_shares")),
        duplicates=[one for one in summaries if one.article_id != article_id],
        duplicate_origin_id=origin_id,
        cluster=_find_cluster(catalog, article_id),
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


def _find_duplicates(catalog: Catalog, article_id: str) -> tuple[set[str], ArticleId | None]:
    """Return the other articles that are the same text, and the one that had it first."""
    database = catalog._database
    members = "duplicate_cluster_articles"
    held = fetch_about(database, _DUPLICATES_OF, members, "article_id", [article_id])
    cluster_ids = [row[0] for row in held]
    everyone = fetch_about(database, _DUPLICATES_OF, members, "cluster_id", cluster_ids)
    origins = fetch_about(database, _ORIGINS, "duplicate_clusters", "cluster_id", cluster_ids)
    return {row[1] for row in everyone} - {article_id}, origins[0][0] if origins else None


def _find_cluster(catalog: Catalog, article_id: str) -> ClusterSummary | None:
    held = fetch_about(
        catalog._database, _CLUSTER_OF, "story_cluster_articles", "article_id", [article_id]
    )
    found = [one for row in held for one in list_clusters(catalog, "s.cluster_id = $1", [row[0]])]
    return found[0] if found else None


def _list_versions(catalog: Catalog, article_id: str) -> list[ArticleVersion]:
    database = catalog._database
    read = {**_TIMES, "published_precision": TimePrecision}
    if not any(
        has_rows(database, "article_versions", column, article_id)
        for column in ("article_id", "series_id")
    ):
        table = fetch_table_about(database, _ONLY_VERSION, "articles", "article_id", [article_id])
        return build_objects(table, ArticleVersion, read)
    table = database.fetch_table(
        "SELECT v.article_id, v.version, v.is_current, v.headline, v.published_at,"
        " a.published_precision, v.updated_at, v.read_at, v.changed FROM article_versions v"
        " JOIN store.articles a USING (article_id) WHERE v.series_id ="
        " (SELECT series_id FROM article_versions WHERE article_id = ?) ORDER BY v.version",
        [article_id],
    )
    return build_objects(table, ArticleVersion, read)


def _load_paragraph_sources(
    catalog: Catalog, article_id: str
) -> Mapping[str, list[ParagraphSource]]:
    if not has_rows(catalog._database, "paragraph_sources", "article_id", article_id):
        return {}
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


def _list_matched_places(catalog: Catalog, article_id: str) -> list[MatchedPlace]:
    """Return where else the words of an article stand, in their order: the view `passage_matches`.

    Where its copy ran in very many places the view is asked itself: it works out the matches of
    the places with one another.
    """
    if _is_anchored(catalog, article_id):
        sides = catalog._database.fetch_rows(
            "SELECT left_begin, left_end, right_article_id, right_begin, right_end, relation,"
            " score, reason FROM passage_matches WHERE left_article_id = $1 UNION ALL"
            " SELECT right_begin, right_end, left_article_id, left_begin, left_end, relation,"
            " score, reason FROM passage_matches WHERE right_article_id = $1",
            [article_id],
        )
    else:
        sides = _list_verdicts(catalog, article_id)
    others = {row[2] for row in sides}
    texts = fetch_about(catalog._database, _TEXTS, "articles", "article_id", others)
    known = {row[0]: row[1:] for row in texts}
    places = []
    for begin, end, other, other_begin, other_end, relation, score, reason in sides:
        if other not in known:
            continue  # another version took its place
        outlet, headline, published_at, text = known[other]
        places.append(
            MatchedPlace(
                begin=begin,
                end=end,
                article_id=other,
                outlet=outlet,
                headline=headline,
                published_at=as_utc(published_at),
                other_begin=other_begin,
                other_end=other_end,
                other_text=text[other_begin:other_end],
                relation=Relation(relation),
                score=score,
                reason=reason,
            )
        )
    return sorted(places, key=_place_in_order)


def _place_in_order(place: MatchedPlace) -> tuple[Any, ...]:
    """Return the place in the order of the text, then of time, undated ones last."""
    is_undated = place.published_at is None
    when = None if is_undated else place.published_at
    return (place.begin, place.end, is_undated, when, place.article_id, place.other_begin)


def _list_verdicts(catalog: Catalog, article_id: str) -> list[tuple[Any, ...]]:
    """Return the matches that are stored of an article; an older version has none."""
    database = catalog._database
    if not fetch_about(database, _TEXTS, "articles", "article_id", [article_id]):
        return []
    found: list[tuple[Any, ...]] = []
    for sql, column in ((_MATCHED_RIGHT, "left"), (_MATCHED_LEFT, "right")):
        name = f"{column}_article_id"
        found += fetch_about(database, sql, "passage_verdicts", name, [article_id])
    return found


def _is_anchored(catalog: Catalog, article_id: str) -> bool:
    """Whether words of an article were compared in one place with an anchor, not with each."""
    database = catalog._database
    mine = fetch_about(database, _PASSAGES_OF, "passage_places", "article_id", [article_id])
    passage_ids = [row[0] for row in mine]
    carriers = fetch_about(database, _CARRIERS, "passage_places", "passage_id", passage_ids)
    return any(
        fetch_about(
            database, _IS_ANCHORED, "passage_verdicts", column, [row[0] for row in carriers]
        )
        for column in ("left_article_id", "right_article_id")
    )
