"""Links: which articles may tell one story, with every component of the score.

The score of a pair depends on the two articles alone. It does not change with what else is in the
batch or with the order of arrival, so links of earlier runs stay valid for ever. A roundup, live
page or newsletter of several stories has no links but to its own copies, so that it never ties two
stories together.

A pair has two scores from the same components: that of one happening, which time takes much from,
and that of one story of days and weeks, which it takes little from (`score_as_story`). A pair that
reaches `min_score` by either is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import xxhash

from wirethread.articles.types.articles import ArticleId, Link
from wirethread.clustering.crowds.articles import find_article_leaders, name_crowds
from wirethread.clustering.links.figures import measure_disagreements
from wirethread.clustering.links.frames import measure_beside_frames
from wirethread.clustering.links.named_days import AGREEING, compare_named_days, weigh_named_days
from wirethread.clustering.links.pairs import (
    StoryPairs,
    find_story_pairs,
    limit_single_words,
    measure_pairs,
)
from wirethread.clustering.links.terms import TermTable, weigh_terms
from wirethread.clustering.settings import StoryArticle, StorySettings

__all__ = [
    "MOST_STRONGEST",
    "STORY_TIME_SHARE",
    "article_days",
    "measure_time_penalties",
    "score_as_story",
    "score_links",
    "sum_all_penalties",
    "time_penalty",
]

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

_SECONDS_PER_DAY = 86_400.0
STORY_TIME_SHARE = 0.2
"""Of what time takes from a happening's score, the share that it takes from a story's: chosen
on four labelled sets together (`benchmarks/README.md`)."""
_UNLIKE_REST, _ALIKE_REST = 0.15, 0.25
"""Cosines of what two texts say beside the sentences that they share: up to the first the shared
ones are standing text and count for nothing, from the second on for all that they are."""
_MOSTLY_COPIED, _SURELY_LINKED = 0.5, 0.5
"""Share of copy in common with any of its crowd, and score with its leader, from which the leader
speaks for an article."""
MOST_STRONGEST = 64
"""Of an article that is like very many older ones, the links that are kept for being strongest, and
as many that stand for all others."""
_DIGITS = 6  # so that a score is the same whatever block it was computed in


def score_links(
    articles: Sequence[StoryArticle],
    vectors: npt.NDArray[np.float32],
    is_new: npt.NDArray[np.bool_] | None = None,
    shared_copy: Mapping[tuple[ArticleId, ArticleId], float] | None = None,
    settings: StorySettings | None = None,
    *,
    least: float | None = None,
) -> list[Link]:
    """Return every pair that reaches `min_score` as one story and has a new member, ordered by ids.

    `vectors` float32[n, d] are the unit vectors of the openings. `is_new` bool[n] marks the
    articles that have no links yet (all, by default). `shared_copy` gives the share of common copy
    (0 to 1) of pairs, left id before right id. Of very many copies of one text each is linked with
    one that leads them (`anchor_id`), and of a form filled in very often none is linked but for
    copy; links with an anchor are given for articles that are not new as well. Where an article is
    like very many older ones, some links stand for others (`stands_for`). Pairs further apart
    than `window_days` are never compared; an article without a time is compared with all. `least`
    takes the place of `min_score`: minus infinity for all pairs.

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
    least = settings.min_score if least is None else least
    copy = _copy_by_place(articles, fresh, shared_copy or {}, settings)
    days = article_days(articles)
    table = weigh_terms(articles)
    leaders, agrees = find_article_leaders(articles, days, settings.window_days)
    led = np.flatnonzero(leaders >= 0)
    anchored, is_settled = _link_leaders(
        articles, vectors, table, days, copy, (leaders, agrees), settings, least
    )
    searched = np.flatnonzero(~is_settled)
    pairs = find_story_pairs(
        vectors=vectors[searched],
        weights=table.weights[searched],
        is_rare=table.is_rare,
        days=days[searched],
        is_new=fresh[searched],
        dense_weight=settings.dense_weight,
        sparse_weight=settings.sparse_weight,
        min_score=least - settings.day_weight * (1.0 - AGREEING),
        window_days=settings.window_days,
        find_penalty=lambda gaps: STORY_TIME_SHARE * measure_time_penalties(gaps, settings),
        crowds=name_crowds(leaders)[searched] if len(led) else None,
        chances=_draw_chances(articles)[searched],
        most=MOST_STRONGEST,
    )
    pairs = replace(pairs, left=searched[pairs.left], right=searched[pairs.right])
    left, right = _list_more_copies(pairs, copy, days, settings)
    is_open = ~(is_settled[left] | is_settled[right])
    is_open &= (leaders[left] != right) & (leaders[right] != left)
    left, right = left[is_open], right[is_open]
    if len(left):
        copies = measure_pairs(
            vectors=vectors, weights=table.weights, is_rare=table.is_rare, left=left, right=right
        )
        pairs = StoryPairs.join([pairs, copies])
    pairs = limit_single_words(table.weights, table.is_rare, pairs)
    links = _score_pairs(articles, table, days, copy, pairs, settings, least)
    is_fresh = {one.article_id for one, new in zip(articles, fresh, strict=True) if new}
    links += [
        link
        for link in anchored
        if link.anchor_id is not None or link.left_id in is_fresh or link.right_id in is_fresh
    ]
    return sorted(links, key=lambda link: (link.left_id, link.right_id)) if anchored else links


