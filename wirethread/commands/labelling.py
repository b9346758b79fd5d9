"""`wirethread label` asks people about pairs of articles, `wirethread calibrate` learns from it."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wirethread.articles.errors import ConfigError
from wirethread.terminal.console import print_answer, watch
from wirethread.terminal.options import AsJson, ConfigFile, DataFolder

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from wirethread.flows.evaluation.fitting import Calibration
    from wirethread.flows.evaluation.label import LabelPair, ShownArticle
    from wirethread.flows.evaluation.label_evidence import AgreementScore

__all__ = ["add_labelling"]

ANSWERS = {"y": True, "yes": True, "n": False, "no": False, "s": None, "skip": None}
QUESTION = "Do they tell one story? y(es), n(o), s(kip), q(uit): "


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCount:
    """What was answered in one sitting."""

    n_same: int = 0
    n_apart: int = 0
    n_skipped: int = 0


def add_labelling(app: typer.Typer) -> None:
    """Add both commands."""
    app.command()(label)
    app.command()(calibrate)


def label(
    *,
    data: DataFolder = None,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", help="Where answers are kept; else labels.jsonl with the data."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many pairs to ask.")] = 20,
    who: Annotated[
        str | None, typer.Option("--by", help="Who answers; else the account's name.")
    ] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Ask which articles tell one story, where that would teach most; keep the answers.

    With --json the pairs are printed and nothing is asked.
    """
    from wirethread.drawing.answer_console import open_console
    from wirethread.flows.evaluation.label import find_label_pairs
    from wirethread.flows.evaluation.labels_file import LABELS_FILE, read_labels
    from wirethread.flows.operations.correct import name_person
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    file = labels or Path(settings.data_folder) / LABELS_FILE
    pairs = find_label_pairs(settings.data_folder, settings.stories, read_labels(file), limit)
    if as_json:
        print_answer(pairs, as_json=True, draw=None)
        return
    console = open_console()
    if not pairs:
        console.print("No pair of story clusters is left to ask about.")
        return
    told = ask_pairs(pairs, file, name_person(who), console, sys.stdin.readline)
    console.print(
        f"{told.n_same} of one story, {told.n_apart} of two, {told.n_skipped} skipped; "
        f"kept in {file}. `wirethread calibrate --labels` fits the settings to them."
    )


def ask_pairs(
    pairs: Sequence["LabelPair"],
    file: Path,
    who: str,
    console: "Console",
    read_line: Callable[[], str],
) -> AnswerCount:
    """Ask about each pair and store each answer at once; the end of the input is a `q`.

    What the settings think of a pair is not shown: the answer should not lean on it.
    """
    from wirethread.flows.evaluation.labels_file import PairLabel, append_label

    told: list[bool | None] = []
    for number, pair in enumerate(pairs, 1):
        console.print(f"\n{number} of {len(pairs)}")
        for article in (pair.left, pair.right):
            console.print(draw_article(article))
        answer = read_answer(console, read_line)
        if answer == "q":
            break
        left_id, right_id = sorted((pair.left.article_id, pair.right.article_id))
        same = ANSWERS[answer]
        append_label(
            file,
            PairLabel(left_id=left_id, right_id=right_id, same=same, by=who, at=datetime.now(UTC)),
        )
        told.append(same)
    return AnswerCount(
        n_same=told.count(True), n_apart=told.count(False), n_skipped=told.count(None)
    )


def read_answer(console: "Console", read_line: Callable[[], str]) -> str:
    """Return an answer that is one of those offered."""
    while True:
        console.print(QUESTION, end="")
        line = read_line()
        answer = line.strip().lower()
        if not line or answer in ("q", "quit"):
            console.print()
            return "q"
        if answer in ANSWERS:
            return answer


def draw_article(article: "ShownArticle") -> "RenderableType":
    """Return what a person needs to judge an article."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    from wirethread.drawing.answers import format_time

    published = format_time(article.published_at, article.published_precision)
    return Group(
        Text(f"{article.outlet or 'unknown outlet'}, {published}", style="dim"),
        Text(" ".join(article.headline.split()), style="bold"),
        Padding(Text(article.opening), (0, 0, 1, 2)),
    )


def calibrate(
    *,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="Answers that `wirethread label` kept.")
    ] = None,
    stories: Annotated[
        Path | None,
        typer.Option("--stories", help="Articles with a `story` field, JSON Lines."),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Settings file to write what was found into."),
    ] = None,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Fit the story settings to labels, and say by cross-validation whether that helps."""
    from wirethread.embedding.lazy import LazyEncoder
    from wirethread.flows.evaluation.calibrate import calibrate_on_pairs, calibrate_on_stories
    from wirethread.flows.settings.config import load_settings
    from wirethread.flows.settings.edit import write_section

    settings = load_settings(config, data_folder=data)
    if stories is not None and labels is None:
        encoder = LazyEncoder(settings.embedding)
        result = watch(lambda: calibrate_on_stories(stories, encoder, settings))
    elif labels is not None and stories is None:
        result = watch(lambda: calibrate_on_pairs(labels, settings))
    else:
        raise ConfigError("calibrate: name either --labels FILE or --stories FILE")
    is_written = write is not None and result.is_better
    if write is not None and is_written:
        write_section(write, "stories", result.proposed)
    if as_json:
        answer = {"calibration": result, "written_to": write if is_written else None}
        print_answer(answer, as_json=True, draw=None)
        return
    print_answer(result, as_json=False, draw=lambda one: draw_calibration(one, write))


def draw_calibration(result: "Calibration", write: Path | None) -> "RenderableType":
    """Return what fitting would change, how it does on stories it did not see, what was written."""
    from rich.console import Group
    from rich.text import Text

    from wirethread.drawing.plain_table import plain_table

    table = plain_table()
    for name in ("setting", "now", "fitted"):
        table.add_column(name, justify="left" if name == "setting" else "right", no_wrap=True)
    for name, value in result.present.items():
        table.add_row(name, tell_value(value), tell_value(result.proposed[name]))
    return Group(
        Text(
            f"{result.n_labels} labelled "
            f"{'pairs' if result.kind == 'pairs' else 'articles'}, {len(result.folds)} folds, "
            "no story in two of them"
        ),
        Text(f"now:                   {describe_score(result.before)}"),
        Text(f"fitted, cross-checked: {describe_score(result.after)}"),
        Text(f"fitted, on its labels: {describe_score(result.fitted)}\n"),
        table,
        Text("\n" + describe_outcome(result, write)),
    )


def tell_value(value: float | str) -> str:
    """Return a setting as it is written."""
    return value if isinstance(value, str) else f"{value:g}"


def describe_score(score: "AgreementScore") -> str:
    """Return an agreement with both of its sides."""
    parts = ", ".join(f"{name} {value:.3f}" for name, value in score.parts.items())
    return f"{score.measure} {score.value:.3f} ({parts})"


def describe_outcome(result: "Calibration", write: Path | None) -> str:
    """Return in a sentence what became of the settings."""
    if not result.is_better:
        return "Fitting does not help on stories that it did not see: nothing is changed."
    if write is None:
        return "Nothing is changed; --write FILE puts the fitted settings into a settings file."
    return f"Written to {write}; the next run with it clusters everything anew."
