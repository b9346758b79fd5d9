"""Passage matches: which paragraphs of different articles carry the same copy, and why."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wirethread.articles.types.articles import PassageMatch
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.boilerplate import drop_repeated_words, find_repeated_words
from wirethread.clustering.matching.candidates import find_candidates
from wirethread.clustering.matching.evidence import measure_pairs
from wirethread.clustering.matching.evidence_pairs import group_by_articles
from wirethread.clustering.matching.pair_scores import HOPELESS
from wirethread.clustering.matching.passage_model import load_passage_model
from wirethread.clustering.matching.prospects import find_prospects
from wirethread.clustering.matching.verdicts import judge_articles, threshold_of
from wirethread.clustering.outlets import number_publishers
from wirethread.clustering.paragraphs.profiles import ProfileCache
from wirethread.clustering.paragraphs.table import build_paragraph_table
from wirethread.clustering.records import ArticleText, VectorTable

__all__ = ["match_passages", "rethreshold"]


def match_passages(
    articles: Sequence[ArticleText],
    vectors: VectorTable | None,
    is_new: npt.NDArray[np.bool_],
    settings: MatchSettings,
) -> list[PassageMatch]:
    """Verdicts on every two articles at least one of which is new, sorted by ids and offsets.

    `articles` are the new ones and all others inside their time window; `is_new` is bool[n].
    Accepted matches and near misses (`settings.keep_score`) are given. A verdict depends on its two
    articles (and on which paragraphs their publishers repeat), so batches and their order make no
    difference. Without `vectors` rewording is hardly found.
    """
    if len(is_new) != len(articles):
        raise ValueError(f"is_new has {len(is_new)} entries for {len(articles)} articles")
    table = build_paragraph_table(articles, vectors, min_words=settings.min_words)
    publishers = number_publishers(articles)
    repeated = find_repeated_words(
        table, publishers, min_days=settings.boilerplate_days, window_days=settings.window_days
    )
    table = drop_repeated_words(table, repeated)
    left, right = find_candidates(table, is_new, publishers, settings)
    model = load_passage_model(with_vectors=vectors is not None)
    kept = find_prospects(table, model, left, right, HOPELESS)
    left, right = left[kept], right[kept]
    cache = ProfileCache(table)
    matches: list[PassageMatch] = []
    for host, source, pairs in group_by_articles(table, left, right):
        evidences = measure_pairs(cache, host, source, pairs)
        matches += judge_articles(cache, model, (host, source), evidences, settings)
    return sorted(matches, key=_order)


def rethreshold(matches: Sequence[PassageMatch], settings: MatchSettings) -> list[PassageMatch]:
    """The verdicts under other thresholds; those that stay as they were are the same objects."""
    return [
        match
        if match.is_match == (match.score >= threshold_of(match.relation, settings))
        else replace(match, is_match=not match.is_match)
        for match in matches
    ]


def _order(match: PassageMatch) -> tuple[str, str, int, int, int, int]:
    return (
        match.left_article_id,
        match.right_article_id,
        match.left_begin,
        match.left_end,
        match.right_begin,
        match.right_end,
    )
