"""One JSON object to one source article: the field names of the extractors in use.

news-please (`maintext`, `date_publish`, `source_domain`), trafilatura (`text`, `raw_text`, `date`,
`hostname`, `sitename`), ninjs, schema.org, and our own `id, url, outlet, title, text, published_at,
authors, agency, language`. The first field of a list that holds something decides.
"""

import json
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from wirethread.articles.addresses import read_host
from wirethread.articles.credits.agencies import find_agency
from wirethread.articles.credits.declared import collect_declared
from wirethread.articles.dates.order import DateOrder
from wirethread.articles.field_text import is_whole_page, read_line, read_text
from wirethread.articles.records.dating import (
    TIME_FIELDS,
    UPDATED_FIELDS,
    WithheldError,
    check_embargo,
    date_record,
    read_update,
)
from wirethread.articles.records.exported import restore_export
from wirethread.articles.records.headlines import (
    find_tail,
    holds_prose,
    make_headline,
    split_outlet,
)
from wirethread.articles.records.ninjs import unfold_record
from wirethread.articles.records.services import strip_cut_off
from wirethread.articles.records.wrappers import RECORDS, describe_keys
from wirethread.articles.types.articles import Mark, RejectedArticle, SourceArticle

__all__ = [
    "MAX_TEXT",
    "check_columns",
    "field_names",
    "pick_text",
    "pick_time",
    "read_address",
    "read_json",
    "read_record",
    "split_page",
]

MAX_TEXT = 1_000_000
"""Characters of an article's text; a longer one is set aside."""

_MAX_MARKUP = 4
"""HTML may be so many times longer than the text in it."""

_TITLE = ("title", "headline", "title_page", "title_rss", "name")
_TEXT = ("text", "maintext", "main_text", "articleBody", "article_body", "body_text", "bodytext",
         "body",
         "content", "content_text", "plaintext", "full_text", "raw_text",
         "cleaned_text")  # fmt: skip
_ID = ("id", "article_id", "source_id", "guid", "uri", "_id", "doc_id")
_URL = ("url", "link", "canonical_url", "external_url", "mainEntityOfPage", "source-url")
_OUTLET = ("outlet", "sitename", "source_domain", "publisher", "site_name", "hostname", "domain",
           "source-hostname", "source_name", "publication", "media", "newspaper",
           "series")  # fmt: skip
_LANGUAGE = ("language", "lang", "inLanguage")
_AUTHORS = ("authors", "author", "byline", "by")
_NOTES = ("slug", "slugline", "ednote", "pubstatus", "genre", "version", "correction")
_HTML = ("html", "raw_html")

