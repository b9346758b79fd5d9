"""Where a piece of copy came from: the agency's own article, credits, or who was first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from wirethread.articles.credits.syndication import same_publisher
from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.matching.evidence_pairs import is_known_earlier
from wirethread.clustering.outlets import group_by_publisher, is_agency_outlet
from wirethread.clustering.passages.known_times import KnownTimes
from wirethread.clustering.types import ArticleText

__all__ = ["Origin", "find_first", "trace_origin"]

_MIN_CONFIDENCE = 0.25
"""An agency inferred from credits with less confidence than this is not named."""
_NEVER = datetime.max.replace(tzinfo=UTC)
_KNOWN_CONFIDENCE = 0.95
"""The agency's article is earlier than every copy, or copies name the agency."""
_UNTOLD_CONFIDENCE = 0.7
"""Neither credits nor times say that copies have it from there."""
_LATE_CONFIDENCE = 0.6
"""When the agency's article is later than a copy, its text may come from a third place."""

_IN_HOUSE_CONFIDENCE = 0.6
"""In the pages of one house, an agency's article and one that credits nobody may share the house's
words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Origin article and agency of a passage, each None where nothing decides it."""

    article_id: ArticleId | None
    agency: str | None
    confidence: float
    evidence: str | None
    evidence_article_id: ArticleId | None
    reason: str


def find_first(articles: Sequence[ArticleText]) -> ArticleText | None:
    """The article that certainly ran before those of all other publishers, or None.

    Among articles of one publisher the earliest time stands, then the smallest id.
    """
    dated = [article for article in articles if article.published_at is not None]
    earliest = min(dated, key=lambda article: article.published_at or _NEVER, default=None)
    houses = group_by_publisher(articles)
    own = next((house for house in houses if any(one is earliest for one in house)), [])
    rivals = [article for house in houses if house is not own for article in house]
    rival_times, own_times = KnownTimes(rivals), KnownTimes(own)
    firsts = [
        article
        for article in own
        if rival_times.count_after(article) == len(rivals) and not own_times.count_before(article)
    ]
    return min(firsts, key=lambda article: article.article_id, default=None)


def trace_origin(articles: Sequence[ArticleText]) -> Origin:
    """Origin of a passage from the articles that carry it.

    The agency's own article, when it is not later than its copies; otherwise the agency that the
    carrying articles credit, with a confidence; otherwise the outlet that was first, if times say
    so; otherwise unknown.
    """
    ordered = sorted(
        {article.article_id: article for article in articles}.values(), key=lambda a: a.article_id
    )
    own = [one for one in ordered if one.agency is not None]
    if own:
        return _from_agency_copy(own, ordered)
    credited = _from_credits(ordered)
    first = find_first(ordered)
    if credited is not None:
        return credited
    if first is not None:
        return Origin(
            article_id=first.article_id,
            agency=None,
            confidence=0.0,
            evidence=None,
            evidence_article_id=None,
            reason=f"{first.outlet} ran it first, and no agency is credited",
        )
    return Origin(
        article_id=None,
        agency=None,
        confidence=0.0,
        evidence=None,
        evidence_article_id=None,
        reason="unknown: no agency is credited, and the times do not tell who was first",
    )


