"""Why two articles share copy or not, and why they are one story or not, with every number."""

from collections.abc import Sequence
from dataclasses import dataclass

from wirethread.articles.errors import NotFoundError
from wirethread.articles.types.articles import (
    ArticleId,
    Correction,
    CorrectionKind,
    Link,
    ParsedArticle,
    StoryCluster,
)
from wirethread.clustering.matching.explain import explain_pair
from wirethread.clustering.passages.own_copy import to_article_text
from wirethread.clustering.settings import StorySettings
from wirethread.clustering.stories.reasons import (
    GroupComparison,
    LinkExplanation,
    compare_groups,
    explain_link,
    find_path,
)
from wirethread.clustering.types import ArticleText, PairExplanation, VectorTable
from wirethread.embedding.lazy import LazyEncoder
from wirethread.flows.settings.config import Settings
from wirethread.flows.stages.embedding import load_once
from wirethread.flows.stages.linking import to_story_article
from wirethread.flows.steps.loading import carry_corrections
from wirethread.flows.steps.match import load_vectors
from wirethread.storage.answers.article import find_article
from wirethread.storage.answers.queries import list_article_summaries
from wirethread.storage.answers.types import ArticleSummary
from wirethread.storage.catalog import Catalog
from wirethread.storage.vectors.segments import VectorSegments

__all__ = [
    "PairReport",
    "PathStep",
    "StoryReport",
    "explain_articles",
    "explain_copy",
    "explain_in",
    "explain_story",
    "open_stored_vectors",
]


Pair = tuple[ArticleId, ArticleId]


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
    link: LinkExplanation | None
    """Their own score, taken apart; None where their openings have no vectors yet."""
    comparison: GroupComparison | None
    """Their two clusters against each other, or the first article against the rest of its own."""
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
        return explain_in(catalog, settings, left, right)


def explain_in(catalog: Catalog, settings: Settings, left: str, right: str) -> PairReport:
    """Return what `explain_articles` does, of a snapshot that is open."""
    ids = find_article(catalog, left), find_article(catalog, right)
    if ids[0] == ids[1]:
        raise NotFoundError(f"{left} and {right} are the same article")
    parsed = {
        article.article.article_id: article for article in catalog.articles.load_articles(ids)
    }
    summaries = {summary.article_id: summary for summary in list_article_summaries(catalog, ids)}
    vectors = open_stored_vectors(catalog, settings)
    sides = parsed[ids[0]], parsed[ids[1]]
    return PairReport(
        left=summaries[ids[0]],
        right=summaries[ids[1]],
        copy=explain_copy(catalog, vectors, settings, sides),
        story=explain_story(catalog, vectors, settings, sides),
    )


def explain_copy(
    catalog: Catalog,
    vectors: VectorSegments | None,
    settings: Settings,
    sides: tuple[ParsedArticle, ParsedArticle],
) -> PairExplanation:
    """Return why two articles of an open archive share copy, or do not."""
    left, right = (to_article_text(side) for side in sides)
    found = load_pair_vectors(catalog, vectors, (left, right))
    if vectors is None:
        return explain_pair(left, right, found, settings.matching)
    model_id = vectors.model_id
    return explain_pair(
        left,
        right,
        found,
        settings.matching,
        lambda texts: load_once(settings.embedding, model_id).encode_tokens(texts),
    )


def open_stored_vectors(catalog: Catalog, settings: Settings) -> VectorSegments | None:
    """Return the vectors of the model that the settings name; None where there are none."""
    model_id = LazyEncoder(settings.embedding).keep_to(catalog.vectors.list_model_ids()).model_id
    segments = catalog.vectors.list_segments(model_id)
    if not segments:
        return None
    return VectorSegments(
        catalog.folder, catalog, model_id=model_id, dimension=segments[0].dimension
    )


