"""The work of each step: what it is given from the bench, and the batches in which it comes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from wirethread.embedding.lazy import LazyEncoder
from wirethread.flows.intake.choose import ChosenSources
from wirethread.flows.intake.gather import gather_web
from wirethread.flows.intake.inbox import read_watched
from wirethread.flows.intake.ingest import read_source
from wirethread.flows.intake.outbox import Outbox
from wirethread.flows.intake.parcels import acknowledge_parcels, take_parcels
from wirethread.flows.intake.takers import CatalogTaker, ParcelTaker, Taker
from wirethread.flows.runners.here import HereRunner
from wirethread.flows.runners.partitions import Runner
from wirethread.flows.settings.config import Settings
from wirethread.flows.stages.embedding import ModelChoice, lend_encoder
from wirethread.flows.steps.alerts import send_alerts
from wirethread.flows.steps.count import count_story_newsrooms
from wirethread.flows.steps.docket import Docket, Workplace
from wirethread.flows.steps.embed import (
    compact_vectors,
    embed_texts,
    open_vectors,
    release_vectors,
)
from wirethread.flows.steps.match import (
    join_copy,
    match_pending,
    rethreshold_verdicts,
    update_duplicates,
)
from wirethread.flows.steps.outdated import find_outdated
from wirethread.flows.steps.threads import cluster_stories, link_pending, tie_threads
from wirethread.sources.settings import SourceSettings
from wirethread.storage.catalog import Catalog
from wirethread.storage.sharing import publish_everywhere

__all__ = ["Batch", "Bench", "Job"]

ARTICLES_PER_BATCH = 2_000
"""The most that a partition of matching or linking has new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What the steps of one run work with."""

    settings: Settings
    encoder: LazyEncoder
    run_id: str
    chosen: ChosenSources = field(default_factory=ChosenSources)
    """What is to be read."""
    tell_unread: Callable[[str], None] = print
    """Called with a sentence for each source that could not be read."""
    tell_mended: Callable[[str], None] = print
    """Called with a sentence for whatever was damaged and is made again."""
    runner: Runner = field(default_factory=HereRunner)
    """Where the partitions of a stage are worked on."""
    tell_set_aside: Callable[[str], None] = print
    """Called with a sentence for each partition that failed every time."""
    outbox: Outbox | None = None
    """Where what is read goes, on a machine that hands in; None for the catalog."""

    @property
    def workplace(self) -> Workplace:
        """Where partitions are worked on, and who hears of those that fail."""
        return Workplace(runner=self.runner, tell_set_aside=self.tell_set_aside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A piece of a step's work: what one task does, and what is tried again as a whole."""

    source: str | SourceSettings | None = None
    """A path, or a watched source; neither where all feeds and pages are meant, or parcels."""
    is_handed_in: bool = False
    """Whether it is what other machines handed in."""
    n_total: int = 0
    """Articles, or texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A batch of a step, with all that it is done with."""

    bench: Bench
    batch: Batch
    docket: Docket

    @property
    def settings(self) -> Settings:
        """The settings of the run."""
        return self.bench.settings

    @property
    def encoder(self) -> LazyEncoder:
        """What makes vectors."""
        return self.bench.encoder

    @property
    def catalog(self) -> Catalog:
        """What the run stores in."""
        return self.docket.catalog

    @property
    def run_id(self) -> str:
        """The run that the results are stored under."""
        return self.docket.run_id


def split_pending(job: Job) -> list[Batch]:
    """Return one batch for all that is pending: it is partitioned, and committed, within."""
    n_total = len(job.docket.list_pending())
    return [Batch(n_total=n_total)] if n_total else []


def split_texts(job: Job) -> list[Batch]:
    """Return one batch for the texts without a vector, and where only marks are due."""
    model_id = job.encoder.model_id
    if not job.catalog.vectors.list_articles_to_embed(model_id):
        return []
    n_total = job.catalog.vectors.count_texts_to_embed(model_id)
    job.catalog.vectors.renew_vectors(model_id)
    return [Batch(n_total=n_total)]


def split_by_source(job: Job) -> list[Batch]:
    """Return a batch a path and a watched source, one for all that is on the network, and before
    them one for what other machines handed in."""
    chosen = job.bench.chosen
    named: Sequence[str | SourceSettings] = (*chosen.paths, *chosen.watched)
    batches = [Batch(source=source) for source in named]
    if job.settings.storage.files and job.bench.outbox is None:
        batches.insert(0, Batch(is_handed_in=True))
    return [*batches, *([Batch()] if chosen.web else [])]


def check_vectors(job: Job) -> Mapping[str, int]:
    """Let go of files of vectors that are missing or damaged; `embed` makes them again."""
    found = release_vectors(job.catalog, job.encoder)
    for fault in found.faults:
        job.bench.tell_mended(f"the vector file {fault}: its texts are embedded again")
    return {"n_lost": found.n_lost}


