"""An encoder without weights: hashed words and character sequences, the same on every machine."""

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import xxhash
from numpy.typing import NDArray

from wirethread.articles.normalize import normalize_text, tokenize_spans, tokenize_words
from wirethread.embedding.encoder import TokenVectors, encode_distinct

__all__ = ["HashingEncoder"]

_WORD_WEIGHT = 1.0
_SEQUENCE_WEIGHT = 0.3
_SEQUENCE_LENGTH = 4
_BATCH_SIZE = 1024


class HashingEncoder:
    """Texts that share words and word parts are similar; meaning is not known to it.

    Each word and each sequence of four characters adds its weight, damped by the square root of
    its count, to one of `dimension` numbers, with a sign (Weinberger et al. 2009, feature hashing).
    """

    def __init__(self, dimension: int = 256) -> None:
        if dimension < 8:
            raise ValueError(f"dimension must be at least 8, not {dimension}")
        self._dimension = dimension

    @property
    def model_id(self) -> str:
        """`hashing-` and the dimension."""
        return f"hashing-{self._dimension}"

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._dimension

    def encode(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return float32[n, dimension] of unit length; a text without words gets a fixed vector."""
        return encode_distinct(
            texts,
            self._dimension,
            self._encode_batch,
            batch_size=_BATCH_SIZE,
            on_progress=on_progress,
        )

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the words of each text; what a word means is the same in all of them."""
        found = []
        for text in texts:
            spans = tokenize_spans(text)
            vectors = np.zeros((len(spans), self._dimension), dtype=np.float32)
            for row, (word, _, _) in enumerate(spans):
                vectors[row] = self._encode_text(word)
            begins, ends = (
                np.array([span[side] for span in spans], dtype=np.int64) for side in (1, 2)
            )
            found.append(TokenVectors(begins=begins, ends=ends, vectors=vectors))
        return found

    def _encode_batch(self, texts: list[str]) -> NDArray[np.float32]:
        return np.stack([self._encode_text(text) for text in texts])

    def _encode_text(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros(self._dimension, dtype=np.float64)
        padded = f" {normalize_text(text)} "
        sequences = Counter(
            padded[begin : begin + _SEQUENCE_LENGTH]
            for begin in range(len(padded) - _SEQUENCE_LENGTH + 1)
        )
        for features, weight in (
            (Counter(tokenize_words(text)), _WORD_WEIGHT),
            (sequences, _SEQUENCE_WEIGHT),
        ):
            for feature, count in features.items():
                place = xxhash.xxh3_64_intdigest(feature.encode("utf-8", "surrogatepass"))
                sign = 1.0 if place >> 63 else -1.0
                vector[place % self._dimension] += sign * weight * math.sqrt(count)
        length = float(np.linalg.norm(vector))
        if length == 0.0:
            vector[0] = length = 1.0
        return (vector / length).astype(np.float32)
