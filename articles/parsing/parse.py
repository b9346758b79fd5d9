"""From a source article to its paragraphs: what each line of a saved page is for."""

import re
from collections.abc import Sequence
from dataclasses import replace

import xxhash

from wirethread.articles.credits.agencies import Mention, find_mentions
from wirethread.articles.credits.credit import find_credit_lines, find_credits, is_byline_line
from wirethread.articles.language import detect_language, read_language_code
from wirethread.articles.normalize import hash_normalized, normalize_text
from wirethread.articles.parsing.byline import find_byline, find_dateline, has_byline_form
from wirethread.articles.parsing.furniture import classify_line
from wirethread.articles.parsing.link_lists import mark_galleries, mark_link_lists
from wirethread.articles.spans import split_paragraphs
from wirethread.articles.types.articles import (
    UNKNOWN_OUTLET,
    Article,
    ArticleId,
    Mark,
    Paragraph,
    ParagraphId,
    ParagraphKind,
    ParsedArticle,
    RejectedArticle,
    SourceArticle,
    WireCredit,
)

__all__ = ["MAX_TEXT", "UNKNOWN_OUTLET", "derive_article_id", "parse_article"]

MAX_TEXT = 1_000_000
"""Characters of an article's text; a longer one is set aside."""

_LETTER = re.compile(r"[^\W\d_]")


def parse_article(source: SourceArticle) -> ParsedArticle | RejectedArticle:
    """Return the article with its paragraphs and credits, or why it is set aside.

    An article is set aside where its title or text is missing, the text is longer than `MAX_TEXT`,
    or no letter stands in it. `Article.text` is `source.text` unchanged, and every paragraph a
    slice of it.
    """
    headline = _read_headline(source)
    reason = _find_fault(headline, source.text)
    if reason is not None:
        return RejectedArticle(source=source.source, source_id=source.source_id, reason=reason)
    text = source.text
    article_id = derive_article_id(source)
    mentions = find_mentions(text)
    pieces = _divide_credits(text, split_paragraphs(text), mentions)
    folded = [normalize_text(text[begin:end]) for begin, end, _ in pieces]
    # a headline that is made of the first words makes no repetition of them
    stated = "" if Mark.HEADLINE_MADE in source.notes else headline
    kinds = classify_pieces(stated, [text[begin:end] for begin, end, _ in pieces], folded, pieces)
    paragraphs = [
        Paragraph(
            paragraph_id=ParagraphId(f"{article_id}-{position}"),
            article_id=article_id,
            position=position,
            kind=kind,
            text=text[begin:end],
            begin=begin,
            end=end,
            text_hash=hash_normalized(words),
        )
        for position, ((begin, end, _), kind, words) in enumerate(
            zip(pieces, kinds, folded, strict=True)
        )
    ]
    article = Article(
        article_id=article_id,
        source=source.source,
        source_id=source.source_id,
        url=source.url,
        outlet=_read_outlet(source),
        headline=headline,
        byline=find_byline(source.authors, paragraphs),
        dateline=find_dateline(paragraphs),
        text=text,
        language=_choose_language(source.language, paragraphs),
        published_at=source.published_at,
        published_precision=source.published_precision,
        updated_at=source.updated_at,
    )
    statements = find_credits(article, paragraphs, source.declared_credits, mentions=mentions)
    if article.dateline is None:
        article = replace(article, dateline=_read_dateline(statements, paragraphs))
    return ParsedArticle(
        article=article, paragraphs=paragraphs, credits=statements, notes=source.notes
    )


def _read_dateline(statements: Sequence[WireCredit], paragraphs: Sequence[Paragraph]) -> str | None:
    """Return the dateline that opens the body and was found for the agency in it."""
    body = [paragraph for paragraph in paragraphs if paragraph.kind is ParagraphKind.BODY][:3]
    for credit in statements:
        if credit.rule == "dateline" and any(p.begin <= credit.begin < p.end for p in body):
            return credit.evidence
    return None


def _read_headline(source: SourceArticle) -> str:
    return " ".join((source.title or "").split())


def _read_outlet(source: SourceArticle) -> str:
    return " ".join((source.outlet or "").split()) or UNKNOWN_OUTLET


