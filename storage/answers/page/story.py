"""A story thread or cluster as its page shows it, in a handful of statements."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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
    find_newest_run,
    load_article_facts,
    load_words,
)
from wirethread.storage.answers.page.front import AgencyPart
from wirethread.storage.answers.queries import complete_story_id
from wirethread.storage.answers.types import (
    ClusterSummary,
    EventRecord,
    PassageSummary,
)
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_utc
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.directory import fetch_about, has_rows

__all__ = ["CopyArc", "StoryMark", "StoryPage", "StoryRow", "load_story_page"]

_ARCS_SHOWN = 400
_WIDEST_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
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


_Place = tuple[int, str, int, int]
"""Where a passage stands in the story: length, article, begin, end. There may be thousands."""


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
    articles: Sequence[StoryRow]
    arcs: Sequence[CopyArc]
    marks: Sequence[StoryMark]
    passages: Sequence[PassageSummary]
    events: Sequence[EventRecord]


def load_story_page(catalog: Catalog, key: str) -> StoryPage:
    """Return all about the story cluster or thread that `key` names (see `get_story`)."""
    database = catalog._database
    story_id = key
    thread = _find_thread(database, story_id)
    if not thread and not has_rows(database, "story_clusters", "cluster_id", story_id):
        story_id = catalog.stories.resolve_story_id(complete_story_id(catalog, key))
        thread = _find_thread(database, story_id)
    cluster_ids = [story_id]
    if thread:
        rows = fetch_about(
            database, _CLUSTERS_OF_THREAD, "story_thread_clusters", "thread_id", [story_id]
        )
        cluster_ids = [row[0] for row in rows]
    clusters, sources = _load_clusters(catalog, cluster_ids)
    members: Iterable[tuple[str, str]] = sources
    if len(sources) != sum(
        cluster.n_articles for cluster in clusters
    ):  # not all of them are counted yet
        members = _load_members(catalog, cluster_ids)
    held = {article_id: cluster_id for cluster_id, article_id in members}
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
            for row in fetch_about(database, _MARKS, "agency_notices", "article_id", held)
        ],
        passages=passages,
        events=_load_events(catalog, [story_id, *cluster_ids]),
    )


def _load_clusters(
    catalog: Catalog, cluster_ids: Sequence[str]
) -> tuple[list[ClusterSummary], dict[tuple[str, str], tuple[bool, str, str]]]:
    """Return clusters by time, and (counted, group, reason) by (cluster, article)."""

    def about(sql: str, table: str) -> list[tuple[Any, ...]]:
        return fetch_about(catalog._database, sql, table, "cluster_id", cluster_ids)

    sources = {
        (row[0], row[1]): (row[2], row[3], row[4]) for row in about(_SOURCES, "story_sources")
    }
    threads = dict(about(_THREADS_OF, "story_thread_clusters"))
    counts: Counter[str] = Counter()
    for (cluster_id, _), (counted, _, _) in sources.items():
        counts[cluster_id] += counted
    known = {cluster_id for cluster_id, _ in sources}
    rows = about(_CLUSTERS, "story_clusters")
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
    rows = fetch_about(
        catalog._database, _MEMBERS, "story_cluster_articles", "cluster_id", cluster_ids
    )
    return [(row[0], row[1]) for row in rows]


def _load_articles(
    catalog: Catalog,
    held: Mapping[str, str],
    facts: Mapping[str, ArticleFacts],
    sources: Mapping[tuple[str, str], tuple[bool, str, str]],
) -> list[StoryRow]:
    """Return the articles in the order of time, undated ones last."""

    def about(sql: str, table: str) -> list[tuple[Any, ...]]:
        return fetch_about(catalog._database, sql, table, "article_id", held)

    derived = {row[0]: row[1:] for row in about(_DERIVED, "article_derivation")}
    shares: dict[str, list[AgencyPart]] = {}
    for article_id, agency, share in about(_SHARES, "article_agency_shares"):
        shares.setdefault(article_id, []).append(AgencyPart(agency=agency, share=share))
    own = dict(about(_OWN, "wire_credits"))
    stale = {row[0] for row in about(_STALE, "outdated_copies")}
    newest = find_newest_run(catalog._database)
    articles = []
    for fact in sorted(
        facts.values(), key=lambda one: (*one.order[:2], one.outlet, one.article_id)
    ):
        cluster_id = held[fact.article_id]
        derivation, share = derived.get(fact.article_id, (None, None))
        counted, group, reason = sources.get((cluster_id, fact.article_id), (None, None, None))
        articles.append(
            StoryRow(
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
    """Return the ways of copy inside the story, and the passages that went furthest in it.

    The places of a crowd are very many, and lie among those of others: they are read once.
    """
    held: dict[str, list[_Place]] = {}
    for row in fetch_about(catalog._database, _PLACES, "passage_places", "article_id", facts):
        held.setdefault(row[0], []).append(row[1:])
    passages = {
        row[0]: row[1:]
        for row in fetch_about(catalog._database, _PASSAGES, "passages", "passage_id", held)
    }
    arcs = _list_arcs(held, passages, facts)
    wide = [
        (-len(places), -max(places)[0], passage_id)
        for passage_id, places in held.items()
        if any(place[1] != places[0][1] for place in places)
    ]
    widest = {passage_id: held[passage_id] for *_, passage_id in sorted(wide)[:_WIDEST_SHOWN]}
    return arcs, _describe_widest(catalog, facts, widest, passages)


def _list_arcs(
    held: Mapping[str, Sequence[_Place]],
    passages: Mapping[str, tuple[Any, ...]],
    facts: Mapping[str, ArticleFacts],
) -> list[CopyArc]:
    """Return the ways from the origins of passages to their places, where both are inside."""
    ways: dict[tuple[str, str, str | None], list[int]] = {}
    for passage_id, places in held.items():
        agency, origin, *_ = passages.get(passage_id, (None, None))
        if origin not in facts:
            continue
        for length, article_id, *_ in places:
            if article_id != origin:
                counted = ways.setdefault((origin, article_id, agency), [0, 0])
                counted[0] += 1
                counted[1] += length
    arcs = [
        CopyArc(
            origin_id=ArticleId(origin),
            article_id=ArticleId(article_id),
            agency=agency,
            n_passages=n_passages,
            n_characters=n_characters,
        )
        for (origin, article_id, agency), (n_passages, n_characters) in ways.items()
    ]
    arcs.sort(
        key=lambda one: (
            -one.n_characters,
            one.origin_id,
            one.article_id,
            one.agency is None,
            one.agency or "",
        )
    )
    return arcs[:_ARCS_SHOWN]


def _describe_widest(
    catalog: Catalog,
    facts: Mapping[str, ArticleFacts],
    widest: Mapping[str, Sequence[_Place]],
    passages: Mapping[str, tuple[Any, ...]],
) -> list[PassageSummary]:
    """Return passages, given with their places, with the words of the longest of these."""
    spans = {passage_id: max(places)[1:] for passage_id, places in widest.items()}
    texts = load_words(catalog, spans.values())
    known = (passages[passage_id] for passage_id in widest if passage_id in passages)
    far = {row[1] for row in known if row[1] is not None} - facts.keys()
    origins = {**facts, **load_article_facts(catalog, far)}
    found = []
    for passage_id, places in widest.items():
        if passage_id not in passages:
            continue
        article_ids = sorted({place[1] for place in places})
        agency, origin, confidence, evidence, evidence_id, reason = passages[passage_id]
        found.append(
            PassageSummary(
                passage_id=PassageId(passage_id),
                agency=agency,
                origin_article_id=origin,
                origin_outlet=origins[origin].outlet if origin in origins else None,
                confidence=confidence,
                evidence=evidence,
                evidence_article_id=evidence_id,
                reason=reason,
                n_places=len(places),
                n_outlets=len({facts[one].outlet for one in article_ids}),
                article_ids=[ArticleId(one) for one in article_ids],
                text=texts.get(spans[passage_id], ""),
            )
        )
    return found


def _find_thread(database: Database, thread_id: str) -> list[tuple[Any, ...]]:
    return fetch_about(database, _THREAD, "story_threads", "thread_id", [thread_id])


def _load_events(catalog: Catalog, ids: Sequence[str]) -> list[EventRecord]:
    database = catalog._database
    events = {
        row[0]: row[1:]
        for column in ("subject_id", "other_id")
        for row in fetch_about(database, _EVENTS, "story_events", column, ids)
    }
    return [
        EventRecord(
            kind=StoryEventKind(kind),
            subject_id=subject_id,
            other_id=other_id,
            reason=reason,
            recorded_at=recorded_at.replace(tzinfo=UTC),
            run_id=run_id,
        )
        for _, (kind, subject_id, other_id, reason, recorded_at, run_id) in sorted(events.items())
    ]


_THREAD = (
    "SELECT title, state, first_seen_at, last_seen_at, names, numbers FROM store.story_threads"
    " WHERE {rows}"
)
_CLUSTERS_OF_THREAD = "SELECT cluster_id FROM store.story_thread_clusters WHERE {rows}"
_THREADS_OF = "SELECT cluster_id, thread_id FROM store.story_thread_clusters WHERE {rows}"
_SOURCES = (
    "SELECT cluster_id, article_id, counted, source_group, reason FROM store.story_sources"
    " WHERE {rows}"
)
_CLUSTERS = (
    "SELECT cluster_id, title, first_seen_at, last_seen_at, n_articles, n_outlets"
    " FROM store.story_clusters WHERE {rows} ORDER BY first_seen_at NULLS LAST, cluster_id"
)
_MEMBERS = "SELECT cluster_id, article_id FROM store.story_cluster_articles WHERE {rows}"
_DERIVED = "SELECT article_id, derivation, share FROM store.article_derivation WHERE {rows}"
_SHARES = (
    "SELECT article_id, agency, share FROM store.article_agency_shares WHERE {rows}"
    " ORDER BY share DESC, agency"
)
_OWN = (
    "SELECT article_id, min(agency) FROM store.wire_credits WHERE {rows} AND rule = 'outlet'"
    " GROUP BY article_id"
)
_STALE = "SELECT DISTINCT article_id FROM store.outdated_copies WHERE {rows}"
_PLACES = (
    'SELECT passage_id, "end" - "begin", article_id, "begin", "end" FROM store.passage_places'
    " WHERE {rows}"
)
_PASSAGES = (
    "SELECT passage_id, agency, origin_article_id, confidence, evidence, evidence_article_id,"
    " reason FROM store.passages WHERE {rows}"
)
_EVENTS = (
    "SELECT event, kind, subject_id, other_id, reason, recorded_at, run_id"
    " FROM store.story_events WHERE {rows}"
)
_MARKS = (
    "SELECT article_id, kind, agency, words FROM store.agency_notices WHERE {rows}"
    " ORDER BY article_id, kind"
)
