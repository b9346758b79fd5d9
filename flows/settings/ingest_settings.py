"""Settings of the intake, apart from it: who only asks questions parses no articles."""

from dataclasses import dataclass

__all__ = ["IngestSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings:
    """How articles are taken in."""

    articles_per_batch: int = 500
    """Articles stored in one transaction; at least 1."""

    def __post_init__(self) -> None:
        if self.articles_per_batch < 1:
            raise ValueError(
                f"articles_per_batch must be at least 1, not {self.articles_per_batch}"
            )
