"""Standing text that is learnt: words under reports of unrelated happenings, whoever prints them.

A columnist's closing lines or a company's legal text runs day after day under this and that. Two
articles with it look like copy; several of which no more than half tell of one matter do not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from wirethread.articles.normalize import tokenize_spans
from wirethread.articles.types.articles import ArticleId, ParagraphKind, PassageId, PassageMatch
from wirethread.articles.types.copy import Passage
from wirethread.clustering.background import document_shares
from wirethread.clustering.overlaps import LaidOut, Overlaps
from wirethread.clustering.types import ArticleText

__all__ = ["dismiss_standing", "find_departed", "find_unrelated"]

_LEAST_ARTICLES = 3
"""Two articles may be copy and original, whatever else they tell of."""
_MOST_OF_ONE_MATTER = 0.5
"""Share of a passage's articles that one matter may hold where its words are standing text."""
_COMMON_SHARE = 0.05
"""Words that more of all documents hold tell nothing of the matter."""
_ALIKE = 0.12
"""Share of the fewer rare words beside a passage from which two articles tell of one matter.
Unrelated news of one day shares .02 to .06, reports of one event .2 and more."""
_ONE_TEXT = 0.8
"""Share of an article that passages in common cover from which there is next to nothing beside."""
_LEAST_RARE = 8
"""With fewer rare words beside it nothing is known, and they may tell of one matter."""
_DISMISSED = 0.16
"""The most that a dismissed match scores, below every threshold that ships."""
_MOST_MATTERS = 12
"""Once so many are found no further one is looked for."""


def find_unrelated(
    passages: Sequence[Passage], articles: Mapping[ArticleId, ArticleText]
) -> dict[PassageId, list[list[ArticleId]]]:
    """Return by passage that is standing text its articles, parted by the matter they tell of."""
    members_of = {
        passage.passage_id: frozenset(place.article_id for place in passage.places)
        for passage in passages
    }
    concerned = frozenset[ArticleId]().union(
        *(members for members in members_of.values() if len(members) >= _LEAST_ARTICLES)
    )
    texts = {article_id: _Text(articles[article_id]) for article_id in concerned}
    for passage in passages:
        for place in passage.places:
            if place.article_id in texts:
                places = texts[place.article_id].places.setdefault(passage.passage_id, [])
                places.append((place.begin, place.end))
    found = {}
    alike: dict[tuple[ArticleId, ArticleId], bool] = {}
    parted: dict[frozenset[ArticleId], list[list[ArticleId]]] = {}
    for passage in passages:
        members = members_of[passage.passage_id]
        if len(members) < _LEAST_ARTICLES:
            continue
        if members not in parted:  # two articles may have very many passages in common
            parted[members] = _part_by_matter(sorted(members), texts, members_of, alike)
        matters = parted[members]
        of_agencies = [
            any(articles[member].agency is not None for member in matter) for matter in matters
        ]
        is_supplied = sum(of_agencies) == 1  # one agency's text in papers on this and that
        largest = max(len(matter) for matter in matters)
        if not is_supplied and largest <= _MOST_OF_ONE_MATTER * len(members):
            found[passage.passage_id] = matters
    return found


def dismiss_standing(
    matches: Sequence[PassageMatch],
    passages: Sequence[Passage],
    articles: Mapping[ArticleId, ArticleText],
) -> tuple[list[PassageMatch], list[PassageMatch]]:
    """Return the matches without those that are standing text, and these, dismissed.

    Copies among the articles on one matter stay: they have it from one another.
    """
    unrelated = find_unrelated(passages, articles)
    matter_of: LaidOut[ArticleId, tuple[PassageId, int, str]] = LaidOut()
    for passage in passages:
        matters = unrelated.get(passage.passage_id)
        if matters is None:
            continue
        number = {member: i for i, matter in enumerate(matters) for member in matter}
        reason = f"standing text: in {len(number)} articles on {len(matters)} unrelated matters"
        for place in passage.places:
            found = passage.passage_id, number[place.article_id], reason
            matter_of.lay(place.article_id, place.begin, place.end, found)
    kept, dismissed = [], []
    for match in matches:
        left = matter_of.find(match.left_article_id, match.left_begin, match.left_end)
        right = matter_of.find(match.right_article_id, match.right_begin, match.right_end)
        for passage_id, matter, reason in left:
            if any(
                passage_id == other_id and matter != other_matter
                for other_id, other_matter, _ in right
            ):
                score = min(match.score, _DISMISSED)
                dismissed.append(replace(match, is_match=False, score=score, reason=reason))
                break
        else:
            kept.append(match)
    return kept, dismissed


