"""How newsrooms write credits, in the languages they write them in.

The patterns read *masked* text, in which every agency name is overwritten, letter by letter, with
one of four private characters, so that offsets stay and no pattern knows an agency:

`WIRE` an agency by a name that means nothing else, `LOOSE` by a name that means other things too
(AP, PA), `PHOTO` one that supplies pictures only, `RELEASE` a press-release service.

Each pattern is bounded (no unlimited repeat inside another), so time grows with length only.
"""

import re

__all__ = [
    "AGENCY",
    "LOOSE",
    "PHOTO",
    "RELEASE",
    "WIRE",
    "is_byline",
    "is_closing_byline",
    "is_contributor_line",
    "is_copyright_line",
    "is_photo_credit",
    "is_reporting_line",
    "is_sign_off",
    "is_source_line",
    "match_dateline",
    "match_final_credit",
    "match_poll",
    "match_signature",
]

WIRE, LOOSE, PHOTO, RELEASE = "\ue000", "\ue001", "\ue002", "\ue003"
_W = f"[{WIRE}{LOOSE}]+"
_A = f"[{WIRE}{LOOSE}{PHOTO}{RELEASE}]+"
_STRONG = f"{WIRE}+"
AGENCY = re.compile(_A)
_THE = (
    r"(?:(?:[Tt]he|THE|[Dd]e[rnm]|[Dd]ie|[Dd]as|[Ll][aeo]s?|[Ll]['’]|[Dd]['’]|[Dd]e(?: la|"
    r" l['’])?|[Dd][ao]|[Dd]ell['’]|agen\w{2,5}|Agen\w{2,5})\s?){0,2}"
)

_THIS = r"(?:this|the|our|today['’]s)"
_PIECE = (
    r"(?:reports?|story|stories|article|piece|post|dispatch|coverage|column|analysis|"
    r"investigation|reporting|news ?letter|live ?blog|blog|file|update|package|series|project|"
    r"roundup|obituary|fact[ -]check|podcast|page|copy|explainer|profile|review|breaking news)"
)
_STUFF = (
    r"(?:files?|reporting|reports?|materials?|information|contributions?|content|inputs?|copy|"
    r"wires?|wire (?:services?|reports?)|news services?|news|data|details|research|additions?|"
    r"(?:news )?agenc(?:y|ies)(?: inputs?| reports?)?|dispatches|excerpts|quotes|footage)"
)
_EXTRA = r"(?:additional|further|extra|other|some|supplement(?:al|ary)|original|background|wire)"

# --- contributor lines -----------------------------------------------------------------------

