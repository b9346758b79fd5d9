"""How much of each article is wire copy, and paragraph by paragraph whose."""

from collections import defaultdict
from collections.abc import Sequence

from articles.types import ArticleId, Derivation, ParagraphKind
from clustering.outlets import name_publisher
from clustering.records import (
    ArticleDerivation,
    ArticleText,
    ParagraphOrigin,
    Passage,
    PassagePlace,
)

__all__ = ["WHOLLY_SHARE", "derive_articles", "is_agency_outlet"]

WHOLLY_SHARE = 0.8
"""Share of the body from which an article is wholly derived: the rest is headings, a lede."""
_MIN_COVERED = 0.25
"""Share of a paragraph inside a passage from which the paragraph is said to carry it."""


def is_agency_outlet(article: ArticleText) -> bool:
    """Whether the outlet is the agency itself, not a paper that printed the agency's article."""
    if article.agency is None:
        return False
    outlet, agency = name_publisher(article.outlet), article.agency.casefold()
    if outlet in (agency, f"{agency} news"):
        return True
    # `AP` and `Associated Press`: the initials of the outlet's words are the agency's short name.
    initials = "".join(word[0] for word in outlet.split() if word)
    return len(agency) > 1 and initials == agency


def derive_articles(
    articles: Sequence[ArticleText], passages: Sequence[Passage]
) -> list[ArticleDerivation]:
    """Derivation of each article, in the order given.

    An agency's own article under another outlet's name is wholly derived; on the agency's own
    outlet it is the original. Shares are of the characters of body paragraphs.
    """
    places: dict[ArticleId, list[tuple[PassagePlace, Passage]]] = defaultdict(list)
    for passage in passages:
        for place in passage.places:
            places[place.article_id].append((place, passage))
    return [_derive(article, places.get(article.article_id, [])) for article in articles]


def _derive(
    article: ArticleText, places: Sequence[tuple[PassagePlace, Passage]]
) -> ArticleDerivation:
    own_outlet = is_agency_outlet(article)
    body = [p for p in article.paragraphs if p.kind is ParagraphKind.BODY]
    total = sum(p.end - p.begin for p in body)
    by_agency: dict[str, int] = defaultdict(int)
    copied = 0
    origins: list[ParagraphOrigin] = []
    # The surest passage first, so that a character claimed by two counts for the better one.
    ranked = sorted(places, key=lambda item: (-item[1].confidence, item[1].passage_id))
    for paragraph in body:
        free = {(paragraph.begin, paragraph.end)}
        best: tuple[int, str, Passage] | None = None
        covered = 0
        for place, passage in ranked:
            taken, free = _take(free, place.begin, place.end)
            if not taken:
                continue
            covered += taken
            if best is None or (-taken, passage.passage_id) < best[:2]:
                best = (-taken, passage.passage_id, passage)
            is_origin = passage.origin_article_id == article.article_id
            if not is_origin and (passage.origin_article_id or passage.agency):
                copied += taken
            if passage.agency is not None and passage.agency != article.agency and not is_origin:
                by_agency[passage.agency] += taken
        share = covered / max(paragraph.end - paragraph.begin, 1)
        told = best[2] if best is not None and share >= _MIN_COVERED else None
        printed = article.agency if not own_outlet else None
        origins.append(
            ParagraphOrigin(
                paragraph_id=paragraph.paragraph_id,
                passage_id=told.passage_id if told else None,
                agency=(told.agency if told else None) or printed,
                copied_share=round(share, 4),
            )
        )
    if article.agency is not None and not own_outlet:
        printed_as = f"printed as {article.agency}'s article"
        return _finish(article, {article.agency: 1.0}, 1.0, origins, printed_as)
    shares = (
        {agency: round(n / total, 4) for agency, n in sorted(by_agency.items())} if total else {}
    )
    reason = ", ".join(f"{share:.0%} from {agency}" for agency, share in shares.items()) or (
        "the agency's own article" if own_outlet else "no wire copy was found"
    )
    return _finish(article, shares, copied / total if total else 0.0, origins, reason)


def _finish(
    article: ArticleText,
    shares: dict[str, float],
    copied_share: float,
    origins: Sequence[ParagraphOrigin],
    reason: str,
) -> ArticleDerivation:
    wire_share = min(sum(shares.values()), 1.0)
    derivation = Derivation.NOT
    if wire_share > 0:
        derivation = Derivation.WHOLLY if wire_share >= WHOLLY_SHARE else Derivation.PARTLY
    return ArticleDerivation(
        article_id=article.article_id,
        derivation=derivation,
        wire_share=round(wire_share, 4),
        share_by_agency=shares,
        copied_share=round(copied_share, 4),
        paragraphs=origins,
        reason=reason,
    )


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
