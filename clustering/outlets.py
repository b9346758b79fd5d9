"""Which articles are of one publisher, by web address first and by the outlet's name else."""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from tld import get_tld
from tld.utils import Result

from wirethread.articles.addresses import canonicalize_url, read_host
from wirethread.articles.credits.agencies import find_agency
from wirethread.articles.types.articles import UNKNOWN_OUTLET
from wirethread.clustering.types import ArticleText

__all__ = [
    "are_one_publisher",
    "are_own_texts",
    "compile_outlet_name",
    "group_by_publisher",
    "is_agency_outlet",
    "is_printed_copy",
    "is_unknown_outlet",
    "key_publisher",
    "list_owners",
    "name_publisher",
    "number_publishers",
    "share_own_texts",
    "share_publisher",
    "spell_outlet",
]

_SECTION = re.compile(r"\s+[-–—|]\s+.*$|\s*\(.*\)\s*$")
_ARTICLE = re.compile(r"^(?:the|der|die|das|le|la|les|el|il)\s+")
_GLUED_ARTICLE = re.compile(r"^(?:the|der|die|das|les|le|la|el|il)(?=\w{4})")
_DOMAIN = re.compile(
    r"^(?:https?://)?(?:www\d?\.|m\.|edition\.|amp\.)?([^/\s]+\.[a-z]{2,})(?:/.*)?$"
)
_ENDING = re.compile(r"(?:\.(?:co|com|org|net))?\.[a-z]{2,}$")
_EDITION = re.compile(r"\s+(?:online|online news|news|opinion|editorial|international|us|uk)$")
_ARCHIVED = re.compile(r"^https?://[^/]+/.*?(https?:/{1,2}[^/].*)$")
"""An archive's address of a page ends with the address of the page itself."""
_CARRIERS = frozenset(
    (
        "google.com", "msn.com", "yahoo.com", "apple.news", "newsbreak.com", "flipboard.com",
        "smartnews.com", "feedly.com", "facebook.com", "twitter.com", "x.com", "t.me",
        "youtube.com", "reddit.com", "linkedin.com", "instagram.com", "medium.com", "archive.org",
        "archive.today", "archive.ph",
    )
)  # fmt: skip
"""Sites that show what others publish: their address says nothing of the publisher."""
_HOUSES_OF_MANY = frozenset(
    ("substack.com", "wordpress.com", "medium.com", "tumblr.com", "ghost.io", "typepad.com",
     "livejournal.com", "beehiiv.com", "squarespace.com", "wixsite.com", "weebly.com")
)  # fmt: skip
"""Sites that give each publisher a name of its own before theirs."""

_MOST_WORDS = 6
_SHORTEST_NAME = 3
"""Letters of a name that can be looked for in a text."""


def is_unknown_outlet(outlet: str) -> bool:
    """Whether an article's outlet is not known; such an article is nobody's."""
    return outlet.strip().casefold() in ("", UNKNOWN_OUTLET)


def name_publisher(outlet: str) -> str:
    """A key under which the editions and sections of one publisher fall together, by name alone.

    `New York Times - News` and `The New York Times (Opinion)` give one key, and so do `cnn.com` and
    `edition.cnn.com`. Owners of several titles are not known.
    """
    name = outlet.strip().casefold()
    domain = _DOMAIN.match(name)
    if domain:
        return _ENDING.sub("", domain[1]).rsplit(".", 1)[-1]
    name = _SECTION.sub("", name) or name
    name = _ARTICLE.sub("", name)
    name = _EDITION.sub("", name) or name
    return " ".join(name.split())


def compile_outlet_name(outlet: str) -> re.Pattern[str] | None:
    """A pattern of an outlet's name in running text: in full, or its last word after an article.

    `The Velm Courier` is also `the Courier`; a name that is a domain is found as words too. None
    for an outlet that is not known, and for a name that is too short to be told.
    """
    names = spell_outlet(outlet)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(names)})(?![\w-])") if names else None


