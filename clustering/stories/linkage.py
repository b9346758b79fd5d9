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

from wirethread.articles.types.articles import ArticleId, Correction, CorrectionKind, Link
from wirethread.clustering.settings import StorySettings
from wirethread.clustering.stories.agglomeration import Agglomeration

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
    by_label = np.argsort(labels, kind="stable")
    bounds = _find_bounds(labels[by_label])
    inside = labels[left] == labels[right]
    left, right, scores = left[inside], right[inside], scores[inside]
    link_order = np.argsort(labels[left], kind="stable")
    left, right, scores = left[link_order], right[link_order], scores[link_order]
    link_bounds = np.searchsorted(labels[left], np.arange(len(bounds))).tolist()
    together, apart = _group_by_label(joined, labels), _group_by_label(parted, labels)

    groups: list[list[int]] = []
    for label in range(len(bounds) - 1):
        component = by_label[bounds[label] : bounds[label + 1]].tolist()
        if len(component) == 1:
            groups.append(component)
            continue
        part = slice(link_bounds[label], link_bounds[label + 1])
        groups.extend(
            Agglomeration(
                component,
                (left[part], right[part], scores[part]),
                together.get(label, ()),
                apart.get(label, ()),
                settings,
            ).join_all()
        )
    return [[ids[place] for place in group] for group in sorted(groups)]


def _find_bounds(sorted_labels: Places) -> list[int]:
    """Return where each of the labels 0, 1, ... begins, and the end of the last."""
    n_labels = int(sorted_labels[-1]) + 1 if len(sorted_labels) else 0
    bounds: list[int] = np.searchsorted(sorted_labels, np.arange(n_labels + 1)).tolist()
    return bounds


def _group_by_label(pairs: Iterable[Pair], labels: Places) -> dict[int, list[Pair]]:
    """Return the pairs whose two members lie in one component, by its label."""
    grouped: dict[int, list[Pair]] = {}
    for pair in pairs:
        if labels[pair[0]] == labels[pair[1]]:
            grouped.setdefault(int(labels[pair[0]]), []).append(pair)
    return grouped


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
    ends, scores = [], []
    for link in links:
        left, right = place_of.get(link.left_id), place_of.get(link.right_id)
        if left is not None and right is not None:
            ends.append(left)
            ends.append(right)
            scores.append(link.score)
    places = np.array(ends, dtype=np.int64).reshape(-1, 2)
    order = np.lexsort((places[:, 1], places[:, 0]))
    if len(order):  # a link that is given twice counts once, as last given
        is_last = np.any(np.diff(places[order], axis=0, append=-1), axis=1)
        order = order[is_last]
    return places[order, 0], places[order, 1], np.array(scores, dtype=np.float64)[order]


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
