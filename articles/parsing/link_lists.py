"""Lists of other headlines that stand between the paragraphs of a saved page."""

import re
from collections.abc import Sequence

from wirethread.articles.parsing.leading_away import is_list_label
from wirethread.articles.parsing.page_parts import is_gallery_counter
from wirethread.articles.types.articles import ParagraphKind

__all__ = ["mark_galleries", "mark_link_lists"]

_TERMINAL = re.compile(r"[.!?…。！？؟।:;,][\"'”’»)\]]*$")
_NO_HEADLINE = re.compile(
    # bullets and numbers, speakers, tweets
    r"^\s*(?:[-–—•*·►▪▶●◦■□>]|\d{1,2}[.)]\s?|\(?[a-z]\)\s|#\d)|"
    r"^\s*[^\W\d_a-zß-ÿ][\w .'’-]{1,40}:\s|\(@\w|pic\.twitter|https?://"
)
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_FEWEST_WORDS, _MOST_CHARACTERS = 4, 180
_LONGEST_PLAIN = 110
"""Characters of a headline that is written like a sentence."""
_PROSE = 60
"""Characters; a paragraph at least this long that ends a sentence is prose."""
_LONGEST_CAPTION = 600
_TITLED_LETTERS = 4
"""Letters from which on a word has a capital in a headline in title case."""
_TITLED_SHARE = 0.75
_TITLED_WORDS = 3
_MOST_MARKED = 0.35
"""Share of a text's characters; where more of it has the form of headlines, that is how it is
written: a list of results, a recipe, a poem."""


def mark_link_lists(texts: Sequence[str], kinds: list[ParagraphKind | None]) -> None:
    """Mark runs of lines without an end mark, between paragraphs or below the last one, in place.

    A run is a list of other headlines where a label stands above it ("Related"), where its lines
    are in title case or in capitals, or where two or more follow one another. One heading above
    a paragraph is no run, nor is a list that a paragraph ending in a colon introduces.
    """
    prose = [place for place, text in enumerate(texts) if kinds[place] is None and _is_prose(text)]
    if not prose:
        return
    found: list[int] = []
    place = prose[0] + 1
    while place < len(texts):
        run = _read_run(texts, kinds, place)
        if not run:
            place += 1
            continue
        before = _line_before(texts, kinds, run[0])
        if _is_list(texts, kinds, run, before):
            found += run
        place = run[-1] + 1
    n_open = sum(len(text) for text, kind in zip(texts, kinds, strict=True) if kind is None)
    if sum(len(texts[place]) for place in found) <= _MOST_MARKED * n_open:
        for place in found:
            kinds[place] = ParagraphKind.FURNITURE


def mark_galleries(texts: Sequence[str], kinds: list[ParagraphKind | None]) -> None:
    """Mark "3 of 12", and of several the lines below as the captions of the pictures, in place."""
    counters = [place for place, text in enumerate(texts) if is_gallery_counter(text)]
    for place in counters:
        kinds[place] = ParagraphKind.FURNITURE
        if len(counters) == 1:
            continue
        following = place + 1
        if (
            following < len(texts)
            and kinds[following] is None
            and len(texts[following]) <= _LONGEST_CAPTION
        ):
            kinds[following] = ParagraphKind.CAPTION


def _is_prose(text: str) -> bool:
    return len(text) >= _PROSE and _TERMINAL.search(text) is not None


def _read_run(texts: Sequence[str], kinds: Sequence[ParagraphKind | None], place: int) -> list[int]:
    """Return the places of the lines from `place` on that have the form of headlines."""
    run = []
    while place < len(texts) and kinds[place] is None and _is_headline(texts[place]):
        run.append(place)
        place += 1
    return run


def _is_headline(text: str) -> bool:
    if len(text) > _MOST_CHARACTERS or _NO_HEADLINE.search(text) is not None:
        return False
    is_titled = _is_titled(text)
    if not is_titled and len(text) > _LONGEST_PLAIN:
        return False
    if _TERMINAL.search(text) is not None and not (is_titled and text.endswith(("?", "!"))):
        return False
    words = _WORD.findall(text)
    letters = sum(len(word) for word in words)
    figures = "".join(_FIGURE.findall(text))
    return (
        len(words) >= _FEWEST_WORDS
        and not text.lstrip("\"'“‘«„")[:1].islower()
        and len(figures) <= letters / 4
        and text[:1] not in '"“«„—–@,'
    )


def _line_before(texts: Sequence[str], kinds: Sequence[ParagraphKind | None], place: int) -> str:
    """Return the nearest line above that is no picture's."""
    for above in range(place - 1, -1, -1):
        if kinds[above] is not ParagraphKind.CAPTION:
            return texts[above]
    return ""


def _is_list(
    texts: Sequence[str],
    kinds: Sequence[ParagraphKind | None],
    run: Sequence[int],
    before: str,
) -> bool:
    if is_list_label(before):
        return True
    if before.rstrip().endswith((":", ",", ";")):
        return False
    if len(run) == 1:
        # a heading where prose follows; else a link to another story
        following = run[0] + 1
        heads = following < len(texts) and kinds[following] is None and _is_prose(texts[following])
        return not heads and _is_titled(texts[run[0]])
    return True


def _is_titled(text: str) -> bool:
    words = [word for word in _WORD.findall(text) if len(word) >= _TITLED_LETTERS]
    capitals = sum(word[0].isupper() for word in words)
    return len(words) >= _TITLED_WORDS and capitals >= _TITLED_SHARE * len(words)
