"""From the bytes of a page to its characters, whatever the page says about them."""

import codecs
import re

__all__ = ["decode_bytes"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_IN_PAGE = re.compile(
    rb"<meta[^<>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|"
    rb"^\s*<\?xml[^<>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{2,40})",
    re.I,
)
_HEAD = 4096
"""Bytes in which a page must name its character set."""

# Codecs of characters only: others ("zlib", "idna", "unicode_escape") would run what a page says.
_SAFE = re.compile(
    r"(?:utf-?(?:8|16|32)(?:-?[lb]e)?|us-?ascii|ascii|iso-?8859-?\d{1,2}|latin-?\d{1,2}|"
    r"windows-?\d{3,4}|cp-?\d{3,4}|koi8-?[rut]|gb(?:2312|k|18030)|hz|big5(?:-?hkscs)?|euc-?(?:jp|kr|"
    r"tw|cn)|shift-?jis|sjis|iso-?2022-?(?:jp|kr)(?:-\d)?|mac-?(?:roman|cyrillic|greek|turkish|"
    r"latin2)|tis-?620|johab|viscii)$"
)
# What browsers take a label for: the older sets are written with their larger descendants.
_MEANT = {
    "ascii": "cp1252", "us-ascii": "cp1252", "iso-8859-1": "cp1252", "latin-1": "cp1252",
    "latin1": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030",
    "euc-cn": "gb18030", "shift-jis": "cp932", "sjis": "cp932", "euc-kr": "cp949",
    "big5": "big5hkscs", "iso-8859-9": "cp1254", "tis-620": "cp874", "iso-8859-11": "cp874",
    # such a page could not have been read as far as its own label
    "utf-16": "utf-8", "utf-16le": "utf-8", "utf-16-le": "utf-8", "utf-16be": "utf-8",
    "utf-16-be": "utf-8", "utf-32": "utf-8",
}  # fmt: skip
_SAMPLE = 20_000
"""Bytes that an unlabelled page is judged by."""
_MAX_BROKEN = 0.02
"""Share of characters that may be broken before the label is doubted."""


def decode_bytes(content: bytes, content_type: str | None = None) -> str:
    """Return the characters of a page; what cannot be read becomes U+FFFD. Never fails.

    A byte order mark decides; then, for bytes that are valid UTF-8, UTF-8 (pages are mislabelled
    as Latin-1 more often than the reverse); then the label in `content_type` (the HTTP header) or
    in the page; then a guess from the bytes.
    """
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, errors="replace")
    labels = _read_labels(content, content_type)
    if not content.isascii() or not any(name in ("iso2022_jp", "hz") for name in labels):
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            pass
    for name in labels:
        try:
            words = content.decode(name, errors="replace")
        except (LookupError, UnicodeError):
            continue
        if words.count("\ufffd") <= _MAX_BROKEN * len(words) + 1 and not (
            name == "cp1252" and _looks_misread(words)
        ):
            return words
    return _decode_by_guess(content, labels)


_ACCENTED = re.compile(r"[^\W\d_]*[À-ÖØ-öø-ÿ][^\W\d_]*")
_ALL_ACCENTED = re.compile(r"[À-ÖØ-öø-ÿ]{3,}")


def _looks_misread(words: str) -> bool:
    """Tell whether a text read as Western is of another script: its words are accents."""
    found = [match[0] for match in _ACCENTED.finditer(words[:_SAMPLE])]
    return len(found) > 3 and 2 * sum(
        _ALL_ACCENTED.fullmatch(word) is not None for word in found
    ) > len(found)


def _read_labels(content: bytes, content_type: str | None) -> list[str]:
    found: list[str] = []
    if content_type and (match := _IN_HEADER.search(content_type[:500])) is not None:
        found.append(match[1])
    if (inside := _IN_PAGE.search(content[:_HEAD])) is not None:
        found.append((inside[1] or inside[2]).decode("ascii"))
    labels = []
    for label in found:
        name = label.lower().replace("_", "-").removeprefix("x-")
        if _SAFE.match(name):
            try:
                labels.append(codecs.lookup(_MEANT.get(name, name)).name)
            except LookupError:
                continue
    return labels


def _decode_by_guess(content: bytes, labels: list[str]) -> str:
    from trafilatura.utils import detect_encoding  # noqa: PLC0415 - takes half a second to import

    broken_utf8 = content.decode("utf-8", errors="replace")
    if broken_utf8.count("\ufffd") <= _MAX_BROKEN / 4 * len(broken_utf8):
        return broken_utf8
    for name in (*detect_encoding(content[:_SAMPLE])[:3], *labels):
        if _SAFE.match(name.lower().replace("_", "-")) or name.startswith("cp"):
            try:
                return content.decode(name, errors="replace")
            except (LookupError, UnicodeError):
                continue
    return broken_utf8
