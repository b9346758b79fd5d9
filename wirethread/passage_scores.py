"""How well a passage answers a question: one score from 0 to 1, from words and from meaning.

The score is the chance that a passage answers by at least one of two ways, each worked out apart:

- by words: the share of the question's words that it holds, rare ones counting most, or the longest
  run of them that it holds in order. Half of the words say little, all of them nearly everything;
- by meaning: the cosine of the two texts' vectors, through a logistic curve.

How much of the question any passage says in its words tells how it is to be understood. Where one
says all of it, such as a name, the others are ordered by their share of the words as well. Where
none does, the question stands in other words than the texts: the passages nearest to it speak for
it then, since what answers resembles them more than what merely shares a turn of phrase with it.

The constants were set with 100 questions of four kinds over two months of news (`docs/search.md`),
those about what is said on one half of other ones (`benchmarks/wirethread/search_quality.py`).
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "lean_on_nearest",
    "measure_share",
    "score_passage",
    "score_words",
    "tell_said",
]

_MIDDLE = 0.52
_STEEPNESS = 11.0
"""Cosine at which meaning alone makes an answer as likely as not, and how fast that turns."""
_SHARE_OF_SURROUNDINGS, _FAR = 0.3, 0.2
"""Headline and opening of the article count so much, above this cosine."""
_ALL_WORDS = 0.9
"""Chance that a passage with all words of a question answers it."""
_QUOTED = 0.99
"""Chance that one does that holds them in their order."""
_WORDS_POWER = 3.0
"""Words count by this power of their share."""
_SAID_POWER = 4.0
"""The best share of words counts by this power: most of a question is not the question."""
_WORTH_OF_WORDS = 0.3
"""Cosine that all words of a question are worth beside the meaning, where a passage says them."""
_N_NEAREST, _LEAN = 8, 0.4
"""So many passages speak for a question that no passage says, with this weight beside its own."""
_MOST_WORDS = 400
"""Words of a passage that are looked at."""
_MIN_RUN = 3
"""Shorter runs of words are no quotation."""
_FULL_LENGTH = 12
"""A passage of fewer words tells less than a question that it merely repeats words of."""


def score_passage(
    by_words: float,
    similarity: float | None,
    surroundings: float | None = None,
    *,
    said_share: float = 0.0,
) -> float:
    """Return the chance, 0 to 1, that a passage answers, by `score_words` and the cosine.

    `surroundings` is the cosine of the question with headline and opening of the article: what a
    paragraph means depends on what it stands in. `said_share` is the passage's share of the words
    times how much of the question is said at all.
    """
    by_meaning = 0.0
    if similarity is not None:
        nearness = _stand_in(similarity, surroundings or 0.0) + _WORTH_OF_WORDS * said_share
        by_meaning = 1.0 / (1.0 + math.exp(-_STEEPNESS * (nearness - _MIDDLE)))
    return 1.0 - (1.0 - by_words) * (1.0 - by_meaning)


def _stand_in(similarity: float, surroundings: float) -> float:
    return similarity + _SHARE_OF_SURROUNDINGS * max(0.0, surroundings - _FAR)


def measure_share(passage: Sequence[str], weights: Mapping[str, float]) -> float:
    """Return the share of a question's words, by weight, that a passage holds, 0 to 1."""
    held = set(passage[:_MOST_WORDS])
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if word in held) / max(total, 1e-9)


def tell_said(shares: Iterable[float]) -> float:
    """Return how much of a question some passage says in its words, 0 to 1, from all shares."""
    return float(max(shares, default=0.0) ** _SAID_POWER)


def lean_on_nearest(
    similarity: NDArray[np.float64],
    surroundings: NDArray[np.float64],
    vectors: NDArray[np.float32],
    said: float,
) -> NDArray[np.float64]:
    """Return the cosines float64[n] of distinct passages with what a question stands for.

    That is the question itself and, as far as it is not `said`, the middle of the passages nearest
    to it. `vectors` float32[n, d] are those of the passages, of unit length.
    """
    weight = _LEAN * (1.0 - said)
    if not len(similarity) or weight <= 0.0:
        return similarity
    nearness = [_stand_in(*pair) for pair in zip(similarity, surroundings, strict=True)]
    nearest = np.argsort(-np.array(nearness), kind="stable")[:_N_NEAREST]
    middle = vectors[nearest].mean(axis=0, dtype=np.float64)
    middle /= max(float(np.linalg.norm(middle)), 1e-9)
    leaning: NDArray[np.float64] = (1.0 - weight) * similarity + weight * (vectors @ middle)
    return leaning


def score_words(
    question: Sequence[str], passage: Sequence[str], weights: Mapping[str, float]
) -> float:
    """Return the chance, 0 to 1, that a passage answers by its words, in order.

    `weights` are those of the question's words by their rarity; other words of it count nothing.
    """
    if not question or not passage:
        return 0.0
    passage = passage[:_MOST_WORDS]
    share = measure_share(passage, weights)
    run = _measure_run(question, passage) / len(question)
    fullness = min(1.0, len(passage) / min(_FULL_LENGTH, 2 * len(question)))
    by_share: float = share**_WORDS_POWER * fullness
    by_run: float = run**_WORDS_POWER if run * len(question) >= _MIN_RUN else 0.0
    return max(_ALL_WORDS * by_share, _QUOTED * by_run)


def _measure_run(question: Sequence[str], passage: Sequence[str]) -> int:
    """Return the length of the longest run of words that both hold in order."""
    places: dict[str, list[int]] = {word: [] for word in question}
    for place, word in enumerate(passage):
        if word in places:
            places[word].append(place)
    longest = 0
    before: dict[int, int] = {}
    for word in question:
        here = {place: before.get(place - 1, 0) + 1 for place in places[word]}
        longest = max(longest, max(here.values(), default=0))
        before = here
    return longest
