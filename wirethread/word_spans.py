"""Whose words each character of an article is: spans that never overlap and cover its body.

The claims of passages on a paragraph may overlap. They are taken as the archive took them when it
told what the article derives from, so that the spans add up to the shares it states: the passage
that the archive names for the paragraph first, then the surest and longest; a claim counts where
better ones left it half of what it claims.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from wirethread.articles.types.articles import Paragraph, ParagraphKind
from wirethread.clustering.passages.own_copy import find_own_agency
from wirethread.storage.answers.page.article import ArticlePage, Claim, ParagraphSourceRow

__all__ = ["OwnerKind", "ParagraphWords", "WordSpan", "WordsShare", "split_words", "sum_shares"]

NOT_FOUND = "not found elsewhere"
_RIVAL = 0.5
"""As in `clustering/passages/derivation.py`."""


class OwnerKind(StrEnum):
    """Whose words a span carries."""

    AGENCY = "agency"
    CREDITED = "credited"
    """The article credits an agency with them, and they were found in no other article."""
    OUTLET = "outlet"
    """Another outlet's, which ran them first and credits no agency."""
    SHARED = "shared"
    """Also in other outlets, and nobody can say who ran them first."""
    OWN = "own"
    """The outlet's own: it says so ("told this newspaper"), or ran first what others have too."""
    NOT_FOUND = "not found"
    """Found in no other article, which says nothing of whose they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordSpan:
    """Characters `begin` to `end` of the article's text, and whose words they are."""

    begin: int
    end: int
    owner: str
    """Agency or outlet; the outlet of the article for its own words."""
    kind: OwnerKind
    claim: Claim | None
    """The passage behind it, also for own words that others have copied."""
    reason: str
    """How that is known; empty for own words that stand nowhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphWords:
    """A paragraph and its spans, in order; only body paragraphs have any."""

    paragraph: Paragraph
    spans: Sequence[WordSpan]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsShare:
    """How many characters of the body are one owner's."""

    owner: str
    kind: OwnerKind
    n_characters: int
    share: float
    """Of the body, 0 to 1; the shares of an article add up to 1."""


def split_words(page: ArticlePage) -> list[ParagraphWords]:
    """Return the paragraphs of an article in order, the body ones cut into spans by owner."""
    printed = _find_printed(page)
    told: dict[int, list[ParagraphSourceRow]] = {}
    for row in page.paragraph_sources:
        told.setdefault(row.position, []).append(row)
    words = []
    for paragraph in page.parsed.paragraphs:
        spans: list[WordSpan] = []
        if paragraph.kind is ParagraphKind.BODY:
            spans = _split_paragraph(page, paragraph, told.get(paragraph.position, []))
            if printed is not None:
                spans = [_credit_span(span, printed, page) for span in spans]
        words.append(ParagraphWords(paragraph=paragraph, spans=spans))
    return words


def sum_shares(words: Sequence[ParagraphWords]) -> list[WordsShare]:
    """Return the owners of the words: agencies, then outlets, the largest first, then own words,
    then those that were found nowhere else.
    """
    counts: dict[tuple[OwnerKind, str], int] = {}
    for span in (span for word in words for span in word.spans):
        key = (span.kind, span.owner)
        counts[key] = counts.get(key, 0) + span.end - span.begin
    total = max(sum(counts.values()), 1)
    order = list(OwnerKind)
    return [
        WordsShare(owner=owner, kind=kind, n_characters=n, share=n / total)
        for (kind, owner), n in sorted(
            counts.items(), key=lambda item: (order.index(item[0][0]), -item[1], item[0][1])
        )
    ]


def _find_printed(page: ArticlePage) -> str | None:
    """Return the agency as whose article the whole was printed, None where there is none."""
    if page.own_agency is not None:
        return None
    return find_own_agency(page.parsed.credits, outlet=page.parsed.article.outlet)


