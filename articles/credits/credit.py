"""Wire credits: which agencies an article says supplied its words or pictures, and where.

Only conventions count (`conventions.py`): a dateline, a byline, a contributor line, a copyright
line, a signature, a source label, a structured field. An agency that is merely named ("told
Reuters", "a Reuters/Ipsos poll", "Bloomberg has not yet filed") gives no credit.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter
from urllib.parse import urlsplit

from wirethread.articles.credits import bylines, conventions, syndication
from wirethread.articles.credits.agencies import AgencyKind, Mention, find_agency, find_mentions
from wirethread.articles.credits.contributors import is_contributor_line
from wirethread.articles.credits.datelines import match_dateline
from wirethread.articles.credits.declared import credit_fields
from wirethread.articles.credits.marks import mask_agencies
from wirethread.articles.credits.shared import is_shared_byline, is_shared_dateline
from wirethread.articles.spans import split_sentences
from wirethread.articles.types.articles import (
    UNNAMED_AGENCY,
    Article,
    CreditRole,
    Paragraph,
    ParagraphKind,
    WireCredit,
)

__all__ = ["find_credit_lines", "find_credits", "is_byline_line"]

PROSE_LENGTH = 120
"""Characters; a body paragraph at least this long is prose, so the head of the article is over."""
SHORTEST_PROSE = 16
"""Characters of prose where no paragraph is as long: shorter are initials ("ako/ mark/")."""


# --- credit lines, for the division into paragraphs ---------------------------------------------

_CREDIT_TRIGGERS = (
    "contribut", "reporting", "research", "files", "editing", "edited by", "writing by",
    "produced by", "translated by", "compiled by", "assistance", "staff report",
    *syndication.HINTS,
)  # fmt: skip
"""What a line that names no agency must hold to be a credit: most need no closer look."""


def _has_trigger(text: str) -> bool:
    lowered = text.lower()
    return any(map(lowered.__contains__, _CREDIT_TRIGGERS))


_STAFF_CREDIT = re.compile(
    r"^\W*(?:(?:also )?contribut(?:ing|ors?|ed by)\b(?: to this \w+)?(?: (?:was|were))?\s*:"
    r"|(?:additional |further |extra )?(?:reporting|research) (?:and \w+ )?(?:by|from|"
    r"contributed by) [A-Z@]"
    r"|with (?:additional )?(?:reporting|files|reports|contributions?|assistance|"
    r"research) (?:from|by) [A-Z@]"
    r"|[-–—]{1,3}\s?with assistance (?:from|by) "
    r"|(?:writing|editing|edited|produced|translated|compiled) by [A-Z]"
    r"|[-–—•*]?\s?(?:with|from|by) (?:[\w']+ )?staff reports?(?: and [\w ]{3,24})?\W*$)",
    re.I,
)
_TELLS = re.compile(
    r"\b(?:show(?:s|ed)|finds?|found|said|says|suggest\w*|reveal\w*|indicat\w*|conclud\w*)\b"
)
"""Verbs of a sentence about what was reported or researched."""
_LONGEST_STAFF = 300
_MAX_LINE = 1600
_LONGEST_SIGN_OFF = 40


def find_credit_lines(
    text: str, begin: int, end: int, mentions: Sequence[Mention]
) -> list[tuple[int, int]]:
    """Return the spans in `text[begin:end]`, one paragraph, that are nothing but credits.

    `mentions` are the agency names in that paragraph, with offsets in `text`. A span is the whole
    line or whole sentences of it.
    """
    paragraph = text[begin:end]
    if len(paragraph) <= 1500 and conventions.is_sign_off(paragraph):
        return [(begin, end)]
    if mentions and _is_name_only(paragraph, mentions, begin):
        return [(begin, end)]
    if len(paragraph) <= _LONGEST_SIGN_OFF and bylines.read_unknown_sign_off(paragraph) is not None:
        return [(begin, end)]
    if not mentions and not _has_trigger(paragraph[:_MAX_LINE] + paragraph[-_MAX_LINE:]):
        return []
    if _is_republishers_line(paragraph, mentions, begin):
        return [(begin, end)]
    sentences = split_sentences(text, begin, end)
    return [
        (start, stop)
        for start, stop in sentences
        if _is_credit_sentence(
            text[start:stop],
            [m for m in mentions if start <= m.begin and m.end <= stop],
            start,
            len(sentences),
        )
    ]


def is_byline_line(line: str, mentions: Sequence[Mention], begin: int) -> bool:
    """Tell whether a line near the head is a byline that names one of `mentions`."""
    if not mentions or len(line) > 200:
        return False
    return bylines.is_byline(mask_agencies(line, mentions, begin))


def _is_name_only(paragraph: str, mentions: Sequence[Mention], begin: int) -> bool:
    """Tell whether a line is a signature, or an agency's name and nothing else."""
    if len(paragraph) > 120:
        return False
    masked = mask_agencies(paragraph, mentions, begin)
    return bylines.match_signature(masked) is not None


