"""The byline and the dateline of an article."""

import re
from collections.abc import Sequence

from wirethread.articles.types.articles import Paragraph, ParagraphKind

__all__ = ["HEAD_PARAGRAPHS", "find_byline", "find_dateline", "has_byline_form", "read_byline"]

_MARK = r"(?:[Bb]y|BY|[Vv]on|VON|[Pp]ar|PAR|[Pp]or|POR|[Dd]i|[Dd]oor|[Aa]v)"
# Possessive (`*+`): a name is never divided, so time stays in step with the length of the line.
_NAME = r"[A-ZÀ-ÞĀ-ŽА-Я][\w.'’-]*+"
_BYLINE = re.compile(
    rf"^\W*{_MARK}:?\s+(?P<names>(?:The |the |{_NAME}|and|und|et|y|e|de|da|di|von|van|der|del|la|"
    rf"le|al|bin|&|[,/|–—-]|\s){{1,40}})\W*$"
)
_MAX_BYLINE = 160


HEAD_PARAGRAPHS = 6
"""Paragraphs among which a line of authors may stand."""


def find_byline(authors: Sequence[str], paragraphs: Sequence[Paragraph]) -> str | None:
    """Return the authors that the source declares, or the line near the head that names them."""
    names = [" ".join(name.split()) for name in authors if name.strip()]
    if names:
        return ", ".join(names)
    return read_byline([paragraph.text for paragraph in paragraphs[:HEAD_PARAGRAPHS]])


def read_byline(head: Sequence[str]) -> str | None:
    """Return the names in the first of the head's paragraphs that is a line of authors."""
    for text in head:
        if len(text) <= _MAX_BYLINE and (match := _BYLINE.match(text)):
            return " ".join(match["names"].split()).strip(" ,|/–—-") or None
    return None


def has_byline_form(line: str) -> bool:
    """Tell whether a line is "By" and names, in any of the languages known here."""
    return len(line) <= _MAX_BYLINE and _BYLINE.match(line) is not None


_DASH = r"(?:\s[-–—]{1,2}\s|\s?[–—]\s?|\s--\s?)"
_MONTH = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|January|February|March|April|June|"
    r"July|August|September|"
    r"October|November|December|janv|févr|mars|avril|mai|juin|juil|août|sept|oct|nov|déc|ene|abr|"
    r"ago|dic|gen|mag|giu|lug|ott)\.?"
)
_DATELINE = re.compile(
    rf"^[\W_]{{0,3}}(?P<place>[A-ZÀ-Þ][A-ZÀ-Þ.'’-]{{2,}}(?:[\s/][A-ZÀ-Þ.'’-]+)"
    rf"{{0,5}}(?:,\s(?:[A-Z][\w.]+(?:\s[A-Z][\w.]+)?))?)"
    rf"(?P<date>,\s{_MONTH}\s\d{{1,2}}|"
    rf",\s\d{{1,2}}\.?\s{_MONTH})?(?:,\s\d{{4}})?\s?(?:\((?P<agency>[^()]{{2,40}})\)\s?)"
    rf"?(?:{_DASH}|\.-|:\s)"
)
_MIXED = re.compile(
    rf"^[\W_]{{0,3}}(?P<place>[A-ZÀ-Þ][\w.'’ -]{{1,30}}(?:,\s[A-Z][\w. ]{{1,20}})?)"
    rf"(?P<date>,\s(?:\d{{1,2}}\.?\s)?{_MONTH}(?:\s\d{{1,2}})?)?\s?\((?P<agency>[^()]{{2,40}})"
    rf"\)\s?(?:[-–—:.]{{1,3}})"
)


def find_dateline(paragraphs: Sequence[Paragraph]) -> str | None:
    """Return the place (and date, and agency) that the first body paragraphs open with."""
    looked = 0
    for paragraph in paragraphs:
        if paragraph.kind is not ParagraphKind.BODY:
            continue
        head = paragraph.text[:160]
        match = _DATELINE.match(head) or _MIXED.match(head)
        if match is not None:
            return match[0].strip(" -–—:.") + (
                ")" if match[0].rstrip(" -–—:.").endswith("((") else ""
            )
        looked += 1
        if looked == 3:
            break
    return None
