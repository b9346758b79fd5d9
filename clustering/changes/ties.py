"""Which earlier article of an agency a notice is about: by slug, headline, words and time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from wirethread.articles.credits.notices import strip_prefixes
from wirethread.articles.normalize import tokenize_words
from wirethread.articles.types.articles import ParsedArticle
from wirethread.articles.types.changes import WITHDRAWN, ArticleNotice, NoticeTie, TieText
from wirethread.clustering.changes.revisions import resemble

__all__ = ["MIN_TIE_SCORE", "describe_notice", "shortlist", "tell_time", "tie_notice"]

MIN_TIE_SCORE = 0.5
_SHORTLIST = 25
_MIN_HEADLINE_WORDS = 3
_READ_WORDS = 250
"""Words of a notice among which it names the headline that it is about."""


def describe_notice(
    parsed: ParsedArticle, said: Sequence[ArticleNotice], notes: Mapping[str, str]
) -> TieText:
    """Return a notice as ties see it."""
    return TieText(
        article_id=parsed.article.article_id,
        outlet=parsed.article.outlet,
        headline=parsed.article.headline,
        text=parsed.article.text,
        slug=next((words for field, words in notes.items() if "slug" in field.lower()), None),
        published_at=tell_time(parsed),
        number=max((row.number for row in said if row.number is not None), default=None),
        kinds=[row.kind for row in said],
    )


def tell_time(parsed: ParsedArticle) -> datetime | None:
    """Return when a text was last changed, or published."""
    return parsed.article.updated_at or parsed.article.published_at


def _pick_words(text: str) -> frozenset[str]:
    """Return the words that tell one headline from another."""
    return frozenset(word for word in tokenize_words(text) if len(word) > 2 or word.isdigit())


@lru_cache(maxsize=1 << 16)
def _read_headline(headline: str) -> frozenset[str]:
    """Return the telling words of a headline; one is held against many notices."""
    return _pick_words(strip_prefixes(headline))


def _may_be_earlier(old: TieText, notice: TieText, days: float) -> bool:
    if old.article_id == notice.article_id:
        return False
    if old.published_at is not None and notice.published_at is not None:
        gap = notice.published_at - old.published_at
        if not timedelta(0) <= gap <= timedelta(days=days):
            return False
        if gap == timedelta(0) and old.is_notice and (old.number or 0) >= (notice.number or 0):
            return False
    elif old.is_notice and (old.number or 0) >= (notice.number or 0):
        return False
    return old.number is None or notice.number is None or old.number < notice.number


def shortlist(notice: TieText, candidates: Iterable[TieText], days: float) -> list[TieText]:
    """Return the earlier articles whose slug or headline has most to do with a notice.

    What withdraws other copy itself is not among them.
    """
    named = _read_headline(notice.headline)
    read = named | _pick_words(" ".join(notice.text.split()[:_READ_WORDS]))
    ranked = []
    for candidate in candidates:
        if not WITHDRAWN.isdisjoint(candidate.kinds):
            continue
        if not _may_be_earlier(candidate, notice, days):
            continue
        words = _read_headline(candidate.headline)
        share = max(_share(words, named), 0.9 * len(words & read) / max(len(words), 1))
        if _is_same_slug(candidate, notice):
            share = 2.0
        if share >= 0.3:
            ranked.append((-share, candidate.article_id, candidate))
    return [one for _, _, one in sorted(ranked, key=lambda item: item[:2])[:_SHORTLIST]]


def _share(left: frozenset[str], right: frozenset[str]) -> float:
    smaller = min(len(left), len(right))
    return len(left & right) / smaller if smaller >= _MIN_HEADLINE_WORDS else 0.0


@lru_cache(maxsize=1 << 16)
def _fold_slug(slug: str | None) -> str:
    """Return a slug without `(UPDATE 1, PIX)`, numbers of leads and tags."""
    bare = strip_prefixes(slug or "").partition("(")[0]
    return " ".join(word for word in tokenize_words(bare) if not word.isdigit())


def _is_same_slug(left: TieText, right: TieText) -> bool:
    return bool(_fold_slug(left.slug)) and _fold_slug(left.slug) == _fold_slug(right.slug)


def tie_notice(notice: TieText, candidates: Sequence[TieText], days: float) -> NoticeTie | None:
    """Return the earlier article that a notice is about, the nearest in words and then in time."""
    best: tuple[float, float, str, NoticeTie] | None = None
    for candidate in candidates:
        if not _may_be_earlier(candidate, notice, days):
            continue
        score, reason = _score(notice, candidate)
        if score < MIN_TIE_SCORE:
            continue
        gap = (
            (notice.published_at - candidate.published_at).total_seconds()
            if notice.published_at and candidate.published_at
            else float("inf")
        )
        tie = NoticeTie(
            article_id=notice.article_id,
            old_article_id=candidate.article_id,
            score=round(score, 3),
            reason=reason,
        )
        # scores that differ by little are one score, and the nearest in time is meant
        rank = (-round(score, 1), gap, candidate.article_id, tie)
        if best is None or rank[:3] < best[:3]:
            best = rank
    return best[3] if best else None


def _score(notice: TieText, old: TieText) -> tuple[float, str]:
    named = _read_headline(notice.headline)
    words = _read_headline(old.headline)
    share = _share(words, named)
    kept = resemble(old.text, notice.text)
    read = _pick_words(" ".join(notice.text.split()[:_READ_WORDS]))
    in_text = len(words & read) / len(words) if len(words) >= _MIN_HEADLINE_WORDS else 0.0
    found = [(0.0, "")]
    if _is_same_slug(notice, old):
        found.append((0.95, f"the same slug, {old.slug}"))
    if words and words == named:
        found.append((0.95, "the same headline"))
    elif share >= 0.6:
        found.append((0.4 + 0.5 * share, f"{share:.0%} of the words of its headline"))
    if kept >= 0.3:
        found.append((0.5 + 0.45 * kept, f"{kept:.0%} of its text stands in both"))
    if in_text >= 0.8:
        found.append((0.8 * in_text, "the notice names its headline"))
    score, reason = max(found)
    others = [words for value, words in sorted(found, reverse=True)[1:3] if value]
    return score, "; ".join([reason, *others])