def _is_credit_sentence(
    sentence: str, mentions: Sequence[Mention], begin: int, n_sentences: int
) -> bool:
    if len(sentence) > _MAX_LINE:
        return False
    if (
        len(sentence) <= _LONGEST_STAFF
        and _STAFF_CREDIT.match(sentence) is not None
        and _TELLS.search(sentence) is None
    ):
        return True
    if _is_republishers_line(sentence, mentions, begin):
        return True
    if not mentions:
        return "ontribut" in sentence and is_contributor_line(sentence)
    masked = mask_agencies(sentence, mentions, begin)
    if is_contributor_line(masked, is_alone=n_sentences == 1):
        return True
    return conventions.is_reporting_line(masked) or (
        n_sentences <= 2
        and (
            conventions.is_source_line(masked)
            or (len(sentence) <= 200 and conventions.is_copyright_line(masked))
        )
    )


def _is_republishers_line(line: str, mentions: Sequence[Mention], begin: int) -> bool:
    """Tell whether a line says whose text it stands under, or what its newsroom is."""
    masked = mask_agencies(line, mentions, begin) if mentions else line
    if syndication.read_syndication_line(line, masked) is not None:
        return True
    return (
        bool(mentions)
        and mentions[0].agency.kind is AgencyKind.SYNDICATE
        and syndication.is_blurb(masked)
    )


# --- credits ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """One paragraph as the rules see it."""

    paragraph: Paragraph
    masked: str
    mentions: tuple[Mention, ...]
    is_head: bool
    """Before the first paragraph of prose."""
    is_tail: bool
    """After the last paragraph of prose, or that paragraph itself."""
    is_opening: bool
    """The first paragraph of prose."""


@dataclass(slots=True)
class _Ledger:
    """The credits found so far; a mention is used once."""

    article: Article
    found: list[WireCredit]
    used: set[int]

    def add(
        self,
        mentions: Iterable[Mention],
        role: CreditRole,
        rule: str,
        begin: int,
        end: int,
        *,
        origin: str | None = None,
    ) -> None:
        named: set[str] = set()
        for mention in mentions:
            if mention.begin in self.used:
                continue
            self.used.add(mention.begin)
            name = mention.agency.name
            if name in named or (role is CreditRole.PHOTO and name == UNNAMED_AGENCY):
                continue
            named.add(name)
            found = _role_of(mention, role)
            self.add_named(
                name,
                found,
                rule,
                begin,
                end,
                origin=(origin or name) if found is CreditRole.SYNDICATED else None,
            )

    def add_named(
        self, name: str, role: CreditRole, rule: str, begin: int, end: int, *, origin: str | None
    ) -> None:
        """Add a credit to a name that need not stand in the table."""
        self.found.append(
            WireCredit(
                article_id=self.article.article_id,
                agency=name,
                role=role,
                rule=rule,
                evidence=self.article.text[begin:end],
                begin=begin,
                end=end,
                origin=origin,
            )
        )


def _role_of(mention: Mention, role: CreditRole) -> CreditRole:
    kind = mention.agency.kind
    if kind is AgencyKind.PHOTO:
        return CreditRole.PHOTO
    if kind is AgencyKind.HANDOUT and role is not CreditRole.PHOTO:
        return CreditRole.HANDOUT
    if kind is AgencyKind.SYNDICATE and role is CreditRole.SOURCE:
        return CreditRole.SYNDICATED
    return role


def find_credits(
    article: Article,
    paragraphs: Sequence[Paragraph],
    declared: Mapping[str, str],
    *,
    mentions: Sequence[Mention] | None = None,
) -> list[WireCredit]:
    """Return the credits of an article in the order of the text, structured fields last.

    `declared` are the structured fields of its source (see `SourceArticle.declared_credits`).
    `mentions` are `find_mentions(article.text)`, where they are known already.
    """
    ledger = _Ledger(article, [], set())
    found = find_mentions(article.text) if mentions is None else mentions
    lines = _read_lines(paragraphs, found)
    _credit_republishers(ledger, paragraphs, found)
    for line in lines:
        for rule in (_credit_dateline, _credit_statements, _credit_byline, _credit_signature):
            if line.mentions:
                rule(ledger, line)
        if line.mentions:
            _credit_pictures(ledger, line)
    _credit_unknown_sign_off(ledger, paragraphs)
    statements = sorted(ledger.found, key=lambda credit: (credit.begin, credit.end, credit.agency))
    fields = credit_fields(article, declared)
    own = {c.agency for c in (*statements, *fields) if c.role is CreditRole.SOURCE and c.agency}
    statements += _credit_sign_offs(article, paragraphs, own)
    return [_own_sign_off(credit, own) for credit in (*statements, *fields)]


