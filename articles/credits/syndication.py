"""Lines that republishers print, such as "originally published by ...", and whose text it is.

The lines are told by their form, in the languages of the papers that print them, so a publisher
need not be known: its name is read from the line. What a plug-in appends to every entry of a feed
("The post ... appeared first on ...") is such a line too.
"""

import re
from dataclasses import dataclass

from wirethread.articles.calendar_words import is_calendar_word
from wirethread.articles.credits.marks import AGENCY, PIECE, TEXT_AGENCY, THE
from wirethread.articles.normalize import normalize_text

__all__ = [
    "HINTS",
    "SyndicationLine",
    "is_blurb",
    "name_member",
    "read_syndication_line",
    "same_publisher",
]

_SHORTEST_STEM = 4
"""Letters of a name that its editions share."""
_SHORTEST, _LONGEST = 12, 500
"""Characters of such a line."""
HINTS = (
    "publi", "appeared", "reprint", "distribut", "syndicat", "posted", "originally", "permission",
    "licensed", "excerpted", "zuerst", "ursprünglich", "erstmals", "übernommen", "genehmigung",
    "apparu", " paru", "repris", "aparec", "apareceu", "reproduc", "proviene", "tratto",
    "apparso", "ripreso", "eerder", "eerst", "oorspronkelijk", "först", "først", "oprindelig",
    "opprinnelig", "pierwotnie", "pochodzi", "po raz pierwszy", "původně", "pôvodne", "poprvé",
    "prvýkrát", "впервые", "первоначально", "изначально", "появил", "ilk önce", "に表示",
)  # fmt: skip
"""Words without which no line is one: looked for first, being quick to find."""


@dataclass(frozen=True, slots=True)
class SyndicationLine:
    """Whose text it is, as the line names the publisher; None where only its distributor stands."""

    publisher: str | None
    is_plugin: bool
    """Whether a plug-in of the publisher's own site appended it to a feed."""


