"""Which of the passages that claim a paragraph it most likely came from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from wirethread.articles.types.articles import ArticleId, PassageMatch, Relation
from wirethread.articles.types.copy import Passage, PassagePlace
from wirethread.clustering.outlets import is_agency_outlet
from wirethread.clustering.overlaps import Overlaps
from wirethread.clustering.records import ArticleText

__all__ = ["rank_claims"]

_LITERAL = (Relation.VERBATIM, Relation.EDITED)
_NEVER = datetime.max.replace(tzinfo=UTC)

Claim = tuple[PassagePlace, Passage]
_Side = tuple[int, int, float, PassageMatch]
"""Begin, end and containment on this article's side of a match."""


class _Sides:
    """Sides of matches that lie in one article, by where they lie."""

    def __init__(self, sides: Sequence[_Side]) -> None:
        self._sides = sides
        self._overlaps = Overlaps([(begin, end) for begin, end, _, _ in sides])

    def find(self, place: PassagePlace) -> list[tuple[float, Relation]]:
        """Return containment and relation of those that a place meets."""
        met = (self._sides[number] for number in self._overlaps.find(place.begin, place.end))
        return [(containment, match.relation) for _, _, containment, match in met]


def rank_claims(
    articles: Sequence[ArticleText],
    claims: Mapping[ArticleId, Sequence[Claim]],
    matches: Sequence[PassageMatch],
) -> dict[ArticleId, list[Claim]]:
    """The claims on each article, the likeliest first; the order given makes no difference.

    The surest passage comes first, then one that has the words rather than a rewording of them, of
    an agency that the article credits, from the agency's own outlet rather than a paper that
    printed it, with the most words in common, and the earliest.
    """
    by_id = {article.article_id: article for article in articles}
    sides: dict[tuple[ArticleId, ArticleId], list[_Side]] = defaultdict(list)
    # matches with an anchor stand for those with an origin that was not compared
    anchored: dict[ArticleId, list[_Side]] = defaultdict(list)
    for verdict in matches:
        if verdict.anchor_id == verdict.right_article_id:
            anchored[verdict.left_article_id].append(
                (verdict.left_begin, verdict.left_end, verdict.containment_left, verdict)
            )
        elif verdict.anchor_id == verdict.left_article_id:
            anchored[verdict.right_article_id].append(
                (verdict.right_begin, verdict.right_end, verdict.containment_right, verdict)
            )
        sides[verdict.left_article_id, verdict.right_article_id].append(
            (verdict.left_begin, verdict.left_end, verdict.containment_left, verdict)
        )
        sides[verdict.right_article_id, verdict.left_article_id].append(
            (verdict.right_begin, verdict.right_end, verdict.containment_right, verdict)
        )
    found_sides = {pair: _Sides(listed) for pair, listed in sides.items()}
    found_anchored = {article_id: _Sides(listed) for article_id, listed in anchored.items()}

    def rank(
        article_id: ArticleId, claim: Claim
    ) -> tuple[float, bool, bool, bool, float, datetime, tuple[ArticleId, int], int]:
        place, passage = claim
        origin = by_id.get(passage.origin_article_id) if passage.origin_article_id else None
        article = by_id.get(article_id)
        with_origin = None
        if origin is not None:
            with_origin = found_sides.get((article_id, origin.article_id))
            with_origin = with_origin or found_anchored.get(article_id)
        met = with_origin.find(place) if with_origin is not None else []
        published = origin.published_at if origin else None
        return (
            -passage.confidence,
            not any(relation in _LITERAL for _, relation in met),
            article is None or passage.agency not in article.credited_agencies,
            origin is None or not is_agency_outlet(origin),
            -max((containment for containment, _ in met), default=0.0),
            published or _NEVER,
            # not the id: it is inherited, so it tells what was in the archive before
            min((one.article_id, one.begin) for one in passage.places),
            place.begin,
        )

    return {
        article_id: sorted(found, key=lambda claim: rank(article_id, claim))
        for article_id, found in claims.items()
    }
