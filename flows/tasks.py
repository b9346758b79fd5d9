"""The steps as Prefect tasks: batches worth a retry, which take and return small things."""

from collections.abc import Mapping, Sequence
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from wirethread.articles.errors import WirethreadError
from wirethread.articles.types.articles import ArticleId
from wirethread.flows.intake.gather import GatherResult, gather_web
from wirethread.flows.intake.inbox import read_watched
from wirethread.flows.intake.ingest import read_source
from wirethread.flows.reports.alerts import send_alerts
from wirethread.flows.runs.held_catalog import open_catalog
from wirethread.flows.runs.results import ReadCounts
from wirethread.flows.settings.config import Settings
from wirethread.flows.steps.count import count_sources
from wirethread.flows.steps.embed import LazyEncoder, compact_vectors, embed_batch, open_vectors
from wirethread.flows.steps.fingerprints import StepVersions
from wirethread.flows.steps.match import (
    join_copy,
    match_batch,
    rethreshold_verdicts,
    update_duplicates,
)
from wirethread.flows.steps.outdated import find_outdated
from wirethread.flows.steps.threads import cluster_stories, link_batch, tie_threads
from wirethread.sources.settings import SourceSettings
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.vectors.segments import LostVectors

__all__ = [
    "cluster_stories_task",
    "compact_vectors_task",
    "count_sources_task",
    "embed_texts_task",
    "find_duplicates_task",
    "find_outdated_task",
    "gather_web_task",
    "join_passages_task",
    "link_articles_task",
    "match_passages_task",
    "mend_vectors_task",
    "publish_task",
    "read_articles_task",
    "read_watched_task",
    "rethreshold_task",
    "send_alerts_task",
    "tie_threads_task",
]


def is_worth_a_retry(task_: "Task[Any, Any]", run: TaskRun, state: "State[Any]") -> bool:
    """A mistake in the input or settings stays one; a full disk or a busy machine may not."""
    try:
        state.result(raise_on_failure=True)
    except WirethreadError:
        return False
    except Exception:
        return True
    return False


OPTIONS: dict[str, Any] = {
    "retries": 2,
    "retry_delay_seconds": [1, 10],
    "retry_condition_fn": is_worth_a_retry,
    "cache_policy": NO_CACHE,
    "persist_result": False,
}


@task(name="check vectors", **OPTIONS)
def mend_vectors_task(settings: Settings, encoder: LazyEncoder) -> LostVectors:
    """Drop damaged segments and orphan files, and say which."""
    with open_catalog(settings) as catalog:
        if not catalog.list_segments() and not any((catalog.folder / "vectors").iterdir()):
            return LostVectors()
        vectors = open_vectors(catalog, encoder)
        lost = vectors.drop_lost()
        vectors.remove_orphans()
        return lost


@task(name="read articles", task_run_name="read {source}", **OPTIONS)
def read_articles_task(settings: Settings, run_id: str, source: str) -> ReadCounts:
    """Read one source into the catalog."""
    with open_catalog(settings) as catalog:
        return read_source(catalog, source, run_id, settings.ingest)


@task(name="read new files", task_run_name="read new files of {name}", **OPTIONS)
def read_watched_task(
    settings: Settings, run_id: str, source: SourceSettings, name: str
) -> ReadCounts:
    """Read what is new or changed in a watched file or folder."""
    with open_catalog(settings) as catalog:
        return read_watched(catalog, source, run_id, settings.ingest)


@task(name="fetch feeds and pages", **OPTIONS)
def gather_web_task(
    settings: Settings, run_id: str, sources: Sequence[SourceSettings], is_asked: bool
) -> GatherResult:
    """Take in what is new in feeds and pages."""
    with open_catalog(settings) as catalog:
        return gather_web(catalog, run_id, sources, settings, is_asked=is_asked)


@task(name="embed texts", task_run_name="embed texts from {n_done} of {n_total}", **OPTIONS)
def embed_texts_task(settings: Settings, encoder: LazyEncoder, n_done: int, n_total: int) -> int:
    """Encode and store one batch of texts; return how many there were."""
    with open_catalog(settings) as catalog:
        return embed_batch(catalog, encoder, settings.embedding, n_done=n_done, n_total=n_total)


