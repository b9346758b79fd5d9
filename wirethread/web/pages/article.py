"""`/article/ID`: whose words an article carries, and how one knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from wirethread.articles.types.articles import ArticleId, CreditRole, PassageId, TimePrecision
from wirethread.clustering.paragraphs.differences import mark_differences
from wirethread.clustering.types import DiffPiece
from wirethread.storage.answers.article import find_article
from wirethread.storage.answers.page.article import (
    ArticlePage,
    OtherPlace,
    OutdatedWords,
    StatedNotice,
    StoryOf,
    load_article_page,
    load_version_text,
)
from wirethread.storage.answers.types import ArticleVersion
from wirethread.web.drawing.bars import BarPart, draw_bar
from wirethread.web.drawing.words import format_share, possessive
from wirethread.web.palette import Palette
from wirethread.web.site import Ask, Site
from wirethread.web.twins import add_twin
from wirethread.word_spans import OwnerKind, WordSpan, WordsShare, split_words, sum_shares

__all__ = ["ArticleAnswer", "add_article"]

UNMARKED = (OwnerKind.OWN, OwnerKind.NOT_FOUND)
"""Words that are no copy, or not known to be: they are drawn plainly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanAnswer:
    """Words of the article, and whose they are. Offsets count the article's characters."""

    begin: int
    end: int
    text: str
    owner: str
    kind: OwnerKind
    relation: str | None
    confidence: float | None
    """Of the agency, 0 to 1; None where none is named."""
    reason: str
    evidence: str | None
    """The words that prove it."""
    evidence_article_id: ArticleId | None
    evidence_outlet: str | None
    passage_id: PassageId | None
    origin_article_id: ArticleId | None
    origin_outlet: str | None
    origin_published_at: datetime | None
    origin_precision: TimePrecision | None
    n_places: int
    """Places of the passage, this one included; 0 where the words stand nowhere else."""
    n_outlets: int
    other_places: Sequence[OtherPlace]
    """The first six of them in the order of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphAnswer:
    """A paragraph and its spans; only those of kind `body` have any."""

    position: int
    kind: str
    begin: int
    end: int
    text: str
    spans: Sequence[SpanAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAnswer:
    """A statement of the article about where its text or pictures come from."""

    agency: str
    role: str
    rule: str
    evidence: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleAnswer:
    """An article, paragraph by paragraph, with the source of every word."""

    article_id: ArticleId
    outlet: str
    headline: str
    byline: str | None
    url: str | None
    published_at: datetime | None
    published_precision: TimePrecision
    updated_at: datetime | None
    language: str | None
    derivation: str | None
    wire_share: float | None
    reason: str | None
    """How the derivation was decided."""
    own_agency: str | None
    """The agency whose own outlet this is."""
    shares: Sequence[WordsShare]
    """Whose words, by characters of the body: the sum of the spans."""
    credits: Sequence[CreditAnswer]
    paragraphs: Sequence[ParagraphAnswer]
    story: StoryOf | None
    duplicates: Sequence[OtherPlace]
    versions: Sequence[ArticleVersion]
    is_current: bool
    notices: Sequence[StatedNotice]
    outdated: Sequence[OutdatedWords]
    against: ArticleId | None
    """The version that `differences` compares with."""
    differences: Sequence[DiffPiece]
    """This text beside that of `against`, which is the left one."""


def answer_article(
    ask: Ask,
    *,
    key: Annotated[str, Path(description="Id of an article, or a clear beginning of one.")],
    against: Annotated[
        str | None, Query(description="Id of another version to compare the text with.")
    ] = None,
) -> ArticleAnswer:
    """An article, paragraph by paragraph: whose words, how one knows, and where else they stand."""
    page = load_article_page(ask.catalog, key)
    article = page.parsed.article
    words = split_words(page)
    other = None if against is None else find_article(ask.catalog, against)
    return ArticleAnswer(
        article_id=page.article_id,
        outlet=article.outlet,
        headline=article.headline,
        byline=article.byline,
        url=article.url,
        published_at=article.published_at,
        published_precision=article.published_precision,
        updated_at=article.updated_at,
        language=article.language,
        derivation=page.derivation,
        wire_share=page.wire_share,
        reason=page.derivation_reason,
        own_agency=page.own_agency,
        shares=sum_shares(words),
        credits=[
            CreditAnswer(
                agency=credit.agency,
                role=credit.role.value,
                rule=credit.rule,
                evidence=credit.evidence,
                begin=credit.begin,
                end=credit.end,
            )
            for credit in page.parsed.credits
        ],
        paragraphs=[
            ParagraphAnswer(
                position=word.paragraph.position,
                kind=word.paragraph.kind.value,
                begin=word.paragraph.begin,
                end=word.paragraph.end,
                text=word.paragraph.text,
                spans=[_tell_span(page, span) for span in word.spans],
            )
            for word in words
        ],
        story=page.story,
        duplicates=page.duplicates,
        versions=page.versions,
        is_current=all(
            version.is_current for version in page.versions if version.article_id == page.article_id
        ),
        notices=page.notices,
        outdated=page.outdated,
        against=other,
        differences=[]
        if other is None
        else mark_differences(load_version_text(ask.catalog, other), article.text),
    )


def _tell_span(page: ArticlePage, span: WordSpan) -> SpanAnswer:
    claim = span.claim
    return SpanAnswer(
        begin=span.begin,
        end=span.end,
        text=page.parsed.article.text[span.begin : span.end],
        owner=span.owner,
        kind=span.kind,
        relation=claim.relation if claim and span.kind is not OwnerKind.OWN else None,
        confidence=claim.confidence if claim and claim.agency else None,
        reason=span.reason,
        evidence=claim.evidence if claim else _find_credit_words(page, span),
        evidence_article_id=claim.evidence_article_id if claim else None,
        evidence_outlet=claim.evidence_outlet if claim else None,
        passage_id=claim.passage_id if claim else None,
        origin_article_id=claim.origin_article_id if claim else None,
        origin_outlet=claim.origin_outlet if claim else None,
        origin_published_at=claim.origin_published_at if claim else None,
        origin_precision=claim.origin_precision if claim else None,
        n_places=claim.n_places if claim else 0,
        n_outlets=claim.n_outlets if claim else 0,
        other_places=[
            place for place in page.places if claim and place.passage_id == claim.passage_id
        ],
    )


def _find_credit_words(page: ArticlePage, span: WordSpan) -> str | None:
    if span.kind is not OwnerKind.CREDITED:
        return None
    return next(
        (
            credit.evidence
            for credit in page.parsed.credits
            if credit.agency == span.owner and credit.role is not CreditRole.PHOTO
        ),
        None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """An owner of words in the legend of the page."""

    owner: str
    letter: str
    css: str
    kind: str
    share: float
    said: str | None
    """The words by which the article credits the owner, None where it does not."""
    is_credited: bool
    proof: SpanAnswer | None
    """The span that proves it best."""


def view_article(ask: Ask, answer: ArticleAnswer) -> Mapping[str, Any]:
    """Return what the page draws beside the answer: marks, legend, bar, verdict."""
    palette = Palette(one.owner for one in answer.shares if one.kind not in UNMARKED)
    spans = [span for paragraph in answer.paragraphs for span in paragraph.spans]
    legend = [_describe_owner(answer, palette, share, spans) for share in answer.shares]
    marks = {(one.owner, one.kind): (one.letter, one.css) for one in legend}
    bar = draw_bar(
        [
            BarPart(
                share=entry.share,
                css=entry.css,
                letter=entry.letter,
                words=f"{entry.owner}: {format_share(entry.share)}",
            )
            for entry in legend
        ],
        height=18,
        title="Whose words: "
        + ", ".join(f"{one.owner} {format_share(one.share)}" for one in legend),
    )
    return {
        "legend": legend,
        "marks": marks,
        "bar": bar,
        "verdict": state_verdict(answer, legend),
        "palette": palette,
        "repeats": _find_repeats(answer.paragraphs),
        "quiet": _find_quiet(answer),
    }


def _describe_owner(
    answer: ArticleAnswer, palette: Palette, share: WordsShare, spans: Sequence[SpanAnswer]
) -> Legend:
    mine = [span for span in spans if (span.owner, span.kind) == (share.owner, share.kind)]
    said = next(
        (
            credit.evidence
            for credit in answer.credits
            if credit.agency == share.owner and credit.role in ("source", "contributor")
        ),
        None,
    )
    if share.kind is OwnerKind.NOT_FOUND:
        letter, css = "?", "own"
    elif share.kind is OwnerKind.OWN and answer.own_agency is None:
        letter, css = "own", "own"
    else:
        mark = palette.mark(share.owner)
        letter, css = mark.letter, f"s{mark.colour}"
    if share.kind is OwnerKind.CREDITED:
        css += " credited"
    proofs = [one for one in mine if one.evidence or one.reason]
    return Legend(
        owner=share.owner,
        letter=letter,
        css=css,
        kind=share.kind.value,
        share=share.share,
        said=said,
        is_credited=any(credit.agency == share.owner for credit in answer.credits),
        proof=max(proofs, key=lambda one: (one.evidence is not None, one.confidence or 0))
        if proofs
        else None,
    )


def state_verdict(answer: ArticleAnswer, legend: Sequence[Legend]) -> str:
    """Return whose words these are, in a sentence that agrees with the bar."""
    others = [one for one in legend if one.kind not in UNMARKED]
    own = next((one for one in legend if one.kind == OwnerKind.OWN), None)
    unknown = next((one for one in legend if one.kind == OwnerKind.NOT_FOUND), None)
    if answer.own_agency is not None and not others:
        return f"These are {possessive(answer.own_agency)} own words, on its own outlet."
    if not others:
        return _state_untraced(answer, own)
    shares: dict[str, float] = {}
    for one in others:
        shares[one.owner] = shares.get(one.owner, 0.0) + one.share
    named = [f"{format_share(share)} are {possessive(owner)}" for owner, share in shares.items()]
    if unknown is not None:
        named.append(f"{format_share(unknown.share)} were not found elsewhere")
    words = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    if own is None:
        if len(shares) == 1 and unknown is None:
            return f"All of these words are {possessive(next(iter(shares)))}."
        none = "" if unknown else f"; none are {possessive(answer.outlet)} own"
        return f"Of these words {words}{none}."
    return f"Of these words {words}, {format_share(own.share)} are {possessive(own.owner)} own."


def _state_untraced(answer: ArticleAnswer, own: Legend | None) -> str:
    """Return what is known of an article of which nothing was found elsewhere."""
    credited = sorted({credit.agency for credit in answer.credits if credit.role != "photo"})
    if credited:
        return (
            f"It credits {', '.join(credited)}, and no copy was found elsewhere: "
            "how much of it is theirs is not known."
        )
    if own is None:
        return "No copy of these words was found elsewhere."
    shown = f"{format_share(own.share)} show that they are {possessive(answer.outlet)} own"
    return f"No copy of these words was found elsewhere; {shown}."


def _find_repeats(paragraphs: Sequence[ParagraphAnswer]) -> set[tuple[int, int]]:
    """Return (paragraph, span) pairs whose proof was shown in full further up."""
    seen: set[tuple[Any, ...]] = set()
    repeats = set()
    for paragraph in paragraphs:
        for number, span in enumerate(paragraph.spans):
            key = (span.owner, span.kind, span.evidence, span.evidence_article_id, span.reason)
            if key in seen:
                repeats.add((paragraph.position, number))
            seen.add(key)
    return repeats


def _find_quiet(answer: ArticleAnswer) -> set[int]:
    """Return the paragraphs that are the outlet's own alone, after another such one."""
    quiet, before = set(), False
    for paragraph in answer.paragraphs:
        is_plain = bool(paragraph.spans) and all(
            span.kind in UNMARKED and not span.reason and span.n_outlets < 2
            for span in paragraph.spans
        )
        if is_plain and before:
            quiet.add(paragraph.position)
        before = is_plain
    return quiet


def add_article(router: APIRouter, site: Site) -> None:
    """Add the page and its twin."""
    add_twin(
        router,
        site,
        "/article/{key}",
        answer_article,
        template="article.html",
        model=ArticleAnswer,
        view=view_article,
    )
