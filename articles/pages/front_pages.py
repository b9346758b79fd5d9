"""Front pages and section pages: lists of what stands elsewhere, taken for no article."""

from collections.abc import Mapping, Sequence
from typing import Any

from wirethread.articles.markup import Block

__all__ = ["is_front_page"]

_SHORTEST_TEASER = 40
"""Characters of a paragraph that sums up another page."""
_FEWEST_TEASERS = 4
_TEASER_SHARE = 0.7
_LINKED_SHARE = 0.8
"""Share of a line that is a link, from which on it is the headline of another page."""
_FEWEST_WORDS = 3
_NEAR = 2
"""Lines between such a headline and its paragraph, at most: a time, a name of a section."""
_LIST_TYPES = frozenset(("website", "collectionpage", "itemlist", "searchresultspage", "webpage"))


def is_front_page(
    blocks: Sequence[Block], paragraphs: Sequence[str], fields: Mapping[str, Any]
) -> bool:
    """Tell whether a page only lists others: nearly every paragraph hangs on a linked headline.

    `blocks` are its lines in order, `paragraphs` what was extracted as its text, `fields` what it
    declares. A page that calls itself an article is none, nor one that has a time of publication.
    """
    declared = str(fields.get("type") or "").lower()
    if fields.get("is_article") or fields.get("times") or declared not in ("", *_LIST_TYPES):
        return False
    texts = {"".join(words.split()) for words in paragraphs if len(words) >= _SHORTEST_TEASER}
    places: dict[str, int] = {}
    for number, block in enumerate(blocks):
        if block.squeezed in texts:
            places.setdefault(block.squeezed, number)
    teasers = sum(_is_teaser(blocks, number) for number in places.values())
    return teasers >= _FEWEST_TEASERS and teasers >= _TEASER_SHARE * len(places)


def _is_teaser(blocks: Sequence[Block], number: int) -> bool:
    """Tell whether a paragraph is a link itself, or stands right below a linked headline."""
    if _is_link(blocks[number]):
        return True
    return any(_is_link(block) for block in blocks[max(0, number - _NEAR) : number])


def _is_link(block: Block) -> bool:
    return len(block.text.split()) >= _FEWEST_WORDS and block.n_linked >= _LINKED_SHARE * len(
        block.text
    )
