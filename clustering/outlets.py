"""Which outlets belong to one publisher, by their names."""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from wirethread.articles.credits.agencies import find_agency
from wirethread.clustering.records import ArticleText

__all__ = [
    "are_one_publisher",
    "is_agency_outlet",
    "name_publisher",
    "number_publishers",
    "share_publisher",
]

_SECTION = re.compile(r"\s+[-–—|]\s+.*$|\s*\(.*\)\s*$")
_ARTICLE = re.compile(r"^(?:the|der|die|das|le|la|les|el|il)\s+")
_DOMAIN = re.compile(
    r"^(?:https?://)?(?:www\d?\.|m\.|edition\.|amp\.)?([^/\s]+\.[a-z]{2,})(?:/.*)?$"
)
_ENDING = re.compile(r"(?:\.(?:co|com|org|net))?\.[a-z]{2,}$")
_EDITION = re.compile(r"\s+(?:online|online news|news|opinion|editorial|international|us|uk)$")


def name_publisher(outlet: str) -> str:
    """A key under which the editions and sections of one publisher fall together.

    `New York Times - News` and `The New York Times (Opinion)` give one key, and so do `cnn.com` and
    `edition.cnn.com`. It goes by names alone: owners of several titles are not known.
    """
    name = outlet.strip().casefold()
    domain = _DOMAIN.match(name)
    if domain:
        return _ENDING.sub("", domain[1]).rsplit(".", 1)[-1]
    name = _SECTION.sub("", name) or name
    name = _ARTICLE.sub("", name)
    name = _EDITION.sub("", name) or name
    return " ".join(name.split())


def is_agency_outlet(article: ArticleText) -> bool:
    """Whether the outlet is the agency itself, not a paper that printed the agency's article."""
    if article.agency is None:
        return False
    names = article.outlet, name_publisher(article.outlet)
    return any(find_agency(name) == article.agency for name in names)


def are_one_publisher(left: ArticleText, right: ArticleText) -> bool:
    """Whether two articles are of one publisher, by outlet name or by web address.

    A columnist under the paper's address counts with the paper, and so does agency copy that it
    printed: what its pages have in common is the paper's own.
    """
    if name_publisher(left.outlet) == name_publisher(right.outlet):
        return True
    return bool(left.url and right.url and name_publisher(left.url) == name_publisher(right.url))


def number_publishers(articles: Sequence[ArticleText]) -> npt.NDArray[np.int64]:
    """Numbers of outlet name and web address; int64[n, 2].

    Two articles are of one publisher where one of the two agrees; an unknown address has a number
    of its own.
    """
    names: dict[str, int] = {}
    hosts: dict[str, int] = {}
    rows = [
        (
            names.setdefault(name_publisher(article.outlet), len(names)),
            hosts.setdefault(name_publisher(article.url), len(hosts)) if article.url else -1 - i,
        )
        for i, article in enumerate(articles)
    ]
    return np.array(rows, dtype=np.int64).reshape(len(rows), 2)


def share_publisher(
    left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """`are_one_publisher` for rows of `number_publishers`, broadcast against each other."""
    same: npt.NDArray[np.bool_] = (left[..., 0] == right[..., 0]) | (left[..., 1] == right[..., 1])
    return same
