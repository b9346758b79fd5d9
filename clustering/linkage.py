"""Average linkage over links: which articles are one story cluster.

Two clusters are joined, closest first, while the average score of all pairs between them reaches
the threshold. A pair without a link counts as 0, which is what its score would have been at most.
Two clusters can only be joined if some pair between them reaches the threshold, so the work is done
per connected component of such links, and what comes out does not depend on anything outside the
component nor on the order in which articles or links are given.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from articles.types import ArticleId, Correction, CorrectionKind, Link
from clustering.stories import StorySettings

__all__ = ["cluster_articles", "find_reachable"]

_MAX_DENSE = 3_000
"""Largest component that is worked as a full matrix (72 MB)."""

Group = list[int]


def cluster_articles(
    article_ids: Iterable[ArticleId],
    links: Iterable[Link],
    corrections: Sequence[Correction] = (),
    settings: StorySettings | None = None,
) -> list[list[ArticleId]]:
    """Return the story clusters: every article is in exactly one, alone if need be.

    Members are ordered by id, clusters by their first member. Corrections `TOGETHER` and `APART`
    always win; where two contradict, together wins.
    """
    threshold = (settings or StorySettings()).threshold
    ids = sorted(set(article_ids))
    place_of = {article_id: place for place, article_id in enumerate(ids)}
    left, right, scores = _link_arrays(links, place_of)
    joined = _corrected_pairs(corrections, CorrectionKind.TOGETHER, place_of)
    parted = _corrected_pairs(corrections, CorrectionKind.APART, place_of)

    strong = scores >= threshold
    labels = _label_components(
        len(ids),
        np.concatenate((left[strong], [pair[0] for pair in joined])).astype(np.int64),
        np.concatenate((right[strong], [pair[1] for pair in joined])).astype(np.int64),
    )
    inside = labels[left] == labels[right]
    left, right, scores = left[inside], right[inside], scores[inside]
    by_component = np.argsort(labels[left], kind="stable")
    left, right, scores = left[by_component], right[by_component], scores[by_component]
    borders = np.searchsorted(labels[left], np.arange(labels.max(initial=-1) + 2))
    members: list[Group] = [[] for _ in range(labels.max(initial=-1) + 1)]
    for place, label in enumerate(labels):
        members[label].append(place)

    touched = {labels[place] for pair in (*joined, *parted) for place in pair}
    groups: list[Group] = []
    for label, component in enumerate(members):
        if len(component) == 1:
            groups.append(component)
            continue
        part = slice(borders[label], borders[label + 1])
        local = {place: position for position, place in enumerate(component)}
        one = np.array([local[place] for place in left[part].tolist()], dtype=np.int64)
        other = np.array([local[place] for place in right[part].tolist()], dtype=np.int64)
        if label in touched or len(component) > _MAX_DENSE:
            together = [(local[a], local[b]) for a, b in joined if a in local]
            apart = [(local[a], local[b]) for a, b in parted if a in local and b in local]
            found = join_sparse(
                len(component), one, other, scores[part], threshold, together, apart
            )
        else:
            found = join_dense(len(component), one, other, scores[part], threshold)
        groups.extend([component[position] for position in group] for group in found)
    groups = sorted(sorted(group) for group in groups)
    return [[ids[place] for place in group] for group in groups]


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


def join_dense(
    n: int,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    scores: npt.NDArray[np.float64],
    threshold: float,
) -> list[Group]:
    """Average linkage over the full matrix of one component."""
    distances = np.ones((n, n))
    distances[left, right] = distances[right, left] = 1.0 - scores
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform(distances, checks=False), "average")
    labels = fcluster(tree, 1.0 - threshold + 1e-9, "distance")
    groups: dict[int, Group] = {}
    for position, label in enumerate(labels.tolist()):
        groups.setdefault(label, []).append(position)
    return list(groups.values())


def join_sparse(
    n: int,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    scores: npt.NDArray[np.float64],
    threshold: float,
    together: Collection[tuple[int, int]] = (),
    apart: Collection[tuple[int, int]] = (),
) -> list[Group]:
    """The same from the list of links, with pairs that must or must not be together."""
    start = _label_components(
        n,
        np.array([a for a, _ in together], np.int64),
        np.array([b for _, b in together], np.int64),
    )
    groups: dict[int, Group] = {}
    for position, label in enumerate(start.tolist()):
        groups.setdefault(label, []).append(position)
    sums: dict[int, dict[int, float]] = {label: {} for label in groups}
    for a, b, score in zip(left.tolist(), right.tolist(), scores.tolist(), strict=True):
        one, other = int(start[a]), int(start[b])
        if one != other:
            sums[one][other] = sums[other][one] = sums[one].get(other, 0.0) + score
    enemies: dict[int, set[int]] = {label: set() for label in groups}
    for a, b in apart:
        one, other = int(start[a]), int(start[b])
        if one != other:
            enemies[one].add(other)
            enemies[other].add(one)

    def entry(one: int, other: int) -> tuple[float, int, int, int, int]:
        average = sums[one][other] / (len(groups[one]) * len(groups[other]))
        first, second = sorted((groups[one][0], groups[other][0]))
        return (-average, first, second, one, other)

    heap = [entry(one, other) for one in sums for other in sums[one] if one < other]
    heapq.heapify(heap)
    fresh = len(groups)
    while heap:
        cost, _, _, one, other = heapq.heappop(heap)
        if -cost < threshold - 1e-9:
            break
        if one not in groups or other not in groups or other in enemies[one]:
            continue
        merged = sorted(groups.pop(one) + groups.pop(other))
        groups[fresh] = merged
        enemies[fresh] = enemies.pop(one) | enemies.pop(other)
        small, large = sorted((sums.pop(one), sums.pop(other)), key=len)
        for neighbour, total in small.items():
            large[neighbour] = large.get(neighbour, 0.0) + total
        large.pop(one, None)
        large.pop(other, None)
        sums[fresh] = large
        for neighbour, total in large.items():
            sums[neighbour].pop(one, None)
            sums[neighbour].pop(other, None)
            sums[neighbour][fresh] = total
            heapq.heappush(heap, entry(fresh, neighbour))
        for enemy in enemies[fresh]:
            if enemy in enemies:
                enemies[enemy] = (enemies[enemy] - {one, other}) | {fresh}
        fresh += 1
    return list(groups.values())


def _link_arrays(
    links: Iterable[Link], place_of: Mapping[ArticleId, int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    rows = sorted(
        (place_of[link.left_id], place_of[link.right_id], link.score)
        for link in links
        if link.left_id in place_of and link.right_id in place_of
    )
    left = np.array([row[0] for row in rows], dtype=np.int64)
    right = np.array([row[1] for row in rows], dtype=np.int64)
    return left, right, np.array([row[2] for row in rows], dtype=np.float64)


def _corrected_pairs(
    corrections: Sequence[Correction], kind: CorrectionKind, place_of: Mapping[ArticleId, int]
) -> list[tuple[int, int]]:
    pairs = set()
    for correction in corrections:
        if correction.kind is kind and correction.right_id is not None:
            left = place_of.get(ArticleId(correction.left_id))
            right = place_of.get(ArticleId(correction.right_id))
            if left is not None and right is not None and left != right:
                pairs.add((min(left, right), max(left, right)))
    return sorted(pairs)


def _label_components(
    n: int, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return a label per node, counted from 0 in the order of each component's first node."""
    graph = sp.coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    ordered: npt.NDArray[np.int64] = rank[inverse].astype(np.int64)
    return ordered