_CONTRIBUTED = re.compile(
    rf"\bcontribut(?:ed|ing|es)\b(?:\s+{_EXTRA})?(?:\s+(?:to\s+)?(?:{_STUFF}|writing|photography))?"
    rf"(?:,? (?:from|in) [^.;]{{2,60}}?)?"
    rf"(?:\s*,?\s*(?:to|for|towards?|on)\s+{_THIS}\s+(?:[\w'’-]+\s+){{0,3}}?{_PIECE}\b"
    rf"|\s+to {_PIECE}\b|,?\s+including\b|\s*[.)\]*]*\s*$)",
    re.I,
)
_CLAUSE = re.compile(
    r"\b(?:said|says|told|has|have|had|was|were|is|are|he|she|they|his|her|their|that|which|"
    r"because|would|will|did)\b"
)
_CONTRIBUTOR = re.compile(
    "|".join(
        (
            # With files from X; Includes material from X
            rf"^\W*(?:written |compiled |reported |produced )?(?:with|includes?|including|plus|"
            rf"contains?)\s+"
            rf"(?:{_EXTRA}\s+)?{_STUFF}(?:\s+and\s+{_STUFF})?\s+(?:\w+\s+){{0,2}}?(?:from|by|of|"
            rf"via)\b[^.]{{0,160}}?{_W}",
            rf"^\W*with\s+(?:inputs?\s+from\s+)?{_THE}{_W}(?:\s+{_STUFF})?(?:\s*(?:,|and|&|/|"
            rf",? and)\s*{_THE}{_W})*\W*$",
            # Additional reporting by X
            rf"^\W*(?:{_EXTRA}\s+)?(?:reporting|reports|writing|research)\s+(?:and (?:writing|"
            rf"research|editing) )?"
            rf"(?:\w+\s+)?(?:by|from|for|via)\b[^;]{{0,200}}?{_W}",
            # Contributing: X
            rf"^\W*(?:also\s+)?contribut(?:ing|ors?|ions?|ed)\b(?:\s+(?:to|"
            rf"for)\s+{_THIS}\s+{_PIECE})?"
            rf"(?:\s+(?:by|from|was|were|is|are|writers?|"
            rf"reporters?))*\s*[:–—-]?\s*[^:]{{0,1500}}?{_W}",
            # This story includes information from X ; it was compiled from X material
            rf"^\W*(?:(?:this|our)\s+(?:\w+\s+)?{_PIECE}|it)\s+(?:(?:also|has|was|is|been|be|"
            rf"partly|in part)\s+){{0,3}}"
            rf"(?:(?:includ\w+|contain\w*|us(?:es|ed)|incorporat\w+|"
            rf"features?)\b[^.;]{{0,120}}?(?:{_STUFF}|reporting)\b[^.;]{{0,80}}?{_W}"
            rf"|(?:draws? (?:on|from)|based (?:\w+ ){{0,2}}on|(?:compiled|updated|supplemented|"
            rf"written|produced|prepared|reported|made|created|edited) (?:\w+ ){{0,3}}(?:with|"
            rf"from|using))\b[^.;]{{0,160}}?{_W})",
            # Material from X was used in this report
            rf"^\W*(?:{_EXTRA}\s+)?(?:{_STUFF}|portions?|parts?)\b[^.;]{{0,80}}?\b(?:from|by|of|"
            rf"supplied by|provided by|in)\b[^.;]{{0,120}}?{_W}"
            rf"[^.;]{{0,80}}?\b(?:(?:was|were|is|are|has been|have been)\s+(?:also\s+|"
            rf"partly\s+)?(?:used|included|incorporated|added|contributed)"
            rf"|contributed)",
            rf"^\W*(?:{_EXTRA}\s+)?(?:information|material|reporting|content|"
            rf"details)\s+(?:for this \w+ |in this \w+ )?(?:(?:was|is|came|comes|provided|"
            rf"supplied)\s+){{0,2}}"
            rf"(?:from|by|courtesy of)\s*:?\s*{_THE}{_W}(?:\s*(?:,|and|&|"
            rf"/)\s*(?:and\s+)?{_THE}{_W})*\W*$",
            # Staff reports and X; Compiled from X reports; From X reports
            rf"^\W*(?:from\s+)?(?:(?:our\s+)?(?:staff|wire|news|local)(?:\s+(?:and|&|"
            rf"/)\s+\w+)?)\s+(?:reports?|writers?|services?|sources?|"
            rf"reporters?)\b[^.;]{{0,60}}?{_W}[^.;]{{0,60}}$",
            rf"^\W*(?:compiled|adapted|edited|gathered|rewritten|"
            rf"summari[sz]ed)\s+(?:\w+\s+){{0,3}}?(?:from|by|with|using|"
            rf"based on)\b[^.;]{{0,120}}?{_W}",
            rf"^\W*from\s+(?:staff\s+and\s+)?{_THE}{_W}(?:\s+(?:and|&)\s+(?:staff|other|"
            rf"wire)[\w ]{{0,20}})?\s+(?:reports?|dispatches|services?|wires?)\W*$",
            # German
            rf"^\W*(?:\w+ )?(?:unter (?:Verwendung|Mitarbeit)|"
            rf"mit(?:hilfe)?)\s+(?:(?:zusätzliche[nm]|weitere[nm]?)\s+)?"
            rf"(?:(?:Agentur)?[Mm]aterial(?:ien)?|Informationen|Inhalten|Meldungen|Angaben|"
            rf"Beiträgen|Berichten|Agenturen|Agenturmeldungen)\b[^.;]{{0,60}}?{_W}",
            rf"^\W*(?:\w{{1,12}}[,/]\s*)?mit\s+(?:\w+\s*(?:/|und)\s*)?{_W}(?:\s*(?:,|und|/|"
            rf"\+)\s*(?:{_W}|\w{{2,6}}))*\W*$",
            rf"^\W*(?:Dieser|Der) (?:Artikel|Beitrag|Text|Bericht)\b[^.;]{{0,60}}\b(?:Material|"
            rf"Informationen|Agenturen|Meldungen)\b[^.;]{{0,60}}?{_W}",
            # French
            rf"^\W*(?:(?:[A-ZÀ-Ý][\w.'’-]*|la|le|de|du|et|rédaction|"
            rf"rédac),?\s+){{0,6}}(?:\(\s*)?avec\s+(?:(?:les? )?(?:agences?|informations?|"
            rf"contributions?|dépêches?)\s+(?:de\s+)?)?(?:\(\s*)?{_THE}{_W}"
            rf"(?:\s*(?:,|et|/|&)\s*(?:[A-ZÀ-Ý]\w+\s+)?(?:{_THE}{_W}|agences?))*\W*$",
            rf"^\W*(?:cet article|ce texte)\b[^.;]{{0,80}}{_W}",
            # Spanish
            rf"^\W*(?:(?:[A-ZÁ-Ú][\w.'’-]*|redacción|redaccion|de|la|el|y),?\s+){{0,6}}(?:[/|"
            rf"-]\s*)?con\s+(?:(?:informaci[oó]n(?:es)?|datos|material|reportes?|aportes?|"
            rf"contenidos?|agencias?)\s*(?:adicional(?:es)?\s+)?(?:de|:|\()?\s*)?{_THE}{_W}"
            rf"(?:\s*(?:,|y|e|/|&)\s*(?:de\s+)?{_THE}(?:{_W}|agencias|[A-Z]\w+))*\W*$",
            # Italian
            rf"^\W*(?:con\s+(?:informazioni|contributi|il contributo|materiale)\s+(?:di|da|"
            rf"dell['’]|d['’])?\s*|\(\s*con\s+){_THE}{_W}",
            # Portuguese
            rf"^\W*(?:(?:[A-ZÁ-Ú][\w.'’-]*|da|de|do|redação),?\s+){{0,6}}(?:[/|"
            rf"-]\s*)?com\s+(?:(?:informaç(?:ões|ão)|agências?|material|conteúdo|reportagem|"
            rf"dados)\s*(?:d[aeo]s?|:|\()?\s*)?{_THE}{_W}"
            rf"(?:\s*(?:,|e|/|&)\s*(?:d[aeo]s?\s+)?{_THE}(?:{_W}|agências|[A-Z]\w+))*\W*$",
            # Dutch, Swedish, Norwegian, Danish, Polish, Russian
            rf"^\W*(?:met (?:informatie|medewerking|bijdragen) van|med (?:material|bidrag|"
            rf"information) (?:från|fra)|z wykorzystaniem (?:materiałów|informacji)|"
            rf"при участии|с использованием материалов|по материалам)\s+{_THE}{_W}",
        )
    ),
    re.I,
)


