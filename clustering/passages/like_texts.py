"""Texts that are copies of one another: every pair that is alike, found without comparing all.

A text is the set of its runs of five words. Two texts are as alike as the share of their runs that
both have (Jaccard), which is worked out exactly for every candidate. Candidates share one of their
32 runs with the smallest hashes (a bottom-k sketch: Broder, "On the resemblance and containment of
documents", 1997). Of runs that stand in very many texts each text is compared with the first few
of them, so that the work grows with the texts, however many are copies of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xxhash

from wirethread.articles.normalize import join_broken, read_token, split_tokens
from wirethread.clustering.paragraphs.shingles import hash_shingles_at, join_shingles

__all__ = [
    "LOWEST_SCORE",
    "SHINGLE_WORDS",
    "LikeTexts",
    "choose_kept",
    "compare_texts",
    "find_like_texts",
    "pair_runs",
]

LOWEST_SCORE = 0.3
"""Pairs that are less alike are not looked for. Of a pair this much alike one in 100,000 is missed:
no one of 32 runs is shared with a chance of .7 to the power of 32."""
SHINGLE_WORDS = 5
_MOST_KNOWN = 1 << 20
"""Groups of letters that are remembered."""
_SKETCH = 32
_MOST_COMPARED = 32
"""Texts with one run in common of which more are compared with the first of them only."""
_NOT_ALIKE = 0.4
"""A candidate shares less than this part of the runs of a sketch that the lowest score expects."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LikeTexts:
    """Pairs of texts that are alike, `left` before `right`; equal ones stand beside them."""

    left: Ints
    """int64[p], places of texts."""
    right: Ints
    """int64[p], each after the one on the left."""
    scores: Floats
    """float64[p]: shared runs over all runs of both."""
    equal_to: Ints
    """int64[n], by text: the first with the same words in the same order, itself where none has."""


class _Words(dict[str, bytes]):
    """By letters between two blanks: the hashes of the words in them, eight bytes each.

    They are read when they are first asked for: of a large text most have been seen before.
    """

    def __missing__(self, letters: str) -> bytes:
        words = filter(None, map(read_token, split_tokens(letters)))
        found = b"".join(
            xxhash.xxh3_64_intdigest(word.encode("utf-8", "surrogatepass")).to_bytes(8, "little")
            for word in words
        )
        if len(self) < _MOST_KNOWN:
            self[letters] = found
        return found


def find_like_texts(texts: Sequence[str], *, lowest_score: float = LOWEST_SCORE) -> LikeTexts:
    """Return the pairs of texts that are at least `lowest_score` alike.

    Texts with the same words are told by `equal_to`; only the first of them is in pairs. One of
    fewer than five words is alike to equal ones only, and one without any word to none. Earlier
    texts stand for later ones where very many are alike: put those first that are to be kept.
    """
    words = _hash_words(texts)
    equal_to = _find_equal(words)
    own = np.flatnonzero(
        (equal_to == np.arange(len(texts)))
        & (np.array([len(text_words) for text_words in words]) > 0)
    )
    shingles, starts = _cut_runs([words[place] for place in own])
    left, right, scores = _pair(shingles, starts, lowest_score)
    return LikeTexts(left=own[left], right=own[right], scores=scores, equal_to=equal_to)


def pair_runs(runs: Sequence[Hashes], lowest_score: float) -> tuple[Ints, Ints, Floats]:
    """Return the pairs of texts that share at least `lowest_score` of their runs, and that share.

    `runs` are the distinct runs of each text, uint64[s], ascending. int64[p], int64[p] and
    float64[p], the earlier text on the left.
    """
    starts = np.zeros(len(runs) + 1, dtype=np.int64)
    np.cumsum([len(run) for run in runs], out=starts[1:])
    return _pair(np.concatenate([*runs, np.zeros(0, dtype=np.uint64)]), starts, lowest_score)


def _pair(shingles: Hashes, starts: Ints, lowest_score: float) -> tuple[Ints, Ints, Floats]:
    left, right = _find_candidates(shingles, starts, lowest_score)
    scores = _score_pairs(shingles, starts, left, right)
    is_alike = scores >= lowest_score
    return left[is_alike], right[is_alike], scores[is_alike]


def choose_kept(found: LikeTexts, threshold: float) -> tuple[Ints, Floats]:
    """Return by text which one is kept in its place, itself where it is kept, and how alike it is.

    A text is kept unless an earlier one that is kept is at least `threshold` alike: likeness is not
    passed on from one copy to the next. int64[n] and float64[n], 1 for those that are kept.
    """
    n_texts = len(found.equal_to)
    kept = np.arange(n_texts, dtype=np.int64)
    score = np.ones(n_texts)
    enough = found.scores >= threshold
    left, right, scores = found.left[enough], found.right[enough], found.scores[enough]
    # by the later text, the likest of the earlier ones first
    order = np.lexsort((left, -scores, right))
    is_kept = np.ones(n_texts, dtype=bool)
    for leader, other, alike in zip(
        left[order].tolist(), right[order].tolist(), scores[order].tolist(), strict=True
    ):
        if is_kept[leader] and is_kept[other]:
            is_kept[other] = False
            kept[other], score[other] = leader, alike
    copies = np.flatnonzero(found.equal_to != np.arange(n_texts))
    firsts = found.equal_to[copies]
    kept[copies], score[copies] = kept[firsts], score[firsts]
    return kept, score


