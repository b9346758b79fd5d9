"""Articles that tests write themselves."""

from typing import Any

from wirethread.articles.parsing.parse import parse_article
from wirethread.articles.types.articles import ParsedArticle, RejectedArticle, SourceArticle

PROSE = (
    "The harbour council voted on Monday to repair the old lighthouse before winter, after three "
    "engineers had warned that its upper gallery could fall into the sea."
)


def make_source(
    text: str, title: str = "Council saves the lighthouse", **fields: Any
) -> SourceArticle:
    """Return a source article of the invented Harbour Gazette."""
    known = {"source": "test:1", "source_id": None, "url": None, "outlet": "Harbour Gazette"}
    return SourceArticle(**{**known, **fields, "title": title, "text": text})


def parse(text: str, title: str = "Council saves the lighthouse", **fields: Any) -> ParsedArticle:
    """Return the parsed article; it must not be rejected."""
    parsed = parse_article(make_source(text, title, **fields))
    assert not isinstance(parsed, RejectedArticle), parsed.reason
    return parsed


def kinds_of(parsed: ParsedArticle) -> list[tuple[str, str]]:
    """Return each paragraph's kind and text."""
    return [(paragraph.kind.value, paragraph.text) for paragraph in parsed.paragraphs]


def credits_of(parsed: ParsedArticle) -> list[tuple[str, str, str, str]]:
    """Return agency, role, rule and evidence of each credit, and check where the words stand."""
    for credit in parsed.credits:
        if credit.begin >= 0:
            assert parsed.article.text[credit.begin : credit.end] == credit.evidence
        else:
            assert (credit.begin, credit.end) == (-1, -1)
    return [(c.agency, c.role.value, c.rule, c.evidence) for c in parsed.credits]