def is_contributor_line(masked: str) -> bool:
    """Tell whether a masked sentence says that somebody contributed ("X and A contributed")."""
    if len(masked) > 1600:
        return False
    if (match := _CONTRIBUTED.search(masked)) is not None:
        return _CLAUSE.search(masked, 0, match.start()) is None or _names_people(
            masked[: match.start()]
        )
    return _CONTRIBUTOR.search(masked) is not None


def _names_people(words: str) -> bool:
    """Tell whether a list of people holds verbs only to say who they are and where they sat."""
    return re.search(r"\b(?:who|was|were|reported|in)\b", words) is not None and not re.search(
        r"\b(?:said|told|that|because|would|he|she|they|has|have)\b", words
    )


# --- the copy of an agency as a whole ---------------------------------------------------------

_SUPPLIED = re.compile(
    rf"^\W*(?:(?:a|an|the|this) )?(?:(?:\w+ )?(?:version of )?(?:{_THIS}\s+)?(?:\w+\s+)?{_PIECE}|"
    rf"content|text|material)\b[^.;:]{{0,60}}?\b"
    rf"(?:supplied|provided|produced|published|written|distributed|filed|syndicated|republished|"
    rf"reprinted|appeared|ran|posted|appears|licensed|reported)"
    rf"\b[^.;:]{{0,50}}?\b(?:by|from|with|of|at|in|on|via|"
    rf"through)\s+{_THE}{_W}(?:['’]s? website)?(?:\s+(?:and|under|with|on|as|in|at|for|through|"
    rf"via|by)\b[^.;]{{0,100}})?\W*$"
    rf"|^\W*(?:this|the)\s+{_THE}{_W}\s+{_PIECE}\b[^.;]{{0,60}}?\b(?:originally|first|was|"
    rf"is)\b[^.;]{{0,60}}?\b(?:published|appeared|supplied|provided|written|produced)"
    rf"|^\W*(?:{_THIS}\s+)?{_PIECE}\b.{{0,160}}?\b(?:published|generated|taken|"
    rf"sourced)\s+(?:\w+\s+)?from\s+(?:an?\s+|the\s+)?(?:\w+\s+)?{_W}\s+(?:\w+\s+)?(?:feed|wire)"
    rf"|^\W*(?:originally|first)\s+published\s+(?:\w+\s+){{0,2}}?(?:by|on|at|in)\s+{_THE}{_W}"
    rf"|^\W*(?:dieser|der)\s+(?:artikel|beitrag|text)\b[^.;]{{0,80}}\b(?:von|"
    rf"der)\s+(?:nachrichtenagentur\s+)?{_W}[^.;]{{0,60}}\b(?:übernommen|geliefert|verfasst|"
    rf"erstellt|veröffentlicht)"
    rf"|^\W*(?:este|esta|questo|ce|cet|cette)\s+(?:art[ií]culo|contenido|texto|nota|articolo|"
    rf"conteúdo|matéria|article|dépêche)\b[^.;]{{0,60}}\b(?:de|di|por|da|par|pela)\s+{_THE}{_W}",
    re.I,
)
_SOURCE_LABEL = re.compile(
    r"^\W*(?:sources?|via|quellen?|fuentes?|fonti|fontes?|kilder?|källor|källa|bron|bronnen|"
    r"źródło|zdroj|forrás|sursa|"
    r"kaynak|источник|джерело|来源|來源|出典|출처|المصدر)\s*[:：]\s*"
    rf"{_THE}(?:[\w.]+\s*[,/&]\s*){{0,3}}{_W}(?:\s*(?:[,/&]|and|und|et|y|e)\s*{_THE}(?:{_W}|"
    rf"[\w.]+)){{0,4}}\W*$",
    re.I,
)


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


