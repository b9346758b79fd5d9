"""Lines that say who contributed to a text: "A and B contributed to this report", in any form.

Every pattern reads masked text (`marks`) and is bounded (no unlimited repeat inside another), so
time grows with length only.
"""

import re

from wirethread.articles.credits.marks import ANY_MARK, PIECE, TEXT_AGENCY, THE, THIS

__all__ = ["is_contributor_line"]

_W, _THE = TEXT_AGENCY, THE
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
    rf"(?:\s*,?\s*(?:to|for|towards?|on)\s+{THIS}\s+(?:[\w'’-]+\s+){{0,3}}?{PIECE}\b"
    rf"|\s+to {PIECE}\b|,?\s+including\b|\s*[.)\]*]*\s*$)",
    re.I,
)
_CITES = re.compile(
    rf"{_W},?\s+(?:reported|said|says|wrote|told)\b|"
    r"\b(?:said|told|showed|shows|suggested|revealed|parl[éaò]\w*|habl[óa]\w*|falou|sprach)\b",
    re.I,
)
"""A sentence in which somebody speaks is no line of credits."""
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
            rf"for)\s+{THIS}\s+{PIECE})?"
            rf"(?:\s+(?:by|from|was|were|is|are|writers?|"
            rf"reporters?))*\s*[:–—-]?\s*[^:]{{0,1500}}?{_W}",
            # This story includes information from X ; it was compiled from X material
            rf"^\W*(?:(?:this|our)\s+(?:\w+\s+)?{PIECE}|it)\s+(?:(?:also|has|was|is|been|be|"
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
            rf"^\W*(?:(?:(?-i:[A-ZÀ-Ý])[\w.'’-]*|la|le|de|du|et|rédaction|"
            rf"rédac),?\s+){{0,6}}(?:\(\s*)?avec\s+(?:(?:les? )?(?:agences?|informations?|"
            rf"contributions?|dépêches?)\s+(?:de\s+)?)?(?:\(\s*)?{_THE}{_W}"
            rf"(?:\s*(?:,|et|/|&)\s*(?:[A-ZÀ-Ý]\w+\s+)?(?:{_THE}{_W}|agences?))*\W*$",
            rf"^\W*(?:cet article|ce texte)\b[^.;]{{0,80}}{_W}",
            # Spanish
            rf"^\W*(?:(?:(?-i:[A-ZÁ-Ú])[\w.'’-]*|redacción|redaccion|de|la|el|y),?\s+){{0,6}}(?:[/|"
            rf"-]\s*)?con\s+(?:(?:informaci[oó]n(?:es)?|datos|material|reportes?|aportes?|"
            rf"contenidos?|agencias?)\s*(?:adicional(?:es)?\s+)?(?:de|:|\()?\s*)?{_THE}{_W}"
            rf"(?:\s*(?:,|y|e|/|&)\s*(?:de\s+)?{_THE}(?:{_W}|agencias|[A-Z]\w+))*\W*$",
            # Italian
            rf"^\W*(?:con\s+(?:informazioni|contributi|il contributo|materiale)\s+(?:di|da|"
            rf"dell['’]|d['’])?\s*|\(\s*con\s+){_THE}{_W}",
            # Portuguese
            rf"^\W*(?:(?:(?-i:[A-ZÁ-Ú])[\w.'’-]*|da|de|do|redação),?\s+){{0,6}}(?:[/|"
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


def is_contributor_line(masked: str, *, is_alone: bool = False) -> bool:
    """Tell whether a masked sentence says that somebody contributed ("X and A contributed").

    `is_alone` tells that it is a paragraph by itself, where fewer words are enough.
    """
    if len(masked) > 1600:
        return False
    if (match := _CONTRIBUTED.search(masked)) is not None:
        return _CLAUSE.search(masked, 0, match.start()) is None or _names_people(
            masked[: match.start()]
        )
    return (
        (_CONTRIBUTOR.search(masked) is not None and _CITES.search(masked) is None)
        or _is_made_of_credit_words(masked, is_alone=is_alone)
        or (is_alone and _is_contribution_abroad(masked))
    )


