"""Paragraphs that a search ranks, read at once."""

import numpy as np
from numpy.typing import NDArray

from wirethread.storage.answers.search import PassageHit, rank_texts, rank_words, read_hits
from wirethread.storage.answers.types import PassageFilter
from wirethread.storage.catalog import Catalog
from wirethread.storage.words.index import WordsIndex


def list_hits(
    catalog: Catalog,
    hashes: NDArray[np.int64],
    scores: NDArray[np.float32],
    *,
    index: WordsIndex | None = None,
    chosen: PassageFilter | None = None,
    limit: int = 20,
) -> list[PassageHit]:
    """Return what `rank_texts` ranks of texts int64[n] with scores float32[n]."""
    return read_hits(
        catalog, rank_texts(catalog, hashes, scores, index=index, chosen=chosen, limit=limit)
    )


def search_words(
    catalog: Catalog,
    words: str,
    *,
    index: WordsIndex | None = None,
    chosen: PassageFilter | None = None,
    limit: int = 20,
) -> list[PassageHit]:
    """Return what `rank_words` ranks."""
    return read_hits(catalog, rank_words(catalog, words, index=index, chosen=chosen, limit=limit))
