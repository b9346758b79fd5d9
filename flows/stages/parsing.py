"""Parsing: articles as they were read in, parsed ones and refusals out.

Memory: a few times what came in.
"""

from collections.abc import Callable, Sequence

from wirethread.articles.parsing.parse import parse_article
from wirethread.articles.types.articles import ParsedArticle, RejectedArticle, SourceArticle

__all__ = ["parse_found"]


def parse_found(
    found: Sequence[SourceArticle | RejectedArticle], tell: Callable[[float], None]
) -> tuple[list[ParsedArticle], list[RejectedArticle]]:
    """Parse what was read; what cannot be parsed joins what could not be read."""
    parsed: list[ParsedArticle] = []
    rejected: list[RejectedArticle] = []
    for entry in found:
        result = entry if isinstance(entry, RejectedArticle) else parse_article(entry)
        if isinstance(result, RejectedArticle):
            rejected.append(result)
        else:
            parsed.append(result)
    return parsed, rejected
