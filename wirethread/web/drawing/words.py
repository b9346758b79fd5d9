"""Values as people write them. Every filter takes what may be missing and says so."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from wirethread.articles.addresses import safe_url
from wirethread.articles.types.articles import TimePrecision

__all__ = ["FILTERS", "format_minutes", "format_moment", "format_share", "say_count"]

_ARTICLE_ID = re.compile(r" \([0-9a-f]{20}\)")
RELATIONS = {
    "verbatim": "word for word",
    "edited": "edited",
    "paraphrase": "reworded",
    "quotation": "a shared quotation",
}
"""Other relations are shown by their name."""
DERIVATIONS = {
    "wholly": "wholly wire copy",
    "partly": "partly wire copy",
    "credited": "credits agencies, how much is theirs is not known",
    "not": "no wire copy",
}
"""Other derivations are shown by their name."""


def format_moment(moment: datetime | None, precision: Any = None) -> str:
    """Return a time as exactly as it is known, in UTC."""
    if moment is None:
        return "at an unknown time"
    if str(precision) == TimePrecision.DAY.value:
        return f"{moment.day} {moment:%b %Y}"
    return f"{moment.day} {moment:%b %Y, %H:%M}"


def format_day(moment: datetime | None) -> str:
    """Return a day."""
    return "unknown day" if moment is None else f"{moment:%A}, {moment.day} {moment:%B %Y}"


def format_span(first: datetime | None, last: datetime | None) -> str:
    """Return the days from first to last."""
    if first is None or last is None:
        return "unknown days"
    if first.date() == last.date():
        return f"{first.day} {first:%b %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {last:%b %Y}"
    if first.year == last.year:
        return f"{first.day} {first:%b} – {last.day} {last:%b %Y}"
    return f"{first.day} {first:%b %Y} – {last.day} {last:%b %Y}"


def format_share(share: float | None) -> str:
    """Return a share as a whole percentage; a little is never nothing, nor nearly all all."""
    if share is None:
        return "unknown"
    if 0 < share < 0.01:
        return "under 1%"
    if 0.995 <= share < 1:
        return "over 99%"
    return f"{share:.0%}"


def say_count(number: int | None, noun: str, plural: str | None = None) -> str:
    """Return `1 article`, `2 articles`, `1,200 articles`."""
    if number is None:
        return f"{plural or noun + 's'} not counted yet"
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def say_relation(relation: Any) -> str:
    """Return a relation in words; one that is not known here by its own name."""
    name = getattr(relation, "value", relation)
    return RELATIONS.get(name, str(name or "").replace("_", " "))


def say_derivation(derivation: Any) -> str:
    """Return a derivation in words; one that is not known here by its own name."""
    name = getattr(derivation, "value", derivation)
    return DERIVATIONS.get(name, str(name or "not decided yet").replace("_", " "))


def shorten(text: str | None, n_characters: int = 160) -> str:
    """Return the beginning of a text in one line, cut at a word."""
    line = " ".join((text or "").split())
    if len(line) <= n_characters:
        return line
    return line[:n_characters].rsplit(" ", 1)[0] + " …"


def to_sentence(words: str | None) -> str:
    """Return words with a capital and a full stop."""
    if not words:
        return ""
    stop = "" if words[-1] in ".!?" else "."
    return f"{words[0].upper()}{words[1:]}{stop}"


def format_minutes(minutes: float | None) -> str:
    """Return a length of time in the unit that fits it."""
    if minutes is None:
        return "unknown"
    if minutes < 120:
        return f"{minutes:.0f} min"
    if minutes < 72 * 60:
        return f"{minutes / 60:.1f} h"
    return f"{minutes / 1440:.1f} days"


def format_figure(value: float, n_digits: int) -> str:
    """Return a number with so many digits behind the point; what rounds to nothing has no sign."""
    return f"{round(value, n_digits) + 0.0:.{n_digits}f}"


def drop_ids(words: str | None) -> str:
    """Return a reason without the ids of the articles that it names: nobody reads them."""
    return _ARTICLE_ID.sub("", words or "")


def possessive(name: str) -> str:
    """Return the name with its apostrophe."""
    return f"{name}’" if name.endswith("s") else f"{name}’s"


def quote_path(text: Any) -> str:
    """Return a part of a path."""
    return quote(str(text), safe="")


def to_iso(moment: datetime | None) -> str:
    """Return a time for machines."""
    return "" if moment is None else moment.isoformat()


FILTERS: dict[str, Callable[..., Any]] = {
    "minutes": format_minutes,
    "moment": format_moment,
    "day": format_day,
    "days": format_span,
    "share": format_share,
    "counted": say_count,
    "relation": say_relation,
    "derivation": say_derivation,
    "sentence": to_sentence,
    "shorten": shorten,
    "figure": format_figure,
    "without_ids": drop_ids,
    "safe_url": safe_url,
    "possessive": possessive,
    "path": quote_path,
    "iso": to_iso,
}
