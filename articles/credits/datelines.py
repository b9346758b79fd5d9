"""Datelines that name an agency: "LONDON, Jan 5 (Reuters) -", by their structure.

A dateline is a place, a date or both, in any language, and an agency set off from them by brackets,
slashes, dashes or the brackets of East Asia, at the head of a paragraph. The place is told by its
capitals (or by a script that has none), the date by figures and the names of months and weekdays.
"""

import re
import unicodedata

from wirethread.articles.calendar_words import is_calendar_word
from wirethread.articles.credits.marks import AGENCY, ANY_MARK, LOOSE, TEXT_AGENCY, THE

__all__ = ["match_dateline"]

_HEAD = 200
"""Characters of a paragraph in which a dateline ends."""
_DASH = r"[-–—―‒−_]"
_OPEN, _CLOSE = r"[(\[（［【〔]", r"[)\]）］】〕]"
_IN_PARENTHESES = (
    rf"(?:\w{{2,12}}[/-]|(?:[^\W\d]{{3,14}}\.?\s){{1,2}})?{AGENCY}"
    rf"(?:\s*[/,&+-]\s*(?:{AGENCY}|[\w .'’]{{1,24}})|\s+[A-Z][\w.]{{1,20}}!?){{0,3}}"
)
_BRACKETS = re.compile(
    # LONDON, Jan 5 (Reuters) - ; Berlin (dpa/lsw) - ; Madrid, 5 ene (EFE).- ; Karachi (ANI):
    rf"^[\W_]{{0,4}}(?P<place>[^()\[\]（）［］【】{ANY_MARK}]{{0,100}}?"
    rf"(?:\([^()\[\]{ANY_MARK}]{{2,30}}\)\s*)?"
    rf"(?:\[\w[\w .-]{{1,30}}\][^()\[\]{ANY_MARK}]{{0,40}}?)?)"
    rf"\s*{_OPEN}\s*(?P<credit>{_IN_PARENTHESES})\s*{_CLOSE}"
    rf"(?:\s*/[^/{ANY_MARK}]{{2,40}}/)?"
    rf"\s*(?:[.,:;]?\s*(?:{_DASH}+|=)|[.:।]|(?=\s*[A-ZÀ-ÞĀ-ŽΑ-ΫА-ЯІЇЄҐ\u0590-\u0fff«“\"„])|$)"
)
_SLASHES = re.compile(
    # NEW YORK, Jan. 5 /PRNewswire/ -- ; МОСКВА, 5 января. /ТАСС/. ; أبوظبي في 2 نوفمبر/ وام /
    rf"^[\W_]{{0,4}}(?P<place>(?:[^/()\[\]{ANY_MARK}]|(?<=\d)/(?=\d)){{0,100}}?)"
    rf"\s*/\s*(?P<credit>{_IN_PARENTHESES})\s*/\s*(?P<end>{_DASH}|\.|:|(?<=\s)|$)"
)
_LOST_BREAK = re.compile(
    # By Jane DoeWASHINGTON, Dec. 11 (Yonhap) -- : lines that a page lost the break between
    rf"^[^()]{{0,80}}?(?:[a-zß-ÿ.]|\s)(?P<place>[A-Z][A-Z .'’-]{{2,40}}(?:,[^()]{{0,30}})?)"
    rf"\s*\((?P<credit>{_IN_PARENTHESES})\)\s*{_DASH}"
)
_NO_BRACKETS = re.compile(
    # Paris - AFP - ; МОСКВА, 5 янв – РИА Новости. ; AFP — ; SYDNEY, Jan 5 AAP - ; RĪGA, LETA--BNS.
    # BERLIN dpa | ; القاهرة - أ ش أ:
    rf"^[\W_]{{0,4}}(?:(?P<place>[^/()\[\]{ANY_MARK}]{{2,60}}?)"
    rf"(?:\s*(?:{_DASH}|,|/|\||\.)\s*|(?<=[\d\w])\s+))?"
    rf"(?P<credit>{THE}{TEXT_AGENCY}(?:\s*(?:--|[-/,])\s*{TEXT_AGENCY}){{0,2}})"
    rf"(?P<end>\s*{_DASH}+\s|\s*\|\s|\s*:\s(?=\S)|\s*\.\s(?=\S)|\s+(?=\S)|\s*$)"
)
_UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_EAST_ASIA = (
    # 【パリ共同】 ; （中央社記者王小明台北2日電） ; (서울=연합뉴스) ; ［東京　２日　ロイター］
    re.compile(
        rf"^\s*{_OPEN}(?P<place>(?=[^)\]）］】〕]{{0,40}}{TEXT_AGENCY})[^)\]）］】〕。/／©]{{1,60}}){_CLOSE}"
        r"\s*(?:[-–—―=]\s*)?(?=\S)"
    ),
    # 新华社北京1月5日电 ; 据中新网北京11月2日电
    re.compile(
        rf"^\s*{_OPEN}?[据據]?(?P<credit>{TEXT_AGENCY})(?P<place>[^{ANY_MARK}。，,]{{0,30}}?)"
        rf"(?:[电電訊](?!話|话|视|視|力|影|子|车|車|信|气|氣))"
    ),
)
_PICTURE_WORDS = re.compile(r"写真|撮影|提供|图|圖|照片|摄|攝|사진|제공|映像|報道|报道|보도")
_SPLIT = re.compile(r"[\s,;:/|=–—―‒−_\u3000、，・]+|(?<=\D)-(?=\D)|\.(?=[^\W\d_]{2})")
_TRIM = ".,:;·•*()[]«»“”\"'’‘-"
_NUMBER = re.compile(
    r"\d{1,4}(?:[./:]\d{1,4}){0,2}(?:st|nd|rd|th|er|[.]|º|ª|°|-?[^\W\d_]{1,2}|[年月日년월일]){0,2}"
)
_MAX_WORDS = 14
_MAX_UNCASED = 6
"""Words in a script without capitals, in which anything may be a name."""
_LINKS = frozenset(
    ("and", "und", "et", "y", "e", "i", "og", "och", "a", "of", "on", "the", "in", "at", "near",
     "aboard", "over", "off", "de", "del", "della", "di", "da", "do", "dos", "das", "la", "le",
     "les", "el", "los", "al", "am", "an", "der", "den", "bei", "sur", "sous", "upon", "en",
     "auf", "im", "zu", "u", "v", "w", "we", "od", "dne", "på", "i", "den", "kl", "von", "van",
     "het", "op", "te", "und", "ve", "dan", "pada")
)  # fmt: skip