_IT = (
    r"(?:(?:this|another|our|an?\s+(?:[\w'’-]+\s+)?version\s+of\s+(?:this|the|an?))\s+"
    rf"(?:[\w'’-]+\s+){{0,2}}?"
    rf"(?:{PIECE}|content|text|material|essay|commentary|op-ed|excerpt|interview)"
    r"|the\s+(?:above|preceding|following)(?:\s+\w+)?|these\s+stories"
    r"|the\s+(?:post|article|story|piece|column|essay)\s+(?:above|below)"
    # by itself it is the text where it first stood elsewhere
    rf"|this(?=\s+(?:\w+\s+){{0,2}}(?:originally|first)\s))"
    r"(?:\s+by\s+(?:[^.;]|\b[A-Z]\.){2,140}?,?)?"
)
_WAS = r"(?:(?:was|is|were|has|had|have|been|being|also|which|that|here|and)\s+){0,4}"
_FIRST = r"(?:originally|first|initially|previously|earlier|recently)"
_RAN = (
    r"(?:published|appeared|appears|posted|ran|run|aired|broadcast|printed|produced|released|"
    r"shared|"
    r"featured|distributed|commissioned)"
)
_AGAIN = (
    r"(?:re-?published|re-?printed|re-?posted|syndicated|cross-?posted|co-?published|shared|"
    r"made available|licen[sc]ed|distributed|excerpted|adapted|provided|used|published|produced)"
)
_LEADS = r"(?:by|on|in|at|with|from|through|via|of|for)"
_TERMS = (
    r"(?:with|by|under|through)\s+(?:the\s+)?(?:kind\s+|express\s+|full\s+)?(?:permission|courtesy|"
    r"agreement|arrangement|licen[sc]e|consent|partnership|collaboration)"
)
_ABROAD = (
    # German
    r"(?:dieser|der|das|dieses)\s+(?:artikel|beitrag|text|interview|bericht|essay)\b.{0,40}?\b"
    r"(?:zuerst|"
    r"ursprünglich|zunächst|erstmals)\s+(?:(?:in|im|auf|bei|beim|von|vom|unter|der|dem|den|auf|"
    r"am)\s+){1,2}",
    r"(?:zuerst|ursprünglich|zunächst|erstmals)\s+(?:erschienen|veröffentlicht|publiziert)\s+(?:"
    r"(?:in|im|"
    r"auf|bei|beim|von|vom|unter|der|dem)\s+){1,2}",
    r"(?:mit\s+(?:freundlicher\s+)?genehmigung|übernommen|nachdruck)\s+(?:(?:von|vom|der|des|aus|"
    r"dem)\s+){1,2}",
    # French
    r"(?:cet\s+article|ce\s+texte|cette\s+tribune|article|texte|tribune)\b.{0,30}?\b(?:publiée?|"
    r"paru|parue|"
    r"repris|reprise|diffusée?)\b.{0,30}?\b(?:par|dans|sur|de|du|chez|à\s+partir\s+de)\s+"
    r"(?:le\s+site\s+(?:de\s+)?)?",
    # Spanish, Portuguese
    r"(?:(?:este|esta)\s+(?:artículo|articulo|artigo|nota|noticia|notícia|texto|reportaje|"
    r"reportagem|historia|"
    r"matéria|columna|coluna|conteúdo|contenido)\b.{0,40}?\b)?(?:publicad[oa]|publicou-se|apareció|"
    r"apareceu|"
    r"republica\w*|reproduc\w+|reproduzid[oa])\s+(?:(?:original(?:mente)?|primero|inicialmente|"
    r"primeiro|con\s+"
    r"(?:la\s+)?autorización|com\s+(?:a\s+)?autorização)\s+){1,2}(?:en|por|em|no|na|pelo|pela|de|"
    r"desde|do|da|a\s+partir\s+d[eo])\s+",
    # Italian, Dutch
    r"(?:questo\s+|l['’])?(?:articolo|testo|contenuto|intervista)\b.{0,30}?\b(?:pubblicat[oa]|"
    r"apparso|uscito|"
    r"ripreso|tratto)\b.{0,30}?\b(?:su|da|in|sul|dal|sulla|dalla|nel)\s+",
    r"(?:dit|het)\s+(?:artikel|verhaal|stuk|bericht|opiniestuk)\b.{0,30}?\b(?:eerder|eerst|"
    r"oorspronkelijk|"
    r"origineel)\b.{0,30}?\b(?:in|op|bij|door|van)\s+",
    # Swedish, Danish, Norwegian
    r"(?:artikeln|artiklen|artikkelen|texten|teksten|saken|historien|denna\s+artikel|"
    r"denne\s+artikel|denne\s+"
    r"artikkelen|denne\s+saken)\b.{0,30}?\b(?:först|ursprungligen|først|oprindeligt|opprinnelig)\b"
    r".{0,30}?\b(?:i|på|av|af|hos|bragt\s+i)\s+",
    # Polish, Czech, Russian, Turkish
    r"(?:artykuł|tekst|materiał)\b.{0,30}?\b(?:pierwotnie|po\s+raz\s+pierwszy|pochodzi)\b.{0,30}?\b"
    r"(?:w|na|z|"
    r"przez)\s+(?:serwisu\s+|portalu\s+)?",
    r"(?:článek|text|clanok|článok)\b.{0,30}?\b(?:původně|poprvé|pôvodne|prvýkrát)\b.{0,30}?\b(?:v|"
    r"na|z|ve)\s+",
    r"(?:эта\s+|этот\s+)?(?:статья|материал|текст)\b.{0,30}?\b(?:впервые|первоначально|"
    r"изначально)\b.{0,30}?"
    r"\b(?:в|на|изданием|сайте)\s+",
)
_STATEMENT = re.compile(
    rf"^\W*(?:editor['’]?s['’]? note\W+)?(?:"
    # This story was originally published by X; it first appeared on X
    rf"{_IT}\s+{_WAS}{_FIRST}\s+{_WAS}(?:{_RAN}|{_AGAIN})(?:\s+and\s+{_RAN})?\b[^.;]{{0,40}}?\s"
    r"(?:by|on|in|at|from|with)\s+"
    rf"|{_IT}\s+{_WAS}(?:{_RAN})\s+{_FIRST}\s+(?:by|on|in|at)\s+"
    # This article is republished from X under a licence; it is shared with permission of X
    rf"|{_IT}\s+{_WAS}(?:{_FIRST}\s+)?(?:re-?published|re-?printed|re-?posted|syndicated|"
    r"cross-?posted|excerpted)\b"
    rf"(?:\s+here)?(?:\s+{_TERMS})?(?:\s+{_LEADS}){{1,2}}\s+"
    rf"|{_IT}\s+{_WAS}{_AGAIN}(?:\s+here)?\s+{_TERMS}\s+(?:of|from|with|by)\s+"
    # Originally published by X; Republished with permission from X; Distributed by X
    rf"|{_FIRST}\s+(?:{_RAN})\s+(?:by|on|in|at)\s+"
    r"|(?:edited\s+and\s+)?(?:re-?published|re-?printed|re-?posted|syndicated|cross-?posted|used|"
    r"published)\s+"
    rf"(?:{_TERMS}\s+)(?:of|from|with|by)\s+"
    rf"|(?:re-?published|re-?printed|re-?posted|cross-?posted)\s+(?:from|courtesy\s+of)\s+"
    r"|(?:distributed|syndicated)\s+(?:exclusively\s+)?(?:by|through)\s+"
    rf"|{'|'.join(_ABROAD)}"
    r")(?P<publisher>.+)",
    re.I | re.S,
)
_GOES_ON = re.compile(
    r"^[^.]*?\b(?:said|says|told|denied|denies|reported|reports|he|she|they|his|her|their|because|"
    r"while|after|but)\b"
)
"""A sentence that goes on tells of a publication, and is no line about the text it stands under."""
_PLUGIN = re.compile(
    r"^\W*(?:(?:the\s+)?post\s.{1,300}?\s(?:appeared\s+first|first\s+appeared)\s+on"
    r"|(?:der|das)\s+beitrag\s.{1,300}?\serschien\s+zuerst\s+(?:auf|bei)"
    r"|l['’](?:article|articolo)\s.{1,300}?\s(?:est\s+apparu\s+en\s+premier\s+sur|proviene\s+da|"
    r"sembra\s+essere\s+il\s+primo\s+su)"
    r"|la\s+entrada\s.{1,300}?\s(?:se\s+public[óo]\s+primero|aparece\s+primero|"
    r"apareci[óo]\s+primero)\s+en"
    r"|o\s+post\s.{1,300}?\sapareceu\s+primeiro\s+em"
    r"|het\s+bericht\s.{1,300}?\sverscheen\s+eerst\s+op"
    r"|inlägget\s.{1,300}?\s(?:dök\s+först\s+upp|visades\s+först)\s+på"
    r"|(?:indlægget|innlegget)\s.{1,300}?\s(?:blev\s+først\s+udgivet|dukket\s+først\s+opp|"
    r"ble\s+først\s+publisert|først\s+udgivet)\s+på"
    r"|artyku[łl]\s.{1,300}?\spochodzi\s+z\s+serwisu"
    r"|(?:запись|сообщение)\s.{1,300}?\s(?:впервые\s+появил\w+|появил\w+\s+сначала)(?:\s+на)?"
    r"|příspěvek\s.{1,300}?\spochází\s+z)\s+(?P<publisher>.{2,120}?)\W*$",
    re.I | re.S,
)
_PLUGIN_BEFORE = re.compile(
    r"^\W*(?:.{1,300}?\syazısı\s+ilk\s+önce\s+(?P<turkish>.{2,80}?)\s+üzerinde\s+ortaya\s+çıktı"
    r"|投稿\s?.{1,300}?は\s?(?P<japanese>.{2,80}?)\s?に最初に表示されました)\W*$",
    re.I | re.S,
)
_RIGHTS_HOLDER = re.compile(
    r"(?:©|\(c\)|copyright)[\s\d,.©–-]{0,24}(?:by\s+)?(?:the\s+)?"
    r"(?P<publisher>[A-ZÀ-Þ][^.;|©]{2,60})",
    re.I,
)
_DISTRIBUTED = re.compile(
    rf"\b(?:distributed|syndicated)\s+(?:exclusively\s+)?(?:by|through|via)\s+{THE}{TEXT_AGENCY}",
    re.I,
)
_BLURB = re.compile(
    rf"^\W*{THE}{AGENCY}(?:\s*\([^)]{{2,40}}\))?,?\s+(?:is|are|which\s+is|was)\s+(?:an?|the|one|"
    rf"part|among)\b.{{0,160}}?\b(?:"
    r"news\w*|journalis\w+|outlet|publication|magazine|website|site|service|organi[sz]ation|"
    r"syndicate|"
    r"network|project|program(?:me)?|publisher|agency|initiative|media)\b",
    re.I | re.S,
)
_PART_OF = re.compile(
    rf"^\W*(?:[Tt]he\s+)?(?P<publisher>[A-ZÀ-Þ0-9][^.;!?]{{1,60}}?)\s+(?:is|are)\s+(?:an?\s+|the\s+)?"
    rf"(?:\w+\s+)?(?:part|member|affiliate|partner|outlet|project|publication)\s+of\s+{THE}{AGENCY}",
)
"""A newsroom that says whose it is: "The X is part of Y, a network of newsrooms"."""
_MORE_FROM = re.compile(
    rf"(?:^|[.!?]\s)\W*(?:to\s+(?:find\s+out|learn|read)\s+more\s+about\b.{{0,200}}?|"
    rf"(?:for|(?:and|to)\s+read\s+(?:features|columns|stories)\s+(?:by|from))\s+other\s+){AGENCY}",
    re.I | re.S,
)

