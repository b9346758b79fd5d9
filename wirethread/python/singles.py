"""Single answers: what the command line shows of one thing, with a page and a look of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from wirethread.flows.operations.explain import PairReport
from wirethread.python.shown import (
    draw_article,
    draw_cluster,
    draw_passages,
    draw_thread,
    link_page,
)
from wirethread.storage.answers.types import (
    ArticleDetail,
    ArticleSummary,
    ClusterDetail,
    ThreadDetail,
)

__all__ = ["Article", "Pair", "StoryCluster", "StoryThread", "extend"]

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article(ArticleDetail):
    """Everything about one article, paragraph by paragraph."""

    url: str
    """Its page, as `wirethread serve` shows it; the address of the original is `summary.url`."""

    def _repr_html_(self) -> str:
        return draw_article(self, self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCluster(ClusterDetail):
    """Everything about one story cluster."""

    url: str
    """Its page, as `wirethread serve` shows it."""

    def _repr_html_(self) -> str:
        return draw_cluster(self, self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryThread(ThreadDetail):
    """Everything about one story thread."""

    url: str
    """Its page, as `wirethread serve` shows it."""
    articles: Sequence[ArticleSummary]
    """Of all its clusters, by time of publication, undated ones last."""

    def _repr_html_(self) -> str:
        return draw_thread(self, self.articles, self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair(PairReport):
    """Everything that was decided about two articles."""

    url: str
    """Both side by side, as `wirethread serve` shows them."""

    def _repr_html_(self) -> str:
        title = (
            f"{self.left.outlet}: {self.left.headline} / {self.right.outlet}: {self.right.headline}"
        )
        matches = [passage.pieces for passage in self.copy.passages if passage.match.is_match]
        told = f"{self.copy.verdict}; {self.story.verdict}"
        return draw_passages(title, told, matches) + link_page(self.url)


def extend(kind: type[Made], found: Any, **more: Any) -> Made:
    """Return `found`, a record of a dataclass that `kind` extends, as one of `kind`."""
    return kind(**{field.name: getattr(found, field.name) for field in fields(found)}, **more)
