"""Passage matches: which paragraphs of different articles carry the same copy, and why."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wirethread.articles.types.articles import ArticleId, PassageMatch, Relation
from wirethread.clustering.candidates.search import CandidateSearch
from wirethread.clustering.crowds.paragraphs import Crowds, find_crowds
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.boilerplate import drop_repeated_words, find_repeated_words
from wirethread.clustering.matching.evidence_pairs import group_by_articles
from wirethread.clustering.matching.pair_scores import HOPELESS
from wirethread.clustering.matching.passage_model import load_passage_model
from wirethread.clustering.matching.prospects import ProspectSearch
from wirethread.clustering.matching.soft_alignment import make_aligner
from wirethread.clustering.matching.verdicts import ArticleJudge, threshold_of
from wirethread.clustering.outlets import number_publishers
from wirethread.clustering.paragraphs.house_lines import drop_house_lines
from wirethread.clustering.paragraphs.profiles import ProfileCache
from wirethread.clustering.paragraphs.table import ParagraphTable, build_paragraph_table
from wirethread.clustering.types import ArticleText, TokenReader, VectorTable

__all__ = ["match_passages", "rethreshold"]

Ints = npt.NDArray[np.int64]

STRONG_CONTAINMENT = 0.7
"""Containment both ways from which a copy needs no comparison with other copies of its leader."""

_PAIRS_BETWEEN = 200
"""Pairs of paragraphs that are judged between two words on the progress."""
_LEADERS_SHARE = 0.1
"""Of the work, roughly, that comparing with leaders takes."""


def match_passages(
    articles: Sequence[ArticleText],
    vectors: VectorTable | None,
    is_new: npt.NDArray[np.bool_],
    settings: MatchSettings,
    *,
    read_tokens: TokenReader | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> list[PassageMatch]:
    """Verdicts on every two articles at least one of which is new, sorted by ids and offsets.

    `articles` are the new ones and all others inside their time window; `is_new` is bool[n].
    Accepted matches and near misses (`settings.keep_score`) are given. A verdict depends on its two
    articles (and on which paragraphs their publishers repeat), so batches and their order make no
    difference. Without `vectors` rewording is hardly found; with `read_tokens`, of the model that
    made them, what may be reworded is read closer. `on_progress` is told now and then how much of
    the work is done, 0 to 1.
    """
    if len(is_new) != len(articles):
        raise ValueError(f"is_new has {len(is_new)} entries for {len(articles)} articles")
    table = build_paragraph_table(articles, vectors, min_words=settings.min_words)
    publishers = number_publishers(articles)
    repeated = find_repeated_words(
        table, publishers, min_days=settings.boilerplate_days, window_days=settings.window_days
    )
    table = drop_repeated_words(table, repeated)
    crowds = find_crowds(table, publishers, settings)
    search = CandidateSearch(table, is_new, publishers, settings, crowds)
    model = load_passage_model(with_vectors=vectors is not None)
    prospects = ProspectSearch(table, model)
    judgement = ArticleJudge(ProfileCache(table), model, settings, make_aligner(table, read_tokens))

    def judge(left: Ints, right: Ints, begin: float, end: float) -> list[PassageMatch]:
        left, right = drop_house_lines(table, publishers, left, right)
        kept = prospects.find(left, right, HOPELESS)
        found: list[PassageMatch] = []
        n_judged, n_pairs, n_told = 0, len(left[kept]), 0
        for host, donor, pairs in group_by_articles(table, left[kept], right[kept]):
            found += judgement.judge(host, donor, pairs)
            n_judged += len(pairs)
            if on_progress is not None and n_judged - n_told >= _PAIRS_BETWEEN:
                on_progress(begin + (end - begin) * n_judged / n_pairs)
                n_told = n_judged
        return found

    leaders = judge(*search.list_with_leaders(), 0.0, _LEADERS_SHARE)
    with_leaders, is_copy = name_anchors(table, crowds, leaders)
    others = judge(*search.list_others(crowds.find_settled(is_copy)), _LEADERS_SHARE, 1.0)
    return sorted([*with_leaders, *others], key=_order)


def name_anchors(
    table: ParagraphTable, crowds: Crowds, matches: Sequence[PassageMatch]
) -> tuple[list[PassageMatch], npt.NDArray[np.bool_]]:
    """Say of each match of a paragraph with its leader which article stands for many others.

    Also gives which paragraphs, bool[paragraphs], are copies of their leader.
    """
    led_by: dict[tuple[ArticleId, ArticleId], list[int]] = {}
    for led in crowds.led.tolist():
        own, leader = (
            table.articles[int(table.article_of[entry])].article_id
            for entry in (led, crowds.leaders[led])
        )
        led_by.setdefault((own, leader), []).append(led)
    is_copy = np.zeros(len(table.texts), dtype=bool)

    def list_led(by: ArticleId, article_id: ArticleId, begin: int, end: int) -> list[int]:
        return [
            led
            for led in led_by.get((article_id, by), ())
            if table.begins[led] < end and begin < table.ends[led]
        ]

    named = []
    for match in matches:
        left, right = match.left_article_id, match.right_article_id
        led, anchor = list_led(left, right, match.right_begin, match.right_end), left
        if not led:
            led, anchor = list_led(right, left, match.left_begin, match.left_end), right
        named.append(replace(match, anchor_id=anchor) if led else match)
        if match.is_match and is_strong(match):
            is_copy[led] = True
    return named, is_copy


def is_strong(match: PassageMatch) -> bool:
    """Whether either of two spans is nearly all of the other, word for word."""
    return (
        match.relation in (Relation.VERBATIM, Relation.EDITED)
        and min(match.containment_left, match.containment_right) >= STRONG_CONTAINMENT
    )


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
