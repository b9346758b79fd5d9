"""Lines that say that an agency supplied a text as a whole: source, copyright, sign-off.

And names that label a picture, a video, a poll or a ranking, and say nothing about the text.

Every pattern reads masked text (`marks`) and is bounded (no unlimited repeat inside another), so
time grows with length only.
"""

import re

from wirethread.articles.credits.marks import (
    AGENCY,
    LOOSE,
    PHOTO,
    PIECE,
    RELEASE,
    TEXT_AGENCY,
    THE,
    THIS,
    WIRE,
)

__all__ = [
    "is_copyright_line",
    "is_photo_credit",
    "is_reporting_line",
    "is_sign_off",
    "is_source_line",
    "is_via_line",
    "match_poll",
]

_W, _A, _THE = TEXT_AGENCY, AGENCY, THE

_SUPPLIED = re.compile(
    rf"^\W*(?:(?:a|an|the|this) )?(?:(?:\w+ )?(?:version of )?(?:{THIS}\s+)?(?:\w+\s+)?{PIECE}|"
    rf"content|text|material)\b[^.;:]{{0,60}}?\b"
    rf"(?:supplied|provided|produced|published|written|distributed|filed|syndicated|republished|"
    rf"reprinted|appeared|ran|posted|appears|licensed|reported)"
    rf"\b[^.;:]{{0,50}}?\b(?:by|from|with|of|at|in|on|via|"
    rf"through)\s+{_THE}{_W}(?:['’]s? website)?(?:\s+(?:and|under|with|on|as|in|at|for|through|"
    rf"via|by)\b[^.;]{{0,100}})?\W*$"
    rf"|^\W*(?:this|the)\s+{PIECE}\s+(?:by|from|of)\s+{_THE}{_W}\s+(?:was|is|were)\b"
    rf"[^.;]{{0,40}}?\b(?:published|issued|released|distributed|filed|written|produced)"
    rf"|^\W*this\s+is\s+(?:an?|the)\s+(?:\w+\s+)?{_W}\s+{PIECE}\W*$"
    rf"|^\W*our standards:\s*{_THE}{_W}\s+trust principles"
    rf"|^\W*(?:this|the)\s+{_THE}{_W}\s+{PIECE}\b[^.;]{{0,60}}?\b(?:originally|first|was|"
    rf"is)\b[^.;]{{0,60}}?\b(?:published|appeared|supplied|provided|written|produced)"
    rf"|^\W*(?:{THIS}\s+)?{PIECE}\b.{{0,160}}?\b(?:published|generated|taken|"
    rf"sourced)\s+(?:\w+\s+)?from\s+(?:an?\s+|the\s+)?(?:\w+\s+)?{_W}\s+(?:\w+\s+)?(?:feed|wire)"
    rf"|^\W*(?:originally|first)\s+published\s+(?:\w+\s+){{0,2}}?(?:by|on|at|in)\s+{_THE}{_W}"
    rf"|^\W*(?:dieser|der)\s+(?:artikel|beitrag|text)\b[^.;]{{0,80}}\b(?:von|"
    rf"der)\s+(?:nachrichtenagentur\s+)?{_W}[^.;]{{0,60}}\b(?:übernommen|geliefert|verfasst|"
    rf"erstellt|veröffentlicht)"
    # Diese Meldung ist Teil des automatischen A-Feeds; dieser Text stammt von der Agentur A
    rf"|^\W*(?:hinweis|anmerkung)?\W{{0,3}}(?:diese[rs]?|der|die|das)\s+(?:artikel|beitrag|text|"
    rf"meldung|bericht|nachricht|inhalt)\b[^.;]{{0,40}}\b(?:stammt|kommt|entstammt|ist\s+teil|"
    rf"wurde)\b[^.;]{{0,60}}\b(?:von|vom|aus|de[rsm])\b[^.;]{{0,40}}?{_W}"
    rf"|^\W*(?:diese|die|der|dieser)\s+{_W}-?(?:meldung|bericht|text|beitrag|material)\b[^.;]{{0,30}}"
    rf"\bwurde\b[^.;]{{0,60}}\b(?:bearbeitet|übernommen|gekürzt|ergänzt|erstellt)"
    rf"|^\W*(?:este|esta|questo|ce|cet|cette)\s+(?:art[ií]culo|contenido|texto|nota|noticia|"
    rf"información|articolo|testo|notizia|conteúdo|matéria|notícia|reportagem|artigo|article|texte|"
    rf"dépêche|reportage)\b[^.;]{{0,60}}\b(?:de|di|por|da|par|pela)\s+{_THE}{_W}",
    re.I,
)
_SOURCE_LABEL = re.compile(
    r"^\W*(?:sources?|via|quellen?|fuentes?|fonti|fontes?|kilder?|källor|källa|bron|bronnen|"
    r"źródło|zdroj|forrás|sursă|sursa|izvor|vir|lähde|lähteet|allikas|avots|šaltinis|heimild|"
    r"burimi|"
    r"kaynak|mənbə|manba|источники?|джерел[оа]|крыніца|извор|източник|πηγή|πηγές|sumber|nguồn|"
    r"pinagmulan|"
    r"fuente de la información|agencia|agence|agentur|agenzia|agência|iturria|font|ffynhonnell|"
    r"来源|來源|稿源|出典|ソース|출처|자료|المصدر|مصدر|منبع|מקור|स्रोत|সূত্র|ที่มา|წყარო|աղբյուր)\s*[:：]\s*"
    rf"{_THE}(?:[\w.]+\s*[,/&]\s*){{0,3}}{_W}(?:\s*(?:[,/&]|and|und|et|y|e)\s*{_THE}(?:{_W}|"
    rf"[\w.]+)){{0,4}}\W*$",
    re.I,
)