_PART_OF_NAME = re.compile(
    r"[^\W\d_a-zß-ÿ][\w.'’&-]*|\d{1,4}|(?:of|the|for|and|&|de|del|della|di|da|do|das|der|die|des|"
    r"du|la|le|les|y|e|et|und|"
    r"van|von|och|og)(?=\s+[^\W_a-zß-ÿ])|[\w-]+(?:\.[\w-]+)+"
)
_EDITION_OF = re.compile(
    r"^(?:the\s+|our\s+)?(?:[\w'’.,-]+\s+){0,4}?(?:issue|edition|pages|website|site|newsletter|"
    r"blog|section)\s+of\s+",
    re.I,
)
_DOMAIN = re.compile(r"(?:https?://)?(?:www\.)?((?:[\w-]+\.)+[a-z]{2,12})(?:/\S*)?$", re.I)
_MAX_WORDS = 8
_LONGEST_ABBREVIATION = 4
"""Characters of a word with a full stop inside a name: "St. Louis Post"."""


def read_syndication_line(line: str, masked: str) -> SyndicationLine | None:
    """Return whose text a line says it is, or None where it is no such line.

    `masked` is the line with its agencies overwritten.
    """
    lowered = line.lower()
    if not (_SHORTEST <= len(line) <= _LONGEST and any(map(lowered.__contains__, HINTS))):
        return None
    if (match := _PLUGIN.match(line) or _PLUGIN_BEFORE.match(line)) is not None:
        words = next(filter(None, match.groups()))
        return SyndicationLine(_read_name(words), is_plugin=True)
    if _DISTRIBUTED.search(masked) is not None:
        holder = _RIGHTS_HOLDER.search(line)
        return SyndicationLine(_read_name(holder["publisher"]) if holder else None, is_plugin=False)
    match = _STATEMENT.match(line)
    if match is not None and _GOES_ON.search(match["publisher"]) is None:
        publisher = _read_name(match["publisher"])
        if publisher is not None:
            return SyndicationLine(publisher, is_plugin=False)
    return None


