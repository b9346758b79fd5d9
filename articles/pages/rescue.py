"""Credits that the extraction of a page's main text dropped, put back where they stood.

Extractors take bylines, datelines, "contributed to this report" and copyright lines for furniture.
Here the page's own lines are compared with the extracted text: a line that `credits.credit` reads
as a credit, that stands at the head or foot of this article (not in a list of others, not under a
picture, not at the foot of the site), and that the text lacks, is restored.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wirethread.articles.credits import bylines
from wirethread.articles.credits.agencies import Mention, find_agencies_in_words, find_mentions
from wirethread.articles.credits.credit import find_credit_lines, is_byline_line
from wirethread.articles.credits.datelines import match_dateline
from wirethread.articles.credits.marks import mask_agencies
from wirethread.articles.markup import Block
from wirethread.articles.parsing.furniture import has_caption_form

if TYPE_CHECKING:
    from lxml.html import HtmlElement
else:
    HtmlElement = Any

__all__ = ["Rescued", "rescue_credits"]

_HEAD_BLOCKS = 25
"""Lines between the headline and the text among which a byline is looked for."""
_TAIL_BLOCKS = 15
"""Lines after the text among which a contributor line is looked for."""
_ANCHOR = 40
"""Characters (without spaces) from which on a line that the text has too is the article's own."""
_MAX_CREDIT = 600
"""Characters; a longer line is no credit."""

_ASIDE_TAGS = frozenset(("aside", "nav", "figure", "figcaption", "caption", "form"))
_MAYBE_ASIDE_TAGS = frozenset(("article", "footer"))
_ASIDE_NAME = re.compile(
    r"(?:^|[-_])(?:related|recommend\w*|promos?|sidebar|trending|popular|most(?:read|popular|viewed)|"
    r"newsletter|comments?|commentlist|respond|teasers?|carousel|(?<!elementor-)widget|nav|menu|"
    r"navigation|cookies?|consent|captions?|gallery|slideshow|advert\w*|ads?|outbrain|taboola|"
    r"share|sharing|social|tags?|breadcrumbs?|readmore|read-more|more|next|latest|upnext|wp-caption|"
    r"lightbox|photo|image|picture|media|video|banner|popup|modal|subscribe|subscription|paywall|"
    r"author-?bio|site-?footer|page-?footer|global-?footer|footer|colophon)(?:$|[-_])",
    re.I,
)
_ARTICLE_FOOT = re.compile(r"(?:article|story|post|entry|content|body)[-_]?\w*footer", re.I)
_LABEL = re.compile(r"byline|author|source|credit|agency|provider|dateline|wire|attribution|syndic")
_AUTHOR_LABEL = re.compile(r"byline|author")


@dataclass(slots=True)
class Rescued:
    """The text with what was put back, and fields that name an agency."""

    text: str
    declared: dict[str, str] = field(default_factory=dict)


def rescue_credits(blocks: Sequence[Block], paragraphs: Sequence[str], title: str) -> Rescued:
    """Return `paragraphs` as one text (blank lines between) with the dropped credits of the page.

    `blocks` are all lines of the page in order, `paragraphs` the extracted ones.
    """
    present = _Present(paragraphs)
    anchors = [
        number
        for number, block in enumerate(blocks)
        if len(block.squeezed) >= _ANCHOR and present.has_whole(block.squeezed)
    ]
    parts = list(paragraphs)
    rescued = Rescued("\n\n".join(parts))
    if not anchors:
        return rescued
    page = _Page(blocks, anchors)
    _complete_paragraphs(page, parts)
    present = _Present(parts)
    head = _rescue_head(page, parts, present, title, rescued.declared)
    tail = _rescue_tail(page, present)
    rescued.text = "\n\n".join((*head, *parts, *tail))
    return rescued


class _Present:
    """What the extracted text has already."""

    def __init__(self, paragraphs: Sequence[str]) -> None:
        self._lines = {"".join(paragraph.split()) for paragraph in paragraphs}
        self._joined = "\n".join(self._lines)

    def has_whole(self, squeezed: str) -> bool:
        """Tell whether a long line stands anywhere in the text."""
        return squeezed in self._joined

    def has(self, squeezed: str) -> bool:
        """Tell whether a line, or for a short one a line that begins or ends so, is there."""
        if squeezed in self._lines or (len(squeezed) >= _ANCHOR and squeezed in self._joined):
            return True
        return any(line.startswith(squeezed) or line.endswith(squeezed) for line in self._lines)


class _Page:
    """The lines of a page, knowing which belong to the article in hand."""

    def __init__(self, blocks: Sequence[Block], anchors: Sequence[int]) -> None:
        self.blocks = blocks
        self.first, self.last = anchors[0], anchors[-1]
        chosen = [*anchors[:100], anchors[-1]]
        self._holders: set[HtmlElement] = set()  # elements that hold text of the article
        for number in chosen:
            self._holders.update(_chain(blocks[number].element))
        self._container = self._find_container()
        self._verdicts: dict[HtmlElement, bool] = {}

    def _find_container(self) -> "HtmlElement":
        right = set(_chain(self.blocks[self.last].element))
        shared = [one for one in _chain(self.blocks[self.first].element) if one in right]
        for element in shared:
            if element.tag in ("article", "main") or element.get("role") in ("main", "article"):
                return element
        if len(shared) > 1 and shared[1].tag not in ("html",):
            return shared[1]
        return shared[0]

    def is_aside(self, block: Block) -> bool:
        """Tell whether a line belongs to a picture, another story or the site."""
        return any(self._leads_away(element) for element in _chain(block.element))

    def is_inside(self, block: Block) -> bool:
        """Tell whether a line stands in the element that holds the article."""
        return any(element is self._container for element in _chain(block.element))

    def _leads_away(self, element: "HtmlElement") -> bool:
        if element in self._holders:
            return element.tag in _ASIDE_TAGS and element.tag != "form"
        known = self._verdicts.get(element)
        if known is None:
            known = self._verdicts[element] = _is_aside_element(element)
        return known


