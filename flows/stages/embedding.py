"""Embedding: texts in, vectors out. Memory: the model, and a few kilobytes a text."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.errors import ModelError
from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder

__all__ = [
    "EmbeddingContent",
    "ModelChoice",
    "encode_texts",
    "find_encoder",
    "lend_encoder",
    "load_once",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model, by name and by the settings that lead to it."""

    model_id: str
    settings: EmbeddingSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingContent:
    """Texts, and the model that is to encode them."""

    texts: Sequence[str]
    model: ModelChoice


_LENT: list[LazyEncoder] = []


@contextmanager
def lend_encoder(encoder: LazyEncoder) -> Iterator[None]:
    """Let partitions that are worked on in this process use a model that it has already."""
    _LENT.append(encoder)
    try:
        yield
    finally:
        _LENT.remove(encoder)


def encode_texts(content: EmbeddingContent, tell: Callable[[float], None]) -> NDArray[np.float32]:
    """Return float32[n, d], a unit vector a text.

    Raises `ModelError` where this machine has another model under the same settings.
    """
    encoder = find_encoder(content.model)
    n_done = 0

    def add(n_finished: int) -> None:
        nonlocal n_done
        n_done += n_finished
        tell(n_done / len(content.texts))

    return encoder.encode(content.texts, on_progress=add)


def find_encoder(model: ModelChoice) -> LazyEncoder:
    """Return the model, loaded once a process.

    Raises `ModelError` where this machine has another model under the same settings.
    """
    for encoder in _LENT:
        if encoder.model_id == model.model_id:
            return encoder
    encoder = load_once(model.settings, model.model_id)
    if encoder.model_id != model.model_id:
        raise ModelError(
            f"the worker's model is {encoder.model_id}, the run's is {model.model_id}: "
            "every worker needs the same weights and versions"
        )
    return encoder


@lru_cache(maxsize=1)
def load_once(settings: EmbeddingSettings, model_id: str) -> LazyEncoder:
    """Return the model of these settings, as the archive has it."""
    return LazyEncoder(settings).keep_to([model_id])
