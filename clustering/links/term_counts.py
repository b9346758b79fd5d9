"""How often each word stands in an article; counted once, though links and threads both ask.

Words are numbered as they are first seen. What was counted is kept in a few kilobytes an article,
up to a limit, and forgotten as a whole beyond it.
"""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from wirethread.articles.normalize import tokenize_words
from wirethread.clustering.links.figures import fold_digits
from wirethread.clustering.settings import StoryArticle

__all__ = ["TermCounts", "count_all_terms", "pair_characters", "split_terms"]

MAX_WORDS = 1_500
"""Words of an article that are looked at: longer texts are live pages and transcripts."""
_OPENING_WORDS = 100
_CHARACTERS_PER_WORD = 12
_FIRST_UNSPACED = "\u0e00"  # Thai; what comes before is written with spaces
_MOST_ARTICLES = 40_000
_MOST_WORDS = 2_000_000

Numbers = npt.NDArray[np.uint32]
_Key = tuple[str, str | None, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCounts:
    """The words of n articles, as numbers: of article i `[starts[i]:starts[i + 1]]`."""

    numbers: Numbers
    """uint32[t], each once an article."""
    counts: Numbers
    """uint32[t]: how often the word stands in the article."""
    starts: npt.NDArray[np.int64]
    """int64[n + 1]."""
    words: Sequence[tuple[str, str | None]]
    """By number: a word and its language."""


class _Numbers(dict[str, int]):
    """The number of each word of a language; a new word gets the next one."""

    def __init__(self, words: list[tuple[str, str | None]], language: str | None) -> None:
        super().__init__()
        self._words, self._language = words, language

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self._words)
        self._words.append((word, self._language))
        return number


@dataclass(slots=True)
class _Counted:
    """What was counted in this process."""

    words: list[tuple[str, str | None]] = field(default_factory=list)
    numbers: dict[str | None, _Numbers] = field(default_factory=dict)
    articles: dict[_Key, tuple[Numbers, Numbers]] = field(default_factory=dict)

    def forget(self) -> None:
        """Begin anew; who still holds the old words keeps them."""
        self.words, self.numbers, self.articles = [], {}, {}

    def count(self, article: StoryArticle) -> tuple[Numbers, Numbers]:
        """Return the numbers of the words of an article, and how often each stands in it."""
        key = (article.article_id, article.language, hash(article.headline), hash(article.text))
        found = self.articles.get(key)
        if found is None:
            counts = _count_terms(article)
            numbers = self.numbers.get(article.language)
            if numbers is None:
                numbers = self.numbers[article.language] = _Numbers(self.words, article.language)
            found = (
                np.fromiter(map(numbers.__getitem__, counts), np.uint32, len(counts)),
                np.fromiter(counts.values(), np.uint32, len(counts)),
            )
            if len(self.articles) < _MOST_ARTICLES:
                self.articles[key] = found
        return found


_COUNTED = _Counted()


def count_all_terms(articles: Sequence[StoryArticle]) -> TermCounts:
    """Count the words of articles; those of headline and opening count three times."""
    if len(_COUNTED.articles) >= _MOST_ARTICLES or len(_COUNTED.words) > _MOST_WORDS:
        _COUNTED.forget()
    found = [_COUNTED.count(article) for article in articles]
    nothing = np.empty(0, dtype=np.uint32)
    sizes = np.array([len(numbers) for numbers, _ in found], dtype=np.int64)
    return TermCounts(
        numbers=np.concatenate([nothing, *(numbers for numbers, _ in found)]),
        counts=np.concatenate([nothing, *(counts for _, counts in found)]),
        starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        words=_COUNTED.words,
    )


def _count_terms(article: StoryArticle) -> Counter[str]:
    body = split_terms(article.text)
    opening, headline = body[:_OPENING_WORDS], split_terms(article.headline)
    return Counter(itertools.chain(body, opening, opening, headline * 3))


def split_terms(text: str) -> list[str]:
    """Return the words of a text; characters of unspaced scripts also as pairs of neighbours."""
    words = tokenize_words(fold_digits(text[: MAX_WORDS * _CHARACTERS_PER_WORD]))[:MAX_WORDS]
    return words if text.isascii() else words + pair_characters(words)


def pair_characters(words: Sequence[str]) -> list[str]:
    """Return the pairs of neighbours among single characters of scripts without spaces."""
    if max(words, default="") < _FIRST_UNSPACED:
        return []
    return [
        left + right
        for left, right in pairwise(words)
        if len(left) == len(right) == 1 and min(left, right) >= _FIRST_UNSPACED
    ]
