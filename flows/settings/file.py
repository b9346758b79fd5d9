"""The settings as a commented file, written from the dataclasses that own them."""

import ast
import inspect
import textwrap
from dataclasses import fields, is_dataclass
from typing import Any

import yaml

from wirethread.flows.settings.config import Settings

__all__ = ["write_default_settings"]

HEAD = """\
# Every setting of wirethread with its default. A settings file of your own names only what it
# changes. `wirethread config` prints what is in force, `wirethread config --defaults` this file.

"""
LINE_WIDTH = 98


def write_default_settings() -> str:
    """Return the text of `config.yaml`: each setting with default, unit and effect."""
    return HEAD + "".join(describe_fields(Settings, Settings(), indent=0))


def describe_fields(owner: type, values: Any, *, indent: int) -> list[str]:
    """Return a comment and a `name: value` line for each field of a settings dataclass."""
    notes = read_field_notes(owner)
    lines: list[str] = []
    for one in fields(owner):
        value = getattr(values, one.name)
        if is_dataclass(value) and not isinstance(value, type):
            lines += ["\n", comment(first_sentence(type(value)), indent), f"{one.name}:\n"]
            lines += describe_fields(type(value), value, indent=indent + 2)
        else:
            lines += [comment(notes[one.name], indent), f"{' ' * indent}{dump(one.name, value)}"]
    return lines


def read_field_notes(owner: type) -> dict[str, str]:
    """Return what the source says under each field of a dataclass.

    Raises `ValueError` for a field without a note: a setting must tell its effect.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    body = next(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)).body
    notes: dict[str, str] = {}
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            is_note = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            if is_note:
                notes[node.target.id] = inspect.cleandoc(str(after.value.value))  # type: ignore[union-attr]
    missing = [
        one.name for one in fields(owner) if one.name not in notes and one.type not in SECTIONS
    ]
    if missing:
        raise ValueError(f"{owner.__name__}.{missing[0]} has no docstring that tells its effect")
    return notes


SECTIONS = {
    one.type if isinstance(one.type, type) else None
    for one in fields(Settings)
    if isinstance(one.default_factory, type)
}


def first_sentence(owner: type) -> str:
    """Return the first paragraph of a class's docstring in one line."""
    return " ".join(inspect.getdoc(owner).split("\n\n")[0].split())  # type: ignore[union-attr]


def comment(text: str, indent: int) -> str:
    """Return a text as comment lines."""
    prefix = " " * indent + "# "
    return (
        textwrap.fill(
            " ".join(text.split()),
            LINE_WIDTH,
            initial_indent=prefix,
            subsequent_indent=prefix,
            break_on_hyphens=False,
        )
        + "\n"
    )


def dump(name: str, value: Any) -> str:
    """Return one setting as a line of YAML."""
    return yaml.safe_dump({name: value}, sort_keys=False)
