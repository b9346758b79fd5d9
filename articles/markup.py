"""HTML as a row of blocks: the lines a reader sees, with what the page says each is for.

Parsing is bounded in every direction (characters, elements, attributes of one tag, depth), because
the libraries below take quadratic time on pages that no newsroom would publish.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.html import HtmlElement
else:
    HtmlElement = Any

__all__ = ["MAX_ELEMENTS", "Block", "flatten_blocks", "flatten_hidden", "parse_markup", "thin_tree"]

MAX_ELEMENTS = 12_000
"""A page with more, not counting scripts and inline marks, is read by its paragraphs alone."""
_INLINE_ELEMENTS = 5_000
"""Past this many elements, inline marks (bold, spans) are taken out before extraction."""
_MAX_BLOCKS = 30_000
_MAX_BLOCK_TEXT = 100_000

_BLOCKS = frozenset(
    """address article aside blockquote body br caption center dd details dialog div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre
    section summary table tbody td tfoot th thead tr ul""".split()  # noqa: SIM905
)
_SILENT = frozenset(
    """script style noscript template svg math head iframe object embed audio video canvas select
    option textarea button input datalist map""".split()  # noqa: SIM905
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# fmt: off
_INLINE = ("span", "font", "b", "strong", "i", "em", "u", "s", "small", "big", "sup", "sub",
           "mark", "abbr", "wbr", "bdi", "bdo", "ins", "kbd", "tt", "o:p", "nobr", "label", "a")
# fmt: on

# A tag with hundreds of attributes costs the parser quadratic time. Possessive, so linear itself.
_CROWDED_TAG = re.compile(
    r"<[a-zA-Z][^\s>/]*+"
    r"(?:[\s/]++[^\s=>/]++(?:\s*+=\s*+(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s>]*+))?+){200}"
)
_HIDDEN = "//*[@hidden or contains(translate(@style, ' ', ''), 'display:none')]"
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(slots=True)
class Block:
    """One line as a reader sees it."""

    text: str
    element: "HtmlElement"
    """The innermost block element that the words stand in."""
    is_heading: bool
    n_linked: int
    """Characters of it that are links."""
    labels: str = ""
    """Class names, ids and roles of the elements that hold these words alone, in small letters."""
    squeezed: str = field(default="")
    """The words without white space, for comparing."""


def parse_markup(words: str) -> "HtmlElement":
    """Return the tree of a page or of a piece of one.

    Raises:
        ValueError: where it holds no elements, or a tag that no person wrote.
    """
    from lxml import etree, html  # noqa: PLC0415

    if _CROWDED_TAG.search(words) is not None:
        raise ValueError("one of its tags has more than 200 attributes")
    parser = html.HTMLParser(
        collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True,
        remove_pis=True, huge_tree=False,
    )  # fmt: skip
    content = _CONTROLS.sub(" ", words).encode("utf-8")
    try:
        tree = html.document_fromstring(content, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ValueError("it holds no markup that can be read") from error
    if not isinstance(tree.tag, str):
        raise ValueError("it holds no markup that can be read")
    return tree


def thin_tree(tree: "HtmlElement") -> tuple["HtmlElement", int]:
    """Take scripts (and, from a crowded page, inline marks) out; return tree and elements left."""
    from lxml import etree, html  # noqa: PLC0415

    etree.strip_elements(tree, "script", "style", "svg", "template", "iframe", with_tail=False)
    n_elements = sum(1 for _ in tree.iter())
    if n_elements > _INLINE_ELEMENTS:
        etree.strip_tags(tree, *_INLINE)
        # Written and read again, because a tree keeps a node for every piece of text between the
        # marks that it lost, and each step over those costs time that grows with their number.
        tree = parse_markup(html.tostring(tree, encoding="unicode"))
        n_elements = sum(1 for _ in tree.iter())
    return tree, n_elements


def flatten_blocks(tree: "HtmlElement") -> list[Block]:
    """Return the lines of a tree in order, without scripts, players and the head."""
    return list(_walk(tree))


def _walk(tree: "HtmlElement") -> Iterator[Block]:  # noqa: PLR0912
    from lxml import etree  # noqa: PLC0415

    words: list[str] = []
    holders: list[Any] = []  # inline elements open or closed within the present block
    state = {"linked": 0, "size": 0, "blocks": 0}
    block_of = [tree]
    silent = n_links = n_headings = 0

    def add(piece: str | None) -> None:
        if piece and not silent and state["size"] < _MAX_BLOCK_TEXT:
            words.append(piece)
            state["size"] += len(piece)
            if n_links:
                state["linked"] += len(piece.strip())

    def close() -> Block | None:
        text = " ".join("".join(words).split())
        block = None
        if text and state["blocks"] < _MAX_BLOCKS:
            state["blocks"] += 1
            block = Block(
                text=text, element=block_of[-1], is_heading=n_headings > 0,
                n_linked=state["linked"], labels=_read_labels(block_of[-1], holders, text),
                squeezed="".join(text.split()),
            )  # fmt: skip
        words.clear()
        holders.clear()
        state["linked"] = state["size"] = 0
        return block

    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag
        if event == "start":
            if tag in _SILENT:
                silent += 1
                continue
            if tag in _BLOCKS:
                if block := close():
                    yield block
                block_of.append(element)
                n_headings += tag in _HEADINGS
            else:
                if len(holders) < 50:
                    holders.append(element)
                n_links += tag == "a"
            add(element.text)
        else:
            if tag in _SILENT:
                silent -= 1
            elif tag in _BLOCKS:
                if block := close():
                    yield block
                block_of.pop()
                n_headings -= tag in _HEADINGS
            else:
                n_links -= tag == "a"
            if element is not tree:
                add(element.tail)
    if block := close():
        yield block


def _read_labels(element: "HtmlElement", holders: list[Any], text: str) -> str:
    """Return what the page calls these words: of inline elements, only one that holds them all."""
    if len(text) > 300:
        return ""
    named = [element]
    named += [holder for holder in holders if len("".join(holder.itertext())) >= 0.6 * len(text)]
    words = [
        value
        for node in named[:8]
        for key in ("class", "id", "itemprop", "rel", "data-testid")
        if (value := node.get(key))
    ]
    return " ".join(words)[:500].lower()


def flatten_hidden(tree: "HtmlElement") -> list[str]:
    """Return the lines of a piece of HTML that are its text: no captions, nothing hidden."""
    for element in tree.xpath(_HIDDEN):
        if element.getparent() is not None:
            element.drop_tree()
    return [block.text for block in flatten_blocks(tree) if not _is_caption(block.element)]


def _is_caption(element: "HtmlElement") -> bool:
    for up in _ancestors(element):
        if up.tag in ("figcaption", "caption") or "wp-caption-text" in (up.get("class") or ""):
            return True
        if up.tag == "figure":  # a figure may also hold a table or a quotation
            return next(up.iter("img", "picture", "video", "iframe"), None) is not None
    return False


def _ancestors(element: "HtmlElement") -> Iterator["HtmlElement"]:
    yield element
    yield from element.iterancestors()
