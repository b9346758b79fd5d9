"""How much of one paragraph the other says in other words: each word with its best counterpart.

Every word counts by its rarity, and by how near its nearest word of the other side is to it: as the
model understands both in their sentences (Zhang et al. 2020, BERTScore), and, for comparison, by
having the same stem. Rewording keeps the first where it loses the second. What reports of one event
must say alike shows in the lead, that over the paragraphs which are the next nearest.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from wirethread.clustering.matching.evidence import COMMON, LEAD_RANGE
from wirethread.clustering.paragraphs.table import ParagraphTable
from wirethread.clustering.types import TokenReader, TokenVectors

__all__ = ["SOFT_FEATURES", "SoftAligner", "make_aligner"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SOFT_FEATURES = (
    "stems_host",
    "stems_donor",
    "stems_lead_host",
    "stems_lead_donor",
    "meaning_host",
    "meaning_donor",
    "meaning_lead_host",
    "meaning_lead_donor",
)
"""The measurements of a pair, in the order of the columns of `SoftAligner.measure`."""
_N_RIVALS = 2
"""The next nearest paragraphs of the other article that a lead is over."""
_LEAST_WEIGHT = 0.05
"""Of a word that every article has."""
_MOST_KEPT = 2_000
"""Paragraphs whose words are kept: some 30 kilobytes each."""


class SoftAligner:
    """Aligns the words of paragraphs of one table softly; the model reads a text when first needed.

    The table must have vectors.
    """

    def __init__(self, table: ParagraphTable, read_tokens: TokenReader) -> None:
        if table.vectors is None:
            raise ValueError("soft alignment needs the vectors of the paragraphs")
        self._table, self._read_tokens = table, read_tokens
        self._vectors = table.vectors
        self._kept: OrderedDict[tuple[str, bytes], npt.NDArray[np.float16]] = OrderedDict()
        """By text, and where the words stand in it that its publisher does not repeat."""
        self._weights: dict[str | None, Floats] = {}

    def measure(self, host: int, donor: int, pairs: Sequence[tuple[int, int]]) -> Floats:
        """Return float64[n, len(SOFT_FEATURES)] of paragraph pairs (of `host`, of `donor`).

        Articles are given by index. What is said of a pair does not depend on the other pairs.
        """
        starts = self._table.article_starts
        first, last = int(starts[host]), int(starts[host + 1])
        other_first, other_last = int(starts[donor]), int(starts[donor + 1])
        nearness = self._vectors[first:last] @ self._vectors[other_first:other_last].T
        rivals = [
            (
                _find_nearest(nearness[:, q - other_first], p - first) + first,
                _find_nearest(nearness[p - first], q - other_first) + other_first,
            )
            for p, q in pairs
        ]
        asked = {p for p, _ in pairs} | {q for _, q in pairs}
        words = self._read_words(asked.union(*(one.tolist() for two in rivals for one in two)))
        found = np.empty((len(pairs), len(SOFT_FEATURES)))
        for row, ((p, q), (like_host, like_donor)) in enumerate(zip(pairs, rivals, strict=True)):
            own = self._compare(words, p, q)
            for_host = [self._compare(words, p, rival)[:, 0] for rival in like_donor.tolist()]
            for_donor = [self._compare(words, rival, q)[:, 1] for rival in like_host.tolist()]
            best = np.stack(
                [np.max([np.zeros(2), *those], axis=0) for those in (for_host, for_donor)], axis=1
            )
            found[row] = np.hstack([own, np.clip(own - best, *LEAD_RANGE)]).ravel()
        return found

    def _compare(self, words: dict[int, npt.NDArray[np.float32]], p: int, q: int) -> Floats:
        """Return float64[2, 2]: by stems and by meaning, the share of `p` in `q`, of `q` in `p`."""
        stems = self._table.vocabulary.stem_numbers
        mine, theirs = self._word_ids(p), self._word_ids(q)
        if not len(mine) or not len(theirs):  # all that stood there the publisher repeats
            return np.zeros((2, 2))
        by_stems = (stems[mine][:, None] == stems[theirs]).astype(np.float64)
        by_meaning = np.clip((words[p] @ words[q].T).astype(np.float64), 0.0, 1.0)
        weights, their_weights = self._weigh(p)[mine], self._weigh(q)[theirs]
        return np.array(
            [
                (
                    (alike.max(axis=1) * weights).sum() / weights.sum(),
                    (alike.max(axis=0) * their_weights).sum() / their_weights.sum(),
                )
                for alike in (by_stems, by_meaning)
            ]
        )

    def _word_ids(self, paragraph: int) -> Ints:
        starts = self._table.starts
        return self._table.word_ids[starts[paragraph] : starts[paragraph + 1]]

    def _weigh(self, paragraph: int) -> Floats:
        language = self._table.articles[int(self._table.article_of[paragraph])].language
        found = self._weights.get(language)
        if found is None:
            rarities = self._table.vocabulary.weigh(language)
            found = self._weights[language] = np.maximum(rarities - COMMON, _LEAST_WEIGHT)
        return found

    def _read_words(self, paragraphs: Iterable[int]) -> dict[int, npt.NDArray[np.float32]]:
        """Return what each word of each paragraph means in it: float32[words, d], of length 1.

        A word that the model did not read is 0.
        """
        places = {paragraph: self._place_words(paragraph) for paragraph in sorted(paragraphs)}
        keys = {
            paragraph: (self._table.texts[paragraph], begins.tobytes())
            for paragraph, (begins, _) in places.items()
        }
        unread = {key: paragraph for paragraph, key in keys.items() if key not in self._kept}
        if unread:
            read = self._read_tokens([text for text, _ in unread])
            for (key, paragraph), tokens in zip(unread.items(), read, strict=True):
                self._kept[key] = _join_tokens(tokens, *places[paragraph]).astype(np.float16)
        found = {}
        for paragraph, key in keys.items():
            self._kept.move_to_end(key)
            found[paragraph] = self._kept[key].astype(np.float32)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return found

    def _place_words(self, paragraph: int) -> tuple[Ints, Ints]:
        """Return where each word begins and ends in its paragraph's text; int64[words] both."""
        table = self._table
        inside = slice(table.starts[paragraph], table.starts[paragraph + 1])
        begin = table.begins[paragraph]
        return table.word_begins[inside] - begin, table.word_ends[inside] - begin