def _from_agency_copy(own: Sequence[ArticleText], ordered: Sequence[ArticleText]) -> Origin:
    """Of several agency articles the one that fewest copies precede, then the one most credited.

    A paper's print of the agency's article counts where the agency's own outlet does not have it,
    or has it later than copies of it.
    """
    votes: dict[str, int] = defaultdict(int)
    for place in ordered:
        for agency in place.credited_agencies:
            votes[agency] += 1
    copies = [one for one in ordered if one.agency is None]
    home = next((one for one in copies if any(_is_home(one, other.agency) for other in own)), None)
    if home is not None:  # what others print as its text, in the paper that they name
        return Origin(
            article_id=home.article_id,
            agency=None,
            confidence=_KNOWN_CONFIDENCE,
            evidence=home.outlet,
            evidence_article_id=home.article_id,
            reason=f"{home.outlet}'s own article carries it, and others name it as the origin",
        )
    copy_times, own_times = KnownTimes(copies), KnownTimes(own)
    best = min(
        own,
        key=lambda article: (
            copy_times.count_before(article),
            -votes[article.agency or ""],
            # the agency's own outlet before a paper that printed it under its dateline
            not is_agency_outlet(article),
            own_times.count_before(article),
            article.article_id,
        ),
    )
    late = [one for one in copies if is_known_earlier(one, best)]
    words = (best.credit_evidence or {}).get(best.agency or "") or best.outlet
    if late:
        return Origin(
            article_id=None,
            agency=best.agency,
            confidence=_LATE_CONFIDENCE,
            evidence=words,
            evidence_article_id=best.article_id,
            reason=f"{best.agency}'s article carries it, but {late[0].outlet} had it earlier",
        )
    if (
        copies
        and all(best.agency not in copy.credited_agencies for copy in copies)
        and len(group_by_publisher(ordered)) == 1
    ):
        return Origin(
            article_id=best.article_id,
            agency=best.agency,
            confidence=_IN_HOUSE_CONFIDENCE,
            evidence=words,
            evidence_article_id=best.article_id,
            reason=f"{best.agency}'s article on the pages of {best.outlet} carries it; it may have "
            "words of the house, since the other text there credits no agency",
        )
    confidence, order = _weigh_order(best, copies)
    return Origin(
        article_id=best.article_id,
        agency=best.agency,
        confidence=confidence,
        evidence=words,
        evidence_article_id=best.article_id,
        reason=f"{best.agency}'s own article carries it, {order}",
    )


def _weigh_order(best: ArticleText, copies: Sequence[ArticleText]) -> tuple[float, str]:
    """How sure it is that the copies come from the agency's article, and what the times say."""
    if not copies:
        return _KNOWN_CONFIDENCE, "as that of another agency does"
    if all(is_known_earlier(best, copy) for copy in copies):
        return _KNOWN_CONFIDENCE, "and ran before every copy"
    if any(best.agency in copy.credited_agencies for copy in copies):
        return _KNOWN_CONFIDENCE, "and copies credit it; the times do not tell who was first"
    return _UNTOLD_CONFIDENCE, "but no copy credits it and the times do not tell who was first"


def _is_home(article: ArticleText, publisher: str | None) -> bool:
    """Whether an article stands in the paper that a republisher names."""
    return publisher is not None and same_publisher(publisher, article.outlet)


def _from_credits(ordered: Sequence[ArticleText]) -> Origin | None:
    """The agency most credited; confidence is share of publishers times 1 - 0.5 ** (their number).

    An article that credits several agencies gives each an equal part of its vote: its credit line
    does not say which words came from whom.
    """
    votes: dict[str, dict[int, float]] = defaultdict(dict)
    publishers = group_by_publisher(ordered)
    for number, house in enumerate(publishers):
        for article in house:
            for agency in article.credited_agencies:
                vote = 1 / len(article.credited_agencies)
                votes[agency][number] = max(votes[agency].get(number, 0.0), vote)
    if not votes:
        return None
    agency, by_publisher = min(votes.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    if len(by_publisher) == 1 < len(publishers) and all(
        agency in place.contributors for place in ordered if agency in place.credited_agencies
    ):
        return None  # that it had a part in one article says nothing of what others have of it
    weight = sum(by_publisher.values())
    confidence = weight / len(publishers) * (1 - 0.5**weight)
    if confidence < _MIN_CONFIDENCE - 1e-9:
        return None
    witness = next(one for one in ordered if agency in one.credited_agencies)
    words = (witness.credit_evidence or {}).get(agency) or f"credited by {witness.outlet}"
    return Origin(
        article_id=None,
        agency=agency,
        confidence=round(confidence, 3),
        evidence=words,
        evidence_article_id=witness.article_id,
        reason=f"{len(by_publisher)} of {len(publishers)} publishers carrying it credit {agency}; "
        "its own article is not in the archive",
    )
