"""What ties the versions of one article: its outlet with its address, or with its id there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import xxhash

from wirethread.articles.addresses import canonicalize_url
from wirethread.articles.normalize import hash_text, normalize_text
from wirethread.articles.types.articles import UNKNOWN_OUTLET, ArticleId, TimePrecision
from wirethread.articles.types.versions import VersionTimes

__all__ = ["SeriesKeys", "derive_keys", "fingerprint_content", "order_versions"]

_HOST = re.compile(r"^(?:https?://)?(?:(?:www\d?|m|mobile|amp|edition)\.)*([^/\s]+\.[a-z]{2,})/?$")
_NUMBER = re.compile(r"(?<![0-9])[0-9]{6,20}(?![0-9])")
_DAY = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-9]{2})?(?:[0-9]{4}(?:[0-9]{2})?)?")
_GLOBAL_ID = re.compile(r"^(?:https?:|tag:|urn:|guid:)\S{6,}|^[0-9a-f]{8}-[0-9a-f-]{27}$", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesKeys:
    """Keys that the versions of an article share; '' where it has none of the kind."""

    url_key: str
    id_key: str


def derive_keys(outlet: str, url: str | None, source_id: str | None) -> SeriesKeys:
    """Return what the versions of this article have in common with it.

    An address without a path names a site, not an article. An id of an outlet that is not known
    counts only where it is made to be unique everywhere, such as a URL or a `tag:`. Where there is
    no other id than the address, the number in it is one: the words of an address follow the
    headline, its number stays.
    """
    folded = fold_outlet(outlet)
    url_key = ""
    if url:
        url_key = _derive_url_key(folded, url)
    id_key = ""
    number = find_number(source_id if source_id and _is_address(source_id) else url)
    if number and (not source_id or _is_address(source_id)):
        id_key = _digest(folded, number)
    elif source_id and (folded != UNKNOWN_OUTLET or _GLOBAL_ID.match(source_id)):
        id_key = _digest(folded, source_id)
    return SeriesKeys(url_key=url_key, id_key=id_key)


def _is_address(words: str) -> bool:
    return words.startswith(("http://", "https://"))


def find_number(url: str | None) -> str | None:
    """Return host and number of an address such as `/news/fleet-sails/a-70123456`, or None.

    A number of less than six digits, and a date, are none.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
        host = fold_outlet(parts.netloc)
    except ValueError:
        return None
    places = parts.path.rstrip("/").split("/")[-2:] + re.findall(
        r"=([0-9]{6,20})(?:&|$)", parts.query
    )
    for place in reversed(places):
        numbers = [found for found in _NUMBER.findall(place) if not _DAY.fullmatch(found)]
        if len(numbers) == 1:
            return f"{host}#{numbers[0]}"
    return None


def _derive_url_key(outlet: str, url: str) -> str:
    try:
        parts, read_from = urlsplit(canonicalize_url(url)), urlsplit(url.strip()).netloc
    except ValueError:  # no address, such as `http://[`
        return ""
    host = fold_outlet(parts.netloc)
    # the outlet may be no more than the host, mobile or AMP, that the article was read from
    owner = host if outlet in (UNKNOWN_OUTLET, fold_outlet(read_from)) else outlet
    if not host or not (parts.path.strip("/") or parts.query):
        return ""
    return _digest(owner, host + parts.path.rstrip("/"), parts.query)


def fold_outlet(outlet: str) -> str:
    """Return the name of an outlet without what varies between the forms of its site."""
    name = " ".join(outlet.casefold().split())
    domain = _HOST.match(name)
    return domain[1] if domain else name


def _digest(*parts: str) -> str:
    key = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return xxhash.xxh3_128_hexdigest(key)[:20]


def fingerprint_content(headline: str, body_hashes: Sequence[int], text: str) -> str:
    """Return a hash of what makes a text a version of its own: its headline and its body.

    Case, quotation marks, spaces, captions, credits and furniture make no version. Where nothing of
    a text is body, all of it counts.
    """
    body = [str(text_hash) for text_hash in body_hashes] or [str(hash_text(text))]
    return _digest(normalize_text(headline), *body)


def order_versions(as_read: Sequence[VersionTimes]) -> list[ArticleId]:
    """Return the versions of one article from the first to the last, given in order of reading.

    A version is later than those read before it, unless their times say otherwise.
    """
    ordered: list[VersionTimes] = []
    for version in as_read:
        place = len(ordered)
        while place > 0 and _is_earlier(version, ordered[place - 1]):
            place -= 1
        ordered.insert(place, version)
    return [one.article_id for one in ordered]


def _is_earlier(left: VersionTimes, right: VersionTimes) -> bool:
    """Whether times say that `left` was written before `right`."""
    if left.updated_at and right.updated_at and left.updated_at != right.updated_at:
        return left.updated_at < right.updated_at
    if left.published_at is None or right.published_at is None:
        return False
    if TimePrecision.DAY in (left.published_precision, right.published_precision):
        return left.published_at.date() < right.published_at.date()
    return left.published_at < right.published_at
