"""Identity: new groups of articles take over the ids of the old clusters they continue.

An id never changes its meaning and is never used twice. Whatever happens to it is a `StoryEvent`
with the reason in words; `other_id` of a merge names the cluster that lives on, so an old id can
always be followed to the present one.
"""

import collections
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from wirethread.articles.types.articles import (
    ArticleId,
    ClusterId,
    Link,
    StoryCluster,
    StoryEvent,
    StoryEventKind,
)
from wirethread.clustering.stories.titles import clean_title

__all__ = [
    "FindUsed",
    "choose_title",
    "derive_ids",
    "find_central",
    "inherit_identity",
    "replace_members",
]

FindUsed = Callable[[Collection[str]], Collection[str]]
"""Says which of some ids were ever given, as the `intersection` of a set does."""
_NONE_USED: FindUsed = frozenset[str]().intersection


class Inheritance(NamedTuple):
    """Who continues whom: one id per new group, and what happened to every old and new id."""

    ids: list[str]
    events: list[StoryEvent]


def inherit_identity(
    previous: Sequence[StoryCluster],
    groups: Sequence[Sequence[ArticleId]],
    *,
    headlines: Mapping[ArticleId, str],
    links: Iterable[Link] = (),
    find_used: FindUsed = _NONE_USED,
    pinned_titles: Mapping[ClusterId, str] | None = None,
) -> tuple[list[StoryCluster], list[StoryEvent]]:
    """Return the groups as clusters with lasting ids, and what happened to the old ones.

    `previous` are the present clusters that hold any of the articles in `groups` (others are left
    alone); `find_used` says which ids were ever given, so that a birth never repeats one. The title
    is the headline of the article that its links tie most closely to the rest of its cluster.
    """
    ordered = sorted(sorted(group) for group in groups)
    ids, events = inherit_ids(
        {cluster.cluster_id: list(cluster.article_ids) for cluster in previous},
        ordered,
        prefix="s",
        member="article",
        name_of=lambda article_id: headlines.get(ArticleId(article_id), article_id),
        find_used=find_used,
    )
    strengths = _sum_links(ordered, links)
    pinned = pinned_titles or {}
    clusters = [
        StoryCluster(
            cluster_id=ClusterId(cluster_id),
            article_ids=tuple(group),
            title=pinned.get(ClusterId(cluster_id)) or choose_title(group, strengths, headlines),
        )
        for cluster_id, group in zip(ids, ordered, strict=True)
    ]
    return clusters, events


def inherit_ids(
    previous: Mapping[str, Sequence[str]],
    groups: Sequence[Sequence[str]],
    *,
    prefix: str,
    member: str,
    name_of: Callable[[str], str],
    find_used: FindUsed = _NONE_USED,
) -> Inheritance:
    """Give each group the id of the old group it shares most members with, or a new one.

    Pairs of old and new groups are taken by the number of shared members, then by the share of the
    old group that they are, then by id, so the outcome does not depend on any order.
    """
    group_of = {item: place for place, group in enumerate(groups) for item in group}
    shared: collections.Counter[tuple[str, int]] = collections.Counter()
    for old_id, items in previous.items():
        shared.update((old_id, group_of[item]) for item in items if item in group_of)

    ids: dict[int, str] = {}
    heir_of: dict[str, int] = {}
    by_overlap = sorted(
        shared,
        key=lambda pair: (-shared[pair], len(previous[pair[0]]), pair[0], groups[pair[1]][0]),
    )
    for old_id, place in by_overlap:
        if old_id not in heir_of and place not in ids:
            heir_of[old_id], ids[place] = place, old_id

    olds_by_place: dict[int, list[str]] = {}
    for old_id, place in by_overlap:
        olds_by_place.setdefault(place, []).append(old_id)
    born = [place for place in range(len(groups)) if place not in ids]
    derived = derive_ids(prefix, [groups[place] for place in born], previous, find_used)
    ids.update(zip(born, derived, strict=True))

    events: list[StoryEvent] = []
    for place, group in enumerate(groups):
        olds = olds_by_place.get(place, [])
        counts = {old_id: shared[old_id, place] for old_id in olds}
        events.extend(_describe_group(ids[place], group, counts, previous, member))
    for old_id in sorted(previous):
        if old_id in heir_of:
            continue
        homes = [place for other, place in by_overlap if other == old_id]
        if homes:
            home = homes[0]
            events.append(
                StoryEvent(
                    kind=StoryEventKind.MERGED,
                    subject_id=old_id,
                    other_id=ids[home],
                    reason=(
                        f"{shared[old_id, home]} of its {_count(len(previous[old_id]), member)} "
                        f"now stand with “{name_of(groups[home][0])}”"
                    ),
                )
            )
        else:
            events.append(
                StoryEvent(
                    kind=StoryEventKind.REMOVED,
                    subject_id=old_id,
                    other_id=None,
                    reason=f"none of its {_count(len(previous[old_id]), member)} is left",
                )
            )
    return Inheritance([ids[place] for place in range(len(groups))], events)


