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
from wirethread.clustering.paragraphs.shingles import hash_shingles
from wirethread.clustering.passages.like_texts import pair_runs
from wirethread.clustering.passages.representatives import (
    Representative,
    choose_representative,
    find_origin,
)
from wirethread.clustering.types import ArticleText

__all__ = ["DuplicateSettings", "find_duplicates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateSettings:
    """When two articles are one text."""

    shingle_words: int = 5
    """Length of the runs of words that are compared."""
    min_resemblance: float = 0.7
    """Shared runs over all runs of both articles (Jaccard) from which they are one text."""
    min_words: int = 30
    """Shorter articles are duplicates only when they are equal, words of body text."""
    representative: Representative = "origin"
    """Which article stands for the others: `origin` (the agency's own, else the first known, else
    the longest), `earliest`, `longest`, `agency` (an agency's own, else the earliest) or `outlets`.
    """
    outlets: tuple[str, ...] = ()
    """With `representative: outlets` those whose article stands for the others, the best first."""

    def __post_init__(self) -> None:
        if (self.representative == "outlets") != bool(self.outlets):
            raise ValueError(
                "outlets are named with `representative: outlets`, and only with it; that is"
                f" {self.representative!r} and {len(self.outlets)} are named"
            )
        require_between(self, 1, math.inf, "shingle_words", "min_words")
        require_between(self, 0.01, 1, "min_resemblance")


def find_duplicates(
    articles: Sequence[ArticleText], settings: DuplicateSettings | None = None
) -> list[DuplicateCluster]:
    """Clusters of two or more articles that are one text, sorted by cluster id.

    Every article of a cluster resembles the longest of them: likeness is not passed on from one
    copy to the next. `representatives` tells which one stands for them, `like_texts` how candidates
    are found; comparison is exact.
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
        clusters.append(
            _describe(
                [articles[j] for j in members],
                [runs[equal[exact[j]][0]] for j in members],
                [" ".join(words[j]) for j in members],
                settings,
            )
        )
    return sorted(clusters, key=lambda cluster: cluster.cluster_id)


def _compare_candidates(
    runs: Sequence[npt.NDArray[np.uint64]], n_words: Sequence[int], settings: DuplicateSettings
) -> list[set[int]]:
    """Return, for each text, those that it resembles; of very many the first stand for all."""
    pairs: list[set[int]] = [set() for _ in runs]
    left, right, _ = pair_runs(runs, settings.min_resemblance)
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        if min(n_words[i], n_words[j]) >= settings.min_words:
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


def _describe(
    members: Sequence[ArticleText],
    runs: Sequence[npt.NDArray[np.uint64]],
    words: Sequence[str],
    settings: DuplicateSettings,
) -> DuplicateCluster:
    """Return the cluster of some articles, of which the first is the longest."""
    origin = find_origin(members)
    chosen, chosen_by = choose_representative(
        members, origin, settings.representative, settings.outlets
    )
    place = next(i for i, one in enumerate(members) if one is chosen)
    scores = [_resemble(runs[place], run) for run in runs]
    told = {
        member.article_id: (
            round(score, 4) if words[i] != words[place] else 1.0,
            _say_why(score, words[i] == words[place], settings),
        )
        for i, (member, score) in enumerate(zip(members, scores, strict=True))
    }
    ids: list[ArticleId] = sorted(told)
    digest = xxhash.xxh3_64_hexdigest(ids[0].encode())
    return DuplicateCluster(
        cluster_id=ClusterId(f"d{digest}"),
        article_ids=ids,
        representative_id=chosen.article_id,
        origin_id=origin.article_id if origin else None,
        chosen_by=chosen_by,
        scores=[told[one][0] for one in ids],
        reasons=[told[one][1] for one in ids],
    )


def _resemble(left: npt.NDArray[np.uint64], right: npt.NDArray[np.uint64]) -> float:
    """Shared runs of words over all runs of both; 1 where neither has any."""
    n_shared = len(np.intersect1d(left, right, assume_unique=True))
    union = len(left) + len(right) - n_shared
    return n_shared / union if union else 1.0


def _say_why(score: float, is_equal: bool, settings: DuplicateSettings) -> str:
    if is_equal:
        return "the same words"
    return f"{score:.0%} of all runs of {settings.shingle_words} words stand in both"
