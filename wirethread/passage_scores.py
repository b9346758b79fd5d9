"""How well a passage answers a question: one score from 0 to 1, from words and from meaning.

The score is the chance that a passage answers by at least one of two ways, each worked out apart:

- by words: the share of the question's words that it holds, rare ones counting most, or the longest
  run of them that it holds in order. Half of the words say little, all of them nearly everything;
- by meaning: the cosine of the two texts' vectors, through a logistic curve.

The constants were set with 100 questions of four kinds over two months of news (`docs/search.md`).
"""

import math
from collections.abc import Mapping, Sequence

__all__ = ["score_passage", "score_words"]

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
_MOST_WORDS = 400
"""Words of a passage that are looked at."""
_MIN_RUN = 3
"""Shorter runs of words are no quotation."""
_FULL_LENGTH = 12
"""A passage of fewer words tells less than a question that it merely repeats words of."""


def score_passage(
    by_words: float, similarity: float | None, surroundings: float | None = None
) -> float:
    """Return the chance, 0 to 1, that a passage answers, by `score_words` and the cosine.

    `surroundings` is the cosine of the question with headline and opening of the article: what a
    paragraph means depends on what it stands in.
    """
    by_meaning = 0.0
    if similarity is not None:
        nearness = similarity + _SHARE_OF_SURROUNDINGS * max(0.0, (surroundings or 0.0) - _FAR)
        by_meaning = 1.0 / (1.0 + math.exp(-_STEEPNESS * (nearness - _MIDDLE)))
    return 1.0 - (1.0 - by_words) * (1.0 - by_meaning)


def score_words(
    question: Sequence[str], passage: Sequence[str], weights: Mapping[str, float]
) -> float:
    """Return the chance, 0 to 1, that a passage answers by its words, in order.

    `weights` are those of the question's words by their rarity; other words of it count nothing.
    """
    if not question or not passage:
        return 0.0
    passage = passage[:_MOST_WORDS]
    held = set(passage)
    total = sum(weights.values())
    share = sum(weight for word, weight in weights.items() if word in held) / max(total, 1e-9)
    run = _measure_run(question, passage) / len(question)
    fullness = min(1.0, len(passage) / min(_FULL_LENGTH, 2 * len(question)))
    by_share: float = share**_WORDS_POWER * fullness
    by_run: float = run**_WORDS_POWER if run * len(question) >= _MIN_RUN else 0.0
    return max(_ALL_WORDS * by_share, _QUOTED * by_run)


def _measure_run(question: Sequence[str], passage: Sequence[str]) -> int:
    """Return the length of the longest run of words that both hold in order."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(passage):
        places.setdefault(word, []).append(place)
    longest = 0
    before: dict[int, int] = {}
    for word in question:
        here = {place: before.get(place - 1, 0) + 1 for place in places.get(word, ())}
        longest = max(longest, max(here.values(), default=0))
        before = here
    return longest
