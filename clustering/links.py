"""Links: which articles may tell one story, with every component of the score.

The score of a pair depends on the two articles alone. It does not change with what else is in the
batch or with the order of arrival, so links of earlier runs stay valid for ever.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from articles.types import ArticleId, Link
from clustering.stories import StoryArticle, StorySettings
from clustering.terms import TermTable, weigh_terms

__all__ = ["score_links"]

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

_BLOCK = 512
_SECONDS_PER_DAY = 86_400.0


def score_links(
    articles: Sequence[StoryArticle],
    vectors: Floats,
    is_new: npt.NDArray[np.bool_] | None = None,
    shared_copy: Mapping[tuple[ArticleId, ArticleId], float] | None = None,
    settings: StorySettings | None = None,
) -> list[Link]:
    """Return every pair of articles that reaches `min_score` and has a new member, ordered by ids.

    `vectors` float32[n, d] are the unit vectors of the openings. `is_new` bool[n] marks the
    articles that have no links yet (all, by default). `shared_copy` gives the share of common copy
    (0 to 1) of pairs, left id before right id. Pairs further apart than `window_days` are never
    compared; an article without a time is compared with all.
    """
    settings = settings or StorySettings()
    if len(vectors) != len(articles):
        raise ValueError(f"{len(vectors)} vectors for {len(articles)} articles")
    if not articles:
        return []
    fresh = np.ones(len(articles), dtype=bool) if is_new is None else np.asarray(is_new, dtype=bool)
    days = article_days(articles)
    table = weigh_terms(articles)
    copy = _copy_by_place(articles, shared_copy or {})
    links: list[Link] = []
    for rows, columns in _pair_blocks(days, fresh, settings.window_days):
        links.extend(
            _score_block(articles, vectors, table, days, fresh, copy, settings, rows, columns)
        )
    links.sort(key=lambda link: (link.left_id, link.right_id))
    return links


def article_days(articles: Sequence[StoryArticle]) -> npt.NDArray[np.float64]:
    """Return the publication times in days since 1970, NaN where unknown."""
    return np.array(
        [
            np.nan if a.published_at is None else a.published_at.timestamp() / _SECONDS_PER_DAY
            for a in articles
        ],
        dtype=np.float64,
    )


def time_penalties(
    gap_days: npt.NDArray[np.float64], settings: StorySettings
) -> npt.NDArray[np.float32]:
    """Return what a gap takes from the raw score; nothing where the gap is unknown (NaN)."""
    span = max(settings.full_gap_days - settings.free_gap_days, 1e-9)
    share = np.clip((gap_days - settings.free_gap_days) / span, 0.0, 1.0)
    return np.nan_to_num(share * settings.max_time_penalty, nan=0.0).astype(np.float32)


def _pair_blocks(
    days: npt.NDArray[np.float64], fresh: npt.NDArray[np.bool_], window_days: float
) -> Iterator[tuple[Places, Places]]:
    """Yield rows of new articles and the columns that lie in their window."""
    order = np.argsort(days, kind="stable")  # NaN last
    sorted_days = days[order]
    n_dated = int(np.count_nonzero(~np.isnan(days)))
    undated = order[n_dated:]
    new_dated = np.flatnonzero(fresh[order[:n_dated]])
    for begin in range(0, len(new_dated), _BLOCK):
        places = new_dated[begin : begin + _BLOCK]
        first = np.searchsorted(sorted_days[:n_dated], sorted_days[places[0]] - window_days)
        last = np.searchsorted(
            sorted_days[:n_dated], sorted_days[places[-1]] + window_days, side="right"
        )
        yield order[places], np.concatenate((order[first:last], undated))
    new_undated = undated[fresh[undated]]
    for begin in range(0, len(new_undated), _BLOCK):
        yield new_undated[begin : begin + _BLOCK], order


def _score_block(
    articles: Sequence[StoryArticle],
    vectors: Floats,
    table: TermTable,
    days: npt.NDArray[np.float64],
    fresh: npt.NDArray[np.bool_],
    copy: Mapping[tuple[int, int], float],
    settings: StorySettings,
    rows: Places,
    columns: Places,
) -> Iterator[Link]:
    dense = np.clip(vectors[rows] @ vectors[columns].T, 0.0, 1.0)
    sparse = np.asarray((table.weights[columns] @ table.weights[rows].toarray().T).T)
    gaps = np.abs(days[rows][:, None] - days[columns][None, :])
    penalty = time_penalties(gaps, settings)
    raw = settings.dense_weight * dense + settings.sparse_weight * sparse - penalty
    if copy:
        _add_copy(raw, copy, rows, columns, settings.copy_weight)
    # both orders of two new articles are in some block: keep the one with the smaller place first
    once = ~fresh[columns][None, :] | (rows[:, None] < columns[None, :])
    apart = gaps > settings.window_days  # False where unknown
    kept_rows, kept_columns = np.nonzero(once & ~apart & (raw >= settings.min_score))
    scores = np.clip(raw[kept_rows, kept_columns], 0.0, 1.0)
    names = _rare_cosines(table, rows[kept_rows], columns[kept_columns])
    for place, (row, column) in enumerate(zip(kept_rows, kept_columns, strict=True)):
        left, right = int(rows[row]), int(columns[column])
        if articles[left].article_id > articles[right].article_id:
            left, right = right, left
        gap = float(gaps[row, column])
        yield Link(
            left_id=articles[left].article_id,
            right_id=articles[right].article_id,
            score=float(scores[place]),
            dense=float(dense[row, column]),
            sparse=float(sparse[row, column]),
            names=float(names[place]),
            shared_copy=copy.get((min(left, right), max(left, right)), 0.0),
            time_penalty=float(penalty[row, column]),
            gap_days=None if np.isnan(gap) else gap,
        )


def _rare_cosines(table: TermTable, left: Places, right: Places) -> Floats:
    """Return the part of the sparse cosine that rare words give, for each pair."""
    rare = table.weights[:, table.is_rare]
    found = np.zeros(len(left), dtype=np.float32)
    for begin in range(0, len(left), 50_000):
        end = begin + 50_000
        product = rare[left[begin:end]].multiply(rare[right[begin:end]])
        found[begin:end] = np.asarray(product.sum(axis=1)).ravel()
    return found


def _copy_by_place(
    articles: Sequence[StoryArticle], shared_copy: Mapping[tuple[ArticleId, ArticleId], float]
) -> dict[tuple[int, int], float]:
    places = {article.article_id: place for place, article in enumerate(articles)}
    found: dict[tuple[int, int], float] = {}
    for (left, right), share in shared_copy.items():
        if left in places and right in places:
            first, second = sorted((places[left], places[right]))
            found[first, second] = share
    return found


def _add_copy(
    raw: Floats, copy: Mapping[tuple[int, int], float], rows: Places, columns: Places, weight: float
) -> None:
    row_of = {int(place): row for row, place in enumerate(rows)}
    column_of = {int(place): column for column, place in enumerate(columns)}
    for (first, second), share in copy.items():
        for one, other in ((first, second), (second, first)):
            if one in row_of and other in column_of:
                raw[row_of[one], column_of[other]] += weight * share
