"""The words by which texts are looked up, and which words of a question are worth looking up."""

import re
from collections.abc import Sequence

from wirethread.articles.normalize import tokenize_words

__all__ = ["MOST_TEXTS", "choose_terms", "is_unspaced", "split_terms", "split_words"]

_PIECE = re.compile(r"[^\W_]+")
_MAX_ASKED = 16
"""Words of a question that are looked up: the longest, which tend to be the rarest."""
_MAX_SCORED = 8
"""Of these the rarest are scored."""
_COMMON_SHARE = 0.02
"""A word in more of the texts than this tells little and is dropped if enough rarer ones are
left: a quotation may be made of common words."""
_FEW_TELLING = 3
MOST_TEXTS = 20_000
"""Words are left out, the commonest first, when all together would bring more texts than this."""


def split_words(text: str) -> list[str]:
    """Return the words of a text in order: letters and digits only."""
    return [piece for word in tokenize_words(text) for piece in _PIECE.findall(word)]


def split_terms(question: str) -> list[str]:
    """Return the distinct words of a question that are looked up, the longest first."""
    pieces = dict.fromkeys(split_words(question))
    return sorted(pieces, key=lambda piece: (-len(piece), piece))[:_MAX_ASKED]


def is_unspaced(term: str) -> bool:
    """Tell whether a term may stand inside a longer run of letters: Thai, Chinese and beyond."""
    return any(ord(character) >= 0x0E00 for character in term)


def choose_terms(terms: Sequence[str], shares: Sequence[float | None], n_texts: int) -> list[str]:
    """Return the terms worth scoring, the rarest first.

    `shares` tells in which share of the `n_texts` texts each stands, None for none at all.
    """
    present = sorted(
        (share, term) for share, term in zip(shares, terms, strict=True) if share is not None
    )
    telling = [one for one in present if one[0] <= _COMMON_SHARE]
    if len(telling) < _FEW_TELLING:
        telling = present
    chosen: list[str] = []
    n_brought = 0.0
    for share, term in telling[:_MAX_SCORED]:
        n_brought += share * n_texts
        if chosen and n_brought > MOST_TEXTS:
            break
        chosen.append(term)
    return chosen
