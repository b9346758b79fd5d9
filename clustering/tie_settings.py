"""How agency notices are tied to the copy that they are about."""

from dataclasses import dataclass

from wirethread.articles.bounds import require_between

__all__ = ["OutdatedSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdatedSettings:
    """How agency notices are tied to the copy that they are about."""

    tie_days: float = 7.0
    """Days before a notice in which the article that it is about is looked for."""

    def __post_init__(self) -> None:
        require_between(self, 0.01, 366, "tie_days")
