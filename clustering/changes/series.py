"""Which articles are versions of one article, which that come in are new, and in what order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wirethread.articles.series import derive_keys, fingerprint_content, order_versions
from wirethread.articles.types.articles import ArticleId, Mark, ParagraphKind, ParsedArticle
from wirethread.articles.types.versions import KeyedArticle, StoredVersion, VersionRow
from wirethread.clustering.changes.revisions import describe_change, keeps_subject

__all__ = [
    "Arrivals",
    "choose_new",
    "describe_series",
    "find_ties",
    "join_groups",
    "key_article",
    "to_keyed",
]


def to_keyed(
    article_id: ArticleId, outlet: str, url: str | None, source_id: str | None
) -> KeyedArticle:
    """Return an article with its keys."""
    keys = derive_keys(outlet, url, source_id)
    return KeyedArticle(article_id=article_id, url_key=keys.url_key, id_key=keys.id_key)


def key_article(parsed: ParsedArticle) -> KeyedArticle:
    """Return an article with its keys; an address that others share is none."""
    article = parsed.article
    url = None if Mark.ADDRESS_SHARED in parsed.notes else article.url
    return to_keyed(article.article_id, article.outlet, url, article.source_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """What is new of some articles that came in."""

    articles: Mapping[ArticleId, ParsedArticle]
    ties: Sequence[tuple[ArticleId, ArticleId]]
    """New articles and those of which they are versions."""

    @property
    def versions(self) -> set[ArticleId]:
        """Those that are versions of another article."""
        return self.articles.keys() & {side for tie in self.ties for side in tie}


def choose_new(
    fresh: Mapping[ArticleId, ParsedArticle],
    keyed: Mapping[ArticleId, KeyedArticle],
    mates: Sequence[KeyedArticle],
    mate_texts: Mapping[ArticleId, StoredVersion],
) -> Arrivals:
    """Return which of the `fresh` articles, by id in order of reading, are new, and what they tie.

    `mates` are stored articles that share a key with them, `mate_texts` what these say. A text that
    is known under another address of the same article, or but for furniture, is not new.
    """
    by_key, texts = KeyIndex(mates), dict(mate_texts)
    accepted: dict[ArticleId, ParsedArticle] = {}
    for article_id, parsed in fresh.items():
        keys = keyed[article_id]
        version = to_stored(parsed, keys)
        tied = [texts[mate] for mate in by_key.find(keys) if is_tied(version, texts[mate])]
        if any(name_content(version) == name_content(mate) for mate in tied):
            continue
        texts[article_id] = version
        by_key.add(keys)
        accepted[article_id] = parsed
    new_keys = [keyed[article_id] for article_id in accepted]
    return Arrivals(articles=accepted, ties=find_ties(new_keys, [*mates, *new_keys], texts))


class KeyIndex:
    """Articles by the keys they share."""

    def __init__(self, articles: Iterable[KeyedArticle]) -> None:
        self._by_key: dict[tuple[str, str], list[ArticleId]] = {}
        for article in articles:
            self.add(article)

    def add(self, article: KeyedArticle) -> None:
        """Let an article be found under its keys."""
        for kind, key in (("url", article.url_key), ("id", article.id_key)):
            if key:
                self._by_key.setdefault((kind, key), []).append(article.article_id)

    def find(self, article: KeyedArticle) -> list[ArticleId]:
        """Return the other articles that share a key with this article."""
        found = [
            *(self._by_key.get(("url", article.url_key), []) if article.url_key else []),
            *(self._by_key.get(("id", article.id_key), []) if article.id_key else []),
        ]
        return [other for other in dict.fromkeys(found) if other != article.article_id]


def to_stored(parsed: ParsedArticle, keys: KeyedArticle) -> StoredVersion:
    """Return an article that is not stored yet as the catalog will give it back."""
    body = [part for part in parsed.paragraphs if part.kind is ParagraphKind.BODY]
    article = parsed.article
    return StoredVersion(
        article_id=article.article_id,
        url_key=keys.url_key,
        id_key=keys.id_key,
        outlet=article.outlet,
        headline=article.headline,
        text=article.text,
        body=[part.text for part in body],
        body_hashes=[int(part.text_hash) for part in body],
        published_at=article.published_at,
        published_precision=article.published_precision,
        updated_at=article.updated_at,
    )


def name_content(version: StoredVersion) -> str:
    """Return a hash of what makes a text a version of its own."""
    return fingerprint_content(version.headline, version.body_hashes, version.text)


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
        (article.article_id, mate)
        for article in articles
        for mate in index.find(article)
        if is_tied(texts[article.article_id], texts[mate])
    ]


def join_groups(ties: Iterable[tuple[ArticleId, ArticleId]]) -> list[set[ArticleId]]:
    """Return the connected groups of the pairs."""
    group_of: dict[ArticleId, set[ArticleId]] = {}
    for left, right in ties:
        joined = group_of.get(left, {left}) | group_of.get(right, {right})
        group_of.update(dict.fromkeys(joined, joined))
    return list({id(group): group for group in group_of.values()}.values())


def describe_series(as_read: Sequence[StoredVersion]) -> list[VersionRow]:
    """Return the rows of one series from its texts in order of reading."""
    by_id = {version.article_id: version for version in as_read}
    ordered = [by_id[article_id] for article_id in order_versions(as_read)]
    dated = [version for version in ordered if version.published_at is not None]
    first = min(dated, key=lambda version: str(version.published_at), default=None)
    after: list[StoredVersion | None] = [*ordered[1:], None]
    rows = []
    before: StoredVersion | None = None
    for number, (version, newer) in enumerate(zip(ordered, after, strict=True), 1):
        moved = first is not None and (first.published_at, first.published_precision) != (
            version.published_at,
            version.published_precision,
        )
        rows.append(
            VersionRow(
                series_id=ordered[0].article_id,
                article_id=version.article_id,
                version=number,
                supersedes=before.article_id if before else None,
                changed=_describe_change(before, version) if before else None,
                superseded_by=newer.article_id if newer else None,
                first_published_at=first.published_at if moved and first else None,
                first_precision=first.published_precision if moved and first else None,
            )
        )
        before = version
    return rows


def _describe_change(before: StoredVersion, after: StoredVersion) -> str:
    """Return what a version changed, in words."""
    return describe_change(
        before.headline, "\n".join(before.body), after.headline, "\n".join(after.body)
    )
