"""Which language a text is in: declared by its source, or told from the words themselves."""

import re
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import category

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

__all__ = ["detect_language", "read_language_code"]

MIN_LETTERS = 60
"""A shorter text is not judged."""
MIN_CONFIDENCE = 0.6
"""Of the classifier, 0 to 1; right languages of news text stand near 1."""
SAMPLE = 500
"""Characters looked at; more don't change the answer, and cost time."""

_CODE = re.compile(r"^([a-z]{2})(?:[-_][a-z0-9]{2,8})*$", re.I)
_NAMES = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr",
    "spanish": "es", "español": "es", "italian": "it", "italiano": "it", "portuguese": "pt",
    "português": "pt", "dutch": "nl", "nederlands": "nl", "russian": "ru", "русский": "ru",
    "chinese": "zh", "japanese": "ja", "korean": "ko", "arabic": "ar", "turkish": "tr",
    "polish": "pl", "swedish": "sv", "norwegian": "no", "danish": "da", "finnish": "fi",
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it",
    "por": "pt", "nld": "nl", "rus": "ru", "zho": "zh", "jpn": "ja", "kor": "ko", "ara": "ar",
}  # fmt: skip


def read_language_code(declared: str | None) -> str | None:
    """Return the ISO 639-1 code of a declared language ("en-US", "English"), or None."""
    if not declared:
        return None
    word = declared.strip().lower()
    if word in _NAMES:
        return _NAMES[word]
    match = _CODE.match(word)
    return match[1] if match else None


def detect_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the language of `text`, or None where it cannot be told."""
    sample = text[:SAMPLE]
    # vowel signs of Indic scripts, which are no letters to Python, count as such
    letters = sum(c.isalpha() or (c > "\u02ff" and category(c)[0] == "M") for c in sample)
    if letters < _min_letters(sample):
        return None
    code, confidence = _load_identifier().classify(sample)
    return str(code) if confidence >= MIN_CONFIDENCE and len(code) == 2 else None


def _min_letters(sample: str) -> int:
    # A Chinese or Japanese character says as much as half a word.
    return (
        MIN_LETTERS // 3
        if re.search(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", sample)
        else MIN_LETTERS
    )


@cache
def _load_identifier() -> "LanguageIdentifier":
    # Loading the model takes half a second, which reading articles alone should not cost.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
