"""What the catalog answers with: objects for people and programs, never changed once made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    Derivation,
    Paragraph,
    ParagraphId,
    ParagraphState,
    ParsedArticle,
    PassageId,
    Relation,
    StoryEventKind,
    TextHash,
    ThreadId,
    ThreadState,
    TimePrecision,
)

__all__ = [
    "ArticleDetail",
    "ArticleSummary",
    "ArticleVersion",
    "ClusterArticle",
    "ClusterDetail",
    "ClusterSummary",
    "EventRecord",
    "MatchedPlace",
    "ParagraphDetail",
    "ParagraphSource",
    "PassageFilter",
    "PassageHit",
    "PassageSummary",
    "StoryFilter",
    "ThreadDetail",
    "ThreadSummary",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageFilter:
    """Which paragraphs a search looks at; None leaves a side open."""

    since: datetime | None = None
    """Published at this time or later; articles without a time are left out. Aware."""
    until: datetime | None = None
    """Published before this time. Aware."""
    outlet: str | None = None
    """Outlet, in any case."""
    agency: str | None = None
    """Agency that the article credits with text, or that supplied the paragraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFilter:
    """Which story threads or clusters are asked for; None leaves a side open. Times are aware."""

    since: datetime | None = None
    """Seen at this time or later."""
    until: datetime | None = None
    """First seen before this time."""
    outlet: str | None = None
    """With an article of this outlet, in any case."""
    agency: str | None = None
    """With an article that credits this agency with text, or holds words of it."""
    state: ThreadState | None = None
    """Of threads alone: clusters have none."""
    min_articles: int = 1
    min_newsrooms: int = 0
    """With at least so many independent newsrooms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSummary:
    """An article in a list."""

    article_id: ArticleId
    outlet: str
    headline: str
    url: str | None
    published_at: datetime | None
    published_precision: TimePrecision
    derivation: Derivation | None
    """None before it was decided."""
    wire_share: float | None
    """Share of the body that was traced to agencies."""
    agencies: Sequence[str]
    """Agencies that supplied text, by their share of the body."""
    credited_agencies: Sequence[str] = ()
    """Agencies that it credits with text, by name; traced or not."""
    copied_share: float | None = None
    """Share of the body that ran elsewhere before, an agency's or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphSource:
    """Whose words a paragraph carries, and how we know."""

    passage_id: PassageId | None
    agency: str | None
    relation: Relation | None
    share: float
    reason: str
    origin_article_id: ArticleId | None
    origin_outlet: str | None
    origin_headline: str | None
    confidence: float | None
    evidence: str | None
    evidence_article_id: ArticleId | None
    state: ParagraphState = ParagraphState.COPIED


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedPlace:
    """The same copy in another article: `begin` and `end` here, `other_*` there."""

    begin: int
    end: int
    article_id: ArticleId
    outlet: str
    headline: str
    published_at: datetime | None
    other_begin: int
    other_end: int
    other_text: str
    relation: Relation
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphDetail:
    """A paragraph with its sources and every other place of its words."""

    paragraph: Paragraph
    sources: Sequence[ParagraphSource]
    matches: Sequence[MatchedPlace]
    state: ParagraphState | None = None
    """What is known of whose words it carries; None of what is no body, and before it was told."""
    own_evidence: str | None = None
    """Words of it that show it to be the outlet's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSummary:
    """A story cluster in a list."""

    cluster_id: ClusterId
    title: str
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    n_articles: int
    n_outlets: int
    n_independent_sources: int | None
    thread_id: ThreadId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadSummary:
    """A story thread in a list."""

    thread_id: ThreadId
    title: str
    state: ThreadState
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    names: Sequence[str]
    numbers: Sequence[str]
    n_clusters: int
    n_articles: int
    n_outlets: int
    n_independent_sources: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterArticle:
    """An article of a story cluster, and whether it counts as an independent source."""

    article: ArticleSummary
    counted: bool | None
    """None before sources were counted."""
    source_group: str | None
    reason: str | None
    duplicate_cluster_id: ClusterId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageSummary:
    """One piece of copy and how far it went."""

    passage_id: PassageId
    agency: str | None
    origin_article_id: ArticleId | None
    origin_outlet: str | None
    confidence: float
    evidence: str | None
    evidence_article_id: ArticleId | None
    reason: str
    n_places: int
    n_outlets: int
    article_ids: Sequence[ArticleId]
    text: str
    """Its longest place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """Something that happened to a story cluster or thread."""

    kind: StoryEventKind
    subject_id: str
    other_id: str | None
    reason: str
    recorded_at: datetime
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterDetail:
    """Everything about one story cluster."""

    summary: ClusterSummary
    articles: Sequence[ClusterArticle]
    """By time of publication."""
    passages: Sequence[PassageSummary]
    """Copy that ran in two or more articles of the cluster, the widest spread first."""
    events: Sequence[EventRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadDetail:
    """Everything about one story thread."""

    summary: ThreadSummary
    clusters: Sequence[ClusterSummary]
    """In the order of time."""
    events: Sequence[EventRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleVersion:
    """One text that was read of an article."""

    article_id: ArticleId
    version: int
    is_current: bool
    headline: str
    published_at: datetime | None
    published_precision: TimePrecision
    """How exactly that is known: second, day or unknown."""
    updated_at: datetime | None
    read_at: datetime
    changed: str | None
    """What it changed, in words; None for the first version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDetail:
    """Everything about one article."""

    summary: ArticleSummary
    parsed: ParsedArticle
    derivation_reason: str | None
    agency_shares: Mapping[str, float]
    """Share of the body by agency, the largest first."""
    duplicates: Sequence[ArticleSummary]
    """Other articles that are the same text."""
    duplicate_origin_id: ArticleId | None
    cluster: ClusterSummary | None
    paragraphs: Sequence[ParagraphDetail]
    versions: Sequence[ArticleVersion] = ()
    """Every text of the article, the first version first; one where it never changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageHit:
    """A paragraph that a search found."""

    score: float
    """Cosine for a search by meaning, BM25 for one by words."""
    paragraph_id: ParagraphId
    article_id: ArticleId
    position: int
    text: str
    text_hash: TextHash
    outlet: str
    headline: str
    url: str | None
    published_at: datetime | None
    published_precision: TimePrecision
    """How exactly that is known: second, day or unknown."""
    agencies: Sequence[str]
    """Agencies that supplied this paragraph."""
    passage_id: PassageId | None = None
    """Passage of copy that it carries, None for words of its own."""
    opening_hash: TextHash | None = None
    """Text hash of headline and first words of its article."""
