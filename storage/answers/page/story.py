"""A story thread or cluster as its page shows it, in a handful of statements."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    StoryEventKind,
    ThreadId,
    TimePrecision,
)
from wirethread.storage.answers.page.front import AgencyPart
from wirethread.storage.answers.queries import get_story
from wirethread.storage.answers.records import (
    ClusterDetail,
    ClusterSummary,
    EventRecord,
    PassageSummary,
    ThreadSummary,
)
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, ids_table, list_records

__all__ = ["CopyArc", "StoryArticle", "StoryMark", "StoryPage", "load_story_page"]

PASSAGES_SHOWN = 12
ARCS_SHOWN = 400
_TIMES: dict[str, Callable[[Any], Any]] = {
    "first_seen_at": as_utc,
    "last_seen_at": as_utc,
    "published_at": as_utc,
    "recorded_at": as_utc,
    "published_precision": TimePrecision,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryArticle:
    """An article of a story, whose words it carries, and whether it counts as a newsroom."""

    article_id: ArticleId
    cluster_id: ClusterId
    outlet: str
    headline: str
    published_at: datetime | None
    published_precision: TimePrecision
    derivation: str | None
    wire_share: float | None
    agencies: Sequence[AgencyPart]
    own_agency: str | None
    """The agency whose own outlet it is."""
    counted: bool | None
    source_group: str | None
    reason: str | None
    is_new: bool
    """Whether the newest run with articles brought it."""
    is_outdated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyArc:
    """Copy that went from its origin to a place inside the story."""

    origin_id: ArticleId
    article_id: ArticleId
    agency: str | None
    n_passages: int
    n_characters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMark:
    """A notice in an article of the story: a correction, a kill, an update."""

    article_id: ArticleId
    kind: str
    agency: str | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPage:
    """Everything that the page of a story shows."""

    story_id: str
    title: str
    is_thread: bool
    state: str | None
    thread_id: ThreadId | None
    """The thread that a cluster belongs to; of a thread its own id."""
    n_independent_sources: int | None
    names: Sequence[str]
    numbers: Sequence[str]
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    clusters: Sequence[ClusterSummary]
    articles: Sequence[StoryArticle]
    arcs: Sequence[CopyArc]
    marks: Sequence[StoryMark]
    passages: Sequence[PassageSummary]
    events: Sequence[EventRecord]


def load_story_page(catalog: Catalog, key: str) -> StoryPage:
    """Return all about the story cluster or thread that `key` names (see `get_story`)."""
    found = get_story(catalog, key)
    summary: ThreadSummary | ClusterSummary = found.summary
    if isinstance(summary, ClusterSummary):
        clusters: Sequence[ClusterSummary] = [summary]
        story_id, thread_id, state = str(summary.cluster_id), summary.thread_id, None
        names: Sequence[str] = []
        numbers: Sequence[str] = []
    else:
        clusters = [] if isinstance(found, ClusterDetail) else found.clusters
        story_id, thread_id, state = str(summary.thread_id), summary.thread_id, summary.state.value
        names, numbers = summary.names, summary.numbers
    with catalog.database.registered(
        asked=ids_table([story_id, *(one.cluster_id for one in clusters)])
    ):
        articles = _list(catalog, _ARTICLES, StoryArticle, {"agencies": _to_parts})
        events = _list(catalog, _EVENTS, EventRecord, {"kind": StoryEventKind})
    with catalog.database.registered(asked=ids_table(one.article_id for one in articles)):
        arcs = _list(catalog, _ARCS, CopyArc)
        marks = _list(catalog, _MARKS, StoryMark)
        passages = _list(catalog, _PASSAGES, PassageSummary)
    return StoryPage(
        story_id=story_id,
        title=summary.title,
        is_thread=state is not None,
        state=state,
        thread_id=thread_id,
        n_independent_sources=summary.n_independent_sources,
        names=names,
        numbers=numbers,
        first_seen_at=summary.first_seen_at,
        last_seen_at=summary.last_seen_at,
        clusters=clusters,
        articles=articles,
        arcs=arcs,
        marks=marks,
        passages=passages,
        events=events,
    )


def _list(
    catalog: Catalog,
    sql: str,
    kind: type[Any],
    converters: dict[str, Callable[[Any], Any]] | None = None,
) -> list[Any]:
    return list_records(catalog.database.fetch_table(sql), kind, {**_TIMES, **(converters or {})})


def _to_parts(parts: Sequence[dict[str, Any]]) -> list[AgencyPart]:
    return [AgencyPart(agency=one["agency"], share=one["share"]) for one in parts]


_ARTICLES = (
    "WITH held AS (SELECT cluster_id, article_id FROM store.story_cluster_articles"
    "  WHERE cluster_id IN (SELECT id FROM asked)),"
    " shares AS (SELECT article_id, list({'agency': agency, 'share': share}"
    "   ORDER BY share DESC, agency) AS agencies FROM store.article_agency_shares"
    "  WHERE article_id IN (SELECT article_id FROM held) GROUP BY article_id),"
    " own AS (SELECT article_id, min(agency) AS own_agency FROM store.wire_credits"
    "  WHERE rule = 'outlet' AND article_id IN (SELECT article_id FROM held)"
    "  GROUP BY article_id),"
    " counted AS (SELECT cluster_id, article_id, counted, source_group, reason"
    "  FROM store.story_sources WHERE cluster_id IN (SELECT id FROM asked))"
    " SELECT a.article_id, h.cluster_id, a.outlet, a.headline, a.published_at,"
    " a.published_precision, d.derivation, d.share AS wire_share,"
    " coalesce(s.agencies, []) AS agencies, o.own_agency, c.counted, c.source_group, c.reason,"
    " a.run_id = (SELECT max(run_id) FROM store.articles) AS is_new,"
    " a.article_id IN (SELECT article_id FROM store.outdated_copies) AS is_outdated"
    " FROM held h JOIN store.articles a USING (article_id)"
    " LEFT JOIN store.article_derivation d USING (article_id)"
    " LEFT JOIN shares s USING (article_id) LEFT JOIN own o USING (article_id)"
    " LEFT JOIN counted c ON c.cluster_id = h.cluster_id AND c.article_id = h.article_id"
    " ORDER BY a.published_at NULLS LAST, a.outlet, a.article_id"
)
_EVENTS = (
    "SELECT kind, subject_id, other_id, reason, recorded_at, run_id FROM store.story_events"
    " WHERE subject_id IN (SELECT id FROM asked) OR other_id IN (SELECT id FROM asked)"
    " ORDER BY event"
)
_ARCS = (
    "SELECT p.origin_article_id AS origin_id, l.article_id, p.agency, count(*) AS n_passages,"
    ' sum(l."end" - l."begin")::BIGINT AS n_characters FROM store.passage_places l'
    " JOIN store.passages p USING (passage_id) WHERE l.article_id IN (SELECT id FROM asked)"
    " AND p.origin_article_id IN (SELECT id FROM asked) AND p.origin_article_id <> l.article_id"
    " GROUP BY ALL ORDER BY n_characters DESC, origin_id, l.article_id"
    f" LIMIT {ARCS_SHOWN}"
)
_MARKS = (
    "SELECT article_id, kind, agency, words FROM store.agency_notices"
    " WHERE article_id IN (SELECT id FROM asked) ORDER BY article_id, kind"
)
_PASSAGES = (
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
    " s.article_ids, s.text FROM spread s JOIN store.passages p USING (passage_id)"
    " LEFT JOIN store.articles o ON o.article_id = p.origin_article_id"
    " WHERE len(s.article_ids) > 1"
    " ORDER BY s.n_places DESC, length(s.text) DESC, p.passage_id"
    f" LIMIT {PASSAGES_SHOWN}"
)
