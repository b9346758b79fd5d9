"""Which articles are to be forgotten, and what hangs on them."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wirethread.articles.series import derive_keys
from wirethread.articles.types.articles import ArticleId
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_naive_utc, as_utc, ids_table

__all__ = [
    "ForgetReach",
    "ForgetSelection",
    "ForgottenArticle",
    "find_articles_to_forget",
    "measure_reach",
]

_SHOWN = 10
_CHOSEN = "IN (SELECT id FROM chosen)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetSelection:
    """Which articles to forget: those to which everything that is given applies."""

    before: datetime | None = None
    """Published before this time; read before it, where the publication is unknown."""
    url: str | None = None
    outlet: str | None = None

    @property
    def words(self) -> str:
        """Say what is asked, as on the command line."""
        parts = []
        if self.before is not None:
            parts.append(f"--before {self.before:%Y-%m-%dT%H:%M}")
        if self.url is not None:
            parts.append(f"--url {self.url}")
        if self.outlet is not None:
            parts.append(f"--outlet {self.outlet}")
        return " ".join(parts)


def find_articles_to_forget(catalog: Catalog, selection: ForgetSelection) -> list[ArticleId]:
    """Return the articles that the selection names, by id.

    An article with the address asked counts with all its versions, and with the same article under
    other forms of its address.
    """
    outlets = catalog._database.fetch_rows("SELECT DISTINCT outlet FROM store.articles")
    keys = {derive_keys(row[0], selection.url, None).url_key for row in outlets} - {""}
    with catalog._database.registered(url_keys=ids_table(keys)):
        rows = catalog._database.fetch_rows(
            "SELECT article_id FROM store.articles WHERE"
            " ($1 IS NULL OR coalesce(published_at, read_at) < $1)"
            " AND ($2 IS NULL OR url = $2 OR url_key IN (SELECT id FROM url_keys))"
            " AND ($3 IS NULL OR lower(outlet) = lower($3)) ORDER BY article_id",
            [as_naive_utc(selection.before), selection.url, selection.outlet],
        )
    return [ArticleId(row[0]) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenArticle:
    """What is told of an article that goes."""

    article_id: ArticleId
    outlet: str
    headline: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetReach:
    """What hangs on the articles that go."""

    n_articles: int
    n_outlets: int
    n_stories: int
    """Story clusters that hold one of them."""
    n_stories_emptied: int
    """Those of which nothing is left."""
    n_corrections: int
    """Corrections that become void."""
    articles: Sequence[ForgottenArticle]
    """The first of them, by time."""


def measure_reach(catalog: Catalog, article_ids: Sequence[ArticleId]) -> ForgetReach:
    """Count what hangs on the articles."""
    database = catalog._database
    with database.registered(chosen=ids_table(article_ids)):
        shown = database.fetch_rows(
            "SELECT article_id, outlet, headline, published_at FROM store.articles"
            f" WHERE article_id {_CHOSEN} ORDER BY coalesce(published_at, read_at), article_id"
            f" LIMIT {_SHOWN}"
        )
        n_outlets = database.fetch_value(
            f"SELECT count(DISTINCT outlet) FROM store.articles WHERE article_id {_CHOSEN}"
        )
        ((n_stories, n_emptied),) = database.fetch_rows(
            "SELECT count(*) FILTER (WHERE n_gone > 0), count(*) FILTER (WHERE n_gone = n)"
            f" FROM (SELECT count(*) FILTER (WHERE article_id {_CHOSEN}) AS n_gone,"
            "  count(*) AS n FROM store.story_cluster_articles GROUP BY cluster_id)"
        )
        n_corrections = database.fetch_value(
            "SELECT count(*) FROM store.corrections WHERE undone_at IS NULL"
            f" AND (left_id {_CHOSEN} OR right_id {_CHOSEN})"
        )
    return ForgetReach(
        n_articles=len(article_ids),
        n_outlets=n_outlets,
        n_stories=n_stories,
        n_stories_emptied=n_emptied,
        n_corrections=n_corrections,
        articles=[
            ForgottenArticle(
                article_id=article_id, outlet=outlet, headline=headline, published_at=as_utc(at)
            )
            for article_id, outlet, headline, at in shown
        ],
    )