def read(job: Job) -> Mapping[str, int]:
    """Read one source, all feeds and pages, or what other machines handed in."""
    settings = job.settings
    if job.batch.is_handed_in:
        return take_parcels(job.catalog, job.run_id, settings.storage.files).named()
    taker = choose_taker(job)
    if isinstance(job.batch.source, str):
        return read_source(
            job.catalog,
            job.batch.source,
            job.run_id,
            settings.ingest,
            runner=job.bench.runner,
            held=job.bench.chosen.held.get(job.batch.source),
            taker=taker,
        ).named()
    if job.batch.source is not None:
        return read_watched(
            job.catalog,
            job.batch.source,
            job.run_id,
            settings.ingest,
            runner=job.bench.runner,
            taker=taker,
        ).named()
    found = gather_web(
        job.catalog,
        job.run_id,
        job.bench.chosen.web,
        settings,
        is_asked=job.bench.chosen.is_asked,
        taker=taker,
    )
    for message in found.failures:
        job.bench.tell_unread(message)
    return {
        **found.counts.named(),
        "n_feeds": found.n_feeds,
        "n_unchanged_feeds": found.n_unchanged_feeds,
        "n_pages": found.n_pages,
    }


def choose_taker(job: Job) -> Taker:
    """Return who takes what is read."""
    outbox = job.bench.outbox
    if outbox is None:
        return CatalogTaker(catalog=job.catalog, run_id=job.run_id)
    return ParcelTaker(catalog=job.catalog, run_id=job.run_id, outbox=outbox)


def embed(job: Job) -> Mapping[str, int]:
    """Encode every text; an article is embedded when all of its texts have a vector."""
    model_id = job.encoder.model_id
    n_embedded, aside = embed_texts(
        job.catalog, job.encoder, job.settings.embedding, job.bench.workplace
    )
    waiting = job.catalog.vectors.list_articles_to_embed(model_id)
    done = [article_id for article_id in waiting if article_id not in aside]
    job.catalog.vectors.mark_embedded(model_id, done, job.run_id)
    return {"n_new_vectors": n_embedded}


def apply_thresholds(job: Job) -> Mapping[str, int]:
    """Judge stored verdicts under thresholds that were moved."""
    return {"n_new_verdicts": rethreshold_verdicts(job.docket, job.settings.matching)}


def match(job: Job) -> Mapping[str, int]:
    """Match new articles with their neighbourhood."""
    vectors = open_vectors(job.catalog, job.encoder)
    model = ModelChoice(model_id=vectors.model_id, settings=job.settings.embedding)
    with lend_encoder(job.encoder):
        return match_pending(
            job.docket,
            vectors,
            job.settings.matching,
            model=model,
            workplace=job.bench.workplace,
            largest=ARTICLES_PER_BATCH,
        )


def join(job: Job) -> Mapping[str, int]:
    """Join matches into passages with their origin, and tell what articles derive from."""
    return join_copy(job.docket)


def find_duplicates(job: Job) -> Mapping[str, int]:
    """Bring the duplicate clusters up to date."""
    settings = job.settings
    return update_duplicates(job.docket, settings.matching.window_days, settings.duplicates)


def link(job: Job) -> Mapping[str, int]:
    """Score new articles against their neighbourhood."""
    vectors = open_vectors(job.catalog, job.encoder)
    settings = job.settings.stories
    return link_pending(job.docket, vectors, settings, job.bench.workplace, ARTICLES_PER_BATCH)


def cluster(job: Job) -> Mapping[str, int]:
    """Bring the story clusters up to date."""
    return cluster_stories(job.docket, job.settings.stories)


def tie(job: Job) -> Mapping[str, int]:
    """Bring the story threads up to date."""
    return tie_threads(job.docket, job.settings.threads, job.settings.stories)


def count_independent(job: Job) -> Mapping[str, int]:
    """Count the independent newsrooms of every story cluster that changed."""
    return count_story_newsrooms(job.docket)


def outdate(job: Job) -> Mapping[str, int]:
    """Find who still runs what an agency changed or withdrew."""
    return find_outdated(job.docket, job.settings.outdated)


def alert(job: Job) -> Mapping[str, int]:
    """Tell the webhook or command what passed a size or was credited."""
    return send_alerts(job.catalog, job.run_id, job.settings.alerts)


def compact(job: Job) -> Mapping[str, int]:
    """Merge small segments of vectors."""
    return {"n_merged": compact_vectors(job.catalog, job.encoder, job.settings.embedding)}


def publish(job: Job) -> Mapping[str, int]:
    """Swap in the snapshot that people read, and bring it to the shared archive if there is one."""
    storage = job.settings.storage
    published = publish_everywhere(job.catalog, storage, force=True)
    if storage.files:
        acknowledge_parcels(job.catalog, storage.files)
    return {"n_bytes": published.n_bytes}