def _link_leaders(  # noqa: PLR0917 - what a score is made of
    articles: Sequence[StoryArticle],
    vectors: npt.NDArray[np.float32],
    table: TermTable,
    days: Floats,
    copy: Mapping[tuple[int, int], float],
    leading: tuple[Places, npt.NDArray[np.bool_]],
    settings: StorySettings,
    least: float,
) -> tuple[list[Link], npt.NDArray[np.bool_]]:
    """Return the links of led articles with their leaders, and which articles are their copies.

    A copy is spoken for by its leader: it has no other link, and is clustered as the leader is.
    `leading` are the leaders, and who has the facts of its leader.
    """
    leaders, agrees = leading
    is_settled = np.zeros(len(articles), dtype=bool)
    led = np.flatnonzero(leaders >= 0)
    if not len(led):
        return [], is_settled
    pairs = measure_pairs(
        vectors=vectors,
        weights=table.weights,
        is_rare=table.is_rare,
        left=led,
        right=leaders[led],
    )
    pairs = limit_single_words(table.weights, table.is_rare, pairs)
    place_of = {article.article_id: place for place, article in enumerate(articles)}
    crowds, is_copied = name_crowds(leaders), np.zeros(len(articles), dtype=bool)
    for (place, other_place), share in copy.items():
        if share >= _MOSTLY_COPIED and crowds[place] == crowds[other_place] >= 0:
            is_copied[[place, other_place]] = True
    links = []
    for link in _score_pairs(articles, table, days, copy, pairs, settings, least):
        place, leader = place_of[link.left_id], place_of[link.right_id]
        if leaders[place] != leader:
            place, leader = leader, place
        is_copy = link.score >= settings.copy_score and agrees[place]
        # what matching found to be copy needs no facts of its own: an outlet's edits are rare words
        is_copy |= bool(is_copied[place] and is_copied[leader]) and link.score >= _SURELY_LINKED
        if is_copy:
            is_settled[place] = True
            links.append(replace(link, anchor_id=articles[leader].article_id))
        else:
            links.append(link)
    return links, is_settled


def article_days(articles: Sequence[StoryArticle]) -> npt.NDArray[np.float64]:
    """Return float64[n], the publication times in days since 1970, NaN where unknown."""
    return np.array(
        [
            np.nan if a.published_at is None else a.published_at.timestamp() / _SECONDS_PER_DAY
            for a in articles
        ],
        dtype=np.float64,
    )


def measure_time_penalties(gap_days: Floats, settings: StorySettings) -> Floats:
    """Return float64[n]: what gaps in days, NaN where unknown, take from a score.

    An unknown gap takes nothing.
    """
    span = max(settings.full_gap_days - settings.free_gap_days, 1e-9)
    share = np.clip((gap_days - settings.free_gap_days) / span, 0.0, 1.0)
    penalties: Floats = np.where(np.isnan(gap_days), 0.0, share) * settings.max_time_penalty
    return penalties