def find_departed(
    passages: Iterable[Passage], dismissed: Sequence[PassageMatch]
) -> dict[PassageId, str]:
    """Return by passage that was held together by dismissed matches why it is one no more."""
    passages_of: LaidOut[ArticleId, PassageId] = LaidOut()
    for passage in passages:
        for place in passage.places:
            passages_of.lay(place.article_id, place.begin, place.end, passage.passage_id)

    return {
        passage_id: match.reason
        for match in dismissed
        for passage_id in set(
            passages_of.find(match.left_article_id, match.left_begin, match.left_end)
        ).intersection(passages_of.find(match.right_article_id, match.right_begin, match.right_end))
    }


def _part_by_matter(
    members: Sequence[ArticleId],
    texts: Mapping[ArticleId, "_Text"],
    members_of: Mapping[PassageId, frozenset[ArticleId]],
    alike: dict[tuple[ArticleId, ArticleId], bool],
) -> list[list[ArticleId]]:
    """Part articles by what they tell of beside the passages that they share, in their order.

    Articles that share a passage which others of them lack tell of one matter. `alike` remembers
    which two do so by their words.
    """
    matters: list[list[ArticleId]] = []
    for member in members:
        for matter in matters:
            text, first = texts[member], texts[matter[0]]
            both = {members_of[name] for name in text.places.keys() & first.places.keys()}
            pair = (member, matter[0])
            is_one = any(not held.issuperset(members) for held in both)
            if not is_one and pair not in alike:
                alike[pair] = text.tells_like(first)
            if is_one or alike[pair]:
                matter.append(member)
                break
        else:
            if len(matters) < _MOST_MATTERS:
                matters.append([member])
            else:
                matters[-1].append(member)
    return matters


@dataclass(frozen=True)
class _Text:
    """An article's places in passages, and what is rare in it, read where it is asked for."""

    article: ArticleText
    places: dict[PassageId, list[tuple[int, int]]] = field(default_factory=dict)

    @cached_property
    def words(self) -> Sequence[tuple[str, int]]:
        """The rare words of headline and body with where they stand."""
        article = self.article
        tokens = [(word, -1) for word, _, _ in tokenize_spans(article.headline)]
        for paragraph in article.paragraphs:
            if paragraph.kind is ParagraphKind.BODY:
                tokens += [
                    (word, paragraph.begin + begin)
                    for word, begin, _ in tokenize_spans(paragraph.text)
                ]
        distinct = sorted({word for word, _ in tokens})
        shares = document_shares(distinct, article.language).tolist()
        rare = {word for word, share in zip(distinct, shares, strict=True) if share < _COMMON_SHARE}
        return [token for token in tokens if token[0] in rare]

    @cached_property
    def n_characters(self) -> int:
        """Characters of all paragraphs."""
        return sum(len(paragraph.text) for paragraph in self.article.paragraphs)

    def list_shared(self, other: "_Text") -> list[tuple[int, int]]:
        """Return the places of the passages that both articles have."""
        both = self.places.keys() & other.places.keys()
        return [place for passage_id in both for place in self.places[passage_id]]

    def list_beside(self, shared: Sequence[tuple[int, int]]) -> set[str]:
        """Return the rare words outside some places."""
        places = Overlaps(shared)
        return {word for word, at in self.words if not places.find(at, at + 1)}

    def tells_like(self, other: "_Text") -> bool:
        """Whether two articles tell of one matter beside what they share, or may do."""
        here, there = self.list_shared(other), other.list_shared(self)
        for text, shared in ((self, here), (other, there)):
            if sum(end - begin for begin, end in shared) >= _ONE_TEXT * text.n_characters:
                return True
        mine, theirs = self.list_beside(here), other.list_beside(there)
        fewer = min(len(mine), len(theirs))
        return fewer < _LEAST_RARE or len(mine & theirs) >= _ALIKE * fewer
