"""What people said, gathered as evidence for the story settings, and what it would change."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from wirethread.articles.errors import NotFoundError, SourceError
from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.stories.linkage import label_components
from wirethread.embedding.encoder import Encoder
from wirethread.embedding.lazy import LazyEncoder
from wirethread.flows.evaluation.fitting import Calibration, fit_settings
from wirethread.flows.evaluation.label_evidence import (
    JudgedPairs,
    LinkTable,
    StoryEvidence,
    build_link_table,
)
from wirethread.flows.evaluation.labels_file import PairLabel, list_decided, read_labels
from wirethread.flows.evaluation.stories import read_labelled
from wirethread.flows.runs.progress import ProgressCounter
from wirethread.flows.settings.config import Settings
from wirethread.flows.steps.threads import load_openings
from wirethread.storage.catalog import Catalog
from wirethread.storage.vectors.segments import VectorSegments

__all__ = ["calibrate_on_pairs", "calibrate_on_stories"]

N_FOLDS = 5
MIN_LABELS = 20
MIN_LABELS_EACH = 5
"""Of yes and of no."""
MIN_STORIES = 10
"""Labelled stories with two articles or more."""


def calibrate_on_stories(
    path: Path, encoder: Encoder, settings: Settings, *, n_folds: int = N_FOLDS
) -> Calibration:
    """Fit the story settings to a labelled file (`id`, `story`).

    Raises `SourceError` where it holds too few stories, or says nothing about what is apart.
    """
    labels, labelled = read_labelled(path)
    sizes = Counter(labels[one.article.article_id] for one in labelled)
    n_stories = sum(size > 1 for size in sizes.values())
    if n_stories < MIN_STORIES:
        raise SourceError(
            f"{path}: {n_stories} stories of two articles or more are too few to fit settings on; "
            f"at least {MIN_STORIES} are needed, so nothing is changed"
        )
    progress = ProgressCounter("embed", 0, len(labelled))
    openings = encoder.encode([one.opening for one in labelled], on_progress=progress.add)
    table = build_link_table([one.article for one in labelled], openings, {}, settings.stories)
    stories = {one.article.article_id: labels[one.article.article_id] for one in labelled}
    evidence = StoryEvidence(table, stories, n_folds=n_folds)
    return fit_settings(evidence, settings.stories, path, "stories")


def calibrate_on_pairs(path: Path, settings: Settings, *, n_folds: int = N_FOLDS) -> Calibration:
    """Fit the story settings to labels about pairs of articles of the published snapshot.

    Raises `SourceError` where there are too few labels, or nearly all of them are alike.
    """
    labels = list_decided(read_labels(path))
    with Catalog.open_published(settings.data_folder) as catalog:
        known = catalog.surroundings.find_headlines(
            {end for label in labels for end in (label.left_id, label.right_id)},
        )
        labels = [one for one in labels if one.left_id in known and one.right_id in known]
        refuse_little(path, labels)
        table = gather_links(catalog, settings, sorted(known))
        stories = name_groups(catalog, labels)
    pairs = {(one.left_id, one.right_id): bool(one.same) for one in labels}
    evidence = JudgedPairs(table, pairs, stories, n_folds=n_folds)
    return fit_settings(evidence, settings.stories, path, "pairs")


def refuse_little(path: Path, labels: Sequence[PairLabel]) -> None:
    """Raise `SourceError` where labels are too few, or too much alike, to fit anything on."""
    n_same = sum(bool(label.same) for label in labels)
    n_apart = len(labels) - n_same
    if len(labels) < MIN_LABELS or min(n_same, n_apart) < MIN_LABELS_EACH:
        raise SourceError(
            f"{path}: {n_same} pairs of one story and {n_apart} of two, of articles in the "
            f"published snapshot, are too little to fit settings on; at least {MIN_LABELS} "
            f"answers, {MIN_LABELS_EACH} of each kind, are needed, so nothing is changed"
        )


def gather_links(catalog: Catalog, settings: Settings, labelled: Sequence[ArticleId]) -> LinkTable:
    """Score the labelled articles with those around them: cluster mates, and what links reach."""
    near = add_mates(catalog, set(labelled))
    near |= {
        one for link in catalog.stories.load_links(near) for one in (link.left_id, link.right_id)
    }
    ids = sorted(add_mates(catalog, near))
    model_id = LazyEncoder(settings.embedding).keep_to(catalog.vectors.list_model_ids()).model_id
    segments = catalog.vectors.list_segments(model_id)
    if not segments:
        raise NotFoundError(f"{settings.data_folder} holds no vectors of the model {model_id}")
    vectors = VectorSegments(
        catalog.folder, catalog, model_id=model_id, dimension=segments[0].dimension
    )
    articles, openings = load_openings(catalog, vectors, ids)
    return build_link_table(
        articles, openings, catalog.surroundings.find_shared_copy(ids), settings.stories
    )


def add_mates(catalog: Catalog, article_ids: set[ArticleId]) -> set[ArticleId]:
    """Return the articles with all that share a story cluster with one of them."""
    clusters = catalog.stories.load_clusters(
        set(catalog.stories.find_clusters_of_articles(article_ids).values())
    )
    return article_ids | {one for cluster in clusters for one in cluster.article_ids}


def name_groups(catalog: Catalog, labels: Sequence[PairLabel]) -> list[str]:
    """Return, for each label, the group of labels that articles or clusters tie together."""
    ends = sorted({end for label in labels for end in (label.left_id, label.right_id)})
    present = catalog.stories.find_clusters_of_articles(ends)
    knots: dict[str, int] = {}
    for one in ends:
        knots.setdefault(present.get(one, one), len(knots))
    place_of = {one: knots[present.get(one, one)] for one in ends}
    left = np.array([place_of[one.left_id] for one in labels], dtype=np.int64)
    right = np.array([place_of[one.right_id] for one in labels], dtype=np.int64)
    groups = label_components(len(knots), left, right)
    return [str(groups[place]) for place in left]
