"""The links that tie two articles to each other, through others where need be."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence

from articles.types import ArticleId, Link

__all__ = ["average_score", "find_strongest_path"]


def find_strongest_path(
    links: Iterable[Link], begin: ArticleId, end: ArticleId
) -> list[Link] | None:
    """Return the path whose weakest link is strongest; None where no path leads there.

    Dijkstra's algorithm on the widest path; of equal ones the one with fewer links.
    """
    around: dict[ArticleId, list[tuple[ArticleId, Link]]] = defaultdict(list)
    for link in links:
        around[link.left_id].append((link.right_id, link))
        around[link.right_id].append((link.left_id, link))
    waiting: list[tuple[float, int, ArticleId]] = [(-1.0, 0, begin)]
    came_by: dict[ArticleId, tuple[ArticleId, Link]] = {}
    best: dict[ArticleId, tuple[float, int]] = {begin: (-1.0, 0)}
    done: set[ArticleId] = set()
    while waiting:
        width, n_links, here = heapq.heappop(waiting)
        if here in done:
            continue
        done.add(here)
        if here == end:
            return trace_back(came_by, begin, end)
        for there, link in around[here]:
            reached = (max(width, -link.score), n_links + 1)
            if there not in done and reached < best.get(there, (0.0, 0)):
                best[there] = reached
                came_by[there] = (here, link)
                heapq.heappush(waiting, (*reached, there))
    return None


def trace_back(
    came_by: dict[ArticleId, tuple[ArticleId, Link]], begin: ArticleId, end: ArticleId
) -> list[Link]:
    """Return the links walked from `begin` to `end`."""
    path: list[Link] = []
    here = end
    while here != begin:
        here, link = came_by[here]
        path.append(link)
    return path[::-1]


def average_score(
    links: Iterable[Link], left: Sequence[ArticleId], right: Sequence[ArticleId]
) -> float:
    """Return the mean score over all pairs of the two clusters; a pair without a link counts 0."""
    one, other = set(left), set(right)
    total = sum(
        link.score
        for link in links
        if (link.left_id in one and link.right_id in other)
        or (link.left_id in other and link.right_id in one)
    )
    return total / (len(one) * len(other))
