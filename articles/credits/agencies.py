"""The table of agencies (`agencies.yaml`) and where they are named in a text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

import yaml

from wirethread.articles.credits.own_lists import (
    AGENCIES,
    OwnList,
    find_own_list,
    read_entries,
    refuse,
)
from wirethread.articles.normalize import normalize_text
from wirethread.articles.types.articles import UNNAMED_AGENCY

__all__ = [
    "Agency",
    "AgencyKind",
    "Mention",
    "find_agencies_in_words",
    "find_agency",
    "find_mentions",
    "is_agency_outlet",
    "load_agencies",
    "name_agency",
]


class AgencyKind(StrEnum):
    """What an agency mainly supplies."""

    WIRE = "wire"
    PHOTO = "photo"
    HANDOUT = "handout"
    SYNDICATE = "syndicate"
    """Text that papers run by agreement, under a line that names whose it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """One entry of the table; `agencies.yaml` explains each field."""

    name: str
    full_name: str
    kind: AgencyKind
    country: str
    spellings: tuple[str, ...]
    ambiguous: tuple[str, ...] = ()
    slugs: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A place in a text where an agency's name stands, whatever it means there."""

    agency: Agency
    begin: int
    end: int
    is_ambiguous: bool
    """Whether the spelling means other things too, so that it needs a full convention."""


def load_agencies() -> tuple[Agency, ...]:
    """Return the table in the order of the file, then those of one's own (`own_tables`).

    Raises:
        ValueError: where an entry has an unknown field, or two entries share a name or spelling.
        ConfigError: where an own entry is not well-formed; it names file, line and key.
    """
    return _load_agencies(find_own_list(AGENCIES))


@cache
def _load_agencies(own: OwnList | None) -> tuple[Agency, ...]:
    content = (
        files("wirethread.articles.credits").joinpath("agencies.yaml").read_text(encoding="utf-8")
    )
    shipped = parse_agencies(content)
    return shipped if own is None else _add_own(shipped, own)


_OWN_KEYS: dict[str, type] = {
    "name": str,
    "full_name": str,
    "kind": str,
    "country": str,
    "spellings": list,
    "ambiguous": list,
    "slugs": list,
    "domains": list,
    "languages": list,
}


def _add_own(shipped: tuple[Agency, ...], own: OwnList) -> tuple[Agency, ...]:
    """Return the shipped agencies with those of an own table, which may add to a known one."""
    table = {agency.name: agency for agency in shipped}
    owners = {
        word: agency.name
        for agency in shipped
        for word in (agency.name, *agency.spellings, *agency.ambiguous)
    }
    for values, places in read_entries(own.path, _OWN_KEYS, required=("name",)):
        values.pop("languages", None)
        name = values["name"]
        known = table.get(name)
        if known is None and "kind" not in values:
            raise refuse(own.path, places[""], f"kind: missing; {name} is no known agency")
        if "kind" in values:
            try:
                values["kind"] = AgencyKind(values["kind"])
            except ValueError:
                kinds = ", ".join(AgencyKind)
                words = f"kind: expected one of {kinds}, not {values['kind']!r}"
                raise refuse(own.path, places["kind"], words) from None
        for key in ("name", "spellings", "ambiguous"):
            for word in (name,) if key == "name" else values.get(key, ()):
                owner = owners.setdefault(word, name)
                if owner != name:
                    raise refuse(own.path, places[key], f"{key}: {word!r} belongs to {owner}")
        if known is None:
            defaults = {"full_name": name, "country": "", "spellings": (name,)}
            table[name] = Agency(**{**defaults, **values})
        else:
            more = {
                key: tuple(dict.fromkeys((*getattr(known, key), *value)))
                for key, value in values.items()
                if isinstance(value, tuple)
            }
            plain = {key: value for key, value in values.items() if not isinstance(value, tuple)}
            table[name] = replace(known, **{**plain, **more})
    return tuple(table.values())


def parse_agencies(content: str) -> tuple[Agency, ...]:
    """Return the agencies of a YAML document in the format of `agencies.yaml`."""
    agencies = []
    owners: dict[str, str] = {}
    for entry in yaml.safe_load(content):
        try:
            lists = {
                key: tuple(str(word) for word in value)
                for key, value in entry.items()
                if isinstance(value, list)
            }
            agency = Agency(**{**entry, **lists, "kind": AgencyKind(entry["kind"])})
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(f"agency entry {entry!r} is not well-formed: {error}") from error
        for spelling in {agency.name, *agency.spellings, *agency.ambiguous}:
            owner = owners.setdefault(spelling, agency.name)
            if owner != agency.name:
                raise ValueError(f"{spelling!r} belongs to both {owner} and {agency.name}")
        agencies.append(agency)
    return tuple(agencies)