@lru_cache(maxsize=10_000)
def spell_outlet(outlet: str) -> tuple[str, ...]:
    """Patterns of the forms in which a text names an outlet; none where it can't be told."""
    if is_unknown_outlet(outlet):
        return ()
    whole = _SECTION.sub("", outlet.strip())
    domain = re.match(r"^(?:https?://)?(?:www\.)?([\w-]+)(?:\.[\w-]+)+/?$", whole)
    if domain:
        letters = re.sub(r"\W", "", domain[1])
        spelled = r"[\s-]?".join(f"[{one.upper()}{one.lower()}]" for one in letters)
        return (spelled,) if len(letters) >= 4 else ()
    words = re.findall(r"[^\W_]+", re.sub(_ARTICLE.pattern, "", whole, flags=re.I))
    if not words or len(words) > _MOST_WORDS or len("".join(words)) < _SHORTEST_NAME:
        return ()
    full = r"[\s-]+".join(map(re.escape, words))
    if len(words) == 1 or len(words[-1]) < _SHORTEST_NAME or not words[-1][0].isupper():
        return (full,)
    return full, rf"(?<=[Tt]he ){re.escape(words[-1])}"


def is_agency_outlet(article: ArticleText) -> bool:
    """Whether the outlet is the agency itself, not a paper that printed the agency's article."""
    if article.agency is None:
        return False
    names = article.outlet, name_publisher(article.outlet)
    return any(find_agency(name) == article.agency for name in names)


def is_printed_copy(article: ArticleText) -> bool:
    """Whether a paper's article is an agency's own text: no text of the house's."""
    return article.agency is not None and not is_agency_outlet(article)


def key_publisher(article: ArticleText) -> str:
    """Who published an article, as a key: the outlet's name where its site bears it or there is
    none, else the site; an article whose outlet is not known is a publisher of its own.

    What `are_one_publisher` tells of two sites or of a name and a site, one key can't: see
    `group_by_publisher` for several articles.
    """
    site = _find_site(article)
    name = name_publisher(article.outlet)
    if site is not None:
        bears = site[1] in (_squeeze(name), _squeeze(article.outlet))
        return name if bears else site[0]
    return f"unknown ({article.article_id})" if is_unknown_outlet(article.outlet) else name


def are_one_publisher(left: ArticleText, right: ArticleText) -> bool:
    """Whether two articles are of one publisher, by web address before the outlet's name.

    A columnist under the paper's address counts with the paper, and one name on two sites is two
    publishers, unless both sites bear it (`bbc.com` and `bbc.co.uk`). Names decide where an address
    is missing. An outlet that is not known is nobody's publisher.
    """
    rows = number_publishers([left, right])
    return bool(share_publisher(rows[0], rows[1]))


def are_own_texts(left: ArticleText, right: ArticleText) -> bool:
    """Whether two articles are one house's own: what these have in common is no copy.

    An agency's text that the house printed is not its own, whatever page it stands on.
    """
    rows = number_publishers([left, right])
    return bool(share_own_texts(rows[0], rows[1]))


_SITE, _TITLED_SITE, _NAME, _LABEL, _OWNER, _IS_COPY = range(6)


def number_publishers(articles: Sequence[ArticleText]) -> npt.NDArray[np.int64]:
    """Numbers that tell whose two articles are, for `share_own_texts`; int64[n, 6].

    What is not known of an article has a negative number of its own.
    """
    numbers: dict[str, int] = {}

    def number(key: str) -> int:
        return numbers.setdefault(key, len(numbers))

    rows = np.empty((len(articles), 6), dtype=np.int64)
    for i, article in enumerate(articles):
        nobody = -1 - i
        site = _find_site(article)
        name = "" if is_unknown_outlet(article.outlet) else _squeeze(name_publisher(article.outlet))
        domain, label = site if site is not None else ("", "")
        rows[i] = (
            number(f"site {domain}") if site else nobody,
            number(f"title {name} {label}") if site and name == label else nobody,
            number(f"name {name}") if name else nobody,
            number(f"name {label}") if site else nobody,
            number(f"site {domain}") if site else number(f"name {name}") if name else nobody,
            is_printed_copy(article),
        )
    return rows


