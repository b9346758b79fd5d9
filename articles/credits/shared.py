"""Whether a line that names an agency names it alone, or beside others who wrote the text too.

Only a line that is the agency's alone says that a text is wholly the agency's. `Jane Doe, Reuters`
is Reuters's own reporter; `Jane Doe and Reuters`, `Jane Doe with Reuters`, `Courier staff, AP` and
`(Courier/AP)` are of a paper that used the agency.
"""

import re

from wirethread.articles.credits.agencies import find_mentions

__all__ = ["is_agencys_writers_line", "is_shared_byline", "is_shared_dateline"]

_MARK = "\ue0ff"
"""Stands for one agency's name."""
_AND = (
    r"(?:and|with|und|mit|et|avec|y|con|e|com|en|met|og|och|med|i|oraz|z|ve|και|и|и\s+с|com\s+a|"
    r"[&+;])"
)
_THE = r"(?:the\s+|der\s+|die\s+|den\s+|l['’]\s?|la\s+|las\s+|agencias?\s+|agences?\s+|agenzia\s+)*"
_HOUSE = re.compile(
    r"\b(?:staff|newsroom|news\s?desk|our|own|local|redaktion(?:en)?|redakcja|redakce|rédaction|"
    r"redacci[oó]n|redazione|reda[cç][aã]o|redactie|redaksjon(?:en)?|redaktionen|toimitus|"
    r"редакция)\b",
    re.I,
)
_BY = re.compile(
    r"^\W*(?:(?:written|reported|story|text)\s+)?(?:by|from|von|par|por|di|da|door|av|af|od|"
    r"автор:?)"
    r"\b",
    re.I,
)
_JOINED_BEFORE = re.compile(rf"(?:^|[\s,(]){_AND}\s*{_THE}$", re.I)
_JOINED_AFTER = re.compile(
    rf"^(?:['’]s?)?\s*,?\s*(?:{_AND}\s+|[&+;/]\s*)(?P<rest>.*)$", re.I | re.S
)
_LISTED_AFTER = re.compile(r"^\s*[,|]\s*(?P<rest>.*)$", re.S)
_DATED = re.compile(
    r"\b(?:updated|published|posted|on|at|am|pm|est|gmt|utc)\b|\d[\d:./-]*|"
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b\.?|"
    r"\b(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?\b",
    re.I,
)
_DESK = re.compile(
    r"\b(?:news|business|political|politics|sports|health|science|national|chief|senior|writers?|"
    r"reporters?|correspondents?|bureau|team|agency|agencies|agentur(?:en)?|agencias?|agences?|"
    r"wires?|services?|staff|editors?|desk|the)\b",
    re.I,
)
_NAME = re.compile(r"[^\W\d_][\w.'’-]*\s+(?:[^\W\d_][\w.'’-]*\s+)*[^\W\d_][\w.'’-]+")
_LETTER = re.compile(r"[^\W\d_]")
_PROCESSING = re.compile(
    r"\b(?:web|online|digital|news|central|world|national|night|copy|wire|internet)[\s-]*(?:desk|"
    r"team|hub)\b",
    re.I,
)
"""Desks that put a text on the page, and wrote none of it."""
_SERVICE_CODE = re.compile(r"^[a-z]{2,4}$")
_SLASHED = re.compile(r"\s*[/&+,]\s*|\s+(?:and|und|et|y|e)\s+")


def is_shared_byline(words: str, *, outlet: str = "", is_field: bool = False) -> bool:
    """Whether a byline names somebody beside an agency and the agency's own reporters.

    `outlet` is the paper: its own name in the line shares it. In a field (`is_field`) what follows
    a comma is a further author.
    """
    words = _PROCESSING.sub(" ", words)
    mentions = find_mentions(words)
    if not mentions:
        return False
    before = _BY.sub("", words[: mentions[0].begin])
    after = words[mentions[-1].end :]
    return (
        _is_joined_before(before)
        or _is_joined_after(after, is_field=is_field)
        or _names_outlet(f"{before} {after}", outlet)
        or ";" in before
        or _HOUSE.search(before) is not None
    )


def _is_joined_before(before: str) -> bool:
    stripped = before.rstrip()
    if stripped.endswith("/"):  # a person with an agency's name is its reporter; a desk is not
        name = stripped.rstrip("/ ")
        return _LETTER.search(name) is not None and _NAME.fullmatch(name.strip()) is None
    joined = _JOINED_BEFORE.search(before)
    return joined is not None and _LETTER.search(before[: joined.start()]) is not None


def _is_joined_after(after: str, *, is_field: bool) -> bool:
    joined = _JOINED_AFTER.match(after)
    if joined is not None:
        return _LETTER.search(_DATED.sub(" ", joined["rest"])) is not None
    listed = _LISTED_AFTER.match(after) if is_field else None
    if listed is None:
        return False
    rest = _DESK.sub(" ", _DATED.sub(" ", listed["rest"]))
    return _NAME.search(rest) is not None


def _names_outlet(words: str, outlet: str) -> bool:
    name = _squeeze(re.sub(r"^the\s+", "", outlet.strip(), flags=re.I))
    return len(name) >= 4 and not find_mentions(outlet) and name in _squeeze(words)


def _squeeze(words: str) -> str:
    return re.sub(r"[\W_]+", "", words.casefold())


def is_shared_dateline(words: str) -> bool:
    """Whether the brackets of a dateline name somebody beside agencies: `KELL (Courier/AP)`.

    The codes of an agency's own services (`dpa/lno`) are the agency.
    """
    mentions = find_mentions(words)
    if not mentions:
        return False
    opened = max(words.rfind(mark, 0, mentions[0].begin) for mark in "([（")
    closed = re.compile(r"[)\]）]").search(words, mentions[-1].end)
    if opened == -1 or closed is None:
        return False
    inside = list(words[opened + 1 : closed.start()])
    for mention in mentions:
        begin, end = mention.begin - opened - 1, mention.end - opened - 1
        inside[begin:end] = [_MARK] * (end - begin)
    parts = [part.strip() for part in _SLASHED.split("".join(inside))]
    return any(
        _MARK not in part
        and _LETTER.search(_DATED.sub(" ", part)) is not None
        and _SERVICE_CODE.match(part) is None
        for part in parts
    )


_WRITERS = re.compile(
    rf"^\W*(?:the\s+)?{_MARK}+(?:['’]s)?\s+(?:[a-z]+\s+){{0,3}}?(?:writers?|reporters?|"
    r"correspondents?|"
    r"journalists?|staff(?:ers)?)\b",
    re.I,
)
_OTHERS = re.compile(
    r"\b(?:writers?|reporters?|correspondents?|journalists?|staff(?:ers)?|editors?)\b|"
    rf"\band\s+(?:the\s+)?{_MARK}",
    re.I,
)


def is_agencys_writers_line(words: str, *, outlet: str = "") -> bool:
    """Whether a contributor line names the agency's own writers and nobody else.

    `Associated Press writers Jane Doe in Velm and John Roe in Kell contributed` closes a text of
    the agency; `Petra Holm and Reuters contributed` closes one of the paper.
    """
    mentions = find_mentions(words)
    if not mentions:
        return False
    masked = list(words)
    for mention in mentions:
        masked[mention.begin : mention.end] = [_MARK] * (mention.end - mention.begin)
    line = "".join(masked)
    found = _WRITERS.match(line)
    if found is None or _names_outlet(line, outlet):
        return False
    return _OTHERS.search(line, found.end()) is None
