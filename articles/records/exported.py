"""Records that an archive wrote in the form of others: what it concluded is told from what it read.

ninjs, ANS and passim have no place for all that an article is, and places for agencies, outlet and
notes that hold what was found out as well. Where a record is an export of ours, only what had been
read is read again: a conclusion that came back as a credit would prove itself.
"""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["NOTE_ROLE", "OWN_ID", "OWN_NAME", "OWN_NOTE", "PUBLISHED_DAY", "restore_export"]

OWN_NAME = "wirethread"
"""Key of an object in ANS, and role of an id in ninjs, by which an export of ours is known."""
OWN_ID = "wirethread_source_id"
"""Field of passim's documents: the id in the source of the article; empty where it had none."""
OWN_NOTE = "wirethread: "
"""In front of the line of a note that was concluded."""
PUBLISHED_DAY = "published_day"
"""Role of an id in ninjs that is the day of an article whose time of day nobody gave."""
NOTE_ROLE = "note:"
"""In front of the field of a note, as role of an id in ninjs that is its words."""

_SUPPLIERS = ("photo", "contributor", "syndicated", "handout")


def restore_export(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an export of ours with the fields of its article; any other record as it is."""
    if isinstance(record.get(OWN_ID), str):
        plain = {name: value for name, value in record.items() if name != OWN_ID}
        return plain | {"id": record[OWN_ID] or None}
    more = record.get("additional_properties")
    own = more.get(OWN_NAME) if isinstance(more, Mapping) else None
    if isinstance(own, Mapping):
        return _restore_ans(record, own)
    ids = dict(_list_roles(record.get("altIds"), "value"))
    return _restore_ninjs(record, ids) if OWN_NAME in ids else record


def _restore_ans(record: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    plain = dict(record)
    for name in ("_id", "version", "distributor"):
        plain.pop(name, None)
    plain |= {"id": own.get("source_id"), "outlet": own.get("outlet")}
    if isinstance(own.get("url"), str):
        plain.pop("canonical_url", None)
        plain["url"] = own["url"]
    if own.get("published_precision") == "day":
        plain["published_at"] = str(plain.pop("publish_date", ""))[:10]
    if not own.get("is_updated"):
        plain.pop("last_updated_date", None)
    notes = own.get("notes")
    if isinstance(notes, Mapping):
        plain |= notes
    declared = {}
    stated = own.get("credits")
    for credit in stated if isinstance(stated, list) else ():
        if isinstance(credit, Mapping) and isinstance(credit.get("field"), str):
            declared[credit["field"]] = credit.get("evidence")
    return plain | {"declared": declared}


def _restore_ninjs(record: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    plain = dict(record)
    for name in ("uri", "version", "infoSources", "altIds"):
        plain.pop(name, None)
    plain |= {"id": ids.get("source"), "url": ids.get("url")}
    for role, words in ids.items():
        if role.startswith(NOTE_ROLE):
            plain[role.removeprefix(NOTE_ROLE)] = words
    if PUBLISHED_DAY in ids:
        plain.pop("firstCreated", None)
        plain["published_at"] = ids[PUBLISHED_DAY]
    if plain.get("pubStatus") == "usable":  # said of every article
        del plain["pubStatus"]
    if plain.get("versionCreated") == record.get("firstCreated"):
        plain.pop("versionCreated", None)
    if isinstance(plain.get("by"), str):
        plain["authors"] = plain.pop("by").split("; ")
    lines = str(plain.pop("edNote", "")).split("\n")
    if words := "\n".join(line for line in lines if not line.startswith(OWN_NOTE)):
        plain["edNote"] = words
    declared: dict[str, list[str]] = {}
    for role, name in _list_roles(record.get("infoSources"), "name"):
        if role == "publisher":
            plain["outlet"] = name
        elif role == "source":
            declared.setdefault("infosources", []).append(name)
        elif role in _SUPPLIERS:
            declared.setdefault(f"infosources.{role}", []).append(name)
    return plain | {"declared": declared}


def _list_roles(parts: Any, key: str) -> Iterator[tuple[str, str]]:
    """Yield role and words of the objects of a list that have both."""
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, Mapping):
            role, words = part.get("role"), part.get(key)
            if isinstance(role, str) and isinstance(words, str):
                yield role, words