def is_blurb(masked: str) -> bool:
    """Tell whether a paragraph says what a newsroom or a syndicate is, as republishers must print.

    Of the agencies in it only the first speaks of itself.
    """
    return len(masked) <= 700 and any(
        (
            _BLURB.match(masked),
            _PART_OF.match(masked),
            _MORE_FROM.search(masked),
        )
    )


def name_member(text: str, masked: str) -> str | None:
    """Return the newsroom that a blurb says to be part of a syndicate, None where it names none."""
    found = _PART_OF.match(masked)
    return None if found is None else _read_name(text[found.start("publisher") :])


def same_publisher(left: str, right: str) -> bool:
    """Tell whether two names, or a name and a domain, are of one publisher."""
    name, other = _fold(left), _fold(right)
    if not name or not other:
        return False
    # an edition of it: "Coast Herald Online" of the Coast Herald
    return name == other or (
        min(len(name), len(other)) >= _SHORTEST_STEM
        and (name.startswith(other) or other.startswith(name))
    )


def _fold(name: str) -> str:
    domain = _DOMAIN.fullmatch(name.strip())
    words = re.sub(r"\.[a-z.]{2,12}$", "", domain[1].lower()) if domain else normalize_text(name)
    return re.sub(r"^the|\W", "", re.sub(r"^the\s+", "", words))


def _read_name(words: str) -> str | None:
    """Return the name that words begin with; None for a date, or "our site"."""
    words = _EDITION_OF.sub("", words.strip().lstrip("\"'“”„«»‘’ "))
    words = re.sub(
        r"^(?:the\s+)?(?:website|site|blog|newspaper|magazine|newsroom)\s+", "", words, flags=re.I
    )
    parts: list[str] = []
    place = 0
    while len(parts) < _MAX_WORDS and (match := _PART_OF_NAME.match(words, place)) is not None:
        parts.append(match[0])
        place = match.end()
        ends = match[0].endswith((".", ",")) and len(match[0]) > _LONGEST_ABBREVIATION
        if ends or words[place : place + 1] != " ":
            break
        place += 1
    name = re.sub(r"['’]s$", "", " ".join(parts)).removeprefix("the ").strip(" .,;:-–—|&")
    if len(name) < 2 or name.endswith(("'", "’")) or not re.search(r"[^\W\d_]", name):
        return None
    is_date = all(
        part.strip(".,").isdigit() or is_calendar_word(part.strip(".,")) for part in parts
    )
    return None if is_date else name
