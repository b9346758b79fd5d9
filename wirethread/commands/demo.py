"""The main job on the shipped sample, with an answer to read."""

import shutil
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.text import Text

from wirethread.articles.printable import count
from wirethread.articles.types.articles import Derivation
from wirethread.drawing.answer_console import open_console
from wirethread.drawing.answers import (
    draw_passages,
    draw_run,
    draw_threads,
    format_percent,
    shorten,
)
from wirethread.drawing.plain_table import plain_table
from wirethread.drawing.progress import show_progress
from wirethread.flows.schedule.start import run_once
from wirethread.flows.settings.config import Settings
from wirethread.questions import list_clusters, list_derived, list_stories, show_article, show_story
from wirethread.storage.answers.types import (
    ArticleDetail,
    ClusterDetail,
    PassageSummary,
    StoryFilter,
    ThreadSummary,
)
from wirethread.storage.catalog import CATALOG_FILE, SNAPSHOT_FILE
from wirethread.storage.engine.lock import hold_run_lock
from wirethread.terminal.options import name_archive

__all__ = ["run_demo"]


def run_demo(folder: Path) -> None:
    """Run the pipeline on the sample in `folder`, made anew, and print what came out."""
    console = open_console()
    console.print(
        "wirethread on a sample of three invented news days: "
        "65 articles of 12 outlets and four agencies.\n"
    )
    clear_folder(folder)
    sample = resources.files("wirethread") / "sample" / "articles.jsonl"
    progress = Console(stderr=True)
    with (
        resources.as_file(sample) as path,
        show_progress(progress),
    ):
        result = run_once([str(path)], Settings(data_folder=str(folder)))
    console.print(draw_run(result, name_archive(folder)))
    for part in describe_outcome(folder):
        console.print(part)


def clear_folder(folder: Path) -> None:
    """Remove what an earlier demo left, and nothing else."""
    if not (folder / CATALOG_FILE).exists():
        return
    with hold_run_lock(folder):
        for name in (CATALOG_FILE, f"{CATALOG_FILE}.wal", SNAPSHOT_FILE):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / "vectors", ignore_errors=True)


def describe_outcome(folder: Path) -> Sequence[RenderableType]:
    """Return the answer in four parts: threads, copies, proofs, what to try next."""
    threads = sorted(
        list_stories(folder, StoryFilter(min_articles=2), limit=100),
        key=lambda one: -one.n_articles,
    )
    clusters = [
        found
        for cluster in list_clusters(folder, StoryFilter(min_articles=2), limit=100)
        if isinstance(found := show_story(folder, cluster.cluster_id), ClusterDetail)
    ]
    return [
        heading("The story threads", f"{count(len(threads), 'thread')} with two articles or more"),
        draw_threads(threads),
        heading(
            "Who copied from whom",
            "articles by how much of their body is wire copy, and where it came from",
        ),
        draw_copies(folder),
        heading("Which passages came from which agency", "and the words that prove it"),
        draw_passages(choose_passages(clusters)),
        *suggest_next(folder, threads),
    ]


def heading(title: str, explanation: str) -> RenderableType:
    """Return a heading with a line of explanation."""
    return Group(Text(f"\n{title}", style="bold"), Text(explanation, style="dim"))


def draw_copies(folder: Path) -> RenderableType:
    """Return the outlets' articles that carry wire copy, the largest shares first."""
    articles = [show_article(folder, article_id) for article_id in list_derived(folder, limit=40)]
    table = plain_table()
    table.add_column("outlet", no_wrap=True)
    table.add_column("headline", overflow="fold", ratio=2)
    table.add_column("derived", no_wrap=True)
    table.add_column("wire copy", no_wrap=True)
    table.add_column("credited in the article?", overflow="fold", ratio=2)
    chosen = [article for article in articles if not is_agency_original(article)][:14]
    for entry in chosen:
        table.add_row(
            entry.summary.outlet,
            Text(shorten(entry.summary.headline, 60)),
            entry.summary.derivation.value if entry.summary.derivation else "",
            ", ".join(
                f"{format_percent(share)} {agency}" for agency, share in entry.agency_shares.items()
            ),
            Text(describe_credit(entry)),
        )
    return table


def is_agency_original(article: ArticleDetail) -> bool:
    """Whether the article is an agency's own, on its own outlet."""
    return any(credit.rule == "outlet" for credit in article.parsed.credits)


def describe_credit(article: ArticleDetail) -> str:
    """Return the words that credit the agency, or that there are none."""
    agencies = set(article.agency_shares)
    for credit in article.parsed.credits:
        if credit.agency in agencies and credit.role.value in ("source", "contributor"):
            return f"yes: “{shorten(credit.evidence, 70)}”"
    return "no"


def choose_passages(clusters: Sequence[ClusterDetail]) -> list[PassageSummary]:
    """Return the widest spread passage of each agency in each cluster, the widest first."""
    best: dict[tuple[str, str], PassageSummary] = {}
    for cluster in clusters:
        for passage in cluster.passages:
            if passage.agency is not None:
                best.setdefault((cluster.summary.cluster_id, passage.agency), passage)
    return sorted(best.values(), key=lambda one: (-one.n_outlets, one.passage_id))[:8]


def suggest_next(folder: Path, threads: Sequence[ThreadSummary]) -> list[RenderableType]:
    """Return commands that go on from here."""
    derived = list_derived(folder, Derivation.PARTLY, limit=1)
    commands = [("all of a story, day by day", f"story {threads[0].thread_id}")] if threads else []
    if derived:
        commands.append(("one article, paragraph by paragraph", f"article {derived[0]}"))
    commands += [
        ("where else a passage ran", 'similar "rescuers pulled a girl from the rubble"'),
        (
            "your own question",
            'sql "SELECT agency, count(*) FROM passages GROUP BY agency ORDER BY 2 DESC"',
        ),
    ]
    lines: list[RenderableType] = [Text("\nWhat to try next", style="bold")]
    lines += [
        Text(f"  wirethread {command} --data {folder}", overflow="fold", no_wrap=True)
        for _, command in commands
    ]
    lines.append(Text("  wirethread run YOUR-ARTICLES.jsonl", no_wrap=True))
    lines.append(Text("\nAll of it as pages, at http://127.0.0.1:8517/", style="bold"))
    lines.append(Text(f"  wirethread serve --data {folder}", overflow="fold", no_wrap=True))
    return lines
