"""What a caller writes for a time, a text or a choice, or an error that says what to write."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from wirethread.articles.errors import ConfigError

__all__ = ["check_words", "read_choice", "read_moment"]


def read_moment(given: datetime | date | str | None, name: str) -> datetime | None:
    """Return an aware time: a day is its beginning, and what names no zone is UTC.

    Raises `ConfigError` where `given` is none; `name` is what it was given for.
    """
    if given is None:
        return None
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            raise ConfigError(f"{name}: {given!r} is no day or time like 2024-03-11") from None
    if not isinstance(given, date):
        raise ConfigError(f"{name}: {given!r} is no day or time")
    moment = given if isinstance(given, datetime) else datetime.combine(given, time())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_choice(given: Any, name: str, choices: Iterable[Any]) -> str:
    """Return one of the values of an enumeration. Raises `ConfigError` that lists them."""
    words = [str(choice.value) for choice in choices]
    said = str(getattr(given, "value", given))
    if said not in words:
        raise ConfigError(f"{name} must be {', '.join(words[:-1])} or {words[-1]}, not {said!r}")
    return said


def check_words(**given: object) -> None:
    """Raise `ConfigError` for what is neither text nor None, under the name it was given for."""
    for name, words in given.items():
        if words is not None and not isinstance(words, str):
            raise ConfigError(f"{name} must be text, not {words!r}")