# --- datelines --------------------------------------------------------------------------------

_IN_PARENTHESES = (
    rf"(?:\w{{2,12}}[/-])?{_A}(?:\s*[/,&+-]\s*(?:{_A}|[\w .'’]{{1,24}})|"
    rf"\s+[A-Z][\w.]{{1,20}}!?){{0,3}}"
)
_DASH = r"[-–—―‒−]"
_DATELINES = (
    # LONDON, Jan 5 (Reuters) - ; Berlin (dpa/lsw) - ; Madrid, 5 ene (EFE).- ; Karachi (ANI):
    re.compile(
        rf"^[\W_]{{0,4}}(?P<place>[^()\[\]{WIRE}{LOOSE}{PHOTO}{RELEASE}]{{0,100}}?)"
        rf"\s*[(\[]\s*(?P<credit>{_IN_PARENTHESES})\s*[)\]]"
        rf"\s*(?:[.,:;]?\s*{_DASH}+|[.:]|(?=\s*[A-ZÀ-ÞА-Я«“\"]))"
    ),
    # NEW YORK, Jan. 5 /PRNewswire/ -- ; МОСКВА, 5 января. /ТАСС/.
    re.compile(
        rf"^[\W_]{{0,4}}(?P<place>[^/()\[\]{WIRE}{LOOSE}{PHOTO}{RELEASE}]{{0,100}}?)"
        rf"\s*/\s*(?P<credit>{_IN_PARENTHESES})\s*/\s*(?:{_DASH}|\.|:)"
    ),
    # By Jane DoeWASHINGTON, Dec. 11 (Yonhap) -- : lines that a page lost the break between
    re.compile(
        rf"^[^()]{{0,80}}?(?:[a-zß-ÿ.]|"
        rf"\s)(?P<place>[A-Z][A-Z .'’-]{{2,40}}(?:,[^()]{{0,30}})?)"
        rf"\s*\((?P<credit>{_IN_PARENTHESES})\)\s*{_DASH}"
    ),
    # Paris - AFP - ; МОСКВА, 5 янв – РИА Новости. ; AFP — ; Berlin/dpa -
    re.compile(
        rf"^[\W_]{{0,4}}(?:(?P<place>[^/()\[\]{WIRE}{LOOSE}{PHOTO}{RELEASE}]{{2,60}}?)"
        rf"\s*(?:{_DASH}|,|/|\|)\s*)?(?P<credit>{_THE}{_W})\s*(?:{_DASH}+\s|\.\s(?=\S))"
    ),
    # 【パリ共同】 ; 新华社北京1月5日电 ; (서울=연합뉴스)
    re.compile(rf"^\s*【(?P<place>[^】{WIRE}{LOOSE}]{{0,30}})(?P<credit>{_W})[^】]{{0,12}}】"),
    re.compile(rf"^\s*[(（(]?(?P<credit>{_W})(?P<place>[^\s{WIRE}{LOOSE}]{{1,24}}?)[电電]"),
    re.compile(rf"^\s*[(（](?P<place>[^\s=()]{{1,20}})=(?P<credit>{_W})[)）]"),
)
_PLACE_WORD = re.compile(
    r"[^\W\d_]?['’]?(?:[A-ZÀ-ÞĀ-ŽΑ-ΫА-ЯЁІЇЄҐ][\w.'’&-]*|\d{1,4}(?:st|nd|rd|th|er|\.|º|ª)?|"
    r"[\u0600-\u06ff\u0590-\u05ff]+|"
    r"(?i:jan|feb|febr|fév|févr|mar|mär|märz|mars|marzo|março|apr|avr|abr|avril|abril|aprile|may|"
    r"mai|mayo|maggio|maio|jun|juin|junio|giugno|junho|"
    r"jul|juil|juillet|julio|luglio|julho|aug|août|ago|agosto|sep|sept|set|settembre|septiembre|"
    r"septembre|setembro|oct|okt|out|octobre|octubre|ottobre|outubro|"
    r"nov|novembre|noviembre|novembro|dec|déc|dez|dic|décembre|diciembre|dicembre|dezembro|ene|"
    r"enero|gen|gennaio|janv|janvier|janeiro|fev|fevereiro|febrero|febbraio|"
    r"янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек|января|февраля|марта|апреля|июня|июля|"
    r"августа|сентября|октября|ноября|декабря)\.?)$"
)
_LINK_WORDS = frozenset(
    [
        "and",
        "und",
        "et",
        "y",
        "e",
        "of",
        "on",
        "the",
        "in",
        "at",
        "near",
        "aboard",
        "over",
        "off",
        "de",
        "del",
        "della",
        "di",
        "da",
        "do",
        "dos",
        "das",
        "la",
        "le",
        "les",
        "el",
        "los",
        "al",
        "am",
        "an",
        "der",
        "den",
        "bei",
        "sur",
        "sous",
        "upon",
        "en",
        "a",
        "auf",
        "im",
        "zu",
    ]
)
_LINK_WORDS_PATTERN = re.compile(r"[\s,/–—-]+")


