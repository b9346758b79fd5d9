"""Questions as typed functions: each opens the published snapshot, answers, and lets go.

They work while a run is writing. `folder` is the data folder of the runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from articles.types import ParagraphId, ThreadState
from embedding.encoder import Encoder
from flows.embed import LazyEncoder
from storage.answers import (
    ArticleDetail,
    ClusterDetail,
    ClusterSummary,
    PassageFilter,
    PassageHit,
    ThreadDetail,
    ThreadSummary,
)
from storage.catalog import Catalog
from storage.queries import get_article, get_story
from storage.search import filter_hashes, list_hits, search_words
from storage.story_lists import list_story_clusters, list_story_threads
from storage.vectors import VectorSegments

__all__ = [
    "SearchBy",
    "SimilarPassage",
    "find_similar",
    "list_clusters",
    "list_stories",
    "query_sql",
    "show_article",
    "show_story",
]

FUSION_RANK = 60
"""Constant k of reciprocal rank fusion, sum of 1 / (k + rank): Cormack et al. 2009."""


class SearchBy(StrEnum):
    """What `find_similar` compares."""

    BOTH = "both"
    MEANING = "meaning"
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarPassage:
    """A paragraph like the one asked for."""

    hit: PassageHit
    similarity: float | None
    """Cosine of the two vectors; None where it was found by its words alone."""
    word_score: float | None
    """BM25; None where it was found by its meaning alone."""


def list_stories(
    folder: str | Path,
    *,
    limit: int = 20,
    since: datetime | None = None,
    until: datetime | None = None,
    outlet: str | None = None,
    agency: str | None = None,
    state: ThreadState | None = None,
    min_articles: int = 1,
) -> list[ThreadSummary]:
    """Return story threads, those seen last first."""
    with Catalog.open_published(folder) as catalog:
        return list_story_threads(
            catalog,
            limit=limit,
            since=since,
            until=until,
            outlet=outlet,
            agency=agency,
            state=state,
            min_articles=min_articles,
        )


def list_clusters(
    folder: str | Path,
    *,
    limit: int = 20,
    since: datetime | None = None,
    until: datetime | None = None,
    outlet: str | None = None,
    agency: str | None = None,
    min_articles: int = 1,
) -> list[ClusterSummary]:
    """Return story clusters, those seen last first."""
    with Catalog.open_published(folder) as catalog:
        return list_story_clusters(
            catalog,
            limit=limit,
            since=since,
            until=until,
            outlet=outlet,
            agency=agency,
            min_articles=min_articles,
        )


def show_story(folder: str | Path, story_id: str) -> ThreadDetail | ClusterDetail:
    """Return a story thread or cluster by its id, an id it once had, or the beginning of one.

    Raises `NotFoundError`.
    """
    with Catalog.open_published(folder) as catalog:
        return get_story(catalog, story_id)


def show_thread_clusters(folder: str | Path, thread: ThreadDetail) -> list[ClusterDetail]:
    """Return the story clusters of a thread with their articles, in the order of time."""
    with Catalog.open_published(folder) as catalog:
        found = [get_story(catalog, one.cluster_id) for one in thread.clusters]
    return [one for one in found if isinstance(one, ClusterDetail)]


def show_article(folder: str | Path, key: str) -> ArticleDetail:
    """Return an article, paragraph by paragraph, with the source of each.

    `key` is its id, the beginning of it, the id it has in its source, or its URL. Raises
    `NotFoundError`.
    """
    with Catalog.open_published(folder) as catalog:
        return get_article(catalog, key)


def query_sql(
    folder: str | Path, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
) -> list[dict[str, Any]]:
    """Return the rows of one SELECT over the documented views, as `column -> value`.

    It can neither write nor read files. Raises `StorageError` for what DuckDB refuses.
    """
    with Catalog.open_published(folder) as catalog:
        rows: list[dict[str, Any]] = catalog.execute_read_only(sql, parameters).to_pylist()
    return rows


def find_similar(
    folder: str | Path,
    text: str,
    encoder: Encoder | None,
    *,
    by: SearchBy = SearchBy.BOTH,
    chosen: PassageFilter | None = None,
    limit: int = 10,
    exact: bool = False,
) -> list[SimilarPassage]:
    """Return the paragraphs nearest to `text` in meaning, in words, or in both, best first.

    `encoder` is the model of the runs; None searches by words alone. Both rankings are joined by
    reciprocal rank fusion. Every place where a paragraph ran is a hit of its own. `exact` reads
    every vector of a large archive, not only those in the lists nearest to the text.
    """
    chosen = chosen or PassageFilter()
    with Catalog.open_published(folder) as catalog:
        by_meaning = (
            search_meaning(catalog, text, encoder, chosen, 2 * limit, exact=exact)
            if encoder is not None and by is not SearchBy.WORDS
            else []
        )
        by_words = (
            search_words(catalog, text, chosen=chosen, limit=2 * limit)
            if by is not SearchBy.MEANING
            else []
        )
    return fuse_rankings(by_meaning, by_words)[:limit]


def search_meaning(
    catalog: Catalog,
    text: str,
    encoder: Encoder,
    chosen: PassageFilter,
    limit: int,
    *,
    exact: bool = False,
) -> list[PassageHit]:
    """Return the paragraphs whose vectors are nearest to that of `text`."""
    if isinstance(encoder, LazyEncoder):
        encoder.keep_to(catalog)
    segments = catalog.list_segments(encoder.model_id)
    if not segments:
        return []
    vectors = VectorSegments(
        catalog.folder, catalog, model_id=encoder.model_id, dimension=segments[0].dimension
    )
    # openings of articles have vectors too and are no paragraphs, so a few more are asked for
    hashes, similarity = vectors.search(
        encoder.encode([text]), 2 * limit + 10, among=filter_hashes(catalog, chosen), exact=exact
    )
    return list_hits(catalog, hashes[0], similarity[0], chosen=chosen, limit=limit)


def fuse_rankings(
    by_meaning: Sequence[PassageHit], by_words: Sequence[PassageHit]
) -> list[SimilarPassage]:
    """Join two rankings of paragraphs by the sum of their reciprocal ranks."""
    weights: dict[ParagraphId, float] = {}
    for ranking in (by_meaning, by_words):
        ranks = rank_scores([hit.score for hit in ranking])
        for hit, rank in zip(ranking, ranks, strict=True):
            weights[hit.paragraph_id] = weights.get(hit.paragraph_id, 0) + 1 / (FUSION_RANK + rank)
    meaning = {hit.paragraph_id: hit for hit in by_meaning}
    words = {hit.paragraph_id: hit for hit in by_words}
    order = sorted(weights, key=lambda one: (-weights[one], one))
    return [
        SimilarPassage(
            hit=meaning.get(one) or words[one],
            similarity=meaning[one].score if one in meaning else None,
            word_score=words[one].score if one in words else None,
        )
        for one in order
    ]


def rank_scores(scores: Sequence[float]) -> list[int]:
    """Return the rank of each score, 1 for the highest; equal scores share a rank."""
    distinct = sorted({float(np.round(one, 6)) for one in scores}, reverse=True)
    places = {score: place for place, score in enumerate(distinct, 1)}
    return [places[float(np.round(one, 6))] for one in scores]
