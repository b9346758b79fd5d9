"""One article as its page shows it: whose words, every claim on them, and where else they stand."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    ParsedArticle,
    PassageId,
    ThreadId,
    TimePrecision,
)
from wirethread.storage.answers.article import find_article
from wirethread.storage.answers.page.facts import ArticleFacts, load_article_facts, load_parsed
from wirethread.storage.answers.types import ArticleVersion
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, build_objects
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.directory import fetch_about, fetch_table_about, has_rows

__all__ = [
    "ArticlePage",
    "Claim",
    "OtherPlace",
    "OutdatedWords",
    "ParagraphSourceRow",
    "StatedNotice",
    "StoryOf",
    "load_article_page",
    "load_version_text",
]

Built = TypeVar("Built")

MOST_QUOTATIONS = 100
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
class StatedNotice:
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
    notices: Sequence[StatedNotice]
    outdated: Sequence[OutdatedWords]


def load_article_page(catalog: Catalog, key: str) -> ArticlePage:
    """Return all about the article that `key` names (see `find_article`)."""
    article_id = find_article(catalog, key)
    database = catalog._database

    def about(sql: str, table: str, column: str = "article_id") -> list[tuple[Any, ...]]:
        return fetch_about(database, sql, table, column, [article_id])

    derivations = about(_DERIVATION, "article_derivation")
    derivation, share, reason = derivations[0] if derivations else (None, None, None)
    shares = about(_SHARES, "article_agency_shares")
    parsed = load_parsed(catalog, [article_id])[article_id]
    own = [credit.agency for credit in parsed.credits if credit.rule == "outlet"]
    mine = about(_PLACES, "passage_places")
    passages, everywhere = _load_passages(catalog, {row[0] for row in mine})
    copies = [
        row
        for row in fetch_about(
            database,
            _DUPLICATES,
            "duplicate_cluster_articles",
            "cluster_id",
            [row[0] for row in about(_DUPLICATES, "duplicate_cluster_articles")],
        )
        if row[1] != article_id
    ]
    quoted = sorted(
        about(_QUOTED_LEFT, "passage_verdicts", "left_article_id")
        + about(_QUOTED_RIGHT, "passage_verdicts", "right_article_id")
    )[:MOST_QUOTATIONS]
    facts = load_article_facts(
        catalog,
        {
            *(row[1] for row in everywhere),
            *(row[1] for row in copies),
            *(row[2] for row in quoted),
            *(one for row in passages.values() for one in (row[3], row[5]) if one),
        },
    )
    return ArticlePage(
        article_id=article_id,
        parsed=parsed,
        derivation=derivation,
        wire_share=share,
        derivation_reason=reason,
        agency_shares=dict(shares),
        own_agency=own[0] if own else None,
        claims=_join_claims(mine, passages, everywhere, facts),
        own_paragraphs=dict(about(_OWN, "own_paragraphs")),
        paragraph_sources=_list(
            database, _PARAGRAPHS, "paragraph_sources", article_id, ParagraphSourceRow
        ),
        places=_list_places(
            [row for row in everywhere if row[1] != article_id], facts, limit=PLACES_SHOWN
        ),
        quotations=[
            SharedQuotation(begin=begin, end=end, article_id=other, outlet=facts[other].outlet)
            for begin, end, other in quoted
            if other in facts and facts[other].is_current
        ],
        duplicates=_list_places(
            [(cluster, other, None) for cluster, other in copies], facts, limit=50
        ),
        story=_find_story(catalog, article_id),
        versions=_list_view(database, _VERSIONS, "article_versions", article_id, ArticleVersion),
        notices=_list_view(database, _NOTICES, "agency_notices", article_id, StatedNotice),
        outdated=_list(database, _OUTDATED, "outdated_copies", article_id, OutdatedWords),
    )


def _load_passages(
    catalog: Catalog, passage_ids: Collection[str]
) -> tuple[dict[str, tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return what is known of passages by id, and (passage, article, relation) of every place."""
    database = catalog._database
    passages = fetch_about(database, _PASSAGES, "passages", "passage_id", passage_ids)
    everywhere = fetch_about(database, _EVERYWHERE, "passage_places", "passage_id", passage_ids)
    return {row[0]: row[1:] for row in passages}, everywhere


def _join_claims(
    mine: Sequence[tuple[Any, ...]],
    passages: Mapping[str, tuple[Any, ...]],
    everywhere: Sequence[tuple[Any, ...]],
    facts: Mapping[str, ArticleFacts],
) -> list[Claim]:
    """Return the places of passages in the article with what is known of each passage."""
    places = Counter(row[0] for row in everywhere)
    outlets: dict[str, set[str]] = {}
    for passage_id, other, _ in everywhere:
        if other in facts:
            outlets.setdefault(passage_id, set()).add(facts[other].outlet)
    claims = []
    for passage_id, begin, end, relation in mine:
        agency, confidence, evidence, evidence_id, reason, origin_id = passages[passage_id]
        origin, proof = facts.get(origin_id), facts.get(evidence_id)
        claims.append(
            Claim(
                passage_id=passage_id,
                begin=begin,
                end=end,
                relation=relation,
                agency=agency,
                confidence=confidence,
                evidence=evidence,
                evidence_article_id=evidence_id,
                evidence_outlet=proof.outlet if proof else None,
                reason=reason,
                origin_article_id=origin_id,
                origin_outlet=origin.outlet if origin else None,
                origin_headline=origin.headline if origin else None,
                origin_published_at=origin.published_at if origin else None,
                origin_precision=origin.published_precision if origin else None,
                n_places=places[passage_id],
                n_outlets=len(outlets.get(passage_id, ())),
            )
        )
    return claims