def make_aligner(table: ParagraphTable, read_tokens: TokenReader | None) -> SoftAligner | None:
    """Return what aligns the words of a table; None without vectors, or nothing to read with."""
    if table.vectors is None or read_tokens is None:
        return None
    return SoftAligner(table, read_tokens)


def _find_nearest(nearness: npt.NDArray[np.float32], left_out: int) -> Ints:
    """Return the places of the nearest, best first, but for one; int64[up to `_N_RIVALS`]."""
    order = np.argsort(-nearness, kind="stable")
    others: Ints = order[order != left_out]
    return others[:_N_RIVALS]


def _join_tokens(tokens: TokenVectors, begins: Ints, ends: Ints) -> npt.NDArray[np.float32]:
    """Return the mean of the tokens of each word, of length 1; float32[words, d]."""
    first = np.searchsorted(tokens.ends, begins, side="right")
    last = np.searchsorted(tokens.begins, ends, side="left")
    sums = np.zeros((len(tokens.vectors) + 1, tokens.vectors.shape[1]))
    np.cumsum(tokens.vectors, axis=0, dtype=np.float64, out=sums[1:])
    joined = np.where((last > first)[:, None], sums[np.maximum(first, last)] - sums[first], 0.0)
    lengths = np.linalg.norm(joined, axis=1, keepdims=True)
    units: Floats = np.divide(joined, lengths, out=np.zeros_like(joined), where=lengths > 0)
    return units.astype(np.float32)
