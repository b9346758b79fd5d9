"""A headline for a text that has none: its first words."""

import re

__all__ = ["holds_prose", "make_headline"]

_LONGEST = 100
"""Characters."""
_END = re.compile(r"(?<=[.!?…])[\"'”’»)]*\s|(?<=[。！？।])|\n")
_PROSE = re.compile(r"[^\W\d_][\s\S]{30,}?[.!?…][\"'”’»)\]]*(?:\s|$)|[^\W\d_].{10,}?[。！？।]")


def holds_prose(text: str) -> bool:
    """Tell whether a sentence stands in a text, and not only names, links or figures."""
    return _PROSE.search(text) is not None


def make_headline(text: str) -> str:
    """Return the first sentence of a text, or as much of it as goes into a line."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    begun = next((line for line in lines if re.search(r"[^\W\d_]", line)), lines[0])
    sentence = " ".join((_END.split(begun, maxsplit=1)[0] or begun).split())
    if len(sentence) <= _LONGEST:
        return sentence
    cut = sentence[:_LONGEST]
    whole = cut.rpartition(" ")[0] if " " in cut[_LONGEST // 2 :] else cut
    return whole.rstrip(" ,;:–—-") + "…"
