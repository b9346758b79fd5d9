"""How much of each article is wire copy, and paragraph by paragraph whose."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wirethread.articles.types.articles import (
    ArticleId,
    Derivation,
    Paragraph,
    ParagraphId,
    ParagraphKind,
    ParagraphState,
    PassageMatch,
)
from wirethread.articles.types.copy import ArticleDerivation, ParagraphOrigin, Passage, PassagePlace
from wirethread.clustering.outlets import is_agency_outlet, is_printed_copy
from wirethread.clustering.overlaps import Overlaps
from wirethread.clustering.passages.claims import rank_claims
from wirethread.clustering.types import ArticleText

__all__ = ["WHOLLY_SHARE", "derive_articles"]

OWN_OUTLET = "the agency's own outlet"
"""What shows a paragraph to be an agency's own on its own pages."""
WHOLLY_SHARE = 0.8
"""Share of the body from which an article is wholly derived: the rest is headings, a lede."""
_MIN_COVERED = 0.25
"""Share of a paragraph inside a passage from which the paragraph is said to carry it."""
_RIVAL = 0.5
"""A passage counts for a paragraph where better ones left it this share of what it claims there."""
_MAX_WORDS = 160
"""Characters of a credit that are repeated in a reason."""


def derive_articles(
    articles: Sequence[ArticleText],
    passages: Sequence[Passage],
    matches: Sequence[PassageMatch] = (),
    own_words: Mapping[ParagraphId, str] | None = None,
) -> list[ArticleDerivation]:
    """Derivation of each article, in the order given.

    Shares are of the characters of body paragraphs, and only of what was traced: a line that says
    whose a text is adds nothing to them. An agency's own article under another outlet's name is
    wholly derived by what it says of itself; on the agency's own outlet it is the original. An
    article that credits an agency, of whose copy nothing was traced, is credited. Where several
    passages claim a paragraph, one is named: the surest, then the one that the accepted `matches`
    of the article with its origin show to be closest (see `rank_claims`). `own_words` are the words
    that show paragraphs to be their outlet's own (`find_own_paragraphs`).
    """
    places: dict[ArticleId, list[tuple[PassagePlace, Passage]]] = defaultdict(list)
    for passage in passages:
        for place in passage.places:
            places[place.article_id].append((place, passage))
    claims = rank_claims(articles, places, matches)
    outlets = {article.article_id: article.outlet for article in articles}
    return [
        _derive(article, claims.get(article.article_id, []), outlets, own_words or {})
        for article in articles
    ]


@dataclass(slots=True)
class _Tally:
    """Characters of a body by where they come from."""

    total: int = 0
    shared: int = 0
    copied: int = 0
    by_agency: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_origin: dict[ArticleId, int] = field(default_factory=lambda: defaultdict(int))
    """Of copy that no agency supplied."""

    def add(self, article: ArticleText, passage: Passage, taken: int) -> None:
        is_original = is_agency_outlet(article) and passage.agency == article.agency
        is_origin = passage.origin_article_id == article.article_id
        self.shared += taken
        if passage.agency is not None and not is_original:
            self.by_agency[passage.agency] += taken
        if not is_origin and (passage.origin_article_id or passage.agency):
            self.copied += taken
        if not is_origin and passage.origin_article_id and passage.agency is None:
            self.by_origin[passage.origin_article_id] += taken

    def share(self, characters: int) -> float:
        return round(characters / self.total, 4) if self.total else 0.0


def _derive(
    article: ArticleText,
    ranked: Sequence[tuple[PassagePlace, Passage]],
    outlets: Mapping[ArticleId, str],
    own_words: Mapping[ParagraphId, str],
) -> ArticleDerivation:
    body = [p for p in article.paragraphs if p.kind is ParagraphKind.BODY]
    tally = _Tally(total=sum(p.end - p.begin for p in body))
    origins: list[ParagraphOrigin] = []
    claims = Overlaps([(place.begin, place.end) for place, _ in ranked])
    for paragraph in body:
        free = {(paragraph.begin, paragraph.end)}
        best: tuple[int, Passage] | None = None
        covered = 0
        for number in claims.find(paragraph.begin, paragraph.end):
            place, passage = ranked[number]
            claimed = min(place.end, paragraph.end) - max(place.begin, paragraph.begin)
            taken, rest = _take(free, place.begin, place.end)
            if not taken or taken < _RIVAL * claimed:
                continue  # a rival for words that a better one accounts for
            free = rest
            covered += taken
            if best is None or taken > best[0]:
                best = (taken, passage)
            tally.add(article, passage, taken)
        share = covered / max(paragraph.end - paragraph.begin, 1)
        told = best[1] if best is not None and share >= _MIN_COVERED else None
        evidence = own_words.get(paragraph.paragraph_id)
        origins.append(_tell_paragraph(article, paragraph, told, share, evidence))
    shares = {agency: tally.share(n) for agency, n in sorted(tally.by_agency.items())}
    wire_share = min(sum(shares.values(), 0.0), 1.0)
    return ArticleDerivation(
        article_id=article.article_id,
        derivation=_choose_derivation(article, wire_share),
        wire_share=round(wire_share, 4),
        share_by_agency=shares,
        copied_share=tally.share(tally.copied),
        shared_share=tally.share(tally.shared),
        paragraphs=origins,
        reason=_give_reason(article, shares, tally, outlets),
    )


