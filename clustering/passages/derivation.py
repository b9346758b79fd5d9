"""How much of each article is wire copy, and paragraph by paragraph whose."""

from collections import defaultdict
from collections.abc import Sequence

from wirethread.articles.types.articles import ArticleId, Derivation, ParagraphKind, PassageMatch
from wirethread.clustering.outlets import is_agency_outlet
from wirethread.clustering.passages.claims import rank_claims
from wirethread.clustering.records import (
    ArticleDerivation,
    ArticleText,
    ParagraphOrigin,
    Passage,
    PassagePlace,
)

__all__ = ["WHOLLY_SHARE", "derive_articles"]

WHOLLY_SHARE = 0.8
"""Share of the body from which an article is wholly derived: the rest is headings, a lede."""
_MIN_COVERED = 0.25
"""Share of a paragraph inside a passage from which the paragraph is said to carry it."""
_RIVAL = 0.5
"""A passage counts for a paragraph where better ones left it this share of what it claims there."""


def derive_articles(
    articles: Sequence[ArticleText],
    passages: Sequence[Passage],
    matches: Sequence[PassageMatch] = (),
) -> list[ArticleDerivation]:
    """Derivation of each article, in the order given.

    An agency's own article under another outlet's name is wholly derived; on the agency's own
    outlet it is the original. Shares are of the characters of body paragraphs. Where several
    passages claim a paragraph, one is named: the surest, then the one that the accepted `matches`
    of the article with its origin show to be closest (see `rank_claims`).
    """
    places: dict[ArticleId, list[tuple[PassagePlace, Passage]]] = defaultdict(list)
    for passage in passages:
        for place in passage.places:
            places[place.article_id].append((place, passage))
    claims = rank_claims(articles, places, matches)
    return [_derive(article, claims.get(article.article_id, [])) for article in articles]


def _derive(
    article: ArticleText, ranked: Sequence[tuple[PassagePlace, Passage]]
) -> ArticleDerivation:
    own_outlet = is_agency_outlet(article)
    body = [p for p in article.paragraphs if p.kind is ParagraphKind.BODY]
    total = sum(p.end - p.begin for p in body)
    by_agency: dict[str, int] = defaultdict(int)
    copied = 0
    origins: list[ParagraphOrigin] = []
    for paragraph in body:
        free = {(paragraph.begin, paragraph.end)}
        best: tuple[int, Passage] | None = None
        covered = 0
        for place, passage in ranked:
            claimed = min(place.end, paragraph.end) - max(place.begin, paragraph.begin)
            taken, rest = _take(free, place.begin, place.end)
            if not taken or taken < _RIVAL * claimed:
                continue  # a rival for words that a better one accounts for
            free = rest
            covered += taken
            if best is None or taken > best[0]:
                best = (taken, passage)
            is_origin = passage.origin_article_id == article.article_id
            if not is_origin and (passage.origin_article_id or passage.agency):
                copied += taken
            if passage.agency is not None and passage.agency != article.agency and not is_origin:
                by_agency[passage.agency] += taken
        share = covered / max(paragraph.end - paragraph.begin, 1)
        told = best[1] if best is not None and share >= _MIN_COVERED else None
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
