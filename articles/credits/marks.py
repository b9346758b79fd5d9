"""How a line looks to the patterns: agencies' names overwritten, everything else as it stands.

The patterns read *masked* text, in which every agency name is overwritten, letter by letter, with
one of four private characters, so that offsets stay and no pattern knows an agency:

`WIRE` an agency by a name that means nothing else, `LOOSE` by a name that means other things too
(AP, PA), `PHOTO` one that supplies pictures only, `RELEASE` a press-release service.
"""

import re
from collections.abc import Iterable

from wirethread.articles.credits.agencies import AgencyKind, Mention

__all__ = [
    "AGENCY",
    "ANY_MARK",
    "LOOSE",
    "PHOTO",
    "PIECE",
    "RELEASE",
    "TEXT_AGENCY",
    "THE",
    "THIS",
    "WIRE",
    "mask_agencies",
]

WIRE, LOOSE, PHOTO, RELEASE = "\ue000", "\ue001", "\ue002", "\ue003"
ANY_MARK = f"{WIRE}{LOOSE}{PHOTO}{RELEASE}"
"""For use inside a class of characters."""
TEXT_AGENCY = f"[{WIRE}{LOOSE}]+"
"""An agency that supplies text."""
AGENCY = f"[{ANY_MARK}]+"
THE = (
    r"(?:(?:[Tt]he|THE|[Dd]e[rnm]|[Dd]ie|[Dd]as|[Ll][aeo]s?|[Ll]['’]|[Dd]['’]|[Dd]e(?: la|"
    r" l['’])?|[Dd][ao]|[Dd]ell['’]|agen\w{2,5}|Agen\w{2,5})\s?){0,2}"
)
"""What may stand before a name, in several languages."""
THIS = r"(?:this|the|our|today['’]s)"
PIECE = (
    r"(?:reports?|story|stories|article|piece|post|dispatch|coverage|column|analysis|"
    r"investigation|reporting|news ?letter|live ?blog|blog|file|update|package|series|project|"
    r"roundup|obituary|fact[ -]check|podcast|page|copy|explainer|profile|review|breaking news)"
)
"""What a text is called by those who print it."""
_MARKS = {AgencyKind.PHOTO: PHOTO, AgencyKind.HANDOUT: RELEASE}
_PRIVATE = re.compile(f"[{ANY_MARK}]")


def mask_agencies(text: str, mentions: Iterable[Mention], offset: int = 0) -> str:
    """Return `text` with every mention overwritten by the character of its kind (same length)."""
    if _PRIVATE.search(text):
        text = _PRIVATE.sub(" ", text)
    parts: list[str] = []
    place = 0
    for mention in mentions:
        begin, end = mention.begin - offset, mention.end - offset
        mark = _MARKS.get(mention.agency.kind) or (LOOSE if mention.is_ambiguous else WIRE)
        if mention.agency.kind is AgencyKind.PHOTO and mention.is_ambiguous:
            mark = PHOTO
        parts += [text[place:begin], mark * (end - begin)]
        place = end
    parts.append(text[place:])
    return "".join(parts)
