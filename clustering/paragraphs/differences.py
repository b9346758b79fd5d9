"""Two texts side by side: runs of words that are equal, moved, or on one side only."""

from collections.abc import Sequence

from wirethread.articles.normalize import tokenize_spans
from wirethread.clustering.paragraphs.alignment import align_words
from wirethread.clustering.types import DiffPiece

__all__ = ["mark_differences"]

_Word = tuple[str, int, int]


def mark_differences(left: str, right: str) -> list[DiffPiece]:
    """Pieces in the order of the left text.

    `equal` and `moved` have both texts, `left` and `right` one of them. Moved words stand where the
    left text has them. Case, quotation marks and spaces make no difference.
    """
    words = tokenize_spans(left), tokenize_spans(right)
    codes: dict[str, int] = {}
    coded = [
        "".join(chr(codes.setdefault(word, len(codes))) for word, _, _ in side) for side in words
    ]
    blocks = align_words(coded[0], coded[1]).blocks
    moved = {block.left: block for block in blocks if block.is_moved}
    placed = {i for b in moved.values() for i in range(b.right, b.right + b.n_words)}
    pieces: list[DiffPiece] = []
    at_left = at_right = 0
    fixed = [(b.left, b.right, b.n_words) for b in blocks if not b.is_moved]
    for next_left, next_right, n_words in [*fixed, (len(words[0]), len(words[1]), 0)]:
        while at_left < next_left:
            block = moved.get(at_left)
            stop = min([next_left, *(i for i in moved if i > at_left)])
            stop = at_left + block.n_words if block else stop
            there = (
                _text(right, words[1], block.right, block.right + block.n_words) if block else ""
            )
            pieces.append(
                DiffPiece(
                    kind="moved" if block else "left",
                    left=_text(left, words[0], at_left, stop),
                    right=there,
                )
            )
            at_left = stop
        while at_right < next_right:
            stop = at_right
            while stop < next_right and (stop in placed) == (at_right in placed):
                stop += 1
            if at_right not in placed:
                text = _text(right, words[1], at_right, stop)
                pieces.append(DiffPiece(kind="right", left="", right=text))
            at_right = stop
        if n_words:
            pieces.append(
                DiffPiece(
                    kind="equal",
                    left=_text(left, words[0], next_left, next_left + n_words),
                    right=_text(right, words[1], next_right, next_right + n_words),
                )
            )
            at_left, at_right = next_left + n_words, next_right + n_words
    return pieces


def _text(text: str, words: Sequence[_Word], first: int, last: int) -> str:
    return text[words[first][1] : words[last - 1][2]]