def _find_fault(headline: str, text: str) -> str | None:
    if not headline:
        return "it has no title"
    if not text.strip():
        return "it has no text"
    if len(text) > MAX_TEXT:
        return f"its text has {len(text):,} characters; at most {MAX_TEXT:,} are read"
    if _LETTER.search(text) is None:
        return "its text has no letters"
    return None


def derive_article_id(source: SourceArticle) -> ArticleId:
    """Derive the id from what the outlet published where: the same page read again is the same.

    It costs little beside `parse_article`, which gives an article this id.
    """
    place = source.url or source.source_id or ""
    key = "\x1f".join((_read_outlet(source), place, _read_headline(source), source.text))
    return ArticleId(xxhash.xxh3_128_hexdigest(key.encode("utf-8", "surrogatepass"))[:20])


def _choose_language(declared: str | None, paragraphs: Sequence[Paragraph]) -> str | None:
    """Trust the words where they are many, and the page's own word otherwise."""
    body = " ".join(
        paragraph.text for paragraph in paragraphs[:40] if paragraph.kind is ParagraphKind.BODY
    )
    return detect_language(body) or read_language_code(declared)


HEAD_LINES = 6
"""Lines at the head of a page among which a byline may stand."""

Piece = tuple[int, int, bool]
"""Begin, end, and whether the piece is a credit line."""


def _divide_credits(
    text: str, spans: Sequence[tuple[int, int]], mentions: Sequence[Mention]
) -> list[Piece]:
    """Cut a credit line that stands at the end of a paragraph off from the news before it."""
    pieces: list[Piece] = []
    place_of_mention = 0
    for number, (begin, end) in enumerate(spans):
        inside = []
        while place_of_mention < len(mentions) and mentions[place_of_mention].begin < end:
            if begin <= mentions[place_of_mention].begin and mentions[place_of_mention].end <= end:
                inside.append(mentions[place_of_mention])
            place_of_mention += 1
        if (
            number < HEAD_LINES
            and (has_byline_form(text[begin:end]) or is_byline_line(text[begin:end], inside, begin))
            and classify_line(text[begin:end]) is not ParagraphKind.CAPTION
        ):
            pieces.append((begin, end, True))
            continue
        place = begin
        for credit_begin, credit_end in find_credit_lines(text, begin, end, inside):
            if credit_begin > place:
                pieces.extend(_trimmed(text, place, credit_begin))
            pieces.append((credit_begin, credit_end, True))
            place = credit_end
        if place < end:
            pieces.extend(_trimmed(text, place, end))
    return pieces


def _trimmed(text: str, begin: int, end: int) -> list[Piece]:
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    return [(begin, end, False)] if end > begin else []


_TERMINAL = re.compile(r"[.!?…。！？؟।:;,][\"'”’»)\]]*$")
_BULLET = re.compile(r"^\s*(?:[-–—•*·►▪▶●◦■□>]|\d{1,2}[.)]\s|\(?[a-z]\)\s)")
_FIGURE = re.compile(r"(?<![\d.,])(?!(?:19|20)\d\d\b)\d+(?:[.,]\d+)*")
_DIALOGUE = re.compile(r"^\s*(?:[A-Z][\w .'’-]{1,40}:\s|[QA]\s?[:.])")

MAX_HEADING_WORDS = 14


def classify_pieces(
    headline: str, texts: Sequence[str], folded: Sequence[str], pieces: Sequence[Piece]
) -> list[ParagraphKind]:
    """Return the kind of each piece from its words and from what stands around it.

    `folded` are the normalised `texts`, `pieces` their places and whether they are credit lines.
    """
    kinds: list[ParagraphKind | None] = [
        ParagraphKind.CREDIT if is_credit else classify_line(text)
        for text, (_, _, is_credit) in zip(texts, pieces, strict=True)
    ]
    _keep_signed_end(texts, kinds)
    mark_galleries(texts, kinds)
    _mark_repeats(normalize_text(headline), folded, kinds)
    mark_link_lists(texts, kinds)
    _mark_headings(texts, kinds)
    return [kind or ParagraphKind.BODY for kind in kinds]


