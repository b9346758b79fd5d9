"""Passages: one piece of copy and every place it ran, joined from matches without chains."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

import xxhash

from wirethread.articles.types.articles import ArticleId, PassageId, PassageMatch, Relation
from wirethread.articles.types.copy import Passage, PassagePlace
from wirethread.clustering.overlaps import LaidOut
from wirethread.clustering.passages.origins import trace_origin
from wirethread.clustering.types import ArticleText

__all__ = ["join_passages"]

_SAME_PLACE = 0.6
"""Spans of one article that share this much of the longer one are one place."""
_STRONG = 0.7
"""Containment both ways from which one link is enough to join a passage."""
_CLOSE = 0.6
"""Containment one way from which an edited place joins others beside the anchor's best match."""
_LIKELY = 0.8
"""Score from which a rewording joins others; it must credit the agency whose own the anchor is."""
_SHARE_LINKED = 0.5
"""Share of a passage's places that a further place must be linked to."""


def join_passages(
    matches: Sequence[PassageMatch],
    articles: Sequence[ArticleText],
    previous: Sequence[Passage] = (),
) -> list[Passage]:
    """Join accepted matches into passages, each with its origin; sorted by passage id.

    Every passage grows around one anchor, an agency's own place where there is one. Its best match
    joins it, then what matches it closely, or surely and with a credit of its agency; further
    places join when they match half of the places, or are nearly the same text as one of them. So
    rewording of rewording does not chain unlike texts together; a rewording left over is a passage
    with its best match. Of copy in very many places a match with the anchor of a place counts as
    one with the place. A passage keeps the id of the `previous` one with which it shares most
    places. `articles` must hold every article of the matches. The order of either does not matter.
    """
    by_id = {article.article_id: article for article in articles}
    accepted = sorted((match for match in matches if match.is_match), key=_strength)
    place_of = _merge_spans(accepted)
    links = _link_places(accepted, place_of)
    ends = {
        article_id: list(accumulate((p.end for p in by_id[article_id].paragraphs), max))
        for article_id in {place[0] for place in links}
    }
    passages = [
        _describe(places, by_id, ends) for places in _grow(links, {p: by_id[p[0]] for p in links})
    ]
    return sorted(_inherit_ids(passages, previous), key=lambda passage: passage.passage_id)


_Place = tuple[ArticleId, int, int]


def _strength(match: PassageMatch) -> tuple[float, str, str, int, int, int]:
    return (
        -match.score,
        match.left_article_id,
        match.right_article_id,
        match.left_begin,
        match.right_begin,
        match.left_end,
    )


def _merge_spans(matches: Sequence[PassageMatch]) -> dict[_Place, _Place]:
    """The place each span stands for: overlapping spans of one article become their union."""
    spans: dict[ArticleId, set[tuple[int, int]]] = defaultdict(set)
    for match in matches:
        spans[match.left_article_id].add((match.left_begin, match.left_end))
        spans[match.right_article_id].add((match.right_begin, match.right_end))
    place_of: dict[_Place, _Place] = {}
    for article_id, found in spans.items():
        groups: list[list[tuple[int, int]]] = []
        heads: list[tuple[int, int]] = []
        """Where the first of each group begins, and the number of the group, ascending."""
        # Longest first, so that a span is compared with the fullest form of the place.
        for begin, end in sorted(found, key=lambda span: (span[0] - span[1], span)):
            # one that is the same place is no longer than this, so it begins no further before
            reach = int((end - begin) / _SAME_PLACE) + 1
            near = heads[bisect_left(heads, (begin - reach,)) : bisect_right(heads, (end + 1,))]
            for number in sorted(number for _, number in near):
                group = groups[number]
                first, last = group[0]
                shared = min(end, last) - max(begin, first)
                if shared >= _SAME_PLACE * (last - first):
                    group.append((begin, end))
                    break
            else:
                insort(heads, (begin, len(groups)))
                groups.append([(begin, end)])
        for group in groups:
            place = (article_id, min(b for b, _ in group), max(e for _, e in group))
            place_of.update({(article_id, begin, end): place for begin, end in group})
    return place_of


def _link_places(
    matches: Sequence[PassageMatch], place_of: Mapping[_Place, _Place]
) -> dict[_Place, dict[_Place, PassageMatch]]:
    links: dict[_Place, dict[_Place, PassageMatch]] = defaultdict(dict)
    for match in matches:
        left = place_of[(match.left_article_id, match.left_begin, match.left_end)]
        right = place_of[(match.right_article_id, match.right_begin, match.right_end)]
        links[left].setdefault(right, match)
        links[right].setdefault(left, match)
    return links