def _read_lines(paragraphs: Sequence[Paragraph], mentions: Sequence[Mention]) -> list[_Line]:
    if not mentions:
        return []
    prose = [
        position
        for position, paragraph in enumerate(paragraphs)
        if paragraph.kind is ParagraphKind.BODY and len(paragraph.text) >= PROSE_LENGTH
    ] or [
        position
        for position, paragraph in enumerate(paragraphs)
        if paragraph.kind is ParagraphKind.BODY and len(paragraph.text) >= SHORTEST_PROSE
    ]
    first = prose[0] if prose else len(paragraphs)
    last = prose[-1] if prose else -1
    lines: list[_Line] = []
    place = 0
    for position, paragraph in enumerate(paragraphs):
        start = place
        while start < len(mentions) and mentions[start].begin < paragraph.begin:
            start += 1
        place = start
        while place < len(mentions) and mentions[place].begin < paragraph.end:
            place += 1
        inside = tuple(mention for mention in mentions[start:place] if mention.end <= paragraph.end)
        if inside:
            lines.append(
                _Line(
                    paragraph,
                    mask_agencies(paragraph.text, inside, paragraph.begin),
                    inside,
                    position < first,
                    position >= last,
                    position == first,
                )
            )
    return lines


def _within(line: _Line, begin: int, end: int) -> list[Mention]:
    """Return the mentions in a span of the paragraph (offsets within the paragraph)."""
    offset = line.paragraph.begin
    return [
        mention
        for mention in line.mentions
        if offset + begin <= mention.begin and mention.end <= offset + end
    ]


_FOOT = 4
"""Paragraphs at the end among which an unknown agency may sign."""


def _credit_republishers(
    ledger: _Ledger, paragraphs: Sequence[Paragraph], mentions: Sequence[Mention]
) -> None:
    """Credit the publisher or the syndicate that a republisher's line or blurb names."""
    for paragraph in paragraphs:
        if paragraph.kind not in (ParagraphKind.CREDIT, ParagraphKind.FURNITURE):
            continue
        inside = [m for m in mentions if paragraph.begin <= m.begin and m.end <= paragraph.end]
        masked = mask_agencies(paragraph.text, inside, paragraph.begin)
        line = syndication.read_syndication_line(paragraph.text, masked)
        place = (paragraph.begin, paragraph.end)
        if line is None:
            if (
                inside
                and inside[0].agency.kind is AgencyKind.SYNDICATE
                and syndication.is_blurb(masked)
            ):
                member = syndication.name_member(paragraph.text, masked)
                names = [name for name in (member, inside[0].agency.full_name) if name is not None]
                if not any(_is_own(ledger.article, name) for name in names):
                    ledger.add(inside[:1], CreditRole.SOURCE, "blurb", *place, origin=member)
                ledger.used.update(mention.begin for mention in inside)
            continue
        if line.publisher is not None and _is_own(ledger.article, line.publisher):
            ledger.used.update(mention.begin for mention in inside)
            continue
        texts = [m for m in inside if m.agency.kind in (AgencyKind.SYNDICATE, AgencyKind.WIRE)]
        if conventions.is_source_line(masked) and texts and texts[0].agency.kind is AgencyKind.WIRE:
            continue  # an agency's text, as `_credit_statements` says
        if texts:
            ledger.add(texts, CreditRole.SOURCE, "syndication_line", *place, origin=line.publisher)
        elif line.publisher is not None:
            known = find_agency(line.publisher) or line.publisher
            ledger.add_named(
                known, CreditRole.SYNDICATED, "syndication_line", *place, origin=line.publisher
            )


def _is_own(article: Article, publisher: str) -> bool:
    """Tell whether a publisher that a line names is the outlet itself."""
    names = [article.outlet, urlsplit(article.url).hostname or "" if article.url else ""]
    return any(syndication.same_publisher(publisher, name) for name in names)


