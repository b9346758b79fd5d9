"""A JSON object to an article: from its fields, or from the page that it carries."""

from collections.abc import Mapping
from typing import Any

from wirethread.articles.dates.order import DateOrder
from wirethread.articles.pages.page import read_page
from wirethread.articles.records.record import read_address, read_record, split_page
from wirethread.articles.types.articles import RejectedArticle, SourceArticle

__all__ = ["read_document"]


def read_document(
    record: Mapping[str, Any], source: str, *, order: DateOrder | None = None
) -> SourceArticle | RejectedArticle:
    """Return the article of a JSON object; `source` names where it stands, `order` how it dates.

    A record with HTML under `html` or `raw_html` and no text is read as the page it carries, its
    other fields as hints; every other one by its fields, as `read_record` does.
    """
    try:
        carried = split_page(record)
    except ValueError as error:
        told = read_record(record, source, order=order)  # knows the article's id
        return RejectedArticle(source=source, source_id=told.source_id, reason=str(error))
    if carried is None:
        return read_record(record, source, order=order)
    page, hints = carried
    return read_page(
        page.encode("utf-8", "replace"),
        url=read_address(hints),
        source=source,
        content_type="text/html; charset=utf-8",
        hints=hints,
        order=order,
    )
