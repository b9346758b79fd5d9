"""Which articles are one story cluster: average linkage that asks more of close-knit clusters.

Two clusters are joined, best first, while the average score of all pairs between them reaches both

- `threshold`, and
- `min_ratio` times the geometric mean of their closeness: the average score of the pairs inside a
  cluster (copies of one text aside), starting from `typical_closeness` for a single article.

The second rule keeps apart two happenings that resemble one another less than each resembles
itself: last week's quake and this week's. A pair without a link counts as `unlinked_score`.

Two clusters can only be joined if some pair between them reaches `threshold`, so each connected
component of such links is worked alone. Articles are taken in the order of their ids, so the
outcome does not depend on the order in which articles or links are given.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from articles.types import ArticleId, Correction, CorrectionKind, Link
from clustering.agglomeration import Agglomeration
from clustering.stories import StorySettings

__all__ = ["cluster_articles", "find_reachable"]

Places = npt.NDArray[np.int64]
Pair = tuple[int, int]


def cluster_articles(
    article_ids: Iterable[ArticleId],
    links: Iterable[Link],
    corrections: Sequence[Correction] = (),
    settings: StorySettings | None = None,
) -> list[list[ArticleId]]:
    """Return the story clusters: every article is in exactly one, alone if need be.

    Members are ordered by id, clusters by their first member. Links to other articles are ignored.
    Corrections `TOGETHER` and `APART` always win; where two contradict, together wins.
    """
    settings = settings or StorySettings()
    ids = sorted(set(article_ids))
    place_of = {article_id: place for place, article_id in enumerate(ids)}
    left, right, scores = _arrange_links(links, place_of)
    joined = _corrected_pairs(corrections, CorrectionKind.TOGETHER, place_of)
    parted = _corrected_pairs(corrections, CorrectionKind.APART, place_of)

    strong = scores >= settings.threshold
    labels = label_components(
        len(ids),
        np.concatenate((left[strong], np.array([pair[0] for pair in joined], np.int64))),
        np.concatenate((right[strong], np.array([pair[1] for pair in joined], np.int64))),
    )
    n_components = int(labels.max(initial=-1)) + 1
    members: list[list[int]] = [[] for _ in range(n_components)]
    for place, label in enumerate(labels.tolist()):
        members[label].append(place)
    pairs: list[list[tuple[int, int, float]]] = [[] for _ in range(n_components)]
    for a, b, score in zip(left.tolist(), right.tolist(), scores.tolist(), strict=True):
        if labels[a] == labels[b]:
            pairs[labels[a]].append((a, b, score))

    groups: list[list[int]] = []
    for component, scored in zip(members, pairs, strict=True):
        if len(component) == 1:
            groups.append(component)
            continue
        inside = set(component)
        together = [pair for pair in joined if pair[0] in inside]
        apart = [pair for pair in parted if pair[0] in inside and pair[1] in inside]
        groups.extend(Agglomeration(component, scored, together, apart, settings).join_all())
    return [[ids[place] for place in group] for group in sorted(groups)]


def find_reachable(
    seeds: Iterable[ArticleId], links: Iterable[Link], threshold: float
) -> set[ArticleId]:
    """Return the seeds and all articles that links of at least `threshold` connect with them.

    When only the seeds are new or changed, only the clusters of these articles can change.
    """
    neighbours: dict[ArticleId, list[ArticleId]] = {}
    for link in links:
        if link.score >= threshold:
            neighbours.setdefault(link.left_id, []).append(link.right_id)
            neighbours.setdefault(link.right_id, []).append(link.left_id)
    reached = set(seeds)
    waiting = list(reached)
    while waiting:
        for neighbour in neighbours.get(waiting.pop(), ()):
            if neighbour not in reached:
                reached.add(neighbour)
                waiting.append(neighbour)
    return reached


def label_components(n: int, left: Places, right: Places) -> Places:
    """Return the component of each of n nodes, counted in the order of their first nodes."""
    graph = sp.coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    ordered: Places = rank[inverse].astype(np.int64)
    return ordered


def _arrange_links(
    links: Iterable[Link], place_of: Mapping[ArticleId, int]
) -> tuple[Places, Places, npt.NDArray[np.float64]]:
    """Return the links among the articles as arrays, in the order of their places."""
    rows = [
        (place_of[link.left_id], place_of[link.right_id], link.score)
        for link in links
        if link.left_id in place_of and link.right_id in place_of
    ]
    left = np.array([row[0] for row in rows], dtype=np.int64)
    right = np.array([row[1] for row in rows], dtype=np.int64)
    scores = np.array([row[2] for row in rows], dtype=np.float64)
    order = np.lexsort((right, left))
    return left[order], right[order], scores[order]


def _corrected_pairs(
    corrections: Sequence[Correction], kind: CorrectionKind, place_of: Mapping[ArticleId, int]
) -> list[Pair]:
    pairs = set()
    for correction in corrections:
        if correction.kind is kind and correction.right_id is not None:
            left = place_of.get(ArticleId(correction.left_id))
            right = place_of.get(ArticleId(correction.right_id))
            if left is not None and right is not None and left != right:
                pairs.add((min(left, right), max(left, right)))
    return sorted(pairs)