def _credit_unknown_sign_off(ledger: _Ledger, paragraphs: Sequence[Paragraph]) -> None:
    """Credit a name between slashes at the foot of a text, by the form alone."""
    for paragraph in paragraphs[-_FOOT:]:
        if paragraph.kind is not ParagraphKind.CREDIT or len(paragraph.text) > _LONGEST_SIGN_OFF:
            continue
        name = bylines.read_unknown_sign_off(paragraph.text)
        if name is not None and not any(c.begin == paragraph.begin for c in ledger.found):
            ledger.add_named(
                name, CreditRole.SOURCE, "signature", paragraph.begin, paragraph.end, origin=None
            )


def _credit_dateline(ledger: _Ledger, line: _Line) -> None:
    kinds = (ParagraphKind.BODY, ParagraphKind.HEADING)
    if line.paragraph.kind not in kinds and not (
        line.is_head and line.paragraph.kind is ParagraphKind.CREDIT  # "Ostrel (A)" on its own line
    ):
        return
    span = match_dateline(line.masked, is_opening=line.is_opening or line.is_head)
    if span is None:
        return
    offset = line.paragraph.begin
    text = line.paragraph.text[span[0] : span[1]]
    begin = span[0] + len(text) - len(text.lstrip())
    end = span[0] + len(text.rstrip(" -–—―:.‒−_=\t"))
    is_shared = is_shared_dateline(line.paragraph.text[begin:end])
    ledger.add(
        [m for m in _within(line, *span) if m.agency.kind is not AgencyKind.PHOTO],
        CreditRole.CONTRIBUTOR if is_shared else CreditRole.SOURCE,
        "dateline",
        offset + begin,
        offset + end,
    )


def _credit_statements(ledger: _Ledger, line: _Line) -> None:
    offset = line.paragraph.begin
    if line.paragraph.kind is ParagraphKind.CAPTION and len(line.masked) > 60:
        return
    sentences = split_sentences(line.paragraph.text)
    for begin, end in sentences:
        inside = _within(line, begin, end)
        if not inside:
            continue
        masked = line.masked[begin:end]
        is_alone = len(sentences) == 1
        if is_contributor_line(masked, is_alone=is_alone) or conventions.is_reporting_line(masked):
            rule, role = "contributor_line", CreditRole.CONTRIBUTOR
        elif conventions.is_copyright_line(masked):
            # "... in Beijing, October 18. © 2013 Reuters" amid the text is a caption
            if begin > sentences[0][0] and not line.is_tail:
                rule, role = "photo_credit", CreditRole.PHOTO
            else:
                rule, role = "copyright_line", CreditRole.SOURCE
        elif ((line.is_tail or line.is_head) and conventions.is_source_line(masked)) or (
            line.is_tail and is_alone and conventions.is_via_line(masked)
        ):
            rule, role = "source_line", CreditRole.SOURCE
        else:
            continue
        wires = [m for m in inside if not _is_label_only(line, m)]
        ledger.add(wires, role, rule, offset + begin, offset + end)


def _is_label_only(line: _Line, mention: Mention) -> bool:
    offset = line.paragraph.begin
    return mention.agency.kind is AgencyKind.PHOTO or conventions.match_poll(
        line.masked, mention.begin - offset, mention.end - offset
    )


def _credit_byline(ledger: _Ledger, line: _Line) -> None:
    if line.paragraph.kind is ParagraphKind.CAPTION:
        return
    if (line.is_head and bylines.is_byline(line.masked)) or (
        line.is_tail and bylines.is_closing_byline(line.masked)
    ):
        # "from news services" at the foot tells of some of the text, "by agencies" above it of all
        is_shared = is_shared_byline(line.paragraph.text, outlet=ledger.article.outlet) or (
            not line.is_head and not any(m.agency.name for m in line.mentions)
        )
        ledger.add(
            [m for m in line.mentions if m.agency.kind is not AgencyKind.PHOTO],
            CreditRole.CONTRIBUTOR if is_shared else CreditRole.SOURCE,
            "byline",
            line.paragraph.begin,
            line.paragraph.end,
        )


def _credit_signature(ledger: _Ledger, line: _Line) -> None:
    if not line.is_tail:
        return
    offset = line.paragraph.begin
    found = bylines.match_signature(line.masked)
    if found is not None:
        begin, end, in_brackets = found
        role = CreditRole.SOURCE if in_brackets else CreditRole.CONTRIBUTOR
        ledger.add(_within(line, begin, end), role, "signature", offset + begin, offset + end)
        return
    if line.paragraph.kind is ParagraphKind.BODY:
        span = bylines.match_final_credit(line.masked)
        if span is not None:
            ledger.add(
                _within(line, *span),
                CreditRole.SOURCE,
                "signature",
                offset + span[0],
                offset + span[1],
            )


