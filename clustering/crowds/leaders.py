"""Which texts are one text or one form that stands in many places, and which place leads them.

One agency text in a thousand papers, or a thousand weather items of one form: comparing each with
each would take the square of them. So a text of such a crowd has a leader, an earlier place with
nearly the same words, and is compared with it.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from wirethread.clustering.crowds.shared_runs import RunsOf
from wirethread.clustering.distinct import find_distinct
from wirethread.clustering.paragraphs.shingles import hash_shingles_at, join_shingles

__all__ = ["find_leaders", "mix_bucket"]

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_RUN_WORDS = 5
_LEAST_FRAME_WORDS = 3
"""Words of a run that are no slots; a run of fewer says nothing."""
_ALIKE = 0.5
"""Share of the runs of the longer text that must be the leader's, slots not counted."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MASK_FIGURES = np.uint64(0xF16)
_MASK_RARE = np.uint64(0x5107)


def _mask_slots(
    word_ids: Ints, starts: Ints, word_hashes: Hashes, is_figure: Flags, least: int
) -> tuple[Hashes, Flags]:
    """Return the hash of each word with slots alike, and which words are no slots; both [words].

    A slot is a figure, or a word that stands in at most `least` texts: a name, a place.
    """
    texts = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    held = find_distinct(texts * max(len(word_hashes), 1) + word_ids)
    counts = np.bincount(held % max(len(word_hashes), 1), minlength=len(word_hashes))
    is_frame = (counts > least) & ~is_figure
    masked = np.where(is_frame, word_hashes, np.where(is_figure, _MASK_FIGURES, _MASK_RARE))
    return masked[word_ids].astype(np.uint64), is_frame[word_ids]


def find_leaders(
    word_ids: Ints,
    starts: Ints,
    word_hashes: Hashes,
    is_figure: Flags,
    rank: Ints,
    *,
    least: int,
    may_lead: Callable[[Ints, Ints], Flags] | None = None,
    bucket: Ints | None = None,
) -> tuple[Ints, Flags]:
    """Return the leader of each text, int64[n], -1 where none leads it, and who is in a crowd.

    Text i has the words `word_ids[starts[i]:starts[i+1]]`; `rank` int64[n] says who may lead whom:
    the lower one, and `may_lead` is asked of many texts and their possible leaders at once. A text
    in a crowd is like an earlier one, whether that may lead it or not. Only runs of words that more
    than `least` texts have count, so that a few copies are still all compared with each other. With
    `bucket` int64[n] a leader is looked for among the texts of one bucket. Work follows the number
    of words.
    """
    n = len(starts) - 1
    leaders, is_crowded = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=bool)
    if n <= least:
        return leaders, is_crowded
    words, is_frame = _mask_slots(word_ids, starts, word_hashes, is_figure, least)
    order = np.argsort(rank, kind="stable")
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    begins, hashes = hash_shingles_at(words, starts, _RUN_WORDS)
    frames = np.concatenate([[0], np.cumsum(is_frame)])
    kept = frames[begins + _RUN_WORDS] - frames[begins] >= _LEAST_FRAME_WORDS
    owners = np.searchsorted(starts, begins, side="right") - 1
    begins, hashes, owners = begins[kept], hashes[kept], owners[kept]
    # texts too short for a run stand for themselves as a whole, slots and all
    sizes = np.diff(starts)
    short = np.flatnonzero((sizes > 0) & (sizes < _RUN_WORDS))
    owners = np.concatenate([owners, short])
    hashes = np.concatenate([hashes, _hash_whole(word_hashes[word_ids], starts, short)])
    if bucket is not None:
        hashes = mix_bucket(hashes, bucket[owners])
    runs = RunsOf.gather(place[owners], hashes, n)
    leading, led, _ = join_shingles(runs.runs, runs.owners, max_postings=least, with_cliques=False)
    shared = runs.count_shared(led, leading)
    alike = shared >= _ALIKE * np.maximum(runs.sizes[led], runs.sizes[leading])
    led, leading, shared = order[led[alike]], order[leading[alike]], shared[alike]
    is_crowded[led] = True
    if may_lead is not None:
        allowed = may_lead(led, leading)
        led, leading, shared = led[allowed], leading[allowed], shared[allowed]
    best = np.lexsort((rank[leading], -shared, led))
    led, leading = led[best], leading[best]
    first = np.ones(len(led), dtype=bool)
    first[1:] = led[1:] != led[:-1]
    leaders[led[first]] = leading[first]
    return leaders, is_crowded


def mix_bucket(hashes: Hashes, bucket: Ints) -> Hashes:
    """Return hashes uint64[n] so that equal ones of different buckets int64[n] differ."""
    with np.errstate(over="ignore"):
        return hashes + (bucket + 1).astype(np.uint64) * _MULTIPLIER


def _hash_whole(words: Hashes, starts: Ints, texts: Ints) -> Hashes:
    """Hash each of some short texts as a whole, uint64[texts]."""
    found = np.zeros(len(texts), dtype=np.uint64)
    sizes = starts[texts + 1] - starts[texts]
    with np.errstate(over="ignore"):
        for step in range(int(sizes.max(initial=0))):
            has = sizes > step
            found[has] = found[has] * _MULTIPLIER + words[starts[texts[has]] + step]
        found ^= found >> np.uint64(31)
        found *= np.uint64(0xBF58476D1CE4E5B9)
    return found + np.uint64(1)
