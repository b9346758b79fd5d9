"""How each place of a passage relates to the place that the passage came from."""

from collections.abc import Sequence
from dataclasses import replace

from wirethread.articles.types.articles import ArticleId, PassageMatch, Relation
from wirethread.articles.types.copy import Passage, PassagePlace
from wirethread.clustering.overlaps import LaidOut

__all__ = ["relate_places"]


def relate_places(passages: Sequence[Passage], matches: Sequence[PassageMatch]) -> list[Passage]:
    """Return the passages with the relation of each place, by the accepted `matches`."""
    sides = _PlaceMatches(matches)
    return [_relate(passage, sides) for passage in passages]


def _relate(passage: Passage, matches: "_PlaceMatches") -> Passage:
    origin = next(
        (one for one in passage.places if one.article_id == passage.origin_article_id), None
    )
    places = [
        replace(place, relation=None if place is origin else matches.relate(place, origin))
        for place in passage.places
    ]
    return replace(passage, places=tuple(places))


class _PlaceMatches:
    """Accepted matches by article."""

    def __init__(self, matches: Sequence[PassageMatch]) -> None:
        self._sides: LaidOut[ArticleId, tuple[ArticleId, PassageMatch]] = LaidOut()
        for match in matches:
            left, right = match.left_article_id, match.right_article_id
            self._sides.lay(left, match.left_begin, match.left_end, (right, match))
            self._sides.lay(right, match.right_begin, match.right_end, (left, match))

    def relate(self, place: PassagePlace, origin: PassagePlace | None) -> Relation | None:
        """Return the relation of the closest match of the place, with the origin if it has one."""
        found = [
            (origin is None or other != origin.article_id, -match.score, match)
            for other, match in self._sides.find(place.article_id, place.begin, place.end)
        ]
        return min(found, key=lambda entry: entry[:2])[2].relation if found else None
