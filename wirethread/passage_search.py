"""Passages like a text, from an archive that stays open: the first answer opens it, others do not.

A `PassageSearch` keeps the published snapshot, the vectors, the index of words and the model. It
answers from the newest snapshot: whether another one was published costs a look at the file.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import numpy as np

from wirethread.archive import stamp_snapshot
from wirethread.articles.types.articles import ParagraphId
from wirethread.embedding.encoder import Encoder
from wirethread.embedding.lazy import LazyEncoder
from wirethread.storage.answers.filters import filter_hashes
from wirethread.storage.answers.ranking import RankedPassage
from wirethread.storage.answers.records import PassageFilter, PassageHit
from wirethread.storage.answers.search import rank_texts, rank_words, read_hits
from wirethread.storage.catalog import Catalog
from wirethread.storage.tables.versions import list_superseded
from wirethread.storage.vectors.segments import VectorSegments
from wirethread.storage.words.index import WordsIndex, WordsIndexError, open_words

__all__ = ["FUSION_RANK", "PassageSearch", "SearchBy", "SimilarPassage"]

FUSION_RANK = 60
"""Constant k of reciprocal rank fusion, sum of 1 / (k + rank): Cormack et al. 2009."""


class SearchBy(StrEnum):
    """What a search compares."""

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


class PassageSearch:
    """Searches the published snapshot of a data folder. A context manager.

    `encoder` is the model of the runs; None searches by words alone. Threads are answered in turn.
    """

    def __init__(self, folder: str | Path, encoder: Encoder | None) -> None:
        self._folder = Path(folder)
        self._encoder = encoder
        self._turn = Lock()
        self._encoding = ThreadPoolExecutor(1)
        self._stamp: tuple[int, int, int] | None = None
        self._catalog: Catalog | None = None
        self._superseded: frozenset[str] = frozenset()
        self._words: WordsIndex | None = None
        self._vectors: VectorSegments | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the archive; the next question opens it again."""
        with self._turn:
            self._close()

    def find_similar(
        self,
        text: str,
        *,
        by: SearchBy = SearchBy.BOTH,
        chosen: PassageFilter | None = None,
        limit: int = 10,
        exact: bool = False,
    ) -> list[SimilarPassage]:
        """Return the paragraphs nearest to `text` in meaning, in words, or in both, best first.

        Both rankings are joined by reciprocal rank fusion. Every place where a paragraph ran is a
        hit of its own. `exact` reads every vector of a large archive, not only those in the lists
        nearest to the text.
        """
        chosen = chosen or PassageFilter()
        with self._turn:
            catalog = self._open()
            if self._words is None:  # a run may have made it since
                self._words = open_words(catalog)
            try:
                return self._answer(catalog, text, by, chosen, limit, exact=exact)
            except WordsIndexError:
                self._words = None  # what it cannot tell is read from the texts
                return self._answer(catalog, text, by, chosen, limit, exact=exact)

    def _answer(
        self,
        catalog: Catalog,
        text: str,
        by: SearchBy,
        chosen: PassageFilter,
        limit: int,
        *,
        exact: bool,
    ) -> list[SimilarPassage]:
        by_meaning: list[RankedPassage] = []
        by_words: list[RankedPassage] = []
        encoder = None if by is SearchBy.WORDS else self._encoder
        # the model loads, and computes, while the words are looked up and the vectors opened
        encoded = None if encoder is None else self._encoding.submit(encoder.encode, [text])
        if by is not SearchBy.MEANING:
            by_words = rank_words(
                catalog,
                text,
                index=self._words,
                chosen=chosen,
                limit=2 * limit,
                superseded=self._superseded,
            )
        vectors = None if encoder is None else self._open_vectors(catalog, encoder.model_id)
        if vectors is not None and encoded is not None:
            # openings of articles have vectors and are no paragraphs, so some more are asked for
            hashes, similarity = vectors.search(
                encoded.result(),
                4 * limit + 10,
                among=filter_hashes(catalog, chosen),
                exact=exact,
            )
            by_meaning = rank_texts(
                catalog,
                hashes[0],
                similarity[0],
                index=self._words,
                chosen=chosen,
                limit=2 * limit,
                superseded=self._superseded,
            )
        ranked = fuse_rankings(by_meaning, by_words)[:limit]
        meaning = {one.paragraph_id: one.score for one in by_meaning}
        words = {one.paragraph_id: one.score for one in by_words}
        return [
            SimilarPassage(
                hit=hit,
                similarity=meaning.get(hit.paragraph_id),
                word_score=words.get(hit.paragraph_id),
            )
            for hit in read_hits(catalog, ranked)
        ]

    def _open_vectors(self, catalog: Catalog, model_id: str) -> VectorSegments | None:
        """Return the vectors of the model, None where the snapshot has none."""
        if self._vectors is None:
            segments = catalog.list_segments(model_id)
            if not segments:
                return None
            self._vectors = VectorSegments(
                catalog.folder, catalog, model_id=model_id, dimension=segments[0].dimension
            )
            self._vectors.open_files()
        return self._vectors

    def _open(self) -> Catalog:
        """Return the newest snapshot, open; what belonged to another one is let go."""
        stamp = stamp_snapshot(self._folder)
        if self._catalog is not None and stamp == self._stamp:
            return self._catalog
        self._close()
        self._catalog = Catalog.open_published(self._folder)
        self._superseded = list_superseded(self._catalog.database)
        self._stamp = stamp
        if isinstance(self._encoder, LazyEncoder):
            self._encoder.keep_to(self._catalog.list_model_ids())
        return self._catalog

    def _close(self) -> None:
        self._words = self._vectors = None
        if self._catalog is not None:
            self._catalog.close()
            self._catalog = None


def fuse_rankings(
    by_meaning: Sequence[RankedPassage], by_words: Sequence[RankedPassage]
) -> list[RankedPassage]:
    """Join two rankings of paragraphs by the sum of their reciprocal ranks, the best first.

    Those in both keep the score of the first.
    """
    weights: dict[ParagraphId, float] = {}
    for ranking in (by_meaning, by_words):
        ranks = rank_scores([one.score for one in ranking])
        for one, rank in zip(ranking, ranks, strict=True):
            weights[one.paragraph_id] = weights.get(one.paragraph_id, 0) + 1 / (FUSION_RANK + rank)
    found = {one.paragraph_id: one for one in (*by_words, *by_meaning)}
    return [found[one] for one in sorted(weights, key=lambda one: (-weights[one], one))]


def rank_scores(scores: Sequence[float]) -> list[int]:
    """Return the rank of each score, 1 for the highest; equal scores share a rank."""
    distinct = sorted({float(np.round(one, 6)) for one in scores}, reverse=True)
    places = {score: place for place, score in enumerate(distinct, 1)}
    return [places[float(np.round(one, 6))] for one in scores]
