"""How many independent newsrooms stand behind some articles."""

from collections.abc import Mapping, Sequence

from wirethread.articles.types.articles import (
    ArticleId,
    Derivation,
    DuplicateCluster,
    ParagraphState,
    PassageId,
)
from wirethread.articles.types.copy import ArticleDerivation, NewsroomVerdict, Passage
from wirethread.clustering.outlets import group_by_publisher, is_agency_outlet, key_publisher
from wirethread.clustering.passages.derivation import WHOLLY_SHARE
from wirethread.clustering.passages.known_times import KnownTimes
from wirethread.clustering.types import ArticleText, NewsroomCount

__all__ = ["count_newsrooms"]


def count_newsrooms(
    articles: Sequence[ArticleText],
    derivations: Sequence[ArticleDerivation],
    passages: Sequence[Passage],
    duplicates: Sequence[DuplicateCluster],
) -> NewsroomCount:
    """Count newsrooms: copies of one text, editions of one publisher and articles wholly derived
    from one agency or one other article count once.

    A partly derived article counts, because it also has words of its own. So does one that credits
    an agency whose copy was not traced in it: how much is the agency's is not known, and it stands
    for its own newsroom until more is; the reason says so. Derivations, passages and duplicates may
    cover more than `articles`. Verdicts come in the order of article ids.
    """
    by_id = {article.article_id: article for article in articles}
    derived = {derivation.article_id: derivation for derivation in derivations}
    groups = _Groups(by_id)
    ordered = sorted(by_id.values(), key=lambda one: one.article_id)
    agencies: dict[str, ArticleId] = {}
    for article in ordered:
        agency = _sole_agency(article, derived.get(article.article_id))
        if agency is not None:
            first = agencies.setdefault(agency, article.article_id)
            groups.join(first, article.article_id, f"is {agency}'s copy like")
    own = [one for one in ordered if one.agency is None or is_agency_outlet(one)]
    for house in group_by_publisher(own):
        for article in house[1:]:
            groups.join(house[0].article_id, article.article_id, "is of the same publisher as")
    for cluster in duplicates:
        present = [one for one in cluster.article_ids if one in by_id]
        for other in present[1:]:
            groups.join(present[0], other, "is the same text as")
    origins = {passage.passage_id: passage.origin_article_id for passage in passages}
    for article in ordered:
        copied_from = _copied_from(article, derived.get(article.article_id), origins)
        if copied_from in by_id:
            groups.join(copied_from, article.article_id, "is wholly copied from")
    return groups.count(derived)


def _sole_agency(article: ArticleText, derivation: ArticleDerivation | None) -> str | None:
    """The agency an article is nothing but a copy of."""
    if article.agency is not None:
        return article.agency
    if derivation is None or derivation.derivation is not Derivation.WHOLLY:
        return None
    if not derivation.share_by_agency:
        return None
    agency, share = max(derivation.share_by_agency.items(), key=lambda item: (item[1], item[0]))
    return agency if share >= WHOLLY_SHARE else None


def _name_newsroom(article: ArticleText, derivation: ArticleDerivation | None) -> str:
    """Return the agency that an article is nothing but a copy of, else its publisher."""
    return _sole_agency(article, derivation) or key_publisher(article)


def _copied_from(
    article: ArticleText,
    derivation: ArticleDerivation | None,
    origin_of: Mapping[PassageId, ArticleId | None],
) -> ArticleId | None:
    """The one other article whose words make up nearly all of this one."""
    if derivation is None or derivation.copied_share < WHOLLY_SHARE:
        return None
    used = {p.passage_id for p in derivation.paragraphs if p.passage_id is not None}
    origins = {origin_of[one] for one in used if one in origin_of}
    origins.discard(article.article_id)
    return origins.pop() if len(origins) == 1 else None


def _tell_counted(derivation: ArticleDerivation | None) -> str:
    """Why an article that stands for itself alone is counted."""
    if derivation is None:
        return "counted: no copy of another source here"
    if derivation.derivation is Derivation.CREDITED:
        return f"counted for its own newsroom: {derivation.reason}"
    if derivation.wire_share > 0 or derivation.copied_share > 0:
        return f"counted: has words of its own ({derivation.reason})"
    if any(paragraph.state is ParagraphState.SHARED for paragraph in derivation.paragraphs):
        return (
            f"counted: has {derivation.shared_share:.0%} in common with other articles, "
            "and who had it first is not known"
        )
    if derivation.shared_share > 0:
        return "counted: others have copy of it, and it had that first"
    return "counted: no copy of another source here"


class _Groups:
    """Articles that stand for one newsroom, with why each was joined."""

    def __init__(self, by_id: Mapping[ArticleId, ArticleText]) -> None:
        self.by_id = by_id
        self.parent = {article_id: article_id for article_id in by_id}
        self.why: dict[ArticleId, tuple[str, ArticleId]] = {}

    def find(self, article_id: ArticleId) -> ArticleId:
        while self.parent[article_id] != article_id:
            self.parent[article_id] = self.parent[self.parent[article_id]]
            article_id = self.parent[article_id]
        return article_id

    def join(self, kept: ArticleId, joined: ArticleId, why: str) -> None:
        if self.find(kept) != self.find(joined):
            self.parent[self.find(joined)] = self.find(kept)
        if kept != joined:
            self.why.setdefault(joined, (why, kept))
            self.why.setdefault(kept, (why, joined))

    def count(self, derived: Mapping[ArticleId, ArticleDerivation]) -> NewsroomCount:
        members: dict[ArticleId, list[ArticleText]] = {}
        for article_id in sorted(self.by_id):
            members.setdefault(self.find(article_id), []).append(self.by_id[article_id])
        chosen = {root: _choose(group) for root, group in members.items()}
        verdicts = []
        for article_id in sorted(self.by_id):
            article = self.by_id[article_id]
            counted = chosen[self.find(article_id)]
            newsroom = _name_newsroom(counted, derived.get(counted.article_id))
            if counted.article_id == article_id:
                reason = _tell_counted(derived.get(article_id))
                if len(members[self.find(article_id)]) > 1:
                    reason = f"counted: stands for {len(members[self.find(article_id)])} articles"
                verdict = NewsroomVerdict(
                    article_id=article_id,
                    outlet=article.outlet,
                    is_counted=True,
                    counted_with=None,
                    newsroom=newsroom,
                    reason=reason,
                )
            else:
                why, other = self.why[article_id]
                verdict = NewsroomVerdict(
                    article_id=article_id,
                    outlet=article.outlet,
                    is_counted=False,
                    counted_with=counted.article_id,
                    newsroom=newsroom,
                    reason=f"not counted: {why} {self.by_id[other].outlet} ({other})",
                )
            verdicts.append(verdict)
        return NewsroomCount(n_independent=len(members), verdicts=verdicts)


def _choose(group: Sequence[ArticleText]) -> ArticleText:
    """The agency's own article, else one that none is known to precede, else the first id."""
    times = KnownTimes(group)
    has_agency = any(one.agency is not None for one in group)
    return min(
        group,
        key=lambda article: (
            not is_agency_outlet(article),
            article.agency is None and has_agency,
            times.count_before(article),
            article.article_id,
        ),
    )
