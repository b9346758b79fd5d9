"""Articles that tell of several things at once: roundups, live pages, newsletters, galleries.

Such an article resembles many stories a little and would glue them together. It is known by what
it holds, in any language: its parts share no rare words with one another. Two signs make it worth
looking: many parts under headings, numbers, bullets or times of day, or a headline worded as such
pages are. A live page about one story is none: some word runs through its parts.
"""

import collections
import functools
import re
from collections.abc import Iterable, Sequence

from wirethread.articles.types.articles import Paragraph, ParagraphKind
from wirethread.clustering.background import document_shares
from wirethread.clustering.links.roundup_words import ROUNDUP_HEADLINES
from wirethread.clustering.links.term_counts import split_terms

__all__ = ["is_roundup", "is_roundup_headline"]

_MIN_PARTS = 5
_MIN_SCATTER = 0.8
_MIN_SCATTER_IF_NAMED = 0.6
"""Asked of an article whose headline says that it is a roundup."""
_RARE_SHARE = 1 / 100
_EVERYDAY_SHARE = 0.3
"""Words that more documents than this hold are no subject."""
_SUBJECT_SHARE = 0.4
"""A word in more of the parts than this is what they are all about."""
_MIN_WORDS = 8
"""Shorter parts say too little to share a word."""
_MAX_PARTS = 60
_MARK = re.compile(
    r"\s*(?:(?:[01]?\d|2[0-3])\s?[:.h時时]\s?[0-5]\d(?!\d)"  # a time of day
    r"|\d{1,2}\s?[.)、:：．]\s"
    r"|[一二三四五六七八九十]{1,2}、"
    r"|[•▪■●◆►▶*–—-]\s|\#\d)"
)


def is_roundup(headline: str, paragraphs: Iterable[Paragraph], language: str | None) -> bool:
    """Say whether an article tells of several things that have nothing to do with one another."""
    told = [
        paragraph
        for paragraph in paragraphs
        if paragraph.kind in (ParagraphKind.BODY, ParagraphKind.HEADING)
    ]
    is_named = is_roundup_headline(headline)
    limit = _MIN_SCATTER_IF_NAMED if is_named else _MIN_SCATTER
    divisions = [_divide(told)]
    if is_named:
        divisions.append([one.text for one in told if one.kind is ParagraphKind.BODY])
    words = [_list_words(parts) for parts in divisions]
    words = [one for one in words if len(one) >= _MIN_PARTS]
    return any(_measure(one, language) >= limit for one in words) and not any(
        _has_subject(word, language) for word in words
    )


@functools.lru_cache(maxsize=4_096)
def is_roundup_headline(headline: str) -> bool:
    """Say whether a headline is worded like that of a roundup or live page, in any language."""
    return _headline_pattern().search(headline.casefold().strip()) is not None


def _list_words(parts: Sequence[str]) -> list[set[str]]:
    """Return the words of each part that is long enough to judge."""
    found = [split_terms(part) for part in parts[:_MAX_PARTS]]
    return [set(one) for one in found if len(one) >= _MIN_WORDS]


def _measure(words: Sequence[set[str]], language: str | None) -> float:
    rarer = _pick_rarer(words, _RARE_SHARE, language)
    rare = [one & rarer for one in words]
    counts = collections.Counter(word for one in rare for word in one)
    return sum(not any(counts[word] > 1 for word in one) for one in rare) / len(rare)


def _has_subject(words: Sequence[set[str]], language: str | None) -> bool:
    """Say whether one word that is no everyday word runs through the parts."""
    counts = collections.Counter(word for one in words for word in one)
    often = [{word for word, count in counts.items() if count > _SUBJECT_SHARE * len(words)}]
    return bool(_pick_rarer(often, _EVERYDAY_SHARE, language))


def _pick_rarer(words: Iterable[set[str]], limit: float, language: str | None) -> set[str]:
    """Return the words that at most a share `limit` of all documents hold."""
    vocabulary = sorted(set().union(*words))
    if not vocabulary:
        return set()
    shares = document_shares(vocabulary, language).tolist()
    return {word for word, share in zip(vocabulary, shares, strict=True) if share <= limit}


def _divide(paragraphs: Iterable[Paragraph]) -> list[str]:
    """Return the parts that headings, times, numbers or bullets begin."""
    parts: list[list[str]] = [[]]
    for paragraph in paragraphs:
        if paragraph.kind is ParagraphKind.HEADING or _MARK.match(paragraph.text):
            parts.append([])
        parts[-1].append(paragraph.text)
    return ["\n".join(part) for part in parts if part]


@functools.cache
def _headline_pattern() -> re.Pattern[str]:
    return re.compile(
        "|".join(f"(?:{one})" for group in ROUNDUP_HEADLINES.values() for one in group)
    )