def _names_people(words: str) -> bool:
    """Tell whether a list of people holds verbs only to say who they are and where they sat."""
    return re.search(r"\b(?:who|was|were|reported|in)\b", words) is not None and not re.search(
        r"\b(?:said|told|that|because|would|he|she|they|has|have)\b", words
    )


# --- by its words --------------------------------------------------------------------------------
# A contributor line in any order of words holds names, and of other words only those that say what
# somebody did for a text. "Some of the material in this report came from A" is one, "some of the
# material burned, A reported" is not.

_LONGEST_ALONE = 200
_LONGEST = 400
_WORD = re.compile(rf"[{ANY_MARK}]+|[^\W_]+(?:['’-][^\W_]+)*")
_STUFF_WORDS = (
    "background sources material materials information info content copy inputs input reports "
    "report reporting "
    "reportage coverage dispatches dispatch files file notes research details data excerpts quotes "
    "wire wires service services agency agencies news newswire newswires "
)
_GIVEN = (
    "contributed contributes contribute contributing contribution contributions contributor "
    "contributors assisted assists assist assisting assistance help helped aid collaboration "
    "cooperation partnership based contains contain features used using uses use included includes "
    "including include incorporated "
    "incorporates supplied provided furnished compiled adapted supplemented drawn draws gathered "
    "combined sourced taken excerpted came comes obtained added additional supplementary further "
)
_PARTS = "portions portion parts part some sections section elements much most bits "
_MAKERS = (
    "staff reporter reporters writer writers correspondent correspondents editor editors producer "
    "producers journalist journalists bureau bureaus chief desk team "
    "freelancer freelancers intern newsroom columnist researcher special local our other own "
)
_MAKING = (
    "reported written wrote edited produced prepared updated writing editing based story stories "
    "article articles piece post column roundup package update version "
)
_JOINTS = (
    "a an the this that these and or to of in on for from by with at as well also has have been "
    "first was were is are be which who it its earlier previously partly largely along via & + "
)
_KNOWN_WORDS = frozenset(
    (_STUFF_WORDS + _GIVEN + _PARTS + _MAKERS + _MAKING + _JOINTS + "both various").split()
)
_SUPPLYING = frozenset(("supplied", "provided", "furnished"))
_GIVEN_WORDS = frozenset(_GIVEN.split())
_PART_WORDS = frozenset(_PARTS.split())
_STUFF_SET = frozenset(_STUFF_WORDS.split())
_MAKER_WORDS = frozenset(_MAKERS.split())
_PERSON_WITH = re.compile(
    rf"^\W*(?:[^\W\d_a-zß-ÿ][\w.'’-]+\s+){{1,3}}[^\W\d_a-zß-ÿ][\w.'’-]+,?\s+with\s+{_THE}{_W}\W*$"
)
_TOO_LITTLE = frozenset(("came", "comes", "added", "notes"))
_CITING = frozenset(("said", "told", "reported"))
_VERBS = frozenset(("was", "were", "is", "are", "has", "have", "came", "comes"))
_THIS_PIECE = re.compile(rf"\b(?:{THIS}|these)\s+(?:[\w'’-]+\s+){{0,2}}?{PIECE}\b", re.I)


def _is_made_of_credit_words(masked: str, *, is_alone: bool) -> bool:
    found = _read_credit_words(masked)
    if found is None or re.search(_W, masked) is None:
        return False
    gives = found & _GIVEN_WORDS
    piece = _THIS_PIECE.search(masked)
    if piece is not None:
        if gives <= _SUPPLYING and not re.search(r"\w", masked[: piece.start()]):
            return False  # "this report was supplied by A": all of it
        return bool(gives - _TOO_LITTLE) or bool(found & _PART_WORDS)
    if not is_alone or len(masked) > _LONGEST_ALONE or found & _CITING:
        return False
    if found & _VERBS:
        return bool(gives and found & _STUFF_SET)
    # without a verb: "Staff and A reports", "With assistance from A", "Additional reporting: A"
    return bool(
        gives
        or (found & {"staff", "newsroom"} and re.search(rf"[,/]\s*{_THE}{_W}", masked))
        or _PERSON_WITH.match(masked)
        or (found & _MAKER_WORDS and found & {"and", "with", "&", "+"})
        or (found & _STUFF_SET and found & {"from", "by", "with", "and"})
    )


