"""Score the shipped settings on labelled articles, without touching any catalog."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from wirethread.articles.errors import SourceError
from wirethread.articles.opening import compose_opening
from wirethread.articles.parsing.parse import parse_article
from wirethread.articles.reading.reader import read_articles
from wirethread.articles.types.articles import ArticleId, ParsedArticle, RejectedArticle
from wirethread.clustering.links.score import score_links
from wirethread.clustering.measures.metrics import (
    ClusterError,
    ClusterScores,
    PrecisionRecall,
    find_worst_merges,
    find_worst_splits,
    score_clusters,
)
from wirethread.clustering.settings import StoryArticle
from wirethread.clustering.stories.linkage import as_story, cluster_articles
from wirethread.embedding.encoder import Encoder
from wirethread.flows.runs.progress import ProgressCounter
from wirethread.flows.settings.config import Settings
from wirethread.flows.stages.linking import to_story_article

__all__ = ["StoryEvaluation", "evaluate_stories", "parse_source", "read_rows"]


Level = Literal["clusters", "threads"]
SAME_LEVEL = 0.01
"""Scores that differ by less say nothing about the level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEvaluation:
    """How well the story clusters of a labelled file were found, and where they were not."""

    level: Level
    """What was compared with the labels."""
    scores: ClusterScores
    levels: Mapping[Level, PrecisionRecall]
    """B-cubed of both levels."""
    label_level: str
    """Where the labels lie between the two levels, in words."""
    n_articles: int
    n_rejected: int
    """Labelled articles that could not be parsed; each counts as a cluster of its own."""
    worst_merges: Sequence[ClusterError]
    worst_splits: Sequence[ClusterError]
    headlines: Mapping[ArticleId, str]
    """Headline by source id, for the errors listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledArticle:
    """An article under its label's id, and the text whose vector stands for it."""

    article: StoryArticle
    opening: str


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a labelled file. Raises `SourceError` naming file and line."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise SourceError(f"{path}:{number}: expected a JSON object")
                    yield row
    except json.JSONDecodeError as error:
        raise SourceError(f"{path}:{number}: not valid JSON: {error.msg}") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read: {error}") from error


def parse_source(path: Path) -> tuple[list[ParsedArticle], list[RejectedArticle]]:
    """Read and parse a whole source into memory: what was parsed, and what was set aside."""
    parsed: list[ParsedArticle] = []
    rejected: list[RejectedArticle] = []
    for found in read_articles(path):
        result = found if isinstance(found, RejectedArticle) else parse_article(found)
        if isinstance(result, RejectedArticle):
            rejected.append(result)
        else:
            parsed.append(result)
    return parsed, rejected


def read_labelled(path: Path) -> tuple[dict[ArticleId, str], list[LabelledArticle]]:
    """Return the story of each labelled id, and the labelled articles that can be used.

    A labelled article that is nothing but a headline is still clustered by it, though a run would
    set it aside. Raises `SourceError` where the file holds no labels.
    """
    labels: dict[ArticleId, str] = {}
    headlines: dict[ArticleId, str] = {}
    for row in read_rows(path):
        if row.get("id") is not None and row.get("story") is not None:
            name = ArticleId(str(row["id"]))
            labels[name] = str(row["story"])
            headlines[name] = str(row.get("title") or "").strip()
    if not labels:
        raise SourceError(f"{path}: no line has both `id` and `story`")
    parsed, _ = parse_source(path)
    articles = [
        LabelledArticle(
            article=replace(to_story_article(article), article_id=ArticleId(str(source_id))),
            opening=compose_opening(article.article.headline, article.paragraphs),
        )
        for article in parsed
        if (source_id := article.article.source_id) in labels
    ]
    read = {one.article.article_id for one in articles}
    articles += [
        LabelledArticle(
            article=StoryArticle(article_id=name, headline=headline, text=""), opening=headline
        )
        for name, headline in headlines.items()
        if headline and name not in read
    ]
    return labels, articles


def evaluate_stories(
    path: Path, encoder: Encoder, settings: Settings, *, level: Level = "clusters"
) -> StoryEvaluation:
    """Cluster the articles of a labelled file (`id`, `story`), thread them, and score a level.

    Raises `SourceError` where the file holds no labels.
    """
    labels, labelled = read_labelled(path)
    progress = ProgressCounter("embed", 0, len(labelled))
    vectors = encoder.encode([one.opening for one in labelled], on_progress=progress.add)
    articles = [one.article for one in labelled]
    links = score_links(articles, vectors, settings=settings.stories)
    ids = [article.article_id for article in articles]
    clusters = cluster_articles(ids, links, settings=settings.stories)
    threads = cluster_articles(ids, links, settings=as_story(settings.stories), whole=clusters)
    found = {"clusters": number_groups(labels, clusters), "threads": number_groups(labels, threads)}
    order = sorted(labels)
    scores = {
        name: score_clusters([labels[one] for one in order], [predicted[one] for one in order])
        for name, predicted in found.items()
    }
    predicted = found[level]
    return StoryEvaluation(
        level=level,
        scores=scores[level],
        levels={"clusters": scores["clusters"].bcubed, "threads": scores["threads"].bcubed},
        label_level=tell_label_level(scores["clusters"].bcubed, scores["threads"].bcubed),
        n_articles=len(order),
        n_rejected=len(labels) - len(ids),
        worst_merges=find_worst_merges(labels, predicted, limit=5),
        worst_splits=find_worst_splits(labels, predicted, limit=5),
        headlines={article.article_id: article.headline for article in articles},
    )


def number_groups(
    labels: Mapping[ArticleId, str], groups: Sequence[Sequence[ArticleId]]
) -> dict[ArticleId, str]:
    """Return the group of each labelled article; one that was not read is alone."""
    found = {member: str(number) for number, group in enumerate(groups) for member in group}
    return {one: found.get(one, f"unread {one}") for one in labels}


def tell_label_level(clusters: PrecisionRecall, threads: PrecisionRecall) -> str:
    """Return in words whether labels mean happenings, whole stories, or something between.

    Labels of happenings lose precision where clusters are joined to threads; labels of stories gain
    recall.
    """
    gain, loss = threads.recall - clusters.recall, clusters.precision - threads.precision
    if max(gain, loss) < SAME_LEVEL:
        return "The labels do not tell the levels apart: few clusters are joined to threads."
    if abs(threads.f1 - clusters.f1) < SAME_LEVEL:
        return "The labels lie between the levels: some mean happenings, some whole stories."
    nearer = "whole stories, as threads are" if gain > loss else "happenings, as clusters are"
    return f"The labels mean {nearer} (`stories.granularity` sets what clusters are)."
