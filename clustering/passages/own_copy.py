"""Which agency's own copy a whole article is, by what the article says of itself."""

from collections.abc import Callable, Sequence

from wirethread.articles.credits.agencies import find_agency
from wirethread.articles.credits.shared import (
    is_agencys_writers_line,
    is_shared_byline,
    is_shared_dateline,
)
from wirethread.articles.types.articles import CreditRole, ParsedArticle, WireCredit
from wirethread.clustering.types import ArticleText

__all__ = [
    "find_contributors",
    "find_own_agency",
    "find_unnamed_credit",
    "is_from_a_paper",
    "to_article_text",
]

WHOLE_TEXT = (CreditRole.SOURCE, CreditRole.HANDOUT, CreditRole.SYNDICATED)
"""Roles of who wrote a text as a whole."""


def to_article_text(parsed: ParsedArticle) -> ArticleText:
    """Keep what passage matching looks at."""
    article = parsed.article
    statements = [
        credit
        for credit in parsed.credits
        if credit.role is not CreditRole.PHOTO and credit.agency and not is_from_a_paper(credit)
    ]
    return ArticleText(
        article_id=article.article_id,
        outlet=article.outlet,
        url=article.url,
        language=article.language,
        headline=article.headline,
        published_at=article.published_at,
        published_precision=article.published_precision,
        agency=find_own_agency(statements, outlet=article.outlet),
        credited_agencies=frozenset(one.agency for one in statements),
        paragraphs=parsed.paragraphs,
        byline=article.byline,
        contributors=find_contributors(statements),
        unnamed_credit=find_unnamed_credit(parsed.credits),
        credit_evidence={
            # words in the text prove more than a field beside it; the last entry stands
            statement.agency: statement.evidence
            for statement in sorted(statements, key=lambda one: (one.begin >= 0, -one.begin))
        },
    )


def find_own_agency(statements: Sequence[WireCredit], *, outlet: str = "") -> str | None:
    """The agency whose copy the whole article is; None where no line says so, or two disagree.

    The outlet and a field of the agency's name say it most surely, then a dateline, a byline, a
    copyright line and a line of the agency's own writers. A line that names others beside the
    agency says only that it contributed, and so does an author field with further names.
    """
    claims: tuple[Callable[[WireCredit], bool], ...] = (
        lambda credit: _is_source(credit, "outlet"),
        lambda credit: _is_source(credit, "agency"),
        lambda credit: _is_source(credit, "dateline") and not is_shared_dateline(credit.evidence),
        lambda credit: _is_own_byline(credit, outlet),
        lambda credit: _is_source(credit, "copyright_line"),
        lambda credit: _is_source(credit, "syndication_line") or _is_source(credit, "blurb"),
        lambda credit: _is_writers_line(credit, outlet),
    )
    shared = {
        credit.agency
        for credit in statements
        if credit.rule == "byline" and not _is_own_byline(credit, outlet)
    }
    for number, claim in enumerate(claims):
        agencies = {credit.agency for credit in statements if claim(credit)}
        if number > 3:  # a line at the foot says little under a byline of the paper's reporter
            agencies -= shared
        if agencies:
            return agencies.pop() if len(agencies) == 1 else None
    return None


def is_from_a_paper(credit: WireCredit) -> bool:
    """Whether a republisher's line names another newspaper, which is no agency.

    Its article is the origin where the archive holds it; the text is no wire copy.
    """
    return credit.role is CreditRole.SYNDICATED and find_agency(credit.agency) is None


def find_contributors(statements: Sequence[WireCredit]) -> frozenset[str]:
    """The agencies that are credited with no more than a part of the text."""
    wholes = {
        statement.agency for statement in statements if statement.role is not CreditRole.CONTRIBUTOR
    }
    return frozenset(statement.agency for statement in statements) - wholes


def find_unnamed_credit(statements: Sequence[WireCredit]) -> str | None:
    """The words of a credit that names no agency: "based in part on wire service reports"."""
    return next(
        (
            statement.evidence
            for statement in statements
            if not statement.agency and statement.role is not CreditRole.PHOTO
        ),
        None,
    )


def _is_source(credit: WireCredit, rule: str) -> bool:
    return credit.role in WHOLE_TEXT and credit.rule == rule


def _is_own_byline(credit: WireCredit, outlet: str) -> bool:
    is_field = credit.begin < 0
    return (
        _is_source(credit, "byline")
        and not (is_field and credit.evidence.count(",") > 1)  # not all can be its own
        and not is_shared_byline(credit.evidence, outlet=outlet, is_field=is_field)
    )


def _is_writers_line(credit: WireCredit, outlet: str) -> bool:
    return credit.rule == "contributor_line" and is_agencys_writers_line(
        credit.evidence, outlet=outlet
    )
