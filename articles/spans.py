"""Where lines, blocks and sentences of a text begin and end."""

import re

__all__ = ["MAX_PARAGRAPH", "split_paragraphs", "split_sentences"]

Span = tuple[int, int]

MAX_PARAGRAPH = 2000
"""Characters; a longer line is divided at sentence ends."""

_BREAK = re.compile(r"\r\n|[\n\r\u2028\u2029\x0b\x0c\x85]")
_TERMINALS = ".!?…。！？｡؟۔।॥"
_CLOSERS = "\"'”’»)]}」』）】›"
_OPENERS = "\"'“‘«([{「『（【‹¿¡—–-"

_SENTENCE_END = re.compile(
    rf"(?:[.!?…؟۔।॥]+[{re.escape(_CLOSERS)}]*(?=\s)|[。！？｡]+[{re.escape(_CLOSERS)}]*)\s*"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sgt|Lt|Col|Gen|Maj|Capt|Cmdr|Adm|Sen|Rep|Gov|Rev|Hon|Jr|Sr|"
    r"Inc|Corp|Co|Ltd|No|Nos|vs|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Mon|Tue|Tues|Wed|Thu|Thurs|Fri|Sat|Sun|"
    r"Ala|Ariz|Ark|Calif|Colo|Conn|Del|Fla|Ga|Ill|Ind|Kan|Ky|La|Md|Mass|Mich|Minn|Miss|Mo|Mont|"
    r"Neb|Nev|Okla|Ore|Pa|Tenn|Tex|Va|Vt|Wash|Wis|Wyo|"
    r"bzw|ca|usw|Nr|Mio|Mrd|Sra|Sres|Dra|Lic|Ing|pág|núm|av|janv|févr|avr|juil|sept|ene|abr|ago|"
    r"dic|gen|mag|giu|lug|ott|ed|al|etc|approx|Ave|Blvd|Rd|Mt|Ft)"
    r"|(?:^|[\s.(\"“'‘-])[^\W\d_]|\b\d{1,2})\.$"
)


def split_sentences(text: str, begin: int = 0, end: int | None = None) -> list[Span]:
    """Return the spans of the sentences in `text[begin:end]`, without the space between them.

    Initials, titles, months and ordinals with a full stop don't end a sentence; a full stop before
    a small letter doesn't either.
    """
    end = len(text) if end is None else end
    spans: list[Span] = []
    start = begin
    for match in _SENTENCE_END.finditer(text, begin, end):
        stop = match.end() - (len(match[0]) - len(match[0].rstrip()))
        if match.end() >= end:
            break
        following = text[match.end()]
        if match[0][0] == "." and (
            following.islower()
            or _ABBREVIATION.search(text, max(start, match.start() - 8), match.start() + 1)
        ):
            continue
        spans.append((start, stop))
        start = match.end()
    while start < end and text[start].isspace():
        start += 1
    stop = end
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    if stop > start:
        spans.append((start, stop))
    return spans


def split_paragraphs(text: str) -> list[Span]:
    """Return the spans of the paragraphs of `text`, trimmed of white space, none empty.

    Each line is a paragraph, except where a block of lines was wrapped at a fixed width, which is
    one paragraph, and a line longer than `MAX_PARAGRAPH`, which is divided at sentence ends (or, in
    want of those, at spaces).
    """
    spans: list[Span] = []
    block: list[Span] = []
    begin = 0
    breaks = [(match.start(), match.end()) for match in _BREAK.finditer(text)]
    for line_end, next_begin in (*breaks, (len(text), len(text))):
        trimmed = _trim(text, begin, line_end)
        begin = next_begin
        if trimmed is not None:
            block.append(trimmed)
        else:
            spans.extend(_close_block(text, block))
            block = []
    spans.extend(_close_block(text, block))
    return [piece for span in spans for piece in _divide(text, span)]


def _trim(text: str, begin: int, end: int) -> Span | None:
    while begin < end and (text[begin].isspace() or text[begin] in "\ufeff\u200b"):
        begin += 1
    while end > begin and (text[end - 1].isspace() or text[end - 1] in "\ufeff\u200b"):
        end -= 1
    return (begin, end) if end > begin else None


_DIVIDED = re.compile(r"[^\W\d_][-\u00ad\u2010]$")


def _join_divided(text: str, block: list[Span]) -> list[Span]:
    """Join lines of which the first ends in a hyphen and the next goes on with its word."""
    joined: list[Span] = []
    for begin, end in block:
        if (
            joined
            and text[begin].islower()
            and _DIVIDED.search(text, max(0, joined[-1][1] - 2), joined[-1][1]) is not None
        ):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return joined


def _close_block(text: str, block: list[Span]) -> list[Span]:
    if len(block) >= 3 and _is_wrapped(text, block):
        return [(block[0][0], block[-1][1])]
    return _join_divided(text, block)


def _is_wrapped(text: str, block: list[Span]) -> bool:
    """Tell whether lines end where a column ended rather than where a sentence did."""
    lengths = [end - begin for begin, end in block[:-1]]
    widest = max(lengths)
    if (
        not 40 <= widest <= 120
        or min(lengths) < widest * 0.6
        or block[-1][1] - block[-1][0] > widest + 20
    ):
        return False
    open_ends = sum(text[end - 1] not in _TERMINALS + _CLOSERS + ":" for _, end in block[:-1])
    small_starts = sum(text[begin].islower() for begin, _ in block[1:])
    return open_ends >= 0.6 * len(lengths) and small_starts >= 0.4 * len(lengths)


def _divide(text: str, span: Span) -> list[Span]:
    begin, end = span
    if end - begin <= MAX_PARAGRAPH:
        return [span]
    pieces: list[Span] = []
    start = stop = begin
    for sentence_begin, sentence_end in split_sentences(text, begin, end):
        # Half the limit, so that a divided text has paragraphs of the size of written ones.
        if stop > start and sentence_end - start > MAX_PARAGRAPH // 2:
            pieces.append((start, stop))
            start = sentence_begin
        stop = sentence_end
    pieces.append((start, stop))
    return [part for piece in pieces for part in _divide_at_spaces(text, piece)]


def _divide_at_spaces(text: str, span: Span) -> list[Span]:
    begin, end = span
    parts: list[Span] = []
    while end - begin > MAX_PARAGRAPH:
        cut = begin + MAX_PARAGRAPH
        for place in range(cut, begin + MAX_PARAGRAPH // 2, -1):
            if text[place].isspace():
                cut = place
                break
        trimmed = _trim(text, begin, cut)
        if trimmed is not None:
            parts.append(trimmed)
        begin = cut
    trimmed = _trim(text, begin, end)
    if trimmed is not None:
        parts.append(trimmed)
    return parts