def _is_place(words: str) -> bool:
    """Tell whether the words before an agency in brackets are a place and a date."""
    stripped = words.strip().strip("–—-.,:|*• \t")
    if not stripped:
        return True
    parts = [part for part in _LINK_WORDS_PATTERN.split(stripped) if part]
    if len(parts) > 14:
        return False
    named = 0
    for part in parts:
        if _PLACE_WORD.match(part):
            named += 1
        elif part.lower() not in _LINK_WORDS:
            return False
    return named > 0


def match_dateline(masked: str, *, is_opening: bool) -> tuple[int, int] | None:
    """Return the offsets of a dateline that names an agency at the head of a paragraph.

    Without brackets (`Paris - AFP -`) it counts only where the article opens.
    """
    head = masked[:200]
    if AGENCY.search(head) is None:
        return None
    for number, pattern in enumerate(_DATELINES):
        match = pattern.match(head)
        if match is None:
            continue
        place = match["place"] or ""
        if number == 3 and not (is_opening and len(masked) > match.end() + 40):
            continue
        if number <= 3 and not _is_place(place):
            continue
        if number == 1 and not place.strip():
            continue
        if len(masked) <= match.end() + 12 and not masked.rstrip().endswith(("-", "–", "—")):
            continue
        # "(Reuters) President ...": without a dash only where the article opens
        if number == 0 and not place.strip() and match[0].rstrip()[-1] in ")]" and not is_opening:
            continue
        return match.start(), match.end()
    return None


