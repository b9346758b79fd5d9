"""Words of a field as a reader sees them, whether it holds plain text or HTML, escaped or not.

Systems that keep a text as HTML hand it out so under any name, in titles and bylines too, in CDATA
marks, and escaped once or twice. A field is taken for HTML where its tags say so: a pair of them, a
line break, a picture, or one with attributes. Words that only look alike ("3 < 5", "<live>") stay.
"""

import html
import re

from wirethread.articles.markup import flatten_hidden, parse_markup

__all__ = ["holds_markup", "is_whole_page", "read_line", "read_text"]

_ELEMENTS = frozenset(
    """a abbr acronym address article aside audio b bdi bdo big blockquote body br button caption
    center cite code col colgroup dd del details dfn dialog dir div dl dt em embed fieldset
    figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img
    input ins kbd label legend li link main map mark menu meta nav nobr noscript object ol option p
    param picture pre q s samp script section select small source span strike strong style sub
    summary sup svg table tbody td textarea tfoot th thead time title tr tt u ul var video
    wbr""".split()  # noqa: SIM905
)
_ALONE = frozenset(("br", "hr", "img", "wbr"))
_BLOCK = frozenset(
    """address article aside blockquote body br div dl figure h1 h2 h3 h4 h5 h6 hr li ol p pre
    section table td tr ul""".split()  # noqa: SIM905
)
_KEEPS_SPACES_OUT = frozenset(
    "p li td th h1 h2 h3 h4 h5 h6 script style pre figcaption title".split()  # noqa: SIM905
)
"""Elements in which an empty line is no end of a paragraph."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15}+)((?:\s[^<>]{0,4000}+)?)/?+>")
_WHOLE_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html|head|body)[\s>]", re.I
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_EMPTY_LINE = re.compile(r"\n[ \t\r\xa0]*\n\s*")
_PRE = re.compile(r"(<pre(?:\s[^<>]{0,500}+)?>)([^<]*+)(?=</pre)", re.I)
_INDENTED = re.compile(r"\n(?=[ \t\xa0]{2,}\S)")
# What WordPress puts into its texts in place of markup.
_SHORTCODE = re.compile(
    r"\[(caption|embed|video|audio|playlist|gallery|youtube|twitter|instagram)(?:\s[^\]]{0,1000}+)?\]"
    r"(?:(?:(?!\[\1).){0,4000}?\[/\1\])?",
    re.S | re.I,
)
_CODE = re.compile(r"<(?:pre|code)\b", re.I)
_DEPTH = 3
"""How often words may have been escaped."""


def read_text(words: str) -> str:
    """Return the paragraphs of a text field, a blank line between; plain text is left as it is."""
    if "<" not in words and "&" not in words:
        return words
    words, is_markup = _unwrap(words)
    if not is_markup:
        return words
    text = _render(words)
    # escaped inside of a frame of tags; an example of code is meant to be read as it is
    if text.lstrip().startswith("<") and holds_markup(text) and not _CODE.search(words):
        text = _render(text)
    return text


def read_line(words: str) -> str:
    """Return the words of a field of one line, such as a headline or a name."""
    if "<" in words or "&" in words:
        words, is_markup = _unwrap(words)
        if is_markup:
            words = _render(words)
    return " ".join(words.split())


def is_whole_page(words: str) -> bool:
    """Tell whether words are a page from its head on, not a piece of one."""
    return _WHOLE_PAGE.match(words) is not None


def holds_markup(words: str) -> bool:
    """Tell whether words hold HTML, and not only signs that look like it."""
    opened: set[str] = set()
    for match in _TAG.finditer(words):
        name = match[2].lower()
        if name not in _ELEMENTS:
            continue
        if match[1]:
            if name in opened:
                return True
            continue
        is_first = not words[: match.start()].strip()
        if name in _ALONE or "=" in match[3] or (is_first and name in _BLOCK):
            return True
        opened.add(name)
    return "<!-- wp:" in words


def _unwrap(words: str) -> tuple[str, bool]:
    """Return the words without what they are wrapped in, and whether they are HTML."""
    for _ in range(_DEPTH):
        words = _CDATA.sub("", words)
        if holds_markup(words):
            return words, True
        plain = _unescape(words)
        if plain == words:
            break
        words = plain
    return words, False


def _unescape(words: str) -> str:
    """Put characters for entities; what only begins like one ("AT&T", "a&b=1") stays."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), words) if "&" in words else words


def _render(words: str) -> str:
    words = _SHORTCODE.sub(" ", words) if "[" in words else words
    words = _mark_lines(_PRE.sub(_mark_pre, words))
    try:
        lines = flatten_hidden(parse_markup(words))
    except ValueError:  # no library reads it; the words are still wanted
        lines = [" ".join(line.split()) for line in _TAG.sub("\n", words).split("\n")]
    return "\n\n".join(_unescape(_unescape(line)) for line in lines if line)


def _mark_pre(match: re.Match[str]) -> str:
    """Mark paragraphs in a text that was set line by line."""
    inside = match[2].strip("\r\n").replace("\r\n", "\n")
    for divider in (_EMPTY_LINE, _INDENTED):
        if divider.search(inside):
            return match[1] + divider.sub("<br>", inside)
    return match[1] + inside.replace("\n", "<br>")


def _mark_lines(words: str) -> str:
    """Mark the ends of paragraphs that are empty lines, or mere lines where no tag marks any."""
    if "\n" not in words:
        return words
    has_blocks = any(match[2].lower() in _BLOCK for match in _TAG.finditer(words))
    if not has_blocks:
        return words.replace("\n", "<br>")
    pieces: list[str] = []
    place = 0
    inside: list[str] = []
    for match in _TAG.finditer(words):
        piece = words[place : match.start()]
        pieces += [piece if inside else _EMPTY_LINE.sub("<br>", piece), match[0]]
        place = match.end()
        name = match[2].lower()
        if name in _KEEPS_SPACES_OUT:
            if not match[1]:
                inside = [*inside[-20:], name]
            elif name in inside:
                del inside[inside.index(name) :]
    pieces.append(words[place:] if inside else _EMPTY_LINE.sub("<br>", words[place:]))
    return "".join(pieces)
