"""A story thread or cluster as its page shows it, in a handful of statements."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    PassageId,
    StoryEventKind,
    ThreadId,
    TimePrecision,
)
from wirethread.storage.answers.page.facts import (
    ArticleFacts,
    load_article_facts,
    load_words,
)
from wirethread.storage.answers.page.front import AgencyPart
from wirethread.storage.answers.queries import complete_story_id
from wirethread.storage.answers.records import (
    ClusterSummary,
    EventRecord,
    PassageSummary,
)
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc, list_records, quote_all

__all__ = ["CopyArc", "StoryArticle", "StoryMark", "StoryPage", "load_story_page"]

PASSAGES_SHOWN = 12
ARCS_SHOWN = 400


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
    fetch = catalog._database.fetch_rows
    story_id = key
    thread = fetch(_THREAD, [story_id])
    cluster_ids = [story_id]
    if not thread and not fetch(_IS_CLUSTER, [story_id]):
        story_id = catalog.stories.resolve_story_id(complete_story_id(catalog, key))
        cluster_ids = [story_id]
        thread = fetch(_THREAD, [story_id])
    if thread:
        cluster_ids = [row[0] for row in fetch(_CLUSTERS_OF_THREAD, [story_id])]
    clusters, sources = _load_clusters(catalog, cluster_ids)
    held = {one: cluster for cluster, one in _load_members(catalog, cluster_ids)}
    facts = load_article_facts(catalog, held)
    articles = _load_articles(catalog, held, facts, sources)
    arcs, passages = _load_copy(catalog, facts)
    groups = {row[1] for row in sources.values()}
    title, state, first, last, names, numbers = (
        thread[0]
        if thread
        else (clusters[0].title, None, clusters[0].first_seen_at, clusters[0].last_seen_at, [], [])
    )
    return StoryPage(
        story_id=story_id,
        title=title,
        is_thread=bool(thread),
        state=state,
        thread_id=ThreadId(story_id) if thread else clusters[0].thread_id,
        n_independent_sources=len(groups)
        if thread and sources
        else clusters[0].n_independent_sources
        if clusters
        else None,
        names=names,
        numbers=numbers,
        first_seen_at=as_utc(first) if thread else first,
        last_seen_at=as_utc(last) if thread else last,
        clusters=clusters,
        articles=articles,
        arcs=arcs,
        marks=[
            StoryMark(article_id=row[0], kind=row[1], agency=row[2], words=row[3])
            for row in fetch(f"{_MARKS} ({quote_all(held) or _NONE}) ORDER BY article_id, kind")
        ],
        passages=passages,
        events=_load_events(catalog, [story_id, *cluster_ids]),
    )


def _load_clusters(
    catalog: Catalog, cluster_ids: Sequence[str]
) -> tuple[list[ClusterSummary], dict[tuple[str, str], tuple[bool, str, str]]]:
    """Return clusters by time, and (counted, group, reason) by (cluster, article)."""
    ids = quote_all(cluster_ids) or _NONE
    fetch = catalog._database.fetch_rows
    sources = {
        (row[0], row[1]): (row[2], row[3], row[4])
        for row in fetch(
            "SELECT cluster_id, article_id, counted, source_group, reason FROM store.story_sources"
            f" WHERE cluster_id IN ({ids})"
        )
    }
    threads = dict(
        fetch(
            "SELECT cluster_id, thread_id FROM store.story_thread_clusters"
            f" WHERE cluster_id IN ({ids})"
        )
    )
    counts: Counter[str] = Counter()
    for (cluster_id, _), (counted, _, _) in sources.items():
        counts[cluster_id] += counted
    known = {cluster_id for cluster_id, _ in sources}
    rows = fetch(
        "SELECT cluster_id, title, first_seen_at, last_seen_at, n_articles, n_outlets"
        f" FROM store.story_clusters WHERE cluster_id IN ({ids})"
        " ORDER BY first_seen_at NULLS LAST, cluster_id"
    )
    return [
        ClusterSummary(
            cluster_id=row[0],
            title=row[1],
            first_seen_at=as_utc(row[2]),
            last_seen_at=as_utc(row[3]),
            n_articles=row[4],
            n_outlets=row[5],
            n_independent_sources=counts[row[0]] if row[0] in known else None,
            thread_id=threads.get(row[0]),
        )
        for row in rows
    ], sources


def _load_members(catalog: Catalog, cluster_ids: Sequence[str]) -> list[tuple[str, str]]:
    rows = catalog._database.fetch_rows(
        "SELECT cluster_id, article_id FROM store.story_cluster_articles"
        f" WHERE cluster_id IN ({quote_all(cluster_ids) or _NONE})"
    )
    return [(row[0], row[1]) for row in rows]


def _load_articles(
    catalog: Catalog,
    held: Mapping[str, str],
    facts: Mapping[str, ArticleFacts],
    sources: Mapping[tuple[str, str], tuple[bool, str, str]],
) -> list[StoryArticle]:
    """Return the articles in the order of time, undated ones last."""
    ids = quote_all(held) or _NONE
    fetch = catalog._database.fetch_rows
    derived = {
        row[0]: row[1:]
        for row in fetch(
            "SELECT article_id, derivation, share FROM store.article_derivation"
            f" WHERE article_id IN ({ids})"
        )
    }
    shares: dict[str, list[AgencyPart]] = {}
    for article_id, agency, share in fetch(
        "SELECT article_id, agency, share FROM store.article_agency_shares"
        f" WHERE article_id IN ({ids}) ORDER BY share DESC, agency"
    ):
        shares.setdefault(article_id, []).append(AgencyPart(agency=agency, share=share))
    own = dict(
        fetch(
            "SELECT article_id, min(agency) FROM store.wire_credits WHERE rule = 'outlet'"
            f" AND article_id IN ({ids}) GROUP BY article_id"
        )
    )
    stale = {
        row[0]
        for row in fetch(
            f"SELECT DISTINCT article_id FROM store.outdated_copies WHERE article_id IN ({ids})"
        )
    }
    newest = catalog._database.fetch_value("SELECT max(run_id) FROM store.articles")
    articles = []
    for fact in sorted(
        facts.values(), key=lambda one: (*one.order[:2], one.outlet, one.article_id)
    ):
        cluster_id = held[fact.article_id]
        derivation, share = derived.get(fact.article_id, (None, None))
        counted, group, reason = sources.get((cluster_id, fact.article_id), (None, None, None))
        articles.append(
            StoryArticle(
                article_id=fact.article_id,
                cluster_id=ClusterId(cluster_id),
                outlet=fact.outlet,
                headline=fact.headline,
                published_at=fact.published_at,
                published_precision=fact.published_precision,
                derivation=derivation,
                wire_share=share,
                agencies=shares.get(fact.article_id, []),
                own_agency=own.get(fact.article_id),
                counted=counted,
                source_group=group,
                reason=reason,
                is_new=fact.run_id == newest,
                is_outdated=fact.article_id in stale,
            )
        )
    return articles


def _load_copy(
    catalog: Catalog, facts: Mapping[str, ArticleFacts]
) -> tuple[list[CopyArc], list[PassageSummary]]:
    """Return the ways of copy inside the story, and the passages that went furthest in it."""
    ids = quote_all(facts) or _NONE
    mine = (
        'SELECT passage_id, article_id, "begin", "end", "end" - "begin" AS length'
        f" FROM store.passage_places WHERE article_id IN ({ids})"
    )
    arcs = catalog._database.fetch_rows(
        f"WITH mine AS ({mine}) SELECT p.origin_article_id, m.article_id, p.agency, count(*),"
        " sum(m.length) AS n_characters FROM mine m JOIN store.passages p USING (passage_id)"
        f" WHERE p.origin_article_id IN ({ids}) AND p.origin_article_id <> m.article_id"
        f" GROUP BY 1, 2, 3 ORDER BY n_characters DESC, 1, 2, 3 LIMIT {ARCS_SHOWN}"
    )
    widest = catalog._database.fetch_rows(
        f"WITH mine AS ({mine}), wide AS (SELECT passage_id, count(*) AS n_places,"
        "  list(DISTINCT article_id ORDER BY article_id) AS article_ids, max(length) AS length,"
        "  max_by({'article_id': article_id, 'begin': \"begin\", 'end': \"end\"},"
        "   {'length': length, 'article_id': article_id}) AS longest FROM mine"
        "  GROUP BY passage_id HAVING count(DISTINCT article_id) > 1"
        f"  ORDER BY n_places DESC, length DESC, passage_id LIMIT {PASSAGES_SHOWN})"
        " SELECT w.passage_id, p.agency, p.origin_article_id, p.confidence, p.evidence,"
        " p.evidence_article_id, p.reason, w.n_places, w.article_ids, w.longest"
        " FROM wide w JOIN store.passages p USING (passage_id)"
        " ORDER BY w.n_places DESC, w.length DESC, w.passage_id"
    )
    return [
        CopyArc(
            origin_id=ArticleId(origin),
            article_id=ArticleId(article_id),
            agency=agency,
            n_passages=n_passages,
            n_characters=int(n_characters),
        )
        for origin, article_id, agency, n_passages, n_characters in arcs
    ], _describe_widest(catalog, facts, widest)


def _describe_widest(
    catalog: Catalog, facts: Mapping[str, ArticleFacts], rows: Sequence[tuple[Any, ...]]
) -> list[PassageSummary]:
    spans = [(row[9]["article_id"], row[9]["begin"], row[9]["end"]) for row in rows]
    texts = load_words(catalog, spans)
    far = {row[2] for row in rows if row[2] is not None} - facts.keys()
    origins = {**facts, **load_article_facts(catalog, far)}
    return [
        PassageSummary(
            passage_id=PassageId(row[0]),
            agency=row[1],
            origin_article_id=row[2],
            origin_outlet=origins[row[2]].outlet if row[2] in origins else None,
            confidence=row[3],
            evidence=row[4],
            evidence_article_id=row[5],
            reason=row[6],
            n_places=row[7],
            n_outlets=len({facts[one].outlet for one in row[8]}),
            article_ids=[ArticleId(one) for one in row[8]],
            text=texts.get(span, ""),
        )
        for row, span in zip(rows, spans, strict=True)
    ]


def _load_events(catalog: Catalog, ids: Sequence[str]) -> list[EventRecord]:
    listed = quote_all(ids)
    table = catalog._database.fetch_table(
        "SELECT kind, subject_id, other_id, reason, recorded_at, run_id FROM store.story_events"
        f" WHERE subject_id IN ({listed}) OR other_id IN ({listed}) ORDER BY event"
    )
    converters: dict[str, Callable[[Any], Any]] = {"recorded_at": as_utc, "kind": StoryEventKind}
    return list_records(table, EventRecord, converters)


_NONE = "''"
_THREAD = (
    "SELECT title, state, first_seen_at, last_seen_at, names, numbers FROM store.story_threads"
    " WHERE thread_id = ?"
)
_IS_CLUSTER = "SELECT 1 FROM store.story_clusters WHERE cluster_id = ?"
_CLUSTERS_OF_THREAD = "SELECT cluster_id FROM store.story_thread_clusters WHERE thread_id = ?"
_MARKS = "SELECT article_id, kind, agency, words FROM store.agency_notices WHERE article_id IN"
