"""Tables of one's own beside the settings, `agencies.yaml` and `notices.yaml`, checked by line.

What stands in them is added to the tables shipped here: agencies (one of a known name gets more
spellings), and forms of notices.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from wirethread.articles.errors import ConfigError

__all__ = [
    "AGENCIES",
    "NOTICES",
    "OwnList",
    "check_pattern",
    "find_own_list",
    "read_entries",
    "refuse",
    "use_lists_of",
]

AGENCIES, NOTICES = "agencies.yaml", "notices.yaml"


@dataclass(frozen=True, slots=True)
class OwnList:
    """One file as it was when the settings were read; equal ones need no reading again."""

    path: Path
    changed_at_ns: int


_in_use: dict[str, OwnList] = {}
"""By file name: the tables of the settings in force. There is one set of settings a process."""


def use_lists_of(folder: Path) -> None:
    """Use the tables that lie in a folder, beside its settings, and no other folder's."""
    _in_use.clear()
    for name in (AGENCIES, NOTICES):
        path = folder / name
        if path.is_file():
            _in_use[name] = OwnList(path.resolve(), path.stat().st_mtime_ns)


def find_own_list(name: str) -> OwnList | None:
    """Return the table of that file name in force, or None where there is none."""
    return _in_use.get(name)


def refuse(path: Path, node: Node, words: str) -> ConfigError:
    """Return the error that names file and line of what cannot be taken."""
    return ConfigError(f"{path}:{node.start_mark.line + 1}: {words}")


def read_entries(
    path: Path, known: Mapping[str, type], required: Sequence[str]
) -> list[tuple[dict[str, Any], dict[str, Node]]]:
    """Return the entries of a table, each with the place of every key ("" is the entry's own).

    `known` gives by key whether its value is a `str`, a `bool` or a `list` of words.
    Raises `ConfigError` naming file, line and key where the file is not YAML, an entry is no list
    of keys, a key is unknown or missing, or a value is of another kind.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: not valid YAML: {error.problem}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    if root is None:
        return []
    if not isinstance(root, SequenceNode):
        raise refuse(path, root, "expected a list of entries, each beginning with `-`")
    return [_read_entry(path, node, known, required) for node in root.value]


def _read_entry(
    path: Path, node: Node, known: Mapping[str, type], required: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Node]]:
    if not isinstance(node, MappingNode):
        raise refuse(path, node, "expected an entry of `key: value` lines")
    values: dict[str, Any] = {}
    places: dict[str, Node] = {"": node}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key not in known:
            raise refuse(path, key_node, f"{key}: unknown key; known are {', '.join(known)}")
        if key in values:
            raise refuse(path, key_node, f"{key}: given twice")
        values[key] = _read_value(path, key, value_node, known[key])
        places[key] = value_node
    for key in required:
        if not values.get(key):
            raise refuse(path, node, f"{key}: missing")
    return values, places


def _read_value(path: Path, key: str, node: Node, kind: type) -> Any:
    if kind is list:
        if not isinstance(node, SequenceNode):
            raise refuse(path, node, f"{key}: expected a list of words in [brackets]")
        for item in node.value:
            if not isinstance(item, ScalarNode) or not str(item.value).strip():
                raise refuse(path, item, f"{key}: expected words, not {_describe(item)}")
        return tuple(str(item.value) for item in node.value)
    if not isinstance(node, ScalarNode) or not str(node.value).strip():
        raise refuse(path, node, f"{key}: expected a word, not {_describe(node)}")
    if kind is bool:
        if node.value not in ("true", "false"):
            raise refuse(path, node, f"{key}: expected true or false, not {node.value!r}")
        return node.value == "true"
    return str(node.value)


def _describe(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return repr(node.value)
    return "a list" if isinstance(node, SequenceNode) else "keys and values"


def check_pattern(path: Path, key: str, node: Node, words: str) -> None:
    """Refuse words that are no regular expression."""
    try:
        re.compile(words)
    except re.error as error:
        raise refuse(path, node, f"{key}: {words!r} is no pattern: {error}") from error
