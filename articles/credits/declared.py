"""Structured fields that may name an agency, collected from a record as `field name -> words`.

Known forms: schema.org (`sourceOrganization`, `provider`, `creditText`, `isBasedOn`), ninjs
(`infosources`, `associations`), ANS (`distributor`, `credits`), feeds (`source`), and plain
`agency`, `byline`, `authors` and the like.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wirethread.articles.credits import conventions
from wirethread.articles.credits.agencies import (
    AgencyKind,
    find_agencies_in_words,
    find_mentions,
    find_outlet_agency,
)
from wirethread.articles.credits.contributors import is_contributor_line
from wirethread.articles.credits.marks import TEXT_AGENCY, THE, WIRE, mask_agencies
from wirethread.articles.credits.shared import is_shared_byline
from wirethread.articles.credits.syndication import read_syndication_line
from wirethread.articles.types.articles import UNNAMED_AGENCY, Article, CreditRole, WireCredit

__all__ = [
    "collect_declared",
    "credit_fields",
    "is_author_field",
    "is_picture_field",
    "is_plain_field",
    "is_release_field",
]

_MAX_WORDS = 2000
_PLAIN = (
    "agency", "agencies", "news_agency", "wire", "wire_service", "sourceOrganization", "provider",
    "creditText", "creditline", "credit_line", "credit", "copyrightHolder", "copyrightNotice",
    "copyrightnotice", "copyrightholder", "isBasedOn", "isBasedOnUrl", "syndication-source",
    "syndication_source", "original-source", "original_source", "source", "infoSource",
    "publisher_agency",
)  # fmt: skip
_AUTHORS = ("authors", "author", "byline", "bylines", "by", "creator", "dc:creator")
_NAME_KEYS = (
    "name",
    "title",
    "legalName",
    "alternateName",
    "url",
    "href",
    "value",
    "#text",
    "literal",
    "uri",
)


def collect_declared(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of `record` that may name an agency, with their words.

    Where several things stand in one field, their words are joined by "; ". Fields of pictures
    have a name that `is_picture_field` knows, press releases one that `is_release_field` knows.
    """
    found: dict[str, list[str]] = {}
    for name in (*_PLAIN, *_AUTHORS):
        if name in record:
            found.setdefault(name, []).extend(_read_words(record[name]))
    for name, words in (*_read_ninjs(record), *_read_ans(record)):
        found.setdefault(name, []).append(words)
    extra = record.get("declared")  # of a page: read already
    if isinstance(extra, Mapping):
        for name, value in extra.items():
            found.setdefault(str(name), []).extend(_read_words(value))
    return {
        name: "; ".join(dict.fromkeys(word for word in words if word))[:_MAX_WORDS]
        for name, words in found.items()
        if any(words)
    }


def is_author_field(name: str) -> bool:
    """Tell whether a field names the authors of the text."""
    return name in _AUTHORS or name == "credits.by"


def is_plain_field(name: str) -> bool:
    """Tell whether words are read from a field of this name, be they a mere string."""
    return name in _PLAIN


def is_picture_field(name: str) -> bool:
    """Tell whether a field is about pictures or videos."""
    return name.startswith("associations") or name.endswith((".photo", ".photos_by"))


def is_release_field(name: str) -> bool:
    """Tell whether a field says that the text is a press release."""
    return name.endswith(".handout")