# Chinese, Japanese and Korean names stand without spaces around them.
_UNSPACED_NAME = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class _Index:
    pattern: re.Pattern[str]
    small_pattern: re.Pattern[str]
    small_needles: tuple[str, ...]
    by_spelling: dict[str, tuple[Agency, bool]]
    by_folded: dict[str, Agency]
    by_exact: dict[str, Agency]
    by_domain: dict[str, Agency]
    by_slug: dict[str, Agency]
    slug_line: re.Pattern[str]


def _index_agencies() -> _Index:
    return _build_index(find_own_list(AGENCIES))


@cache
def _build_index(own: OwnList | None) -> _Index:
    agencies = _load_agencies(own)
    by_spelling: dict[str, tuple[Agency, bool]] = {}
    by_folded: dict[str, Agency] = {}
    by_exact: dict[str, Agency] = {}
    by_domain: dict[str, Agency] = {}
    for agency in agencies:
        by_domain.update(dict.fromkeys(agency.domains, agency))
        by_exact.update(dict.fromkeys(agency.ambiguous, agency))
        by_exact[agency.name] = agency
        by_folded.setdefault(normalize_text(agency.full_name), agency)
        for spelling in agency.ambiguous:
            by_spelling[spelling] = (agency, True)
        for spelling in agency.spellings:
            by_spelling[spelling] = (agency, False)
            by_folded[normalize_text(spelling)] = agency
            if len(spelling) >= 5:
                by_spelling.setdefault(spelling.upper(), (agency, False))
    by_slug = {slug: agency for agency in agencies for slug in agency.slugs}
    small = [spelling for spelling in by_spelling if spelling[0].islower()]
    needles = tuple(before + spelling for spelling in small for before in (" ", "(", "/", "\n"))
    return _Index(
        _compile_names(spelling for spelling in by_spelling if not spelling[0].islower()),
        _compile_names(small),
        needles,
        by_spelling,
        by_folded,
        by_exact,
        by_domain,
        by_slug,
        _compile_slug_line(by_slug),
    )


