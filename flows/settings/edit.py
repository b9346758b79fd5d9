"""Change some settings in a settings file and leave everything else in it as it stands."""

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

from wirethread.articles.errors import ConfigError
from wirethread.flows.settings.config import Settings, load_settings
from wirethread.storage.engine.whole_file import write_small_file

__all__ = ["write_section"]

MAX_WIDTH = 10_000
"""Characters of a line, beyond which it would be folded."""


def write_section(path: Path, section: str, values: Mapping[str, float | str]) -> None:
    """Set numbers in one section of a settings file; comments and other settings stay.

    The file is made where there is none, and swapped in whole. Raises `ConfigError`, leaving the
    file as it was, where it is no settings file or is laid out so that this cannot be done safely.
    """
    path = path.resolve()
    before = load_settings(path) if path.exists() else Settings()
    wanted = replace(before, **{section: replace(getattr(before, section), **values)})

    def refuse_other_meaning(draft: Path) -> None:
        if not says(draft, wanted):
            raise ConfigError(
                f"{path}: {section} is laid out so that it cannot be changed safely; write it "
                "as lines of `name: value`"
            )

    try:
        text = path.read_bytes().decode("utf-8") if path.exists() else ""
        edited = edit_section(text, section, values)
        write_small_file(path, edited, check=refuse_other_meaning)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error


def says(path: Path, wanted: Settings) -> bool:
    """Say whether a settings file means these settings."""
    try:
        return load_settings(path) == wanted
    except ConfigError:
        return False


def edit_section(text: str, section: str, values: Mapping[str, float | str]) -> str:
    """Return a settings file with the values set in one section."""
    newline = "\r\n" if "\r\n" in text else "\n"
    editor = YAML()
    editor.preserve_quotes = True
    editor.width = MAX_WIDTH
    editor.indent(mapping=2, sequence=4, offset=2)
    editor.representer.add_representer(type(None), write_null)
    try:
        root = editor.load(text)
        if root is None:  # nothing but remarks, which it would lose
            lines = "".join(f"  {name}: {value}\n" for name, value in values.items())
            gap = "\n" if text and not text.endswith("\n") else ""
            return f"{text}{gap}{section}:\n{lines}".replace("\r\n", "\n").replace("\n", newline)
        block = root.setdefault(section, CommentedMap())
        for name, value in values.items():
            block[name] = value
    except (YAMLError, AttributeError, TypeError) as error:
        raise ConfigError(f"{section} cannot be changed in it: {error}") from error
    written = io.StringIO()
    editor.dump(root, written)
    return written.getvalue().replace("\n", newline)


def write_null(representer: RoundTripRepresenter, _: None) -> ScalarNode:
    """Write nothing as `null`, as the shipped file does."""
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")
