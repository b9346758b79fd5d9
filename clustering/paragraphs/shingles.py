"""Candidates by shared words: paragraphs that have a run of words in common."""

import numpy as np
import numpy.typing as npt

from wirethread.clustering.distinct import count_distinct

__all__ = ["hash_shingles", "hash_shingles_at", "join_shingles"]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_ANCHORS = 4
"""Places that stand for all others of a run of words that stands in very many."""


def hash_shingles_at(
    word_hashes: npt.NDArray[np.uint64], starts: npt.NDArray[np.int64], n_words: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """Hash every run of `n_words` words that lies within one paragraph: (first word, hash).

    `word_hashes` uint64[t] holds the words of all paragraphs one after another, `starts` int64[p+1]
    where each paragraph begins. A polynomial hash modulo 2**64, mixed at the end: vectorised over
    the whole text.
    """
    n_starts = len(word_hashes) - n_words + 1
    if n_starts <= 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
    rolled = np.zeros(n_starts, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for offset in range(n_words):
            rolled = rolled * _MULTIPLIER + word_hashes[offset : offset + n_starts]
        rolled ^= rolled >> np.uint64(29)
        rolled *= _MULTIPLIER
        rolled ^= rolled >> np.uint64(32)
    paragraph = np.repeat(np.arange(len(starts) - 1, dtype=np.int64), np.diff(starts))
    begins = np.flatnonzero(paragraph[:n_starts] == paragraph[n_words - 1 :])
    return begins.astype(np.int64), rolled[begins]


def hash_shingles(
    word_hashes: npt.NDArray[np.uint64], starts: npt.NDArray[np.int64], n_words: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """The distinct runs of each paragraph, ascending: (hash uint64[s], paragraph int64[s])."""
    begins, shingles = hash_shingles_at(word_hashes, starts, n_words)
    owners = (np.searchsorted(starts, begins, side="right") - 1).astype(np.int64)
    order = np.lexsort((owners, shingles))
    shingles, owners = shingles[order], owners[order]
    if not len(shingles):
        return shingles, owners
    first = np.ones(len(shingles), dtype=bool)
    first[1:] = (shingles[1:] != shingles[:-1]) | (owners[1:] != owners[:-1])
    return shingles[first], owners[first]


def join_shingles(
    shingles: npt.NDArray[np.uint64],
    owners: npt.NDArray[np.int64],
    *,
    max_postings: int,
    with_cliques: bool = True,
    with_stars: bool = True,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Join paragraphs on equal shingles: (left, right, number of shingles shared), left < right.

    They are int64[m], int64[m] and int32[m]. `shingles` uint64[n] must be ascending with `owners`
    int64[n] ascending inside equal ones, as `hash_shingles`
    gives them. A shingle in more than `max_postings` paragraphs is joined to its first ones only
    (a star in place of a clique), so that text that ran everywhere stays cheap and connected. Each
    of the two can be left out.
    """
    new_group = np.ones(len(shingles), dtype=bool)
    new_group[1:] = shingles[1:] != shingles[:-1]
    begin = np.flatnonzero(new_group)
    size = np.diff(np.append(begin, len(shingles)))
    lefts: list[npt.NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
    rights: list[npt.NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]

    def add(first: npt.NDArray[np.int64], gap: int, count: npt.NDArray[np.int64]) -> None:
        """Join `count` entries from each `first` on with those `gap` further on."""
        base = np.repeat(first, count)
        step = np.arange(len(base)) - np.repeat(np.cumsum(count) - count, count)
        lefts.append(owners[base + step])
        rights.append(owners[base + step + gap])

    is_star = size > max_postings
    if with_cliques:
        # Entry k of every posting list against the entry `gap` further on: one vector step a gap.
        short, short_size = begin[~is_star], size[~is_star]
        for gap in range(1, int(short_size.max(initial=1))):
            reaches = short_size > gap
            short, short_size = short[reaches], short_size[reaches]
            add(short, gap, short_size - gap)
    begin, size = begin[is_star], size[is_star]
    for anchor in range(_ANCHORS if with_stars else 0):
        rest = np.maximum(size - anchor - 1, 0)
        base = np.repeat(begin + anchor, rest)
        step = np.arange(len(base)) - np.repeat(np.cumsum(rest) - rest, rest)
        lefts.append(owners[base])
        rights.append(owners[base + step + 1])
    left, right = np.concatenate(lefts), np.concatenate(rights)
    n_paragraphs = int(owners.max(initial=0)) + 1
    keys, counts = count_distinct(left * n_paragraphs + right)
    return keys // n_paragraphs, keys % n_paragraphs, counts.astype(np.int32)