_CITED_BEFORE = re.compile(
    r"\b(?:told|tells|to|by|according to|from|with|told the|said|reported|that|of|in|"
    r"for)\s+(?:the\s+)?$",
    re.I,
)
_GOES_ON = re.compile(r"\s(?!via\b|file\b|photo|image)[a-z]")
_ACRONYM_BEFORE = re.compile(r"(?<![A-Z])[A-Z]{2,4}/$")
_CAPTION_END = 70
"""Characters; where the credit of a caption stands, counted from its end."""


def _credit_pictures(ledger: _Ledger, line: _Line) -> None:
    offset = line.paragraph.begin
    masked = line.masked
    is_caption = line.paragraph.kind is ParagraphKind.CAPTION
    for mention in line.mentions:
        begin, end = mention.begin - offset, mention.end - offset
        if mention.agency.kind is AgencyKind.SYNDICATE or (
            mention.is_ambiguous
            and _ACRONYM_BEFORE.search(masked, max(0, begin - 6), begin)
            and _GOES_ON.match(masked, end)
        ):
            continue  # a poll of a newsroom, or "POW/MIA": no pictures
        if mention.begin in ledger.used or conventions.match_poll(masked, begin, end):
            continue
        by_context = conventions.is_photo_credit(masked, begin, end) or (
            begin == 0 and mention.agency.kind is AgencyKind.PHOTO and not mention.is_ambiguous
        )
        by_place = (
            is_caption
            and (not mention.is_ambiguous or masked[begin - 1 : begin] in ("(", "/"))
            and len(masked) - end <= _CAPTION_END
            and _CITED_BEFORE.search(masked, max(0, begin - 20), begin) is None
        )
        if not (
            by_place
            or (by_context and (is_caption or begin == 0 or not _is_clause(masked, begin, end)))
        ):
            continue
        start, stop = _picture_statement(masked, begin, end)
        ledger.add([mention], CreditRole.PHOTO, "photo_credit", offset + start, offset + stop)


def _is_clause(masked: str, begin: int, end: int) -> bool:
    """Tell whether a name in body text stands in a sentence that goes on, so labels no picture."""
    after = masked[end : end + 40]
    if masked[begin - 1 : begin] == "/" or re.match(r"/\w", after):
        return False
    opened = masked.rfind("(", max(0, begin - 120), begin)
    if opened != -1 and ")" not in masked[opened:begin] and ")" in masked[end : end + 80]:
        return False
    if re.match(r"\s?(?:/|photos?\b|images?\b|contributor\b)", after, re.I):
        return False
    return (
        re.match(r"\s*[\w,]", after) is not None
        or _CITED_BEFORE.search(masked, max(0, begin - 20), begin) is not None
    )


def _picture_statement(masked: str, begin: int, end: int) -> tuple[int, int]:
    """Return the words that credit the picture: the brackets around the name, or its sentence."""
    opened = max(masked.rfind("(", 0, begin), masked.rfind("[", 0, begin))
    if opened != -1 and not re.search(r"[)\]]", masked[opened:begin]):
        closed = re.compile(r"[)\]]").search(masked, end)
        if closed is not None and closed.end() - opened <= 240:
            return opened, closed.end()
    sentences = _split_once(masked)
    number = bisect_right(sentences, begin, key=itemgetter(0)) - 1
    if number >= 0 and end <= sentences[number][1]:
        return sentences[number]
    return begin, end


@lru_cache(maxsize=1)
def _split_once(masked: str) -> list[tuple[int, int]]:
    """Return the sentences of a line in which one name after the other is looked up."""
    return split_sentences(masked)


def _own_sign_off(credit: WireCredit, own: set[str]) -> WireCredit:
    """Read "AP writers contributed" under AP's own article as AP's sign-off."""
    if credit.role is CreditRole.CONTRIBUTOR and credit.agency in own:
        return replace(credit, role=CreditRole.SOURCE)
    return credit


def _credit_sign_offs(
    article: Article, paragraphs: Sequence[Paragraph], own: set[str]
) -> list[WireCredit]:
    """Credit "Reporting by ...; Editing by ..." to Reuters where the article is its own."""
    if "Reuters" not in own:
        return []
    return [
        WireCredit(
            article_id=article.article_id,
            agency="Reuters",
            role=CreditRole.SOURCE,
            rule="sign_off",
            evidence=paragraph.text,
            begin=paragraph.begin,
            end=paragraph.end,
        )
        for paragraph in paragraphs
        if conventions.is_sign_off(paragraph.text)
    ]
