"""`evaluate`: the settings on labelled articles, and passages beside those of passim."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that `--help` answers at once

from pathlib import Path
from typing import Annotated, Literal

import typer

from wirethread.terminal.app import App
from wirethread.terminal.console import print_answer, watch
from wirethread.terminal.options import (
    AsJson,
    ConfigFile,
    DataFolder,
    find_folder,
)

__all__ = ["add_evaluating"]


def add_evaluating(app: typer.Typer) -> None:
    """Add the commands."""
    evaluate = App(within="evaluate", help="Score the settings on labelled articles.")
    evaluate.command(name="stories")(evaluate_story_clusters)
    evaluate.command(name="passages")(evaluate_passage_matches)
    evaluate.command(name="clusters")(evaluate_clusters)
    app.add_typer(evaluate, name="evaluate")


def evaluate_story_clusters(
    file: Annotated[Path, typer.Argument(help="Articles with a `story` field, JSON Lines.")],
    level: Annotated[
        Literal["clusters", "threads"],
        typer.Option("--level", help="Compare story clusters or threads with the labels."),
    ] = "clusters",
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Cluster labelled articles and compare: B-cubed, pairwise, adjusted Rand, V-measure.

    Says too how the other level does, and where the labels lie between the two.
    """
    from wirethread.drawing.scores import draw_story_evaluation
    from wirethread.embedding.lazy import LazyEncoder
    from wirethread.flows.evaluation.stories import evaluate_stories
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config)
    result = watch(
        lambda: evaluate_stories(file, LazyEncoder(settings.embedding), settings, level=level)
    )
    print_answer(result, as_json=as_json, draw=draw_story_evaluation)


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
    from wirethread.embedding.lazy import LazyEncoder
    from wirethread.flows.evaluation.passages import evaluate_passages, write_predictions
    from wirethread.flows.settings.config import load_settings

    settings = load_settings(config)
    encoder = LazyEncoder(settings.embedding)
    result = watch(lambda: evaluate_passages(articles, gold, encoder, settings))
    if predictions is not None:
        write_predictions(predictions, result.predictions)
    answer = {"scores": result.scores, "credits": result.credits} if as_json else result
    print_answer(answer, as_json=as_json, draw=draw_passage_evaluation)


def evaluate_clusters(
    file: Annotated[Path, typer.Argument(help="Output of passim: a file, or a folder of .json.")],
    data: DataFolder = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Compare clusters that passim found with the passages of the archive: who found what.

    `export --format passim` writes the documents that passim reads.
    """
    from wirethread.drawing.scores import draw_reuse_comparison
    from wirethread.exports.reuse_comparison import compare_clusters, read_clusters
    from wirethread.storage.catalog import Catalog

    with Catalog.open_published(find_folder(config, data)) as catalog:
        result = compare_clusters(catalog, read_clusters(file))
    print_answer(result, as_json=as_json, draw=draw_reuse_comparison)
