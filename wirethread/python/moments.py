"""What a caller writes for a time, a text or a choice, or an error that says what to write."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from wirethread.articles.errors import ConfigError
from wirethread.moments import to_moment

__all__ = ["check_key", "check_words", "plain", "read_choice", "read_moment"]


def plain(value: Any) -> Any:
    """Return a number or time of numpy, as frames give them, as Python's; others as they are."""
    if type(value).__module__ != "numpy" or getattr(value, "ndim", None) != 0:
        return value
    if value.dtype.kind == "M":  # its item() counts nanoseconds
        value = value.astype("datetime64[us]")
    return value.item()


def read_moment(given: datetime | date | str | None, name: str) -> datetime | None:
    """Return a time in UTC, None for None. Raises `ConfigError` where `given` is none."""
    given = plain(given)
    return None if given is None else to_moment(given, name)


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


def check_key(given: object, name: str) -> None:
    """Raise `ConfigError` for what can be no id and no address."""
    if not isinstance(given, str) or not given.strip():
        raise ConfigError(f"{name} must be an id or an address, not {given!r}")
