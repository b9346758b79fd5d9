"""Names of months, weekdays and halves of the day in the languages of news, and names of zones.

The names are CLDR's with inflected and older forms, as the library `dateparser` collects them. A
name that means different months in different languages (Czech and Croatian `listopad`) is told by
the language, or not at all.
"""

import importlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Any

__all__ = ["find_months", "find_weekdays", "find_zone", "fold_word", "is_afternoon"]

_LANGUAGES = tuple(
    re.findall(
        r"\w+",
        "en de fr es it pt nl ru pl sv da nb nn fi cs sk hu ro bg el tr uk hr sl sr bs mk sq lt lv"
        " et is ca gl eu ga cy mt af ar he fa ur hi bn ta te ml kn gu pa mr ne si th vi id ms fil"
        " sw ja ko zh ka hy az kk uz be mn my km lo am so fo",
    )
)
_MONTHS = tuple(
    re.findall(
        r"\w+",
        "january february march april may june july august september october november december",
    )
)
_DAYS = tuple(re.findall(r"\w+", "monday tuesday wednesday thursday friday saturday sunday"))

_ROMAN = frozenset(["ii", "iv", "vi", "ix", "xi"])  # other names of two Latin letters are words

_ZONES = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10, "AST": -4, "ADT": -3, "NST": -3.5, "NDT": -2.5,
    "GMT": 0, "UTC": 0, "UT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "IST": 5.5, "CET": 1,
    "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "МСК": 3, "TRT": 3, "AZT": 4,
    "GST": 4, "PKT": 5, "NPT": 5.75, "BDT": 6, "MMT": 6.5, "ICT": 7, "WIB": 7, "WITA": 8, "WIT": 9,
    "SGT": 8, "MYT": 8, "PHT": 8, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5,
    "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "CAT": 2, "SAST": 2, "EAT": 3,
    "WAT": 1, "BRT": -3, "ART": -3, "CLT": -4, "CLST": -3, "COT": -5, "PET": -5, "ECT": -5,
}  # fmt: skip
"""Hours from UTC of the names that newsrooms write; of those that several zones share, the one that
most of them mean (IST is India's)."""
_PLACES = {
    "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver",
    "PT": "America/Los_Angeles", "EASTERN": "America/New_York", "CENTRAL": "America/Chicago",
    "MOUNTAIN": "America/Denver", "PACIFIC": "America/Los_Angeles", "ATLANTIC": "America/Halifax",
}  # fmt: skip
"""Names for the clock of a place, summer and winter."""


def fold_word(word: str) -> str:
    """Return a name as it is looked up: without case, marks of abbreviation and composed dots."""
    folded = unicodedata.normalize("NFKC", word).casefold().replace("\u0307", "")
    return " ".join(folded.strip(".,'’ ").split())


def find_months(word: str, language: str | None = None) -> frozenset[int]:
    """Return the months, 1 to 12, that a folded name may mean, in `language` where it tells."""
    meanings = _load_months().get(word, {})
    if len(meanings) > 1 and language:
        code = {"no": "nb"}.get(language, language)
        told = frozenset(month for month, codes in meanings.items() if code in codes)
        return told or frozenset(meanings)
    return frozenset(meanings)


def find_weekdays(word: str) -> frozenset[int]:
    """Return the weekdays, 0 for Monday to 6, that a folded name may mean."""
    return _load_weekdays().get(word, frozenset())


def is_afternoon(word: str) -> bool | None:
    """Return whether a folded word means the second half of the day, None where neither half."""
    word = word.replace(".", "").replace(" ", "")
    if word in _load_words("pm"):
        return True
    return False if word in _load_words("am") else None


def find_zone(name: str, clock: datetime) -> tzinfo | None:
    """Return the zone of a name (`CET`, `ET`, `Europe/Berlin`) at a time of its clock, or None."""
    place = name if "/" in name else _PLACES.get(name.upper())
    if place is not None:
        from dateutil import tz  # noqa: PLC0415 - of few times

        zone = tz.gettz(place)
        offset = clock.replace(tzinfo=zone).utcoffset() if zone is not None else None
        return timezone(offset) if offset is not None else None
    hours = _ZONES.get(name.upper())
    return None if hours is None else timezone(timedelta(hours=hours))


@cache
def _load_language(language: str) -> Mapping[str, Any]:
    module = importlib.import_module(f"dateparser.data.date_translation_data.{language}")
    info: Mapping[str, Any] = module.info
    return info


def _names(language: str, key: str) -> set[str]:
    info = _load_language(language)
    forms = [info, *info.get("locale_specific", {}).values()]
    return {fold_word(name) for form in forms for name in form.get(key, ())} - {""}


@cache
def _load_months() -> dict[str, dict[int, set[str]]]:
    """Return by name the months that it means, each with the languages."""
    found: dict[str, dict[int, set[str]]] = {}
    for language in _LANGUAGES:
        for month, key in enumerate(_MONTHS, 1):
            for name in _names(language, key):
                if len(name) > 2 or name in _ROMAN or not name.isascii():
                    found.setdefault(name, {}).setdefault(month, set()).add(language)
    return found


@cache
def _load_weekdays() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for language in _LANGUAGES:
        for weekday, key in enumerate(_DAYS):
            for name in _names(language, key):
                found.setdefault(name, set()).add(weekday)
    return {name: frozenset(days) for name, days in found.items()}


@cache
def _load_words(key: str) -> frozenset[str]:
    return frozenset(
        name.replace(" ", "") for language in _LANGUAGES for name in _names(language, key)
    )
