"""Which articles are one story cluster: average linkage that asks more of close-knit clusters.

Two clusters are joined, best first, while the average score of all pairs between them reaches both

- `threshold`, and
- `min_ratio` times the geometric mean of their closeness: the average score of the pairs inside a
  cluster (copies of one text aside), starting from `typical_closeness` for a single article.

The second rule keeps apart two happenings that resemble one another less than each resembles
itself: last week's quake and this week's. A pair without a link counts as `unlinked_score`.

Some link between them must also name what happened: share rare words beside the one that the
articles share most, or be strong. Likeness of topic alone, however often averaged, joins nothing.

Threads, and clusters under `granularity: story`, are cut from the same links by the score that time
takes little from, at `story_threshold` and without the second rule.

Two clusters can only be joined if some pair between them reaches `threshold`, so each connected
component of such links is worked alone. Articles are taken in the order of their ids, so the
outcome does not depend on the order in which articles or links are given.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from wirethread.articles.types.articles import ArticleId, Correction, CorrectionKind, Link
from wirethread.clustering.links.score import score_as_story
from wirethread.clustering.settings import StorySettings
from wirethread.clustering.stories.agglomeration import Agglomeration

__all__ = [
    "as_story",
    "choose_rule",
    "cluster_articles",
    "find_joined",
    "find_spokesmen",
    "score_joins",
]

_NAMING = 0.02
"""Cosine of rare words from which a link names what happened."""
_SURE = 0.3
"""Score from which a link joins whatever words it is made of."""

Places = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Pair = tuple[int, int]


def cluster_articles(
    article_ids: Iterable[ArticleId],
    links: Iterable[Link],
    corrections: Sequence[Correction] = (),
    settings: StorySettings | None = None,
    *,
    whole: Iterable[Sequence[ArticleId]] = (),
) -> list[list[ArticleId]]:
    """Return the story clusters: every article is in exactly one, alone if need be.

    Members are ordered by id, clusters by their first member. Links to other articles are ignored.
    Corrections `TOGETHER` and `APART` always win; where two contradict, together wins. Groups that
    are `whole` stay together.
    """
    settings = choose_rule(settings or StorySettings())
    ids = sorted(set(article_ids))
    links = list(links)
    spoken_for = find_spokesmen(links, ids, corrections)
    copies: dict[ArticleId, list[ArticleId]] = {}
    for member, anchor in spoken_for.items():
        copies.setdefault(anchor, []).append(member)
    place_of = {one: place for place, one in enumerate(ids) if one not in spoken_for}
    weights = np.array([1.0 + len(copies.get(one, ())) for one in ids])
    left, right, scores, naming, stand_for = _arrange_links(links, place_of, settings)
    place_of |= {one: place_of[anchor] for one, anchor in spoken_for.items()}
    joined = _corrected_pairs(corrections, CorrectionKind.TOGETHER, place_of)
    joined += [
        (place_of[group[0]], place_of[member])
        for group in whole
        for member in group[1:]
        if member in place_of and group[0] in place_of
    ]
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
    link_order = np.flatnonzero(inside)
    link_order = link_order[np.argsort(labels[left[link_order]], kind="stable")]
    left, right, scores = left[link_order], right[link_order], scores[link_order]
    naming, stand_for = naming[link_order], stand_for[link_order]
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
                (left[part], right[part], scores[part], naming[part], stand_for[part]),
                together.get(label, ()),
                apart.get(label, ()),
                settings,
                weights=weights[component],
            ).join_all()
        )
    found = [
        sorted(one for place in group for one in (ids[place], *copies.get(ids[place], ())))
        for group in groups
        if ids[group[0]] not in spoken_for
    ]
    return sorted(found)


def find_spokesmen(
    links: Iterable[Link], article_ids: Iterable[ArticleId], corrections: Sequence[Correction] = ()
) -> dict[ArticleId, ArticleId]:
    """Return the article that speaks for each of very many copies, by the anchors of their links.

    An article that a person set apart from another speaks for itself.
    """
    known = set(article_ids)
    apart = {
        article_id
        for correction in corrections
        if correction.kind is CorrectionKind.APART
        for article_id in (correction.left_id, correction.right_id)
    }
    nearest: dict[ArticleId, tuple[float, ArticleId]] = {}
    for link in links:
        if link.anchor_id is None:
            continue
        other = link.left_id if link.anchor_id == link.right_id else link.right_id
        if other in known and link.anchor_id in known and other not in apart:
            choice = -link.score, link.anchor_id
            nearest[other] = min(nearest.get(other, choice), choice)
    spoken_for: dict[ArticleId, ArticleId] = {}
    for member in nearest:
        anchor, passed = member, {member}
        while anchor in nearest and nearest[anchor][1] not in passed:
            anchor = nearest[anchor][1]
            passed.add(anchor)
        if anchor != member and anchor not in nearest:
            spoken_for[member] = anchor
    return spoken_for


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


def as_story(settings: StorySettings) -> StorySettings:
    """Return the settings by which whole stories are cut: threads, or clusters as coarse."""
    return replace(
        settings,
        granularity="story",
        threshold=settings.story_threshold,
        min_ratio=0.0,
        min_score=min(settings.min_score, settings.story_threshold),
        unlinked_score=min(settings.unlinked_score, settings.story_threshold),
    )


def choose_rule(settings: StorySettings) -> StorySettings:
    """Return the settings that cluster as coarsely as these ask for."""
    is_story = settings.granularity == "story"
    return as_story(settings) if is_story else settings


def score_joins(links: Sequence[Link], settings: StorySettings) -> npt.NDArray[np.float64]:
    """Return the score of each link that joins are decided by, float64[n]."""
    if settings.granularity == "story":
        return score_as_story(links, settings)
    return np.array([link.score for link in links], dtype=np.float64)


def label_components(n: int, left: Places, right: Places) -> Places:
    """Return int64[n], the component of each of n nodes, counted in the order of their first nodes.

    Edge i joins the nodes `left[i]` and `right[i]`, int64[edges].
    """
    graph = sp.coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    ordered: Places = rank[inverse].astype(np.int64)
    return ordered


def _arrange_links(
    links: Iterable[Link], place_of: Mapping[ArticleId, int], settings: StorySettings
) -> tuple[Places, Places, Floats, Floats, Floats]:
    """Return the links among the articles as arrays, in the order of their places.

    These are two ends, the score that decides, 1 where a link names what happened, and how many
    links it stands for.
    """
    inside = [link for link in links if link.left_id in place_of and link.right_id in place_of]
    scores = score_joins(inside, settings)
    places = np.array(
        [(place_of[link.left_id], place_of[link.right_id]) for link in inside], dtype=np.int64
    ).reshape(-1, 2)
    names = np.array([link.names for link in inside], dtype=np.float64)
    naming = ((names >= _NAMING) | (scores >= _SURE)).astype(np.float64)
    order = np.lexsort((places[:, 1], places[:, 0]))
    order = order[scores[order] >= settings.min_score]
    if len(order):  # a link that is given twice counts once, as last given
        is_last = np.any(np.diff(places[order], axis=0, append=-1), axis=1)
        order = order[is_last]
    stand_for = np.array([link.stands_for for link in inside], dtype=np.float64)
    return places[order, 0], places[order, 1], scores[order], naming[order], stand_for[order]


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


def find_joined(
    corrections: Sequence[Correction], article_ids: Collection[ArticleId]
) -> set[ArticleId]:
    """Return the articles that a person put together with one of these."""
    return {
        ArticleId(mate)
        for correction in corrections
        if correction.kind is CorrectionKind.TOGETHER and correction.right_id is not None
        for mate, other in (
            (correction.left_id, correction.right_id),
            (correction.right_id, correction.left_id),
        )
        if other in article_ids
    }
