"""Which of some articles that are one text stands for the others, by the policy that is set."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from wirethread.clustering.passages.origins import find_first
from wirethread.clustering.types import ArticleText

__all__ = ["Representative", "choose_representative", "find_origin"]

Representative = Literal["origin", "earliest", "longest", "agency", "outlets"]
_NEVER = datetime.max.replace(tzinfo=UTC)


def choose_representative(
    members: Sequence[ArticleText],
    origin: ArticleText | None,
    policy: Representative,
    outlets: Sequence[str],
) -> tuple[ArticleText, str]:
    """Return the article that stands for the others, and why in words.

    The first of `members` is the longest; `origin` is what `find_origin` says of them. Where a
    policy finds nothing, as none of the outlets among them, the origin stands, else the longest.
    """
    found = None
    if policy == "outlets":
        found = _prefer_outlets(members, outlets)
    elif policy == "longest":
        found = members[0], "the longest"
    elif policy == "agency":
        found = _prefer_agency(members) or _prefer_earliest(members)
    elif policy == "earliest":
        found = _prefer_earliest(members)
    return found or _prefer_origin(members, origin)


def find_origin(members: Sequence[ArticleText]) -> ArticleText | None:
    """Return the first to run, or an agency's own article where times do not speak against it."""
    own = _list_own(members)
    first = find_first(members)
    if own and (first is None or first.agency is not None):
        return first or own[0]
    return first


def _prefer_outlets(
    members: Sequence[ArticleText], outlets: Sequence[str]
) -> tuple[ArticleText, str] | None:
    ranks = {name.casefold(): rank for rank, name in reversed(list(enumerate(outlets)))}
    named = [member for member in members if member.outlet.casefold() in ranks]
    if not named:
        return None
    best = min(named, key=lambda one: (ranks[one.outlet.casefold()], _order_by_time(one)))
    return best, f"{best.outlet} is preferred in the settings"


def _prefer_agency(members: Sequence[ArticleText]) -> tuple[ArticleText, str] | None:
    own = _list_own(members)
    return (own[0], _name_own(own[0])) if own else None


def _prefer_earliest(members: Sequence[ArticleText]) -> tuple[ArticleText, str] | None:
    best = min(members, key=_order_by_time)
    return None if best.published_at is None else (best, "the earliest")


def _prefer_origin(
    members: Sequence[ArticleText], origin: ArticleText | None
) -> tuple[ArticleText, str]:
    if origin is None:
        return members[0], "the longest; who was first is not known"
    if origin.agency is not None:
        return origin, _name_own(origin)
    return origin, "the first to run"


def _name_own(article: ArticleText) -> str:
    name = article.agency or ""
    return f"{name}' own article" if name.endswith("s") else f"{name}'s own article"


def _list_own(members: Sequence[ArticleText]) -> list[ArticleText]:
    """Return articles that are an agency's own, those in its own outlet first."""
    return sorted(
        (member for member in members if member.agency is not None),
        key=lambda member: (
            (member.agency or "").casefold() not in member.outlet.casefold(),
            member.article_id,
        ),
    )


def _order_by_time(one: ArticleText) -> tuple[datetime, str]:
    return one.published_at or _NEVER, one.article_id
