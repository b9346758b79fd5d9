"""Structured fields that may name an agency, collected from a record as `field name -> words`.

Known forms: schema.org (`sourceOrganization`, `provider`, `creditText`, `isBasedOn`), ninjs
(`infosources`, `associations`), ANS (`distributor`, `credits`), feeds (`source`), and plain
`agency`, `byline`, `authors` and the like.
"""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["collect_declared", "is_author_field", "is_picture_field", "is_release_field"]

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
