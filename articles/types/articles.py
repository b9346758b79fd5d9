"""The words of the trade as types. Every id is derived from content, none is random.

Offsets are half-open and count characters of `Article.text` (Python `str` indices).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

UNKNOWN_OUTLET = "unknown"
"""The outlet of an article whose source names none; two such need not share a publisher."""

ArticleId = NewType("ArticleId", str)
ParagraphId = NewType("ParagraphId", str)
PassageId = NewType("PassageId", str)
ClusterId = NewType("ClusterId", str)
ThreadId = NewType("ThreadId", str)
TextHash = NewType("TextHash", int)
"""Signed 64-bit xxh3 of a normalised text: the key of its vector."""


class ParagraphKind(StrEnum):
    """What a paragraph is for; only `BODY` is compared for copy."""

    BODY = "body"
    HEADING = "heading"
    CAPTION = "caption"
    CREDIT = "credit"
    FURNITURE = "furniture"


UNNAMED_AGENCY = ""
"""The agency of a credit that names none: "based in part on wire service reports"."""


class CreditRole(StrEnum):
    """What an agency, or another publisher, supplied."""

    SOURCE = "source"
    CONTRIBUTOR = "contributor"
    PHOTO = "photo"
    HANDOUT = "handout"
    SYNDICATED = "syndicated"
    """The text is another publisher's, run by agreement ("originally published by ...")."""


class Relation(StrEnum):
    """How two matched passages relate, from exact copy to rewording.

    A `QUOTATION` is somebody's words that both carry: shared, but no evidence of copying.
    """

    VERBATIM = "verbatim"
    EDITED = "edited"
    PARAPHRASE = "paraphrase"
    QUOTATION = "quotation"


class TimePrecision(StrEnum):
    """How exactly a publication time is known. A mere day never decides who was first."""

    SECOND = "second"
    DAY = "day"
    UNKNOWN = "unknown"


class Mark(StrEnum):
    """What could not be taken of an article as its source states it; kept beside its notes."""

    DATE_UNREAD = "mark:date_unread"
    """The words of a date that cannot be read."""
    DATE_AHEAD = "mark:date_ahead"
    """A date that lies ahead, in UTC: the article gets it when the day has come."""
    HEADLINE_MADE = "mark:headline_made"
    """Where a headline was taken from that its source lacks."""
    ADDRESS_SHARED = "mark:address_shared"
    """Why its address says nothing about which article it is."""
    CUT_OFF = "mark:cut_off"
    """The sign that its text breaks off."""


class Derivation(StrEnum):
    """How much of an article's body is wire copy.

    `CREDITED`: the article says that an agency supplied some of its text, and none was traced, so
    how much is not known.
    """

    WHOLLY = "wholly"
    PARTLY = "partly"
    CREDITED = "credited"
    NOT = "not"


