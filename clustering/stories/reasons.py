"""Why two articles are in one story cluster, or are not: every component, the demand, the path."""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wirethread.articles.types.articles import ArticleId, Link
from wirethread.clustering.links.score import score_links, time_penalty
from wirethread.clustering.links.terms import weigh_terms
from wirethread.clustering.settings import StoryArticle, StorySettings
from wirethread.clustering.stories.linkage import find_spokesmen

__all__ = [
    "GroupComparison",
    "LinkExplanation",
    "ScorePart",
    "compare_groups",
    "explain_link",
    "find_path",
]

_N_SHARED_WORDS = 12

_Scores = Mapping[tuple[ArticleId, ArticleId], tuple[float, float]]
"""Of pairs with a link, its score and how many links it stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePart:
    """One component of a score: what was measured, what it adds, and what that means."""

    name: str
    value: float
    adds: float
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkExplanation:
    """The score of two articles, taken apart."""

    left_id: ArticleId
    right_id: ArticleId
    score: float
    threshold: float
    verdict: str
    parts: Sequence[ScorePart]
    shared_words: Sequence[tuple[str, float]]
    """The words that carry the likeness, with their share of it, strongest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupComparison:
    """How two groups of articles stand to one another under the rule that joins clusters."""

    average: float
    """Average score of all pairs between them."""
    demand: float
    """What the average has to reach."""
    closeness_left: float
    closeness_right: float
    n_linked_pairs: int
    n_pairs: int
    may_join: bool
    reason: str


def explain_link(
    left: StoryArticle,
    right: StoryArticle,
    vectors: npt.NDArray[np.float32],
    shared_copy: float = 0.0,
    settings: StorySettings | None = None,
) -> LinkExplanation:
    """Return the score of two articles with all its parts in words.

    `vectors` float32[2, d] are the unit vectors of their openings, left first. The numbers are
    those that `score_links` stores.
    """
    settings = settings or StorySettings()
    if right.article_id < left.article_id:
        left, right, vectors = right, left, vectors[::-1]
    opened = replace(settings, window_days=math.inf)
    copied = {(left.article_id, right.article_id): shared_copy} if shared_copy else {}
    plain = [replace(one, is_roundup=False) for one in (left, right)]
    (link,) = score_links(plain, vectors, None, copied, opened, least=-math.inf)
    n_roundups = left.is_roundup + right.is_roundup
    too_far = link.gap_days is not None and link.gap_days > settings.window_days
    if too_far:
        verdict = (
            f"no link: {link.gap_days:.1f} days lie between them, "
            f"more than the window of {settings.window_days:g} days"
        )
    elif n_roundups == 1 or (n_roundups and link.score < settings.copy_score):
        which = "both of them tell" if n_roundups == 2 else "one of them tells"
        verdict = f"no link: {which} of several things at once and would glue stories together"
    elif link.score >= settings.threshold:
        verdict = f"the score {link.score:.2f} reaches the threshold {settings.threshold:.2f}"
    elif link.score >= settings.min_score:
        verdict = (
            f"the score {link.score:.2f} is kept as evidence, but stays below the threshold "
            f"{settings.threshold:.2f}"
        )
    else:
        verdict = f"no link: the score {link.score:.2f} is below {settings.min_score:.2f}"
    return LinkExplanation(
        left_id=left.article_id,
        right_id=right.article_id,
        score=link.score,
        threshold=settings.threshold,
        verdict=verdict,
        parts=_take_apart(link, settings),
        shared_words=_find_shared_words(left, right),
    )


def find_path(left_id: ArticleId, right_id: ArticleId, links: Iterable[Link]) -> list[Link]:
    """Return the chain of links between two articles whose weakest link is the strongest possible.

    Among equals the one with fewer links; empty where nothing connects them.
    """
    neighbours: dict[ArticleId, list[tuple[ArticleId, Link]]] = {}
    for link in links:
        neighbours.setdefault(link.left_id, []).append((link.right_id, link))
        neighbours.setdefault(link.right_id, []).append((link.left_id, link))
    came_by: dict[ArticleId, tuple[ArticleId, Link] | None] = {}
    heap: list[tuple[float, int, ArticleId, ArticleId | None, Link | None]] = [
        (-math.inf, 0, left_id, None, None)
    ]
    while heap:
        weakest, steps, article_id, before, step_link = heapq.heappop(heap)
        if article_id in came_by:
            continue
        came_by[article_id] = None if before is None or step_link is None else (before, step_link)
        if article_id == right_id:
            break
        for neighbour, onward in neighbours.get(article_id, ()):
            if neighbour not in came_by:
                entry = (max(weakest, -onward.score), steps + 1, neighbour, article_id, onward)
                heapq.heappush(heap, entry)
    path: list[Link] = []
    at = right_id
    while (step := came_by.get(at)) is not None:
        path.append(step[1])
        at = step[0]
    return path[::-1]