def _credit_span(span: WordSpan, agency: str, page: ArticlePage) -> WordSpan:
    """Give an agency the words of its printed article that were not found anywhere else."""
    if span.kind is OwnerKind.AGENCY or (span.kind is OwnerKind.OWN and span.claim is None):
        return span
    return replace(
        span,
        owner=agency,
        kind=OwnerKind.CREDITED,
        reason=page.derivation_reason or f"printed as {agency}'s article",
    )


def _split_paragraph(
    page: ArticlePage, paragraph: Paragraph, told: Sequence[ParagraphSourceRow]
) -> list[WordSpan]:
    named = {row.passage_id for row in told}
    inside = [one for one in page.claims if one.begin < paragraph.end and paragraph.begin < one.end]
    inside.sort(
        key=lambda one: (
            one.passage_id not in named,
            -one.confidence,
            one.begin - one.end,
            one.passage_id,
        )
    )
    free = [(paragraph.begin, paragraph.end)]
    spans = []
    for claim in inside:
        begin, end = max(claim.begin, paragraph.begin), min(claim.end, paragraph.end)
        taken = [(max(a, begin), min(b, end)) for a, b in free if max(a, begin) < min(b, end)]
        if sum(b - a for a, b in taken) < _RIVAL * (end - begin) or not taken:
            continue
        free = _cut(free, begin, end)
        spans += [_claim_span(page, claim, a, b) for a, b in taken]
    credited = next((row for row in told if row.passage_id is None and row.agency), None)
    evidence = page.own_paragraphs.get(paragraph.position)
    spans += [_rest_span(page, credited, evidence, a, b) for a, b in free]
    return _join(sorted(spans, key=lambda one: one.begin), page.parsed.article.text)


def _cut(free: Sequence[tuple[int, int]], begin: int, end: int) -> list[tuple[int, int]]:
    rest = []
    for a, b in free:
        rest += [(x, y) for x, y in ((a, min(b, begin)), (max(a, end), b)) if x < y]
    return rest


def _claim_span(page: ArticlePage, claim: Claim, begin: int, end: int) -> WordSpan:
    outlet = page.own_agency or page.parsed.article.outlet
    if page.own_agency is not None and claim.agency in (None, page.own_agency):
        kind, owner = OwnerKind.OWN, outlet
    elif claim.agency is not None:
        kind, owner = OwnerKind.AGENCY, claim.agency
    elif claim.origin_article_id == page.article_id:
        kind, owner = OwnerKind.OWN, outlet
    elif claim.origin_outlet is not None:
        kind, owner = OwnerKind.OUTLET, claim.origin_outlet
    else:
        kind, owner = OwnerKind.SHARED, "first place unknown"
    return WordSpan(begin=begin, end=end, owner=owner, kind=kind, claim=claim, reason=claim.reason)


def _rest_span(
    page: ArticlePage,
    credited: ParagraphSourceRow | None,
    evidence: str | None,
    begin: int,
    end: int,
) -> WordSpan:
    if evidence is None and credited is not None and credited.agency not in (None, page.own_agency):
        return WordSpan(
            begin=begin,
            end=end,
            owner=str(credited.agency),
            kind=OwnerKind.CREDITED,
            claim=None,
            reason=credited.reason,
        )
    if evidence is None and page.own_agency is None:
        kind, owner = OwnerKind.NOT_FOUND, NOT_FOUND
    else:
        kind, owner = OwnerKind.OWN, page.own_agency or page.parsed.article.outlet
    reason = f"it says so: “{evidence}”" if evidence and page.own_agency is None else ""
    return WordSpan(begin=begin, end=end, owner=owner, kind=kind, claim=None, reason=reason)


def _join(spans: Sequence[WordSpan], text: str) -> list[WordSpan]:
    """Give a gap of nothing but spaces and stops to the span before it."""
    joined: list[WordSpan] = []
    for span in spans:
        is_gap = span.claim is None and not any(
            letter.isalnum() for letter in text[span.begin : span.end]
        )
        if is_gap and joined and joined[-1].end == span.begin:
            joined[-1] = replace(joined[-1], end=span.end)
        else:
            joined.append(span)
    return joined
