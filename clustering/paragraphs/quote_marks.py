"""Which words of a paragraph stand in quotation marks, in any of the usual styles."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wirethread.clustering.paragraphs.alignment import Alignment
from wirethread.clustering.paragraphs.spoken import speaks_for_itself

__all__ = ["QuoteShares", "mark_quoted", "weigh_quotes"]

_DOUBLE = frozenset('"“”„‟«»＂')
_SINGLE = frozenset("'‘’‚‹›")
_MARK = re.compile(f"[{''.join(sorted(_DOUBLE | _SINGLE))}]")
_OPENS_AFTER = frozenset(" \t\n([{—–-/\u00a0\u202f") | _DOUBLE | _SINGLE
_POST = re.compile(r"\(@\w{2,}\)|\bpic\.twitter\.com/")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteShares:
    """How much of what two paragraphs share is quoted, and how much of the rest they share."""

    share_quoted: float
    """Of the words in shared runs of three or more: those quoted on either side."""
    share_unquoted: float
    """Of the words outside quotation marks (of the side with fewer): those in shared runs."""
    n_plain: int
    """Words outside quotation marks in shared runs of three or more."""


def weigh_quotes(alignment: Alignment, left: Sequence[bool], right: Sequence[bool]) -> QuoteShares:
    """Weigh shared words inside and outside quotation marks; `left`, `right` mark the quoted."""
    n_runs = n_quoted = n_outside = n_plain = 0
    for block in alignment.blocks:
        if block.n_words < 2:
            continue
        quoted = sum(left[block.left + i] or right[block.right + i] for i in range(block.n_words))
        n_outside += block.n_words - quoted
        if block.n_words >= 3:
            n_runs += block.n_words
            n_quoted += quoted
            n_plain += block.n_words - quoted
    fewer = min(len(left) - sum(left), len(right) - sum(right))
    return QuoteShares(
        share_quoted=n_quoted / n_runs if n_runs else 0.0,
        share_unquoted=min(n_outside / fewer, 1.0) if fewer else 0.0,
        n_plain=n_plain,
    )


def mark_quoted(text: str, begins: Sequence[int], language: str | None = None) -> list[bool]:
    """Whether each word, given by its first character, is quoted.

    A mark opens where a space or bracket stands before it and a word behind it, and else closes, so
    that “English”, „German“, «French» and »reversed« marks are all read. A double mark that is
    never closed quotes to the end: the quotation goes on in the next paragraph. A single one must
    close, or it is an apostrophe. A post from a social network (`(@name)`) is quoted as a whole,
    and so is a paragraph that speaks in the first person without marks.
    """
    if _POST.search(text):
        return [True] * len(begins)
    quoted = [False] * len(text)
    opened: list[int] = []
    single: int | None = None
    for found in _MARK.finditer(text):
        at, mark = found.start(), found[0]
        if mark in _DOUBLE:
            if _is_opening(text, at):
                opened.append(at)
            elif opened:
                begin = opened.pop()
                quoted[begin:at] = [True] * (at - begin)
            continue
        if _is_opening(text, at):
            single = at
        elif single is not None and not text[at + 1 : at + 2].isalnum():
            quoted[single:at] = [True] * (at - single)
            single = None
    for begin in opened:
        quoted[begin:] = [True] * (len(text) - begin)
    if speaks_for_itself(text, quoted, language):
        return [True] * len(begins)
    return [quoted[begin] for begin in begins]


def _is_opening(text: str, at: int) -> bool:
    before, behind = text[at - 1 : at], text[at + 1 : at + 2]
    spaced_before = not before or before in _OPENS_AFTER
    if spaced_before and behind in ("", " ", "\u00a0", "\u202f"):
        return text[at] in "“„«‘‚‹"
    return spaced_before
