"""What shows that a paragraph is the outlet's own: it was told something, or was there.

An agency's copy names the agency in such places ("told Reuters"), and never speaks of itself as
"this newspaper" or "we". So a paragraph that names its outlet as the one who was told, or speaks in
the first person outside quotation marks, was written by the outlet. That is evidence; that nobody
else is known to have a paragraph is none.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from wirethread.articles.types.articles import ParagraphId, ParagraphKind
from wirethread.clustering.outlets import spell_outlet
from wirethread.clustering.types import ArticleText

__all__ = ["find_own_paragraphs", "find_own_words"]

_TOLD = (
    r"(?:told|tells|to|with|by|for|from|at|gegenüber|von|mit|bei|der|dem|den|à|au|aux|du|par|avec|"
    r"a|al|con|por|del|da|dal|dall['’]|alla|alle|ao|pelo|aan|tegen|door|met|til|till|fra|av|med|do|dla|"
    r"od|z|naší|pro|для|газете|изданию|журналу|газеты)"
)
_THE = r"(?:[Tt]he|der|die|das|den|le|la|les|el|il|de|den|o|l['’])"
_REPORTER = (
    r"(?:reporters?|correspondents?|journalists?|photographers?|columnists?|staff|newsroom|editors?|"
    r"readers?|interview|has\s+(?:seen|learned|reviewed|obtained)|saw|reviewed|obtained|visited|"
    r"asked|understands|first\s+reported|contacted|reached)"
)
_SELF = re.compile(
    r"\bthis\s+(?:newspaper|paper|reporter|newsroom|publication|magazine|news\s+organi[sz]ation|"
    r"news\s+outlet|columnist|correspondent|broadcaster|station)\b"
    r"|\bour\s+(?:own\s+)?(?:reporters?|correspondents?|newsroom|newspaper|colleagues?|photographers?|"
    r"readers|editors?|sister\s+paper)\b"
    r"|\b(?:dieser|unserer|unsere)\s+(?:zeitung|redaktion)\b|\bunser(?:em|er|en)?\s+(?:reporter|"
    r"korrespondent|mitarbeiter)\w*"
    r"|\b(?:notre|ce)\s+(?:journal|rédaction|correspondante?|reporter|envoyée?)\b"
    r"|\b(?:este|nuestro)\s+(?:diario|periódico|medio|corresponsal)\b|\beste\s+jornal\b"
    r"|\b(?:nuestra|nossa)\s+(?:redacción|redação|reportagem)\b"
    r"|\b(?:questo|nostro)\s+(?:giornale|inviato|corrispondente)\b|\bnostra\s+redazione\b"
    r"|\b(?:deze|onze)\s+(?:krant|redactie|verslaggever|verslaggeefster|correspondent)\b"
    r"|\b(?:denne|vår|vores)\s+(?:avis|reporter|medarbejder|redaktion|tidning)\b"
    r"|\b(?:наше(?:му|й)|наша)\s+(?:газете|изданию|корреспонденту|корреспондент|редакции)\b"
    r"|\b(?:naszej|nasz)\s+(?:gazecie|redakcji|reporter)\b|\bnaší\s+(?:redakci|redakce)\b",
    re.I,
)
_FIRST_PERSON = re.compile(
    r"(?:^|(?<=[\s(]))(?:I(?:['’](?:m|ve|d|ll))?|[Ww]e(?:['’](?:re|ve|d|ll))?|[Mm]y|[Oo]ur)(?=\s+[a-z])"
)
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|„[^“”]*[“”]|«[^»]*»|»[^«]*«|‘[^’]*’(?!\w)")
_OPENED = re.compile(r"[“\"„«»‘]")
_SPEECH = re.compile(r"\b(?:said|says|told|added|asked|argued|wrote|tweeted)\b", re.I)
_CONTEXT = 40


def find_own_paragraphs(articles: Sequence[ArticleText]) -> dict[ParagraphId, str]:
    """The body paragraphs that are their outlet's own by what they say, with the words."""
    found: dict[ParagraphId, str] = {}
    for article in articles:
        for paragraph in article.paragraphs:
            if paragraph.kind is ParagraphKind.BODY:
                words = find_own_words(article, paragraph.text)
                if words is not None:
                    found[paragraph.paragraph_id] = words
    return found


def find_own_words(article: ArticleText, text: str) -> str | None:
    """The words of a paragraph that show it to be the outlet's own; None where nothing does."""
    found = (
        _SELF.search(text)
        or _find_outlet(text, article.outlet)
        or _find_reporter(text, article.byline)
        or (_find_first_person(text) if article.language == "en" and not article.agency else None)
    )
    return _cut(text, found.start(), found.end()) if found is not None else None


def _find_outlet(text: str, outlet: str) -> re.Match[str] | None:
    """The outlet named as one who was told, asked or was there."""
    pattern = _name_pattern(outlet)
    return pattern.search(text) if pattern is not None else None


@lru_cache(maxsize=10_000)
def _name_pattern(outlet: str) -> re.Pattern[str] | None:
    names = spell_outlet(outlet)
    if not names:
        return None
    name = "|".join(names)
    # of one word ("The Hill", "The Sun") it may be the thing that the paper is called after
    the = f"(?:{_THE}\\s*)?" if len(names) > 1 else r"(?:The\s+)?"
    return re.compile(
        rf"\b{_TOLD}\s*\b{the}(?:{name})(?![\w’'-])"
        rf"|\b(?:told|tells)\s+the\s+(?:{name})(?![\w’'-])"
        rf"|\b(?:{name})(?:['’]s)?\s+{_REPORTER}\b"
        rf"|(?:^|(?<=[.!?]\s))(?:The\s+)?(?:{name})\s+[a-z]+ed\b"
    )


def _find_reporter(text: str, byline: str | None) -> re.Match[str] | None:
    """A sentence in which one of the article's own reporters does something but speak."""
    if not byline or len(byline) > 200:
        return None
    people = re.split(r"[,;|/&]|\b(?:and|with|und|et|y|by|By)\b", byline)
    for person in people:
        words = person.split()
        if len(words) < 2 or len(words) > 4 or not words[-1][:1].isupper() or len(words[-1]) < 3:
            continue
        name = re.escape(words[-1].strip(".,"))
        for match in re.finditer(rf"(?:^|(?<=[.!?]\s)){name}\s+([a-z]+)\b", text):
            if _SPEECH.match(match[1]) is None:
                return match
    return None


def _find_first_person(text: str) -> re.Match[str] | None:
    """A first person outside quotation marks; None where a quotation mark stands alone."""
    unquoted = _QUOTED.sub(lambda match: " " * len(match[0]), text)
    if _OPENED.search(unquoted) or unquoted.lstrip()[:1] in "-–—":
        return None
    for match in _FIRST_PERSON.finditer(unquoted):
        before = unquoted[: match.start()].split()
        # "World War I was", "Elizabeth I and"
        if match[0] != "I" or not before or before[-1][-1] in ".!?:;" or before[-1].islower():
            return match
    return None


def _cut(text: str, begin: int, end: int) -> str:
    """The words with a little of what stands around them."""
    first = text.rfind(" ", 0, max(begin - _CONTEXT, 0)) + 1 if begin > _CONTEXT else 0
    last = text.find(" ", min(end + _CONTEXT, len(text)))
    return " ".join(text[first : last if last != -1 else len(text)].split())