def _read_words(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the names in a string, an object or a list of those."""
    if isinstance(value, str):
        yield " ".join(value.split())[:_MAX_WORDS]
    elif isinstance(value, Mapping) and depth < 4:
        for key in _NAME_KEYS:
            if isinstance(value.get(key), str):
                yield from _read_words(value[key], depth + 1)
                break
        for key in ("publisher", "sourceOrganization", "provider"):
            if key in value:
                yield from _read_words(value[key], depth + 1)
    elif isinstance(value, list) and depth < 4:
        for item in value[:50]:
            yield from _read_words(item, depth + 1)


def _read_ninjs(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for info in _as_list(record.get("infosources")):
        role = str(info.get("role", "")).lower() if isinstance(info, Mapping) else ""
        name = (
            "infosources.photo"
            if any(w in role for w in ("photo", "image", "pict", "video"))
            else "infosources"
        )
        for words in _read_words(info):
            yield name, words
    associations = record.get("associations")
    items = associations.values() if isinstance(associations, Mapping) else _as_list(associations)
    for item in items:
        if not isinstance(item, Mapping):
            continue
        if str(item.get("type", "")).lower() in ("text", "composite"):
            name = "isBasedOn" if "based" in str(item.get("rel", "")).lower() else "infosources"
        else:
            name = "associations"
        for key in (
            "infosources",
            "creditline",
            "copyrightholder",
            "copyrightnotice",
            "byline",
            "by",
        ):
            for words in _read_words(item.get(key)):
                yield name, words


def _read_ans(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    distributor = record.get("distributor")
    if isinstance(distributor, Mapping):
        category = str(distributor.get("category", "")).lower()
        name = "distributor.handout" if category == "handout" else "distributor"
        if category not in ("staff", "freelance"):
            for words in _read_words(distributor):
                yield name, words
    elif isinstance(distributor, str):
        yield "distributor", distributor
    people = record.get("credits")
    if isinstance(people, Mapping):
        for key in ("by", "photos_by"):
            for person in _as_list(people.get(key)):
                if isinstance(person, Mapping):
                    for words in (*_read_words(person), *_read_words(person.get("org"))):
                        yield f"credits.{key}", words


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


_JOINED = re.compile(
    # Redacción A ; Associated Press writer Jane Doe ; JANE DOE Associated Press
    rf"^\W*(?:redacci[oó]n|redazione|redaktion|rédaction|redação|redactie)\s+(?:de\s+|der\s+)?"
    rf"{TEXT_AGENCY}\W*$"
    rf"|^\W*{THE}{WIRE}+\s+(?:staff\s+|news\s+)?(?:writer|reporter|correspondent|journalist)s?\s"
    rf"|^\W*(?:by\s+)?(?:[^\W\d_][\w.'’-]*\s+){{2,4}}{THE}{WIRE}{{12,}}\W*$",
    re.I,
)
"""An agency beside a name or a desk without anything between; of names alone only long ones."""
_NAME_BORDER = re.compile(r"\s*[,;|]\s*")
_MOST_AUTHORS = 4
"""More names in an author field are those of everything on the page, and credit nothing."""


def credit_fields(article: Article, declared: Mapping[str, str]) -> list[WireCredit]:
    """Return the credits that the outlet's own name and its structured fields give."""
    given: list[WireCredit] = []

    outlet = find_outlet_agency(article.outlet, article.url)
    if outlet is not None and outlet.kind is not AgencyKind.PHOTO:
        role = CreditRole.HANDOUT if outlet.kind is AgencyKind.HANDOUT else CreditRole.SOURCE
        given.append(_make_credit(article, outlet.name, role, "outlet", article.outlet))
    for name, words in sorted(declared.items()):
        is_author = is_author_field(name)
        if is_author and len(_NAME_BORDER.split(words)) > _MOST_AUTHORS:
            continue
        given += _credit_field(article, name, words)
    return given


def _credit_field(article: Article, name: str, words: str) -> list[WireCredit]:
    is_author = is_author_field(name)
    mentions = find_mentions(words)
    masked = mask_agencies(words, mentions)
    contributed = is_contributor_line(masked, is_alone=not is_author)
    line = None if is_author else read_syndication_line(words, masked)
    if contributed or line is not None or conventions.is_copyright_line(masked):
        found = [mention.agency for mention in mentions]
    else:
        found = find_agencies_in_words(words)
        if not found and is_author and _JOINED.match(masked) is not None:
            found = [mention.agency for mention in mentions]
    is_shared = contributed or (
        is_author and is_shared_byline(words, outlet=article.outlet, is_field=True)
    )
    rule = "byline" if is_author else name
    publisher = line.publisher if line is not None else None
    if publisher is None and not found and name.endswith(".syndicated"):
        publisher = words
    given = []
    for agency in dict.fromkeys(found):
        role = _role_in_field(name, agency.kind, is_shared=is_shared)
        origin = (publisher or agency.name) if role is CreditRole.SYNDICATED else None
        given.append(_make_credit(article, agency.name, role, rule, words, origin=origin))
    if not found and is_author and _NO_NAME.fullmatch(words.strip()):
        given.append(_make_credit(article, UNNAMED_AGENCY, CreditRole.SOURCE, rule, words))
    if not found and publisher is not None:
        role = CreditRole.SYNDICATED
        given.append(_make_credit(article, publisher, role, rule, words, origin=publisher))
    return given


def _role_in_field(name: str, kind: AgencyKind, *, is_shared: bool) -> CreditRole:
    if is_picture_field(name) or kind is AgencyKind.PHOTO:
        return CreditRole.PHOTO
    if kind is AgencyKind.HANDOUT or is_release_field(name):
        return CreditRole.HANDOUT
    if is_shared or name.endswith(".contributor"):
        return CreditRole.CONTRIBUTOR
    if name.endswith(".syndicated"):
        return CreditRole.SYNDICATED
    return CreditRole.SYNDICATED if kind is AgencyKind.SYNDICATE else CreditRole.SOURCE


def _make_credit(
    article: Article,
    agency: str,
    role: CreditRole,
    rule: str,
    words: str,
    *,
    origin: str | None = None,
) -> WireCredit:
    return WireCredit(
        article_id=article.article_id,
        agency=agency,
        role=role,
        rule=rule,
        evidence=words,
        begin=-1,
        end=-1,
        origin=origin,
    )


_NO_NAME = re.compile(
    r"(?:(?:by|from|par|von|por|the|les|das)\s+)?(?:news\s+|wire\s+|press\s+)?(?:agenc(?:y|ies)|"
    r"agencias|agências|"
    r"agences|agenzie|agenturen|wire services?|news services?|wires)(?:\s+(?:reports?|report))?",
    re.I,
)