_VIA = re.compile(rf"^\W*via\s+{_THE}{_W}\W*$", re.I)


def is_via_line(masked: str) -> bool:
    """Tell whether a masked line is "via" and an agency, which under a text is whose it is."""
    return _VIA.match(masked) is not None


def is_source_line(masked: str) -> bool:
    """Tell whether a masked line says that an agency supplied the article."""
    return len(masked) <= 400 and (
        _SOURCE_LABEL.match(masked) is not None or _SUPPLIED.search(masked) is not None
    )


_COPYRIGHT = re.compile(
    rf"(?:©|\(c\)|\bcopyright\b|\bcopr\.)[\s\d,.©–-]{{0,24}}(?:\(c\)|"
    rf"copyright)?[\s\d,.©–-]{{0,14}}(?:by\s+)?{_THE}{_A}(?![{WIRE}{LOOSE}{PHOTO}{RELEASE}])"
    rf"(?!\s?(?:photo|images?\b|pictures?\b|via\b|/))"
    rf"|^\W*{_THE}{_A}\s*(?:©|\(c\)|copyright)"
    rf"|{_A}[^.;]{{0,40}}[.,]?\s*all rights reserved"
    rf"|^\W*(?:alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|"
    rf"tutti i diritti riservati|todos os direitos reservados)\W*{_A}"
    rf"|^\W*©?\s*riproduzione riservata\W{{0,6}}(?:copyright )?{_A}",
    re.I,
)
_PICTURE_RIGHTS = re.compile(
    r"\b(?:image|photo|picture|media|video|bild|foto|immagine|imagen|imagem|photograph|still|"
    r"screenshot|screengrab|illustration)s?\b[^.;]{0,30}(?:copyright|©|\(c\))",
    re.I,
)


def is_copyright_line(masked: str) -> bool:
    """Tell whether a masked sentence claims the text for an agency ("© 2023 A")."""
    return (
        len(masked) <= 600
        and _COPYRIGHT.search(masked) is not None
        and _PICTURE_RIGHTS.search(masked) is None
    )


# Reporting by X in London; Editing by Y: the sign-off of Reuters, which names no agency.
_SIGN_OFF = re.compile(
    r"^\W*(?:additional )?(?:reporting|reported|writing|written|"
    r"compiled)(?:,? (?:and )?(?:writing|editing))? by\b"
    r".{2,600}?\b(?:editing|edited) by\b",
    re.I | re.S,
)


