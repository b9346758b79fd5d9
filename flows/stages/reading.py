"""Pages of web archives in, articles out. Memory: some twenty times a page, one page at a time."""

from collections.abc import Callable, Sequence

from wirethread.articles.reading.warc import SavedAnswer, read_answer
from wirethread.articles.types.articles import RejectedArticle, SourceArticle

__all__ = ["read_answers"]


def read_answers(
    found: Sequence[SourceArticle | RejectedArticle | SavedAnswer], tell: Callable[[float], None]
) -> list[SourceArticle | RejectedArticle]:
    """Return what was found, with the articles in place of the pages."""
    return [read_answer(one) if isinstance(one, SavedAnswer) else one for one in found]
