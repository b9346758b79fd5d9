"""Why two articles share copy or not, and why they are one story or not, with every number."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from articles.errors import NotFoundError
from articles.types import (
    ArticleId,
    Correction,
    CorrectionKind,
    Link,
    ParagraphKind,
    StoryCluster,
)
from clustering.explain import explain_pair
from clustering.paths import average_score, find_strongest_path
from clustering.records import ArticleText, PairExplanation, VectorTable
from flows.config import Settings
from flows.embed import LazyEncoder
from flows.match import to_article_text
from storage.answers import ArticleSummary
from storage.catalog import Catalog
from storage.queries import find_article, list_article_summaries
from storage.surroundings import find_embedded, find_headlines
from storage.vectors import VectorSegments

__all__ = ["PairReport", "PathStep", "StoryReport", "explain_articles"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """One link on the way from one article to the other."""

    link: Link
    left_headline: str
    right_headline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryReport:
    """Why two articles are in one story cluster, or in two."""

    verdict: str
    left_cluster: StoryCluster | None
    right_cluster: StoryCluster | None
    link: Link | None
    """Their own link; None where they were too unlike, or too far apart in time, to keep one."""
    threshold: float
    average: float | None
    """Mean score between the two clusters, or inside the one, with 0 for pairs without a link."""
    path: Sequence[PathStep]
    """The strongest path of links between them."""
    corrections: Sequence[Correction]
    """What people said about either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairReport:
    """Everything that was decided about two articles."""

    left: ArticleSummary
    right: ArticleSummary
    copy: PairExplanation
    story: StoryReport


def explain_articles(settings: Settings, left: str, right: str) -> PairReport:
    """Return why the two articles (ids, source ids or URLs) share copy and story, or do not.

    Works on the published snapshot. Raises `NotFoundError` for an unknown article.
    """
    with Catalog.open_published(settings.data_folder) as catalog:
        ids = find_article(catalog, left), find_article(catalog, right)
        if ids[0] == ids[1]:
            raise NotFoundError(f"{left} and {right} are the same article")
        texts = {
            one.article.article_id: to_article_text(one) for one in catalog.load_article_texts(ids)
        }
        articles = [texts[one] for one in ids]
        summaries = {one.article_id: one for one in list_article_summaries(catalog, ids)}
        return PairReport(
            left=summaries[ids[0]],
            right=summaries[ids[1]],
            copy=explain_pair(
                articles[0],
                articles[1],
                load_pair_vectors(catalog, settings, articles),
                settings.matching,
            ),
            story=explain_story(catalog, ids[0], ids[1], settings.stories.threshold),
        )


def load_pair_vectors(
    catalog: Catalog, settings: Settings, articles: Sequence[ArticleText]
) -> VectorTable | None:
    """Return the vectors of the articles' paragraphs; None where none were made."""
    model_id = LazyEncoder(settings.embedding).model_id
    segments = catalog.list_segments(model_id)
    if not segments:
        return None
    vectors = VectorSegments(
        catalog.folder, catalog, model_id=model_id, dimension=segments[0].dimension
    )
    hashes = np.unique(
        np.array(
            [
                one.text_hash
                for article in articles
                for one in article.paragraphs
                if one.kind is ParagraphKind.BODY
            ],
            dtype=np.int64,
        )
    )
    present = find_embedded(catalog, vectors, hashes)
    return VectorTable(hashes=present, vectors=vectors.fetch(present))


def explain_story(
    catalog: Catalog, left: ArticleId, right: ArticleId, threshold: float
) -> StoryReport:
    """Return the clusters of two articles and the links that joined or failed to join them."""
    membership = catalog.clusters_of_articles([left, right])
    clusters = {one.cluster_id: one for one in catalog.load_clusters(set(membership.values()))}
    left_cluster = clusters.get(membership[left]) if left in membership else None
    right_cluster = clusters.get(membership[right]) if right in membership else None
    members = {one for cluster in clusters.values() for one in cluster.article_ids}
    links = catalog.load_links({*members, left, right}, within=True)
    path = find_strongest_path(links, left, right) or []
    headlines = find_headlines(catalog, {one for link in path for one in ends(link)})
    corrections = [
        one
        for one in catalog.corrections()
        if one.kind is not CorrectionKind.PIN_TITLE and {one.left_id, one.right_id} & members
    ]
    average = average_between(links, left, right, left_cluster, right_cluster)
    return StoryReport(
        verdict=judge_story(left_cluster, right_cluster, average, threshold, corrections),
        left_cluster=left_cluster,
        right_cluster=right_cluster,
        link=next((one for one in links if {left, right} == set(ends(one))), None),
        threshold=threshold,
        average=average,
        path=[
            PathStep(
                link=one,
                left_headline=headlines[one.left_id],
                right_headline=headlines[one.right_id],
            )
            for one in path
        ],
        corrections=corrections,
    )


def ends(link: Link) -> tuple[ArticleId, ArticleId]:
    """Return both articles of a link."""
    return link.left_id, link.right_id


def average_between(
    links: Sequence[Link],
    left: ArticleId,
    right: ArticleId,
    left_cluster: StoryCluster | None,
    right_cluster: StoryCluster | None,
) -> float | None:
    """Return the mean score between two clusters, or of one article with the rest of the one."""
    if left_cluster is None or right_cluster is None:
        return None
    if left_cluster.cluster_id == right_cluster.cluster_id:
        rest = [one for one in left_cluster.article_ids if one not in (left, right)]
        return average_score(links, [left], [*rest, right])
    return average_score(links, left_cluster.article_ids, right_cluster.article_ids)


def judge_story(
    left: StoryCluster | None,
    right: StoryCluster | None,
    average: float | None,
    threshold: float,
    corrections: Sequence[Correction],
) -> str:
    """Return in a sentence why two articles are in one story cluster, or in two."""
    if left is None or right is None or average is None:
        return "not clustered yet: the next run does it"
    said = f"; people corrected it ({len(corrections)} corrections)" if corrections else ""
    if left.cluster_id == right.cluster_id:
        return (
            f"one story cluster ({left.cluster_id}, {len(left.article_ids)} articles): the first "
            f"article's links to the others average {average:.2f}{said}"
        )
    relation = "below" if average < threshold else "not below"
    return (
        f"two story clusters: all pairs between them average {average:.2f}, {relation} the "
        f"{threshold:.2f} at which clusters join{said}"
    )
