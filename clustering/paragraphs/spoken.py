"""Words that somebody else speaks although no quotation mark says so.

News sets statements, posts, testimony and transcripts as paragraphs of their own: after a line that
ends in a colon, or in the first person. Two newsrooms that carry them have not copied each other.
"""

import re
from collections.abc import Sequence

from wirethread.articles.types.articles import Paragraph, ParagraphKind

__all__ = ["find_block_quotes", "speaks_for_itself"]

_I = re.compile(r"\bI(?=['’](?:m|ve|d|ll)\b|,? [a-z])")
_CAPITALISED_BEFORE = re.compile(r"[A-Z][\w'’]* $")
"""As in `World War I began`, where a number is meant."""
_SINGULAR = re.compile(
    r"\b(?:me|my|My|myself|mine|[Ii]ch|mir|mich|[Jj]e|[Jj]['’](?=[a-zéê])|moi|[Yy]o|conmigo|[Ii]o)\b"
)
_PLURAL = re.compile(
    r"\b(?:we|us|ours?|ourselves|wir|uns|unser\w{0,2}|nous|notre|nosotros|nuestr[oa]s?|noi|nostr[oaie]"
    r"|nós|noss[oa]s?|We|Our|Wir|Unser\w{0,2}|Nous|Notre)\b"
)
_MIN_PLURAL = 2
"""`We` and `our` must stand there so often: newsrooms use them once about themselves."""
_INTRODUCES = re.compile(r"(?:[:：]|,? (?:wrote|writes|said|says|tweeted|added),)[\s\"”’»)]*$")
_SET = (ParagraphKind.BODY, ParagraphKind.HEADING)
_LEAST_LETTERS = 4
"""A line with fewer letters is what is left of an advertisement."""


def speaks_for_itself(text: str, quoted: Sequence[bool]) -> bool:
    """Whether a paragraph speaks in the first person outside quotation marks.

    `quoted` says for every character of `text` whether it stands in marks.
    """
    if any(not quoted[found.start()] for found in _SINGULAR.finditer(text)) or any(
        not quoted[found.start()] and not _CAPITALISED_BEFORE.search(text[: found.start()])
        for found in _I.finditer(text)
    ):
        return True
    return sum(not quoted[found.start()] for found in _PLURAL.finditer(text)) >= _MIN_PLURAL


def find_block_quotes(paragraphs: Sequence[Paragraph]) -> frozenset[int]:
    """Positions of body paragraphs that the paragraph before introduces, as in `she wrote:`."""
    found: set[int] = set()
    is_introduced = False
    for paragraph in paragraphs:
        if paragraph.kind not in _SET or sum(map(str.isalpha, paragraph.text)) < _LEAST_LETTERS:
            continue
        if is_introduced and paragraph.kind is ParagraphKind.BODY:
            found.add(paragraph.position)
        is_introduced = _INTRODUCES.search(paragraph.text[-40:]) is not None
    return frozenset(found)
