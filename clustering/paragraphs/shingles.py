"""Candidates by shared words: paragraphs that have a run of words in common."""

import numpy as np
import numpy.typing as npt

from wirethread.clustering.paragraphs.distinct import count_distinct

__all__ = ["hash_shingles", "hash_shingles_at", "join_shingles"]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


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
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Join paragraphs on equal shingles: (left, right, number of shingles shared), left < right.

    `shingles` must be ascending with `owners` ascending inside equal ones, as `hash_shingles`
    gives them. A shingle in more than `max_postings` paragraphs is joined to its first ones only
    (a star in place of a clique), so that text that ran everywhere stays cheap and connected.
    """
    empty = np.zeros(0, dtype=np.int64)
    if not len(shingles):
        return empty, empty, np.zeros(0, dtype=np.int32)
    new_group = np.ones(len(shingles), dtype=bool)
    new_group[1:] = shingles[1:] != shingles[:-1]
    begin = np.flatnonzero(new_group)
    size = np.diff(np.append(begin, len(shingles)))
    lefts: list[npt.NDArray[np.int64]] = []
    rights: list[npt.NDArray[np.int64]] = []
    shared = size >= 2
    begin, size = begin[shared], size[shared]
    # Entry k of every posting list against the entry `gap` further on: one vector step per gap,
    # as many steps as the longest list has entries.
    longest = int(size.max()) if len(size) else 0
    n_anchors = 4
    for gap in range(1, min(longest, max_postings)):
        reach = np.where(size <= max_postings, size - gap, np.minimum(size - gap, n_anchors))
        chosen = reach > 0
        if not chosen.any():
            break
        count = reach[chosen]
        base = np.repeat(begin[chosen], count)
        step = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        lefts.append(owners[base + step])
        rights.append(owners[base + step + gap])
    for start, length in zip(begin[size > max_postings], size[size > max_postings], strict=True):
        for anchor in range(n_anchors):
            tail = owners[start + anchor + max_postings : start + length]
            lefts.append(np.full(len(tail), owners[start + anchor], dtype=np.int64))
            rights.append(tail)
    if not lefts:
        return empty, empty, np.zeros(0, dtype=np.int32)
    left, right = np.concatenate(lefts), np.concatenate(rights)
    n_paragraphs = int(owners.max()) + 1
    keys, counts = count_distinct(left * n_paragraphs + right)
    return keys // n_paragraphs, keys % n_paragraphs, counts.astype(np.int32)
