"""From vectors to passages: verdicts on paragraphs, the copy they join into, whose it is."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from wirethread.articles.types.articles import (
    ArticleId,
    PassageMatch,
)
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.matching.match import rethreshold
from wirethread.clustering.passages.derivation import derive_articles
from wirethread.clustering.passages.duplicates import DuplicateSettings, find_duplicates
from wirethread.clustering.passages.join import join_passages
from wirethread.clustering.passages.own_copy import to_article_text
from wirethread.clustering.passages.own_words import find_own_paragraphs
from wirethread.clustering.passages.relations import relate_places
from wirethread.clustering.passages.standing import dismiss_standing, find_departed
from wirethread.clustering.types import ArticleText, VectorTable
from wirethread.flows.runners.partitions import Partition, SetAside
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.stages.embedding import ModelChoice
from wirethread.flows.stages.matching import MatchingContent, match_articles
from wirethread.flows.steps.docket import Docket, Workplace
from wirethread.flows.steps.loading import list_embedded, with_first_times
from wirethread.flows.steps.windows import cut_by_days, find_neighbourhood, name_days
from wirethread.storage.catalog import Catalog
from wirethread.storage.vectors.segments import VectorSegments

__all__ = [
    "join_copy",
    "match_pending",
    "rethreshold_verdicts",
    "update_duplicates",
]


def load_texts(catalog: Catalog, article_ids: Sequence[ArticleId]) -> list[ArticleText]:
    """Return the articles as passage matching sees them, by id."""
    parsed = with_first_times(catalog, catalog.articles.load_articles(article_ids))
    return [to_article_text(one) for one in parsed]


def load_vectors(
    catalog: Catalog, vectors: VectorSegments, articles: Sequence[ArticleText]
) -> VectorTable:
    """Return the vectors of every body paragraph that has one, by text hash."""
    hashes = catalog.surroundings.find_body_texts([article.article_id for article in articles])
    present = hashes[vectors.locate(hashes)[0]]
    return VectorTable(hashes=present, vectors=vectors.fetch(present))


def match_pending(
    docket: Docket,
    vectors: VectorSegments,
    settings: MatchSettings,
    *,
    model: ModelChoice,
    workplace: Workplace,
    largest: int,
) -> Mapping[str, int]:
    """Match every new article with its neighbourhood, and store the verdicts by partition."""
    catalog = docket.catalog
    waiting = docket.list_pending()
    pending = list_embedded(catalog, waiting, vectors.model_id)
    groups = cut_by_days(catalog, pending, settings.window_days, largest)
    counter = Counter(dict.fromkeys(("n_matched", "n_new_matches"), 0))

    def plan() -> Iterator[Partition[MatchingContent]]:
        later = set(waiting)
        for group in groups:
            later -= set(group)
            content = gather_matching(catalog, vectors, group, later, settings, model=model)
            yield Partition(name=f"matching {name_days(catalog, group)}", content=content)

    def tell(partition: Partition[MatchingContent], share: float) -> None:
        n_done = counter["n_matched"] + int(share * partition.content.is_new.sum())
        report_progress("match", n_done, len(pending))

    for group, outcome in zip(
        groups, workplace.runner.map(match_articles, plan(), tell), strict=True
    ):
        if isinstance(outcome, SetAside):
            workplace.tell_set_aside(str(outcome))
            continue
        verdicts = leave_out_versions(catalog, outcome.result)
        with docket.finishing(group):
            catalog.copy.replace_verdicts(docket.run_id, verdicts, group)
        counter["n_matched"] += len(group)
        counter["n_new_matches"] += sum(verdict.is_match for verdict in verdicts)
    return counter


def gather_matching(
    catalog: Catalog,
    vectors: VectorSegments,
    new_ids: Sequence[ArticleId],
    later: Collection[ArticleId],
    settings: MatchSettings,
    *,
    model: ModelChoice,
) -> MatchingContent:
    """Return new articles with their neighbourhood, but for those whose turn comes `later`."""
    near = [
        article_id
        for article_id in find_neighbourhood(
            catalog, new_ids, settings.window_days, with_superseded=True
        )
        if article_id not in later
    ]
    articles = leave_out_superseded(catalog, load_texts(catalog, near))
    wanted = set(new_ids)
    return MatchingContent(
        articles=articles,
        vectors=load_vectors(catalog, vectors, articles),
        is_new=np.array([article.article_id in wanted for article in articles], dtype=bool),
        settings=settings,
        model=model,
    )


def leave_out_superseded(catalog: Catalog, articles: Sequence[ArticleText]) -> list[ArticleText]:
    """Return the articles without those that a later version replaced, but for agency copy.

    Who printed an agency's words before it changed them is still to be found by them.
    """
    superseded = catalog.versions.find_superseded([article.article_id for article in articles])
    return [
        article
        for article in articles
        if article.article_id not in superseded or article.agency is not None
    ]


def leave_out_versions(catalog: Catalog, verdicts: Sequence[PassageMatch]) -> list[PassageMatch]:
    """Return the verdicts but for those on two versions of one article: they are no copies."""
    sides = {side for one in verdicts for side in (one.left_article_id, one.right_article_id)}
    series = catalog.versions.find_series(sides)
    return [
        verdict
        for verdict in verdicts
        if verdict.left_article_id not in series
        or series[verdict.left_article_id] != series.get(verdict.right_article_id)
    ]


def rethreshold_verdicts(docket: Docket, settings: MatchSettings) -> int:
    """Judge the stored scores under thresholds that were moved; return how many changed."""
    pending = docket.list_pending()
    if not pending:
        return 0
    stored = docket.catalog.copy.load_verdicts(pending, matches_only=False, with_superseded=True)
    judged = rethreshold(stored, settings)
    changed = [new for old, new in zip(stored, judged, strict=True) if new is not old]
    concerned = {side for one in changed for side in (one.left_article_id, one.right_article_id)}
    with docket.finishing(pending):
        docket.reopen(concerned)
        docket.catalog.copy.update_verdicts(docket.run_id, changed)
    return len(changed)


def join_copy(docket: Docket) -> Mapping[str, int]:
    """Join the matches of newly matched articles into passages, and tell what they derive from."""
    catalog = docket.catalog
    pending = docket.list_pending()
    if not pending:
        return {"n_new_passages": 0, "n_passages": 0}
    superseded = catalog.versions.find_superseded(pending)
    scope = find_copy_around(catalog, pending, superseded)
    articles = load_texts(catalog, [one for one in scope if one not in superseded])
    matches = [verdict for verdict in catalog.copy.load_verdicts(scope) if verdict.is_match]
    before = catalog.copy.load_passages(scope)
    passages = join_passages(matches, articles, before)
    matches, standing = dismiss_standing(
        matches, passages, {article.article_id: article for article in articles}
    )
    if standing:
        passages = join_passages(matches, articles, before)
    passages = relate_places(passages, matches)
    derivations = derive_articles(articles, passages, matches, find_own_paragraphs(articles))
    with docket.finishing(pending):
        if superseded:  # what they took part in counts otherwise from now on
            docket.reopen(scope)
        if standing:
            catalog.copy.update_verdicts(docket.run_id, standing)
            catalog.copy.record_departures(docket.run_id, find_departed(before, standing))
        catalog.copy.replace_passages(docket.run_id, passages, derivations, article_ids=scope)
    known = {one.passage_id for one in before}
    return {
        "n_new_passages": len({passage.passage_id for passage in passages} - known),
        "n_passages": len(passages),
    }


def find_copy_around(
    catalog: Catalog, article_ids: Sequence[ArticleId], superseded: Collection[ArticleId]
) -> list[ArticleId]:
    """Return the articles with all that share copy with them, or did with the superseded ones."""
    scope = {*article_ids, *catalog.copy.find_articles_sharing_copy(article_ids)}
    if not superseded:
        return sorted(scope)
    while True:
        places = [
            place for passage in catalog.copy.load_passages(scope) for place in passage.places
        ]
        wider = scope | set(
            catalog.copy.find_articles_sharing_copy(scope | {p.article_id for p in places})
        )
        if wider == scope:
            return sorted(scope)
        scope = wider


def update_duplicates(
    docket: Docket, window_days: float, settings: DuplicateSettings
) -> Mapping[str, int]:
    """Bring the duplicate clusters up to date with newly matched articles."""
    catalog = docket.catalog
    pending = docket.list_pending()
    if not pending:
        return {"n_duplicate_clusters": 0}
    near = {*find_neighbourhood(catalog, pending, window_days), *pending}
    before = catalog.copy.load_duplicates(near)
    scope = sorted({*near, *(one for cluster in before for one in cluster.article_ids)})
    superseded = catalog.versions.find_superseded(scope)
    clusters = find_duplicates(
        load_texts(catalog, [one for one in scope if one not in superseded]), settings
    )
    with docket.finishing(pending):
        catalog.copy.replace_duplicates(docket.run_id, clusters, article_ids=scope)
    return {"n_duplicate_clusters": len(clusters)}