def share_own_texts(
    left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """`are_own_texts` for rows int64[..., 6] of `number_publishers`, broadcast to bool[...]."""
    is_copy = (left[..., _IS_COPY] != 0) | (right[..., _IS_COPY] != 0)
    same: npt.NDArray[np.bool_] = share_publisher(left, right) & ~is_copy
    return same


def list_owners(publishers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """One number a publisher, of rows of `number_publishers`: its site, else its name; int64[n]."""
    return publishers[:, _OWNER]


def share_publisher(
    left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """`are_one_publisher` for rows int64[..., 6] of `number_publishers`, broadcast to bool[...]."""
    both_have_sites = (left[..., _SITE] >= 0) & (right[..., _SITE] >= 0)
    by_site = left[..., _SITE] == right[..., _SITE]
    by_title = left[..., _TITLED_SITE] == right[..., _TITLED_SITE]
    by_name = left[..., _NAME] == right[..., _NAME]
    by_label = (left[..., _NAME] == right[..., _LABEL]) | (left[..., _LABEL] == right[..., _NAME])
    same: npt.NDArray[np.bool_] = by_site | by_title | (~both_have_sites & (by_name | by_label))
    return same


def group_by_publisher(articles: Sequence[ArticleText]) -> list[list[ArticleText]]:
    """The articles, one list a publisher, in the order of their first articles.

    A name without an address joins the one site that goes by it; where several do, it stays alone.
    """
    rows = number_publishers(articles)
    group_of = list(range(len(articles)))

    def find(i: int) -> int:
        while group_of[i] != i:
            i = group_of[i]
        return i

    def join(i: int, j: int) -> None:
        low, high = sorted((find(i), find(j)))
        group_of[high] = low

    first: dict[tuple[int, int], int] = {}
    has_site = [row[_SITE] >= 0 for row in rows]
    for i, row in enumerate(rows.tolist()):
        for column in (_SITE, _TITLED_SITE) if has_site[i] else (_NAME,):
            if row[column] >= 0:
                join(first.setdefault((column, row[column]), i), i)
    called: dict[int, set[int]] = {}
    for i, row in enumerate(rows.tolist()):
        if has_site[i]:
            for column in (_NAME, _LABEL):
                called.setdefault(row[column], set()).add(find(i))
    for i, row in enumerate(rows.tolist()):
        sites = {find(other) for other in called.get(row[_NAME], ())}
        if not has_site[i] and len(sites) == 1:
            join(sites.pop(), i)
    groups: dict[int, list[ArticleText]] = {}
    for i, article in enumerate(articles):
        groups.setdefault(find(i), []).append(article)
    return list(groups.values())


def _find_site(article: ArticleText) -> tuple[str, str] | None:
    """Domain and name in it of an article's own site; None where its address tells no publisher."""
    url = article.url or ""
    if not url and _DOMAIN.match(article.outlet.strip().casefold()):
        url = f"https://{article.outlet.strip().removeprefix('https://').removeprefix('http://')}"
    archived = _ARCHIVED.match(url)
    if archived:
        url = archived[1]
    if "amp" in url:
        url = canonicalize_url(url)
    host = read_host(url)
    return _read_site(host) if host else None


@lru_cache(maxsize=100_000)
def _read_site(host: str) -> tuple[str, str] | None:
    """The registered domain of a host and the name in it, by the list of public suffixes."""
    host = host.casefold().rstrip(".")
    found = get_tld(f"https://{host}", as_object=True, fail_silently=True, search_private=True)
    if isinstance(found, Result) and found.fld:
        domain, label = found.fld, found.domain
    else:  # an ending that the list does not have
        label = _ENDING.sub("", host).rsplit(".", 1)[-1]
        domain = host[host.rfind(label) :] if label and "." in host else host
    if domain in _HOUSES_OF_MANY and host != domain:
        label = host.removesuffix(f".{domain}").rsplit(".", 1)[-1]
        return f"{label}.{domain}", _squeeze(label)
    return None if domain in _CARRIERS else (domain, _squeeze(label))


def _squeeze(name: str) -> str:
    """A name without spaces, signs and the article before it: `The Arden Times` as `ardentimes`."""
    return _GLUED_ARTICLE.sub("", re.sub(r"[\W_]+", "", name.casefold().replace("&", "and")))
