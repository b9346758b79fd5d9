"""What Prefect's page shows of a run: a report, a table of the threads that moved, a failure."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from wirethread.articles.errors import ConfigError, RunInProgressError, WirethreadError
from wirethread.flows.reports.markdown import clean_words, escape_markdown, write_table
from wirethread.flows.runs.logs import describe_counts, log_run
from wirethread.flows.runs.results import RunResult, StepRecord
from wirethread.flows.settings.config import Settings
from wirethread.storage.answers.reports import MovedThread, RunFindings, load_run_findings
from wirethread.storage.catalog import Catalog

# ruff: noqa: PLC0415 - runs with nothing to do never import Prefect

__all__ = [
    "REPORT_KEY",
    "THREADS_KEY",
    "advise",
    "report_failure",
    "report_run",
    "write_report",
    "write_thread_rows",
]

REPORT_KEY = "wirethread-run"
THREADS_KEY = "wirethread-threads-moved"


def report_run(result: RunResult, settings: Settings) -> None:
    """Leave the report of a finished run in Prefect, where Prefect runs it.

    The figures come from the snapshot that was just published. A page that cannot be written is
    no reason for a run to fail: everything in it stands in the catalog too.
    """
    if not is_in_flow():
        return
    from prefect.artifacts import create_markdown_artifact, create_table_artifact

    with tolerating_failures(result.run_id):
        with Catalog.open_published(settings.data_folder, settings=settings.storage) as catalog:
            findings = load_run_findings(catalog, result.run_id)
        create_markdown_artifact(
            write_report(result, findings), key=REPORT_KEY, description=f"Run {result.run_id}"
        )
        if findings.threads:
            create_table_artifact(
                write_thread_rows(findings.threads),
                key=THREADS_KEY,
                description=f"Story threads that run {result.run_id} moved",
            )


def is_in_flow() -> bool:
    """Whether Prefect runs this; where it is not imported it does not, and is not imported now."""
    if "prefect" not in sys.modules:
        return False
    from prefect.context import FlowRunContext

    return FlowRunContext.get() is not None


@contextmanager
def tolerating_failures(run_id: str) -> Iterator[None]:
    """Log whatever keeps a report from reaching Prefect's server, and go on."""
    try:
        yield
    except Exception as error:
        words = f"the report did not reach Prefect: {error!r}"
        log_run(run_id, words, level=logging.WARNING)


def report_failure(run_id: str, error: BaseException, steps: Sequence[StepRecord]) -> None:
    """Leave in Prefect what went wrong and what to do about it, where Prefect runs it."""
    if not is_in_flow():
        return
    from prefect.artifacts import create_markdown_artifact

    words = str(error) if isinstance(error, WirethreadError) else repr(error)
    lines = [
        "# The run failed",
        "",
        escape_markdown(words, 2000),
        "",
        f"**What to do:** {advise(error)}",
        "",
        *write_seconds(steps),
    ]
    with tolerating_failures(run_id):
        create_markdown_artifact(
            "\n".join(lines), key=REPORT_KEY, description=f"Run {run_id}, which failed"
        )


def advise(error: BaseException) -> str:
    """Return in a sentence what somebody can do about a failure."""
    if isinstance(error, ConfigError):
        return "put the settings right; nothing was changed, and the next run starts with them."
    if isinstance(error, RunInProgressError):
        return (
            "nothing, if the other run is meant to be: the next run takes in what this one would"
            " have. Else end the process that is named."
        )
    if isinstance(error, WirethreadError):
        return (
            "see to what the message names; what was stored is kept, and the next run goes on from"
            " there."
        )
    return (
        "what was stored is kept, and the next run goes on from there. If it fails again, run"
        " `wirethread status` and look at the log of this run."
    )


