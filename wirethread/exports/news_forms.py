"""An article in the forms that newsrooms exchange: IPTC ninjs 3.1 and Arc Publishing's ANS 0.10.9.

What the article says of its agencies goes where each form has a place for it, and what was found
out beside it: agencies whose copy was traced, with their share of the body.

Sources: https://iptc.org/std/ninjs/ninjs-schema_3.1.json and
https://github.com/washingtonpost/ans-schema (0.10.9).
"""

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from wirethread import __version__
from wirethread.articles.addresses import safe_url
from wirethread.articles.credits.declared import is_author_field
from wirethread.articles.records.exported import NOTE_ROLE, OWN_NAME, OWN_NOTE, PUBLISHED_DAY
from wirethread.articles.types.articles import (
    UNNAMED_AGENCY,
    CreditRole,
    ParagraphKind,
    TimePrecision,
    WireCredit,
)
from wirethread.storage.answers.types import ArticleDetail

__all__ = ["to_ans", "to_ninjs"]

NINJS_SCHEMA = "https://www.iptc.org/std/ninjs/ninjs-schema_3.1.json"
ANS_VERSION = "0.10.9"
_TEXT_ROLES = (CreditRole.SOURCE, CreditRole.CONTRIBUTOR, CreditRole.SYNDICATED)
_TOLD = ("ednote", "pubstatus")
"""Notes that ninjs has a place for."""
_SHOWN = (ParagraphKind.BODY, ParagraphKind.HEADING)


def to_ninjs(detail: ArticleDetail, notes: Mapping[str, str]) -> dict[str, Any]:
    """Return an article as a ninjs 3.1 item; `notes` are what its sender said, by field.

    An agency in `infoSources` has the role of its credit (`source`, `contributor`, `syndicated`,
    `photo`), or `traced` where its copy was found and no credit says so. Read back, only credits
    are credits; ids beside the address keep what the form has no place for.
    """
    article = detail.parsed.article
    sources = [{"name": name, "role": role} for name, role in list_suppliers(detail)]
    body = "".join(f"<p>{html.escape(words, quote=False)}</p>" for words in list_body(detail))
    is_canceled = notes.get("pubstatus", "").lower() in ("canceled", "cancelled")
    item: dict[str, Any] = {
        "uri": write_uri(article.url) or f"urn:wirethread:article:{article.article_id}",
        "type": "text",
        "representationType": "full",
        "standard": {"name": "ninjs", "version": "3.1", "schema": NINJS_SCHEMA},
        "pubStatus": "canceled" if is_canceled else "usable",
        "language": article.language,
        "firstCreated": write_moment(article.published_at),
        "versionCreated": write_moment(article.updated_at or article.published_at),
        "version": name_version(detail),
        "by": "; ".join(list_authors(detail)),
        "located": article.dateline,
        "headlines": [{"role": "main", "contentType": "text/plain", "value": article.headline}],
        "bodies": [
            {"role": "main", "contentType": "text/plain", "value": article.text},
            {"role": "richtext", "contentType": "text/html", "value": body},
        ],
        "infoSources": [{"name": article.outlet, "role": "publisher"}, *sources],
        "altIds": [{"role": role, "value": value} for role, value in list_ids(detail, notes)],
        "edNote": write_note(notes.get("ednote"), detail.derivation_reason),
    }
    return {name: value for name, value in item.items() if value not in (None, "", [])}


def to_ans(detail: ArticleDetail, notes: Mapping[str, str]) -> dict[str, Any]:
    """Return an article as an ANS 0.10.9 story; `notes` are what its sender said, by field.

    `distributor` is the agency that supplied most of it, else the first that it credits, else the
    outlet; `additional_properties.wirethread` has every credit with its words, and the shares.
    """
    article, derivation = detail.parsed.article, detail.summary.derivation
    agencies = [name for name, role in list_suppliers(detail) if role != "photo"]
    most = max(detail.agency_shares, key=lambda name: detail.agency_shares[name], default=None)
    supplier = most or (agencies[0] if agencies else None)
    photos = [
        {"type": "author", "name": name} for name, role in list_suppliers(detail) if role == "photo"
    ]
    people = [{"type": "author", "name": name} for name in list_authors(detail)]
    story: dict[str, Any] = {
        "type": "story",
        "version": ANS_VERSION,
        "_id": str(article.article_id),
        "language": article.language,
        "canonical_url": write_uri(article.url),
        "headlines": {"basic": article.headline},
        "publish_date": write_moment(article.published_at),
        "last_updated_date": write_moment(article.updated_at or article.published_at),
        "credits": {"by": people} | ({"photos_by": photos} if photos else {}),
        "distributor": {
            "name": supplier or article.outlet,
            "category": "wires" if supplier else "staff",
            "mode": "custom",
        },
        "source": {"source_id": article.source_id} if article.source_id else None,
        "content_elements": list_elements(detail),
        "additional_properties": {
            OWN_NAME: {
                "version": __version__,
                "outlet": article.outlet,
                "source_id": article.source_id,
                "url": safe_url(article.url),
                "published_precision": article.published_precision.value,
                "is_updated": article.updated_at is not None,
                "notes": dict(notes),
                "credits": [describe_credit(credit) for credit in detail.parsed.credits],
                "agency_shares": dict(detail.agency_shares),
                "derivation": derivation.value if derivation else None,
                "derivation_reason": detail.derivation_reason,
            }
        },
    }
    return {name: value for name, value in story.items() if value is not None}


