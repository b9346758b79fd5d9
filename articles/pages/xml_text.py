"""From the bytes of a feed or news item to XML in UTF-8 that a parser takes."""

import re
from html.entities import html5

from wirethread.articles.pages.charsets import decode_bytes

__all__ = ["clean_xml"]

_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|$))", re.S)
_REFERENCE = re.compile(r"&(?:(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});)?")
_OF_XML = frozenset(("amp", "lt", "gt", "quot", "apos"))
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def clean_xml(content: bytes, content_type: str | None) -> bytes:
    """Return XML in UTF-8, its declaration first, with no reference that XML doesn't know.

    The character set is told as that of a page, so the bytes go before a wrong label. A bare "&" is
    written as XML wants it, and names such as `&nbsp;` as the characters that they mean.
    """
    words = decode_bytes(content, content_type)
    words = _FORBIDDEN.sub("", _DECLARATION.sub("", words.lstrip("\ufeff"), count=1)).lstrip()
    if "&" in words:
        pieces = _CDATA.split(words)
        pieces[::2] = [_REFERENCE.sub(_write_reference, piece) for piece in pieces[::2]]
        words = "".join(pieces)
    return b'<?xml version="1.0" encoding="utf-8"?>' + words.encode("utf-8")


def _write_reference(match: re.Match[str]) -> str:
    name = match[1]
    if name is None:
        return "&amp;"
    if name in _OF_XML:
        return match[0]
    if name[0] == "#":
        number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        is_sign = 0x20 <= number < 0xD800 or 0xE000 <= number < 0x110000 or number in (9, 10, 13)
        return match[0] if is_sign and number not in (0xFFFE, 0xFFFF) else "\ufffd"
    meant = html5.get(name + ";")
    if meant is None:
        return "&amp;" + match[0][1:]
    return "".join(f"&#{ord(sign)};" for sign in meant)
