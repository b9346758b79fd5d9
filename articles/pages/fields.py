"""What a page says about itself in structured form: meta tags, schema.org in JSON-LD, microdata.

The result is a record in the field names that `records.read_record` knows, so that a page, a feed
and a JSON line are read by one rule.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.html import HtmlElement
else:
    HtmlElement = Any

__all__ = ["read_page_fields"]

_MAX_SCRIPT = 512 * 1024
"""Characters of one JSON-LD script; a longer one is no description of an article."""
_MAX_SCRIPTS = 30
_MAX_METAS = 500
_MAX_NODES = 3_000
_MAX_WORDS = 2_000

_ARTICLE_TYPE = re.compile(r"(?:Article|BlogPosting|^Report)$")
_CREDITS = ("sourceOrganization", "provider", "creditText", "isBasedOn", "isBasedOnUrl",
            "copyrightHolder", "copyrightNotice", "dateline", "publisher", "author",
            "contributor")  # fmt: skip

_META_TITLE = ("og:title", "twitter:title", "dc.title", "headline", "sailthru.title")
_META_TIME = ("article:published_time", "datepublished", "article:published", "pubdate",
              "publish-date", "publishdate", "publication_date", "parsely-pub-date",
              "sailthru.date", "og:published_time", "dc.date.issued", "dcterms.created",
              "dc.date", "dcterms.date",
              "cxenseparse:recs:publishtime", "originalpublicationdate", "date")  # fmt: skip
_META_AUTHOR = ("author", "article:author", "byl", "byline", "dc.creator", "dcterms.creator",
                "parsely-author", "sailthru.author", "og:article:author", "authors")  # fmt: skip
_META_SOURCE = ("syndication-source", "original-source", "dc.source", "dcterms.source", "source",
                "article:source", "provider", "news_source", "copyright", "dc.rights", "agency",
                "dcterms.rightsholder", "dc.publisher", "article.source")  # fmt: skip
_MICRO = {"sourceorganization": "sourceOrganization", "provider": "provider",
          "credittext": "creditText", "copyrightholder": "copyrightHolder",
          "copyrightnotice": "copyrightNotice", "dateline": "dateline"}  # fmt: skip


def read_page_fields(tree: "HtmlElement") -> dict[str, Any]:
    """Return the fields of a page: `title, published_at, authors, language, outlet, canonical`.

    `declared` holds the fields that may name an agency, as `field name -> words`, and `body` the
    text of the article where JSON-LD carries it. Fields that the page lacks are missing.
    """
    metas = _read_metas(tree)
    found: dict[str, Any] = {}
    declared: dict[str, str] = {}
    canonical = _read_canonical(tree, metas)
    article, nodes = _find_article(tree, canonical, metas)
    title = _name(article.get("headline"), nodes) or _first(metas, _META_TITLE)
    times = [article.get("datePublished"), *(metas[key][0] for key in _META_TIME if key in metas)]
    times += tree.xpath("(//*[@itemprop='datePublished'])[1]/@datetime")
    times += tree.xpath("(//*[@itemprop='datePublished'])[1]/@content")
    authors = _names(article.get("author"), nodes) or [
        name for key in _META_AUTHOR for name in metas.get(key, ()) if "://" not in name
    ]
    outlet = _first(metas, ("og:site_name",)) or _name(article.get("publisher"), nodes)
    language = article.get("inLanguage") or tree.get("lang") or _first(metas, ("og:locale",))
    for key in _CREDITS:
        if words := "; ".join(_names(article.get(key), nodes)):
            declared[key] = words
    for key in (*_META_SOURCE, *_META_AUTHOR):
        if key in metas:
            name = "author" if key in _META_AUTHOR else key
            declared[name] = "; ".join(dict.fromkeys((*_split(declared.get(name)), *metas[key])))
    for key, words in _read_microdata(tree):
        declared.setdefault(key, words)
    body = article.get("articleBody")
    values = {
        "title": title,
        "times": [time for time in times if isinstance(time, str | int | float) and time],
        "authors": list(dict.fromkeys(authors))[:50],
        "outlet": outlet,
        "language": language if isinstance(language, str) else None,
        "canonical": canonical,
        "declared": {name: words[:_MAX_WORDS] for name, words in declared.items()},
        "body": html.unescape(body) if isinstance(body, str) else None,
        "is_article": bool(article),
        "type": _first(metas, ("og:type",)),
    }
    found.update({name: value for name, value in values.items() if value})
    return found


def _split(words: str | None) -> list[str]:
    return words.split("; ") if words else []


def _clean(words: str) -> str:
    return " ".join(html.unescape(words[: 2 * _MAX_WORDS]).split())[:_MAX_WORDS]


def _read_metas(tree: "HtmlElement") -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for number, meta in enumerate(tree.iter("meta")):
        if number >= _MAX_METAS:
            break
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        words = _clean(meta.get("content") or "")
        if name and words and len(name) < 60:
            metas.setdefault(name.strip().lower(), []).append(words)
    return metas


def _first(metas: Mapping[str, list[str]], names: tuple[str, ...]) -> str | None:
    return next((metas[name][0] for name in names if name in metas), None)


def _read_canonical(tree: "HtmlElement", metas: Mapping[str, list[str]]) -> str | None:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            return str(link.get("href"))[:4000]
    return _first(metas, ("og:url",))


def _read_microdata(tree: "HtmlElement") -> Iterator[tuple[str, str]]:
    for element in tree.xpath("(//*[@itemprop])[position() <= 400]"):
        for name in (element.get("itemprop") or "").lower().split():
            if name not in _MICRO:
                continue
            if any(up.tag in ("figure", "figcaption") for up in element.iterancestors()):
                continue
            words = element.get("content") or " ".join(element.itertext())
            if words.strip():
                yield _MICRO[name], _clean(words)[:300]


# --- JSON-LD ------------------------------------------------------------------------------------

Nodes = Mapping[str, Mapping[str, Any]]


def _find_article(
    tree: "HtmlElement", canonical: str | None, metas: Mapping[str, list[str]]
) -> tuple[Mapping[str, Any], Nodes]:
    """Return the description of the page's own article, and every described thing by its id."""
    articles: list[Mapping[str, Any]] = []
    nodes: dict[str, Mapping[str, Any]] = {}
    scripts = tree.xpath("//script[contains(@type, 'ld+json')]")[:_MAX_SCRIPTS]
    for script in scripts:
        for node in _walk_nodes(_parse_script(script.text or "")):
            if isinstance(node.get("@id"), str) and len(node) > 1:
                nodes.setdefault(node["@id"], node)
            if any(_ARTICLE_TYPE.search(kind) for kind in _types(node)):
                articles.append(node)
    own = [node for node in articles if _is_own(node, canonical, metas)]
    chosen = own or articles
    return (chosen[0] if chosen else {}), nodes


