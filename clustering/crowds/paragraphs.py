"""Paragraphs that run in very many places: which of them lead, and which are led."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wirethread.clustering.crowds.leaders import find_leaders
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.outlets import is_agency_outlet, share_own_texts
from wirethread.clustering.paragraphs.table import ParagraphTable

__all__ = ["Crowds", "find_crowds", "list_buckets", "rank_articles"]

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Crowds:
    """Which paragraphs another stands for, of texts that run in many places."""

    leaders: Ints
    """The paragraph that leads each, int64[paragraphs]; -1 where none does."""
    is_crowded: Flags
    """Whether a paragraph is like an earlier one of many; bool[paragraphs]."""

    @property
    def led(self) -> Ints:
        """The paragraphs that have a leader, int64[m], ascending."""
        return np.flatnonzero(self.leaders >= 0).astype(np.int64)

    def find_settled(self, is_copy: Flags) -> Ints:
        """Return the leader of each paragraph that `is_copy`, bool[paragraphs]; -1 of others."""
        return np.where(is_copy, self.leaders, -1)


def rank_articles(table: ParagraphTable) -> Ints:
    """Return the place of each article among those that may lead others, int64[articles].

    An agency's own outlet comes first, then others that have its article, then the earliest.
    """
    keys = [
        (not is_agency_outlet(article), article.agency is None, day, article.article_id)
        for article, day in zip(
            table.articles, np.where(np.isnan(table.days), np.inf, table.days).tolist(), strict=True
        )
    ]
    rank = np.empty(len(keys), dtype=np.int64)
    rank[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return rank


def find_crowds(
    table: ParagraphTable, publishers: npt.NDArray[np.int64], settings: MatchSettings
) -> Crowds:
    """Find the paragraphs that run in more than `settings.max_postings` places, and who leads them.

    A leader is of another house and inside the window. `publishers` int64[articles, 6] are the rows
    of `number_publishers`.
    """

    def may_lead(led: Ints, leading: Ints) -> Flags:
        a, b = table.article_of[led], table.article_of[leading]
        allowed: Flags = ~(np.abs(table.days[a] - table.days[b]) > settings.window_days)
        return allowed & ~share_own_texts(publishers[a], publishers[b])

    is_figure = table.vocabulary.figure_numbers >= 0
    leaders = np.full(len(table.texts), -1, dtype=np.int64)
    is_crowded = np.zeros(len(table.texts), dtype=bool)
    rank = rank_articles(table)[table.article_of]
    for bucket in list_buckets(table.days, settings.window_days):
        found, crowded = find_leaders(
            table.word_ids,
            table.starts,
            table.word_hashes,
            is_figure,
            rank,
            least=settings.max_postings,
            may_lead=may_lead,
            bucket=None if bucket is None else bucket[table.article_of],
        )
        leaders = np.where(leaders >= 0, leaders, found)
        is_crowded |= crowded
    return Crowds(leaders=leaders, is_crowded=is_crowded)


def list_buckets(days: npt.NDArray[np.float64], window_days: float) -> list[Ints | None]:
    """Return ways to part articles by time, so that words have leading places all along it.

    `days` float64[articles] are times in days, NaN where unknown; a way is int64[articles], the
    bucket of each. None is all of them together, which is enough where they span no more than a
    window. Any two that are at most a window apart are in one bucket of one of the others.
    """
    known = days[~np.isnan(days)]
    if not len(known) or np.ptp(known) <= window_days:
        return [None]
    ways: list[Ints | None] = [None]
    for shift in (0.0, 0.5):
        bucket = np.floor(
            np.where(np.isnan(days), -2 * window_days, days) / (2 * window_days) + shift
        )
        ways.append(bucket.astype(np.int64))
    return ways