def _read_credit_words(masked: str) -> set[str] | None:
    """Return the known words of a line beside its names; None where it holds anything else."""
    if len(masked) > _LONGEST or re.search(rf"[\d$€£%“”\"?!]|(?<!taff )/\s?{_W}", masked):
        return None
    found: set[str] = set()
    for match in _WORD.finditer(masked):
        word = match[0]
        if word[0] in ANY_MARK:
            continue
        small = word.casefold().removesuffix("'s").removesuffix("’s")
        if small in _KNOWN_WORDS:
            found.add(small)
        elif not word[0].isupper():
            return None
    return found


# --- the same in other languages -----------------------------------------------------------------

_STUFF_STEMS = (
    r"(?:materi|матери|матерi|inform|informa|informá|agen[ctz]|agênc|agência|agentur|agentúr|агент|"
    r"beitr|bericht|meldung|inhalt|angaben|hilfe|unterst|mitarb|mitwirk|verwend|nutz|grundlage|"
    r"ergänz|contribu|contribuț|dépêche|datos|dados|dati|aport|apport|report|conteni|conteú|texto|"
    r"colabor|collabor|basis|base|medew|meewerk|bijdr|bidra|uppgift|upply|opply|oply|tiedo|avust|"
    r"příspě|přispě|příspev|prispe|použit|využit|wykorzyst|współprac|wkład|podstaw|depesz|pomoc|"
    r"suradn|spoluprác|spoluprac|koriš|správ|zpráv|источник|использован|участи|повідомл|"
    r"використ|матеріал|матеріал|допомог|информац|інформац|πληροφορ|υλικ|συνεργ|συμβολ|laporan|"
    r"informasi|bantuan|bahan|zusätz|weiter|adicional|ajout|compl|supplement|aiuto|ajuda|ayuda|"
    r"aide|notizi|notici|notíci|nouvell|nachricht)"
)
_SMALL_WORDS = (
    r"(?:de[rnsl]?|die|das|dem|du|la|le|les|el|los|las|del|della|dello|da|do|dos|das|di|van|het|"
    r"från|fra|av|af|od|ze?|aus|vom|von|und|et|y|e|och|og|i|en|em|par|por|pela|pelo|per|та|и|с|"
    r"от|од|на|od|na|op|l['’]|d['’]|dell['’]|dall['’]|zu|bei|sowie|auch|más|plus|a|o|as|os|à|un|"
    r"une|il|lo|από|το|την|τη|τον|των|του|dari|daripada)"
)
_CAPITAL = r"(?-i:[^\W\d_a-zß-ÿ])[\w.'’-]*"
_HOUSE = (
    rf"(?:(?:{_CAPITAL}|redacci[oó]n|redação|rédaction|redaktion|redazione|rédac|"
    rf"{_SMALL_WORDS}),?\s+)"
    r"{0,6}?[/|-]?\s*"
)
_AGENCIES = (
    rf"{_THE}{_W}(?:['’]?\w{{1,3}})?(?:\s*(?:,|/|&|\+|und|et|y|e|en|och|og|i|a|и|та|dan|và|και)\s*"
    rf"(?:{_SMALL_WORDS}\s+)?{_THE}(?:{_W}|{_STUFF_STEMS}\w*|{_CAPITAL}))*\W*$"
)
_STUFF_GIVEN = rf"(?:{_STUFF_STEMS}[\w'’]*|{_SMALL_WORDS})[\s:,(]*"
_WITH_AGENCY = re.compile(
    # Mit A ; La rédaction avec l'agence A ; Con información adicional de A
    rf"^\W*{_HOUSE}(?:mit|mithilfe|avec|con|com|met|med|με|cu|amb|dengan|với|cùng)\s+"
    rf"(?:{_STUFF_GIVEN}){{0,7}}?{_AGENCIES}"
    # Unter Verwendung von Material der Agentur A ; Na podstawie A ; По материалам агентства A
    rf"|^\W*(?:{_SMALL_WORDS}\s+)?(?:unter|nach|przy|na|za|ze?|se?|uz|po|по|при|со?|із|з|op|mede|"
    rf"mede\s+op|ha|hanno|bajo|sous|sob|d['’]|avec|con|com|met|med|mit|με|cu|dengan|ar|su)\s*"
    rf"(?:{_SMALL_WORDS}\s+)?(?=\w*{_STUFF_STEMS})(?:{_STUFF_GIVEN}){{1,7}}?{_AGENCIES}"
    # Mitarbeit: A ; Additional sources: A ; Ergänzt mit Material von A
    rf"|^\W*(?:ergänzt|erstellt|aktualisiert|complété|mis à jour|actualizado|elaborado)\s+\w+\s+"
    rf"(?:{_STUFF_GIVEN}){{0,5}}?{_AGENCIES}"
    r"|^\W*(?:(?:additional|extra|other|further|zusätzlich\w*|weitere\w*)\s+)?(?:inputs?|sources|"
    r"material"
    rf"|reporting|berichterstattung|mitarbeit|bericht|recherche|collaboration|colaboraci[oó]n|"
    r"colaboração|collaborazione|medewerking|közreműködött|spolupráca|współpraca|"
    r"contributions?)\s*:"
    rf"\s*(?:[^:{ANY_MARK}]{{0,80}},\s*)?{_AGENCIES}"
    # A'nın katkılarıyla ; Közreműködött a A
    rf"|^\W*{_W}['’]?\w{{0,5}}\s+(?:katk\w+|desteği\w*|haberinden|közreműköd\w+|hozzájár\w+)\W*$"
    rf"|^\W*közreműköd\w+\s+az?\s+{_AGENCIES}"
    rf"|^\W*{_W}(?:の協力|の配信|提供)",
    re.I,
)
_GAVE = re.compile(
    r"\b(?:contribu\w+|collabor\w+|colabor\w+|beigetragen|mitgearbeitet|mitgewirkt|beigesteuert|"
    r"bijgedragen|meegewerkt|bidro\w?|bidra\w*|medvirke\w*|medverka\w*|przyczyni\w+|współprac\w+|"
    r"přispě\w+|prispe\w+|doprin\w+|hozzájárul\w+|közreműk\w+|katkı\w*|внес\w*|внёс\w*|"
    r"участвова\w+|подготов\w+|долучи\w+|berkontribusi|menyumbang|avusti\w*|auttoi)\b",
    re.I,
)
_THIS_TEXT = re.compile(
    r"\b(?:this|th[ei]s|diese[mnrs]?|die|der|dem|cet(?:te)?|ce|l['’]|est[ae]s?|quest[aoi]|dest[ea]|"
    r"nest[ea]|dit|deze|den\w*|detta|dette|denne|tego|tej|tento|tohto|tomto|ovo\w*|bu|это\w*|"
    r"цьо\w*|ini|tämä\w*|a|à|al|alla|para|til|till|do|na)\s+"
    r"(?:artic|artíc|artik|artyk|articol|notíci|nota|not[ií]cia|nota|report|repor|bericht|beitrag|"
    r"text|texto|testo|tekst|meldung|meldin|nachricht|servizio|pezzo|informaci|informaç|dépêche|"
    r"papier|verhaal|stuk|sak|artikkel|artykuł|zpráv|správ|članak|članka|cikk|haber|стать|материал|"
    r"текст|berita|juttu|reportaje|matéria|história|storia|récit)\w*",
    re.I,
)
_PARTS_OF = re.compile(
    r"^\W*(?:teile|ein teil|einige teile|partes?|une partie|parte|alcune parti|delar|dele|deler|"
    r"een deel|"
    rf"delen|części|część|část|части|часть|sebagian)\b[^.;\d]{{2,100}}?{_W}\W*"
    rf"(?:[\w]{{2,16}}\W*){{0,2}}$",
    re.I,
)


def _is_contribution_abroad(masked: str) -> bool:
    """Tell whether a paragraph by itself says so in another language than English."""
    if len(masked) > _LONGEST_ALONE or re.search(r"\d{2}|[“”„\"?!]", masked):
        return False
    return (
        _WITH_AGENCY.match(masked) is not None
        or _PARTS_OF.match(masked) is not None
        or (
            _GAVE.search(masked) is not None
            and _THIS_TEXT.search(masked) is not None
            and re.search(_W, masked) is not None
        )
    )
