"""Notices: what a text says about copy sent before, such as `UPDATE 2-`, `KILL`, or a correction.

The conventions stand in `notices.yaml` beside this file.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from wirethread.articles.credits.own_lists import (
    NOTICES,
    OwnList,
    check_pattern,
    find_own_list,
    read_entries,
    refuse,
)
from wirethread.articles.types.articles import Paragraph
from wirethread.articles.types.changes import Notice, NoticeKind

__all__ = [
    "HEADLINE",
    "TEXT",
    "check_own_notices",
    "find_notices",
    "rank_kind",
    "strip_prefixes",
]

HEADLINE = "headline"
TEXT = "text"
_FIRST_LINES = 8
_LAST_LINES = 5
_LINE_LENGTH = 600
"""Characters of a line that are looked at; a notice stands at its beginning."""
_AFTER_TAG = r"(?: ?[-–—]{1,2} ?| ?: ?| ?/{2,} ?)(?=\S)"
_MAY_BE_TAG = re.compile(r"[^\W\d_a-zß-ÿ]{2}|\d+[A-Z]{2}|Correction")
"""What every tag begins with: most headlines need no closer look."""
_BEFORE_NOTICE = r"[\s\"'“”„«»*+#=/–—-]*"
_STATES = {
    "canceled": "kill",
    "cancelled": "kill",
    "stat:canceled": "kill",
    "withheld": "hold",
    "stat:withheld": "hold",
}
_STATE_FIELDS = ("pubstatus", "status")
_SLUG_FIELDS = ("slug", "slugline", "kicker")


@dataclass(frozen=True, slots=True)
class _Convention:
    kind: NoticeKind
    language: str
    pattern: re.Pattern[str]


def rank_kind(kind: NoticeKind) -> int:
    """Return the place of a kind among all, 0 for the gravest."""
    return list(NoticeKind).index(kind)


def find_notices(
    headline: str,
    paragraphs: Sequence[Paragraph],
    notes: Mapping[str, str] | None = None,
) -> list[Notice]:
    """Return the notices in headline, first and last lines, and the sender's fields, in order.

    Of several that say the same kind the first stands: headline before text before fields. Lines
    are paragraphs of any kind; their offsets count characters of the article's text.
    """
    found: list[Notice] = [*_read_prefixes(headline, HEADLINE)]
    last = paragraphs[max(_FIRST_LINES, len(paragraphs) - _LAST_LINES) :]
    for paragraph in [*paragraphs[:_FIRST_LINES], *last]:
        notice = _read_line(paragraph.text, TEXT, paragraph.begin)
        if notice is not None:
            found.append(notice)
    for field, words in sorted((notes or {}).items()):
        found += _read_field(field, words)
    kinds: dict[NoticeKind, Notice] = {}
    for one in found:
        kinds.setdefault(one.kind, one)
    return sorted(kinds.values(), key=lambda one: rank_kind(one.kind))


def strip_prefixes(headline: str) -> str:
    """Return a headline or slug without its tags: `UPDATE 2-Ferry sinks` is `Ferry sinks`.

    A headline that is nothing else stays as it is.
    """
    end = max((prefix.end for prefix in _read_prefixes(headline, HEADLINE)), default=0)
    return headline[end:].strip() or headline


def _read_prefixes(headline: str, field: str) -> Iterator[Notice]:
    """Yield the tags at the beginning in order, each with what divides it from the rest."""
    place = len(headline) - len(headline.lstrip())
    while _MAY_BE_TAG.match(headline, place):
        for convention in _load_conventions("prefix"):
            match = convention.pattern.match(headline, place)
            if match is None:
                continue
            number = match.groupdict().get("number")
            yield Notice(
                kind=convention.kind,
                field=field,
                words=headline[place : match.end()].strip(),
                begin=place,
                end=match.end(),
                language=convention.language,
                number=int(number) if number else None,
            )
            place = match.end()
            break
        else:
            return


def _read_line(line: str, field: str, offset: int = 0) -> Notice | None:
    """Return the notice that a line begins with: it is the whole line, or its first sentence."""
    line = line[:_LINE_LENGTH]
    for convention in _load_conventions("line"):
        match = convention.pattern.match(line)
        if match is None:
            continue
        begin = match.start("notice")
        rest = re.search(r"[.!?)](?:\s|$)|\n", line[match.end() :])
        end = match.end() + rest.end() if rest else len(line)
        words = line[begin:end].rstrip()
        return Notice(
            kind=convention.kind,
            field=field,
            words=words,
            begin=offset + begin,
            end=offset + begin + len(words),
            language=convention.language,
        )
    return None


def _read_field(field: str, words: str) -> Iterable[Notice]:
    name = field.casefold()
    state = _STATES.get(words.strip().casefold()) if name in _STATE_FIELDS else None
    if state is not None:
        return [
            Notice(
                kind=NoticeKind(state), field=field, words=words, begin=0, end=len(words),
                language="en",
            )
        ]  # fmt: skip
    prefixes = list(_read_prefixes(words, field))
    if prefixes or name in _SLUG_FIELDS:
        return prefixes
    line = _read_line(words, field)
    return [line] if line is not None else []


def check_own_notices() -> None:
    """Read one's own forms of notices.

    Raises `ConfigError` naming file, line and key where one is not well-formed.
    """
    _load_conventions("line")


def _load_conventions(where: str) -> tuple[_Convention, ...]:
    """Return the conventions of one place, the longest tags and the gravest kinds first."""
    return _read_conventions(where, find_own_list(NOTICES))


@cache
def _read_conventions(where: str, own: OwnList | None) -> tuple[_Convention, ...]:
    import yaml  # noqa: PLC0415 - 20 ms that only a run needs

    text = (
        resources.files("wirethread.articles.credits")
        .joinpath("notices.yaml")
        .read_text(encoding="utf-8")
    )
    blocks = [*yaml.safe_load(text), *(_read_own_blocks(own) if own is not None else ())]
    found = []
    for block in blocks:
        if block["where"] != where:
            continue
        for kind in NoticeKind:
            for words in block.get(kind.value, ()):
                if where == "prefix":
                    pattern = re.compile(f"{words}{_AFTER_TAG}")
                else:
                    flags = re.NOFLAG if block.get("exact") else re.IGNORECASE
                    pattern = re.compile(f"{_BEFORE_NOTICE}(?P<notice>{words})", flags)
                found.append(_Convention(kind=kind, language=block["language"], pattern=pattern))
    if where == "prefix":
        found.sort(key=lambda convention: -len(convention.pattern.pattern))
    return tuple(found)


_OWN_KEYS: dict[str, type] = {
    "where": str,
    "language": str,
    "exact": bool,
    **dict.fromkeys(map(str, NoticeKind), list),
}


def _read_own_blocks(own: OwnList) -> list[dict[str, Any]]:
    blocks = []
    for values, places in read_entries(own.path, _OWN_KEYS, required=("where", "language")):
        if values["where"] not in ("prefix", "line"):
            words = f"where: expected prefix or line, not {values['where']!r}"
            raise refuse(own.path, places["where"], words)
        for kind in NoticeKind:
            for words in values.get(kind.value, ()):
                check_pattern(own.path, kind.value, places[kind.value], words)
        blocks.append(values)
    return blocks
