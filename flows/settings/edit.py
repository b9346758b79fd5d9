"""Change some settings in a settings file and leave everything else in it as it stands."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node

from wirethread.articles.errors import ConfigError
from wirethread.flows.settings.config import Settings, load_settings

__all__ = ["write_section"]

Edit = tuple[int, int, str]
"""Characters begin to end of the file, and the text that takes their place."""


def write_section(path: Path, section: str, values: Mapping[str, float]) -> None:
    """Set numbers in one section of a settings file; comments and other settings stay.

    The file is made where there is none, and swapped in whole. Raises `ConfigError`, leaving the
    file as it was, where it is no settings file or is laid out so that this cannot be done safely.
    """
    path = path.resolve()
    before = load_settings(path) if path.exists() else Settings()
    wanted = replace(before, **{section: replace(getattr(before, section), **values)})
    try:
        text = path.read_bytes().decode("utf-8") if path.exists() else ""
        edited = edit_section(text, section, values)
        with tempfile.NamedTemporaryFile(
            "wb", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            draft = Path(file.name)
            file.write(edited.encode())
            file.flush()
            os.fsync(file.fileno())
        try:
            if not says(draft, wanted):
                raise ConfigError(
                    f"{path}: {section} is laid out so that it cannot be changed safely; write it "
                    "as lines of `name: value`"
                )
            draft.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error


def says(path: Path, wanted: Settings) -> bool:
    """Say whether a settings file means these settings."""
    try:
        return load_settings(path) == wanted
    except ConfigError:
        return False


def edit_section(text: str, section: str, values: Mapping[str, float]) -> str:
    """Return a settings file with the values set in one section."""
    newline = "\r\n" if "\r\n" in text else "\n"
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    block = find_value(root, section)
    if isinstance(block, MappingNode):
        edits = list(edit_block(text, block, values, newline))
    else:
        gap = newline if text and not text.endswith("\n") else ""
        lines = "".join(f"  {line(name, value)}{newline}" for name, value in values.items())
        edits = [(len(text), len(text), f"{gap}{section}:{newline}{lines}")]
    for begin, end, words in sorted(edits, reverse=True):
        text = text[:begin] + words + text[end:]
    return text


def edit_block(
    text: str, block: MappingNode, values: Mapping[str, float], newline: str
) -> Iterator[Edit]:
    """Yield what changes in a section: values give way, missing settings go before the first."""
    missing = []
    for name, value in values.items():
        found = find_value(block, name)
        if found is None:
            missing.append(line(name, value))
        else:
            yield found.start_mark.index, found.end_mark.index, write_number(value)
    if not missing or not block.value:
        return
    first = block.value[0][0].start_mark
    if block.flow_style:
        yield first.index, first.index, "".join(f"{one}, " for one in missing)
    else:
        indent = text[first.index - first.column : first.index]
        yield first.index, first.index, "".join(f"{one}{newline}{indent}" for one in missing)


def find_value(node: Node | None, name: str) -> Node | None:
    """Return the value of a key in a YAML mapping."""
    pairs = node.value if isinstance(node, MappingNode) else []
    return next((value for key, value in pairs if key.value == name), None)


def line(name: str, value: float) -> str:
    return f"{name}: {write_number(value)}"


def write_number(value: float) -> str:
    """Return a number as YAML writes it."""
    return yaml.safe_dump(value).partition("\n")[0]