def match_dateline(masked: str, *, is_opening: bool) -> tuple[int, int] | None:
    """Return the offsets of a dateline that names an agency at the head of a paragraph.

    `masked` has its agencies overwritten (`marks`). Without brackets (`Paris - AFP -`) a dateline
    counts only where the article opens.
    """
    head = masked[:_HEAD]
    if re.search(AGENCY, head) is None:
        return None
    for read in (_match_brackets, _match_slashes, _match_lost_break, _match_no_brackets):
        match = read(head, len(masked), is_opening=is_opening)
        if match is not None:
            return match.start(), match.end()
    for pattern in _EAST_ASIA:
        match = pattern.match(head)
        if (
            match is not None
            and _PICTURE_WORDS.search(match[0]) is None
            and re.search(f"[{_UNSPACED}]", head[match.start() : match.end() + 1]) is not None
        ):
            return match.start(), match.end()
    return None


def _match_brackets(head: str, length: int, *, is_opening: bool) -> re.Match[str] | None:
    match = _BRACKETS.match(head)
    if match is None or not _is_place(match["place"]):
        return None
    last = match[0].rstrip()[-1]
    if (
        last in ")]）］】"
        and not is_opening
        and (not match["place"].strip() or match.end() == length)
    ):
        # "(Reuters) President ...": without a dash only where the article opens
        return None
    if (
        match.end() == length
        and re.fullmatch(rf"{AGENCY}(?:\s*/\s*{AGENCY})*", match["credit"]) is None
    ):
        return None  # "(A/Jon Roe)" at the end of a line credits a picture
    return match if _stands_before_text(match, length, is_opening=is_opening) else None


