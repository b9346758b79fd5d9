"""Two versions of a text: how much of it stayed, and what became of the rest."""

from functools import lru_cache
from itertools import pairwise

from wirethread.articles.normalize import tokenize_spans, tokenize_words
from wirethread.clustering.paragraphs.differences import mark_differences

__all__ = ["KEPT_SHARE", "describe_change", "keeps_subject", "resemble"]

KEPT_SHARE = 0.15
"""Share of the shorter text's pairs of words that also stand in the other one, from which two
versions are about the same matter. Unrelated news of 300 words shares .01 to .05."""
_SHOWN = 3
_SHOWN_LENGTH = 80
_MAX_COMPARED = 12_000
"""Characters of a text that are aligned word by word to say what changed."""


def resemble(left: str, right: str) -> float:
    """Return the share of the pairs of words of the shorter text that the other has too, 0 to 1."""
    pairs = [_pair_words(text) for text in (left, right)]
    smaller = min(len(pair) for pair in pairs)
    return len(pairs[0] & pairs[1]) / smaller if smaller else float(left.split() == right.split())


def _pair_words(text: str) -> frozenset[tuple[str, str]]:
    return _remember_pairs(text) if len(text) <= _MAX_COMPARED else _list_pairs(text)


def _list_pairs(text: str) -> frozenset[tuple[str, str]]:
    return frozenset(pairwise(tokenize_words(text)))


_remember_pairs = lru_cache(maxsize=64)(_list_pairs)
"""One text is compared with many that share its id."""


def keeps_subject(left: str, right: str) -> bool:
    """Whether two texts under one address are versions of one report, not two reports."""
    return resemble(left, right) >= KEPT_SHARE


def describe_change(old_headline: str, old_body: str, new_headline: str, new_body: str) -> str:
    """Say in words what a version changed: headline, words replaced, added and taken out."""
    parts = []
    if tokenize_words(old_headline) != tokenize_words(new_headline):
        parts.append(f"headline was “{_shorten(old_headline)}”")
    if len(old_body) > _MAX_COMPARED or len(new_body) > _MAX_COMPARED:
        n_old, n_new = len(tokenize_spans(old_body)), len(tokenize_spans(new_body))
        parts.append(f"{n_old} words became {n_new}")
        return "; ".join(parts)
    replaced, n_added, n_gone = _list_changes(old_body, new_body)
    parts += [f"“{_shorten(old)}” became “{_shorten(new)}”" for old, new in replaced[:_SHOWN]]
    if len(replaced) > _SHOWN:
        parts.append(f"{len(replaced) - _SHOWN} more places were reworded")
    if n_added:
        parts.append(f"{n_added} {'word' if n_added == 1 else 'words'} added")
    if n_gone:
        parts.append(f"{n_gone} {'word' if n_gone == 1 else 'words'} taken out")
    return "; ".join(parts) or "the order of its words"


def _list_changes(old: str, new: str) -> tuple[list[tuple[str, str]], int, int]:
    """Return the words that were replaced, and how many were added and taken out elsewhere."""
    replaced: list[tuple[str, str]] = []
    n_added = n_gone = 0
    pending = ""
    for piece in [*mark_differences(old, new), None]:
        if piece is not None and piece.kind == "right" and pending:
            replaced.append((pending, piece.right))
            pending = ""
            continue
        n_gone += len(tokenize_words(pending))
        pending = ""
        if piece is not None and piece.kind == "left":
            pending = piece.left
        elif piece is not None and piece.kind == "right":
            n_added += len(tokenize_words(piece.right))
    return replaced, n_added, n_gone


def _shorten(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _SHOWN_LENGTH else line[: _SHOWN_LENGTH - 1].rstrip() + "…"