def compare_texts(left: str, right: str) -> float:
    """Return how alike two texts are: shared runs of five words over all runs of both, 0 to 1."""
    words = _hash_words([left, right])
    if not len(words[0]) or not len(words[1]):
        return 0.0
    if np.array_equal(words[0], words[1]):
        return 1.0
    shingles, starts = _cut_runs(words)
    pair = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64)
    return float(_score_pairs(shingles, starts, *pair)[0])


def _hash_words(texts: Sequence[str]) -> list[Hashes]:
    """Return the hashes of the words of every text, in order."""
    known = _Words()
    return [
        np.frombuffer(b"".join(map(known.__getitem__, join_broken(text).split())), dtype="<u8")
        for text in texts
    ]


def _find_equal(words: Sequence[Hashes]) -> Ints:
    first: dict[int, int] = {}
    return np.array(
        [
            first.setdefault(xxhash.xxh3_64_intdigest(hashes.tobytes()), place)
            if len(hashes)
            else place
            for place, hashes in enumerate(words)
        ],
        dtype=np.int64,
    )


def _cut_runs(words: Sequence[Hashes]) -> tuple[Hashes, Ints]:
    """Return the distinct runs of every text, ascending, and where those of each begin.

    uint64[s] and int64[n + 1]. A text of fewer than five words is one run, the whole of it.
    """
    bounds = np.zeros(len(words) + 1, dtype=np.int64)
    np.cumsum([len(text_words) for text_words in words], out=bounds[1:])
    whole = np.concatenate([*words, np.zeros(0, dtype=np.uint64)])
    begins, hashes = hash_shingles_at(whole, bounds, SHINGLE_WORDS)
    edges = np.searchsorted(begins, bounds)
    runs = np.split(hashes, edges[1:-1]) if len(words) else []
    for place, run in enumerate(runs):
        if not len(run):
            whole_text = xxhash.xxh3_64_intdigest(words[place].tobytes())
            runs[place] = np.array([whole_text], dtype=np.uint64)
        run.sort()
    laid = np.concatenate([*runs, np.zeros(0, dtype=np.uint64)])
    owners = np.repeat(np.arange(len(runs), dtype=np.int64), [len(one) for one in runs])
    first = np.ones(len(laid), dtype=bool)
    first[1:] = (laid[1:] != laid[:-1]) | (owners[1:] != owners[:-1])
    starts = np.searchsorted(owners[first], np.arange(len(runs) + 1))
    return laid[first], starts.astype(np.int64)


def _find_candidates(shingles: Hashes, starts: Ints, lowest_score: float) -> tuple[Ints, Ints]:
    """Return pairs of texts whose sketches have enough in common, the earlier on the left."""
    sizes = np.diff(starts)
    taken = np.minimum(sizes, _SKETCH)
    owners = np.repeat(np.arange(len(sizes), dtype=np.int64), taken)
    inside = np.arange(len(owners)) - np.repeat(np.cumsum(taken) - taken, taken)
    sketch = shingles[starts[owners] + inside]
    order = np.lexsort((owners, sketch))
    left, right, shared = join_shingles(sketch[order], owners[order], max_postings=_MOST_COMPARED)
    expected = lowest_score * np.minimum(taken[left], taken[right])
    enough = shared >= np.maximum(1, np.floor(_NOT_ALIKE * expected))
    # of texts of very unequal length too few runs can be shared
    small, large = np.minimum(sizes[left], sizes[right]), np.maximum(sizes[left], sizes[right])
    enough &= small >= lowest_score * large
    return left[enough], right[enough]


def _score_pairs(shingles: Hashes, starts: Ints, left: Ints, right: Ints) -> Floats:
    """Return the exact share of runs that the two texts of each pair have in common.

    The texts on the left are gone through once each: its runs are marked, and those of all texts
    it is paired with are looked up at once.
    """
    scores = np.zeros(len(left))
    if not len(left):
        return scores
    # runs by number, so that a mark is one look-up
    needed = np.zeros(len(starts) - 1, dtype=bool)
    needed[left] = needed[right] = True
    sizes = np.diff(starts)
    chosen = np.repeat(needed, sizes)
    numbers = np.zeros(len(shingles), dtype=np.int64)
    order = np.argsort(shingles[chosen], kind="stable")
    ordered = shingles[chosen][order]
    ranks = np.zeros(len(ordered), dtype=np.int64)
    ranks[order] = np.cumsum(np.append(False, ordered[1:] != ordered[:-1]))
    numbers[chosen] = ranks
    marked = np.zeros(int(ranks.max(initial=0)) + 1, dtype=bool)
    by_left = np.argsort(left, kind="stable")
    bounds = np.flatnonzero(np.append(True, np.diff(left[by_left]) != 0))
    for begin, end in zip(bounds, np.append(bounds[1:], len(by_left)), strict=True):
        pairs = by_left[begin:end]
        one, others = int(left[pairs[0]]), right[pairs]
        own = numbers[starts[one] : starts[one + 1]]
        marked[own] = True
        counts = sizes[others]
        edges = np.cumsum(counts) - counts
        places = np.repeat(starts[others] - edges, counts) + np.arange(int(counts.sum()))
        shared = np.add.reduceat(marked[numbers[places]].astype(np.int64), edges)
        scores[pairs] = shared / (len(own) + counts - shared)
        marked[own] = False
    return scores