@task(name="apply thresholds", **OPTIONS)
def rethreshold_task(settings: Settings, run_id: str, versions: StepVersions) -> int:
    """Judge stored verdicts under moved thresholds; return how many changed."""
    with open_catalog(settings) as catalog:
        return rethreshold_verdicts(catalog, run_id, settings.matching, version=versions.join)


@task(name="match passages", task_run_name="match passages of {n_articles} articles", **OPTIONS)
def match_passages_task(
    settings: Settings,
    encoder: LazyEncoder,
    run_id: str,
    article_ids: Sequence[ArticleId],
    n_articles: int,
    versions: StepVersions,
) -> int:
    """Match a batch of new articles with their neighbourhood; return accepted matches."""
    with open_catalog(settings) as catalog:
        return match_batch(
            catalog,
            open_vectors(catalog, encoder),
            run_id,
            article_ids,
            settings.matching,
            version=versions.match,
        )


@task(name="join passages and trace origins", **OPTIONS)
def join_passages_task(
    settings: Settings, run_id: str, versions: StepVersions
) -> Mapping[str, int]:
    """Join new matches into passages with their origin."""
    with open_catalog(settings) as catalog:
        return join_copy(catalog, run_id, version=versions.join)


@task(name="find duplicate articles", **OPTIONS)
def find_duplicates_task(
    settings: Settings, run_id: str, versions: StepVersions
) -> Mapping[str, int]:
    """Bring the duplicate clusters up to date."""
    with open_catalog(settings) as catalog:
        return update_duplicates(
            catalog,
            run_id,
            settings.matching.window_days,
            settings.duplicates,
            version=versions.duplicates,
        )


@task(name="score links", task_run_name="score links of {n_articles} articles", **OPTIONS)
def link_articles_task(
    settings: Settings,
    encoder: LazyEncoder,
    run_id: str,
    article_ids: Sequence[ArticleId],
    n_articles: int,
    versions: StepVersions,
) -> int:
    """Score a batch of new articles against their neighbourhood; return links stored."""
    with open_catalog(settings) as catalog:
        return link_batch(
            catalog,
            open_vectors(catalog, encoder),
            run_id,
            article_ids,
            settings.stories,
            version=versions.link,
        )


@task(name="cluster stories", **OPTIONS)
def cluster_stories_task(
    settings: Settings, run_id: str, versions: StepVersions
) -> Mapping[str, int]:
    """Bring the story clusters up to date."""
    with open_catalog(settings) as catalog:
        return cluster_stories(catalog, run_id, settings.stories, version=versions.cluster)


@task(name="tie story threads", **OPTIONS)
def tie_threads_task(settings: Settings, run_id: str, versions: StepVersions) -> Mapping[str, int]:
    """Bring the story threads up to date."""
    with open_catalog(settings) as catalog:
        return tie_threads(
            catalog, run_id, settings.threads, settings.stories, version=versions.thread
        )


@task(name="count independent sources", **OPTIONS)
def count_sources_task(
    settings: Settings, run_id: str, versions: StepVersions
) -> Mapping[str, int]:
    """Count the independent sources of every story cluster that changed."""
    with open_catalog(settings) as catalog:
        return count_sources(catalog, run_id, version=versions.count)


@task(name="send alerts", **OPTIONS)
def send_alerts_task(settings: Settings, run_id: str) -> Mapping[str, int]:
    """Tell the webhook or command what passed a size or was credited."""
    with open_catalog(settings) as catalog:
        return send_alerts(catalog, run_id, settings.alerts)


@task(name="find outdated copies", **OPTIONS)
def find_outdated_task(
    settings: Settings, run_id: str, versions: StepVersions
) -> Mapping[str, int]:
    """Find who still runs what an agency changed or withdrew."""
    with open_catalog(settings) as catalog:
        return find_outdated(catalog, run_id, settings.outdated, version=versions.outdated)


@task(name="compact vectors", **OPTIONS)
def compact_vectors_task(settings: Settings, encoder: LazyEncoder) -> int:
    """Merge small segments; return how many went."""
    with open_catalog(settings) as catalog:
        return compact_vectors(catalog, encoder, settings.embedding)


@task(name="publish snapshot", **OPTIONS)
def publish_task(settings: Settings) -> int:
    """Swap in the snapshot that people read; return its size in bytes."""
    with open_catalog(settings) as catalog:
        return publish_snapshot(catalog, force=True).n_bytes