def sum_all_penalties(gap_days: Floats, disagreement: Floats, settings: StorySettings) -> Floats:
    """Return float64[n]: what time and, some way apart, figures that disagree take from each score.

    `gap_days` float64[n] is NaN where unknown, `disagreement` float64[n] from 0 to 1.
    """
    counts = gap_days >= settings.figure_gap_days  # never where the gap is unknown
    penalties: Floats = measure_time_penalties(gap_days, settings) + np.where(
        counts, settings.figure_penalty * disagreement, 0.0
    )
    return penalties


def score_as_story(links: Sequence[Link], settings: StorySettings) -> Floats:
    """Return what each link scores as one story of days and weeks, float64[n], 0 to 1."""
    likeness = np.array(
        [
            settings.dense_weight * link.dense
            + settings.sparse_weight * link.sparse
            + settings.copy_weight * link.shared_copy
            + settings.day_weight * link.named_days
            - link.time_penalty
            for link in links
        ],
        dtype=np.float64,
    )
    gaps = np.array([link.gap_days for link in links], dtype=np.float64)  # None is NaN
    given_back = (1.0 - STORY_TIME_SHARE) * measure_time_penalties(gaps, settings)
    return _round(np.clip(likeness + given_back, 0.0, 1.0))


def time_penalty(gap_days: float | None, settings: StorySettings) -> float:
    """Return what the time between two articles takes from their score; unknown takes nothing."""
    return float(measure_time_penalties(_as_array(gap_days), settings)[0])


def _as_array(gap_days: float | None) -> Floats:
    return np.array([np.nan if gap_days is None else gap_days])


def _score_pairs(  # noqa: PLR0917 - one call, one column each
    articles: Sequence[StoryArticle],
    table: TermTable,
    days: Floats,
    copy: Mapping[tuple[int, int], float],
    pairs: StoryPairs,
    settings: StorySettings,
    least: float,
) -> list[Link]:
    left, right = pairs.left, pairs.right
    gaps = _round(np.abs(days[left] - days[right]))
    copied = _look_up_copies(left, right, copy, len(articles))
    dense, sparse, names = np.clip(pairs.dense, 0.0, 1.0), pairs.sparse, pairs.names
    times = measure_time_penalties(gaps, settings)
    floor = least + STORY_TIME_SHARE * times
    named_days = _compare_days(articles, left, right)
    given = settings.copy_weight * copied + settings.day_weight * named_days
    kindred = settings.dense_weight * dense + settings.sparse_weight * sparse + given
    # frames are read only of pairs that they may take below the limit
    wanted = np.flatnonzero(kindred >= floor - 1e-5)
    beside = measure_beside_frames(articles, table, left[wanted], right[wanted])
    left_over = np.ones(len(left))
    left_over[wanted] = _weigh_rest(beside, sparse[wanted])
    dense, sparse, names = dense * left_over, sparse * left_over, names * left_over
    copied = _round(copied * left_over)
    given = settings.copy_weight * copied + settings.day_weight * named_days
    kindred = settings.dense_weight * dense + settings.sparse_weight * sparse + given
    # and so are figures
    wanted = np.flatnonzero((gaps >= settings.figure_gap_days) & (kindred >= floor - 1e-5))
    disagreement = np.zeros(len(left))
    disagreement[wanted] = measure_disagreements(
        [(article.headline, article.text) for article in articles], left[wanted], right[wanted]
    )
    penalties = sum_all_penalties(gaps, disagreement, settings)
    score = _round(np.clip(kindred - penalties, 0.0, 1.0))
    as_story = _round(kindred - penalties + (1.0 - STORY_TIME_SHARE) * times)
    kept = np.flatnonzero((as_story >= least) & _may_link(articles, left, right, score, settings))
    by_id = sorted(range(len(articles)), key=lambda place: articles[place].article_id)
    rank = np.empty(len(articles), dtype=np.int64)
    rank[by_id] = np.arange(len(articles))
    first = np.minimum(rank[left[kept]], rank[right[kept]])
    second = np.maximum(rank[left[kept]], rank[right[kept]])
    order = np.lexsort((second, first))
    kept, first, second = kept[order], first[order], second[order]
    ids = [articles[place].article_id for place in by_id]

    columns = zip(
        first.tolist(),
        second.tolist(),
        score[kept].tolist(),
        _round(dense[kept]).tolist(),
        _round(np.minimum(sparse[kept], 1.0)).tolist(),
        _round(np.minimum(names[kept], 1.0)).tolist(),
        copied[kept].tolist(),
        _round(penalties[kept]).tolist(),
        gaps[kept].tolist(),
        _round(named_days[kept]).tolist(),
        pairs.stands_for[kept].tolist(),
        strict=True,
    )
    return [
        Link(
            left_id=ids[left],
            right_id=ids[right],
            score=total,
            dense=alike,
            sparse=words,
            names=names,
            shared_copy=share,
            time_penalty=taken,
            gap_days=gap if gap == gap else None,  # noqa: PLR0124 - NaN stands for unknown
            named_days=agree,
            stands_for=n_links,
        )
        for left, right, total, alike, words, names, share, taken, gap, agree, n_links in columns
    ]


