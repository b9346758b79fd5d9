"""`correct`: what a person knows better, and holds over every later run."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

from typing import Annotated

import typer

from wirethread.terminal.app import App
from wirethread.terminal.console import print_answer
from wirethread.terminal.options import (
    AsJson,
    ConfigFile,
    DataFolder,
    find_folder,
)

__all__ = ["add_correcting"]

Why = Annotated[str, typer.Option("--why", help="The reason, kept with the correction.")]
Who = Annotated[str | None, typer.Option("--by", help="Who says it; else the account's name.")]


def add_correcting(app: typer.Typer) -> None:
    """Add the commands."""
    told = "Say what belongs together; it holds over every later run."
    correct = App(within="correct", help=told)
    correct.command(name="join")(correct_join)
    correct.command(name="split")(correct_split)
    correct.command(name="pin-title")(correct_pin_title)
    correct.command(name="undo")(correct_undo)
    correct.command(name="list")(correct_list)
    app.add_typer(correct, name="correct")


def correct_join(
    left: Annotated[str, typer.Argument(help="Article, or story cluster.")],
    right: Annotated[str, typer.Argument(help="Article, or story cluster.")],
    why: Why = "",
    who: Who = None,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Put two articles in one story cluster, for good."""
    from wirethread.drawing.answers import draw_correction
    from wirethread.flows.operations.correct import say_together
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    effect = say_together(settings, left, right, reason=why, said_by=who)
    print_answer(effect, as_json=as_json, draw=draw_correction)


def correct_split(
    left: Annotated[str, typer.Argument(help="Article, or story cluster.")],
    right: Annotated[str, typer.Argument(help="Article, or story cluster.")],
    why: Why = "",
    who: Who = None,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Keep two articles in different story clusters, for good."""
    from wirethread.drawing.answers import draw_correction
    from wirethread.flows.operations.correct import say_apart
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    effect = say_apart(settings, left, right, reason=why, said_by=who)
    print_answer(effect, as_json=as_json, draw=draw_correction)


def correct_pin_title(
    story_id: Annotated[str, typer.Argument(help="Story cluster.")],
    title: Annotated[str, typer.Argument(help="Its title from now on.")],
    why: Why = "",
    who: Who = None,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Give a story cluster a title that no later run changes."""
    from wirethread.drawing.answers import draw_correction
    from wirethread.flows.operations.correct import pin_title
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    effect = pin_title(settings, story_id, title, reason=why, said_by=who)
    print_answer(effect, as_json=as_json, draw=draw_correction)


def correct_undo(
    correction_id: Annotated[str, typer.Argument(help="As `correct list` shows it.")],
    who: Who = None,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Take a correction back."""
    from wirethread.drawing.answers import draw_undo
    from wirethread.flows.operations.correct import undo_correction
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    effect = undo_correction(settings, correction_id, said_by=who)
    print_answer(effect, as_json=as_json, draw=draw_undo)


def correct_list(
    everything: Annotated[bool, typer.Option("--all", help="Also those taken back.")] = False,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """List what people said, with who, when and why."""
    from wirethread.drawing.answers import draw_corrections
    from wirethread.flows.operations.correct import list_corrections

    found = list_corrections(str(find_folder(config, data)), with_undone=everything)
    print_answer(found, as_json=as_json, draw=draw_corrections)