_EXACT = 2**53
"""Whole numbers up to here are themselves as a float; above, several are one."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def read_json(line: bytes) -> Mapping[str, Any]:
    """Return the JSON object of a line.

    Raises:
        ValueError: where it is no UTF-8, no JSON or no object, with the reason.
    """
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 (byte {error.start + 1} of the line)") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("its JSON is nested too deeply") from error
    except ValueError as error:  # a figure of thousands of digits
        raise ValueError(f"it is not JSON that can be read: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"it is {_name_type(value)}, not a JSON object")
    return value


def read_record(
    record: Mapping[str, Any],
    source: str,
    *,
    is_page: bool = False,
    order: DateOrder | None = None,
) -> SourceArticle | RejectedArticle:
    """Return the article of a JSON object; `source` names where it stands.

    HTML in a field is read as words. With `is_page` the text is what a page shows already: tags in
    it are words, as in an article about them. `order` is how the source writes day and month.

    A missing text, or a field of the wrong type, gives a `RejectedArticle` with the reason. A date
    that cannot be read, or lies ahead, costs only the date; a text without a title goes by its
    first words, unless it comes from the web and holds no sentence: a page of links or figures is
    no article. Both are marked among the notes.
    """
    source_id: str | None = None
    try:
        record = restore_export(record)
        source_id = _read_id(record)
        check_embargo(record)
        record = unfold_record(record)
        text = _read_text(record, is_page=is_page)
        title = _read_words(record, _TITLE)
        url = read_address(record)
        outlet = _read_outlet(record, url)
        marks: dict[str, str] = dict(record.get("marks", {})) if is_page else {}
        if not is_page:
            text, cut = strip_cut_off(text)
            marks.update(cut)
            title, outlet = _part_outlet(record, title, outlet)
        if not title:
            if url and not holds_prose(text):
                raise ValueError("it has no title, and no sentence stands in its text")
            title = make_headline(text)
            marks[Mark.HEADLINE_MADE] = "its first words"
        language = _read_language(record)
        dated = date_record(record, url=url, text=text, language=language, order=order)
        return SourceArticle(
            source=source,
            source_id=source_id,
            url=url,
            outlet=outlet,
            title=title,
            text=text,
            published_at=dated.published_at,
            published_precision=dated.precision,
            authors=_read_authors(record),
            language=language,
            declared_credits=_repair_all(collect_declared(record)),
            updated_at=read_update(record, order),
            notes={**_read_notes(record), **marks, **_repair_all(dict(dated.marks))},
        )
    except WithheldError as error:
        return RejectedArticle(
            source=source, source_id=source_id, reason=str(error), until=error.until
        )
    except ValueError as error:
        return RejectedArticle(source=source, source_id=source_id, reason=str(error))


def field_names() -> tuple[str, ...]:
    """Return every field name that a record may use for what an article needs."""
    return (*_TITLE, *_TEXT, *_HTML, *_ID, *_URL, *_OUTLET, *TIME_FIELDS, *_LANGUAGE, *_AUTHORS,
            *UPDATED_FIELDS, *_NOTES)  # fmt: skip


def check_columns(columns: Iterable[str]) -> None:
    """Raise `ValueError` where a mapping of columns names a field that no article has."""
    known = (*field_names(), "agency", "credit", "source", RECORDS)
    for ours in columns:
        if ours not in known:
            near = get_close_matches(ours, known, n=1)
            rest = f"did you mean {near[0]!r}? There" if near else "there"
            shown = "id, url, outlet, title, text, html, published_at, authors, agency, language"
            raise ValueError(f"columns: {ours!r} is no field of an article; {rest} are {shown}")


def pick_time(record: Mapping[str, Any]) -> Any:
    """Return the first field that holds a time of publication, as it stands there, or None."""
    return next((record[name] for name in TIME_FIELDS if record.get(name) not in (None, "")), None)


def pick_text(record: Mapping[str, Any]) -> str | None:
    """Return the text of a record of our or common names, HTML read as words; no other field.

    It is empty where a field for it is there and holds nothing, and None where there is no such
    field: then `read_document` may know more.
    """
    found = [record[name] for name in _TEXT if name in record]
    text = next((value for value in found if _has_words(value)), None)
    if text is None:
        is_empty = all(not value or not isinstance(value, str | list) for value in found)
        return "" if found and is_empty else None
    return read_text(text) if "<" in text or "&" in text else str(text)


def split_page(record: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return the HTML page that a record carries in place of its text, and its other fields.

    Raises:
        ValueError: where what should be the page is no string, or the record may not be read.
    """
    record = unfold_record(record)
    name = next((name for name in _HTML if record.get(name)), None)
    if name is None or _has_text(record):
        name = next((name for name in _TEXT if _has_words(record.get(name))), None)
        if name is None or not is_whole_page(str(record[name])):
            return None
    page = record[name]
    if not isinstance(page, str):
        raise ValueError(f"its html is {_name_type(page)}, not a string")
    return page, {key: value for key, value in record.items() if key not in (*_HTML, name)}


def _has_words(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _has_text(record: Mapping[str, Any]) -> bool:
    return any(record.get(name) for name in (*_TEXT, "bodies"))


def _read_notes(record: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: _clean(value)[:2000]
        for name in _NOTES
        if isinstance(value := record.get(name), str) and value.strip()
    }


def _name_type(value: Any) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
    }
    return "null" if value is None else names.get(type(value), "an object")


def _repair(words: str) -> str:
    """Put the replacement character where half of a character was saved, keeping the length."""
    return _SURROGATE.sub("\ufffd", words)


def _clean(words: str) -> str:
    """Return the words of a field of one line."""
    return _repair(read_line(words.replace("\0", " ")))


def _repair_all(fields: dict[str, str]) -> dict[str, str]:
    return {name: _clean(words) for name, words in fields.items()}


def _read_id(record: Mapping[str, Any]) -> str | None:
    for name in _ID:
        value = record.get(name)
        if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
            value = int(value)  # as pandas writes whole numbers where one is missing
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value.strip():
            return _repair(value.strip().replace("\0", ""))[:1000] or None
        if value is not None and not isinstance(value, str | Mapping):
            raise ValueError(f"its {name} is {_name_type(value)}, not a string")
    return None