def _list_places(
    rows: Iterable[tuple[Any, ...]], facts: Mapping[str, ArticleFacts], *, limit: int
) -> list[OtherPlace]:
    """Return the first `limit` places of each passage, in the order of time."""
    shown: Counter[str] = Counter()
    found = []
    known = [row for row in rows if row[1] in facts]
    for passage_id, other, relation in sorted(known, key=lambda row: facts[row[1]].order):
        shown[passage_id] += 1
        if shown[passage_id] <= limit:
            one = facts[other]
            found.append(
                OtherPlace(
                    passage_id=passage_id,
                    article_id=one.article_id,
                    outlet=one.outlet,
                    headline=one.headline,
                    published_at=one.published_at,
                    published_precision=one.published_precision,
                    relation=relation,
                )
            )
    return found


def load_version_text(catalog: Catalog, article_id: str) -> str:
    """Return the whole text of one version of an article."""
    return str(
        catalog._database.fetch_value(
            'SELECT "text" FROM store.articles WHERE article_id = ?', [article_id]
        )
        or ""
    )


def _list(
    database: Database, sql: str, table: str, article_id: str, kind: type[Built]
) -> list[Built]:
    found = fetch_table_about(database, sql, table, "article_id", [article_id])
    return build_objects(found, kind, _TIMES)


def _list_view(
    database: Database, sql: str, table: str, article_id: str, kind: type[Built]
) -> list[Built]:
    """Return what joined tables say of an article, where the first of them has a row about it."""
    if not has_rows(database, table, "article_id", article_id):
        return []
    read = {**_TIMES, "published_precision": TimePrecision}
    return build_objects(database.fetch_table(sql, {"article_id": article_id}), kind, read)


def _find_story(catalog: Catalog, article_id: str) -> StoryOf | None:
    database = catalog._database
    held = fetch_about(database, _CLUSTER_OF, "story_cluster_articles", "article_id", [article_id])
    cluster_ids = [row[0] for row in held]
    clusters = fetch_about(database, _CLUSTER_TITLES, "story_clusters", "cluster_id", cluster_ids)
    tied = fetch_about(database, _THREAD_OF, "story_thread_clusters", "cluster_id", cluster_ids)
    threads = fetch_about(
        database, _THREAD_TITLES, "story_threads", "thread_id", [row[0] for row in tied]
    )
    rows = [(*cluster, *(threads[0] if threads else (None, None))) for cluster in clusters]
    if not rows:
        return None
    return StoryOf(
        cluster_id=rows[0][0],
        cluster_title=rows[0][1],
        thread_id=rows[0][2],
        thread_title=rows[0][3],
    )


_DERIVATION = "SELECT derivation, share, reason FROM store.article_derivation WHERE {rows}"
_SHARES = (
    "SELECT agency, share FROM store.article_agency_shares WHERE {rows} ORDER BY share DESC, agency"
)
_PLACES = (
    'SELECT passage_id, "begin", "end", relation FROM store.passage_places WHERE {rows}'
    ' ORDER BY "begin", "end" DESC, passage_id'
)
_DUPLICATES = "SELECT cluster_id, article_id FROM store.duplicate_cluster_articles WHERE {rows}"
_PASSAGES = (
    "SELECT passage_id, agency, confidence, evidence, evidence_article_id, reason,"
    " origin_article_id FROM store.passages WHERE {rows}"
)
_EVERYWHERE = "SELECT passage_id, article_id, relation FROM store.passage_places WHERE {rows}"
_CLUSTER_OF = "SELECT cluster_id FROM store.story_cluster_articles WHERE {rows}"
_CLUSTER_TITLES = "SELECT cluster_id, title FROM store.story_clusters WHERE {rows}"
_THREAD_OF = "SELECT thread_id FROM store.story_thread_clusters WHERE {rows}"
_THREAD_TITLES = "SELECT thread_id, title FROM store.story_threads WHERE {rows}"
_PARAGRAPHS = (
    'SELECT "position", passage_id, agency, relation, share, reason FROM store.paragraph_sources'
    ' WHERE {rows} ORDER BY "position", share DESC, passage_id, agency'
)
_OWN = 'SELECT "position", evidence FROM store.own_paragraphs WHERE {rows}'
_QUOTED_LEFT = (
    "SELECT left_begin, left_end, right_article_id FROM store.passage_verdicts"
    " WHERE {rows} AND relation = 'quotation'"
)
_QUOTED_RIGHT = (
    "SELECT right_begin, right_end, left_article_id FROM store.passage_verdicts"
    " WHERE {rows} AND relation = 'quotation'"
)
_VERSIONS = (
    "SELECT v.article_id, v.version, a.superseded_by IS NULL AS is_current, a.headline,"
    " a.published_at, a.published_precision, a.updated_at, a.read_at, v.changed"
    " FROM store.article_versions v"
    " JOIN store.articles a USING (article_id) WHERE v.series_id IN (SELECT series_id"
    "  FROM store.article_versions WHERE article_id = $article_id) ORDER BY v.version"
)
_NOTICES = (
    "SELECT kind, agency, words, old_article_id, reason FROM agency_notices"
    " WHERE article_id = $article_id ORDER BY kind, words"
)
_OUTDATED = (
    'SELECT agency, kind, "begin", "end", old_words, new_words, new_article_id, notice_words,'
    ' reason FROM store.outdated_copies WHERE {rows} ORDER BY "begin", kind'
)