def _grow(
    links: Mapping[_Place, Mapping[_Place, PassageMatch]],
    article_of: Mapping[_Place, ArticleText],
) -> list[list[_Place]]:
    led_by = _find_led(links)
    closeness = _sum_scores(links, led_by)
    anchors = sorted(
        links, key=lambda place: (article_of[place].agency is None, -closeness[place], place)
    )
    taken: set[_Place] = set()
    passages: list[list[_Place]] = []
    for anchor in anchors:
        if anchor in taken:
            continue
        partners = sorted(
            (other for other in links[anchor] if other not in taken),
            key=lambda other: _strength(links[anchor][other]),
        )
        if not partners:
            continue  # its only partners went elsewhere: their own links decide below
        agency = article_of[anchor].agency
        members = [
            anchor,
            *(
                other
                for i, other in enumerate(partners)
                if i == 0
                or _is_close(links[anchor][other])
                or (
                    links[anchor][other].score >= _LIKELY
                    and (agency is None or agency in article_of[other].credited_agencies)
                )
            ),
        ]
        inside = _Inside(members, led_by)
        queue = deque(members)
        while queue:
            for other in sorted(links[queue.popleft()]):
                if other in inside.places or other in taken:
                    continue
                linked = [place for place in links[other] if place in inside.places]
                if any(_is_strong(links[other][place]) for place in linked) or (
                    inside.count_linked(linked) >= max(_SHARE_LINKED * len(inside.places), 2)
                ):
                    inside.add(other)
                    members.append(other)
                    queue.append(other)
        taken |= inside.places
        passages.append(sorted(members))
    for place in sorted(links):
        if place not in taken:
            # Matched only to places of other passages, and not well enough to join them.
            partner = min(links[place], key=lambda other: _strength(links[place][other]))
            passages.append(sorted([place, partner]))
            taken.add(place)
    return passages


def _find_led(links: Mapping[_Place, Mapping[_Place, PassageMatch]]) -> dict[_Place, _Place]:
    """The place of the anchor with which each led place was compared, by place."""
    led_by: dict[_Place, _Place] = {}
    for place, partners in links.items():
        anchored = [
            other
            for other, match in partners.items()
            if match.anchor_id == other[0] and _is_strong(match)
        ]
        if anchored:
            led_by[place] = min(anchored, key=lambda other: _strength(partners[other]))
    return led_by


def _sum_scores(
    links: Mapping[_Place, Mapping[_Place, PassageMatch]], led_by: Mapping[_Place, _Place]
) -> dict[_Place, float]:
    """How close each place is to all others; a led one as close as its anchor."""
    sums = {
        place: round(sum(sorted(match.score for match in partners.values())), 6)
        for place, partners in links.items()
    }
    return {place: max(total, sums[led_by.get(place, place)]) for place, total in sums.items()}


class _Inside:
    """The places of a passage while it grows, and how many of them each anchor leads."""

    def __init__(self, members: Iterable[_Place], led_by: Mapping[_Place, _Place]) -> None:
        self.places: set[_Place] = set()
        self._led_by = led_by
        self._led: dict[_Place, int] = defaultdict(int)
        for member in members:
            self.add(member)

    def add(self, place: _Place) -> None:
        self.places.add(place)
        if place in self._led_by:
            self._led[self._led_by[place]] += 1

    def count_linked(self, linked: Sequence[_Place]) -> int:
        """How many places something is linked to, with those that they stand for."""
        direct = set(linked)
        led = sum(self._led[place] for place in direct)
        counted = sum(self._led_by.get(place) in direct for place in direct)
        return len(direct) + led - counted


def _is_close(match: PassageMatch) -> bool:
    return (
        match.relation in (Relation.VERBATIM, Relation.EDITED)
        and max(match.containment_left, match.containment_right) >= _CLOSE
    )


def _is_strong(match: PassageMatch) -> bool:
    return (
        match.relation in (Relation.VERBATIM, Relation.EDITED)
        and min(match.containment_left, match.containment_right) >= _STRONG
    )


def _describe(
    places: Sequence[_Place],
    by_id: Mapping[ArticleId, ArticleText],
    ends: Mapping[ArticleId, Sequence[int]],
) -> Passage:
    """Return the passage of some places; `ends` are the latest ends up to each paragraph."""
    described = []
    for article_id, begin, end in places:
        paragraphs = by_id[article_id].paragraphs
        number = bisect_right(ends[article_id], begin)
        position = paragraphs[number].position if number < len(paragraphs) else 0
        described.append(
            PassagePlace(article_id=article_id, begin=begin, end=end, position=position)
        )
    origin = trace_origin([by_id[place.article_id] for place in described])
    first = described[0]
    key = f"{first.article_id}:{first.begin}:{first.end}"
    return Passage(
        passage_id=PassageId(f"p{xxhash.xxh3_64_hexdigest(key.encode())}"),
        places=described,
        origin_article_id=origin.article_id,
        agency=origin.agency,
        confidence=origin.confidence,
        evidence=origin.evidence,
        evidence_article_id=origin.evidence_article_id,
        reason=origin.reason,
    )


def _inherit_ids(passages: Sequence[Passage], previous: Sequence[Passage]) -> list[Passage]:
    """Give each passage the id of the earlier one it shares most places with, each id once."""
    holders: LaidOut[ArticleId, PassageId] = LaidOut()
    for passage in previous:
        for place in passage.places:
            holders.lay(place.article_id, place.begin, place.end, passage.passage_id)
    wishes: list[tuple[int, PassageId, int]] = []
    for index, passage in enumerate(passages):
        shared: dict[PassageId, int] = defaultdict(int)
        for place in passage.places:
            for passage_id in holders.find(place.article_id, place.begin, place.end):
                shared[passage_id] += 1
        wishes += [(-count, passage_id, index) for passage_id, count in shared.items()]
    chosen: dict[int, PassageId] = {}
    used: set[PassageId] = set()
    for _, passage_id, index in sorted(wishes):
        if index not in chosen and passage_id not in used:
            chosen[index] = passage_id
            used.add(passage_id)
    result = []
    for index, passage in enumerate(passages):
        passage_id = chosen.get(index, passage.passage_id)
        while index not in chosen and passage_id in used:  # a new passage where an old one began
            passage_id = PassageId(f"p{xxhash.xxh3_64_hexdigest(passage_id.encode())}")
        used.add(passage_id)
        result.append(replace(passage, passage_id=passage_id))
    return result
