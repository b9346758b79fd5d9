"""From a web page to a source article: main text, what the page declares, and its wire credits.

The main text comes from trafilatura. Around it: characters whatever the page calls them
(`charsets`), bounds against pages built to hang a parser (`markup`), the structured fields
(`page_fields`) and the credit lines that extraction drops (`rescue`).
"""

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from wirethread.articles.addresses import is_same_site, resolve_link
from wirethread.articles.credits.declared import collect_declared
from wirethread.articles.dates.order import DateOrder
from wirethread.articles.dates.times import read_url_time
from wirethread.articles.field_text import read_text
from wirethread.articles.markup import MAX_ELEMENTS, Block, flatten_blocks, parse_markup, thin_tree
from wirethread.articles.pages.charsets import decode_bytes
from wirethread.articles.pages.fields import read_page_fields
from wirethread.articles.pages.front_pages import is_front_page
from wirethread.articles.pages.rescue import rescue_credits
from wirethread.articles.records.dating import describe_fault, read_local_time
from wirethread.articles.records.record import MAX_TEXT, pick_time, read_record
from wirethread.articles.types.articles import RejectedArticle, SourceArticle, TimePrecision

if TYPE_CHECKING:
    from lxml.html import HtmlElement
else:
    HtmlElement = Any

__all__ = ["MAX_PAGE_BYTES", "looks_like_page", "read_page"]

MAX_PAGE_BYTES = 8 * 1024 * 1024
"""A larger page is set aside; news pages have .05 to 2 MiB."""

_PAGE_TYPES = re.compile(r"^\s*(?:text/html|application/xhtml|application/xml|text/xml|text/plain|"
                         r"application/octet-stream|\W*$|[^/]*$)", re.I)  # fmt: skip
_MAGIC = {b"%PDF": "a PDF document", b"\x89PNG": "a picture", b"GIF8": "a picture",
          b"\xff\xd8\xff": "a picture", b"PK\x03\x04": "a zip archive",
          b"\x1f\x8b": "packed with gzip"}  # fmt: skip
_LOOKS = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|meta|title|article|main|div|p|h1|section)\b",
    re.I | re.S,
)


def looks_like_page(head: bytes) -> bool:
    """Tell whether the beginning of a file is plainly HTML."""
    return _LOOKS.match(head) is not None


def read_page(  # noqa: PLR0911 - one return a reason
    content: bytes,
    *,
    url: str | None,
    source: str,
    content_type: str | None = None,
    outlet: str | None = None,
    hints: Mapping[str, object] | None = None,
    order: DateOrder | None = None,
) -> SourceArticle | RejectedArticle:
    """Return the article of an HTML page, or why it is set aside.

    `url` is where the page was fetched (the page's own canonical address on the same site goes
    before it), `content_type` the HTTP header, `outlet` the name to use in place of the page's own.
    `hints` are fields that a feed or an archive knew, named as in a JSON line (`title`,
    `published_at`, `authors`, `agency`, `source`, `language`, `id`): they go before what the page
    says, except for a time that the page knows more exactly. The hint `fetched_at` (an aware
    datetime) is never taken for the time of publication, only as its latest possible value.
    `order` is how dates in the hints write day and month.
    """
    hints = dict(hints or {})

    def reject(reason: str) -> RejectedArticle:
        return RejectedArticle(source=source, source_id=None, reason=reason)

    if len(content) > MAX_PAGE_BYTES:
        return reject(f"the page has more than {MAX_PAGE_BYTES // 2**20} MiB")
    if content_type and not _PAGE_TYPES.match(content_type.partition(";")[0]):
        return reject(f"it is {content_type.partition(';')[0].strip()[:60]}, not a web page")
    kind = next((words for magic, words in _MAGIC.items() if content.startswith(magic)), None)
    if kind is not None:
        return reject(f"it is {kind}, not a web page")
    if not content.strip():
        return reject("the page is empty")
    try:
        tree = parse_markup(decode_bytes(content, content_type))
        fields = read_page_fields(tree)
        fetched_at = hints.pop("fetched_at", None)
        record = _compose_record(tree, fields, url, hints)
        _choose_time(record, fields, hints, fetched_at, order)
    except ValueError as error:
        return reject(str(error))
    except RecursionError:
        return reject("its elements are nested too deeply")
    if outlet:
        record["outlet"] = outlet
    return read_record(record, source, is_page=True)


def _compose_record(
    tree: "HtmlElement", fields: Mapping[str, Any], url: str | None, hints: Mapping[str, object]
) -> dict[str, Any]:
    address = _choose_address(url, fields.get("canonical"))
    outlet = fields.get("outlet")
    extracted = _extract(tree, address)
    if is_front_page(extracted["blocks"], extracted["paragraphs"], fields):
        raise ValueError("it is a list of other articles (a front page or a section), no article")
    title = _hint(hints, "title", "headline") or fields.get("title") or extracted.get("title")
    title = _strip_site_name(str(title), outlet) if title else None
    rescued = rescue_credits(extracted["blocks"], extracted["paragraphs"], title or "")
    text = rescued.text or read_text(fields.get("body") or "")
    if not text.strip():
        raise ValueError("no article text was found in the page")
    if not title and not (fields.get("is_article") or fields.get("type") == "article"):
        raise ValueError("it has no title, and nothing in the page calls it an article")
    if len(text) > MAX_TEXT:
        raise ValueError(f"its text has {len(text):,} characters; at most {MAX_TEXT:,} are read")
    declared = {**fields.get("declared", {}), **rescued.declared}
    link = fields.get("canonical")
    link = resolve_link(link, url) if link else None
    if url and link and not is_same_site(url, link):
        declared["canonical"] = link  # the page says where its text was published first
    declared.update(collect_declared(hints))
    record: dict[str, Any] = {
        "title": title,
        "text": text,
        "url": address,
        "outlet": _hint(hints, "outlet", "publication") or outlet,
        "authors": hints.get("authors") or hints.get("author") or fields.get("authors")
        or extracted.get("authors"),
        "language": _hint(hints, "language", "lang") or fields.get("language"),
        "declared": declared,
        "guess": extracted.get("time"),
    }  # fmt: skip
    if isinstance(hints.get("id") or hints.get("guid"), str | int):
        record["id"] = hints.get("id") or hints.get("guid")
    return record


