"""Which of the articles that come in are known, which are new, and which are new versions."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from wirethread.articles.types.articles import ArticleId, ParsedArticle, RejectedArticle
from wirethread.articles.types.versions import KeyedArticle, StoredVersion, VersionRow
from wirethread.clustering.changes.series import (
    MOST_WITH_ONE_ID,
    Arrivals,
    choose_new,
    describe_series,
    find_ties,
    join_groups,
    key_article,
    to_keyed,
)
from wirethread.storage.catalog import Catalog

__all__ = [
    "arrange_series",
    "derive_missing_keys",
    "prepare_archive",
    "rearrange_series",
    "store_batch",
]

_KEYS_AT_ONCE = 50_000


def prepare_archive(catalog: Catalog, run_id: str) -> int:
    """Make the archive ready for what comes in; return how many articles got a date that has come.

    Articles of older archives get their keys (`derive_missing_keys`).
    """
    derive_missing_keys(catalog, run_id)
    return catalog.articles.give_due_dates(datetime.now(UTC))


def derive_missing_keys(catalog: Catalog, run_id: str) -> int:
    """Give keys to articles that were stored before there were any; return how many there were.

    Those among them that are versions of one article are tied in the same transaction.
    """
    if not catalog.versions.list_unkeyed(1):
        return 0
    n_keyed = 0
    with catalog.taking_in():
        while rows := catalog.versions.list_unkeyed(_KEYS_AT_ONCE):
            keyed = [
                to_keyed(ArticleId(row["article_id"]), row["outlet"], row["url"], row["source_id"])
                for row in rows
            ]
            n_keyed += catalog.versions.store_keys(keyed)
        repeated = catalog.versions.find_repeated_keys()
        texts = load_texts(catalog, repeated)
        arrange_series(catalog, run_id, find_ties(repeated, repeated, texts))
    return n_keyed


def store_batch(
    catalog: Catalog,
    run_id: str,
    parsed: Sequence[ParsedArticle],
    rejected: Sequence[RejectedArticle],
    *,
    read_at: datetime | None = None,
) -> Arrivals:
    """Store what is new of a batch, and return that; `read_at` is when it was read, now for None.

    One transaction. A text that is known under another address of the same article, and one that
    differs in furniture alone, is known.
    """
    known = catalog.articles.find_known_articles(one.article.article_id for one in parsed)
    fresh = {one.article.article_id: one for one in reversed(parsed)}
    fresh = {key: fresh[key] for key in reversed(list(fresh)) if key not in known}
    keyed = {key: key_article(article) for key, article in fresh.items()}
    mates = catalog.versions.find_mates(list(keyed.values()), MOST_WITH_ONE_ID)
    arrivals = choose_new(fresh, keyed, mates, load_texts(catalog, mates))
    with catalog.taking_in():
        catalog.articles.add_articles(
            run_id, list(arrivals.articles.values()), rejected, read_at=read_at
        )
        arrange_series(catalog, run_id, arrivals.ties)
    return arrivals


def load_texts(
    catalog: Catalog, articles: Iterable[KeyedArticle]
) -> dict[ArticleId, StoredVersion]:
    """Return what articles say, by id."""
    versions = catalog.versions.load_versions([article.article_id for article in articles])
    return {version.article_id: version for version in versions}


def arrange_series(
    catalog: Catalog, run_id: str, ties: Iterable[tuple[ArticleId, ArticleId]]
) -> int:
    """Put the tied articles, and the series they stand in, in order; return rows touched."""
    ties = list(ties)
    if not ties:
        return 0
    touched = {side for tie in ties for side in tie}
    present = catalog.versions.find_series(touched)
    groups = join_groups([*ties, *present.items()])
    series_of = {article_id: number for number, group in enumerate(groups) for article_id in group}
    return catalog.versions.replace_series(run_id, describe_all(catalog, series_of))


def describe_all(catalog: Catalog, series_of: Mapping[ArticleId, Hashable]) -> list[VersionRow]:
    """Return the rows of some series, given which of them each article is in."""
    members: defaultdict[Hashable, list[StoredVersion]] = defaultdict(list)
    for version in catalog.versions.load_versions(series_of):
        members[series_of[version.article_id]].append(version)
    return [row for series in members.values() for row in describe_series(series)]


def rearrange_series(catalog: Catalog, run_id: str, members: Mapping[ArticleId, ArticleId]) -> int:
    """Put series right of which articles were removed; return rows touched.

    `members` are those that are left, with the series they stood in (`find_series`). The last of
    each is current, and what that changes is open for every step.
    """
    return catalog.versions.replace_series(run_id, describe_all(catalog, members))
