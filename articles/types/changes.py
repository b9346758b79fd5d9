"""What agencies change in copy they sent: notices, what each is about, and who still runs it."""

from dataclasses import dataclass
from enum import StrEnum

from wirethread.articles.types.articles import ArticleId

__all__ = ["ArticleNotice", "Notice", "NoticeKind", "NoticeTie", "OutdatedPassage"]


class NoticeKind(StrEnum):
    """What a notice does to earlier copy, the gravest first."""

    KILL = "kill"
    WITHDRAWAL = "withdrawal"
    HOLD = "hold"
    CORRECTION = "correction"
    UPDATE = "update"
    REFILE = "refile"
    REPEAT = "repeat"
    ADVISORY = "advisory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A statement about earlier copy: `words` are characters `begin` to `end` of its field."""

    kind: NoticeKind
    field: str
    """`headline`, `text`, or the field of the source, such as `ednote`."""
    words: str
    begin: int
    end: int
    language: str
    """ISO 639-1 code of the convention."""
    number: int | None = None
    """The 2 of `UPDATE 2-`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleNotice(Notice):
    """A notice in an article."""

    article_id: ArticleId
    agency: str | None
    """The agency whose copy the article is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTie:
    """The earlier article that the notice of an article is about, and how that is known."""

    article_id: ArticleId
    old_article_id: ArticleId
    score: float
    """0 to 1."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdatedPassage:
    """A passage of an article that still has the words of an older agency text."""

    article_id: ArticleId
    new_article_id: ArticleId
    old_article_id: ArticleId
    agency: str
    kind: NoticeKind
    begin: int
    end: int
    """The passage: characters of the article's text."""
    old_begin: int
    old_end: int
    """The same of the older text."""
    old_words: str
    new_words: str
    notice_words: str
    reason: str