def _hint(hints: Mapping[str, object], *names: str) -> str | None:
    for name in names:
        value = hints.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return None


def _choose_address(url: str | None, canonical: str | None) -> str | None:
    """Return the page's own word for its address where it lies on the same site."""
    link = resolve_link(canonical, url) if canonical else None
    if link is None or url is None:
        return url or link
    is_front = re.fullmatch(r"https?://[^/]+/?", link) is not None
    return link if is_same_site(link, url) and not is_front else url


def _strip_site_name(title: str, outlet: str | None) -> str:
    """Take " | Example Herald" off the end of a title."""
    title = " ".join(title.split())
    if outlet and len(outlet) >= 3:
        cut = re.sub(rf"\s*(?:[|•·«»:]|\s[-–—])\s*{re.escape(outlet)}\s*$", "", title, flags=re.I)
        return cut or title
    return title


# --- the main text ------------------------------------------------------------------------------


def _extract(tree: "HtmlElement", url: str | None) -> dict[str, Any]:
    """Return `blocks` of the page, extracted `paragraphs`, and a title and authors where found."""
    tree, n_elements = thin_tree(tree)
    blocks = flatten_blocks(tree)
    if n_elements > MAX_ELEMENTS or sum(len(block.text) for block in blocks) > 2 * MAX_TEXT:
        return {"blocks": blocks, "paragraphs": _read_paragraphs(blocks)}
    import trafilatura  # noqa: PLC0415 - takes half a second to import
    from trafilatura.metadata import extract_author, extract_title  # noqa: PLC0415

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        document: Any = trafilatura.bare_extraction(
            tree, url=url, with_metadata=False, include_comments=False, include_tables=True
        )
        title, authors = extract_title(tree), extract_author(tree)
        time = _guess_time(tree)
    except Exception:  # the extractor fails in many ways on broken pages
        document = None
    if document is None:
        return {"blocks": blocks, "paragraphs": _read_paragraphs(blocks)}
    lines = [" ".join(line.split()) for line in (document.text or "").split("\n")]
    return {
        "blocks": blocks,
        "paragraphs": [line for line in lines if line],
        "title": title,
        "authors": [
            _AUTHOR_VERB.sub("", name) for name in (authors or "").split("; ") if name.strip()
        ],
        "time": time,
    }


_AUTHOR_VERB = re.compile(r"^(?:reporting|editing|writing|written|edited|by)\s+(?:by\s+)?", re.I)


def _guess_time(tree: "HtmlElement") -> str | None:
    """Return the day that the page's markup states in places of no fixed meaning."""
    import htmldate  # noqa: PLC0415

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    found: str | None = htmldate.find_date(tree, extensive_search=False, original_date=True)
    return found


def _read_paragraphs(blocks: list[Block]) -> list[str]:
    """Return the prose of a page that is too large or too broken for the extractor."""
    return list(
        dict.fromkeys(
            block.text
            for block in blocks
            if block.element.tag in ("p", "blockquote", "div", "article", "td", "li", "section")
            and len(block.text) >= 80
            and block.n_linked < 0.5 * len(block.text)
        )
    )


def _choose_time(
    record: dict[str, Any],
    fields: Mapping[str, Any],
    hints: Mapping[str, object],
    fetched_at: object,
    order: DateOrder | None,
) -> None:
    """Put the best time into the record: one with a clock time before a mere day, hints first."""
    now = fetched_at if isinstance(fetched_at, datetime) else datetime.now(UTC)
    best: datetime | None = None
    precision = TimePrecision.UNKNOWN
    marks: dict[str, str] = {}
    for value in (pick_time(hints), *fields.get("times", ())):
        try:
            time, how = read_local_time(
                value, url=record["url"], text=record["text"], language=record["language"],
                order=order, now=now,
            )  # fmt: skip
        except ValueError as error:
            mark, words = describe_fault(error, value)
            marks.setdefault(mark, words)
            continue
        if time is not None and (best is None or (
            how is TimePrecision.SECOND and precision is TimePrecision.DAY
            and abs(time - best) <= timedelta(days=2)
        )):  # fmt: skip
            best, precision = time, how
        if precision is TimePrecision.SECOND:
            break
    if best is None and isinstance(record.get("url"), str):
        best, _ = read_url_time(record["url"], now=now)
    guess = record.pop("guess")
    if best is None and guess:
        best, _ = read_url_time(f"https://x/{guess}", now=now)
    record["published_at"] = best
    record["marks"] = marks if best is None else {}
