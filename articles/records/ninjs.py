"""News exchange formats to plain records: IPTC ninjs 1 to 3 and Arc Publishing's ANS.

ninjs 1 writes `body_text`, `headline`, `versioncreated`; ninjs 2 and 3 write `bodies`, `headlines`
with roles, `versionCreated`. ANS holds a story as `content_elements`. HTML becomes paragraphs.
Other records pass through unchanged.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from wirethread.articles.field_text import read_text
from wirethread.articles.records.services import unfold_service

__all__ = ["unfold_record"]

_HTML_BODIES = ("body_html", "body_xhtml", "bodyHtml", "bodyXhtml", "content_html")
_NO_TEXTS = frozenset(("picture", "photo", "image", "graphic", "video", "audio"))
_MAX_ELEMENTS = 5_000


def unfold_record(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the record with `title`, `text` and the like, whichever form it has.

    Raises:
        ValueError: where its sender withholds it, or it is a picture or the like.
    """
    record = unfold_service(record)
    kind = record.get("type")
    if isinstance(kind, str) and kind.lower() in _NO_TEXTS:
        raise ValueError(f"it is a {kind.lower()}, not a text")
    if isinstance(record.get("content_elements"), list):
        return _unfold_ans(record)
    if (
        any(name in record for name in (*_HTML_BODIES, "bodies", "headlines", "pubstatus"))
        or "body_text" in record
    ):
        return _unfold_ninjs(record)
    return record


def _unfold_ninjs(record: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: PLR0912 - as many forms
    status = str(record.get("pubstatus") or record.get("pubStatus") or "").lower()
    if status == "withheld":
        raise ValueError("its sender withholds it (pubstatus withheld)")
    plain: dict[str, Any] = dict(record)
    if status:
        plain["pubstatus"] = status
    for ours, theirs in (("ednote", "edNote"), ("slugline", "slugLine")):
        if isinstance(record.get(theirs), str):
            plain.setdefault(ours, record[theirs])
    if not _words(record.get("body_text")):
        body = _ninjs_body(record)
        if not body and not _words(record.get("text")) and status in ("canceled", "cancelled"):
            body = _words(plain.get("ednote"))  # a notice of withdrawal often has no other text
        if body:
            plain["text"] = body
    if not _words(record.get("title")) and not _words(record.get("headline")):
        title = _choose_part(record.get("headlines"), "value", ("main", "headline"))
        if title is not None:
            plain["title"] = title[0]
    if isinstance(record.get("by"), str):
        plain.setdefault("byline", record["by"])
    if not isinstance(record.get("url"), str):
        plain.pop("url", None)
        if address := _read_address(record):
            plain["url"] = address
    located = record.get("located")
    if isinstance(located, str) and "dateline" not in record:
        plain["dateline"] = located
    return plain


def _ninjs_body(record: Mapping[str, Any]) -> str | None:
    for name in _HTML_BODIES:
        if words := _words(record.get(name)):
            return words
    part = _choose_part(record.get("bodies"), "value", ("main", "body", "text"))
    return part[0] if part else None


def _choose_part(parts: Any, key: str, roles: tuple[str, ...]) -> tuple[str, str] | None:
    """Return words and content type of the part in one of `roles`, or else of the first part."""
    if not isinstance(parts, list):
        return None
    found = [
        (str(part.get("role", "")).lower(), part)
        for part in parts[:50]
        if isinstance(part, Mapping) and _words(part.get(key))
    ]
    if not found:
        return None
    chosen = next((part for role, part in found if role in roles), found[0][1])
    kind = chosen.get("contentType") or chosen.get("contenttype") or ""
    return chosen[key], str(kind).lower()


def _read_address(record: Mapping[str, Any]) -> str | None:
    for name in ("altIds", "altids"):
        ids = record.get(name)
        for item in ids if isinstance(ids, list) else []:
            value = item.get("value") if isinstance(item, Mapping) else None
            if isinstance(value, str) and value.startswith(("http://", "https://")):
                return value
    return None


def _words(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _unfold_ans(record: Mapping[str, Any]) -> Mapping[str, Any]:
    plain: dict[str, Any] = {k: v for k, v in record.items() if k != "content_elements"}
    plain["text"] = "\n\n".join(_read_elements(record["content_elements"]))
    headlines = record.get("headlines")
    if isinstance(headlines, Mapping) and _words(headlines.get("basic")):
        plain["title"] = headlines["basic"]
    address = record.get("canonical_url") or record.get("website_url")
    if isinstance(address, str) and address.startswith(("http://", "https://")):
        plain["url"] = address
    people = record.get("credits")
    by = people.get("by") if isinstance(people, Mapping) else None
    names = (
        [one.get("name") for one in by if isinstance(one, Mapping)] if isinstance(by, list) else []
    )
    if any(isinstance(name, str) for name in names):
        plain["authors"] = [name for name in names if isinstance(name, str)]
    workflow = record.get("publishing")
    if isinstance(workflow, Mapping) and "pubstatus" not in plain:
        status = workflow.get("status")
        if isinstance(status, str):
            plain["pubstatus"] = status
    return plain


def _read_elements(elements: Any, depth: int = 0) -> Iterator[str]:
    """Yield the paragraphs of ANS elements: text, headings, lists, quotations and tables."""
    if not isinstance(elements, list) or depth > 6:
        return
    for element in elements[:_MAX_ELEMENTS]:
        if not isinstance(element, Mapping):
            continue
        kind = str(element.get("type", ""))
        if kind in ("text", "header", "raw_html", "quote", "list", "blockquote", "correction",
                    "endorsement", "interstitial_link", ""):  # fmt: skip
            if kind == "interstitial_link":
                continue
            words = _words(element.get("content")) or _words(element.get("text"))
            if text := read_text(words or "").strip():
                yield text
            for key in ("items", "content_elements"):
                yield from _read_elements(element.get(key), depth + 1)
