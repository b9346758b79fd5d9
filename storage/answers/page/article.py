"""One article as its page shows it: whose words, every claim on them, and where else they stand."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    ParsedArticle,
    PassageId,
    ThreadId,
    TimePrecision,
)
from wirethread.storage.answers.queries import find_article
from wirethread.storage.answers.records import ArticleVersion
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, list_records

__all__ = [
    "ArticlePage",
    "Claim",
    "Notice",
    "OtherPlace",
    "OutdatedWords",
    "ParagraphSourceRow",
    "StoryOf",
    "load_article_page",
    "load_version_text",
]

PLACES_SHOWN = 6
"""Other places of a passage that are listed beside it; the page of the passage has all."""
_TIMES: dict[str, Callable[[Any], Any]] = {
    "published_at": as_utc,
    "updated_at": as_utc,
    "read_at": as_utc,
    "origin_published_at": as_utc,
    "published_precision": TimePrecision,
    "origin_precision": TimePrecision,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Characters `begin` to `end` of the article that belong to a passage."""

    passage_id: PassageId
    begin: int
    end: int
    relation: str | None
    """How they relate to the origin; None where this article is the origin, or none is known."""
    agency: str | None
    confidence: float
    evidence: str | None
    evidence_article_id: ArticleId | None
    evidence_outlet: str | None
    reason: str
    origin_article_id: ArticleId | None
    origin_outlet: str | None
    origin_headline: str | None
    origin_published_at: datetime | None
    origin_precision: TimePrecision | None
    n_places: int
    n_outlets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphSourceRow:
    """What the archive says of one paragraph: the passage that accounts for it, or a credit."""

    position: int
    passage_id: PassageId | None
    agency: str | None
    relation: str | None
    share: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPlace:
    """Another article that carries a passage."""

    passage_id: PassageId
    article_id: ArticleId
    outlet: str
    headline: str
    published_at: datetime | None
    published_precision: TimePrecision
    relation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedQuotation:
    """Somebody's words that another article has too: no copy, and no evidence of it."""

    begin: int
    end: int
    article_id: ArticleId
    outlet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Words by which an agency changed or withdrew a text."""

    kind: str
    agency: str | None
    words: str
    old_article_id: ArticleId | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdatedWords:
    """Words of the article that an agency has changed or withdrawn since."""

    agency: str
    kind: str
    begin: int
    end: int
    old_words: str
    new_words: str
    new_article_id: ArticleId
    notice_words: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryOf:
    """The story cluster and thread that the article stands in."""

    cluster_id: ClusterId
    cluster_title: str
    thread_id: ThreadId | None
    thread_title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePage:
    """Everything that the page of an article shows."""

    article_id: ArticleId
    parsed: ParsedArticle
    derivation: str | None
    wire_share: float | None
    derivation_reason: str | None
    agency_shares: Mapping[str, float]
    """Share of the body by agency, the largest first."""
    own_agency: str | None
    """The agency whose own outlet this is."""
    claims: Sequence[Claim]
    paragraph_sources: Sequence[ParagraphSourceRow]
    own_paragraphs: Mapping[int, str]
    """Positions of the paragraphs that are the outlet's own, with the words that show it."""
    places: Sequence[OtherPlace]
    """The first six other places of each passage, in the order of time."""
    quotations: Sequence[SharedQuotation]
    duplicates: Sequence[OtherPlace]
    """Other articles that are the same text; their `passage_id` is the duplicate cluster's."""
    story: StoryOf | None
    versions: Sequence[ArticleVersion]
    notices: Sequence[Notice]
    outdated: Sequence[OutdatedWords]


def load_article_page(catalog: Catalog, key: str) -> ArticlePage:
    """Return all about the article that `key` names (see `find_article`)."""
    article_id = find_article(catalog, key)
    derivations = catalog.database.fetch_rows(
        "SELECT derivation, share, reason FROM store.article_derivation WHERE article_id = ?",
        [article_id],
    )
    derivation, share, reason = derivations[0] if derivations else (None, None, None)
    shares = catalog.database.fetch_rows(
        "SELECT agency, share FROM store.article_agency_shares WHERE article_id = ?"
        " ORDER BY share DESC, agency",
        [article_id],
    )
    parsed = catalog.load_article_texts([article_id])[0]
    own = [one.agency for one in parsed.credits if one.rule == "outlet"]
    claims = _list(catalog, _CLAIMS, article_id, Claim)
    return ArticlePage(
        article_id=article_id,
        parsed=parsed,
        derivation=derivation,
        wire_share=share,
        derivation_reason=reason,
        agency_shares=dict(shares),
        own_agency=own[0] if own else None,
        claims=claims,
        own_paragraphs=dict(catalog.database.fetch_rows(_OWN, {"article_id": article_id})),
        paragraph_sources=_list(catalog, _PARAGRAPHS, article_id, ParagraphSourceRow),
        places=_list(catalog, _PLACES, article_id, OtherPlace) if claims else [],
        quotations=_list(catalog, _QUOTATIONS, article_id, SharedQuotation),
        duplicates=_list(catalog, _DUPLICATES, article_id, OtherPlace),
        story=_find_story(catalog, article_id),
        versions=_list(catalog, _VERSIONS, article_id, ArticleVersion),
        notices=_list(catalog, _NOTICES, article_id, Notice),
        outdated=_list(catalog, _OUTDATED, article_id, OutdatedWords),
    )