def write_report(result: RunResult, findings: RunFindings) -> str:
    """Return the report of a run in markdown: what came in, what was set aside, what it told."""
    lines = [f"# {count_words(result)}", ""]
    if result.unreadable_sources:
        lines += ["## Sources that could not be read", ""]
        lines += [f"* {escape_markdown(one, 400)}" for one in result.unreadable_sources[:20]]
        lines += [""]
    if result.set_aside:
        lines += ["## Work that failed and is left for the next run", ""]
        lines += [f"* {escape_markdown(words, 400)}" for words in result.set_aside[:20]]
        lines += [""]
    if result.mended:
        lines += ["## What was damaged and is mended", ""]
        lines += [f"* {escape_markdown(words, 400)}" for words in result.mended[:20]]
        lines += [""]
    if findings.outlets:
        lines += [
            "## What came in",
            "",
            *write_table(
                ["outlet", "articles"],
                [(outlet.outlet, outlet.n_articles) for outlet in findings.outlets],
            ),
            *tell_rest(findings.n_outlets, len(findings.outlets), "outlets"),
            "",
        ]
    if findings.rejections:
        lines += [
            "## What was set aside, and why",
            "",
            *write_table(
                ["source", "reason"],
                [(rejection.source, rejection.reason) for rejection in findings.rejections],
            ),
            *tell_rest(findings.n_rejected, len(findings.rejections), "articles set aside"),
            "",
        ]
    lines += write_stories(findings)
    lines += write_copy(findings)
    lines += write_seconds(result.steps)
    return "\n".join(lines)


def count_words(result: RunResult) -> str:
    """Return the first line: what the run took in, or that there was nothing."""
    n_new = result.count("read", "n_new_articles")
    n_known = result.count("read", "n_known")
    n_rejected = result.count("read", "n_rejected")
    if not n_new:
        beside = f", {n_rejected} set aside" if n_rejected else ""
        return f"Nothing new came in ({n_known} articles known already{beside})"
    return f"{n_new} new articles ({n_known} known already, {n_rejected} set aside)"


def write_stories(findings: RunFindings) -> list[str]:
    """Return new and growing story clusters of two articles or more."""
    if not findings.stories:
        return []
    return [
        "## New and growing stories",
        "",
        *write_table(
            ["story", "", "new", "articles", "outlets", "independent sources"],
            [
                (
                    story.title,
                    "new" if story.is_new else "growing",
                    story.n_new,
                    story.n_articles,
                    story.n_outlets,
                    story.n_independent_sources,
                )
                for story in findings.stories
            ],
        ),
        *tell_rest(findings.n_stories, len(findings.stories), "stories"),
        "",
    ]


def write_copy(findings: RunFindings) -> list[str]:
    """Return copied passages by the agency that supplied them and the outlets that ran them."""
    if not findings.copy:
        return []
    n_shown = sum(one.n_passages for one in findings.copy)
    return [
        "## Copied passages",
        "",
        *write_table(
            ["agency", "passages", "in", "such as"],
            [
                (
                    group.agency,
                    group.n_passages,
                    name_outlets(group.outlets, group.n_outlets),
                    group.words,
                )
                for group in findings.copy
            ],
        ),
        *tell_rest(findings.n_passages, n_shown, "passages"),
        "",
    ]


def name_outlets(outlets: Sequence[str], n_outlets: int) -> str:
    """Return the outlets by name, and how many more there are."""
    more = n_outlets - len(outlets)
    return ", ".join(outlets) + (f" and {more} more" if more > 0 else "")


def write_seconds(steps: Sequence[StepRecord]) -> list[str]:
    """Return how long each step took and what it counted."""
    if not steps:
        return []
    return [
        "## Seconds per step",
        "",
        *write_table(
            ["step", "seconds", "counted"],
            [(one.step, f"{one.seconds:.2f}", describe_counts(one.counts)) for one in steps],
        ),
    ]


def tell_rest(n_all: int, n_shown: int, noun: str) -> list[str]:
    """Return a line about what a list leaves out."""
    return ["", f"and {n_all - n_shown} more of {n_all} {noun}"] if n_all > n_shown else []


def write_thread_rows(threads: Sequence[MovedThread]) -> list[dict[str, Any]]:
    """Return the table of threads that moved, a row a thread."""
    return [
        {
            "thread": thread.thread_id,
            "title": clean_words(thread.title),
            "what happened": thread.events,
            "state": thread.state.value,
            "new articles": thread.n_new,
            "articles": thread.n_articles,
            "outlets": thread.n_outlets,
            "independent sources": thread.n_independent_sources,
            "story clusters": thread.n_clusters,
            "last seen": write_moment(thread.last_seen_at),
        }
        for thread in threads
    ]


def write_moment(moment: datetime | None) -> str:
    """Return a time in UTC to the minute."""
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
