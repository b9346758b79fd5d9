"""Which of the articles that come in are known, which are new, and which are new versions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from wirethread.articles.series import (
    VersionTimes,
    derive_keys,
    fingerprint_content,
    order_versions,
)
from wirethread.articles.types.articles import (
    ArticleId,
    Mark,
    ParagraphKind,
    ParsedArticle,
    RejectedArticle,
)
from wirethread.clustering.changes.revisions import describe_change, keeps_subject
from wirethread.storage.catalog import Catalog
from wirethread.storage.tables.versions import KeyedArticle, StoredVersion, VersionRow

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
    with catalog.transaction():
        while rows := catalog.versions.list_unkeyed(_KEYS_AT_ONCE):
            keyed = [
                to_keyed(ArticleId(row["article_id"]), row["outlet"], row["url"], row["source_id"])
                for row in rows
            ]
            n_keyed += catalog.versions.store_keys(keyed)
        repeated = catalog.versions.find_repeated_keys()
        texts = {
            version.article_id: version
            for version in catalog.versions.load_versions([one.article_id for one in repeated])
        }
        arrange_series(catalog, run_id, find_ties(repeated, repeated, texts))
    return n_keyed


def to_keyed(
    article_id: ArticleId, outlet: str, url: str | None, source_id: str | None
) -> KeyedArticle:
    """Return an article with its keys."""
    keys = derive_keys(outlet, url, source_id)
    return KeyedArticle(article_id=article_id, url_key=keys.url_key, id_key=keys.id_key)


def store_batch(
    catalog: Catalog,
    run_id: str,
    parsed: Sequence[ParsedArticle],
    rejected: Sequence[RejectedArticle],
) -> tuple[list[ParsedArticle], int, int]:
    """Store what is new of a batch; return that, and how many were known, and new versions.

    One transaction. A text that is known under another address of the same article, and one that
    differs in furniture alone, is known.
    """
    known = catalog.articles.find_known_articles(one.article.article_id for one in parsed)
    fresh = {one.article.article_id: one for one in reversed(parsed)}
    fresh = {key: fresh[key] for key in reversed(list(fresh)) if key not in known}
    n_repeated = len(parsed) - len(fresh)
    keyed = {key: key_article(one) for key, one in fresh.items()}
    mates = catalog.versions.find_mates(list(keyed.values()))
    by_key = KeyIndex(mates)
    texts = {
        version.article_id: version
        for version in catalog.versions.load_versions([one.article_id for one in mates])
    }
    accepted: list[ParsedArticle] = []
    n_same = 0
    for key, article in fresh.items():
        stored = to_stored(article, keyed[key])
        tied = [texts[mate] for mate in by_key.find(keyed[key]) if is_tied(stored, texts[mate])]
        if any(name_content(stored) == name_content(mate) for mate in tied):
            n_same += 1
            continue
        texts[key] = stored
        by_key.add(keyed[key])
        accepted.append(article)
    new_keys = [keyed[one.article.article_id] for one in accepted]
    ties = find_ties(new_keys, [*mates, *new_keys], texts)
    with catalog.transaction():
        catalog.articles.add_articles(run_id, accepted, rejected)
        arrange_series(catalog, run_id, ties)
    n_versions = len({one.article_id for one in new_keys} & {side for tie in ties for side in tie})
    return accepted, n_repeated + n_same, n_versions


def key_article(parsed: ParsedArticle) -> KeyedArticle:
    """Return an article with its keys; an address that others share is none."""
    article = parsed.article
    url = None if Mark.ADDRESS_SHARED in parsed.notes else article.url
    return to_keyed(article.article_id, article.outlet, url, article.source_id)


class KeyIndex:
    """Articles by the keys they share."""

    def __init__(self, articles: Iterable[KeyedArticle]) -> None:
        self._by_key: dict[tuple[str, str], list[ArticleId]] = {}
        for one in articles:
            self.add(one)

    def add(self, one: KeyedArticle) -> None:
        """Let an article be found under its keys."""
        for kind, key in (("url", one.url_key), ("id", one.id_key)):
            if key:
                self._by_key.setdefault((kind, key), []).append(one.article_id)

    def find(self, one: KeyedArticle) -> list[ArticleId]:
        """Return the other articles that share a key with this one."""
        found = [
            *(self._by_key.get(("url", one.url_key), []) if one.url_key else []),
            *(self._by_key.get(("id", one.id_key), []) if one.id_key else []),
        ]
        return [other for other in dict.fromkeys(found) if other != one.article_id]


def to_stored(parsed: ParsedArticle, keys: KeyedArticle) -> StoredVersion:
    """Return an article that is not stored yet as the catalog will give it back."""
    body = [one for one in parsed.paragraphs if one.kind is ParagraphKind.BODY]
    article = parsed.article
    return StoredVersion(
        article_id=article.article_id,
        url_key=keys.url_key,
        id_key=keys.id_key,
        outlet=article.outlet,
        headline=article.headline,
        text=article.text,
        body=[one.text for one in body],
        body_hashes=[int(one.text_hash) for one in body],
        published_at=article.published_at,
        published_precision=article.published_precision,
        updated_at=article.updated_at,
    )


def name_content(one: StoredVersion) -> str:
    """Return a hash of what makes a text a version of its own."""
    return fingerprint_content(one.headline, one.body_hashes, one.text)


def is_tied(left: StoredVersion, right: StoredVersion) -> bool:
    """Whether two texts with a key in common are one article.

    One address is one article whatever stands there. An id alone may be given anew, as where every
    file numbers its rows from 1, so there the texts have to resemble each other.
    """
    if left.url_key and left.url_key == right.url_key:
        return True
    return keeps_subject(left.composed, right.composed)


def find_ties(
    articles: Sequence[KeyedArticle],
    others: Sequence[KeyedArticle],
    texts: Mapping[ArticleId, StoredVersion],
) -> list[tuple[ArticleId, ArticleId]]:
    """Return the pairs of `articles` and `others` that are versions of one article."""
    index = KeyIndex(others)
    return [
        (one.article_id, mate)
        for one in articles
        for mate in index.find(one)
        if is_tied(texts[one.article_id], texts[mate])
    ]


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
    stored = catalog.versions.load_versions({one for group in groups for one in group})
    rows: list[VersionRow] = []
    for group in groups:
        rows += describe_series([one for one in stored if one.article_id in group])
    return catalog.versions.replace_series(run_id, rows)


def rearrange_series(catalog: Catalog, run_id: str, members: Mapping[ArticleId, ArticleId]) -> int:
    """Put series right of which articles were removed; return rows touched.

    `members` are those that are left, with the series they stood in (`find_series`). The last of
    each is current, and what that changes is open for every step.
    """
    stored = catalog.versions.load_versions(members)
    rows: list[VersionRow] = []
    for series in dict.fromkeys(members.values()):
        rows += describe_series([one for one in stored if members[one.article_id] == series])
    return catalog.versions.replace_series(run_id, rows)


def join_groups(ties: Iterable[tuple[ArticleId, ArticleId]]) -> list[set[ArticleId]]:
    """Return the connected groups of the pairs."""
    group_of: dict[ArticleId, set[ArticleId]] = {}
    for left, right in ties:
        joined = group_of.get(left, {left}) | group_of.get(right, {right})
        group_of.update(dict.fromkeys(joined, joined))
    return list({id(group): group for group in group_of.values()}.values())


def describe_series(as_read: Sequence[StoredVersion]) -> list[VersionRow]:
    """Return the rows of one series from its texts in order of reading."""
    by_id = {one.article_id: one for one in as_read}
    ordered = order_versions(
        [
            VersionTimes(
                article_id=version.article_id,
                published_at=version.published_at,
                published_precision=version.published_precision,
                updated_at=version.updated_at,
            )
            for version in as_read
        ]
    )
    dated = [by_id[one] for one in ordered if by_id[one].published_at is not None]
    first = min(dated, key=lambda one: str(one.published_at), default=None)
    rows = []
    for place, key in enumerate(ordered):
        before = by_id[ordered[place - 1]] if place else None
        one = by_id[key]
        moved = first is not None and (first.published_at, first.published_precision) != (
            one.published_at,
            one.published_precision,
        )
        rows.append(
            VersionRow(
                series_id=ordered[0],
                article_id=key,
                version=place + 1,
                supersedes=before.article_id if before else None,
                changed=describe_step(before, one) if before else None,
                superseded_by=ordered[place + 1] if place + 1 < len(ordered) else None,
                first_published_at=first.published_at if moved and first else None,
                first_precision=first.published_precision if moved and first else None,
            )
        )
    return rows


def describe_step(before: StoredVersion, after: StoredVersion) -> str:
    """Return what a version changed, in words."""
    return describe_change(
        before.headline, "\n".join(before.body), after.headline, "\n".join(after.body)
    )