def _compile_names(spellings: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all names, branched by first character so that a search skips ahead."""
    branches: dict[str, list[str]] = {}
    for spelling in sorted(spellings, key=len, reverse=True):
        words = r"\s+".join(re.escape(word) for word in spelling.split())
        edge = "" if _UNSPACED_NAME.search(spelling) else r"(?!\w)"
        branches.setdefault(spelling[0], []).append(words[len(re.escape(spelling[0])) :] + edge)
    parts = []
    for first, rests in sorted(branches.items()):
        before = "" if _UNSPACED_NAME.match(first) else rf"(?<!\w{re.escape(first)})"
        parts.append(f"{re.escape(first)}{before}(?:{'|'.join(rests)})")
    return re.compile("|".join(parts))


def _compile_slug_line(slugs: Iterable[str]) -> re.Pattern[str]:
    """The last line of a text that is "kle/uh (dpa, afp)", "(apa/ag)" or "Quelle: apa/dpa"."""
    one = "|".join(sorted(map(re.escape, slugs), key=len, reverse=True))
    part = rf"(?:{one}|\w{{2,5}})"
    return re.compile(
        rf"(?:^|\n)\s*(?:(?:[\w./-]{{1,20}}\s*)?\(|(?:Quelle|Source|Fuente|Fonte|Bron)n?\s?:\s?)"
        rf"(?P<slugs>{part}(?:\s*[,/]\s*{part}){{0,5}})\)?\s*$"
    )


# A person of that name, or an institution that only carries it.
_OTHER_BEFORE = re.compile(
    r"(?:\b(?:Mike|Michael|Mayor|Mr\.|Mrs\.|Ms\.|Emma|Georgina|Candidate|Billionaire|Bill)|"
    r"[@#])\s?$"
)
_OTHER_AFTER = re.compile(
    r"\s(?:&\sCo|Philanthropies|Foundation|Institute|Terminal|School|Tower|Stylebook|Stadium|"
    r"Distinguished|Scholars?|(?i:class(?:es)?|courses?|exams?)\b|Calculus|V\b|Light\b|vaccine)"
)


def find_mentions(text: str) -> list[Mention]:
    """Return every agency name in `text`, longest spelling first, without overlaps.

    People and institutions that only carry such a name ("Mike Bloomberg", "Reuters Institute")
    are left out.
    """
    index = _index_agencies()
    mentions = []
    matches = list(index.pattern.finditer(text))
    # Names that begin with a small letter ("dpa") are rare, and would slow the search for all.
    if text[:1].islower() or any(map(text.__contains__, index.small_needles)):
        matches = sorted(
            [*matches, *index.small_pattern.finditer(text)], key=lambda match: match.start()
        )
    last_end = 0
    for match in matches:
        begin, end = match.span()
        if begin < last_end:
            continue
        last_end = end
        if _OTHER_AFTER.match(text, end) or _OTHER_BEFORE.search(text, max(0, begin - 12), begin):
            continue
        spelling = match[0]
        found = index.by_spelling.get(spelling) or index.by_spelling[" ".join(spelling.split())]
        mentions.append(Mention(agency=found[0], begin=begin, end=end, is_ambiguous=found[1]))
    mentions = _merge(mentions, _find_slugs(text))
    return _merge(mentions, _find_unnamed(text, mentions))


_UNNAMED = Agency(
    name=UNNAMED_AGENCY,
    full_name="agencies that are not named",
    kind=AgencyKind.WIRE,
    country="",
    spellings=(),
)
_LONGEST_LINE = 400
"""Characters; a longer line is no credit, and looked at no closer."""
_UNNAMED_HINT = re.compile(
    r"[Aa]genc|AGENC|gentur|[Ww]ire|WIRE|[Nn]ews [Ss]ervice|[Aa]genz|[Aa]gên|byrå|ersbureau|"
    r"yndicated"
)
_UNNAMED_WORDS = re.compile(
    r"\b(?:(?i:(?:combined\s+|other\s+|various\s+|international\s+|local\s+)?(?:(?:news|wire|"
    r"press)[\s-](?:"
    r"agenc(?:y|ies)|services?)|wire|agency)\s(?:reports?|inputs?|copy|feeds?|materials?|"
    r"dispatches|sources))"
    r"|(?i:(?:combined\s+|other\s+|various\s+|international\s+)?(?:news|wire|press)[\s-]"
    r"(?:agencies|services))"
    r"|(?<![^\W\d_] )Agencies(?!\s(?:of|for|like|that|such|are|were|have|in|must|can|will|should))|"
    r"(?<![^\W\d_] )AGENCIES"
    r"|(?i:(?<=with\s)(?:other\s)?agencies|(?<=and\s)agencies|(?<=by\s)agencies|"
    r"(?<=from\s)agencies)(?=\W*$|\s(?:contrib|and\b))"
    r"|(?i:(?<=with\s)(?:\w{2,12}\s)?wires(?:\s(?:services?|reports?))?|(?<=from\s)"
    r"(?:\w{2,12}\s)?wires|(?<=and\s)(?:\w{2,12}\s)?wires|(?<=by\s)(?:\w{2,12}\s)?wires)(?=\W*$)"
    r"|(?i:(?<=from\sa\s)syndicated\s(?:news\s)?feed)(?!\s(?:from|of|by))"
    r"|(?i:agentur(?:en|material|meldungen|berichten?|angaben)|nachrichtenagenturen)(?=\W*$)"
    r"|(?i:(?<=avec\s)(?:les\s|des\s)?agences(?:\sde\spresse)?|(?<=con\s)agencias"
    r"(?:\sde\snoticias)?|(?<=com\s)agências"
    r"|(?<=información\sde\s)agencias|(?<=informações\sde\s)agências|(?<=con\s)(?:le\s)?agenzie"
    r"(?:\sdi\sstampa)?|redacción\sy\sagencias"
    r"|(?<=met\s)persbureaus|(?<=med\s)nyh\w+byrå\w*|(?<=par\s)agences|(?<=por\s)agencias)"
    r"(?=\W*$))\b",
    re.M,
)


def _find_unnamed(text: str, mentions: list[Mention]) -> list[Mention]:
    """Return where agencies stand without a name ("wire service reports") on lines without one."""
    named = [mention.begin for mention in mentions]
    found = []
    place = 0
    while (hint := _UNNAMED_HINT.search(text, place)) is not None:
        begin = text.rfind("\n", 0, hint.start()) + 1
        end = text.find("\n", hint.end())
        place = end = len(text) if end < 0 else end
        if end - begin > _LONGEST_LINE or any(begin <= other < end for other in named):
            continue
        found += [
            Mention(agency=_UNNAMED, begin=match.start(), end=match.end(), is_ambiguous=False)
            for match in _UNNAMED_WORDS.finditer(text, begin, end)
        ]
    return found


def _find_slugs(text: str) -> list[Mention]:
    """Return the agencies that the last line abbreviates in small letters."""
    index = _index_agencies()
    line = index.slug_line.search(text, max(0, len(text) - 90))
    if line is None:
        return []
    return [
        Mention(
            agency=index.by_slug[word[0]], begin=word.start(), end=word.end(), is_ambiguous=False
        )
        for word in re.compile(r"\w+").finditer(text, line.start("slugs"), line.end("slugs"))
        if word[0] in index.by_slug
    ]


def _merge(mentions: list[Mention], others: list[Mention]) -> list[Mention]:
    taken = {mention.begin for mention in mentions}
    new = [other for other in others if other.begin not in taken]
    return sorted([*mentions, *new], key=lambda mention: mention.begin) if new else mentions


_ARTICLE = re.compile(
    r"^(?:(?:by|from|the|via|par|von|der|die|das|la|le|il|de|agencia|agência|agence|agenzia)\s+|"
    r"l'\s?)+"
)
_STAFF = re.compile(
    r"\s+(?:staff|staff writers?|staff reporters?|writers?|reporters?|wire|wires|news wire|"
    r"news agency|newsroom|online|agency|in \w+|gmbh|ag|ltd|llc|inc|l ?p|s ?a|plc)$"
)


def find_agency(name_or_domain: str) -> str | None:
    """Return the short name of the agency that an outlet name, domain or URL belongs to.

    The whole of the words must name it: "Reuters", "reuters.com", "The Associated Press" and "AP"
    do, "AP classes" and "Reuters Institute" don't.
    """
    agency = _find_entry(name_or_domain)
    return agency.name if agency else None


def name_agency(name: str) -> str:
    """Return the short name of an agency however it is written: `Associated Press` is `AP`.

    A name that no agency has is returned as it is.
    """
    return find_agency(name) or name


def _find_entry(words: str) -> Agency | None:
    index = _index_agencies()
    stripped = words.strip().strip("()[]*-–—|.,;: ").strip()
    if not stripped or len(stripped) > 500:
        return None
    if (exact := index.by_exact.get(stripped)) is not None:
        return exact
    host = _read_host(stripped)
    if host is not None:
        return _find_by_host(host)
    folded = normalize_text(stripped)
    for candidate in (folded, _ARTICLE.sub("", folded), _STAFF.sub("", _ARTICLE.sub("", folded))):
        if (found := index.by_folded.get(candidate)) is not None:
            return found
    bare = re.sub(r"^(?:[Bb]y|[Tt]he|[Ff]rom|BY|THE)\s+", "", stripped)
    return index.by_exact.get(_STAFF.sub("", bare))


def _read_host(words: str) -> str | None:
    if " " in words or "." not in words:
        return None
    try:
        host = urlsplit(words if "//" in words else f"//{words}").hostname
    except ValueError:
        return None
    return host.lower() if host else None


def _find_by_host(host: str) -> Agency | None:
    index = _index_agencies()
    labels = host.split(".")
    for start in range(len(labels) - 1):
        if (agency := index.by_domain.get(".".join(labels[start:]))) is not None:
            return agency
    return index.by_folded.get(host)


_SEPARATORS = re.compile(
    r"\s*(?:[,;|/&·•()\[\]\n]|\s[-–—]\s|\b(?:and|und|et|y|e|with|via|for|of|from|by|avec|mit|con|"
    r"com)\b)\s*"
)


def find_agencies_in_words(words: str) -> list[Agency]:
    """Return the agencies that a structured field names ("Jane Doe, AP" names AP), in order."""
    whole = _find_entry(words)
    if whole is not None:
        return [whole]
    found: dict[str, Agency] = {}
    by_slug = _index_agencies().by_slug
    for part in _SEPARATORS.split(words[:2000]):
        agency = _find_entry(part) or by_slug.get(part) if part else None
        if agency is not None:
            found.setdefault(agency.name, agency)
    return list(found.values())


def is_agency_outlet(outlet: str | None, url: str | None = None) -> bool:
    """Tell whether an outlet, or the site that `url` lies on, is itself an agency."""
    return find_outlet_agency(outlet, url) is not None


def find_outlet_agency(outlet: str | None, url: str | None = None) -> Agency | None:
    """Return the agency that an outlet is; the outlet's name decides before the URL."""
    if outlet and (agency := _find_entry(outlet)) is not None:
        return agency
    if url and "//" in url:
        host = _read_host(url.split("?")[0].replace(" ", "%20"))
        if host is not None:
            return _find_by_host(host)
    return None