def _parse_script(words: str) -> Any:
    words = re.sub(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$",
                   "", words[: _MAX_SCRIPT + 1]).strip().rstrip(";")  # fmt: skip
    if len(words) > _MAX_SCRIPT:
        return None
    try:
        return json.loads(words, strict=False)
    except (ValueError, RecursionError):
        return None


def _walk_nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects at the top, in lists and in @graph; not those that an article refers to."""
    waiting = [value]
    n_seen = 0
    while waiting and n_seen < _MAX_NODES:
        n_seen += 1
        item = waiting.pop(0)
        if isinstance(item, list):
            waiting[:0] = item[:_MAX_NODES]
        elif isinstance(item, Mapping):
            yield item
            waiting += [item[key] for key in ("@graph", "mainEntity", "mainEntityOfPage")
                        if isinstance(item.get(key), Mapping | list)]  # fmt: skip


def _types(node: Mapping[str, Any]) -> list[str]:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return [kind for kind in kinds if isinstance(kind, str)]


def _is_own(node: Mapping[str, Any], canonical: str | None, metas: Mapping[str, list[str]]) -> bool:
    places = [node.get("url"), node.get("@id"), node.get("mainEntityOfPage")]
    places = [place.get("@id") if isinstance(place, Mapping) else place for place in places]
    if canonical and canonical in places:
        return True
    headline = node.get("headline")
    title = _first(metas, _META_TITLE)
    return isinstance(headline, str) and title is not None and _clean(headline) == title


def _name(value: Any, nodes: Nodes) -> str | None:
    names = _names(value, nodes)
    return names[0] if names else None


def _names(value: Any, nodes: Nodes, depth: int = 0) -> list[str]:
    """Return the names in a schema.org value: words, an object, a reference, or a list of them."""
    if isinstance(value, str):
        return [words] if (words := _clean(value)) else []
    if isinstance(value, list) and depth < 4:
        return [name for item in value[:30] for name in _names(item, nodes, depth + 1)]
    if not isinstance(value, Mapping) or depth >= 4:
        return []
    reference = value.get("@id")
    if isinstance(reference, str) and "name" not in value and reference in nodes:
        value = nodes[reference]
    found: list[str] = []
    for key in ("name", "legalName", "text", "url"):
        if isinstance(value.get(key), str) and _clean(value[key]):
            found.append(_clean(value[key]))
            break
    for key in ("worksFor", "affiliation", "sourceOrganization", "provider"):
        if key in value and value[key] is not value:
            found += _names(value[key], nodes, depth + 1)
    return found
