"""Explanations of a pair of articles as text: aligned passages with their differences marked."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from wirethread.articles.types.articles import Link
from wirethread.clustering.stories.reasons import LinkExplanation
from wirethread.clustering.types import AlignedPassage, DiffPiece
from wirethread.drawing.answers import RELATIONS, format_time
from wirethread.drawing.plain_table import plain_table
from wirethread.flows.operations.explain import PairReport, StoryReport
from wirethread.storage.answers.types import ArticleSummary

__all__ = ["draw_pair"]


def draw_pair(report: PairReport) -> RenderableType:
    """Return why two articles share copy and story, or do not."""
    parts: list[RenderableType] = [
        describe_article("left", report.left),
        describe_article("right", report.right),
        Text("\nCopy", style="bold"),
        Text(report.copy.verdict),
        *[Text(f"  {note}") for note in report.copy.notes],
    ]
    for number, passage in enumerate(report.copy.passages, 1):
        parts += draw_passage(number, passage)
    return Group(*parts, *draw_story(report.story))


def describe_article(side: str, article: ArticleSummary) -> Text:
    """Return an article in a line."""
    published = format_time(article.published_at, article.published_precision)
    return Text(f"{side:5} {article.article_id}  {article.outlet}, {published}: {article.headline}")


def draw_passage(number: int, passage: AlignedPassage) -> list[RenderableType]:
    """Return two spans side by side: the verdict, both texts with differences, all scores."""
    match = passage.match
    verdict = "match" if match.is_match else "no match"
    table = plain_table()
    table.add_column("score", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("meaning", overflow="fold")
    for score in passage.scores:
        table.add_row(score.name, f"{score.value:.3f}", Text(score.meaning))
    return [
        Text(
            f"\n{number}. {verdict}: {RELATIONS[passage.relation]}, score {match.score:.2f}. "
            f"{match.reason}",
            style="bold" if match.is_match else "",
        ),
        Text(
            f"   characters {match.left_begin} to {match.left_end} | "
            f"{match.right_begin} to {match.right_end}",
            style="dim",
        ),
        Text.assemble("   left:  ", *mark_differences(passage.pieces, is_left=True)),
        Text.assemble("   right: ", *mark_differences(passage.pieces, is_left=False)),
        *[Text(f"   rule: {rule}") for rule in passage.rules],
        table,
    ]


def mark_differences(pieces: Sequence[DiffPiece], *, is_left: bool) -> list[tuple[str, str]]:
    """Return one side of an alignment; words that the other side lacks stand in [brackets]."""
    marked: list[tuple[str, str]] = []
    for piece in pieces:
        words = piece.left if is_left else piece.right
        if not words.strip():
            continue
        if piece.kind == "equal":
            marked.append((f"{words.strip()} ", ""))
        else:
            marked.append((f"[{words.strip()}] ", "red" if is_left else "green"))
    return marked


def draw_story(story: StoryReport) -> list[RenderableType]:
    """Return why two articles are one story, or two: the link, the path, the clusters."""
    parts: list[RenderableType] = [Text("\nStory", style="bold"), Text(story.verdict)]
    if story.link is not None:
        parts += draw_link_parts(story.link)
    if len(story.path) > 1:
        parts.append(Text("the strongest path between them:"))
        parts += [
            Text(f"  {step.left_headline} | {step.right_headline}: {describe_link(step.link)}")
            for step in story.path
        ]
    parts += [
        Text(
            f"said by {correction.said_by} on {format_time(correction.said_at)}:"
            f" {correction.left_id} and {correction.right_id} {correction.kind.value}"
            f"{': ' + correction.reason if correction.reason else ''}"
        )
        for correction in story.corrections
    ]
    return parts


def draw_link_parts(link: LinkExplanation) -> list[RenderableType]:
    """Return the score of two articles part by part, and the words that carry it."""
    table = plain_table()
    table.add_column("part", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("adds", justify="right", no_wrap=True)
    table.add_column("meaning", overflow="fold")
    for part in link.parts:
        table.add_row(part.name, f"{part.value:.2f}", f"{part.adds:+.2f}", Text(part.meaning))
    words = ", ".join(f"{word} {share:.0%}" for word, share in link.shared_words)
    return [
        Text(f"these two alone: {link.verdict}"),
        table,
        Text(f"shared words: {words or 'none'}"),
    ]


def describe_link(link: Link) -> str:
    """Return a link with every component of its score."""
    gap = "unknown gap" if link.gap_days is None else f"{link.gap_days:.1f} days apart"
    return (
        f"score {link.score:.2f} (openings {link.dense:.2f}, rare words {link.sparse:.2f}, names "
        f"{link.names:.2f}, shared copy {link.shared_copy:.2f}, weekdays "
        f"{link.named_days:+.2f}, less {link.time_penalty:.2f} for {gap})"
    )
