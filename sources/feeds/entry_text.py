"""The text of a feed's entry, which is already nothing but the article."""

import re

__all__ = ["count_words", "is_teaser", "read_html_text"]

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "p div br li ul ol h1 h2 h3 h4 h5 h6 blockquote section article table tr figure figcaption"
        " pre hr header footer aside",
    )
)
_SILENT = frozenset(["script", "style", "noscript", "iframe", "template", "head"])
_CUT = re.compile(
    r"(?:\.\.\.|…|\[…\]|\[\.\.\.\]|read more|continue reading|weiterlesen|lire la suite"
    r"|leer más)[\s.»>→\]]*$",
    re.IGNORECASE,
)


def read_html_text(html: str) -> str:
    """Return the words of a piece of HTML, its blocks as paragraphs; plain text stays as it is."""
    if "<" not in html and "&" not in html:
        return html.strip()
    from lxml import etree  # noqa: PLC0415 - only runs that fetch need it
    from lxml import html as markup  # noqa: PLC0415

    try:
        root = markup.fragment_fromstring(html.replace("\0", ""), create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError):
        return ""
    pieces: list[str] = []
    for event, node in etree.iterwalk(root, events=("start", "end")):
        name = node.tag if isinstance(node.tag, str) else None
        is_block = name in _BLOCKS
        if event == "start":
            silent = name is None or any(
                one.tag in _SILENT for one in (node, *node.iterancestors())
            )
            pieces += ["\n"] if is_block else []
            pieces += [node.text.replace("\n", " ")] if node.text and not silent else []
        elif node is not root:
            hidden = any(one.tag in _SILENT for one in node.iterancestors())
            pieces += ["\n"] if is_block else []
            pieces += [node.tail.replace("\n", " ")] if node.tail and not hidden else []
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n\n".join(line for line in lines if line)


def count_words(text: str) -> int:
    """Return the number of words."""
    return len(text.split())


def is_teaser(text: str) -> bool:
    """Tell whether a text breaks off, as those do that want to be read elsewhere."""
    return _CUT.search(text[-60:]) is not None
