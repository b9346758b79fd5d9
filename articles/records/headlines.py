"""Headlines: one for a text that has none, and the outlet's name at the end of one."""

import re
from collections.abc import Iterable

from wirethread.articles.normalize import normalize_text

__all__ = ["find_tail", "holds_prose", "make_headline", "split_outlet"]

_TAIL = re.compile(r"^(?P<head>.{8,}\S)\s+[-–—|·:]{1,2}\s+(?P<tail>\S.{1,60})$")

_LONGEST = 100
"""Characters."""
_END = re.compile(r"(?<=[.!?…])[\"'”’»)]*\s|(?<=[。！？।])|\n")
_PROSE = re.compile(r"[^\W\d_][\s\S]{30,}?[.!?…][\"'”’»)\]]*(?:\s|$)|[^\W\d_].{10,}?[。！？।]")


def split_outlet(title: str, names: Iterable[str | None]) -> tuple[str, str | None]:
    """Return a headline without " - Kell Post" at its end, and that name.

    `names` are those that the outlet is known by, domains among them. The name is None, and the
    headline whole, where it ends in none of them.
    """
    match = _TAIL.match(title)
    if match is None:
        return title, None
    tail = _squeeze(match["tail"]).removeprefix("the")
    for name in names:
        if name and tail and tail in _list_forms(name):
            return match["head"], match["tail"]
    return title, None


def find_tail(title: str) -> str | None:
    """Return what stands behind the last dash or bar of a headline, None where there is none."""
    match = _TAIL.match(title)
    return match["tail"] if match is not None else None


def _list_forms(name: str) -> set[str]:
    """Return a name, and that in a domain: `kellpost` of `www.kellpost.co.uk`."""
    labels = name.lower().removeprefix("www.").split(".")
    forms = {_squeeze(name)}
    if " " not in name and len(labels) > 1:
        forms |= {_squeeze(label) for label in labels if len(label) > 3}
    return {*forms, *(form.removeprefix("the") for form in forms)} - {""}


def _squeeze(words: str) -> str:
    return "".join(re.findall(r"[^\W_]+", normalize_text(words)))


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