def derive_ids(
    prefix: str,
    groups: Sequence[Sequence[str]],
    taken: Collection[str] = (),
    find_used: FindUsed = _NONE_USED,
) -> list[str]:
    """Return an id for each group, made from its members; a further one where that was used."""
    founding = ["\n".join(sorted(group)) for group in groups]
    given = set(taken)
    found = dict.fromkeys(range(len(groups)), "")
    open_places = list(found)
    attempt = 0
    while open_places:
        candidates = {
            place: _hash_members(prefix, founding[place], attempt) for place in open_places
        }
        used = set(find_used(list(candidates.values())))
        for place, candidate in candidates.items():
            if candidate not in used and candidate not in given:
                found[place] = candidate
                given.add(candidate)
        open_places = [place for place in open_places if not found[place]]
        attempt += 1
    return list(found.values())


def _hash_members(prefix: str, founding: str, attempt: int) -> str:
    salted = founding if attempt == 0 else f"{founding}\n#{attempt}"
    return f"{prefix}{hashlib.blake2b(salted.encode(), digest_size=8).hexdigest()}"


def find_central(group: Sequence[ArticleId], strengths: Mapping[ArticleId, float]) -> ArticleId:
    """Return the member with the largest sum of link scores to the others; ties by id."""
    return min(
        group, key=lambda article_id: (-round(strengths.get(article_id, 0.0), 6), article_id)
    )


def choose_title(
    group: Sequence[ArticleId],
    strengths: Mapping[ArticleId, float],
    headlines: Mapping[ArticleId, str],
) -> str:
    """Return the headline of the most central article that has one, without outlet and tags."""
    titled = [article_id for article_id in group if headlines.get(article_id, "").strip()]
    return clean_title(headlines[find_central(titled, strengths)]) if titled else ""


def _sum_links(
    groups: Sequence[Sequence[ArticleId]], links: Iterable[Link]
) -> dict[ArticleId, float]:
    group_of = {article_id: place for place, group in enumerate(groups) for article_id in group}
    strengths: dict[ArticleId, float] = {}
    inside = (
        link for link in links if group_of.get(link.left_id, -1) == group_of.get(link.right_id, -2)
    )
    for link in sorted(inside, key=lambda link: (link.left_id, link.right_id)):
        for article_id in (link.left_id, link.right_id):
            strengths[article_id] = strengths.get(article_id, 0.0) + link.score * link.stands_for
    return strengths


def _describe_group(
    group_id: str,
    group: Sequence[str],
    counts: Mapping[str, int],
    previous: Mapping[str, Sequence[str]],
    member: str,
) -> Iterable[StoryEvent]:
    """Say how a group came about: born, split from an old one, or grown.

    `counts` gives how many of its members each old group supplied, most first.
    """
    n_known = sum(counts.values())
    n_new = len(group) - n_known
    if group_id not in previous:
        if counts:
            left = next(iter(counts))
            yield StoryEvent(
                kind=StoryEventKind.SPLIT,
                subject_id=group_id,
                other_id=left,
                reason=(
                    f"{counts[left]} of the {_count(len(previous[left]), member)} of {left} "
                    f"parted from the others{_and_new(n_new, member)}"
                ),
            )
        else:
            yield StoryEvent(
                kind=StoryEventKind.BORN,
                subject_id=group_id,
                other_id=None,
                reason=(
                    f"{_count(len(group), member)} that"
                    f" {'belongs' if len(group) == 1 else 'belong'} to no earlier one"
                ),
            )
        return
    n_from_others = n_known - counts[group_id]
    if n_new or n_from_others:
        parts = [f"{_count(n_new, 'new ' + member)} joined"] if n_new else []
        parts += [
            f"{_count(count, member)} came from {old_id}"
            for old_id, count in counts.items()
            if old_id != group_id
        ]
        yield StoryEvent(
            kind=StoryEventKind.GREW, subject_id=group_id, other_id=None, reason=", ".join(parts)
        )


def _and_new(n_new: int, member: str) -> str:
    return f" and joined {_count(n_new, 'new ' + member)}" if n_new else ""


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def replace_members(
    clusters: Sequence[StoryCluster],
    superseded: Collection[ArticleId],
    heirs: Mapping[ArticleId, ArticleId],
) -> list[StoryCluster]:
    """Return the clusters with its heir in the place of each superseded article, each heir once.

    A superseded article without one leaves its cluster.
    """
    placed: set[ArticleId] = set()
    succeeded = []
    for cluster in clusters:
        kept = []
        for article_id in cluster.article_ids:
            present = heirs.get(article_id) if article_id in superseded else article_id
            if present is not None and present not in placed:
                placed.add(present)
                kept.append(present)
        succeeded.append(replace(cluster, article_ids=tuple(kept)))
    return succeeded