# --- bylines and signatures ---------------------------------------------------------------------

_BY = r"(?:by|written by|reported by|from|von|par|por|di|da|door|av|af|od|автор:?)"
_DESK = (
    r"(?:[\s,]+(?:staff|news|business|political|sports|health|science|white house|national|chief|"
    r"senior|legal|diplomatic|medical|"
    r"economics?|technology|tech|writers?|reporters?|correspondents?|editors?|bureau|team|agency|"
    r"agencies|wire|wires|services?))*"
)
_BYLINES = (
    # By Jane Doe, Associated Press ; By The Associated Press | Jan 5, 2018 ; By AFP and Jane Doe
    re.compile(
        rf"^\W*{_BY}\s+(?:[^{WIRE}{LOOSE}.:;?!]|\b\w{{1,3}}\.){{0,110}}?{_THE}{_W}{_DESK}"
        rf"(?:\s*(?:[,/&|•·–—-]|and|und|et|y|e|with|for)\s*(?:{_THE}{_W}|"
        rf"[A-ZÀ-Þ][\w.'’-]+(?:\s+[A-ZÀ-Þ][\w.'’-]+){{0,3}}){_DESK}){{0,4}}"
        r"\W*(?:(?:updated|published|posted)\b.*|\d[^.]{0,60}|[A-Z][a-z]{2,8}\.? \d[^.]{0,40})?$",
        re.I,
    ),
    # JANE DOE, Associated Press ; Jane Doe and John Roe | AFP ; Jane Doe, Reuters
    re.compile(
        rf"^\W*(?:(?:[A-ZÀ-Þ][\w.'’-]*+|and|de|von|van|del|&)(?:,\s*+|\s++)){{0,23}}?"
        rf"[A-ZÀ-Þ][\w.'’-]*+\s*(?:[,|•·–—-]|\bfor\b|\bof\b|\n)\s*{_THE}{_STRONG}{_DESK}\W*$"
    ),
    # Jane Doe with Reuters ; Courier staff and the Associated Press ; Jane Doe & AFP
    re.compile(
        rf"^\W*(?:(?:[A-ZÀ-Þ][\w.'’-]*+|staff|and|de|von|van|del)(?:,\s*+|\s++)){{1,9}}?"
        rf"(?:and|with|und|mit|et|avec|y|con|e|com|og|och|en|&)\s+{_THE}{_W}{_DESK}\W*$"
    ),
    # The Associated Press ; Reuters Staff
    re.compile(
        rf"^\W*{_THE}{_STRONG}{_DESK}(?:\s*(?:,|and|&|/|with|und|et|y|"
        rf"\|)\s*{_THE}{_W}{_DESK}){{0,3}}\W*$",
        re.I,
    ),
)


