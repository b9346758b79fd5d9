"""What agencies change in copy they sent: notices, what each is about, and who still runs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wirethread.articles.types.articles import ArticleId

__all__ = [
    "OUTDATING",
    "SILENT",
    "WITHDRAWN",
    "ArticleNotice",
    "Notice",
    "NoticeKind",
    "NoticeTie",
    "OutdatedPassage",
    "TieText",
]


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


WITHDRAWN = frozenset({NoticeKind.KILL, NoticeKind.WITHDRAWAL, NoticeKind.HOLD})
"""Kinds after which nobody should run the copy."""
SILENT = (NoticeKind.REPEAT, NoticeKind.ADVISORY)
"""Kinds that change no words."""
OUTDATING = tuple(kind for kind in NoticeKind if kind not in SILENT)
"""Kinds after which a copy is outdated, the gravest first."""


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
class TieText:
    """A notice, or an article that one may be about, as ties see it."""

    article_id: ArticleId
    outlet: str
    headline: str
    text: str = ""
    """Empty where it was not loaded."""
    slug: str | None = None
    published_at: datetime | None
    """When the text was last changed, or else published."""
    number: int | None = None
    """The 2 of `UPDATE 2-`; None where it has none."""
    kinds: Sequence[NoticeKind] = ()
    """Of its notices."""

    @property
    def is_notice(self) -> bool:
        """Whether it is a notice itself."""
        return bool(self.kinds)


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
