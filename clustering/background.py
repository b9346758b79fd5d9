"""How common a word is in the news at large: a background that no batch can change.

The share of documents that hold a word comes from two places, and the larger one counts:

- a table of hashed words counted over English news (`background_en.npz`, numbers only, made by
  `benchmarks/clustering/build_background.py`);
- the word's frequency p in its language (package `wordfreq`), as the chance to meet it in a
  document of 400 words, 1 - (1 - p) ** 400.

A word found in neither is rare: most of those are names, in any language.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import xxhash

from wirethread.articles.normalize import tokenize_words

__all__ = ["RAREST_SHARE", "document_shares", "hash_words"]

RAREST_SHARE = 1 / 20_000
"""The share given to words that the background does not know."""

_WORDS_PER_DOCUMENT = 400
_SHARE_STEPS_PER_E = 20.0  # the table stores -20 * ln(share) in one byte
_ENGLISH = "en"
_UNSPACED_LANGUAGES = ("ja", "zh")


def hash_words(words: Iterable[str]) -> npt.NDArray[np.uint32]:
    """Return uint32[n], the hash that stands for each of n words in the table."""
    return np.fromiter(
        (xxhash.xxh3_64_intdigest(word.encode("utf-8", "surrogatepass")) >> 32 for word in words),
        dtype=np.uint32,
    )


def document_shares(words: Sequence[str], language: str | None) -> npt.NDArray[np.float64]:
    """Return float64[n], the share of documents that hold each word, at least `RAREST_SHARE`.

    `language` is an ISO 639-1 code or None. English counts always: a wrong guess of the language
    then makes no common English word look rare.
    """
    shares = np.maximum(_table_shares(words), _language_shares(words, _ENGLISH))
    if language is not None and language != _ENGLISH:
        shares = np.maximum(shares, _language_shares(words, language))
    return np.maximum(shares, RAREST_SHARE)


def _table_shares(words: Sequence[str]) -> npt.NDArray[np.float64]:
    hashes, steps = _load_table()
    wanted = hash_words(words)
    places = np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)
    shares = np.exp(steps[places] / -_SHARE_STEPS_PER_E)
    return np.where(hashes[places] == wanted, shares, 0.0)


def _language_shares(words: Sequence[str], language: str) -> npt.NDArray[np.float64]:
    frequencies = _load_frequencies(language)
    found = np.fromiter((frequencies.get(word, 0.0) for word in words), dtype=np.float64)
    shares: npt.NDArray[np.float64] = 1.0 - (1.0 - found) ** _WORDS_PER_DOCUMENT
    return shares


@lru_cache(maxsize=1)
def _load_table() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float64]]:
    with (resources.files("wirethread.clustering") / "background_en.npz").open("rb") as file:
        arrays = np.load(file)
        return arrays["hashes"], arrays["steps"].astype(np.float64)


@lru_cache(maxsize=64)
def _load_frequencies(language: str) -> dict[str, float]:
    """Return word -> frequency as our tokens; empty where the language has no list."""
    import wordfreq  # noqa: PLC0415 - half a second that only scoring should pay

    if language not in wordfreq.available_languages("small"):
        return {}
    frequencies: dict[str, float] = {}
    for word, frequency in wordfreq.get_frequency_dict(language, "small").items():
        tokens = tokenize_words(word)
        if language in _UNSPACED_LANGUAGES:
            # our tokens are single characters and pairs of neighbours
            tokens += [left + right for left, right in pairwise(tokens)]
        for token in set(tokens):
            frequencies[token] = min(1.0, frequencies.get(token, 0.0) + frequency)
    return frequencies