def _tell_paragraph(
    article: ArticleText,
    paragraph: Paragraph,
    told: Passage | None,
    share: float,
    own_evidence: str | None,
) -> ParagraphOrigin:
    is_printed = is_printed_copy(article)
    agency = told.agency if told is not None else None
    if agency is not None:
        state = ParagraphState.AGENCY
    elif told is not None and told.origin_article_id == article.article_id:
        state = ParagraphState.FIRST
    elif told is not None and told.origin_article_id is not None:
        state = ParagraphState.COPIED
    elif own_evidence is not None:
        state = ParagraphState.OWN
    elif is_printed:
        state = ParagraphState.DECLARED
    elif told is not None:
        state = ParagraphState.SHARED
    elif is_agency_outlet(article):
        state = ParagraphState.OWN
    else:
        state = ParagraphState.NOT_FOUND
    if state is ParagraphState.DECLARED:
        agency = article.agency
    return ParagraphOrigin(
        paragraph_id=paragraph.paragraph_id,
        position=paragraph.position,
        state=state,
        passage_id=told.passage_id if told is not None else None,
        agency=agency,
        copied_share=round(share, 4),
        own_evidence=own_evidence or (OWN_OUTLET if state is ParagraphState.OWN else None),
    )


def _choose_derivation(article: ArticleText, wire_share: float) -> Derivation:
    if is_printed_copy(article) or wire_share >= WHOLLY_SHARE:
        return Derivation.WHOLLY
    if wire_share > 0:
        return Derivation.PARTLY
    if article.agency is None and (article.credited_agencies or article.unnamed_credit):
        return Derivation.CREDITED
    return Derivation.NOT


def _give_reason(
    article: ArticleText,
    shares: Mapping[str, float],
    tally: _Tally,
    outlets: Mapping[ArticleId, str],
) -> str:
    found = ", ".join(f"{share:.0%} from {agency}" for agency, share in shares.items())
    if is_printed_copy(article):
        parts = [f"printed as {article.agency}'s article{_quote(article, article.agency)}"]
        parts.append(f"traced: {found}" if found else "none of it was found elsewhere")
    elif article.agency is not None:
        parts = ["the agency's own article"]
    else:
        parts = [found] if found else []
        parts += _tell_credits(article, shares)
        if not parts:
            parts = ["no wire copy was found, and no agency is credited"]
    by_outlet: dict[str, int] = defaultdict(int)
    for origin, characters in tally.by_origin.items():
        by_outlet[outlets.get(origin, "another outlet")] += characters
    parts += [
        f"{tally.share(characters):.0%} ran earlier in {outlet}"
        for outlet, characters in sorted(by_outlet.items(), key=lambda item: (-item[1], item[0]))
    ]
    return "; ".join(parts)


def _tell_credits(article: ArticleText, shares: Mapping[str, float]) -> list[str]:
    """What the credits say beyond what was traced."""
    wire_share = sum(shares.values())
    rest = "how much of the rest is" if wire_share > 0 else "how much of it is"
    parts = []
    for agency in sorted(article.credited_agencies):
        if agency not in shares or wire_share < WHOLLY_SHARE:
            quoted = _quote(article, agency)
            parts.append(f"credits {agency}{quoted}, {rest} {agency}'s is not known")
    if article.unnamed_credit and not article.credited_agencies:
        words = _shorten(article.unnamed_credit)
        parts.append(f"credits agencies without a name (“{words}”), {rest} theirs is not known")
    return parts


def _quote(article: ArticleText, agency: str | None) -> str:
    words = (article.credit_evidence or {}).get(agency or "")
    return f" (“{_shorten(words)}”)" if words else ""


def _shorten(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _MAX_WORDS else line[:_MAX_WORDS].rsplit(" ", 1)[0] + " …"


def _take(free: set[tuple[int, int]], begin: int, end: int) -> tuple[int, set[tuple[int, int]]]:
    """Characters of `begin:end` that are still free, and what stays free."""
    taken, rest = 0, set()
    for first, last in free:
        low, high = max(first, begin), min(last, end)
        if low >= high:
            rest.add((first, last))
            continue
        taken += high - low
        rest |= {span for span in ((first, low), (high, last)) if span[0] < span[1]}
    return taken, rest