def _chain(element: "HtmlElement") -> list["HtmlElement"]:
    return [element, *element.iterancestors()]


def _is_aside_element(element: "HtmlElement") -> bool:
    if element.tag in _ASIDE_TAGS:
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}".split()[:20]
    if any(_ARTICLE_FOOT.search(name) for name in names):
        return False
    if element.tag == "footer":
        return not any(up.tag == "article" for up in element.iterancestors())
    return element.tag == "article" or any(_ASIDE_NAME.search(name) for name in names)


def _complete_paragraphs(page: _Page, parts: list[str]) -> None:
    """Put back a dateline or a closing "(Agency)" that was cut from a paragraph."""
    places = {"".join(part.split()): number for number, part in enumerate(parts)}
    for block in page.blocks[max(0, page.first - 1) : page.last + 2]:
        if block.squeezed in places or not 30 <= len(block.text) <= 3000:
            continue
        mentions = find_mentions(block.text)
        if not mentions or page.is_aside(block):
            continue
        for squeezed, number in list(places.items()):
            extra = len(block.squeezed) - len(squeezed)
            if len(squeezed) < 25 or not 0 < extra <= 200:
                continue
            masked = mask_agencies(block.text, mentions)
            if block.squeezed.endswith(squeezed):
                if match_dateline(masked, is_opening=True) is None:
                    continue
                parts[number] = block.text
            elif block.squeezed.startswith(squeezed):
                if bylines.match_final_credit(masked) is None:
                    continue
                # on a line of its own: amid the words it would be read as a picture's
                parts[number] += "\n\n" + _end_of(block.text, extra)
            else:
                continue
            del places[squeezed]
            places[block.squeezed] = number
            break


def _end_of(words: str, n_squeezed: int) -> str:
    """Return the last `n_squeezed` characters of `words`, not counting spaces."""
    place = len(words)
    while n_squeezed and place:
        place -= 1
        n_squeezed -= not words[place].isspace()
    return words[place:]


def _rescue_head(
    page: _Page, parts: list[str], present: _Present, title: str, declared: dict[str, str]
) -> list[str]:
    """Return the credit lines above the text; a dateline is joined to its first paragraph."""
    begin = max(0, page.first - _HEAD_BLOCKS)
    squeezed_title = "".join(title.split())
    heads = [
        number
        for number in range(begin, page.first)
        if page.blocks[number].squeezed == squeezed_title
        or (page.blocks[number].is_heading and page.blocks[number].element.tag == "h1")
    ]
    found: list[str] = []
    for number in range(max(begin, heads[0] - 3) if heads else begin, page.first):
        block = page.blocks[number]
        if len(block.text) > _MAX_CREDIT or block.is_heading or page.is_aside(block):
            continue
        if not heads and not page.is_inside(block):
            continue
        mentions = find_mentions(block.text)
        if not mentions or has_caption_form(block.text) or present.has(block.squeezed):
            continue
        if is_byline_line(block.text, mentions, 0):
            found.append(block.text)
        elif _join_dateline(block.text, parts, mentions):
            continue
        elif spans := find_credit_lines(block.text, 0, len(block.text), mentions):
            found += [block.text[start:end] for start, end in spans]
        elif (
            len(block.text) <= 200
            and _LABEL.search(block.labels)
            and find_agencies_in_words(block.text)
        ):
            name = "byline" if _AUTHOR_LABEL.search(block.labels) else "source"
            declared.setdefault(name, block.text)
    return list(dict.fromkeys(found))


def _join_dateline(line: str, parts: list[str], mentions: Sequence[Mention]) -> bool:
    """Join a dateline that stood on a line of its own to the first paragraph."""
    if len(line) > 120 or not parts:
        return False
    dash = "" if line.rstrip()[-1] in "-–—―‒:" else " -"
    whole = f"{line.rstrip()}{dash} {parts[0]}"
    span = match_dateline(mask_agencies(whole, find_mentions(whole)), is_opening=True)
    if span is None or abs(span[1] - len(line.rstrip() + dash)) > 2:
        return False
    if not any(mention.end <= span[1] for mention in mentions):
        return False
    parts[0] = whole
    return True


def _rescue_tail(page: _Page, present: _Present) -> list[str]:
    """Return the credit lines amid and below the text."""
    found: list[str] = []
    n_after = 0
    for number in range(page.first + 1, len(page.blocks)):
        block = page.blocks[number]
        if page.is_aside(block) or not page.is_inside(block):
            continue
        if number > page.last:
            n_after += 1
            if n_after > _TAIL_BLOCKS or (block.is_heading and len(block.text) > 3):
                break
        if len(block.text) > _MAX_CREDIT or block.is_heading or present.has(block.squeezed):
            continue
        if block.n_linked > 0.9 * len(block.text) and len(block.text) > 60:
            continue  # a link to another story
        found += [line for line in _credit_words(block.text) if not present.has(_squeeze(line))]
    return list(dict.fromkeys(found))


def _squeeze(line: str) -> str:
    return "".join(line.split())


def _credit_words(line: str) -> list[str]:
    if has_caption_form(line):
        return []
    mentions = find_mentions(line)
    spans = find_credit_lines(line, 0, len(line), mentions)
    if spans:
        return [line[begin:end] for begin, end in spans]
    if mentions and bylines.is_closing_byline(mask_agencies(line, mentions)):
        return [line]
    return []
