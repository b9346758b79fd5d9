"""A JSON object around the articles: where they stand in it."""

from collections.abc import Mapping
from typing import Any

__all__ = ["RECORDS", "describe_keys", "find_path", "list_records"]

RECORDS = "records"
"""Key in a mapping of columns that says where in a file the articles stand."""
_LISTS = (
    "articles", "entries", "items", "results", "docs", "documents", "stories", "posts", "news",
    "hits", "data", "value", "response", "result", "feed", "channel", "item", "entry", "_embedded",
    "story", "article", "records", "rows", "content",
)  # fmt: skip
"""Names under which services wrap their articles; any other list of articles is found too."""
_SIGNS = frozenset(
    """title headline headlines webTitle text maintext body body_html body_text bodies content
    content_html content_text contents content_elements articleBody plaintext description url link
    webUrl web_url _source item html guid""".split()  # noqa: SIM905
)
_TEXTS = frozenset(
    """text maintext main_text articleBody article_body body_text bodytext body_html body_xhtml
    bodies full_text raw_text plaintext content_html content_text html raw_html""".split()  # noqa: SIM905
)
_DEPTH = 4
_MAX_KEYS = 200


def list_records(value: Mapping[str, Any], path: str | None = None) -> list[Any] | None:
    """Return the articles inside an object, None where it is an article itself.

    `path` says where they stand, such as `payload.news`.

    Raises:
        ValueError: where nothing like a list stands at `path`.
    """
    if path:
        inner = find_path(value, path)
        if isinstance(inner, Mapping):
            return [inner]
        if not isinstance(inner, list):
            raise ValueError(f"it has no list at {path!r}; {describe_keys(value)}")
        return inner
    if _TEXTS & value.keys() or (isinstance(value.get("content_elements"), list) and (
        value.get("type") == "story" or "headlines" in value
    )):  # fmt: skip
        return None
    if "title" in value and isinstance(value.get("content"), str | Mapping):
        return None
    if isinstance(value.get("body"), str | Mapping):
        return None
    return _search(value, 0)


def _search(value: Mapping[str, Any], depth: int) -> list[Any] | None:
    keys = [key for key in _LISTS if key in value]
    keys += [key for key in list(value)[:_MAX_KEYS] if key not in _LISTS]
    for key in keys:
        inner = value[key]
        if not isinstance(inner, list):
            continue
        records = [record for record in inner if isinstance(record, Mapping)]
        is_named = key in _LISTS and (not inner or bool(records))
        if (records and _SIGNS & records[0].keys() and (key in _LISTS or len(records) > 1)) or (
            is_named and not inner and depth < 2 and not _SIGNS & value.keys()
        ):
            return inner
    if depth < _DEPTH:
        for key in keys:
            inner = value[key]
            if isinstance(inner, Mapping) and key in _LISTS:
                found = _search(inner, depth + 1)
                if found is not None:
                    return found
                if key in ("item", "article", "story", "entry") and _SIGNS & inner.keys():
                    return [inner]
    return None


def find_path(value: Any, path: str) -> Any:
    """Return what stands at a dotted path (`payload.story.0`), None where there is nothing."""
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def describe_keys(value: Mapping[str, Any]) -> str:
    """Return the keys of an object, and what could be written in `columns:` to have it read."""
    keys = ", ".join(str(key)[:40] for key in list(value)[:20])
    longest = _find_longest(value, "", 0)
    if longest is None:
        return f"its keys are {keys}"
    inside, path = longest
    name = f"{{{RECORDS}: {inside}, text: {path}}}" if inside else f"{{text: {path}}}"
    return f"its keys are {keys}; say which is which with `columns:`, such as {name}"


def _find_longest(value: Any, path: str, depth: int) -> tuple[str, str] | None:
    """Return where the longest words stand: the list they are in ("" for none), and the path."""
    best: tuple[int, str, str] = (39, "", "")
    waiting: list[tuple[Any, str, str, int]] = [(value, "", path, depth)]
    n_seen = 0
    while waiting and n_seen < 2_000:
        n_seen += 1
        inner, inside, place, level = waiting.pop(0)
        if isinstance(inner, str):
            best = max(best, (len(inner), inside, place))
        elif isinstance(inner, Mapping) and level < 6:
            waiting += [
                (part, inside, f"{place}.{key}" if place else str(key), level + 1)
                for key, part in list(inner.items())[:_MAX_KEYS]
            ]
        elif isinstance(inner, list) and level < 6 and not inside:
            waiting += [(part, place, "", level + 1) for part in inner[:3]]
    return None if not best[2] else (best[1][:80], best[2][:80])
