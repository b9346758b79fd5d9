"""Passages like a text, from an archive that stays open: the first answer opens it, others do not.

A `PassageSearch` keeps the published snapshot, the vectors, the index of words and the model. It
answers from the newest snapshot: whether another one was published costs a look at the file.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from wirethread.archive import Stamp, stamp_opened, stamp_snapshot
from wirethread.articles.dates.known_by import known_by
from wirethread.embedding.encoder import Encoder
from wirethread.embedding.lazy import LazyEncoder
from wirethread.passage_nearness import Nearness, measure_nearness
from wirethread.passage_scores import measure_share, score_passage, score_words, tell_said
from wirethread.storage.answers.asked_names import require_names
from wirethread.storage.answers.filters import find_let_through
from wirethread.storage.answers.ranking import RankedPassage
from wirethread.storage.answers.search import (
    rank_texts,
    rank_words,
    read_hits,
    weigh_words,
)
from wirethread.storage.answers.types import PassageFilter, PassageHit
from wirethread.storage.catalog import Catalog
from wirethread.storage.vectors.segments import VectorSegments
from wirethread.storage.words.index import WordsIndex, WordsIndexError, open_words
from wirethread.storage.words.terms import split_words

__all__ = ["PassageSearch", "SearchBy", "SimilarPassage", "date_hit"]

MORE_CANDIDATES = 12
"""Paragraphs that are looked at by words, and by meaning, beyond twice the answers of a depth."""
DEPTHS = (24, 100, 400, 2_000, 10_000)
"""Answers up to which a list is made at once. What is looked at follows from these alone, so a list
is the same however it is cut into parts. It ends with the last."""
FURNITURE_PLACES = 3
"""A text under so many articles of one outlet alone is a line of its pages."""


class SearchBy(StrEnum):
    """What a search compares."""

    BOTH = "both"
    MEANING = "meaning"
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarPassage:
    """A passage like the text asked for, at the place where it ran first of those found."""

    hit: PassageHit
    score: float
    """Chance that it answers, 0 to 1, from words and meaning (`wirethread.passage_scores`)."""
    similarity: float | None
    """Cosine of the two vectors; None where it was found by its words alone."""
    word_score: float | None
    """BM25; None where it was found by its meaning alone."""
    also: Sequence[PassageHit] = ()
    """The other places of the same passage that were found, in order of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question to the archive, and where it looks."""

    text: str
    by: SearchBy
    chosen: PassageFilter
    exact: bool


class PassageSearch:
    """Searches the published snapshot of a data folder. A context manager.

    `encoder` is the model of the runs; None searches by words alone. Threads are answered in turn.
    """

    def __init__(self, folder: str | Path, encoder: Encoder | None) -> None:
        self._folder = Path(folder)
        self._encoder = encoder
        self._turn = Lock()
        self._encoding = ThreadPoolExecutor(1)
        self._stamp: Stamp | None = None
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
        limit: int | None = 10,
        offset: int = 0,
        exact: bool = False,
    ) -> list[SimilarPassage]:
        """Return the paragraphs nearest to `text` in meaning, in words, or in both, best first.

        What either way finds is scored by both (`wirethread.passage_scores`). Places of one passage
        are one answer, the first of them on top. A list goes on behind `offset`, up to 10,000
        answers; None asks for all of them. `exact` reads every vector of a large archive, not only
        those in the lists nearest to the text. Raises `NotFoundError` for an outlet or agency that
        the archive has nothing of.
        """
        text = text.encode("utf-8", "replace").decode()  # no model takes half of a letter
        asked = _Asked(text=text, by=by, chosen=chosen or PassageFilter(), exact=exact)
        n_wanted = None if limit is None else offset + limit
        with self._turn:
            catalog = self._open()
            require_names(catalog, outlet=asked.chosen.outlet, agency=asked.chosen.agency)
            if self._words is None:  # a run may have made it since
                self._words = open_words(catalog)
            try:
                found = self._answer(catalog, asked, n_wanted)
            except WordsIndexError:
                self._words = None  # what it cannot tell is read from the texts
                found = self._answer(catalog, asked, n_wanted)
        return found[offset:n_wanted]

    def _answer(
        self, catalog: Catalog, asked: _Asked, n_wanted: int | None
    ) -> list[SimilarPassage]:
        """Return the first answers, at least so many where there are: depth after depth."""
        encoder = None if asked.by is SearchBy.WORDS else self._encoder
        # the model loads, and computes, while the words are looked up and the vectors opened
        encoded = None if encoder is None else self._encoding.submit(encoder.encode, [asked.text])
        answers: dict[str, SimilarPassage] = {}
        for depth in DEPTHS:
            scored, is_all = self._score(catalog, asked, encoded, 2 * depth + MORE_CANDIDATES)
            for key, one in group_by_passage(scored).items():
                if len(answers) < depth or is_all:
                    answers.setdefault(key, one)
            if is_all or (n_wanted is not None and n_wanted <= len(answers)):
                break
        return list(answers.values())

    def _score(
        self,
        catalog: Catalog,
        asked: _Asked,
        encoded: Future[NDArray[np.float32]] | None,
        n_candidates: int,
    ) -> tuple[list[SimilarPassage], bool]:
        """Return the nearest paragraphs of either way, best first, and whether these are all."""
        by_words: list[RankedPassage] = []
        if asked.by is not SearchBy.MEANING:
            by_words = rank_words(
                catalog,
                asked.text,
                index=self._words,
                chosen=asked.chosen,
                limit=n_candidates,
                superseded=self._superseded,
            )
        by_meaning, is_all = self._rank_by_meaning(catalog, asked, encoded, n_candidates)
        is_all = is_all and (asked.by is SearchBy.MEANING or len(by_words) < n_candidates)
        meaning = {found.paragraph_id: found.score for found in by_meaning}
        words = {found.paragraph_id: found.score for found in by_words}
        candidates = list(
            {found.paragraph_id: found for found in (*by_meaning, *by_words)}.values()
        )
        hits = drop_furniture(read_hits(catalog, candidates))
        question = split_words(asked.text)
        weights = weigh_words(catalog, asked.text, index=self._words) if words else {}
        passages = [split_words(hit.text) for hit in hits] if words else [[] for _ in hits]
        shares = [measure_share(passage, weights) for passage in passages]
        said = tell_said(shares) if asked.by is SearchBy.BOTH else 1.0
        nearness = [Nearness()] * len(hits)
        if by_meaning and encoded is not None and self._vectors is not None:
            nearness = measure_nearness(self._vectors, encoded.result()[0], hits, said)
        scored = [
            SimilarPassage(
                hit=hit,
                score=round(
                    score_passage(
                        score_words(question, passage, weights),
                        near.similarity,
                        near.surroundings,
                        said_share=share * said,
                    ),
                    6,
                ),
                similarity=meaning.get(hit.paragraph_id),
                word_score=words.get(hit.paragraph_id),
            )
            for hit, passage, share, near in zip(hits, passages, shares, nearness, strict=True)
        ]
        scored.sort(
            key=lambda found: (-found.score, -(found.word_score or 0.0), found.hit.paragraph_id)
        )
        return scored, is_all

    def _rank_by_meaning(
        self,
        catalog: Catalog,
        asked: _Asked,
        encoded: Future[NDArray[np.float32]] | None,
        n_candidates: int,
    ) -> tuple[list[RankedPassage], bool]:
        """Return the nearest paragraphs, and whether these are all."""
        if encoded is None or self._encoder is None:
            return [], True
        vectors = self._open_vectors(catalog, self._encoder.model_id)
        if vectors is None:
            return [], True
        # openings of articles have vectors and are no paragraphs, so some more are asked for
        n_texts = 2 * n_candidates + 10
        let_through = find_let_through(catalog, asked.chosen)
        hashes, similarity = vectors.search(
            encoded.result(),
            n_texts,
            among=None if let_through is None else let_through.hashes,
            exact=asked.exact,
        )
        ranked = rank_texts(
            catalog,
            hashes[0],
            similarity[0],
            index=self._words,
            chosen=asked.chosen,
            limit=n_candidates,
            superseded=self._superseded,
        )
        return ranked, len(hashes[0]) < n_texts and len(ranked) < n_candidates

    def _open_vectors(self, catalog: Catalog, model_id: str) -> VectorSegments | None:
        """Return the vectors of the model, None where the snapshot has none."""
        if self._vectors is None:
            segments = catalog.vectors.list_segments(model_id)
            if not segments:
                return None
            self._vectors = VectorSegments(
                catalog.folder, catalog, model_id=model_id, dimension=segments[0].dimension
            )
            self._vectors.open_files()
        return self._vectors

    def _open(self) -> Catalog:
        """Return the newest snapshot, open; what belonged to another one is let go."""
        stamp = stamp_snapshot(self._folder, self._catalog)
        if self._catalog is not None and stamp == self._stamp:
            return self._catalog
        self._close()
        self._catalog = Catalog.open_published(self._folder)
        self._superseded = self._catalog.versions.list_superseded()
        self._stamp = stamp_opened(self._catalog, stamp)
        if isinstance(self._encoder, LazyEncoder):
            self._encoder.keep_to(self._catalog.vectors.list_model_ids())
        return self._catalog

    def _close(self) -> None:
        self._words = self._vectors = None
        if self._catalog is not None:
            self._catalog.close()
            self._catalog = None


def drop_furniture(hits: Sequence[PassageHit]) -> list[PassageHit]:
    """Return the hits without texts that one outlet, and nobody else, prints under many articles.

    A sign-up or a line about the author is no answer, however well its words fit.
    """
    places: dict[int, set[str]] = {}
    outlets: dict[int, set[str]] = {}
    for hit in hits:
        places.setdefault(hit.text_hash, set()).add(hit.article_id)
        outlets.setdefault(hit.text_hash, set()).add(hit.outlet)
    return [
        hit
        for hit in hits
        if len(places[hit.text_hash]) < FURNITURE_PLACES or len(outlets[hit.text_hash]) > 1
    ]


def group_by_passage(scored: Sequence[SimilarPassage]) -> dict[str, SimilarPassage]:
    """Return one hit for each passage, best first: the place where it ran first, then the others.

    Paragraphs with one text, or of one passage of copy, are one answer, under one key. A mere day
    is no proof of having been first: such a place stands behind those with a time on that day.
    """
    groups: dict[str, list[SimilarPassage]] = {}
    for found in scored:
        key = found.hit.passage_id or f"text {found.hit.text_hash}"
        groups.setdefault(key, []).append(found)
    answers = {}
    for key, members in groups.items():
        by_time = sorted(members, key=lambda found: date_hit(found.hit))
        first, best = by_time[0], members[0]
        answers[key] = replace(
            first, score=best.score, also=tuple(found.hit for found in by_time[1:])
        )
    return answers


def date_hit(hit: PassageHit) -> tuple[datetime, str, int]:
    """Return by what places are ordered: one with a mere day stands behind those of that day."""
    return known_by(hit.published_at, hit.published_precision), hit.article_id, hit.position
