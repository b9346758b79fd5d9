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
    for field in fields(owner):
        value = getattr(values, field.name)
        if is_dataclass(value) and not isinstance(value, type):
            lines += ["\n", comment(first_sentence(type(value)), indent), f"{field.name}:\n"]
            lines += describe_fields(type(value), value, indent=indent + 2)
        else:
            lines += [
                comment(notes[field.name], indent),
                f"{' ' * indent}{dump(field.name, value)}",
            ]
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
        field.name
        for field in fields(owner)
        if field.name not in notes and field.type not in SECTIONS
    ]
    if missing:
        raise ValueError(f"{owner.__name__}.{missing[0]} has no docstring that tells its effect")
    return notes


SECTIONS = {
    field.type if isinstance(field.type, type) else None
    for field in fields(Settings)
    if isinstance(field.default_factory, type)
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
