"""The `wirethread` command: every heavy import waits until a command needs it."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from wirethread import __version__
from wirethread.articles.errors import (
    ConfigError,
    NotFoundError,
    RunInProgressError,
    WirethreadError,
)
from wirethread.commands.console import AsJson, ConfigFile, DataFolder, print_answer, watch
from wirethread.commands.gathering import add_gathering
from wirethread.commands.keeping import add_keeping
from wirethread.commands.labelling import add_labelling
from wirethread.commands.outdating import add_outdating
from wirethread.commands.scheduling import LogFormat, add_scheduling, choose_logging
from wirethread.commands.status import add_status

__all__ = ["app", "main"]

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOT_FOUND = 3
EXIT_BUSY = 4
EXIT_SOURCES_UNREAD = 5

app = typer.Typer(
    name="wirethread",
    help="Finds the wire copy in news articles, shows how we know, and threads the stories.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
evaluate_app = typer.Typer(help="Score the settings on labelled articles.", no_args_is_help=True)
app.add_typer(evaluate_app, name="evaluate")
correct_app = typer.Typer(
    help="Say what belongs together; it holds over every later run.", no_args_is_help=True
)
app.add_typer(correct_app, name="correct")

Limit = Annotated[int, typer.Option("--limit", min=1, help="How many to show.")]
Outlet = Annotated[str | None, typer.Option("--outlet", help="Only this outlet.")]
Agency = Annotated[str | None, typer.Option("--agency", help="Only with copy of this agency.")]
Since = Annotated[str | None, typer.Option("--since", help="From this day or time on (UTC).")]
Until = Annotated[str | None, typer.Option("--until", help="Before this day or time (UTC).")]

Why = Annotated[str, typer.Option("--why", help="The reason, kept with the correction.")]
Who = Annotated[str | None, typer.Option("--by", help="Who says it; else the account's name.")]


class State(StrEnum):
    """States of a thread, as words of the command line."""

    DEVELOPING = "developing"
    QUIET = "quiet"
    CLOSED = "closed"


class By(StrEnum):
    """What `similar` compares, as words of the command line."""

    BOTH = "both"
    MEANING = "meaning"
    WORDS = "words"


def main() -> None:
    """Run the command; a mistake of the user is one line on standard error, never a trace."""
    try:
        app()
    except WirethreadError as error:
        print(f"wirethread: {error}", file=sys.stderr)
        raise SystemExit(choose_exit_code(error)) from None
    except KeyboardInterrupt:
        print("wirethread: stopped; the next run goes on from here", file=sys.stderr)
        raise SystemExit(130) from None
    except BrokenPipeError:
        # whoever read our output has seen enough; keep the interpreter from complaining at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(EXIT_FAILED) from None


def choose_exit_code(error: WirethreadError) -> int:
    """Return the exit status that a scheduler can act on."""
    if isinstance(error, ConfigError):
        return EXIT_USAGE
    if isinstance(error, NotFoundError):
        return EXIT_NOT_FOUND
    if isinstance(error, RunInProgressError):
        return EXIT_BUSY
    return EXIT_FAILED


def parse_moment(text: str | None, option: str) -> datetime | None:
    """Return a day or time given on the command line, in UTC where it names no zone."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option}: {text!r} is no day or time like 2024-03-11") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def find_folder(config: Path | None, data: Path | None) -> Path:
    """Return the data folder that is asked, without loading more than the settings."""
    if data is not None and config is None:
        return data
    from wirethread.flows.settings.config import load_settings

    return Path(load_settings(config, data_folder=data).data_folder)