_SIGNED = re.compile(r"[.!?][\"”’»]?\s\((?:AP|AFP|Reuters|REUTERS|EPA)\)$")
_SHOWS_A_PICTURE = re.compile(
    r"\b(?:seen|shown|pictured|poses|posing|looks|walks|stands|sits|left|right|cent(?:er|re)|"
    r"file|photo\w*|video|watch|image)\b",
    re.I,
)


def _keep_signed_end(texts: Sequence[str], kinds: list[ParagraphKind | None]) -> None:
    """Take a last paragraph that ends "... he said. (A)" for prose that an agency signs."""
    last = next(
        (
            place
            for place in range(len(kinds) - 1, 0, -1)
            if kinds[place] not in (ParagraphKind.FURNITURE, ParagraphKind.CREDIT)
        ),
        None,
    )
    if (
        last is not None
        and kinds[last] is ParagraphKind.CAPTION
        and any(kinds[place] is None and _is_prose(texts[place]) for place in range(last))
        and _SIGNED.search(texts[last]) is not None
        and _SHOWS_A_PICTURE.search(texts[last]) is None
    ):
        kinds[last] = None


def _mark_repeats(title: str, folded: Sequence[str], kinds: list[ParagraphKind | None]) -> None:
    """Mark the headline where it stands in the text, and what the text has twice."""
    seen: set[str] = set()
    for position, words in enumerate(folded):
        if kinds[position] is not None:
            continue
        if (
            words == title
            or (
                len(title) >= 20
                and len(words) <= 1.5 * len(title) + 10
                and _same_words(words, title)
            )
            or (words in seen and len(words) >= 30)
        ):
            kinds[position] = ParagraphKind.FURNITURE
        else:
            seen.add(words)
    _mark_repeated_lede(folded, kinds)


def _same_words(left: str, right: str) -> bool:
    return left.strip(" .!?\"'|-") == right.strip(" .!?\"'|-") or (
        left.startswith(right) and left[len(right) : len(right) + 3].strip() in ("|", "-", "·")
    )


def _mark_repeated_lede(folded: Sequence[str], kinds: list[ParagraphKind | None]) -> None:
    """Mark a first paragraph that a later one repeats with more words: a page's summary."""
    first = next((place for place, kind in enumerate(kinds) if kind is None), None)
    if first is None:
        return
    summary = folded[first].rstrip(".… ")
    if len(summary) < 40:
        return
    for place in range(first + 1, min(first + 9, len(folded))):
        if kinds[place] is None and folded[place].startswith(summary):
            kinds[first] = ParagraphKind.FURNITURE
            return


def _mark_headings(texts: Sequence[str], kinds: list[ParagraphKind | None]) -> None:
    """Mark short lines without an end mark that stand above a paragraph of prose."""
    previous_short = False
    for position, piece in enumerate(texts):
        if kinds[position] is not None:
            previous_short = False
            continue
        short = _could_be_heading(piece)
        if short and not previous_short:
            following = _next_open(kinds, position)
            if following is not None and _is_prose(texts[following]):
                kinds[position] = ParagraphKind.HEADING
                continue
        previous_short = short


def _next_open(kinds: Sequence[ParagraphKind | None], position: int) -> int | None:
    return next((place for place in range(position + 1, len(kinds)) if kinds[place] is None), None)


def _could_be_heading(piece: str) -> bool:
    if len(piece) > 110 or _BULLET.match(piece) or _DIALOGUE.match(piece):
        return False
    words = piece.split()
    if len(words) > MAX_HEADING_WORDS:
        return False
    letters = [character for character in piece if character.isalpha()]
    if len(letters) < 3 or sum(character.isdigit() for character in piece) > len(letters) * 0.5:
        return False
    if letters[0].islower() or len(_FIGURE.findall(piece)) > 1:  # a line of a table
        return False
    if piece[-1] in "?？" and len(words) <= 10:
        return not piece.startswith(("“", '"', "«"))
    return _TERMINAL.search(piece) is None


def _is_prose(piece: str) -> bool:
    return len(piece) >= 60 and _TERMINAL.search(piece) is not None
