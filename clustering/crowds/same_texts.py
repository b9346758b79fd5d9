"""Articles of which the compared paragraphs are the same to the letter: one text in many papers."""

from collections import Counter

import numpy as np

from wirethread.clustering.paragraphs.profiles import ProfileCache

__all__ = ["SameTexts"]


class SameTexts:
    """Names what an article holds, where another one may hold the same.

    Articles of one name differ in nothing that is compared but in who ran them and when, and where
    in them their paragraphs stand.
    """

    def __init__(self, cache: ProfileCache) -> None:
        self._cache = cache
        self._n_articles = Counter(
            self._read_hashes(article) for article in range(len(cache.table.articles))
        )
        self._names: dict[int, int | None] = {}
        self._numbers: dict[tuple[object, ...], int] = {}

    def name(self, article: int) -> int | None:
        """Return the name of what an article, given by index, holds; None where no other does."""
        if article not in self._names:
            is_alone = self._n_articles[self._read_hashes(article)] < 2
            self._names[article] = None if is_alone else self._find_number(article)
        return self._names[article]

    def _find_number(self, article: int) -> int:
        table = self._cache.table
        first, last = (int(place) for place in table.article_starts[article : article + 2])
        words = slice(int(table.starts[first]), int(table.starts[last]))
        sizes = np.diff(table.starts[first : last + 1])
        introduced = self._cache.find_introduced(article)
        held = (
            table.articles[article].language,
            self._read_hashes(article),
            tuple(table.texts[first:last]),
            sizes.tobytes(),
            table.word_ids[words].tobytes(),  # its publisher may repeat some, which are left out
            (table.word_begins[words] - table.begins[first:last].repeat(sizes)).tobytes(),
            tuple(position in introduced for position in table.positions[first:last].tolist()),
        )
        return self._numbers.setdefault(held, len(self._numbers))

    def _read_hashes(self, article: int) -> bytes:
        table = self._cache.table
        first, last = table.article_starts[article : article + 2]
        return table.text_hashes[first:last].tobytes()
