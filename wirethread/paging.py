"""Lists that say whether they go on: one record more is asked for than is shown."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from wirethread.articles.errors import ConfigError

__all__ = ["ask_page", "check_number"]

Record = TypeVar("Record")


def ask_page(
    ask: Callable[..., Sequence[Record]], *, limit: int | None, offset: int
) -> tuple[Sequence[Record], bool]:
    """Return `limit` records behind the first `offset`, and whether more stand behind them.

    `ask` takes `limit` (None: all) and `offset`, by name. Raises `ConfigError` for a limit below 1
    and an offset below 0, and for what is no whole number.
    """
    if limit is not None:
        check_number(limit, "limit", least=1)
    check_number(offset, "offset", least=0)
    if limit is None:
        return ask(limit=None, offset=offset), False
    found = ask(limit=limit + 1, offset=offset)
    return found[:limit], len(found) > limit


def check_number(given: object, name: str, *, least: int) -> None:
    """Raise `ConfigError` for what is no whole number of at least `least`; `name` says which."""
    if isinstance(given, bool) or not isinstance(given, int):
        raise ConfigError(f"{name} must be a whole number, not {given!r}")
    if given < least:
        raise ConfigError(f"{name} must be at least {least}, not {given}")