def compare_groups(
    left: Sequence[ArticleId],
    right: Sequence[ArticleId],
    links: Iterable[Link],
    settings: StorySettings | None = None,
) -> GroupComparison:
    """Return whether two groups would be joined, and the numbers that decide it."""
    settings = settings or StorySettings()
    links = list(links)
    spoken_for = find_spokesmen(links, [*left, *right])
    left = [spoken_for.get(one, one) for one in left]
    right = [spoken_for.get(one, one) for one in right]
    scores = {(link.left_id, link.right_id): (link.score, link.stands_for) for link in links}
    known = _count_between(Counter(left), Counter(right), scores)
    n_pairs = len(left) * len(right)
    if not n_pairs:
        raise ValueError("an empty group cannot be compared")
    linked = sum(score * count for score, count in known.items())
    # what stands for others is an estimate: no more are linked than there are
    n_stood_for = sum(known.values())
    n_linked = min(n_stood_for, n_pairs)
    linked *= n_linked / max(n_stood_for, 1)
    average = (linked + settings.unlinked_score * (n_pairs - n_linked)) / n_pairs
    closeness_left = measure_closeness(left, scores, settings)
    closeness_right = measure_closeness(right, scores, settings)
    relative = settings.min_ratio * math.sqrt(closeness_left * closeness_right)
    demand = max(settings.threshold, relative)
    may_join = average >= demand
    why = (
        "the threshold"
        if relative <= settings.threshold
        else f"{settings.min_ratio:.0%} of how close the articles inside each of them are"
    )
    return GroupComparison(
        average=average,
        demand=demand,
        closeness_left=closeness_left,
        closeness_right=closeness_right,
        n_linked_pairs=round(n_linked),
        n_pairs=n_pairs,
        may_join=may_join,
        reason=(
            f"their articles score {average:.2f} on average ({n_linked:.0f} of {n_pairs} pairs are "
            f"linked), {'which reaches' if may_join else 'less than'} {demand:.2f}: {why}"
        ),
    )


def measure_closeness(
    group: Sequence[ArticleId],
    scores: _Scores,
    settings: StorySettings,
) -> float:
    """Return the average score inside a group, copies aside, starting from one typical pair."""
    members = Counter(group)
    known = _count_within(members, scores)
    n_unlinked = max(math.comb(len(group), 2) - sum(known.values()), 0.0)
    counted = {score: count for score, count in known.items() if score < settings.copy_score}
    total = sum(score * count for score, count in counted.items())
    total += settings.typical_closeness + settings.unlinked_score * n_unlinked
    return min(total / (1 + n_unlinked + sum(counted.values())), settings.max_closeness)


def _count_within(members: Mapping[ArticleId, int], scores: _Scores) -> dict[float, float]:
    """Return how many pairs of members have each score; who stands there twice has 1 to itself."""
    found: dict[float, float] = defaultdict(float)
    found[1.0] = sum(math.comb(count, 2) for count in members.values())
    for (left, right), (score, stands_for) in scores.items():
        found[score] += members.get(left, 0) * members.get(right, 0) * stands_for
    return found


def _count_between(
    left: Mapping[ArticleId, int],
    right: Mapping[ArticleId, int],
    scores: _Scores,
) -> dict[float, float]:
    """Return how many pairs across have each score; an article on both sides has 1 to itself."""
    found: dict[float, float] = defaultdict(float)
    found[1.0] = sum(count * right.get(member, 0) for member, count in left.items())
    for (left_id, right_id), (score, stands_for) in scores.items():
        n_pairs = left.get(left_id, 0) * right.get(right_id, 0)
        n_pairs += left.get(right_id, 0) * right.get(left_id, 0)
        found[score] += n_pairs * stands_for
    return found


def _take_apart(link: Link, settings: StorySettings) -> list[ScorePart]:
    parts = [
        ScorePart(
            name="openings",
            value=link.dense,
            adds=settings.dense_weight * link.dense,
            meaning=f"headline and opening are {_in_words(link.dense, 0.35, 0.6)} in meaning",
        ),
        ScorePart(
            name="words",
            value=link.sparse,
            adds=settings.sparse_weight * link.sparse,
            meaning=(
                f"the texts are {_in_words(link.sparse, 0.15, 0.35)} in their words; rare words, "
                f"names and numbers make up {link.names:.2f} of {link.sparse:.2f}"
            ),
        ),
    ]
    if link.shared_copy:
        parts.append(
            ScorePart(
                name="shared copy",
                value=link.shared_copy,
                adds=settings.copy_weight * link.shared_copy,
                meaning=f"{link.shared_copy:.0%} of the shorter text is common copy",
            )
        )
    if link.named_days:
        same = "the same" if link.named_days > 0 else "other"
        parts.append(
            ScorePart(
                name="weekdays",
                value=link.named_days,
                adds=settings.day_weight * link.named_days,
                meaning=f"both name weekdays, mostly {same} ones",
            )
        )
    if link.gap_days is None:
        meaning = "the time between them is unknown, which counts neither for nor against"
    elif link.time_penalty > time_penalty(link.gap_days, settings) + 1e-6:
        meaning = f"{link.gap_days:.1f} days lie between them, and their figures do not agree"
    elif link.time_penalty:
        meaning = f"{link.gap_days:.1f} days lie between them"
    else:
        meaning = f"{link.gap_days:.1f} days lie between them, which costs nothing"
    parts.append(
        ScorePart(
            name="time",
            value=math.nan if link.gap_days is None else link.gap_days,
            adds=-link.time_penalty,
            meaning=meaning,
        )
    )
    return parts


def _in_words(value: float, low: float, high: float) -> str:
    return "very alike" if value >= high else "somewhat alike" if value >= low else "hardly alike"


def _find_shared_words(left: StoryArticle, right: StoryArticle) -> list[tuple[str, float]]:
    table = weigh_terms([left, right])
    shared = (table.weights[[0]].multiply(table.weights[[1]])).toarray().ravel()
    total = float(shared.sum())
    if total <= 0.0:
        return []
    strongest = np.argsort(-shared, kind="stable")[:_N_SHARED_WORDS]
    return [
        (table.words[place], round(float(shared[place]) / total, 4))
        for place in strongest.tolist()
        if shared[place] > 0.0
    ]
