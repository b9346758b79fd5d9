"""Bylines that name an agency, and the signatures that close its texts.

Every pattern reads masked text (`marks`) and is bounded, so time grows with length only.
"""

import re

from wirethread.articles.credits.marks import LOOSE, TEXT_AGENCY, THE, WIRE

__all__ = [
    "is_byline",
    "is_closing_byline",
    "match_final_credit",
    "match_signature",
    "read_unknown_sign_off",
]

_W, _THE, _STRONG = TEXT_AGENCY, THE, f"{WIRE}+"
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
    # The Associated Press ; Reuters Staff
    re.compile(
        rf"^\W*{_THE}{_STRONG}{_DESK}(?:\s*(?:,|and|&|/|with|und|et|y|"
        rf"\|)\s*{_THE}{_W}{_DESK}){{0,3}}\W*$",
        re.I,
    ),
)


_STAFF = (
    r"(?:staff|reporters?|writers?|correspondents?|editors?|newsroom|news|team|desk|bureau|wires?|"
    r"wire|reports?|services?|special|contributors?|redaktion|rédaction|redacción|redação|"
    r"redazione)"
)
_JOINT = (
    r"(?:and|und|et|y|e|og|och|en|i|ja|és|a|и|та|ve|dan|with|mit|avec|con|com|med|met|plus|[&+])"
)
_HOUSE_AND_AGENCY = re.compile(
    # Courier staff and the Associated Press ; Jon Varga with Reuters ; Reuters and Jon Varga
    rf"^\W*(?:(?:[^\W\d_a-zß-ÿ][\w.'’-]*+|{_STAFF}|[Tt]he|of|de|von|van)(?:,?\s+)){{1,9}}?"
    rf"{_JOINT}\s+{_THE}(?:{_STRONG}|{LOOSE}{{2,}}){_DESK}\W*$"
    rf"|^\W*{_THE}{_STRONG}{_DESK}\s+{_JOINT}\s+(?:(?:[^\W\d_a-zß-ÿ][\w.'’-]*+|{_STAFF}|[Tt]he|of|"
    r"de)"
    rf"\s*){{1,6}}\W*$"
)


def is_closing_byline(masked: str) -> bool:
    """Tell whether a masked line at the foot of an article is "By A"."""
    return len(masked) <= 80 and _BYLINES[0].match(masked) is not None


def is_byline(masked: str) -> bool:
    """Tell whether a masked line near the head of an article is a byline that names an agency."""
    return len(masked) <= 200 and any(
        pattern.match(masked) for pattern in (*_BYLINES, _HOUSE_AND_AGENCY)
    )


_UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Scripts of East Asia, which put no space before a bracket."""
_OPEN, _CLOSE = r"[(\[（［【]", r"[)\]）］】]"
_NAMES = (
    rf"(?:[\w.]{{1,14}}\s*[/,&]\s*){{0,4}}{_THE}{_W}"
    rf"(?:\s*(?:[/,&+]|and|und|et|y|e)\s*(?:{_THE}{_W}|[\w.]{{1,14}})){{0,4}}"
)
_SIGNATURE = re.compile(
    rf"(?:(?P<dash>[-–—―]{{1,3}}|[~*•])\s*|(?P<open>{_OPEN}))\s*(?P<names>{_NAMES})\s*{_CLOSE}?\W*$"
)
# /Ritzau/ on a line of its own; Lusa/Fim
_BETWEEN_SLASHES = re.compile(
    rf"\s*/{{1,2}}\s*(?P<names>{_THE}{_W}(?:\s*[/,&+-]\s*{_W}){{0,3}})\.?\s*/{{1,2}}\W*$"
    # /Belga ; انتهى / واس ; AGERPRES (RO - autor: Ana Pop)
    rf"|\s*/\s*(?P<opened>{_W})\W*$|\s*(?:(?i:end|fin|ende)|انتهى|النهاية|"
    rf"(?:\(النهاية\)))\s*/?\s*{_W}\W*$"
    rf"|\s*{_STRONG}\s?/?\s?\((?=[^()]*:)[^()]{{2,120}}\)\W*$"
    rf"|\s*(?P<ended>{_W}(?:\s*[/-]\s*{_W}){{0,2}})\s*/\s*(?i:fim|fin|end|ende|fine|slut|slutt|"
    r"einde|"
    r"konec|koniec|kraj|vége|sfârșit|loppu|lõpp|son|конец|кінець|край)\W*$"
)
_BARE_SIGNATURE = re.compile(
    rf"^\s*(?P<names>{_THE}(?:{_STRONG}|{LOOSE}{{2,}})(?:\s*(?:[/,&]|and|und|et|y|e)\s*"
    rf"(?:{_THE}{_W}|"
    rf"[\w.]{{1,14}})){{0,3}}(?:\s[a-z]{{2,4}}(?:[-/][a-z]{{2,4}}){{0,3}})?)\W*$"
)
_TERMINAL = r"[.!?”\"»。！？」』]"
_TRAILING = re.compile(
    rf"(?:(?<={_TERMINAL}) ?|(?<=\n) ?)(?:{_OPEN}\s*(?P<names>(?:[\w.]{{1,14}}\s*[/,&=-]\s*)"
    rf"{{0,3}}{_W}(?:\s*[/,&-]\s*(?:{_W}|[\w.]{{1,14}})){{0,3}})\s*{_CLOSE}|"
    rf"(?:/|[–—-]{{1,3}})\s?(?P<bare>{_W})\s?/?|(?<!\d[.”]\s)(?<=[^)]\s)(?P<plain>{_STRONG}|"
    rf"{LOOSE}{{3,}})(?:\s[A-Z]{{2,4}}){{0,4}}"
    # AGERPRES/(AS - autor: Ion Pop, editor: Ana Rus)
    rf"|{_STRONG}\s?/?\s?\([^()]{{2,120}}\))\W*$"
    # without a full stop before it: "... er lukket /ritzau/", "... 発表した（共同）。"
    rf"|(?<=\s)/{{1,2}}\s?(?P<slashed>{_W})\.?\s?/{{1,2}}\W*$"
    rf"|(?<={_TERMINAL} ){_STRONG}\s[a-z]{{2,4}}(?:[-/][a-z]{{2,4}}){{1,3}}$"
    rf"|(?<=[{_UNSPACED}]){_OPEN}\s?{_W}\s?{_CLOSE}\W*$"
    rf"|(?<=\w )\(\s?{_STRONG}\s?\)\.$"
)


# kle/uh (dpa, afp, rtr), red/dpa: editors and the agencies they worked from
_SLUG_LINE = re.compile(
    rf"^\s*[\w./-]{{1,20}}\s*\(\s*{_W}(?:\s*[,/]\s*(?:{_W}|\w{{2,6}}))*\s*\)\W*$"
    rf"|^\s*(?:[a-zß-ÿ]{{2,5}}\s?/\s?){{1,3}}{_W}(?:\s?/\s?(?:{_W}|[a-zß-ÿ]{{2,5}})){{0,3}}\W*$"
)
_MAX_SIGNATURE = 120


def match_signature(masked: str) -> tuple[int, int, bool] | None:
    """Return begin, end and whether it is in brackets, of a line that is only "— A" or "(A)"."""
    if len(masked) > _MAX_SIGNATURE:
        return None
    if _SLUG_LINE.match(masked) is not None:
        return 0, len(masked), False
    if (match := _SIGNATURE.fullmatch(masked.strip())) is not None:
        begin = len(masked) - len(masked.lstrip())
        return begin, begin + match.end(), match["open"] is not None
    if _BETWEEN_SLASHES.match(masked) is not None:
        return 0, len(masked), True
    if (match := _BARE_SIGNATURE.match(masked)) is not None:
        return match.start("names"), match.end("names"), True
    return None


def match_final_credit(masked: str) -> tuple[int, int] | None:
    """Return the offsets of an agency in brackets after the last sentence: "... he said. (A)"."""
    begin = max(0, len(masked) - 160)
    match = _TRAILING.search(masked, begin)
    return (match.start() + (masked[match.start()] == " "), len(masked.rstrip())) if match else None


_UNKNOWN = re.compile(r"/\s?(?P<name>[^\W\d_a-zß-ÿ][^\W\d_]{3,15}(?:-[^\W\d_]{2,10})?)\s?/\W*$")
_NO_NAMES = frozenset(
    ("ende", "fine", "slut", "konec", "koniec", "kraj", "конец", "more", "file",
     "photo", "pool", "foto", "ends")
)  # fmt: skip


def read_unknown_sign_off(line: str) -> str | None:
    """Return the name between slashes on a line of its own, where no agency known here stands.

    The place and the form say that somebody signs the text; initials are shorter.
    """
    match = _UNKNOWN.fullmatch(line.strip())
    if match is None or match["name"].casefold() in _NO_NAMES:
        return None
    return match["name"]