def is_sign_off(text: str) -> bool:
    """Tell whether a line is a sign-off in the manner of Reuters."""
    return "diting by" in text[-400:] + text[:700] and _SIGN_OFF.match(text[:1000]) is not None


_REPORTED_FROM = re.compile(
    rf"^\W*{_THE}{_W}\s(?:[\w'’-]+\s){{0,5}}?(?i:writer|reporter|correspondent|journalist|editor|"
    rf"photographer|producer|researcher)s?\s"
    rf"(?:[A-ZÀ-Þ][\w.'’-]*[\s,]+|and\s){{1,12}}(?:also )?reported (?:this story )?from\b"
)


def is_reporting_line(masked: str) -> bool:
    """Tell whether a sentence says where an agency's writers sat ("A writer X reported from")."""
    return len(masked) <= 400 and _REPORTED_FROM.match(masked) is not None


# --- pictures and polls -------------------------------------------------------------------------

_POLL_AFTER = re.compile(
    r"\s?[-/–—]\s?(?:Ipsos|NORC|GfK|CVoter|YouGov|Zogby|Morning|Harris|Gallup|Marist|Selzer|"
    r"Qatar|Times|WSJ)|"
    r"['’]?s?\s(?:VoteCast|Top 25|poll|polls|polling|survey|style|photographer|index|count|tally|"
    r"analysis|investigation)\b"
)
_POLL_BEFORE = re.compile(r"(?:[Nn]on-|[Pp]re-|Ipsos[-/]|NORC[-/]|Marist[-/]|[Tt]he [A-Z]\w+[-/])$")
_PHOTO_BEFORE = re.compile(
    r"(?:/\s?|\bvia\s+|\|\s?|©\s?|\b(?:photo|photos|image|images|picture|pictures|photograph|"
    r"photographer|photography|video|pool|handout|footage|file|"
    r"foto|fotos|bild|bilder|bildquelle|fotografía|imagen|imagem|immagine|crédit|crédits|crédito|"
    r"créditos|credit|credits|credito|"
    r"courtesy|copyright|caption|vidéo|vídeo|фото|写真|图|사진)\b(?:[^.;()]|"
    r"\b[A-Z]\.){0,60}?[\s:：(/,©-]|\b(?:source|quelle|fuente|fonte)\s?:)\s*(?:(?:the|by|of|from|"
    r"von|de|di|da)\s+)?$",
    re.I,
)
_ASKS_TO_NAME = re.compile(r"\b(?:please|must|should|to|and) credit\b", re.I)
"""Before a name: "please credit the A" asks to name it."""
_PHOTO_AFTER = re.compile(
    rf"\s?/\s?[\w{WIRE}{LOOSE}{PHOTO}]|\s(?:and|&) {PHOTO}+|"
    r"\s?contributor\b|\s?(?:file\s)?(?:photo|photos|image|images|picture|pictures|video|pool|"
    r"photographer|screenshot|screengrab|graphic|foto|stills?)\b|"
    r"\s+(?:via|through|/)\s|\s?\|\s?[A-Z]|\s+(?:Images|Pictures)\b",
    re.I,
)


def match_poll(masked: str, begin: int, end: int) -> bool:
    """Tell whether the name at `begin:end` only labels a poll, a survey or a ranking."""
    return (
        _POLL_AFTER.match(masked, end) is not None
        or _POLL_BEFORE.search(masked, max(0, begin - 20), begin) is not None
    )


def is_photo_credit(masked: str, begin: int, end: int) -> bool:
    """Tell whether the words around the name at `begin:end` credit a picture or a video."""
    if _ASKS_TO_NAME.search(masked, max(0, begin - 100), begin) is not None:
        return False
    return (
        _PHOTO_AFTER.match(masked, end) is not None
        or _PHOTO_BEFORE.search(masked, max(0, begin - 80), begin) is not None
    )
