"""Evaluations as tables."""

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from wirethread.articles.printable import count
from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.measures.metrics import ClusterError
from wirethread.drawing.answers import shorten
from wirethread.drawing.plain_table import plain_table
from wirethread.exports.reuse_comparison import ReuseComparison
from wirethread.flows.evaluation.passages import PassageEvaluation
from wirethread.flows.evaluation.stories import StoryEvaluation

__all__ = ["draw_passage_evaluation", "draw_reuse_comparison", "draw_story_evaluation"]


def draw_story_evaluation(result: StoryEvaluation) -> RenderableType:
    """Return the scores of story clusters, and the worst merges and splits with headlines."""
    scores = result.scores
    table = plain_table()
    table.add_column("measure", no_wrap=True)
    for name in ("precision", "recall", "F1"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, one in (("B-cubed", scores.bcubed), ("pairwise", scores.pairwise)):
        table.add_row(name, f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}")
    return Group(
        table,
        Text(f"adjusted Rand index {scores.adjusted_rand:.3f}, V-measure {scores.v_measure:.3f}"),
        Text(tell_levels(result)),
        Text(
            f"{count(result.n_articles, 'article')} ({result.n_rejected} set aside), "
            f"{scores.n_labelled_clusters} labelled story clusters (largest "
            f"{scores.largest_labelled}), {scores.n_predicted_clusters} {result.level} found "
            f"(largest {scores.largest_predicted})"
        ),
        *draw_errors("worst merges", result.worst_merges, result.headlines),
        *draw_errors("worst splits", result.worst_splits, result.headlines),
    )


def tell_levels(result: StoryEvaluation) -> str:
    """Return how both levels do, and which of them the labels mean, in one sentence."""
    levels = result.levels
    told = ", ".join(
        f"{name} {score.f1:.3f} ({score.precision:.3f} / {score.recall:.3f})"
        for name, score in levels.items()
    )
    return f"B-cubed F1 by level: {told}. {result.label_level}"


def draw_errors(
    title: str, errors: Sequence[ClusterError], headlines: Mapping[ArticleId, str]
) -> list[RenderableType]:
    """Return clusters that were joined or parted wrongly, a headline for each part."""
    lines: list[RenderableType] = [Text(f"\n{title}:", style="bold")] if errors else []
    for error in errors:
        lines.append(Text(f"  {count(error.n_wrong_pairs, 'wrong pair')}:"))
        for part in error.parts[:4]:
            headline = headlines.get(part[0], part[0])
            lines.append(Text(f"    {len(part)} × {shorten(headline, 100)}"))
        if len(error.parts) > 4:
            lines.append(Text(f"    … and {len(error.parts) - 4} more parts"))
    return lines


def draw_passage_evaluation(result: PassageEvaluation) -> RenderableType:
    """Return the scores of passage matches and credits."""
    scores = result.scores
    table = plain_table()
    table.add_column("measure", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    for name, value in (
        ("plagdet", scores.plagdet),
        ("precision", scores.precision),
        ("recall", scores.recall),
        ("granularity", scores.granularity),
    ):
        table.add_row(name, f"{value:.4f}")
    for level, recall in scores.recall_by_level.items():
        table.add_row(f"recall of {level}", f"{recall:.4f}")
    lines = [
        f"near misses reported: {scores.n_near_misses_reported} of {scores.n_near_misses}",
        f"clean articles with a match: {scores.n_clean_reported} of {scores.n_clean} "
        + str(dict(scores.clean_reported_by_kind)),
        f"{count(result.n_articles, 'article')} ({result.n_rejected} set aside), "
        f"{count(scores.n_cases, 'labelled passage')}, "
        f"{count(scores.n_predictions, 'prediction')} in labelled articles",
    ]
    lines += [
        f"told with {band.low:g} to {band.high:g}: {band.n_right} of {band.n_predictions} right"
        for band in scores.reliability
    ]
    if result.credits is not None:
        lines.append(
            f"credits: precision {result.credits.precision:.4f}, recall "
            f"{result.credits.recall:.4f} of {result.credits.n_labelled}"
        )
    return Group(table, *[Text(line) for line in lines])


def draw_reuse_comparison(result: ReuseComparison) -> RenderableType:
    """Return who found how many of the other's places, and the first that one of both lacks."""
    table = plain_table()
    table.add_column("of", no_wrap=True)
    for name in ("all", "also found by the other"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, n_all, n_found in (
        ("clusters of the file", result.n_clusters, result.n_clusters_found),
        ("their places", result.n_places, result.n_places_found),
        ("passages of the archive", result.n_passages, result.n_passages_found),
        ("their places", result.n_passage_places, result.n_passage_places_found),
    ):
        table.add_row(name, f"{n_all:,}", f"{n_found:,}")
    lines = [
        Text(f"only in {where}: {place.article_id}, {place.begin} to {place.end} ({place.cluster})")
        for where, places in (
            ("the file", result.only_in_file),
            ("the archive", result.only_in_archive),
        )
        for place in places[:10]
    ]
    if result.n_unknown:
        lines.append(Text(f"{count(result.n_unknown, 'place')} in documents not in the archive"))
    return Group(table, *lines)