def _match_slashes(head: str, length: int, *, is_opening: bool) -> re.Match[str] | None:
    match = _SLASHES.match(head)
    if match is None or not match["place"].strip() or not _is_place(match["place"]):
        return None
    if not match["end"].strip() and re.search(r"\d", match["place"]) is None:
        return None
    return match if _stands_before_text(match, length, is_opening=is_opening) else None


def _match_lost_break(head: str, length: int, *, is_opening: bool) -> re.Match[str] | None:
    match = _LOST_BREAK.match(head)
    if match is None or not _is_place(match["place"]):
        return None
    return match if _stands_before_text(match, length, is_opening=is_opening) else None


def _match_no_brackets(head: str, length: int, *, is_opening: bool) -> re.Match[str] | None:
    match = _NO_BRACKETS.match(head) if is_opening else None
    if match is None or not _is_place(match["place"] or ""):
        return None
    place = match["place"] or ""
    if not match["end"].strip():
        return match if _ends_by_itself(match, head, place) else None
    between = head[match.end("place") : match.start("credit")] if place else ","
    is_barred = match["end"].strip() == "|" and place.isupper()  # BERLIN dpa |
    if between.isspace() and not place[-1].isdigit() and not is_barred:
        return None  # "Old Reuters - ": a name before it is no place
    if match["end"].strip() == ":" and (not place or between.isspace()):
        return None  # "Reuters: the firm ..." tells what the agency said
    return match if length > match.end() + _SHORTEST_TEXT else None


_SHORTEST_TEXT = 40


def _ends_by_itself(match: re.Match[str], head: str, place: str) -> bool:
    """Tell whether news may follow without a dash: behind a date, or where nothing has capitals."""
    following = head[match.end() : match.end() + 1]
    is_dated = re.search(r"\d", place) is not None
    is_uncased = unicodedata.category(following or " ") == "Lo" and bool(place)
    is_known = LOOSE not in match["credit"] or not following
    return (is_dated or is_uncased) and is_known and not following.islower()


def _stands_before_text(match: re.Match[str], length: int, *, is_opening: bool) -> bool:
    """Tell whether news follows a dateline, in its own paragraph or in the next."""
    if length > match.end() + 12:
        return True
    return match[0].rstrip().endswith(("-", "–", "—")) or (
        is_opening and length <= match.end() + 2 and bool(match["place"].strip())
    )


def _is_place(words: str) -> bool:
    """Tell whether the words before an agency are a place, a date, or both."""
    parts = [part for part in _SPLIT.split(words.strip()) if part.strip(_TRIM)]
    if not parts:
        return True
    if len(parts) > _MAX_WORDS:
        return False
    n_named = n_uncased = 0
    after_number = False
    for part in parts:
        word = part.strip(_TRIM)
        is_number = _NUMBER.fullmatch(word) is not None
        if is_number or _is_name(word):
            n_named += 1
            n_uncased += not is_number and not word[:1].isupper()
        elif word.casefold() not in _LINKS and not (after_number and len(word) <= 2):
            if not is_calendar_word(word):
                return False
            n_named += 1
        after_number = is_number
    return n_named > 0 and n_uncased <= _MAX_UNCASED


def _is_name(word: str) -> bool:
    """Tell whether a word is written as a name: with a capital, or in a script that has none.

    A short article may stand before the capital: "d'Ivoire", "al-Bab".
    """
    bare = re.sub(r"^(?:[^\W\d_]{1,2}['’]|[^\W\d_]{2,3}-)", "", word) or word
    return any(
        unicodedata.category(letter) in ("Lu", "Lt", "Lo") for letter in (word[:1], bare[:1])
    )
