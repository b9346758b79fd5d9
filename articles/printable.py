"""Words from outside on their way to a terminal, a page or a log: what would act on it is left out.

Control characters move a cursor or set a title; bidirectional ones turn the order in which the rest
of a line is shown, so that it reads as something that it does not say (CVE-2021-42574). Letters of
scripts written from the right need none of them.
"""

__all__ = ["count", "escape_unseen", "make_printable"]

_BIDIRECTIONAL = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Unicode's Bidi_Control."""
_SEPARATORS = (0x2028, 0x2029)
_CONTROL = (*range(32), *range(127, 160))
_HALVES = range(0xD800, 0xE000)
"""Halves of surrogate pairs, which no encoding of text can hold."""
_TABLE: dict[int, str | None] = {
    **dict.fromkeys({*_CONTROL, *_BIDIRECTIONAL, *_HALVES} - {9, 10}),
    **dict.fromkeys(_SEPARATORS, " "),
}
_ESCAPES = {
    code: f"\\u{code:04x}"
    for code in {*_CONTROL, *_BIDIRECTIONAL, *_SEPARATORS, *_HALVES} - {9, 10, 13}
}


def make_printable(text: str) -> str:
    """Return a text without control and bidirectional characters; tabs and line ends stay."""
    return text.translate(_TABLE)


def escape_unseen(json_text: str) -> str:
    """Return JSON that says the same, with characters written as escapes that must not be shown."""
    return json_text.translate(_ESCAPES)


def count(number: int, noun: str) -> str:
    """Return `1 article`, `2 articles`, `1,500 matches`, `3 boundaries`."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{number:,} {noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{number:,} {noun[:-1]}ies"
    return f"{number:,} {noun}s"
