"""Articles of which very many are one text or one form: which of them leads the others."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import xxhash

from wirethread.articles.normalize import tokenize_words
from wirethread.clustering.crowds.leaders import find_leaders
from wirethread.clustering.crowds.paragraphs import list_buckets
from wirethread.clustering.settings import StoryArticle

__all__ = ["find_article_leaders", "name_crowds"]

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Days = npt.NDArray[np.float64]

_LEAST = 16
"""Articles with the same words from which on one of them leads."""
_FIGURES_AGREEING, _RARE_AGREEING = 0.8, 0.5
"""Share of its figures, and of its rare words, that a copy has in common with its leader."""
_FIRST_CHARACTERS = 1_200
"""Of each text, what is looked at: copies are cut from their ends."""


def find_article_leaders(
    articles: Sequence[StoryArticle], days: Days, window_days: float
) -> tuple[Ints, Flags]:
    """Return an earlier article with nearly the same words for each, int64[n]; -1 where none is.

    Names and figures may differ: a form filled in with other facts has a leader too. So bool[n]
    tells who has its leader's facts as well. Only words that very many articles have count. `days`
    float64[n] is NaN where unknown.
    """
    n = len(articles)
    leaders = np.full(n, -1, dtype=np.int64)
    if n <= _LEAST:
        return leaders, np.zeros(n, dtype=bool)
    vocabulary: defaultdict[str, int] = defaultdict()
    vocabulary.default_factory = vocabulary.__len__
    word_ids: list[int] = []
    starts = [0]
    for article in articles:
        words = tokenize_words(article.text[:_FIRST_CHARACTERS])
        word_ids.extend(map(vocabulary.__getitem__, words))
        starts.append(len(word_ids))
    hashes = np.array([xxhash.xxh3_64_intdigest(one.encode()) for one in vocabulary], np.uint64)
    is_figure = np.array([one[0].isdigit() for one in vocabulary], dtype=bool)
    order = sorted(
        range(n),
        key=lambda number: (
            np.inf if np.isnan(days[number]) else days[number],
            articles[number].article_id,
        ),
    )
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)

    def may_lead(led: Ints, leading: Ints) -> npt.NDArray[np.bool_]:
        near: npt.NDArray[np.bool_] = ~(np.abs(days[led] - days[leading]) > window_days)
        return near

    for bucket in list_buckets(days, window_days):
        found, _ = find_leaders(
            np.array(word_ids, dtype=np.int64),
            np.array(starts, dtype=np.int64),
            hashes,
            is_figure,
            rank,
            least=_LEAST,
            may_lead=may_lead,
            bucket=bucket,
        )
        leaders = np.where(leaders >= 0, leaders, found)
    if not (leaders >= 0).any():
        return leaders, np.zeros(n, dtype=bool)
    sets = [frozenset(word_ids[begin:end]) for begin, end in pairwise(starts)]
    return leaders, _compare_facts(sets, is_figure, leaders)


def _compare_facts(sets: Sequence[frozenset[int]], is_figure: Flags, leaders: Ints) -> Flags:
    """Say which of the led texts, sets of words, have the figures and rare words of their leader.

    A copy may be cut: the text that has fewer decides.
    """
    counts = np.zeros(len(is_figure), dtype=np.int64)
    for words in sets:
        counts[list(words)] += 1
    figures = frozenset(np.flatnonzero(is_figure).tolist())
    rare = frozenset(np.flatnonzero(counts <= _LEAST).tolist()) - figures
    agrees = np.zeros(len(sets), dtype=bool)
    for led in np.flatnonzero(leaders >= 0).tolist():
        mine, theirs = sets[led], sets[leaders[led]]
        agrees[led] = all(
            len(mine & theirs & kind) >= least * min(len(mine & kind), len(theirs & kind))
            for kind, least in ((figures, _FIGURES_AGREEING), (rare, _RARE_AGREEING))
        )
    return agrees


def name_crowds(leaders: Ints) -> Ints:
    """Return the first leader of each crowd for all that are in it, int64[n]; -1 for the others."""
    roots = np.where(leaders >= 0, leaders, np.arange(len(leaders)))
    while True:
        further = roots[roots]
        if np.array_equal(further, roots):
            break
        roots = further
    is_root = np.zeros(len(leaders), dtype=bool)
    is_root[roots[leaders >= 0]] = True
    return np.where((leaders >= 0) | is_root, roots, -1)
