"""What every encoder can do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Encoder", "TokenVectors", "encode_distinct"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenVectors:
    """The tokens that a model read of one text, in order, each with what it means there."""

    begins: NDArray[np.int64]
    """First character of each token in the text; int64[t]."""
    ends: NDArray[np.int64]
    """After the last one; int64[t]."""
    vectors: NDArray[np.float32]
    """float32[t, d], of any length."""


class Encoder(Protocol):
    """A model that turns texts into vectors of length 1, so that a dot product is a cosine."""

    @property
    def model_id(self) -> str:
        """Name and short checksum of the model: never two models under one id."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        ...

    def encode(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return float32[n, dimension], one unit-length row a text, in the order given.

        `on_progress` is called after each batch with the number of texts that it finished.
        """
        ...

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the tokens of each text. What is said of a text does not depend on the others."""
        ...


def encode_distinct(
    texts: Sequence[str],
    dimension: int,
    encode_batch: Callable[[list[str]], NDArray[np.float32]],
    *,
    batch_size: int,
    on_progress: Callable[[int], None] | None = None,
) -> NDArray[np.float32]:
    """Encode each distinct text once, texts of similar length together, and restore the order.

    Returns float32[n, d], a unit vector a text, from `encode_batch`, which gives float32[m, d].

    Batches are filled from the longest texts down, so that memory runs out at once or never. The
    vector of a text must not depend on the others in its batch by more than rounding.
    """
    distinct = sorted(set(texts), key=lambda text: (-len(text), text))
    rows = {text: row for row, text in enumerate(distinct)}
    copies = np.bincount([rows[text] for text in texts], minlength=len(distinct))
    vectors = np.empty((len(distinct), dimension), dtype=np.float32)
    for begin in range(0, len(distinct), batch_size):
        end = min(begin + batch_size, len(distinct))
        vectors[begin:end] = encode_batch(distinct[begin:end])
        if on_progress is not None:
            on_progress(int(copies[begin:end].sum()))
    return vectors[[rows[text] for text in texts]]