def _weigh_rest(beside: Floats, sparse: Floats) -> Floats:
    """Return the share of their likeness that pairs keep by what they say beside shared frames."""
    share = np.minimum(beside / np.maximum(sparse, 1e-12), 1.0)
    is_alike = np.clip((beside - _UNLIKE_REST) / (_ALIKE_REST - _UNLIKE_REST), 0.0, 1.0)
    kept: Floats = np.where(np.isnan(beside), 1.0, share + (1.0 - share) * is_alike)
    return kept


def _round(values: Floats) -> Floats:
    rounded: Floats = np.round(values, _DIGITS)
    return rounded


def _compare_days(articles: Sequence[StoryArticle], left: Places, right: Places) -> Floats:
    """Return how the weekdays that both articles of each pair name agree."""
    places, inverse = np.unique(np.concatenate((left, right)), return_inverse=True)
    named = np.zeros((len(places), 7), dtype=np.float32)
    for row, place in enumerate(places.tolist()):
        one = articles[place]
        named[row] = weigh_named_days(one.headline, one.text, one.language)
    rows = inverse.reshape(2, -1)
    return compare_named_days(named[rows[0]], named[rows[1]])


def _draw_chances(articles: Sequence[StoryArticle]) -> npt.NDArray[np.uint64]:
    """Return a number by chance for each article, uint64[n], the same in every run."""
    drawn = [xxhash.xxh3_64_intdigest(article.article_id.encode()) for article in articles]
    return np.array(drawn, dtype=np.uint64)


def _look_up_copies(
    left: Places, right: Places, copy: Mapping[tuple[int, int], float], n_articles: int
) -> Floats:
    """Return the share of common copy of each pair, 0 where none is known."""
    shares = np.zeros(len(left))
    if copy:
        known = np.array(sorted(copy), dtype=np.int64)
        keys = known[:, 0] * n_articles + known[:, 1]
        wanted = np.minimum(left, right) * n_articles + np.maximum(left, right)
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        values = np.array([copy[pair] for pair in sorted(copy)])
        shares = np.where(keys[at] == wanted, values[at], 0.0)
    return shares


def _may_link(
    articles: Sequence[StoryArticle],
    left: Places,
    right: Places,
    score: Floats,
    settings: StorySettings,
) -> npt.NDArray[np.bool_]:
    """Say which pairs may be linked: a roundup only with another copy of itself.

    It resembles many stories a little, and would glue them together.
    """
    mixed = np.array([article.is_roundup for article in articles], dtype=bool)
    one, other = mixed[left], mixed[right]
    may: npt.NDArray[np.bool_] = ~(one | other) | (one & other & (score >= settings.copy_score))
    return may


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


def _list_more_copies(
    pairs: StoryPairs,
    copy: Mapping[tuple[int, int], float],
    days: Floats,
    settings: StorySettings,
) -> tuple[Places, Places]:
    """Return the other pairs with common copy, which may reach the limit only with its help."""
    near = np.array(
        [
            pair
            for pair in sorted(copy)
            if not abs(days[pair[0]] - days[pair[1]]) > settings.window_days
        ],
        dtype=np.int64,
    ).reshape(-1, 2)
    lower, upper = np.minimum(pairs.left, pairs.right), np.maximum(pairs.left, pairs.right)
    known = np.isin(near[:, 0] * len(days) + near[:, 1], lower * len(days) + upper)
    return near[~known, 0], near[~known, 1]