def is_closing_byline(masked: str) -> bool:
    """Tell whether a masked line at the foot of an article is "By A"."""
    return len(masked) <= 80 and _BYLINES[0].match(masked) is not None


def is_byline(masked: str) -> bool:
    """Tell whether a masked line near the head of an article is a byline that names an agency."""
    return len(masked) <= 200 and any(pattern.match(masked) for pattern in _BYLINES)


_SIGNATURE = re.compile(
    rf"(?:(?P<dash>[-–—―]{{1,3}}|[~*•])\s*|"
    rf"(?P<open>[(\[]))\s*(?P<names>(?:[\w.]{{1,14}}\s*[/,&]\s*){{0,4}}{_THE}{_W}"
    rf"(?:\s*(?:[/,&+]|and|und|et|y|e)\s*(?:{_THE}{_W}|[\w.]{{1,14}})){{0,4}})\s*[)\]]?\W*$"
)
_BARE_SIGNATURE = re.compile(
    rf"^\s*(?P<names>{_THE}(?:{_STRONG}|{LOOSE}{{2,}})(?:\s*(?:[/,&]|and|und|et|y|e)\s*(?:{_THE}{_W}|"
    rf"[\w.]{{1,14}})){{0,3}})\W*$"
)
_TRAILING = re.compile(
    rf"(?:(?<=[.!?”\"»]) ?|(?<=\n) ?)(?:[(\[]\s*(?P<names>(?:[\w.]{{1,14}}\s*[/,&-]\s*)"
    rf"{{0,3}}{_W}(?:\s*[/,&-]\s*(?:{_W}|[\w.]{{1,14}})){{0,3}})\s*[)\]]|"
    rf"[/–—-]\s?(?P<bare>{_W})/?|(?<!\d[.”]\s)(?<=[^)]\s)(?P<plain>{_STRONG}|"
    rf"{LOOSE}{{3,}})(?:\s[A-Z]{{2,4}}){{0,4}})\W*$"
)


# kle/uh (dpa, afp, rtr): editors and the agencies they worked from
_SLUG_LINE = re.compile(
    rf"^\s*[\w./-]{{1,20}}\s*\(\s*{_W}(?:\s*[,/]\s*(?:{_W}|\w{{2,6}}))*\s*\)\W*$"
)


def match_signature(masked: str) -> tuple[int, int, bool] | None:
    """Return begin, end and whether it is in brackets, of a line that is only "— A" or "(A)"."""
    if len(masked) > 120:
        return None
    if _SLUG_LINE.match(masked) is not None:
        return 0, len(masked), False
    if (match := _SIGNATURE.fullmatch(masked.strip())) is not None:
        begin = len(masked) - len(masked.lstrip())
        return begin, begin + match.end(), match["open"] is not None
    if (match := _BARE_SIGNATURE.match(masked)) is not None:
        return match.start("names"), match.end("names"), True
    return None


def match_final_credit(masked: str) -> tuple[int, int] | None:
    """Return the offsets of an agency in brackets after the last sentence: "... he said. (A)"."""
    begin = max(0, len(masked) - 80)
    match = _TRAILING.search(masked, begin)
    return (match.start() + (masked[match.start()] == " "), len(masked.rstrip())) if match else None


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
    return (
        _PHOTO_AFTER.match(masked, end) is not None
        or _PHOTO_BEFORE.search(masked, max(0, begin - 80), begin) is not None
    )
