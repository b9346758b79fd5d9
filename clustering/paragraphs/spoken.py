"""Words that somebody else speaks although no quotation mark says so.

News sets statements, posts, testimony and transcripts as paragraphs of their own: after a line that
ends in a colon, or in the first person. Two newsrooms that carry them have not copied each other.
"""

import re
from collections.abc import Sequence
from functools import cache

from wirethread.articles.types.articles import Paragraph, ParagraphKind

__all__ = ["find_block_quotes", "speaks_for_itself"]

_I = re.compile(r"\bI(?=['’](?:m|ve|d|ll)\b|,? [a-z])")
_NUMBERED_BEFORE = re.compile(
    r"(?:[A-Z][\w'’]*|\b(?:type|phase|stage|class|grade|level|tier|category|part|title|article"
    r"|section|schedule|volume|chapter|division|group|pillar)) $"
)
"""As in `World War I began` and `a phase I trial`, where a number is meant."""
_SINGULAR = {
    "en": r"me|my|My|myself",
    "de": r"[Ii]ch|mir|mich",
    "fr": r"[Jj]e|[Jj]['’](?=[a-zéê])|moi",
    "es": r"[Yy]o|conmigo",
    "it": r"[Ii]o",
}
_PLURAL = {
    "en": r"we|us|ours?|ourselves|We|Our",
    "de": r"wir|uns|unser\w{0,2}|Wir|Unser\w{0,2}",
    "fr": r"nous|notre|Nous|Notre",
    "es": r"nosotros|nuestr[oa]s?",
    "it": r"noi|nostr[oaie]",
    "pt": r"nós|noss[oa]s?",
}
"""Words of the first person by language: `je` is `I` in French and `is` in Czech."""
_ENGLISH = "en"
_MIN_PLURAL = 2
"""`We` and `our` must stand there so often: newsrooms use them once about themselves."""
_INTRODUCES = re.compile(r"(?:[:：]|,? (?:wrote|writes|said|says|tweeted|added),)[\s\"”’»)]*$")
_SET = (ParagraphKind.BODY, ParagraphKind.HEADING)
_LEAST_LETTERS = 4
"""A line with fewer letters is what is left of an advertisement."""


@cache
def _compile_words(kind: str, language: str) -> re.Pattern[str] | None:
    words = (_SINGULAR if kind == "singular" else _PLURAL).get(language)
    return re.compile(rf"\b(?:{words})\b") if words else None


def speaks_for_itself(text: str, quoted: Sequence[bool], language: str | None = None) -> bool:
    """Whether a paragraph speaks in the first person outside quotation marks.

    `quoted` says for every character of `text` whether it stands in marks. Only words of its own
    language count; an unknown one is taken for English.
    """
    known = (language or _ENGLISH).split("-")[0]

    def count(pattern: re.Pattern[str] | None) -> int:
        if pattern is None:
            return 0
        return sum(not quoted[found.start()] for found in pattern.finditer(text))

    if count(_compile_words("singular", known)):
        return True
    if known == _ENGLISH and any(
        not quoted[found.start()] and not _NUMBERED_BEFORE.search(text[: found.start()])
        for found in _I.finditer(text)
    ):
        return True
    return count(_compile_words("plural", known)) >= _MIN_PLURAL


def find_block_quotes(paragraphs: Sequence[Paragraph]) -> dict[int, str]:
    """By position of the body paragraphs that another introduces, as in `she wrote:`, that one."""
    found: dict[int, str] = {}
    line: str | None = None
    for paragraph in paragraphs:
        if paragraph.kind not in _SET or sum(map(str.isalpha, paragraph.text)) < _LEAST_LETTERS:
            continue
        if line is not None and paragraph.kind is ParagraphKind.BODY:
            found[paragraph.position] = line
        line = paragraph.text if _INTRODUCES.search(paragraph.text[-40:]) else None
    return found
