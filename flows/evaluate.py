"""Score the shipped settings on labelled articles, without touching any catalog."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from articles.errors import SourceError
from articles.opening import compose_opening
from articles.reader import read_articles
from articles.segment import parse_article
from articles.types import ArticleId, ParsedArticle, RejectedArticle
from clustering.linkage import cluster_articles
from clustering.links import score_links
from clustering.metrics import (
    ClusterError,
    ClusterScores,
    find_worst_merges,
    find_worst_splits,
    score_clusters,
)
from embedding.encoder import Encoder
from flows.config import Settings
from flows.progress import report_progress
from flows.thread import to_story_article

__all__ = ["StoryEvaluation", "evaluate_stories", "parse_source", "read_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEvaluation:
    """How well the story clusters of a labelled file were found, and where they were not."""

    scores: ClusterScores
    n_articles: int
    n_rejected: int
    """Labelled articles that could not be parsed; each counts as a cluster of its own."""
    worst_merges: Sequence[ClusterError]
    worst_splits: Sequence[ClusterError]
    headlines: Mapping[ArticleId, str]
    """Headline by source id, for the errors listed."""


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


def encode_openings(parsed: Sequence[ParsedArticle], encoder: Encoder) -> NDArray[np.float32]:
    """Return the unit vectors float32[n, d] of headline and first words of each article."""
    texts = [compose_opening(one.article.headline, one.paragraphs) for one in parsed]
    return encoder.encode(
        texts, on_progress=lambda n_done: report_progress("embed", n_done, len(texts))
    )


def evaluate_stories(path: Path, encoder: Encoder, settings: Settings) -> StoryEvaluation:
    """Cluster the articles of a labelled file (`id`, `story`) and score the outcome.

    Raises `SourceError` where the file holds no labels.
    """
    labels = {
        ArticleId(str(row["id"])): str(row["story"])
        for row in read_rows(path)
        if row.get("id") is not None and row.get("story") is not None
    }
    if not labels:
        raise SourceError(f"{path}: no line has both `id` and `story`")
    parsed, _ = parse_source(path)
    labelled = [one for one in parsed if one.article.source_id in labels]
    links = score_links(
        [to_story_article(one) for one in labelled],
        encode_openings(labelled, encoder),
        settings=settings.stories,
    )
    source_ids = {one.article.article_id: ArticleId(str(one.article.source_id)) for one in labelled}
    groups = cluster_articles(list(source_ids), links, settings=settings.stories)
    predicted = name_groups(groups, source_ids)
    n_rejected = len(labels) - len(predicted)
    predicted |= {one: f"unread {one}" for one in labels if one not in predicted}
    order = sorted(labels)
    return StoryEvaluation(
        scores=score_clusters([labels[one] for one in order], [predicted[one] for one in order]),
        n_articles=len(order),
        n_rejected=n_rejected,
        worst_merges=find_worst_merges(labels, predicted, limit=5),
        worst_splits=find_worst_splits(labels, predicted, limit=5),
        headlines={source_ids[one.article.article_id]: one.article.headline for one in labelled},
    )


def name_groups(
    groups: Sequence[Sequence[ArticleId]], source_ids: Mapping[ArticleId, ArticleId]
) -> dict[ArticleId, str]:
    """Return the number of its group by source id, under which the labels stand."""
    return {
        source_ids[member]: str(number) for number, group in enumerate(groups) for member in group
    }