def load_version_text(catalog: Catalog, article_id: str) -> str:
    """Return the whole text of one version of an article."""
    return str(
        catalog.database.fetch_value(
            'SELECT "text" FROM store.articles WHERE article_id = ?', [article_id]
        )
        or ""
    )


def _list(catalog: Catalog, sql: str, article_id: str, kind: type[Any]) -> list[Any]:
    return list_records(catalog.database.fetch_table(sql, {"article_id": article_id}), kind, _TIMES)


def _find_story(catalog: Catalog, article_id: str) -> StoryOf | None:
    rows = catalog.database.fetch_rows(
        "SELECT c.cluster_id, c.title, t.thread_id, t.title FROM store.story_cluster_articles m"
        " JOIN store.story_clusters c USING (cluster_id)"
        " LEFT JOIN store.story_thread_clusters h USING (cluster_id)"
        " LEFT JOIN store.story_threads t USING (thread_id) WHERE m.article_id = ?",
        [article_id],
    )
    if not rows:
        return None
    return StoryOf(
        cluster_id=rows[0][0],
        cluster_title=rows[0][1],
        thread_id=rows[0][2],
        thread_title=rows[0][3],
    )


_MINE = "SELECT passage_id FROM store.passage_places WHERE article_id = $article_id"
_CLAIMS = (
    f"WITH mine AS ({_MINE}), spread AS (SELECT passage_id, count(*) AS n_places,"
    "  count(DISTINCT a.outlet) AS n_outlets FROM store.passage_places"
    "  JOIN store.articles a USING (article_id)"
    "  WHERE passage_id IN (SELECT passage_id FROM mine) GROUP BY passage_id)"
    ' SELECT l.passage_id, l."begin", l."end", l.relation, p.agency, p.confidence, p.evidence,'
    " p.evidence_article_id, e.outlet AS evidence_outlet, p.reason, p.origin_article_id,"
    " o.outlet AS origin_outlet, o.headline AS origin_headline,"
    " o.published_at AS origin_published_at, o.published_precision AS origin_precision,"
    " s.n_places, s.n_outlets FROM store.passage_places l JOIN store.passages p USING (passage_id)"
    " JOIN spread s USING (passage_id)"
    " LEFT JOIN store.articles o ON o.article_id = p.origin_article_id"
    " LEFT JOIN store.articles e ON e.article_id = p.evidence_article_id"
    ' WHERE l.article_id = $article_id ORDER BY l."begin", l."end" DESC, l.passage_id'
)
_PARAGRAPHS = (
    'SELECT "position", passage_id, agency, relation, share, reason FROM store.paragraph_sources'
    ' WHERE article_id = $article_id ORDER BY "position", share DESC, passage_id, agency'
)
_OWN = 'SELECT "position", evidence FROM store.own_paragraphs WHERE article_id = $article_id'
_PLACES = (
    f"WITH mine AS ({_MINE}) SELECT l.passage_id, l.article_id, a.outlet, a.headline,"
    " a.published_at, a.published_precision, l.relation FROM store.passage_places l"
    " JOIN store.articles a USING (article_id)"
    " WHERE l.passage_id IN (SELECT passage_id FROM mine) AND l.article_id <> $article_id"
    " QUALIFY row_number() OVER (PARTITION BY l.passage_id"
    f"  ORDER BY a.published_at NULLS LAST, a.article_id) <= {PLACES_SHOWN}"
    " ORDER BY l.passage_id, a.published_at NULLS LAST, a.article_id"
)
_QUOTATIONS = (
    'WITH sides AS (SELECT left_begin AS "begin", left_end AS "end",'
    "  right_article_id AS article_id FROM store.passage_verdicts"
    "  WHERE relation = 'quotation' AND left_article_id = $article_id UNION ALL"
    " SELECT right_begin, right_end, left_article_id FROM store.passage_verdicts"
    "  WHERE relation = 'quotation' AND right_article_id = $article_id)"
    ' SELECT s."begin", s."end", a.article_id, a.outlet FROM sides s'
    " JOIN store.articles a USING (article_id) WHERE a.superseded_by IS NULL"
    ' ORDER BY s."begin", a.published_at NULLS LAST, a.article_id LIMIT 100'
)
_DUPLICATES = (
    "SELECT d.cluster_id AS passage_id, a.article_id, a.outlet, a.headline, a.published_at,"
    " a.published_precision, NULL AS relation FROM store.duplicate_cluster_articles d"
    " JOIN store.articles a USING (article_id) WHERE d.cluster_id IN (SELECT cluster_id"
    "  FROM store.duplicate_cluster_articles WHERE article_id = $article_id)"
    " AND d.article_id <> $article_id ORDER BY a.published_at NULLS LAST, a.article_id LIMIT 50"
)
_VERSIONS = (
    "SELECT v.article_id, v.version, a.superseded_by IS NULL AS is_current, a.headline,"
    " a.published_at, a.updated_at, a.read_at, v.changed FROM store.article_versions v"
    " JOIN store.articles a USING (article_id) WHERE v.series_id IN (SELECT series_id"
    "  FROM store.article_versions WHERE article_id = $article_id) ORDER BY v.version"
)
_NOTICES = (
    "SELECT kind, agency, words, old_article_id, reason FROM agency_notices"
    " WHERE article_id = $article_id ORDER BY kind, words"
)
_OUTDATED = (
    'SELECT agency, kind, "begin", "end", old_words, new_words, new_article_id, notice_words,'
    ' reason FROM store.outdated_copies WHERE article_id = $article_id ORDER BY "begin", kind'
)
