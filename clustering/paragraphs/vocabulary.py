"""The distinct words of a table: what each is, worked out once however often it is asked for."""

import re
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from wirethread.clustering.background import document_shares
from wirethread.clustering.fact_words import NUMBER_WORDS

__all__ = ["Vocabulary", "cut_stem", "number_distinct", "read_figure", "weigh_words"]

Ints = npt.NDArray[np.int64]

_STEM_LETTERS = 5
_MOST_RARE = 8.0
"""Words rarer than in one document of 3,000 count as that."""
_NUMBER = re.compile(r"\d[\d,]*")
_UNIT_LETTERS = 3
"""A figure may have so many letters behind it: 7bn, 25m, 3rd."""


class Vocabulary:
    """Words by number, with their stems, figures and rarities."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self._rarities: dict[str | None, npt.NDArray[np.float64]] = {}

    @cached_property
    def stems(self) -> Sequence[str]:
        """`cut_stem` of every word."""
        return [cut_stem(word) for word in self.words]

    @cached_property
    def stem_numbers(self) -> Ints:
        """A number for the stem of every word, counted from 0; int64[words]."""
        return number_distinct(self.stems)

    @cached_property
    def figures(self) -> Sequence[str | None]:
        """The figure that every word is, None of others."""
        return [read_figure(word) for word in self.words]

    @cached_property
    def figure_numbers(self) -> Ints:
        """A number for the figure that every word is, from 0 on, -1 of others; int64[words]."""
        numbers = np.full(len(self.words), -1, dtype=np.int64)
        at = [place for place, figure in enumerate(self.figures) if figure is not None]
        numbers[at] = number_distinct([self.figures[place] for place in at])
        return numbers

    def weigh(self, language: str | None) -> npt.NDArray[np.float64]:
        """How rare each word is in news of a language, float64[words] (see `weigh_words`)."""
        found = self._rarities.get(language)
        if found is None:
            found = self._rarities[language] = weigh_words(self.words, language)
        return found


def cut_stem(word: str) -> str:
    """The first five letters of a word, a rough stem that needs no language; figures stay whole."""
    return word if word[0].isdigit() else word[:_STEM_LETTERS]


def read_figure(word: str) -> str | None:
    """Return the figure that a word is, written in digits or as a number word; None for others.

    A unit written behind it is left out: `7bn` is the figure of `7 billion`.
    """
    if not word[0].isdigit():
        return NUMBER_WORDS.get(word)
    number = _NUMBER.match(word)
    if (
        number is not None
        and word[number.end() :].isalpha()
        and len(word) <= number.end() + _UNIT_LETTERS
    ):
        word = number[0]
    return word.replace(",", "")


def weigh_words(words: Sequence[str], language: str | None) -> npt.NDArray[np.float64]:
    """How rare each word is in news, float64[n]: -ln of the share of documents with it, up to 8."""
    return np.minimum(-np.log(document_shares(words, language)), _MOST_RARE)


def number_distinct(names: Sequence[str | None]) -> Ints:
    """Return a number for each name, counted from 0 as they first come; int64[names]."""
    numbers: dict[str | None, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)
