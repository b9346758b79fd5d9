"""A text beside another one, in pieces that add up to the whole of it."""

from dataclasses import dataclass

from wirethread.clustering.paragraphs.differences import mark_differences

__all__ = ["Piece", "mark_side"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some words: `same` in both texts, `moved`, `only` here, or `context`."""

    kind: str
    text: str


def mark_side(text: str, other: str) -> list[Piece]:
    """Return all of `text` in pieces; stops and spaces go with the words before them."""
    pieces: list[Piece] = []
    at = 0
    for piece in mark_differences(text, other):
        if not piece.left:
            continue
        begin = text.index(piece.left, at)
        kind = {"equal": "same", "moved": "moved"}.get(piece.kind, "only")
        gap = text[at:begin]
        if gap:
            pieces.append(Piece(kind="same", text=gap))
        pieces.append(Piece(kind=kind, text=piece.left))
        at = begin + len(piece.left)
    if text[at:]:
        pieces.append(Piece(kind="same", text=text[at:]))
    return pieces
