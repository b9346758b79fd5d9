"""What counts as the same words: normalised text, its hash, and words with their places.

Two texts that differ only in case, in the form of quotation marks, dashes and spaces, or in
invisible characters are the same words, and so share one hash and one vector.
"""

import re
import unicodedata
from functools import lru_cache

import xxhash

from wirethread.articles.types.articles import TextHash

__all__ = [
    "hash_normalized",
    "hash_text",
    "join_broken",
    "normalize_text",
    "read_token",
    "split_tokens",
    "tokenize_spans",
    "tokenize_words",
]

_SINGLE_QUOTES = "‘’‚‛‹›′`´ʹʼʻ＇"
_DOUBLE_QUOTES = "“”„‟«»″〝〞〟＂「」『』"
_DASHES = "‐‑‒–—―−⁃﹘﹣－⸺⸻"
_INVISIBLE = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"

_FOLDED = str.maketrans(
    dict.fromkeys(_SINGLE_QUOTES, "'")
    | dict.fromkeys(_DOUBLE_QUOTES, '"')
    | dict.fromkeys(_DASHES, "-")
    | dict.fromkeys(_INVISIBLE, None)
)

# A word that the end of a line divides: "inspec-\nted" is "inspected".
_BREAK = r"[-\u2010][ \t]*\r?\n[ \t]*(?![A-ZÀ-ÞА-ЯΑ-Ω\d])"
_DIVIDED = re.compile(rf"(?<=[^\W\d_]){_BREAK}(?=[^\W\d_])")

# ASCII with typographic marks, by far the commonest text: no compatibility forms stand in it.
_PLAIN = re.compile(rf"[\x00-\x7f{_SINGLE_QUOTES[:4]}“”–—\u00a0\u2009À-Þà-ÿ]*")


def normalize_text(text: str) -> str:
    """Return `text` with one form of quotes, dashes, spaces, width and case.

    `normalize_text(normalize_text(text)) == normalize_text(text)`.
    """
    if _DIVIDED.search(text) is not None:
        text = _DIVIDED.sub("", text)
    if text.isascii():
        return " ".join(text.replace("`", "'").casefold().split())
    if _PLAIN.fullmatch(text):
        return " ".join(text.translate(_FOLDED).lower().split())
    folded = _fold_once(text)
    while (again := _fold_once(folded)) != folded:  # a handful of characters need a second pass
        folded = again
    return folded


def _fold_once(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text.translate(_FOLDED)).translate(_FOLDED)
    return " ".join(unicodedata.normalize("NFKC", folded.casefold()).split())


def hash_text(text: str) -> TextHash:
    """Return the signed 64-bit xxh3 of the normalised text: the key of its vector."""
    return hash_normalized(normalize_text(text))


def hash_normalized(words: str) -> TextHash:
    """Return the hash of a text that is normalised already."""
    data = words.encode("utf-8", "surrogatepass")
    unsigned = xxhash.xxh3_64_intdigest(data)
    return TextHash(unsigned - (1 << 64) if unsigned >> 63 else unsigned)


# Scripts written without spaces: each character is a word of its own.
_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
# Vowel signs and accents that Python's `\w` leaves out, so that Indic words stay whole.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a"
    "\u0816-\u082d\u0859-\u085b\u08d3-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983"
    "\u09bc-\u09cd\u09d7\u09e2\u09e3\u0a01-\u0a03\u0a3c-\u0a51\u0a70\u0a71\u0a75\u0a81-\u0a83"
    "\u0abc-\u0acd\u0ae2\u0ae3\u0b01-\u0b03\u0b3c-\u0b57\u0b62\u0b63\u0b82\u0bbe-\u0bd7"
    "\u0c00-\u0c04\u0c3c-\u0c56\u0c62\u0c63\u0c81-\u0c83\u0cbc-\u0cd6\u0ce2\u0ce3"
    "\u0d00-\u0d03\u0d3b-\u0d4d\u0d57\u0d62\u0d63\u0d81-\u0d83\u0dca-\u0df3\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_INVISIBLE_IN_WORD = "\u00ad\u200b\u200c\u200d\u2060"
_NUMBER = r"\d+(?:[.,:]\d+)*"
_LETTERS = rf"(?:(?![{_UNSPACED}])[^\W_]|[{_MARKS}{_INVISIBLE_IN_WORD}])"
_TOKEN = re.compile(
    rf"{_NUMBER}(?!{_LETTERS})"
    rf"|[{_UNSPACED}][{_MARKS}]*"
    # a word may hold apostrophes and full stops between single letters: o'brien, u.s
    rf"|(?:(?![{_UNSPACED}\d])[^\W\d_]\.){{2,}}"
    rf"|{_LETTERS}+(?:(?:['’ʼ]|{_BREAK}){_LETTERS}+)*"
)
# The same rule for text without such scripts and signs: three times faster.
_PLAIN_TOKEN = re.compile(
    rf"{_NUMBER}(?![^\W_])|(?:[^\W\d_]\.){{2,}}|[^\W_]+(?:(?:['’ʼ]|{_BREAK})[^\W_]+)*"
)
_NEEDS_FULL_RULE = re.compile(rf"[{_UNSPACED}{_MARKS}{_INVISIBLE_IN_WORD}]")


def tokenize_spans(text: str) -> list[tuple[str, int, int]]:
    """Return each word, normalised, with its half-open offsets in `text`.

    Numbers keep their separators (`3.5`, `1,200`, `10:30`), a possessive `'s` is split off and
    dropped, initials lose their full stops (`U.S.` is `us`), and a script without spaces gives one
    word a character.
    """
    tokens: list[tuple[str, int, int]] = []
    for match in _choose_rule(text).finditer(text):
        folded, n_dropped = _read_token(match[0])
        if folded:
            tokens.append((folded, match.start(), match.end() - n_dropped))
    return tokens


def tokenize_words(text: str) -> list[str]:
    """Return the words of `text`, normalised, in order (see `tokenize_spans`)."""
    found = map(_read_token, _choose_rule(text).findall(text))
    return [word for word, _ in found if word]


def join_broken(text: str) -> str:
    """Return `text` with words whole that the end of a line divides: blanks part words then."""
    return _DIVIDED.sub("", text) if "\n" in text else text


def split_tokens(text: str) -> list[str]:
    """Return the words of `text` as they stand there, for callers that read each one once."""
    return _choose_rule(text).findall(text)


def read_token(token: str) -> str:
    """Return a token of `split_tokens` as the word that `tokenize_words` gives; may be empty."""
    return _read_token(token)[0]


def _choose_rule(text: str) -> re.Pattern[str]:
    return _PLAIN_TOKEN if text.isascii() or not _NEEDS_FULL_RULE.search(text) else _TOKEN


@lru_cache(maxsize=1 << 17)
def _read_token(token: str) -> tuple[str, int]:
    """Return a token as a word, and how many characters at its end are no part of it."""
    n_dropped = 0
    if len(token) > 2 and token[-1] in "sS" and token[-2] in "'’ʼ":
        token, n_dropped = token[:-2], 2
    folded = token.lower() if token.isalnum() and token.isascii() else _fold_word(token)
    return folded, n_dropped


@lru_cache(maxsize=1 << 16)
def _fold_word(word: str) -> str:
    folded = normalize_text(word)
    if folded.endswith(".") and len(folded) > 3:
        folded = folded.replace(".", "")
    return folded
