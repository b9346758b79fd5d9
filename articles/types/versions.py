"""Versions of one article: when each was written, what it says, and its place in the series."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wirethread.articles.types.articles import ArticleId, TimePrecision

__all__ = ["KeyedArticle", "StoredVersion", "VersionRow", "VersionTimes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedArticle:
    """An article and the keys under which its other versions are found; '' for none."""

    article_id: ArticleId
    url_key: str
    id_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionTimes:
    """What is known of when one version was written."""

    article_id: ArticleId
    published_at: datetime | None
    published_precision: TimePrecision
    updated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVersion(VersionTimes):
    """What the order and the difference of versions are told from."""

    url_key: str
    id_key: str
    outlet: str
    headline: str
    text: str
    body: Sequence[str]
    body_hashes: Sequence[int]

    @property
    def composed(self) -> str:
        """Headline and body, by which versions are compared."""
        return "\n".join([self.headline, *self.body])


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version in its series."""

    series_id: ArticleId
    article_id: ArticleId
    version: int
    """From 1 on, the earliest first."""
    supersedes: ArticleId | None
    changed: str | None
    superseded_by: ArticleId | None
    first_published_at: datetime | None
    """Of the series, where an earlier version has an earlier time; else None."""
    first_precision: TimePrecision | None
