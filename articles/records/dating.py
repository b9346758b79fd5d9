"""When a record was published: the first of its times that can be read, and what others say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from wirethread.articles.dates.order import DateOrder, find_order, guess_order, read_slashed
from wirethread.articles.dates.times import (
    AmbiguousDateError,
    FutureDateError,
    read_time,
    read_url_time,
)
from wirethread.articles.language import detect_language, read_language_code
from wirethread.articles.types.articles import Mark, TimePrecision

__all__ = [
    "TIME_FIELDS",
    "UPDATED_FIELDS",
    "Dated",
    "OrderVotes",
    "WithheldError",
    "check_embargo",
    "date_record",
    "describe_fault",
    "read_local_time",
    "read_update",
]

TIME_FIELDS = (
    "published_at", "date_publish", "datePublished", "date_published", "publish_date",
    "publishing_date", "publishedAt", "published_date", "webPublicationDate", "date_gmt",
    "pub_date", "pubDate", "published", "first_publish_date", "display_date", "firstCreated",
    "firstcreated",
    "firstPublished",
    "publication_date", "publishDate", "dateCreated", "timestamp", "date",
    "seendate", "date_download", "versionCreated", "versioncreated",
)  # fmt: skip
"""Names of fields that may hold a time of publication, the best first."""
UPDATED_FIELDS = (
    "updated_at", "dateModified", "date_modified", "date_modify", "modified_gmt", "versionCreated",
    "versioncreated", "contentModified", "last_updated_date", "modified", "updated",
)  # fmt: skip
_EMBARGO = (
    "embargoed",
    "embargo",
    "embargoDate",
    "embargo_date",
    "embargoed_until",
    "embargoUntil",
)
_FETCHED = frozenset(("date_download",))
"""Names of times that are none of publication: of them only the order of day and month is taken."""


@dataclass(frozen=True, slots=True)
class Dated:
    """When an article was published, and what its source says in a way that could not be taken."""

    published_at: datetime | None
    precision: TimePrecision
    marks: Mapping[str, str] = field(default_factory=dict)


def date_record(
    record: Mapping[str, Any],
    *,
    url: str | None,
    text: str,
    language: str | None,
    order: DateOrder | None,
) -> Dated:
    """Return the time of the first field that holds one that an article can have.

    What cannot be read, or lies ahead, costs the date and not the article. Where day and month
    could be either way round, `order` decides, or else language and country of the record.
    """
    marks: dict[str, str] = {}
    for name in TIME_FIELDS:
        value = record.get(name)
        if name in _FETCHED or value in (None, "", []):
            continue
        try:
            moment, precision = read_local_time(
                value, url=url, text=text, language=language, order=order
            )
        except ValueError as error:
            mark, words = describe_fault(error, value)
            marks.setdefault(mark, words)
        else:
            if moment is not None:
                return Dated(moment, precision)
    moment, precision = read_url_time(url)
    return Dated(moment, precision, {} if moment is not None else marks)


def describe_fault(error: ValueError, value: Any) -> tuple[str, str]:
    """Return the mark of a stated time that could not be taken, and the words to keep of it.

    A time that lay ahead only of the day on which its page was fetched will never come.
    """
    if isinstance(error, FutureDateError) and error.moment > datetime.now(UTC):
        moment = error.moment.astimezone(UTC).replace(tzinfo=None)
        return Mark.DATE_AHEAD, moment.isoformat(" ")
    return Mark.DATE_UNREAD, str(value)[:200]


class WithheldError(ValueError):
    """The sender of a record does not let it be published yet."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"its sender withholds it until {until:%Y-%m-%d %H:%M} UTC (embargoed)")
        self.until = until


def check_embargo(record: Mapping[str, Any]) -> None:
    """Raise `WithheldError` where a record may not be published before a time to come."""
    now = datetime.now(UTC)
    for name in _EMBARGO:
        value = record.get(name)
        if not isinstance(value, str | datetime | dict):
            continue
        until: datetime | None
        try:
            until, _ = read_time(value, now=now)
        except FutureDateError as error:
            until = error.moment
        except ValueError:
            continue
        if until is not None and until > now:
            raise WithheldError(until)


def read_local_time(
    value: Any,
    *,
    url: str | None,
    text: str,
    language: str | None,
    order: DateOrder | None,
    now: datetime | None = None,
) -> tuple[datetime | None, TimePrecision]:
    """Return a time as `read_time` does, in the usual order of its language and country if need be.

    Raises:
        ValueError: as `read_time`.
    """
    try:
        return read_time(value, now=now, order=order, language=read_language_code(language))
    except AmbiguousDateError:  # rare: only now is it asked what language the text is in
        told = language or detect_language(text)
        usual = order or guess_order(told, url)
        return read_time(value, now=now, order=usual, language=read_language_code(told))


def read_update(record: Mapping[str, Any], order: DateOrder | None) -> datetime | None:
    """Return when the record was changed, None where it doesn't say so in a way to be read."""
    for name in UPDATED_FIELDS:
        if record.get(name) not in (None, ""):
            try:
                return read_time(record[name], order=order)[0]
            except ValueError:  # how an article was changed later never costs the article
                continue
    return None


class OrderVotes:
    """What the dates of one source say of the order in which it writes day and month.

    Where they agree, that is the order of all. Where they don't, as in a file put together from
    several papers, each outlet's own dates count.
    """

    def __init__(self, *, today: date) -> None:
        self._today = today
        self._all: set[DateOrder] = set()
        self._by_outlet: dict[str, set[DateOrder]] = {}

    def add(self, record: Mapping[str, Any], outlet: str) -> bool:
        """Count the dates of a record; return whether one of them cannot be told by itself."""
        slashed = [words for words in _list_words(record) if read_slashed(words)]
        if not slashed:
            return False
        known = {day for words in _list_words(record) if (day := _read_plain(words)) is not None}
        place, _ = read_url_time(next(iter(_list_urls(record)), None))
        known |= {place.date()} if place is not None else set()
        orders = [find_order(words, known, today=self._today) for words in slashed]
        found = {order for order in orders if order is not None}
        self._all |= found
        self._by_outlet.setdefault(outlet, set()).update(found)
        return None in orders

    def decide(self, outlet: str) -> DateOrder | None:
        """Return the order of an outlet's dates as far as is known by now."""
        for votes in (self._all, self._by_outlet.get(outlet, set())):
            if len(votes) == 1:
                return next(iter(votes))
        return None


def _list_words(record: Mapping[str, Any]) -> list[str]:
    values = (record.get(name) for name in (*TIME_FIELDS, *UPDATED_FIELDS))
    return [value for value in values if isinstance(value, str) and 6 <= len(value) <= 150]


def _list_urls(record: Mapping[str, Any]) -> Iterable[str]:
    return (value for name in ("url", "link") if isinstance(value := record.get(name), str))


def _read_plain(words: str) -> date | None:
    """Return the day of a date that is written in one way only."""
    if read_slashed(words):
        return None
    try:
        moment, _ = read_time(words)
    except ValueError:
        return None
    return moment.date() if moment is not None else None
