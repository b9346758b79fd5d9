"""Which articles are versions of one article, which that come in are new, and in what order."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wirethread.articles.series import derive_keys, fingerprint_content, order_versions
from wirethread.articles.types.articles import ArticleId, Mark, ParagraphKind, ParsedArticle
from wirethread.articles.types.versions import KeyedArticle, StoredVersion, VersionRow
from wirethread.clustering.changes.revisions import describe_change, keeps_subject

__all__ = [
    "MOST_WITH_ONE_ID",
    "Arrivals",
    "choose_new",
    "describe_series",
    "find_ties",
    "join_groups",
    "key_article",
    "to_keyed",
]

MOST_WITH_ONE_ID = 50
"""Articles with one id under other addresses of which an article may be a version."""


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
    texts, contents = dict(mate_texts), ContentIndex()
    for mate in mates:
        contents.add(mate, name_content(texts[mate.article_id]))
    accepted: dict[ArticleId, ParsedArticle] = {}
    for article_id, parsed in fresh.items():
        keys = keyed[article_id]
        version = to_stored(parsed, keys)
        content = name_content(version)
        if any(is_tied(version, texts[same]) for same in contents.find(keys, content)):
            continue
        texts[article_id] = version
        contents.add(keys, content)
        accepted[article_id] = parsed
    new_keys = [keyed[article_id] for article_id in accepted]
    return Arrivals(articles=accepted, ties=find_ties(new_keys, [*mates, *new_keys], texts))


class ContentIndex:
    """Articles by a key and what they say."""

    def __init__(self) -> None:
        self._by_content: dict[tuple[str, str, str], list[ArticleId]] = {}

    def add(self, article: KeyedArticle, content: str) -> None:
        """Let an article be found under each of its keys."""
        for kind, key in _list_keys(article):
            self._by_content.setdefault((kind, key, content), []).append(article.article_id)

    def find(self, article: KeyedArticle, content: str) -> list[ArticleId]:
        """Return the articles that share a key with this one and say the same."""
        return [
            other
            for kind, key in _list_keys(article)
            for other in self._by_content.get((kind, key, content), ())
        ]


def _list_keys(article: KeyedArticle) -> list[tuple[str, str]]:
    """Return the keys that an article has, each with its kind."""
    keys = (("url", article.url_key), ("id", article.id_key))
    return [(kind, key) for kind, key in keys if key]


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
    articles: Iterable[KeyedArticle],
    others: Iterable[KeyedArticle],
    texts: Mapping[ArticleId, StoredVersion],
) -> list[tuple[ArticleId, ArticleId]]:
    """Return pairs of `articles` and articles before them, which tie all versions of one article.

    `others` are all that share a key, `articles` among them, in order of reading. One before at the
    same address is enough; of one id the last `MOST_WITH_ONE_ID` before are looked at, since what
    very many articles share is not the name of one.
    """
    asked = {article.article_id for article in articles}
    at_address: dict[str, ArticleId] = {}
    with_id: defaultdict[str, deque[ArticleId]] = defaultdict(
        lambda: deque(maxlen=MOST_WITH_ONE_ID)
    )
    ties = []
    for other in others:
        own = other.article_id
        before = [at_address[other.url_key]] if other.url_key in at_address else []
        if other.id_key:
            before += (mate for mate in with_id[other.id_key] if mate not in before)
            with_id[other.id_key].append(own)
        if other.url_key:
            at_address.setdefault(other.url_key, own)
        ties += [
            (own, mate)
            for mate in before
            if (own in asked or mate in asked) and is_tied(texts[own], texts[mate])
        ]
    return ties


def join_groups(ties: Iterable[tuple[ArticleId, ArticleId]]) -> list[set[ArticleId]]:
    """Return the connected groups of the pairs."""
    group_of: dict[ArticleId, set[ArticleId]] = {}
    for left, right in ties:
        smaller, larger = sorted(
            (group_of.setdefault(left, {left}), group_of.setdefault(right, {right})), key=len
        )
        if smaller is not larger:
            larger |= smaller
            group_of.update(dict.fromkeys(smaller, larger))
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
