"""Articles that are one text: exactly, or but for a few words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xxhash

from wirethread.articles.bounds import require_between
from wirethread.articles.normalize import tokenize_words
from wirethread.articles.types.articles import ArticleId, ClusterId, DuplicateCluster, ParagraphKind
from wirethread.clustering.paragraphs.shingles import hash_shingles, join_shingles
from wirethread.clustering.passages.origins import find_first
from wirethread.clustering.records import ArticleText

__all__ = ["DuplicateSettings", "compare_articles", "find_duplicates"]

_SAMPLED = 8
"""One shingle in so many is used to find candidates; the comparison itself uses all."""
_MOST_COMPARED = 32
"""Texts with one run of words in common, of which more are compared with the longest of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateSettings:
    """When two articles are one text."""

    shingle_words: int = 5
    """Length of the runs of words that are compared."""
    min_resemblance: float = 0.7
    """Shared runs over all runs of both articles (Jaccard) from which they are one text."""
    min_words: int = 30
    """Shorter articles are duplicates only when they are equal, words of body text."""

    def __post_init__(self) -> None:
        require_between(self, 1, math.inf, "shingle_words", "min_words")
        require_between(self, 0.01, 1, "min_resemblance")


def find_duplicates(
    articles: Sequence[ArticleText], settings: DuplicateSettings | None = None
) -> list[DuplicateCluster]:
    """Clusters of two or more articles that are one text, sorted by cluster id.

    Every article of a cluster resembles its representative, the longest of them: likeness is not
    passed on from one copy to the next. Candidates share one of the sampled runs of words, so with
    the default a missed pair of 100 words has a chance under 1 in 10,000; comparison is exact.
    """
    settings = settings or DuplicateSettings()
    words = [_body_words(article) for article in articles]
    exact = [xxhash.xxh3_64_intdigest(" ".join(text).encode()) for text in words]
    equal: dict[int, list[int]] = {}
    for place in sorted(range(len(articles)), key=lambda one: articles[one].article_id):
        if words[place]:
            equal.setdefault(exact[place], []).append(place)
    # equal texts are compared once; the longest come first, since they represent the others
    runs = {
        same[0]: _shingle_array(words[same[0]], settings.shingle_words) for same in equal.values()
    }
    order = sorted(runs, key=lambda one: (-len(runs[one]), articles[one].article_id))
    pairs = _compare_candidates(
        [runs[one] for one in order], [len(words[one]) for one in order], settings
    )
    assigned: set[int] = set()
    clusters: list[DuplicateCluster] = []
    for i, place in enumerate(order):
        if i in assigned:
            continue
        alike = [i, *(j for j in sorted(pairs[i]) if j not in assigned)]
        members = [place, *sorted(m for j in alike for m in equal[exact[order[j]]] if m != place)]
        if len(members) < 2:
            continue
        assigned.update(alike)
        clusters.append(_describe([articles[j] for j in members]))
    return sorted(clusters, key=lambda cluster: cluster.cluster_id)


def compare_articles(left: ArticleText, right: ArticleText, n_words: int = 5) -> float:
    """Resemblance of two articles: shared runs of words over all of them, 0 to 1."""
    a, b = (_shingle_set(_body_words(article), n_words) for article in (left, right))
    union = len(a | b)
    return len(a & b) / union if union else 0.0


def _compare_candidates(
    runs: Sequence[npt.NDArray[np.uint64]], n_words: Sequence[int], settings: DuplicateSettings
) -> list[set[int]]:
    """Return, for each text, those that it resembles; of very many the first stand for all."""
    sets = [frozenset(array.tolist()) for array in runs]
    pairs: list[set[int]] = [set() for _ in runs]
    owners = np.repeat(np.arange(len(runs), dtype=np.int64), [len(array) for array in runs])
    shingles = np.concatenate([*runs, np.zeros(0, dtype=np.uint64)])
    sampled = shingles % np.uint64(_SAMPLED) == 0
    shingles, owners = shingles[sampled], owners[sampled]
    order = np.lexsort((owners, shingles))
    left, right, shared = join_shingles(shingles[order], owners[order], max_postings=_MOST_COMPARED)
    # Half of the expected number of shared samples is enough to look closer.
    sizes = np.array([len(array) for array in runs], dtype=np.float64)
    expected = np.minimum(sizes[left], sizes[right]) / _SAMPLED if len(left) else np.zeros(0)
    for i, j in zip(
        left[shared >= 0.3 * expected].tolist(),
        right[shared >= 0.3 * expected].tolist(),
        strict=True,
    ):
        if min(n_words[i], n_words[j]) < settings.min_words:
            continue
        n_shared = len(sets[i] & sets[j])
        union = len(sets[i]) + len(sets[j]) - n_shared
        if union and n_shared >= settings.min_resemblance * union:
            pairs[i].add(j)
            pairs[j].add(i)
    return pairs


def _body_words(article: ArticleText) -> list[str]:
    return [
        word
        for paragraph in article.paragraphs
        if paragraph.kind is ParagraphKind.BODY
        for word in tokenize_words(paragraph.text)
    ]


def _shingle_array(words: Sequence[str], n_words: int) -> npt.NDArray[np.uint64]:
    hashes = np.array([xxhash.xxh3_64_intdigest(word.encode()) for word in words], dtype=np.uint64)
    return hash_shingles(hashes, np.array([0, len(hashes)], dtype=np.int64), n_words)[0]


def _shingle_set(words: Sequence[str], n_words: int) -> frozenset[int]:
    return frozenset(_shingle_array(words, n_words).tolist())


def _describe(members: Sequence[ArticleText]) -> DuplicateCluster:
    """The first member is the longest; the agency's own article represents and is the origin."""
    own = sorted(
        (one for one in members if one.agency is not None),
        key=lambda one: (
            (one.agency or "").casefold() not in one.outlet.casefold(),
            one.article_id,
        ),
    )
    first = find_first(members)
    origin: ArticleText | None = first
    if own and (first is None or first.agency is not None):
        origin = first or own[0]
    ids: list[ArticleId] = sorted(one.article_id for one in members)
    digest = xxhash.xxh3_64_hexdigest(ids[0].encode())
    return DuplicateCluster(
        cluster_id=ClusterId(f"d{digest}"),
        article_ids=ids,
        representative_id=(origin or members[0]).article_id,
        origin_id=origin.article_id if origin else None,
    )
