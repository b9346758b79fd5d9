"""Records of news services, feed readers and crawlers to plain ones, told by their fields.

NewsAPI and its like (`source.name`, `content` cut off with "[+1834 chars]"), newspapers' own
interfaces (`webTitle`, `fields.bodyText`), Fundus (`body.sections`, `plaintext`), WordPress
(`content.rendered`), feed readers (`content.content`, `origin`, `feed.title`), the AP Media API
(`item`), JSON Feed (`content_html`, `content_text`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wirethread.articles.types.articles import Mark

__all__ = ["strip_cut_off", "unfold_service"]

_CUT = re.compile(r"\s*[\[(]\+?\s?[\d,]{1,12}\s?(?:chars?|characters|words)[\])]\s*$", re.I)
_MAX_PARTS = 2_000


def unfold_service(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a record with `title`, `text`, `url` and the like where its fields name a service."""
    for key in ("_source", "item", "node"):
        inner = record.get(key)
        if isinstance(inner, Mapping) and len(inner) > 1:
            record = {**{name: value for name, value in record.items() if name != key}, **inner}
    plain = dict(record)
    _open_words(plain)
    _open_body(plain)
    _open_newspaper(plain)
    _open_address(plain)
    _open_agency(plain)
    _name_publisher(plain)
    return plain


def _open_words(plain: dict[str, Any]) -> None:
    """WordPress and feed readers keep words one level down."""
    for name in ("title", "content", "excerpt", "summary"):
        value = plain.get(name)
        if isinstance(value, Mapping):
            keys = ("rendered", "content", "value", "main", "basic", "name")
            words = (value.get(key) for key in keys)
            plain[name] = next((word for word in words if isinstance(word, str)), None)
    parts = plain.get("content")
    if isinstance(parts, list) and any(isinstance(part, Mapping) for part in parts):
        values = [part.get("value") for part in parts if isinstance(part, Mapping)]
        plain["content"] = "\n".join(value for value in values if isinstance(value, str))
    if not _is_said(plain, "content") and "origin" in plain:  # the interface of feed readers
        plain["content"] = plain.get("summary")


def _open_body(plain: dict[str, Any]) -> None:
    """Fundus has a body in sections, and the page beside it."""
    body, page = plain.get("body"), plain.get("html")
    if isinstance(body, Mapping):
        plain["body"] = "\n\n".join(_read_sections(body)) or None
    if isinstance(page, Mapping):
        plain["html"] = page.get("content")
        plain.setdefault("url", page.get("responded_url") or page.get("requested_url"))


def _open_newspaper(plain: dict[str, Any]) -> None:
    """Newspapers' own interfaces have the words among `fields`."""
    fields = plain.get("fields")
    pairs = (("title", "headline"), ("text", "bodyText"), ("text", "body"), ("byline", "byline"),
             ("language", "lang"), ("outlet", "publication"))  # fmt: skip
    if isinstance(fields, Mapping) and ("webTitle" in plain or "webUrl" in plain):
        for ours, theirs in pairs:
            if _is_said(fields, theirs):
                plain.setdefault(ours, fields[theirs])
    for ours, theirs in (("title", "webTitle"), ("url", "webUrl"), ("url", "web_url")):
        if _is_said(plain, theirs):
            plain.setdefault(ours, plain[theirs])


def _open_address(plain: dict[str, Any]) -> None:
    for key in ("canonical", "alternate"):  # feed readers
        links = plain.get(key)
        if isinstance(links, list) and links and isinstance(links[0], Mapping):
            plain.setdefault("url", links[0].get("href"))


def _open_agency(plain: dict[str, Any]) -> None:
    """Agencies name their own sources, by one spelling or another, and bylines in a list."""
    for theirs in ("infoSources", "infosource"):
        if isinstance(plain.get(theirs), list):
            plain.setdefault("infosources", plain[theirs])
    bylines = plain.get("bylines")
    if isinstance(bylines, list) and "byline" not in plain:
        names = [line.get("by") for line in bylines if isinstance(line, Mapping)]
        plain["byline"] = "; ".join(name for name in names if isinstance(name, str)) or None


def _is_said(record: Mapping[str, Any], name: str) -> bool:
    return isinstance(record.get(name), str) and bool(record[name].strip())


def _name_publisher(plain: dict[str, Any]) -> None:
    """Give the name of the outlet, as a service has it, for want of an address."""
    for key in ("source", "feed", "origin", "publication"):
        value = plain.get(key)
        if isinstance(value, Mapping):
            name = value.get("name") or value.get("title")
            if isinstance(name, str) and name.strip():
                plain.setdefault("publisher_name", name)


def _read_sections(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield headings and paragraphs of a body in sections, its summary where there are none."""
    sections = body.get("sections")
    found = False
    for section in sections[:_MAX_PARTS] if isinstance(sections, list) else ():
        if isinstance(section, Mapping):
            for key in ("headline", "paragraphs"):
                for words in _list_words(section.get(key)):
                    found = True
                    yield words
    if not found:
        for key in ("content", "text", "value", "summary"):
            yield from _list_words(body.get(key))


def _list_words(value: Any) -> list[str]:
    values = value[:_MAX_PARTS] if isinstance(value, list) else [value]
    return [words for words in values if isinstance(words, str) and words.strip()]


def strip_cut_off(text: str) -> tuple[str, dict[str, str]]:
    """Return a text without the sign that it was cut off, and the mark that it was."""
    match = _CUT.search(text[-60:])
    if match is None:
        return text, {}
    kept = text[: len(text) - len(text[-60:]) + match.start()].rstrip()
    return kept, {Mark.CUT_OFF: match[0].strip()}
