"""Which of the passages that claim a paragraph it most likely came from."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from wirethread.articles.types.articles import ArticleId, PassageMatch, Relation
from wirethread.articles.types.copy import Passage, PassagePlace
from wirethread.clustering.outlets import is_agency_outlet
from wirethread.clustering.overlaps import LaidOut
from wirethread.clustering.types import ArticleText

__all__ = ["rank_claims"]

_LITERAL = (Relation.VERBATIM, Relation.EDITED)
_NEVER = datetime.max.replace(tzinfo=UTC)

Claim = tuple[PassagePlace, Passage]
_Side = tuple[float, Relation]
"""Containment on this article's side of a match, and the relation."""


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
    sides: LaidOut[tuple[ArticleId, ArticleId], _Side] = LaidOut()
    # matches with an anchor stand for those with an origin that was not compared
    anchored: LaidOut[ArticleId, _Side] = LaidOut()
    for verdict in matches:
        left, right = verdict.left_article_id, verdict.right_article_id
        of_left = verdict.containment_left, verdict.relation
        of_right = verdict.containment_right, verdict.relation
        if verdict.anchor_id == right:
            anchored.lay(left, verdict.left_begin, verdict.left_end, of_left)
        elif verdict.anchor_id == left:
            anchored.lay(right, verdict.right_begin, verdict.right_end, of_right)
        sides.lay((left, right), verdict.left_begin, verdict.left_end, of_left)
        sides.lay((right, left), verdict.right_begin, verdict.right_end, of_right)

    def rank(
        article_id: ArticleId, claim: Claim
    ) -> tuple[float, bool, bool, bool, float, datetime, tuple[ArticleId, int], int]:
        place, passage = claim
        origin = by_id.get(passage.origin_article_id) if passage.origin_article_id else None
        article = by_id.get(article_id)
        met: list[_Side] = []
        if origin is not None:
            pair = article_id, origin.article_id
            met = (
                sides.find(pair, place.begin, place.end)
                if pair in sides
                else anchored.find(article_id, place.begin, place.end)
            )
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