class ParagraphState(StrEnum):
    """What is known of whose words a body paragraph carries."""

    AGENCY = "agency"
    """Copy that was traced to an agency."""
    DECLARED = "declared"
    """Of an article that says it is an agency's; the paragraph itself was traced to nobody."""
    COPIED = "copied"
    """Copy of another outlet, which had it first."""
    FIRST = "first"
    """The outlet's own: it ran first here, and other outlets have it too."""
    SHARED = "shared"
    """Other outlets have it too, and who had it first is not known."""
    OWN = "own"
    """The outlet's own, by what it says."""
    NOT_FOUND = "not found"
    """Not found elsewhere, which says nothing of whose it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceArticle:
    """An article as a reader found it, before parsing. `source` names file and line."""

    source: str
    source_id: str | None
    url: str | None
    outlet: str | None
    title: str | None
    text: str
    published_at: datetime | None = None
    published_precision: TimePrecision = TimePrecision.UNKNOWN
    authors: Sequence[str] = ()
    language: str | None = None
    declared_credits: Mapping[str, str] = field(default_factory=dict)
    """Structured fields that may name an agency, as `field name -> words`."""
    updated_at: datetime | None = None
    """When this text was last changed, aware, in UTC."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """What the sender says about the item, as `field name -> words`: slug, ednote, pubstatus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One published text of one outlet, in one version. `text` is exactly as it was read."""

    article_id: ArticleId
    source: str
    source_id: str | None
    url: str | None
    outlet: str
    headline: str
    byline: str | None
    dateline: str | None
    text: str
    language: str | None
    """ISO 639-1 code, or None where it cannot be told."""
    published_at: datetime | None
    """Aware, in UTC."""
    published_precision: TimePrecision
    updated_at: datetime | None = None
    """When this text was last changed, aware, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A piece of an article: `article.text[begin:end] == text`."""

    paragraph_id: ParagraphId
    article_id: ArticleId
    position: int
    kind: ParagraphKind
    text: str
    begin: int
    end: int
    text_hash: TextHash


@dataclass(frozen=True, slots=True, kw_only=True)
class WireCredit:
    """A statement that an agency supplied text or pictures, and the words that say so.

    `agency` is `UNNAMED_AGENCY` where the words name none ("with agencies"). `begin` and `end`
    are offsets in the text; both are -1 where the words stand in a structured field (`declared`),
    and then `rule` names that field.
    """

    article_id: ArticleId
    agency: str
    role: CreditRole
    rule: str
    """The convention that was recognised: `dateline`, `byline`, `contributor_line`, ..."""
    evidence: str
    begin: int
    end: int
    origin: str | None = None
    """Of a syndicated text: the publisher whose text it is, as the words name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedArticle:
    """An article with its paragraphs in order and its wire credits."""

    article: Article
    paragraphs: Sequence[Paragraph]
    credits: Sequence[WireCredit]
    notes: Mapping[str, str] = field(default_factory=dict)
    """What its sender said about it, as `field name -> words`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedArticle:
    """One article that was set aside, and why."""

    source: str
    """File and line, as `news.jsonl:17`."""
    source_id: str | None
    reason: str
    until: datetime | None = None
    """When its sender lets it be read; its file is looked at again until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageMatch:
    """A verdict on two spans of different articles, left before right by article id."""

    left_article_id: ArticleId
    right_article_id: ArticleId
    left_begin: int
    left_end: int
    right_begin: int
    right_end: int
    relation: Relation
    score: float
    """Between 0 and 1; the verdict is a match where it reaches the threshold of its relation."""
    similarity: float
    """Cosine of the two vectors; NaN where none was computed."""
    containment_left: float
    """Share of the left span's words that stand in the right one, in order."""
    containment_right: float
    is_match: bool
    reason: str
    anchor_id: ArticleId | None = None
    """Of the two articles the one that stands for many with these words, where one does: the other
    is compared with it, and not with each of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A scored pair of articles, left before right by id, with every component of the score."""

    left_id: ArticleId
    right_id: ArticleId
    score: float
    dense: float
    sparse: float
    names: float
    shared_copy: float
    time_penalty: float
    """Taken from the score: for the time between them, and for figures that disagree."""
    gap_days: float | None
    named_days: float = 0.0
    """Whether both name the same weekdays, -0.5 (others) to 0.5; 0 where one names none."""
    anchor_id: ArticleId | None = None
    """Which of the two speaks for the other, one of very many copies; None where neither does."""
    stands_for: float = 1.0
    """Links that it stands for: more than itself where an article is like very many others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateCluster:
    """Articles that are one text."""

    cluster_id: ClusterId
    article_ids: Sequence[ArticleId]
    representative_id: ArticleId
    origin_id: ArticleId | None
    """The article that ran first, where times decide it."""
    chosen_by: str | None = None
    """Why the representative stands for the others, in words."""
    scores: Sequence[float | None] = ()
    """By article: shared runs of words over all runs of it and the representative, 0 to 1."""
    reasons: Sequence[str | None] = ()
    """By article: what it has in common with the representative, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCluster:
    """Articles about one happening."""

    cluster_id: ClusterId
    article_ids: Sequence[ArticleId]
    title: str


class ThreadState(StrEnum):
    """Whether a thread is still growing."""

    DEVELOPING = "developing"
    QUIET = "quiet"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryThread:
    """Story clusters that follow from one another."""

    thread_id: ThreadId
    cluster_ids: Sequence[ClusterId]
    title: str
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    state: ThreadState
    names: Sequence[str] = ()
    """The names that most characterise it, strongest first."""
    numbers: Sequence[str] = ()
    """The figures that recur in it, strongest first."""


class StoryEventKind(StrEnum):
    """What can happen to a story cluster or thread."""

    BORN = "born"
    GREW = "grew"
    SHRANK = "shrank"
    MERGED = "merged"
    SPLIT = "split"
    CONTINUED = "continued"
    CLOSED = "closed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEvent:
    """One change of a cluster or thread: `other_id` is where a merge went, a split came from."""

    kind: StoryEventKind
    subject_id: str
    other_id: str | None
    reason: str


class CorrectionKind(StrEnum):
    """What a person can say about the clusters."""

    TOGETHER = "together"
    APART = "apart"
    PIN_TITLE = "pin_title"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person said; it outlives every re-run."""

    correction_id: str
    kind: CorrectionKind
    left_id: str
    right_id: str | None
    title: str | None
    said_by: str
    reason: str
    said_at: datetime
