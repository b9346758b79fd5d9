"""Commands that ask: stories, articles, passages, SQL, and why."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from wirethread.articles.errors import ConfigError
from wirethread.terminal.console import print_answer, print_list
from wirethread.terminal.options import (
    Agency,
    All,
    AsJson,
    ConfigFile,
    DataFolder,
    Limit,
    Offset,
    Outlet,
    Since,
    Until,
    find_folder,
    parse_moment,
)
from wirethread.terminal.rows import print_rows

__all__ = ["add_asking"]


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


class Exchange(StrEnum):
    """Forms in which newsrooms exchange an article, as words of the command line."""

    NINJS = "ninjs"
    ANS = "ans"


def add_asking(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(stories)
    app.command()(story)
    app.command()(article)
    app.command()(similar)
    app.command()(sql)
    app.command()(explain)


def stories(
    data: DataFolder = None,
    config: ConfigFile = None,
    limit: Limit = 20,
    offset: Offset = 0,
    show_all: All = False,
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    agency: Agency = None,
    state: Annotated[State | None, typer.Option("--state", help="Only in this state.")] = None,
    min_articles: Annotated[int, typer.Option(min=1, help="With at least so many articles.")] = 1,
    min_newsrooms: Annotated[
        int, typer.Option(min=0, help="With at least so many independent newsrooms.")
    ] = 0,
    clusters: Annotated[
        bool, typer.Option("--clusters", help="List story clusters instead of threads.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List story threads, those seen last first."""
    from wirethread.articles.types.articles import ThreadState
    from wirethread.drawing.answers import draw_clusters, draw_threads
    from wirethread.questions import list_clusters, list_stories
    from wirethread.storage.answers.types import StoryFilter

    chosen = StoryFilter(
        since=parse_moment(since, "--since"),
        until=parse_moment(until, "--until"),
        outlet=outlet,
        agency=agency,
        state=ThreadState(state.value) if state else None,
        min_articles=min_articles,
        min_newsrooms=min_newsrooms,
    )
    folder = find_folder(config, data)
    print_list(
        partial(list_clusters if clusters else list_stories, folder, chosen),
        limit=limit,
        offset=offset,
        show_all=show_all,
        as_json=as_json,
        draw=draw_clusters if clusters else draw_threads,
    )


def story(
    story_id: Annotated[str, typer.Argument(help="Id of a thread or cluster, present or past.")],
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show one story thread or cluster: timeline, articles, independent sources, shared copy."""
    from wirethread.drawing.answers import draw_cluster, draw_thread
    from wirethread.questions import show_story, show_thread_clusters
    from wirethread.storage.answers.types import ThreadDetail

    folder = find_folder(config, data)
    found = show_story(folder, story_id)
    if isinstance(found, ThreadDetail):
        clusters = show_thread_clusters(folder, found)
        answer = {"thread": found, "clusters": clusters} if as_json else found
        print_answer(answer, as_json=as_json, draw=lambda one: draw_thread(one, clusters))
    else:
        print_answer(found, as_json=as_json, draw=draw_cluster)


def article(
    key: Annotated[str, typer.Argument(help="Article id, id in its source, or URL.")],
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
    exchange: Annotated[
        Exchange | None,
        typer.Option("--as", help="Print it as newsrooms exchange it: ninjs 3.1 or ANS 0.10.9."),
    ] = None,
) -> None:
    """Show one article, paragraph by paragraph, with the source of its words and the proof."""
    from wirethread.drawing.answers import draw_article
    from wirethread.questions import show_article, show_article_notes

    folder = find_folder(config, data)
    found = show_article(folder, key)
    if exchange is None:
        print_answer(found, as_json=as_json, draw=draw_article)
        return
    from wirethread.exports.news_forms import to_ans, to_ninjs

    notes = show_article_notes(folder, found.summary.article_id)
    write = to_ninjs if exchange is Exchange.NINJS else to_ans
    print_answer(write(found, notes), as_json=True, draw=None)


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
    offset: Offset = 0,
    show_all: All = False,
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
    from wirethread.embedding.lazy import LazyEncoder
    from wirethread.terminal.lines import ask_lines, find_embedding

    folder, embedding = find_embedding(config, data)
    encoder = None if by is By.WORDS else LazyEncoder(embedding).begin_loading()
    from wirethread.drawing.answers import draw_similar
    from wirethread.passage_search import PassageSearch, SearchBy
    from wirethread.storage.answers.types import PassageFilter  # while the model is loaded

    asked: dict[str, Any] = {
        "by": SearchBy(by.value),
        "chosen": PassageFilter(
            since=parse_moment(since, "--since"),
            until=parse_moment(until, "--until"),
            outlet=outlet,
            agency=agency,
        ),
        "exact": exact,
    }
    with PassageSearch(folder, encoder) as search:
        ask = partial(search.find_similar, **asked)
        if text is not None:
            print_list(
                partial(ask, text),
                limit=limit,
                offset=offset,
                show_all=show_all,
                as_json=as_json,
                draw=draw_similar,
            )
        elif questions is not None:
            most = None if show_all else limit
            ask_lines(ask, questions, limit=most, offset=offset, as_json=as_json)


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT over the views (README, SQL).")],
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
    as_lines: Annotated[
        bool,
        typer.Option("--lines", help="Write one JSON object a row, at once, however many."),
    ] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Write CSV with the names of the columns, of any size.")
    ] = False,
    as_parquet: Annotated[
        bool, typer.Option("--parquet", help="Write Parquet, of any size.")
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            metavar="FILE",
            help="Write into this file, here or at s3://...; .csv, .parquet, .ndjson say the form.",
        ),
    ] = None,
) -> None:
    """Ask the published snapshot in SQL; it is read-only, and bounded in time and size."""
    from wirethread.drawing.answers import draw_rows
    from wirethread.flows.settings.config import load_settings
    from wirethread.questions import query_sql, stream_sql

    form = choose_form(
        output, {"ndjson": as_lines or as_json, "csv": as_csv, "parquet": as_parquet}
    )
    settings = load_settings(config, data_folder=data)
    if form is not None and (output is not None or form != "ndjson"):
        from wirethread.terminal.files import write_answer

        write_answer(Path(settings.data_folder), query, settings.sql, form, output)
        return
    if as_lines:
        print_rows(stream_sql(settings.data_folder, query, settings=settings.sql))
        return
    found = query_sql(settings.data_folder, query, settings=settings.sql)
    print_answer(found, as_json=as_json, draw=draw_rows)


def choose_form(output: str | None, asked: Mapping[str, bool]) -> str | None:
    """Return the form in which rows are written, None for a table on the terminal.

    Raises `ConfigError` where two are asked for, or a file tells none.
    """
    named = [form for form, is_asked in asked.items() if is_asked]
    if len(named) > 1:
        raise ConfigError("sql: choose one of --json or --lines, --csv and --parquet")
    if named or output is None:
        return named[0] if named else None
    forms = {".csv": "csv", ".parquet": "parquet", ".ndjson": "ndjson", ".jsonl": "ndjson"}
    ending = Path(output).suffix.lower()
    if ending not in forms:
        raise ConfigError(
            f"--output: {output} does not tell its form; add --csv, --parquet or --lines"
        )
    return forms[ending]


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
