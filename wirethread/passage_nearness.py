"""How near passages that were found are to a question in meaning, all of them by their vectors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wirethread.passage_scores import lean_on_nearest
from wirethread.storage.answers.types import PassageHit
from wirethread.storage.vectors.segments import VectorSegments

__all__ = ["Nearness", "measure_nearness"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """What the vectors say of a passage; None where a text has none."""

    similarity: float | None = None
    """Cosine with the question, and with the passages that speak for it."""
    surroundings: float | None = None
    """Cosine of the question with headline and opening of the article."""


def measure_nearness(
    segments: VectorSegments, question: NDArray[np.float32], hits: Sequence[PassageHit], said: float
) -> list[Nearness]:
    """Return the nearness of each hit to the question float32[d], as far as it is `said`."""
    text_vectors = _fetch(segments, {hit.text_hash for hit in hits})
    opening_vectors = _fetch(segments, {hit.opening_hash or 0 for hit in hits})
    around = {text: float(vector @ question) for text, vector in opening_vectors.items()}
    known = list(text_vectors)
    opening_of = {int(hit.text_hash): hit.opening_hash or 0 for hit in reversed(hits)}
    vectors = np.array(list(text_vectors.values()), dtype=np.float32)
    vectors = vectors.reshape(len(known), len(question))
    leaning = lean_on_nearest(
        (vectors @ question).astype(np.float64),
        np.array([around.get(opening_of[text], 0.0) for text in known]),
        vectors,
        said,
    )
    near = dict(zip(known, leaning.tolist(), strict=True))
    return [
        Nearness(similarity=near.get(hit.text_hash), surroundings=around.get(hit.opening_hash or 0))
        for hit in hits
    ]


def _fetch(segments: VectorSegments, texts: Iterable[int]) -> dict[int, NDArray[np.float32]]:
    hashes = np.array(sorted(texts), dtype=np.int64)
    places, vectors = segments.fetch_known(hashes)
    return dict(zip(hashes[places].tolist(), vectors, strict=True))
