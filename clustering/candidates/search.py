"""Which paragraph pairs are worth comparing: shared words from one side, meaning from the other."""

import numpy as np
import numpy.typing as npt

from wirethread.clustering.candidates.neighbours import find_nearest_of_pairs, find_neighbours
from wirethread.clustering.candidates.promise import Promise
from wirethread.clustering.crowds.leaders import mix_bucket
from wirethread.clustering.crowds.paragraphs import (
    Crowds,
    find_crowds,
    list_buckets,
    rank_articles,
)
from wirethread.clustering.crowds.shared_runs import RunsOf
from wirethread.clustering.distinct import find_distinct
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.outlets import share_own_texts
from wirethread.clustering.paragraphs.shingles import hash_shingles_at, join_shingles
from wirethread.clustering.paragraphs.table import ParagraphTable

__all__ = ["MOST_NEIGHBOURS", "CandidateSearch", "find_candidates"]

Ints = npt.NDArray[np.int64]

_SHINGLE_WORDS_WITHOUT_VECTORS = 4
MOST_NEIGHBOURS = 32
"""Older paragraphs that one is compared with for their meaning. In news few come near it."""


def find_candidates(
    table: ParagraphTable,
    is_new: npt.NDArray[np.bool_],
    publishers: npt.NDArray[np.int64],
    settings: MatchSettings,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Paragraph pairs (left < right, each once) inside the window, but for one house's own texts.

    Both sides are int64[n]. At least one article of each pair is new, as `is_new` bool[articles]
    says; `publishers` int64[articles, 6] are the rows of `number_publishers`. Paragraphs that have
    fewer than `settings.min_words` words left are in no pair.
    """
    search = CandidateSearch(
        table, is_new, publishers, settings, find_crowds(table, publishers, settings)
    )
    first = search.list_with_leaders()
    rest = search.list_others(np.full(len(table.texts), -1, dtype=np.int64))
    keys = find_distinct(np.concatenate([left * search.n + right for left, right in (first, rest)]))
    return keys // search.n, keys % search.n


class CandidateSearch:
    """Finds which paragraph pairs are worth comparing: those with leaders first, then the others.

    What has turned out to be its leader's text is then compared with no other text of that leader
    for the sake of a run of words that they share, and so what is compared grows with the places.
    """

    def __init__(
        self,
        table: ParagraphTable,
        is_new: npt.NDArray[np.bool_],
        publishers: npt.NDArray[np.int64],
        settings: MatchSettings,
        crowds: Crowds,
    ) -> None:
        self.n = max(len(table.texts), 1)
        self._table, self._is_new, self._publishers = table, is_new, publishers
        self._settings, self._crowds = settings, crowds
        n_words = settings.shingle_words
        if table.vectors is None:
            n_words = min(n_words, _SHINGLE_WORDS_WITHOUT_VECTORS)
        begins, self._hashes = hash_shingles_at(
            table.word_hashes[table.word_ids], table.starts, n_words
        )
        self._owners = np.searchsorted(table.starts, begins, side="right") - 1
        self._is_touched = np.zeros(len(table.articles), dtype=bool)
        self._is_touched[table.article_of[crowds.led]] = True
        self._runs: RunsOf | None = None
        self._promise = Promise(table, settings.min_words)
        self._compared = np.zeros(0, dtype=np.int64)

    def list_with_leaders(self) -> tuple[Ints, Ints]:
        """Return all pairs of the articles of which one has a leading paragraph of the other.

        Both sides are int64[n], places of paragraphs.
        """
        led = self._crowds.led
        keys = self._list_allowed(led, self._crowds.leaders[led])
        keys = self._complete(self._keep_promising(keys))
        self._compared = self._name_articles(keys)
        return keys // self.n, keys % self.n

    def list_others(self, settled: Ints) -> tuple[Ints, Ints]:
        """Return all other pairs. `settled` int64[paragraphs] is the leader of each copy of it."""
        (stars_left, stars_right), (left, right) = self._join_runs()
        stars = self._list_allowed(stars_left, stars_right)
        open_ = (settled[left] < 0) | (settled[left] != settled[right])
        cliques = self._list_allowed(left[open_], right[open_])
        left, right = find_neighbours(
            self._table,
            self._is_new,
            self._publishers,
            window_days=self._settings.window_days,
            min_similarity=self._settings.min_cosine,
            measure=self._promise.measure,
            most=MOST_NEIGHBOURS,
            is_led=self._crowds.leaders >= 0,
            is_crowded=self._crowds.is_crowded,
        )
        runs = self._keep_promising(find_distinct(np.concatenate([stars, cliques])))
        keys = self._complete(find_distinct(np.concatenate([runs, left * self.n + right])))
        keys = keys[~np.isin(self._name_articles(keys), self._compared)]
        return keys // self.n, keys % self.n

    def _keep_promising(self, keys: Ints) -> Ints:
        """Return the pairs that are long enough and alike enough to be aligned."""
        return keys[self._promise.measure(keys // self.n, keys % self.n) >= 0]

    def _name_articles(self, keys: Ints) -> Ints:
        """Return a key for the two articles of each paragraph pair."""
        a, b = self._table.article_of[keys // self.n], self._table.article_of[keys % self.n]
        names: Ints = a * len(self._table.articles) + b
        return names

    def _list_allowed(self, left: Ints, right: Ints) -> Ints:
        """Return as keys the pairs that may be compared, ascending, each once."""
        table, publishers = self._table, self._publishers
        a, b = table.article_of[left], table.article_of[right]
        kept = (self._is_new[a] | self._is_new[b]) & (a != b)
        kept &= ~(np.abs(table.days[a] - table.days[b]) > self._settings.window_days)
        kept &= ~share_own_texts(publishers[a], publishers[b])
        left, right = left[kept], right[kept]
        return find_distinct(np.minimum(left, right) * self.n + np.maximum(left, right))

    def _complete(self, keys: Ints) -> Ints:
        """Add what else two articles share, of those with led paragraphs, to promising pairs.

        They are so compared as wholly as others are, whatever it was that paired them.
        """
        table, n_articles = self._table, len(self._table.articles)
        names = self._name_articles(keys)
        is_whole = self._is_touched[names // n_articles] | self._is_touched[names % n_articles]
        if not is_whole.any():
            return keys
        pairs = find_distinct(names[is_whole])
        a, b = pairs // n_articles, pairs % n_articles
        if self._runs is None:
            self._runs = RunsOf.gather(self._owners, self._hashes, len(table.texts))
        again = [
            self._list_allowed(*self._runs.join_pairs(table.article_of, a, b)),
            self._list_allowed(
                *find_nearest_of_pairs(table, a, b, min_similarity=self._settings.min_cosine)
            ),
        ]
        more = self._keep_promising(find_distinct(np.concatenate(again)))
        return find_distinct(np.concatenate([keys, more]))

    def _join_runs(self) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
        """Return the paragraphs that share a run of words, those that may lead first.

        The first pairs are those of runs in more places than `settings.max_postings`, each with the
        first place; the others those of all places of the other runs.
        """
        table = self._table
        place = np.lexsort((np.arange(len(table.texts)), rank_articles(table)[table.article_of]))
        rank = np.empty_like(place)
        rank[place] = np.arange(len(place))
        found: list[list[Ints]] = [[], [], [], []]
        for bucket in list_buckets(table.days, self._settings.window_days):
            hashes = self._hashes
            if bucket is not None:
                hashes = mix_bucket(hashes, bucket[table.article_of[self._owners]])
            runs = RunsOf.gather(rank[self._owners], hashes, len(table.texts))
            for at, with_cliques in ((0, False), (2, True)):
                left, right, _ = join_shingles(
                    runs.runs,
                    runs.owners,
                    max_postings=self._settings.max_postings,
                    with_cliques=with_cliques,
                    with_stars=not with_cliques,
                )
                found[at].append(place[left])
                found[at + 1].append(place[right])
        star_left, star_right, left, right = (np.concatenate(parts) for parts in found)
        return (star_left, star_right), (left, right)
