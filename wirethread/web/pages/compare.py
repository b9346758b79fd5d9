"""`/compare/A/B`: two articles side by side, what they share, and what differs in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from wirethread.articles.types.articles import (
    ArticleId,
    ParagraphKind,
    ParsedArticle,
    Relation,
    TimePrecision,
)
from wirethread.clustering.paragraphs.differences import mark_differences
from wirethread.clustering.paragraphs.facts import FactDifference, compare_facts
from wirethread.clustering.types import DiffPiece, NamedScore
from wirethread.storage.answers.page.compare import (
    ComparedPair,
    StoredVerdict,
    load_compared_pair,
)
from wirethread.web.drawing.pieces import Piece, mark_side
from wirethread.web.drawing.words import say_count, say_relation, to_sentence
from wirethread.web.palette import Palette
from wirethread.web.site import Ask, Line, Site
from wirethread.web.twins import add_twin

__all__ = ["CompareAnswer", "add_compare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideAnswer:
    """One of the two articles."""

    article_id: ArticleId
    outlet: str
    headline: str
    url: str | None
    published_at: datetime | None
    published_precision: TimePrecision
    language: str | None
    own_agency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPassage:
    """Two spans that carry the same copy, or came near."""

    begin: int
    end: int
    other_begin: int
    other_end: int
    relation: str
    score: float
    is_match: bool
    reason: str
    passage_id: str | None
    pieces: Sequence[DiffPiece]
    facts: Sequence[FactDifference]
    """Figures, days and names that only one side has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredPassage:
    """The measurements behind a verdict."""

    begin: int
    end: int
    other_begin: int
    other_end: int
    relation: str
    score: float
    is_match: bool
    reason: str
    rules: Sequence[str]
    scores: Sequence[NamedScore]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareWhy:
    """Every score and rule, worked out anew; of the story only where that was asked for."""

    copy_verdict: str
    notes: Sequence[str]
    passages: Sequence[ScoredPassage]
    story_verdict: str | None
    link_verdict: str | None
    link_parts: Sequence[NamedScore]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareAnswer:
    """Two articles side by side."""

    left: SideAnswer
    right: SideAnswer
    verdict: str
    order: str
    """Which ran first, or why that is not known."""
    passages: Sequence[SharedPassage]
    """Matches in the order of the left text; where there are none, the nearest that is stored."""
    facts: Sequence[FactDifference]
    """Of all matches together."""
    why: CompareWhy | None
    """Scores and rules: all where they were asked for; those of copy where no verdict is stored."""


def answer_compare(
    ask: Ask,
    *,
    left: Annotated[str, Path(description="Id of the one article.")],
    right: Annotated[str, Path(description="Id of the other.")],
    why: Annotated[bool, Query(description="With every score and rule; takes longer.")] = False,
) -> CompareAnswer:
    """Two articles side by side: what they share, how the words differ, and who ran it first."""
    pair = load_compared_pair(ask.catalog, left, right)
    ask.memo["pair"] = pair
    passages = [_share(pair, verdict, verdict.passage_id) for verdict in pair.verdicts]
    matches = [
        passage
        for passage in passages
        if passage.is_match and passage.relation != Relation.QUOTATION
    ]
    explained = _explain(ask, pair, with_story=why) if why or not passages else None
    if not passages and explained is not None:
        passages = [_share(pair, passage, None) for passage in explained.passages[:2]]
    shown = matches or passages[:5]
    return CompareAnswer(
        left=_describe_side(pair, pair.left),
        right=_describe_side(pair, pair.right),
        verdict=_state_verdict(matches, passages, explained),
        order=_state_order(pair),
        passages=shown,
        facts=_merge_facts(matches),
        why=explained,
    )


def _share(
    pair: ComparedPair, found: StoredVerdict | ScoredPassage, passage_id: str | None
) -> SharedPassage:
    left = pair.left.article.text[found.begin : found.end]
    right = pair.right.article.text[found.other_begin : found.other_end]
    return SharedPassage(
        begin=found.begin,
        end=found.end,
        other_begin=found.other_begin,
        other_end=found.other_end,
        relation=found.relation,
        score=found.score,
        is_match=found.is_match,
        reason=found.reason,
        passage_id=passage_id,
        pieces=mark_differences(left, right),
        facts=compare_facts(
            left,
            right,
            left_language=pair.left.article.language,
            right_language=pair.right.article.language,
        ),
    )


def _describe_side(pair: ComparedPair, side: ParsedArticle) -> SideAnswer:
    article = side.article
    return SideAnswer(
        article_id=article.article_id,
        outlet=article.outlet,
        headline=article.headline,
        url=article.url,
        published_at=article.published_at,
        published_precision=article.published_precision,
        language=article.language,
        own_agency=pair.agencies.get(article.article_id),
    )


def _state_verdict(
    matches: Sequence[SharedPassage], passages: Sequence[SharedPassage], why: CompareWhy | None
) -> str:
    if matches:
        relations = [say_relation(match.relation) for match in matches]
        ways = ", ".join(f"{relations.count(way)} {way}" for way in dict.fromkeys(relations))
        return f"They share {say_count(len(matches), 'passage')}: {ways}."
    if any(passage.relation == Relation.QUOTATION for passage in passages):
        return "No shared copy: they share a quotation, which is no evidence of copying."
    if why is not None:
        return to_sentence(why.copy_verdict)
    return "No shared copy: what came nearest was not enough."