@app.callback(invoke_without_command=True)
def show_version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Answer `--version`."""
    if version:
        print(f"wirethread {__version__}")
        raise typer.Exit


@app.command()
def run(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, folders, patterns, addresses, names of sources, or - for standard input;"
            " without any, the sources of the settings."
        ),
    ] = None,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bars.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show a line a step, and Prefect's own log.")
    ] = False,
    log_format: Annotated[
        LogFormat | None, typer.Option("--log-format", help="Log for people or for machines.")
    ] = None,
) -> None:
    """Take in articles, find the copy in them, thread the stories, publish the answers."""
    from rich.console import Console

    from wirethread.drawing.progress import show_progress
    from wirethread.flows.runs.logs import open_logs
    from wirethread.flows.schedule.start import run_once
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    told = choose_logging(settings.logging, log_format)
    is_logged = verbose or log_format is not None
    console = Console(stderr=True)
    with (
        open_logs(told, on_terminal=is_logged),
        show_progress(console, is_shown=not (quiet or is_logged) and console.is_terminal),
    ):
        result = run_once(sources or [], settings, verbose=verbose)

    from wirethread.drawing.tables import draw_run

    print_answer(result, as_json=as_json, draw=draw_run)
    if result.unreadable_sources:
        raise SystemExit(EXIT_SOURCES_UNREAD)


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Option("--data", help="Folder for the demo; its contents are made anew.")
    ] = Path("wirethread-demo"),
) -> None:
    """Run the pipeline on the shipped sample of three invented news days, offline."""
    from wirethread.commands.demo import run_demo

    run_demo(folder)


@app.command()
def stories(
    data: DataFolder = None,
    config: ConfigFile = None,
    limit: Limit = 20,
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    agency: Agency = None,
    state: Annotated[State | None, typer.Option("--state", help="Only in this state.")] = None,
    min_articles: Annotated[int, typer.Option(min=1, help="With at least so many articles.")] = 1,
    clusters: Annotated[
        bool, typer.Option("--clusters", help="List story clusters instead of threads.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List story threads, those seen last first."""
    from wirethread.drawing.tables import draw_clusters, draw_threads
    from wirethread.questions import list_clusters, list_stories

    filters: dict[str, Any] = {
        "limit": limit,
        "since": parse_moment(since, "--since"),
        "until": parse_moment(until, "--until"),
        "outlet": outlet,
        "agency": agency,
        "min_articles": min_articles,
    }
    asked = find_folder(config, data)
    if clusters:
        print_answer(list_clusters(asked, **filters), as_json=as_json, draw=draw_clusters)
        return
    from wirethread.articles.types.articles import ThreadState

    chosen = ThreadState(state.value) if state else None
    print_answer(list_stories(asked, state=chosen, **filters), as_json=as_json, draw=draw_threads)


