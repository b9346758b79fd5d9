"""How much story clusters resemble one another: the score of links without the time.

It is made of the cosines of the clusters' mean openings and of their mean weighted words, and
worked out for the clusters that are asked for, so that nothing follows the square of their number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from wirethread.clustering.links.pairs import Words, split_words
from wirethread.clustering.links.terms import weigh_terms
from wirethread.clustering.settings import StoryArticle, StorySettings

__all__ = ["Resemblance"]

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

_TILE = 4_096  # columns worked out at a time


@dataclass(frozen=True, slots=True)
class Resemblance:
    """The clusters as unit rows; ask it for the scores of some of them with others."""

    openings: Floats
    """float32[m, d]."""
    words: Words
    is_mixed: npt.NDArray[np.bool_]
    """bool[m]: clusters of roundups alone, which resemble nothing."""
    settings: StorySettings

    @classmethod
    def of_clusters(
        cls,
        members: Sequence[Sequence[int]],
        articles: Sequence[StoryArticle],
        vectors: Floats,
        settings: StorySettings,
    ) -> Self:
        """Take the places of the members of each cluster, and the openings float32[n, d]."""
        n = len(articles)
        rows = np.concatenate([np.full(len(group), place) for place, group in enumerate(members)])
        columns = np.concatenate([np.asarray(group, dtype=np.int64) for group in members])
        sums = sp.csr_array((np.ones(len(rows), np.float32), (rows, columns)), (len(members), n))
        words = sp.csr_array(sums @ weigh_terms(articles).weights.astype(np.float32))
        lengths = np.sqrt(np.asarray(words.multiply(words).sum(axis=1)).ravel())
        words = sp.csr_array(sp.diags_array(1.0 / np.maximum(lengths, 1e-12)) @ words)
        return cls(
            openings=_unit(np.asarray(sums @ vectors)),
            words=split_words(words),
            is_mixed=np.array(
                [bool(group) and all(articles[a].is_roundup for a in group) for group in members]
            ),
            settings=settings,
        )

    def measure(self, rows: Places, columns: Places) -> Floats:
        """Return the scores float32[r, c] of some clusters with others."""
        scores = np.empty((len(rows), len(columns)), dtype=np.float32)
        for begin in range(0, len(columns), _TILE):
            tile = columns[begin : begin + _TILE]
            dense = self.openings[rows] @ self.openings[tile].T
            scores[:, begin : begin + _TILE] = (
                self.settings.dense_weight * dense
                + self.settings.sparse_weight * self.words.multiply(rows, tile)
            )
        scores[self.is_mixed[rows], :] = 0.0
        scores[:, self.is_mixed[columns]] = 0.0
        return scores


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = (rows / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit
