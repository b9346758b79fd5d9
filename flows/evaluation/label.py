"""Which pairs of articles a person's answer would teach most: those near the decision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from wirethread.articles.opening import compose_opening
from wirethread.articles.types.articles import ArticleId, ParsedArticle, TimePrecision
from wirethread.clustering.settings import StorySettings
from wirethread.flows.evaluation.labels_file import PairLabel
from wirethread.storage.answers.whole.borders import list_borders
from wirethread.storage.catalog import Catalog

__all__ = ["LabelPair", "ShownArticle", "find_label_pairs", "spread_over_time"]

POOL_PER_PAIR = 20
"""So many of the most informative pairs are taken for each one asked, and spread over time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownArticle:
    """What a person sees of an article to judge it."""

    article_id: ArticleId
    outlet: str
    headline: str
    published_at: datetime | None
    published_precision: TimePrecision
    opening: str
    """The first words of the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPair:
    """A question: do these two articles tell one story?"""

    left: ShownArticle
    right: ShownArticle
    """The later one, where times are known."""
    score: float
    """Of their link."""
    is_together: bool
    """Whether they stand in one story cluster now."""


def find_label_pairs(
    folder: str | Path, settings: StorySettings, labels: Iterable[PairLabel], limit: int
) -> list[LabelPair]:
    """Return up to `limit` pairs of the published snapshot to ask about, the best first.

    One pair for each pair of story clusters, of which no pair stands among `labels`.
    """
    answered = list(labels)
    with Catalog.open_published(folder) as catalog:
        rows = list_borders(
            catalog,
            threshold=settings.threshold,
            unlinked_score=settings.unlinked_score,
            limit=POOL_PER_PAIR * limit + len(answered),
        )
        known = name_borders(catalog, answered)
        open_rows = [row for row in rows if (row["one"], row["other"]) not in known]
        chosen = spread_over_time(open_rows, limit)
        ids = {one[side] for one in chosen for side in ("left_id", "right_id")}
        shown = {
            article.article.article_id: article for article in catalog.articles.load_articles(ids)
        }
    return [to_label_pair(one, shown) for one in chosen]


def name_borders(catalog: Catalog, labels: Sequence[PairLabel]) -> set[tuple[str, str]]:
    """Return the pairs of present clusters that an answer is about, each in order."""
    ends = {one for label in labels for one in (label.left_id, label.right_id)}
    cluster_of = catalog.stories.find_clusters_of_articles(ends)
    return {
        (min(left, right), max(left, right))
        for label in labels
        if (left := cluster_of.get(label.left_id)) and (right := cluster_of.get(label.right_id))
    }


def spread_over_time(rows: Sequence[Mapping[str, Any]], limit: int) -> list[Mapping[str, Any]]:
    """Return `limit` of the rows, best first: the best of every week, then the second best, …

    Pairs of clusters (`one`, `other`) of which neither was in a better row come before the rest,
    so that answers are about many stories and some can be held out when settings are judged.
    """
    seen: set[str] = set()
    fresh: list[Mapping[str, Any]] = []
    repeated: list[Mapping[str, Any]] = []
    for row in rows:
        ends = {row["one"], row["other"]}
        (repeated if ends & seen else fresh).append(row)
        seen |= ends
    return [*take_turns(fresh), *take_turns(repeated)][:limit]


def take_turns(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows so that the weeks take turns."""
    weeks: dict[Any, list[Mapping[str, Any]]] = {}
    for row in rows:
        weeks.setdefault(row["week"], []).append(row)
    return [row for turn in zip_longest(*weeks.values()) for row in turn if row is not None]


def to_label_pair(row: Mapping[str, Any], parsed: Mapping[ArticleId, ParsedArticle]) -> LabelPair:
    """Return the question for a row, the earlier article first."""
    ends = [parsed[row["left_id"]], parsed[row["right_id"]]]
    times = [one.article.published_at for one in ends]
    if times[0] is not None and times[1] is not None and times[1] < times[0]:
        ends.reverse()
    left, right = map(show_article, ends)
    return LabelPair(
        left=left, right=right, score=row["score"], is_together=row["one"] == row["other"]
    )


def show_article(parsed: ParsedArticle) -> ShownArticle:
    """Keep what a person looks at."""
    article = parsed.article
    return ShownArticle(
        article_id=article.article_id,
        outlet=article.outlet,
        headline=article.headline,
        published_at=article.published_at,
        published_precision=article.published_precision,
        opening=compose_opening("", parsed.paragraphs),
    )
