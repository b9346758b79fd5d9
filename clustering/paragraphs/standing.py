"""Standing text: sentences that stand under reports of anything, by a list of their forms.

What a lawyer demands, who pays a newsroom, how to reach a columnist, that an investigation goes on:
two newsrooms that print it have not copied each other, and it makes no story. The forms stand in
`standing.yaml` beside this file.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources

import yaml

from wirethread.articles.spans import split_sentences

__all__ = ["find_standing_spans", "mark_standing"]


def mark_standing(text: str, offsets: Sequence[int]) -> list[bool]:
    """Whether each word, given by where it begins in `text`, stands in a standing sentence."""
    spans = find_standing_spans(text)
    if not spans:
        return [False] * len(offsets)
    return [any(begin <= at < end for begin, end in spans) for at in offsets]


@lru_cache(maxsize=20_000)
def find_standing_spans(text: str) -> Sequence[tuple[int, int]]:
    """Return begin and end of the sentences of `text` that are standing text."""
    forms, lowered = _compile_forms(), text.lower()
    if len(lowered) != len(text) or forms.search(lowered) is None:
        return ()
    return [
        (begin, end)
        for begin, end in split_sentences(text)
        if forms.search(lowered, begin, end) is not None
    ]


@cache
def _compile_forms() -> re.Pattern[str]:
    lines = resources.files(__package__).joinpath("standing.yaml").read_text(encoding="utf-8")
    forms = [
        form
        for entry in yaml.safe_load(lines)
        for language, patterns in entry.items()
        if language != "what"
        for form in patterns
    ]
    # small letters and one look back, so that most places are passed over at once
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})")