def load_pair_vectors(
    catalog: Catalog, vectors: VectorSegments | None, articles: Sequence[ArticleText]
) -> VectorTable | None:
    """Return the vectors of the articles' paragraphs."""
    return None if vectors is None else load_vectors(catalog, vectors, articles)


def explain_story(
    catalog: Catalog,
    vectors: VectorSegments | None,
    settings: Settings,
    sides: tuple[ParsedArticle, ParsedArticle],
) -> StoryReport:
    """Return the clusters of two articles and the links that joined or failed to join them."""
    pair = left, right = sides[0].article.article_id, sides[1].article.article_id
    membership = catalog.stories.find_clusters_of_articles(pair)
    clusters = {
        one.cluster_id: one for one in catalog.stories.load_clusters(set(membership.values()))
    }
    left_cluster = clusters.get(membership[left]) if left in membership else None
    right_cluster = clusters.get(membership[right]) if right in membership else None
    members = {one for cluster in clusters.values() for one in cluster.article_ids}
    links = catalog.stories.load_links({*members, *pair}, within=True)
    path = find_path(left, right, links)
    headlines = catalog.surroundings.find_headlines(
        {one for link in path for one in (link.left_id, link.right_id)}
    )
    corrections = [
        correction
        for correction in carry_corrections(catalog, catalog.corrections.load_corrections())
        if correction.kind is not CorrectionKind.PIN_TITLE
        and {correction.left_id, correction.right_id} & members
    ]
    comparison = compare_clusters(links, pair, left_cluster, right_cluster, settings.stories)
    return StoryReport(
        verdict=judge_story(left_cluster, right_cluster, comparison, corrections),
        left_cluster=left_cluster,
        right_cluster=right_cluster,
        link=explain_own_link(catalog, vectors, settings.stories, sides),
        comparison=comparison,
        path=[
            PathStep(
                link=step,
                left_headline=headlines[step.left_id],
                right_headline=headlines[step.right_id],
            )
            for step in path
        ],
        corrections=corrections,
    )


def explain_own_link(
    catalog: Catalog,
    vectors: VectorSegments | None,
    settings: StorySettings,
    sides: tuple[ParsedArticle, ParsedArticle],
) -> LinkExplanation | None:
    """Return the score of the two articles with all its parts, whether it was kept or not."""
    if vectors is None:
        return None
    pair = sides[0].article.article_id, sides[1].article.article_id
    hashes = catalog.articles.find_opening_hashes(pair)
    if len(vectors.locate(hashes)[0]) < len(hashes):
        return None
    shared = catalog.surroundings.find_shared_copy(pair)
    return explain_link(
        to_story_article(sides[0]),
        to_story_article(sides[1]),
        vectors.fetch(hashes),
        shared.get((min(pair), max(pair)), 0.0),
        settings,
    )


def compare_clusters(
    links: Sequence[Link],
    pair: Pair,
    left: StoryCluster | None,
    right: StoryCluster | None,
    settings: StorySettings,
) -> GroupComparison | None:
    """Return how two clusters stand to each other, or the first article to the rest of the one."""
    if left is None or right is None:
        return None
    if left.cluster_id == right.cluster_id:
        rest = [one for one in left.article_ids if one != pair[0]]
        return compare_groups([pair[0]], rest, links, settings)
    return compare_groups(left.article_ids, right.article_ids, links, settings)


def judge_story(
    left: StoryCluster | None,
    right: StoryCluster | None,
    comparison: GroupComparison | None,
    corrections: Sequence[Correction],
) -> str:
    """Return in a sentence why two articles are in one story cluster, or in two."""
    if left is None or right is None or comparison is None:
        return "not clustered yet: the next run does it"
    said = f"; people corrected it ({len(corrections)} corrections)" if corrections else ""
    if left.cluster_id == right.cluster_id:
        return (
            f"one story cluster, {left.cluster_id} with {len(left.article_ids)} articles: against "
            f"the rest of it the first one stands so that {comparison.reason}{said}"
        )
    return f"two story clusters: {comparison.reason}{said}"
