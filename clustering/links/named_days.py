"""The weekdays that a text names: accounts of one happening mostly name the same ones.

"Police said on Tuesday" dates a happening also where nobody dated the article, and tells two
reports of one week apart. Two texts that name different days are rarely about one happening; two
that name the same ones may still be, so it speaks more strongly against than for.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any
from unicodedata import category

import numpy as np
import numpy.typing as npt

__all__ = ["AGREEING", "compare_named_days", "weigh_named_days"]

AGREEING = 0.5
"""The cosine of two texts' days that speaks neither for nor against."""

_MAX_CHARACTERS = 3_000
_HALF_CHARACTERS = 1_000
"""A day named so far into the text weighs half of one at its begin."""
_ENOUGH = 1.5
"""The weight of days named from which a text is sure of them."""
_MIN_LETTERS = 4
"""Shorter forms ("Sat", "mit") are words of their own too often, but not in syllabic scripts."""
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
"""Scripts without spaces, and Korean, whose particles stand at the word."""
_SYLLABIC = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_INFLECTED = re.compile(r"[a-z\u00c0-\u052f]")
"""Scripts in which an ending may follow: "Dienstagabend", "четверга"."""
_ENGLISH = "en"


def weigh_named_days(headline: str, text: str, language: str | None) -> npt.NDArray[np.float32]:
    """Return how much a text names each weekday, float32[7] from Monday; earlier counts more.

    `language` is an ISO 639-1 code; for None, or a language whose days are not known, the days are
    looked for in English.
    """
    weights = np.zeros(len(_WEEKDAYS), dtype=np.float32)
    pattern, number_of = _load_days(language or _ENGLISH)
    for found in pattern.finditer(f"{headline}\n{text[:_MAX_CHARACTERS]}".lower()):
        weights[number_of[found[0]]] += 1.0 / (1.0 + found.start() / _HALF_CHARACTERS)
    return weights


def compare_named_days(
    left: npt.NDArray[np.float32], right: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """Return how the days of n pairs agree, float64[n], from -`AGREEING` to 1 - `AGREEING`.

    `left` and `right` are float32[n, 7]. 0 where one of the two names no day, and near it where one
    hardly does.
    """
    one, other = left.astype(np.float64), right.astype(np.float64)
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    cosines = (one * other).sum(axis=1) / np.maximum(lengths, 1e-12)
    sureness = np.minimum(np.minimum(one.sum(axis=1), other.sum(axis=1)) / _ENOUGH, 1.0)
    agreement: npt.NDArray[np.float64] = sureness * (cosines - AGREEING)
    return agreement


@lru_cache(maxsize=64)
def _load_days(language: str) -> tuple[re.Pattern[str], dict[str, int]]:
    """Return what finds the days of a language, and which day each of its forms is."""
    forms = _list_forms(language) or _list_forms(_ENGLISH)
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(_write_pattern, longest_first))), forms


def _write_pattern(form: str) -> str:
    if _UNSPACED.search(form):
        return re.escape(form)
    ending = "" if _INFLECTED.search(form) else r"\b"
    return rf"\b{re.escape(form)}{ending}"


def _list_forms(language: str) -> dict[str, int]:
    """Return the written forms of the weekdays that stand for one day only."""
    try:
        # CLDR's names with inflected and older forms, as `dateparser` collects them
        known: dict[str, Any] = import_module(
            f"dateparser.data.date_translation_data.{language}"
        ).info
    except ModuleNotFoundError:
        return {}
    forms: dict[str, int] = {}
    ambiguous: set[str] = set()
    for number, day in enumerate(_WEEKDAYS):
        for form in _usable_forms(known.get(day, ())):
            if forms.setdefault(form, number) != number:
                ambiguous.add(form)
    return {form: number for form, number in forms.items() if form not in ambiguous}


def _usable_forms(forms: Sequence[str]) -> set[str]:
    folded = {form.strip().lower() for form in forms}
    ordinals = {form.partition("-")[0] for form in folded if "-" in form}  # "segunda-feira"
    return {
        form
        for form in folded - ordinals
        if all(category(letter)[0] in "LM" or letter == "-" for letter in form)
        and len(form) >= (2 if _SYLLABIC.search(form) else _MIN_LETTERS)
    }
