"""Alignment of two paragraphs word by word, moved pieces included, with exact offsets."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

__all__ = ["Alignment", "Block", "align_words"]

_MIN_MOVED_WORDS = 3


@dataclass(frozen=True, slots=True)
class Block:
    """`n_words` equal words, from word `left` of one side and word `right` of the other."""

    left: int
    right: int
    n_words: int
    is_moved: bool


@dataclass(frozen=True, slots=True)
class Alignment:
    """Blocks of equal words in the order of the left side."""

    blocks: Sequence[Block]
    n_left: int
    n_right: int

    @property
    def n_matched(self) -> int:
        """Words that stand in a block."""
        return sum(block.n_words for block in self.blocks)

    def count_in_runs(self, min_words: int) -> int:
        """Words that stand in blocks of at least `min_words` words."""
        return sum(block.n_words for block in self.blocks if block.n_words >= min_words)


def align_words(left: str, right: str) -> Alignment:
    """Align two texts coded one character per word.

    First the longest common subsequence, which keeps order; then, among the words it left over, the
    longest runs of at least three words that stand elsewhere on the other side (swapped sentences,
    a clause moved to the front). Single words that merely occur on both sides are not aligned
    by the second step.
    """
    blocks = [
        Block(op.src_start, op.dest_start, op.src_end - op.src_start, False)
        for op in LCSseq.opcodes(left, right)
        if op.tag == "equal"
    ]
    # A lone word between unequal stretches says little and blocks a moved run from being found.
    kept = [block for block in blocks if block.n_words >= 2]
    free_left = _free_runs(len(left), [(b.left, b.n_words) for b in kept])
    free_right = _free_runs(len(right), [(b.right, b.n_words) for b in kept])
    moved = _tile(left, right, free_left, free_right)
    if moved:
        taken_left = {i for b in moved for i in range(b.left, b.left + b.n_words)}
        taken_right = {i for b in moved for i in range(b.right, b.right + b.n_words)}
        blocks = [
            b
            for b in blocks
            if b.n_words >= 2 or (b.left not in taken_left and b.right not in taken_right)
        ] + moved
    blocks.sort(key=lambda block: block.left)
    return Alignment(blocks, len(left), len(right))


def _free_runs(length: int, taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches of at least three words that no block covers."""
    runs: list[tuple[int, int]] = []
    at = 0
    for begin, n_words in [*sorted(taken), (length, 0)]:
        if begin - at >= _MIN_MOVED_WORDS:
            runs.append((at, begin))
        at = max(at, begin + n_words)
    return runs


def _tile(
    left: str,
    right: str,
    free_left: list[tuple[int, int]],
    free_right: list[tuple[int, int]],
) -> list[Block]:
    """Greedy string tiling of the free stretches: longest common run first, until none is left."""
    n = _MIN_MOVED_WORDS
    grams: dict[str, list[int]] = {}
    for begin, end in free_right:
        for at in range(begin, end - n + 1):
            grams.setdefault(right[at : at + n], []).append(at)
    if not grams:
        return []
    runs: list[tuple[int, int, int]] = []
    limit_right = {at: end for begin, end in free_right for at in range(begin, end)}
    for begin, end in free_left:
        for at in range(begin, end - n + 1):
            for other in grams.get(left[at : at + n], ()):
                if at > begin and other - 1 in limit_right and left[at - 1] == right[other - 1]:
                    continue  # not the start of its run
                size = n
                stop = limit_right[other]
                while (
                    at + size < end
                    and other + size < stop
                    and left[at + size] == right[other + size]
                ):
                    size += 1
                runs.append((size, at, other))
    runs.sort(key=lambda run: (-run[0], run[1], run[2]))
    used_left: set[int] = set()
    used_right: set[int] = set()
    blocks: list[Block] = []
    for size, at, other in runs:
        if used_left.isdisjoint(range(at, at + size)) and used_right.isdisjoint(
            range(other, other + size)
        ):
            used_left.update(range(at, at + size))
            used_right.update(range(other, other + size))
            blocks.append(Block(at, other, size, True))
    return blocks
