"""News in XML: saved RSS, RDF and Atom feeds, NewsML-G2, NewsML 1, NITF and news sitemaps.

Each item becomes a record in the names that records have, so that one rule reads all forms.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from wirethread.articles.errors import SourceError
from wirethread.articles.pages.xml_text import clean_xml
from wirethread.articles.reading.lines import read_whole
from wirethread.articles.reading.sheets import Raw
from wirethread.articles.types.articles import RejectedArticle

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
else:
    Element = Any

__all__ = ["looks_like_xml", "read_xml"]

_MAX_BYTES = 32 * 1024 * 1024
_MAX_ITEMS = 20_000
_ROOTS = ("rss", "RDF", "feed", "urlset", "newsItem", "newsMessage", "NewsML", "nitf")
_LOOKS = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,300}\?>\s*)?(?:<!--.{0,500}?-->\s*|<!DOCTYPE[^>\[]{0,300}>\s*)*"
    rb"<(?:\w+:)?(?:rss|RDF|feed|urlset|newsItem|newsMessage|NewsML|nitf)[\s>]",
    re.S,
)
_HTML = "{http://www.w3.org/1999/xhtml}"


def looks_like_xml(head: bytes) -> bool:
    """Tell whether the beginning of a file is a feed or a news item in XML."""
    return _LOOKS.match(head) is not None


def read_xml(stream: BinaryIO, name: str, *, outlet: str | None = None) -> Iterator[Raw]:
    """Yield the record of each item in a file; `name[3]` is its third.

    Raises:
        SourceError: where it is larger than 32 MiB, no XML, or of a form that is not known.
    """
    from lxml import etree  # noqa: PLC0415 - not needed for other forms

    content = read_whole(stream, name, _MAX_BYTES)
    if len(content) > _MAX_BYTES:
        raise SourceError(f"{name}: it has more than {_MAX_BYTES // 2**20} MiB")
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True,
        remove_pis=True, huge_tree=False, load_dtd=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(clean_xml(content, None), parser)
    except (etree.LxmlError, ValueError) as error:
        raise SourceError(f"{name}: it is no XML that can be read ({error})") from error
    if root is None:
        raise SourceError(f"{name}: it is no XML that can be read")
    kind = _local(root)
    if kind not in _ROOTS:
        raise SourceError(f"{name}: its root is <{kind[:40]}>; known are {', '.join(_ROOTS)}")
    items = list(_split(root, kind))
    for number, record in enumerate(items[:_MAX_ITEMS], 1):
        source = name if len(items) == 1 else f"{name}[{number}]"
        yield source, {**record, "outlet": outlet} if outlet else record
    if len(items) > _MAX_ITEMS:
        reason = f"of {len(items):,} items the first {_MAX_ITEMS:,} are read"
        yield name, RejectedArticle(source=name, source_id=None, reason=reason)
    if not items:
        reason = "there is no item in it"
        yield name, RejectedArticle(source=name, source_id=None, reason=reason)


def _split(root: Element, kind: str) -> Iterator[Mapping[str, Any]]:
    if kind in ("rss", "RDF", "feed"):
        channel = next((part for part in root.iter() if _local(part) == "channel"), root)
        language = _text(_child(channel, "language")) or root.get(f"{_XML}lang")
        name = _text(_child(channel, "title"))
        for item in root.iter():
            if _local(item) in ("item", "entry"):
                yield {"language": language, "publisher_name": name, **_read_entry(item)}
    elif kind == "urlset":
        for place in root.iter():
            if _local(place) == "url":
                yield _read_place(place)
    elif kind in ("newsItem", "newsMessage"):
        for item in root.iter():
            if _local(item) == "newsItem":
                yield _read_news_item(item)
    else:
        found = [part for part in root.iter() if _local(part) == "nitf"] or [root]
        for part in found:
            yield _read_nitf(part, root)


_XML = "{http://www.w3.org/XML/1998/namespace}"


def _local(element: Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _child(element: Element, *names: str) -> Element | None:
    """Return the first child of one of the names, in the order of the names."""
    for name in names:
        for part in element:
            if _local(part) == name:
                return part
    return None


def _find(element: Element, *names: str) -> Element | None:
    """Return the first element below with one of the names."""
    return next((part for part in element.iter() if _local(part) in names), None)


def _text(element: Element | None) -> str | None:
    """Return the words in an element; of XHTML its markup."""
    if element is None:
        return None
    words = "".join(element.itertext()).strip()
    return words or None


def _line(element: Element | None) -> str | None:
    words = _text(element)
    return " ".join(words.split()) if words else None


def _markup(element: Element) -> str:
    """Return what stands in an element as HTML, without prefixes of namespaces."""
    from lxml import etree  # noqa: PLC0415

    if not len(element):
        return element.text or ""
    written = etree.tostring(element, encoding="unicode", with_tail=False)
    return re.sub(r"<(/?)\w+:(\w)", r"<\1\2", re.sub(r"\sxmlns(?::\w+)?=\"[^\"]*\"", "", written))


def _read_entry(item: Element) -> dict[str, Any]:
    bodies = [
        _markup(part)
        for part in item
        if _local(part) in ("encoded", "content", "description", "summary", "body")
        and part.get("url") is None
    ]
    links = [part for part in item if _local(part) == "link"]
    link = next((part.get("href") or _text(part) for part in links
                 if part.get("rel") in (None, "alternate")), None)  # fmt: skip
    guid = _child(item, "guid", "id")
    names = ("pubDate", "published", "issued", "created", "date", "updated", "modified")
    times = {name: _line(_child(item, name)) for name in names}
    authors = [_line(_child(part, "name")) if len(part) else _line(part)
               for part in item if _local(part) in ("author", "creator")]  # fmt: skip
    source = _child(item, "source")
    title = _child(item, "title")
    is_link = guid is not None and guid.get("isPermaLink") != "false"
    address = _text(guid) if is_link and (_text(guid) or "").startswith("http") else None
    return {
        "title": None if title is None else _markup(title),
        "text": max(bodies, key=len, default=None),
        "url": link or address,
        "guid": _text(guid),
        "authors": [name for name in authors if name],
        "source": [words for words in (_line(source), source.get("url")) if words]
        if source is not None
        else None,
        "copyrightNotice": _line(_child(item, "rights")),
        **times,
        "published_at": times["pubDate"] or times["published"] or times["issued"] or times["date"]
        or times["updated"],
    }  # fmt: skip


def _read_place(place: Element) -> dict[str, Any]:
    news = _child(place, "news")
    publication = None if news is None else _child(news, "publication")
    return {
        "url": _text(_child(place, "loc")),
        "title": None if news is None else _line(_child(news, "title")),
        "published_at": None if news is None else _line(_child(news, "publication_date")),
        "publisher_name": None if publication is None else _line(_child(publication, "name")),
        "text": "",  # a sitemap names pages and holds none of their words
    }


# --- agencies' items ----------------------------------------------------------------------------


def _name(element: Element | None) -> str | None:
    """Return the name of an organisation: in words, or as a literal or code."""
    if element is None:
        return None
    named = _line(_child(element, "name", "org", "organisation"))
    return named or element.get("literal") or (element.get("qcode") or "").rpartition(":")[2] or (
        _line(element)
    )  # fmt: skip


def _read_news_item(item: Element) -> dict[str, Any]:
    meta, about = _child(item, "itemMeta"), _child(item, "contentMeta")
    meta = item if meta is None else meta
    about = item if about is None else about
    kind = _find(meta, "itemClass")
    status = _find(meta, "pubStatus")
    provider = _name(_find(meta, "provider"))
    content = _find(item, "contentSet")
    body = None if content is None else _find(content, "body.content", "body", "inlineData")
    if body is None and content is not None:
        body = _find(content, "inlineXML")
    link = next((part.get("href") for part in item.iter() if _local(part) == "link"
                 and (part.get("contenttype") or "").startswith("text/html")), None)  # fmt: skip
    return {
        "guid": item.get("guid"),
        "version": item.get("version"),
        "type": _code(kind).removeprefix("text") or "text" if kind is not None else "text",
        "pubstatus": _code(status) if status is not None else "usable",
        "embargoed": _line(_find(meta, "embargoed")),
        "title": _line(_child(about, "headline")) or _line(_find(meta, "title")),
        "slugline": _line(_child(about, "slugline")),
        "byline": _line(_child(about, "by")),
        "published_at": _line(_find(meta, "firstCreated")) or _line(_child(about, "contentCreated"))
        or _line(_find(meta, "versionCreated")),
        "updated_at": _line(_find(meta, "versionCreated")),
        "language": _tag(_child(about, "language")) or item.get(f"{_XML}lang"),
        "ednote": _line(_find(meta, "edNote")),
        "creditline": _line(_child(about, "creditline")),
        "provider": provider,
        "infosources": [{"name": name} for part in about if _local(part) == "infoSource"
                        and (name := _name(part))],
        "copyrightHolder": _name(_find(item, "copyrightHolder")),
        "url": link,
        "publisher_name": provider,
        "text": _read_body(body),
    }  # fmt: skip


def _code(element: Element) -> str:
    return (element.get("qcode") or element.get("code") or _line(element) or "").rpartition(":")[2]


def _tag(element: Element | None) -> str | None:
    return None if element is None else element.get("tag") or _line(element)


_PARTS = frozenset("p hl2 h1 h2 h3 h4 h5 h6 li pre td q".split())  # noqa: SIM905
_ASIDE = frozenset("media media-caption figure figcaption table-caption script style".split())  # noqa: SIM905


def _read_body(body: Element | None) -> str:
    """Return the paragraphs of a body."""
    if body is None:
        return ""
    found: list[str] = []
    for part in body.iter():
        if _local(part) in _PARTS and not any(
            _local(up) in _ASIDE or _local(up) in _PARTS for up in part.iterancestors()
        ):
            words = "".join(part.itertext())
            found.append(words.strip("\n") if _local(part) == "pre" else " ".join(words.split()))
    if not any(found):
        return (_text(body) or "") if not len(body) else _markup(body)
    return "\n\n".join(words for words in found if words)


def _read_nitf(item: Element, root: Element) -> dict[str, Any]:
    head, body = _find(item, "body.head"), _find(item, "body.content")
    head = item if head is None else head
    dateline = _find(head, "dateline")
    document = _find(item, "docdata")
    document = item if document is None else document

    def norm(name: str) -> str | None:
        part = _find(document, name)
        return None if part is None else part.get("norm") or _line(part)

    number, message = _find(document, "doc-id"), _find(document, "ed-msg")
    status = _find(root, "Status")
    publication = _find(item, "pubdata")
    holder = _find(document, "doc.copyright")
    return {
        "guid": None if number is None else number.get("id-string"),
        "title": _line(_find(head, "hl1")) or _line(_find(root, "HeadLine"))
        or _line(_find(item, "title")),
        "text": _read_body(body) or _read_body(_find(item, "body")),
        "byline": _line(_find(head, "byline")),
        "dateline": _line(dateline),
        "published_at": norm("date.issue") or norm("date.release")
        or (None if publication is None else publication.get("date.publication"))
        or _line(_find(root, "FirstCreated")),
        "embargoed": norm("date.release"),
        "distributor": _line(_find(head, "distributor")),
        "copyrightHolder": None if holder is None else holder.get("holder"),
        "provider": _name(_find(root, "Provider", "Party")),
        "ednote": None if message is None else message.get("info"),
        "pubstatus": (status.get("FormalName") or "usable") if status is not None else "usable",
        "publisher_name": None if publication is None else publication.get("name"),
        "language": item.get(f"{_XML}lang"),
    }  # fmt: skip
