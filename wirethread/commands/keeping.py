"""`wirethread verify`, `repair`, `backup`, `restore` and `forget`: keep what is stored, or not."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

import sys
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from wirethread.articles.errors import ConfigError
from wirethread.terminal.console import print_answer, watch
from wirethread.terminal.options import AsJson, ConfigFile, DataFolder, parse_moment

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wirethread.flows.operations.repair import Forgetting, Repairing
    from wirethread.storage.upkeep.backup import Backup, Restoring
    from wirethread.storage.upkeep.verification import Verification

__all__ = ["add_keeping"]

EXIT_PROBLEMS = 1

Wait = Annotated[
    float,
    typer.Option("--wait", min=0.0, help="Seconds to wait for a run to end; else refused at once."),
]


class Kept(Enum):
    """What `repair --keep` takes."""

    SNAPSHOT = "snapshot"
    CATALOG = "catalog"


KEPT: Final[Mapping[Kept, Literal["snapshot", "catalog"]]] = {
    Kept.SNAPSHOT: "snapshot",
    Kept.CATALOG: "catalog",
}


def add_keeping(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (verify, repair, backup, restore, forget):
        app.command()(command)


def verify(*, data: DataFolder = None, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Check the data folder: catalog, vectors, checksums, counts, references, snapshot.

    Writes nothing. Leaves with 0 where all is fine and 1 where something is wrong.
    """
    from wirethread.flows.runs.progress import report_progress
    from wirethread.flows.settings.config import load_settings
    from wirethread.storage.upkeep.verification import verify_folder

    settings = load_settings(config, data_folder=data)
    found = watch(
        lambda: verify_folder(
            settings.data_folder,
            settings=settings.storage,
            on_check=lambda name: report_progress(f"verify {name}", 0),
        )
    )
    answer = {"is_fine": found.is_fine, "verification": found} if as_json else found
    print_answer(answer, as_json=as_json, draw=draw_verification)
    if not found.is_fine:
        raise SystemExit(EXIT_PROBLEMS)


def repair(
    *,
    data: DataFolder = None,
    config: ConfigFile = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also make everything that is derived anew.")
    ] = False,
    keep: Annotated[
        Kept | None,
        typer.Option(
            "--keep",
            help="Which is right where an older catalog lies beside a newer snapshot; the other one"
            " is kept aside.",
        ),
    ] = None,
    wait: Wait = 0.0,
    as_json: AsJson = False,
) -> None:
    """Mend what `verify` finds, and say what was done; what was damaged is set aside."""
    from wirethread.flows.operations.repair import repair as mend
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    chosen = None if keep is None else KEPT[keep]
    result = watch(lambda: mend(settings, again=again, keep=chosen, wait_seconds=wait))
    print_answer(result, as_json=as_json, draw=draw_repairing)


def backup(
    target: Annotated[
        str,
        typer.Argument(
            help="Folder of the backup, or an address such as s3://bucket/news; an older one is"
            " replaced."
        ),
    ],
    *,
    data: DataFolder = None,
    config: ConfigFile = None,
    wait: Wait = 0.0,
    as_json: AsJson = False,
) -> None:
    """Copy the data folder, whole and checked, while others read it."""
    from wirethread.flows.operations.backup import back_up_to
    from wirethread.flows.runs.progress import report_progress
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    made = watch(
        lambda: back_up_to(
            settings,
            target,
            wait_seconds=wait,
            on_file=lambda n_done, n_total: report_progress("backup", n_done, n_total),
        )
    )
    print_answer(made, as_json=as_json, draw=draw_backup)


def restore(
    source: Annotated[
        str, typer.Argument(metavar="BACKUP", help="Folder or address of the backup.")
    ],
    *,
    data: DataFolder = None,
    config: ConfigFile = None,
    force: Annotated[
        bool, typer.Option("--force", help="Take the place of data that is there; it is kept.")
    ] = False,
    wait: Wait = 0.0,
    as_json: AsJson = False,
) -> None:
    """Check a backup and put it in the place of the data folder."""
    from wirethread.flows.operations.backup import restore_from
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    done = watch(lambda: restore_from(settings, source, force=force, wait_seconds=wait))
    print_answer(done, as_json=as_json, draw=draw_restoring)