def _state_order(pair: ComparedPair) -> str:
    left, right = pair.left.article, pair.right.article
    if left.published_at is None or right.published_at is None:
        return "Which ran first is not known: a time is missing."
    vague = TimePrecision.DAY in (left.published_precision, right.published_precision)
    if vague and abs((left.published_at - right.published_at).total_seconds()) < 86_400:
        return "Which ran first is not known: a mere day does not tell."
    if left.published_at == right.published_at:
        return "Which ran first is not known: both bear the same time."
    first = left if left.published_at < right.published_at else right
    return f"{first.outlet} ran first."


def _merge_facts(matches: Sequence[SharedPassage]) -> list[FactDifference]:
    merged: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for match in matches:
        for fact in match.facts:
            left, right = merged.setdefault(fact.kind, ({}, {}))
            left.update(dict.fromkeys(fact.left))
            right.update(dict.fromkeys(fact.right))
    return [
        FactDifference(kind=kind, left=tuple(left), right=tuple(right))
        for kind, (left, right) in merged.items()
    ]


def _explain(ask: Ask, pair: ComparedPair, *, with_story: bool) -> CompareWhy | None:
    ids = pair.left.article.article_id, pair.right.article.article_id
    if ids[0] == ids[1]:
        return None
    from wirethread.flows.operations.explain import (  # noqa: PLC0415 - brings the road along
        explain_copy,
        explain_story,
        open_stored_vectors,
    )

    settings = ask.site.run_settings
    vectors = ask.snapshot.make_once(
        "stored vectors", lambda catalog: open_stored_vectors(catalog, settings)
    )
    sides = pair.left, pair.right
    copy = explain_copy(ask.catalog, vectors, settings, sides)
    story = explain_story(ask.catalog, vectors, settings, sides) if with_story else None
    is_turned = copy.left_id != ids[0]
    link = None if story is None else story.link
    return CompareWhy(
        copy_verdict=copy.verdict,
        notes=copy.notes,
        passages=[
            ScoredPassage(
                begin=passage.match.right_begin if is_turned else passage.match.left_begin,
                end=passage.match.right_end if is_turned else passage.match.left_end,
                other_begin=passage.match.left_begin if is_turned else passage.match.right_begin,
                other_end=passage.match.left_end if is_turned else passage.match.right_end,
                relation=passage.relation.value,
                score=passage.match.score,
                is_match=passage.match.is_match,
                reason=passage.match.reason,
                rules=passage.rules,
                scores=passage.scores,
            )
            for passage in copy.passages
        ],
        story_verdict=None if story is None else story.verdict,
        link_verdict=None if link is None else link.verdict,
        link_parts=[]
        if link is None
        else [
            NamedScore(name=part.name, value=part.value, meaning=part.meaning)
            for part in link.parts
        ],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the two columns: a shared passage with both texts in pieces, or context."""

    passage: SharedPassage | None
    number: int
    left: Sequence[Piece]
    right: Sequence[Piece]


def view_compare(ask: Ask, answer: CompareAnswer) -> Mapping[str, Any]:
    """Return the two columns row by row."""
    pair: ComparedPair = ask.memo["pair"]
    palette = Palette()
    agency = answer.left.own_agency or answer.right.own_agency
    return {
        "rows": list_rows(pair, answer.passages),
        "css": f"s{palette.mark(agency).colour}" if agency else "s7",
        "sides": (answer.left, answer.right),
    }


def list_rows(pair: ComparedPair, passages: Sequence[SharedPassage]) -> list[Row]:
    """Return shared passages in the order of the left text, with the context around them."""
    rows: list[Row] = []
    texts = pair.left.article.text, pair.right.article.text
    left_at = right_at = 0
    taken = [(one.other_begin, one.other_end) for one in passages]
    for number, passage in enumerate(sorted(passages, key=lambda one: one.begin), 1):
        if rows and passage.begin < left_at:
            continue  # a second verdict on the same words
        other_at = max(passage.other_begin, right_at)
        rows += _pair_context(pair, (left_at, passage.begin), (right_at, other_at), taken)
        left, right = (
            texts[0][passage.begin : passage.end],
            texts[1][passage.other_begin : passage.other_end],
        )
        rows.append(
            Row(
                passage=passage,
                number=number,
                left=mark_side(left, right),
                right=mark_side(right, left),
            )
        )
        left_at, right_at = passage.end, max(right_at, passage.other_end)
    ends = len(texts[0]), len(texts[1])
    return rows + _pair_context(pair, (left_at, ends[0]), (right_at, ends[1]), taken)


def _pair_context(
    pair: ComparedPair,
    left: tuple[int, int],
    right: tuple[int, int],
    taken: Sequence[tuple[int, int]],
) -> list[Row]:
    sides = _list_context(pair.left, *left, ()), _list_context(pair.right, *right, taken)
    if not any(sides):
        return []
    return [Row(passage=None, number=0, left=sides[0], right=sides[1])]


def _list_context(
    side: ParsedArticle, begin: int, end: int, taken: Sequence[tuple[int, int]]
) -> list[Piece]:
    found = []
    for paragraph in side.paragraphs:
        a, b = max(paragraph.begin, begin), min(paragraph.end, end)
        if a >= b or paragraph.kind is ParagraphKind.FURNITURE:
            continue
        if any(x < b and a < y for x, y in taken):
            continue
        text = side.article.text[a:b].strip()
        if any(letter.isalnum() for letter in text):
            found.append(Piece(kind="context", text=text))
    return found


def add_compare(router: APIRouter, site: Site) -> None:
    """Add the page and its twin."""
    add_twin(
        router,
        site,
        "/compare/{left}/{right}",
        answer_compare,
        template="compare.html",
        model=CompareAnswer,
        view=view_compare,
        line=Line.PAIRS,
    )