def _read_text(record: Mapping[str, Any], *, is_page: bool) -> str:
    for name in _TEXT:
        value = record.get(name)
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            value = "\n\n".join(value)
        if value is not None and not isinstance(value, str):
            raise ValueError(f"its {name} is {_name_type(value)}, not a string")
        if value and value.strip():
            return _check_text(value, is_page=is_page)
    for body in _ninjs_parts(record, "bodies"):
        if body.strip():
            return _check_text(body, is_page=is_page)
    stated = any(name in record for name in (*_TEXT, *_HTML, "bodies"))
    if stated or _has_words(record.get("title")) or _has_words(record.get("headline")):
        raise ValueError("it has no text")
    raise ValueError(f"it has no text; {describe_keys(record)}")


def _check_text(text: str, *, is_page: bool) -> str:
    if not is_page and len(text) <= _MAX_MARKUP * MAX_TEXT and "\0" not in text:
        text = read_text(text)
        if not text.strip():
            raise ValueError("it has no text: its HTML holds no words")
    if len(text) > MAX_TEXT:
        raise ValueError(f"its text has {len(text):,} characters; at most {MAX_TEXT:,} are read")
    if "\0" in text:
        raise ValueError("its text holds NUL characters: it is binary")
    return _repair(text)


def _ninjs_parts(record: Mapping[str, Any], name: str) -> list[str]:
    parts = record.get(name)
    if not isinstance(parts, list):
        return []
    values = [part.get("value") for part in parts if isinstance(part, Mapping)]
    return [value for value in values if isinstance(value, str)]


def _read_words(record: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = record.get(name)
        if value is None:
            continue
        if isinstance(value, Mapping):
            value = value.get("basic") or value.get("name") or value.get("value")
        if value is not None and not isinstance(value, str):
            raise ValueError(f"its {name} is {_name_type(value)}, not a string")
        if value and (words := _clean(value)):
            return words
    parts = _ninjs_parts(record, "headlines") if "title" in names else []
    return _clean(parts[0]) or None if parts else None


def read_address(record: Mapping[str, Any]) -> str | None:
    """Return the address of a record's article, under whichever name it stands, or None."""
    for name in _URL:
        value = record.get(name)
        if isinstance(value, Mapping):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str) and value.strip():
            return _clean_address(value)
    # trafilatura writes the address to `source` in some versions
    value = record.get("source")
    if isinstance(value, str) and value.strip().lower().startswith(("http://", "https://")):
        return _clean_address(value)
    return None


def _clean_address(words: str) -> str:
    plain = words.strip().replace("\0", "").replace("&amp;", "&").replace("&#038;", "&")
    return _repair(plain)[:4000]


def _read_outlet(record: Mapping[str, Any], url: str | None) -> str | None:
    for name in _OUTLET:
        value = record.get(name)
        if isinstance(value, Mapping):
            value = value.get("name")
        if isinstance(value, str) and (words := _clean(value)):
            return words[:500].removeprefix("www.")
    return read_host(url) or _clean(str(record.get("publisher_name") or ""))[:500] or None


def _part_outlet(
    record: Mapping[str, Any], title: str | None, outlet: str | None
) -> tuple[str | None, str | None]:
    """Return the headline without the outlet's name at its end, and the outlet.

    An agency's name there is the outlet where nothing else says who published the text; beside
    another outlet it may be whom the headline cites, and stays.
    """
    if not title:
        return title, outlet
    names = [outlet, record.get("publisher_name"), read_host(read_address(record))]
    headline, tail = split_outlet(title, [name for name in names if isinstance(name, str)])
    if tail is None and outlet is None:
        name = find_tail(title)
        if name is not None and find_agency(name) is not None:
            return split_outlet(title, [name])
    return headline, outlet


def _read_authors(record: Mapping[str, Any]) -> tuple[str, ...]:
    names: list[str] = []
    for field in _AUTHORS:
        for value in _as_list(record.get(field)):
            name = value.get("name") if isinstance(value, Mapping) else value
            if isinstance(name, str) and (words := _clean(name)):
                names.append(words[:500])
        if names:
            break
    return tuple(dict.fromkeys(names[:100]))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _read_language(record: Mapping[str, Any]) -> str | None:
    for name in _LANGUAGE:
        value = record.get(name)
        if isinstance(value, str) and value.strip():
            return _repair(value.strip())[:20]
    return None
