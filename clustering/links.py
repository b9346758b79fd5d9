"""Links: which articles may tell one story, with every component of the score.

The score of a pair depends on the two articles alone. It does not change with what else is in the
batch or with the order of arrival, so links of earlier runs stay valid for ever. A roundup, live
page or newsletter of several stories has no links but to its own copies, so that it never ties two
stories together.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from articles.types import ArticleId, Link
from clustering.figures import find_figures, measure_disagreement
from clustering.named_days import AGREEING, compare_named_days, weigh_named_days
from clustering.stories import StoryArticle, StorySettings
from clustering.story_pairs import find_story_pairs
from clustering.terms import TermTable, weigh_terms

__all__ = ["article_days", "score_links", "sum_penalties", "time_penalty"]

_SECONDS_PER_DAY = 86_400.0
_DIGITS = 6  # so that a score is the same whatever block it was computed in
_CHUNK = 50_000


def score_links(
    articles: Sequence[StoryArticle],
    vectors: npt.NDArray[np.float32],
    is_new: npt.NDArray[np.bool_] | None = None,
    shared_copy: Mapping[tuple[ArticleId, ArticleId], float] | None = None,
    settings: StorySettings | None = None,
) -> list[Link]:
    """Return every pair of articles that reaches `min_score` and has a new member, ordered by ids.

    `vectors` float32[n, d] are the unit vectors of the openings. `is_new` bool[n] marks the
    articles that have no links yet (all, by default). `shared_copy` gives the share of common copy
    (0 to 1) of pairs, left id before right id. Pairs further apart than `window_days` are never
    compared; an article without a time is compared with all.

    Raises:
        ValueError: where `vectors` or `is_new` do not fit the articles, or an id stands twice.
    """
    settings = settings or StorySettings()
    n = len(articles)
    fresh = np.ones(n, dtype=bool) if is_new is None else np.asarray(is_new, dtype=bool)
    if len(vectors) != n or len(fresh) != n:
        raise ValueError(f"{len(vectors)} vectors and {len(fresh)} marks for {n} articles")
    if len({article.article_id for article in articles}) != n:
        raise ValueError("an article stands twice among the articles to link")
    if not fresh.any():
        return []
    copy = _copy_by_place(articles, fresh, shared_copy or {}, settings)
    days = article_days(articles)
    table = weigh_terms(articles)
    left, right = find_story_pairs(
        vectors=vectors,
        weights=table.weights.astype(np.float32),
        days=days,
        is_new=fresh,
        dense_weight=settings.dense_weight,
        sparse_weight=settings.sparse_weight,
        min_score=settings.min_score - settings.day_weight * (1.0 - AGREEING),
        window_days=settings.window_days,
    )
    left, right = _with_copies(left, right, copy, days, settings)
    links: list[Link] = []
    for begin in range(0, len(left), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        links.extend(
            _score_pairs(articles, vectors, table, days, copy, left[part], right[part], settings)
        )
    return sorted(links, key=lambda link: (link.left_id, link.right_id))


def article_days(articles: Sequence[StoryArticle]) -> npt.NDArray[np.float64]:
    """Return the publication times in days since 1970, NaN where unknown."""
    return np.array(
        [
            np.nan if a.published_at is None else a.published_at.timestamp() / _SECONDS_PER_DAY
            for a in articles
        ],
        dtype=np.float64,
    )


def time_penalty(gap_days: float | None, settings: StorySettings) -> float:
    """Return what the time between two articles takes from their score; unknown takes nothing."""
    if gap_days is None:
        return 0.0
    span = max(settings.full_gap_days - settings.free_gap_days, 1e-9)
    share = min(max((gap_days - settings.free_gap_days) / span, 0.0), 1.0)
    return share * settings.max_time_penalty


def sum_penalties(gap_days: float | None, disagreement: float, settings: StorySettings) -> float:
    """Return what time and, some way apart, figures that disagree (0 to 1) take from a score."""
    penalty = time_penalty(gap_days, settings)
    if gap_days is not None and gap_days >= settings.figure_gap_days:
        penalty += settings.figure_penalty * disagreement
    return penalty


def _score_pairs(  # noqa: PLR0917 - the arrays of one batch, never called from elsewhere
    articles: Sequence[StoryArticle],
    vectors: npt.NDArray[np.float32],
    table: TermTable,
    days: npt.NDArray[np.float64],
    copy: Mapping[tuple[int, int], float],
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    settings: StorySettings,
) -> list[Link]:
    dense = np.einsum("ij,ij->i", vectors[left], vectors[right], dtype=np.float64)
    shared = sp.csr_array(table.weights[left].multiply(table.weights[right]))
    sparse = np.asarray(shared.sum(axis=1)).ravel()
    names = np.asarray(shared[:, table.is_rare].sum(axis=1)).ravel()
    gaps = np.abs(days[left] - days[right])
    figures = _list_figures(articles, left, right)
    named_days = _compare_days(articles, left, right)
    links = []
    for at, (one, other) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        gap = None if np.isnan(gaps[at]) else round(float(gaps[at]), _DIGITS)
        penalty = sum_penalties(gap, measure_disagreement(figures[one], figures[other]), settings)
        copied = copy.get((min(one, other), max(one, other)), 0.0)
        similarity = min(max(float(dense[at]), 0.0), 1.0)
        raw = (
            settings.dense_weight * similarity
            + settings.sparse_weight * float(sparse[at])
            + settings.copy_weight * copied
            + settings.day_weight * named_days[at]
            - penalty
        )
        score = round(min(max(raw, 0.0), 1.0), _DIGITS)
        if score < settings.min_score or not _may_link(
            articles[one], articles[other], score, settings
        ):
            continue
        first, second = sorted((articles[one].article_id, articles[other].article_id))
        links.append(
            Link(
                left_id=first,
                right_id=second,
                score=score,
                dense=round(similarity, _DIGITS),
                sparse=round(min(float(sparse[at]), 1.0), _DIGITS),
                names=round(min(float(names[at]), 1.0), _DIGITS),
                shared_copy=copied,
                time_penalty=round(penalty, _DIGITS),
                gap_days=gap,
                named_days=round(named_days[at], _DIGITS),
            )
        )
    return links


def _list_figures(
    articles: Sequence[StoryArticle], *places: npt.NDArray[np.int64]
) -> dict[int, frozenset[str]]:
    wanted = np.unique(np.concatenate(places)).tolist()
    return {one: find_figures(articles[one].headline, articles[one].text) for one in wanted}


def _compare_days(
    articles: Sequence[StoryArticle],
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
) -> list[float]:
    """Return how the weekdays that both articles of a pair name agree."""
    places, inverse = np.unique(np.concatenate((left, right)), return_inverse=True)
    named = np.zeros((len(places), 7), dtype=np.float32)
    for row, place in enumerate(places.tolist()):
        one = articles[place]
        named[row] = weigh_named_days(one.headline, one.text, one.language)
    rows = inverse.reshape(2, -1)
    return compare_named_days(named[rows[0]], named[rows[1]]).tolist()


def _may_link(
    one: StoryArticle, other: StoryArticle, score: float, settings: StorySettings
) -> bool:
    """Say whether two articles may be linked: a roundup only with another copy of itself.

    It resembles many stories a little, and would glue them together.
    """
    if not (one.is_roundup or other.is_roundup):
        return True
    return one.is_roundup and other.is_roundup and score >= settings.copy_score


def _copy_by_place(
    articles: Sequence[StoryArticle],
    fresh: npt.NDArray[np.bool_],
    shared_copy: Mapping[tuple[ArticleId, ArticleId], float],
    settings: StorySettings,
) -> dict[tuple[int, int], float]:
    """Return the shares of common copy by the places of pairs with a new member."""
    if settings.copy_weight == 0.0:
        return {}
    place_of = {article.article_id: place for place, article in enumerate(articles)}
    found: dict[tuple[int, int], float] = {}
    for (left, right), share in shared_copy.items():
        one, other = place_of.get(left), place_of.get(right)
        if one is not None and other is not None and one != other and (fresh[one] or fresh[other]):
            found[min(one, other), max(one, other)] = min(max(float(share), 0.0), 1.0)
    return found


def _with_copies(
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    copy: Mapping[tuple[int, int], float],
    days: npt.NDArray[np.float64],
    settings: StorySettings,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Add the pairs with common copy, which may reach the limit only with its help."""
    near = [
        pair
        for pair in sorted(copy)
        if not abs(days[pair[0]] - days[pair[1]]) > settings.window_days
    ]
    if not near:
        return left, right
    known = set(
        zip(np.minimum(left, right).tolist(), np.maximum(left, right).tolist(), strict=True)
    )
    more = np.array([pair for pair in near if pair not in known], dtype=np.int64).reshape(-1, 2)
    return np.concatenate((left, more[:, 0])), np.concatenate((right, more[:, 1]))
