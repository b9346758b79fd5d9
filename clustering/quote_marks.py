"""Which words of a paragraph stand in quotation marks, in any of the usual styles."""

import re
from collections.abc import Sequence

__all__ = ["mark_quoted"]

_DOUBLE = frozenset("\"“”„‟«»＂")
_SINGLE = frozenset("'‘’‚‹›")
_OPENS_AFTER = frozenset(" \t\n([{—–-/\u00a0\u202f") | _DOUBLE | _SINGLE
_POST = re.compile(r"\(@\w{2,}\)|\bpic\.twitter\.com/")


def mark_quoted(text: str, begins: Sequence[int]) -> list[bool]:
    """Whether each word, given by its first character, is quoted.

    A mark opens where a space or bracket stands before it and a word behind it, and else closes, so
    that “English”, „German“, «French» and »reversed« marks are all read. A double mark that is
    never closed quotes to the end: the quotation goes on in the next paragraph. A single one must
    close, or it is an apostrophe. A post from a social network (`(@name)`) is quoted as a whole.
    """
    if _POST.search(text):
        return [True] * len(begins)
    quoted = [False] * len(text)
    opened: list[int] = []
    single: int | None = None
    for at, mark in enumerate(text):
        if mark in _DOUBLE:
            if _is_opening(text, at):
                opened.append(at)
            elif opened:
                begin = opened.pop()
                quoted[begin:at] = [True] * (at - begin)
            continue
        if mark in _SINGLE:
            if _is_opening(text, at):
                single = at
            elif single is not None and not text[at + 1 : at + 2].isalnum():
                quoted[single:at] = [True] * (at - single)
                single = None
    for begin in opened:
        quoted[begin:] = [True] * (len(text) - begin)
    return [quoted[begin] for begin in begins]


def _is_opening(text: str, at: int) -> bool:
    before, behind = text[at - 1 : at], text[at + 1 : at + 2]
    spaced_before = not before or before in _OPENS_AFTER
    if spaced_before and behind in ("", " ", "\u00a0", "\u202f"):
        return text[at] in "“„«‘‚‹"
    return spaced_before