def list_suppliers(detail: ArticleDetail) -> list[tuple[str, str]]:
    """Return agencies with the role that they are credited in, or `traced`, each once."""
    found: dict[tuple[str, str], None] = {}
    for credit in detail.parsed.credits:
        if credit.agency and credit.agency != UNNAMED_AGENCY:
            found.setdefault((credit.agency, credit.role.value))
    credited = {credit.agency for credit in detail.parsed.credits if credit.role in _TEXT_ROLES}
    for agency in detail.agency_shares:
        if agency not in credited:
            found.setdefault((agency, "traced"))
    return list(found)


def list_authors(detail: ArticleDetail) -> list[str]:
    """Return the people that the article is by, each as its source named it where that is kept."""
    byline = detail.parsed.article.byline
    for credit in detail.parsed.credits:
        names = credit.evidence.split("; ")
        if credit.begin < 0 and is_author_field(credit.rule) and ", ".join(names) == byline:
            return names
    return [byline] if byline else []


def list_ids(detail: ArticleDetail, notes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return roles and values of the ids of an article, and of what ninjs has no place for."""
    article = detail.parsed.article
    ids: list[tuple[str, str | None]] = [
        (OWN_NAME, str(article.article_id)),
        ("source", article.source_id),
        ("url", safe_url(article.url)),
    ]
    if article.published_at is not None and article.published_precision is TimePrecision.DAY:
        ids.append((PUBLISHED_DAY, f"{article.published_at:%Y-%m-%d}"))
    ids += [(f"{NOTE_ROLE}{name}", words) for name, words in notes.items() if name not in _TOLD]
    return [(role, value) for role, value in ids if value]


def write_note(said: str | None, concluded: str | None) -> str:
    """Return a note for editors: what the sender said, and in a line of its own what was found."""
    found = f"{OWN_NOTE}{concluded}" if concluded else None
    return "\n".join(words for words in (said, found) if words)


def describe_credit(credit: WireCredit) -> dict[str, Any]:
    """Return a credit with the words that say so, and the field where they stand in one."""
    in_field = credit.begin < 0 and credit.rule != "outlet" and not is_author_field(credit.rule)
    return {
        "agency": credit.agency,
        "role": credit.role.value,
        "field": credit.rule if in_field else None,
        "evidence": credit.evidence,
        "begin": credit.begin,
        "end": credit.end,
    }


def list_body(detail: ArticleDetail) -> list[str]:
    """Return the paragraphs and headings of the text, credit lines with them."""
    kinds = (*_SHOWN, ParagraphKind.CREDIT)
    return [paragraph.text for paragraph in detail.parsed.paragraphs if paragraph.kind in kinds]


def list_elements(detail: ArticleDetail) -> list[dict[str, Any]]:
    """Return the text as content elements of ANS."""
    elements: list[dict[str, Any]] = []
    for paragraph in detail.parsed.paragraphs:
        words = html.escape(paragraph.text, quote=False)
        if paragraph.kind is ParagraphKind.HEADING:
            elements.append({"type": "header", "level": 2, "content": words})
        elif paragraph.kind in (ParagraphKind.BODY, ParagraphKind.CREDIT):
            elements.append({"type": "text", "content": words})
    return elements


def name_version(detail: ArticleDetail) -> str | None:
    """Return the number of this version among those of the article."""
    shown = detail.parsed.article.article_id
    return next(
        (str(version.version) for version in detail.versions if version.article_id == shown), None
    )


def write_uri(url: str | None) -> str | None:
    """Return the address of a web page in the letters that a URI has, None for any other."""
    found = safe_url(url)
    return found and quote(found, safe="%/:?#[]@!$&'()*+,;=~")


def write_moment(moment: datetime | None) -> str | None:
    """Return a time in ISO 8601, in UTC."""
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")