@app.command()
def story(
    story_id: Annotated[str, typer.Argument(help="Id of a thread or cluster, present or past.")],
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show one story thread or cluster: timeline, articles, independent sources, shared copy."""
    from wirethread.drawing.tables import draw_cluster, draw_thread
    from wirethread.questions import show_story, show_thread_clusters
    from wirethread.storage.answers.records import ThreadDetail

    folder = find_folder(config, data)
    found = show_story(folder, story_id)
    if isinstance(found, ThreadDetail):
        clusters = show_thread_clusters(folder, found)
        answer = {"thread": found, "clusters": clusters} if as_json else found
        print_answer(answer, as_json=as_json, draw=lambda one: draw_thread(one, clusters))
    else:
        print_answer(found, as_json=as_json, draw=draw_cluster)


@app.command()
def article(
    key: Annotated[str, typer.Argument(help="Article id, id in its source, or URL.")],
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show one article, paragraph by paragraph, with the source of its words and the proof."""
    from wirethread.drawing.tables import draw_article
    from wirethread.questions import show_article

    print_answer(show_article(find_folder(config, data), key), as_json=as_json, draw=draw_article)


@app.command()
def similar(
    text: Annotated[str | None, typer.Argument(help="The words to look for.")] = None,
    questions: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Ask every line of a file, or of standard input (-), of an archive that stays"
            " open; with --json one object a line, written at once.",
        ),
    ] = None,
    data: DataFolder = None,
    config: ConfigFile = None,
    limit: Limit = 10,
    by: Annotated[By, typer.Option("--by", help="Compare meaning, words, or both.")] = By.BOTH,
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    agency: Agency = None,
    exact: Annotated[bool, typer.Option("--exact", help="Read every vector; slower.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find passages like a text, by meaning and by words."""
    if (text is None) == (questions is None):
        raise ConfigError("similar: give a text, or --from with a file of texts")
    if text is not None and not text.strip():
        raise ConfigError("similar: the text is empty")
    from wirethread.commands.lines import ask_lines, find_embedding
    from wirethread.flows.steps.embed import LazyEncoder

    folder, embedding = find_embedding(config, data)
    encoder = None if by is By.WORDS else LazyEncoder(embedding).begin_loading()
    from wirethread.drawing.tables import draw_similar
    from wirethread.passage_search import PassageSearch, SearchBy
    from wirethread.storage.answers.records import PassageFilter  # while the model is loaded

    asked: dict[str, Any] = {
        "by": SearchBy(by.value),
        "chosen": PassageFilter(
            since=parse_moment(since, "--since"),
            until=parse_moment(until, "--until"),
            outlet=outlet,
            agency=agency,
        ),
        "limit": limit,
        "exact": exact,
    }
    with PassageSearch(folder, encoder) as search:
        if text is not None:
            found = search.find_similar(text, **asked)
            print_answer(found, as_json=as_json, draw=draw_similar)
        elif questions is not None:
            ask_lines(search, questions, asked, as_json=as_json)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SELECT over the views (README, SQL).")],
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Ask the published snapshot in SQL; it is read-only."""
    from wirethread.drawing.tables import draw_rows
    from wirethread.questions import query_sql

    print_answer(query_sql(find_folder(config, data), query), as_json=as_json, draw=draw_rows)


@app.command(name="config")
def show_config(
    config: ConfigFile = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Print every setting, explained, as a file.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print the settings in force, or a settings file to start from."""
    if defaults:
        from wirethread.flows.settings.file import write_default_settings

        print(write_default_settings(), end="")
        return
    import yaml

    from wirethread.flows.settings.config import dump_settings, load_settings

    settings = dump_settings(load_settings(config))
    if as_json:
        print_answer(settings, as_json=True, draw=None)
    else:
        print(yaml.safe_dump(settings, sort_keys=False), end="")


@evaluate_app.command(name="stories")
def evaluate_story_clusters(
    file: Annotated[Path, typer.Argument(help="Articles with a `story` field, JSON Lines.")],
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Cluster labelled articles and compare: B-cubed, pairwise, adjusted Rand, V-measure."""
    from wirethread.drawing.scores import draw_story_evaluation
    from wirethread.flows.evaluation.stories import evaluate_stories
    from wirethread.flows.settings.config import load_settings
    from wirethread.flows.steps.embed import LazyEncoder

    settings = load_settings(config)
    result = watch(lambda: evaluate_stories(file, LazyEncoder(settings.embedding), settings))
    print_answer(result, as_json=as_json, draw=draw_story_evaluation)


@evaluate_app.command(name="passages")
def evaluate_passage_matches(
    articles: Annotated[Path, typer.Argument(help="Articles, JSON Lines.")],
    gold: Annotated[Path, typer.Argument(help="Labelled passages and credits, JSON Lines.")],
    predictions: Annotated[
        Path | None, typer.Option("--predictions", help="Also write what was found here.")
    ] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Match labelled articles and compare: plagdet, recall by level, near misses, credits."""
    from wirethread.drawing.scores import draw_passage_evaluation
    from wirethread.flows.evaluation.passages import evaluate_passages, write_predictions
    from wirethread.flows.settings.config import load_settings
    from wirethread.flows.steps.embed import LazyEncoder

    settings = load_settings(config)
    encoder = LazyEncoder(settings.embedding)
    result = watch(lambda: evaluate_passages(articles, gold, encoder, settings))
    if predictions is not None:
        write_predictions(predictions, result.predictions)
    answer = {"scores": result.scores, "credits": result.credits} if as_json else result
    print_answer(answer, as_json=as_json, draw=draw_passage_evaluation)


@app.command()
def explain(
    left: Annotated[str, typer.Argument(help="Article id, id in its source, or URL.")],
    right: Annotated[str, typer.Argument(help="Another article.")],
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show why two articles share copy and story, or do not: every score, rule and link."""
    from wirethread.drawing.explanations import draw_pair
    from wirethread.flows.operations.explain import explain_articles
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    print_answer(explain_articles(settings, left, right), as_json=as_json, draw=draw_pair)


@correct_app.command(name="join")
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
    from wirethread.drawing.tables import draw_correction
    from wirethread.flows.operations.correct import say_together
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    effect = say_together(settings, left, right, reason=why, said_by=who)
    print_answer(effect, as_json=as_json, draw=draw_correction)


@correct_app.command(name="split")
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
    from wirethread.drawing.tables import draw_correction
    from wirethread.flows.operations.correct import say_apart
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    effect = say_apart(settings, left, right, reason=why, said_by=who)
    print_answer(effect, as_json=as_json, draw=draw_correction)


@correct_app.command(name="pin-title")
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
    from wirethread.drawing.tables import draw_correction
    from wirethread.flows.operations.correct import pin_title
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    effect = pin_title(settings, story_id, title, reason=why, said_by=who)
    print_answer(effect, as_json=as_json, draw=draw_correction)


@correct_app.command(name="undo")
def correct_undo(
    correction_id: Annotated[str, typer.Argument(help="As `correct list` shows it.")],
    who: Who = None,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Take a correction back."""
    from wirethread.drawing.tables import draw_undo
    from wirethread.flows.operations.correct import undo_correction
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config, data_folder=data)
    effect = undo_correction(settings, correction_id, said_by=who)
    print_answer(effect, as_json=as_json, draw=draw_undo)


@correct_app.command(name="list")
def correct_list(
    everything: Annotated[bool, typer.Option("--all", help="Also those taken back.")] = False,
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """List what people said, with who, when and why."""
    from wirethread.drawing.tables import draw_corrections
    from wirethread.flows.operations.correct import list_corrections

    found = list_corrections(str(find_folder(config, data)), with_undone=everything)
    print_answer(found, as_json=as_json, draw=draw_corrections)


add_gathering(app)
add_labelling(app)
add_scheduling(app)
add_status(app)
add_keeping(app)
add_outdating(app)