def forget(
    *,
    before: Annotated[
        str | None, typer.Option("--before", help="Published before this day or time (UTC).")
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="With this address.")] = None,
    outlet: Annotated[str | None, typer.Option("--outlet", help="Of this outlet.")] = None,
    for_good: Annotated[
        bool, typer.Option("--for-good", help="Refuse them when they come again.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be forgotten.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: DataFolder = None,
    config: ConfigFile = None,
    wait: Wait = 0.0,
    as_json: AsJson = False,
) -> None:
    """Remove articles with everything derived from them; several options narrow the choice."""
    from wirethread.drawing.answer_console import open_console
    from wirethread.flows.operations.repair import forget as forget_now
    from wirethread.flows.operations.repair import preview_forgetting
    from wirethread.flows.settings.config import load_settings
    from wirethread.storage.upkeep.forget_choice import ForgetSelection

    if before is None and url is None and outlet is None:
        raise ConfigError("forget: name --before DATE, --url URL or --outlet NAME")
    selection = ForgetSelection(before=parse_moment(before, "--before"), url=url, outlet=outlet)
    settings = load_settings(config, data_folder=data)
    if dry_run or not yes:
        preview = preview_forgetting(settings, selection)
        if dry_run:
            print_answer(preview, as_json=as_json, draw=draw_forgetting)
            return
        if preview.reach.n_articles:
            if not sys.stdin.isatty():
                n_articles = count_of(preview.reach.n_articles, "article")
                raise ConfigError(
                    f"forget: {n_articles} would be forgotten; --yes says that this is meant,"
                    " --dry-run shows them"
                )
            open_console().print(draw_forgetting(preview))
            if not typer.confirm("Forget them?"):
                print("Nothing was forgotten.", file=sys.stderr)
                raise SystemExit(EXIT_PROBLEMS)
    done = watch(lambda: forget_now(settings, selection, for_good=for_good, wait_seconds=wait))
    print_answer(done, as_json=as_json, draw=draw_forgetting)


def draw_verification(found: "Verification") -> "RenderableType":
    """Return one line a check, and what it comes to."""
    from rich.console import Group
    from rich.text import Text

    from wirethread.drawing.plain_table import plain_table

    styles = {"fine": "green", "note": "yellow", "problem": "bold red"}
    table = plain_table()
    table.add_column("check", no_wrap=True)
    table.add_column("result", no_wrap=True)
    table.add_column("what was found")
    for check in found.checks:
        words = f"{check.message}; {check.advice}" if check.advice else check.message
        table.add_row(
            check.name, Text(check.state.value, style=styles[check.state.value]), Text(words)
        )
    n_wrong = sum(one.state.value == "problem" for one in found.checks)
    end = (
        f"{found.folder} is fine."
        if found.is_fine
        else f"{n_wrong} of {len(found.checks)} checks found something wrong in {found.folder}."
    )
    return Group(table, Text("\n" + end))


def draw_repairing(result: "Repairing") -> "RenderableType":
    """Return what was mended, a line each."""
    from rich.console import Group
    from rich.text import Text

    if not result.mendings:
        return Text("Nothing had to be mended.")
    lines = [Text(f"{one.name}: {one.message}") for one in result.mendings]
    if result.aside is not None:
        lines.append(Text(f"What was damaged is kept in {result.aside}."))
    if result.waits_for is not None:
        lines.append(Text(f"The next run does the rest ({result.waits_for})."))
    return Group(*lines)


def draw_backup(made: "Backup") -> "RenderableType":
    """Return what was copied where."""
    from rich.console import Group
    from rich.text import Text

    size = sum(file.n_bytes for file in made.files)
    lines = [
        Text(
            f"{made.folder}: {made.n_articles:,} articles, {len(made.files)} files,"
            f" {format_bytes(size)}, of which {format_bytes(made.n_bytes_copied)} were copied"
        )
    ]
    if made.lost:
        lines.append(
            Text(
                f"{len(made.lost)} files of vectors were missing or damaged and are left out; the"
                f" next run makes them again, as `restore` does: {', '.join(made.lost[:3])}"
            )
        )
    return Group(*lines)


def draw_restoring(done: "Restoring") -> "RenderableType":
    """Return what stands where now."""
    from rich.console import Group
    from rich.text import Text

    lines = [
        Text(
            f"{done.folder} is the backup of {done.created_at:%Y-%m-%d %H:%M} UTC:"
            f" {done.n_articles:,} articles."
        )
    ]
    if done.kept_in is not None:
        lines.append(Text(f"What was there before is kept in {done.kept_in}."))
    if done.n_made_again:
        n_texts = count_of(done.n_made_again, "text")
        lines.append(Text(f"The backup lacked the vectors of {n_texts}, which are made again."))
    if done.waits_for is not None:
        lines.append(Text(f"The next run makes lacking vectors again ({done.waits_for})."))
    return Group(*lines)


def draw_forgetting(told: "Forgetting") -> "RenderableType":
    """Return what goes, or went."""
    from rich.console import Group
    from rich.text import Text

    lines: list[RenderableType] = []
    if not told.reach.n_articles:
        return Text(f"No article fits {told.asked}; nothing is forgotten.")
    for article in told.reach.articles:
        day = f"{article.published_at:%Y-%m-%d}" if article.published_at else "no date   "
        lines.append(Text(f"{day}  {article.outlet}: {' '.join(article.headline.split())}"))
    if told.reach.n_articles > len(told.reach.articles):
        lines.append(Text(f"… and {told.reach.n_articles - len(told.reach.articles):,} more"))
    verb = "Forgot" if told.is_done else "Would forget"
    lines.append(
        Text(
            f"{verb} {count_of(told.reach.n_articles, 'article')} of"
            f" {count_of(told.reach.n_outlets, 'outlet')},"
            f" in {count_of(told.reach.n_stories, 'story cluster')}"
            f" ({told.reach.n_stories_emptied} of them wholly);"
            f" {count_of(told.reach.n_corrections, 'correction')} void."
        )
    )
    if told.is_done:
        lines.append(
            Text(
                "Their words are gone from catalog, vectors, index of words and snapshot; a reader"
                " that has an older snapshot open keeps it until it closes it. Backups and sources"
                " are yours to clean."
            )
        )
        if told.for_good:
            lines.append(Text("They are refused when they come again."))
    if told.left:
        lines.append(Text(f"Folders of damaged files may still hold them: {', '.join(told.left)}."))
    if told.waits_for is not None:
        lines.append(Text(f"The next run brings the stories up to date ({told.waits_for})."))
    return Group(*lines)


def count_of(n: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def format_bytes(n_bytes: int) -> str:
    """Return a size in the unit that suits it."""
    size = float(n_bytes)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return ""
