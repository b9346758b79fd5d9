"""Lines of the house on the pages where it prints an agency's text: no copy of the agency's."""

import re
from collections import defaultdict
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from wirethread.clustering.outlets import compile_outlet_name, share_publisher
from wirethread.clustering.paragraphs.table import ParagraphTable

__all__ = ["drop_house_lines"]

_MOST_CLOSING = 2
"""Equal last paragraphs of two pages are the house's closing lines where there are no more."""
_MOST_WORDS = 40
"""A closing line is not longer."""
_CALL = re.compile(
    r"\b(?:subscri\w+|sign\s+up|newsletter|follow\s+us|call\s+us|contact\s+us|e-?mail\s+us|click\s+here|"
    r"visit\s+our|our\s+app|abonn\w+|suscr[ií]\w+|iscriv\w+|assin\w+)\b|\w@\w+\.\w",
    re.I,
)


def drop_house_lines(
    table: ParagraphTable,
    publishers: npt.NDArray[np.int64],
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The paragraph pairs without those of one house that are the house's own lines.

    Pairs are places `left` and `right`, int64[n]; `publishers` int64[articles, 6] are the rows of
    `number_publishers`.

    A house's articles are compared where one is an agency's text. What the two pages have in common
    is the house's, not the agency's, where it names the house, calls on its readers, or closes both
    pages while what stands before it differs. Work follows the pairs within houses.
    """
    a, b = table.article_of[left], table.article_of[right]
    within = np.flatnonzero(share_publisher(publishers[a], publishers[b]))
    if not len(within):
        return left, right
    equal: dict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
    for i in within.tolist():
        equal[int(a[i]), int(b[i])].add((int(left[i]), int(right[i])))
    closing = {
        pair for articles, pairs in equal.items() for pair in _find_closing(table, articles, pairs)
    }
    dropped = np.zeros(len(left), dtype=bool)
    for i in within.tolist():
        pair = int(left[i]), int(right[i])
        dropped[i] = pair in closing or any(_is_house_line(table, one) for one in pair)
    return left[~dropped], right[~dropped]


def _is_house_line(table: ParagraphTable, paragraph: int) -> bool:
    text = table.texts[paragraph]
    outlet = table.articles[int(table.article_of[paragraph])].outlet
    return _CALL.search(text) is not None or _names_house(text, outlet)


@lru_cache(maxsize=10_000)
def _names_house(text: str, outlet: str) -> bool:
    name = compile_outlet_name(outlet)
    return name is not None and name.search(text) is not None


def _find_closing(
    table: ParagraphTable, articles: tuple[int, int], pairs: set[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The equal short paragraphs at the end of both articles, where others differ before them."""
    starts = [int(table.article_starts[article]) for article in articles]
    p, q = (int(table.article_starts[article + 1]) - 1 for article in articles)
    found: list[tuple[int, int]] = []
    while p >= starts[0] and q >= starts[1] and table.text_hashes[p] == table.text_hashes[q]:
        if len(table.texts[p].split()) > _MOST_WORDS or len(found) == _MOST_CLOSING:
            return []
        found.append((p, q))
        p, q = p - 1, q - 1
    return [] if (p, q) in pairs else found
