"""The road of a run: every step once, in order, as data.

The Prefect flow and its tasks, catching up after a repair, corrections, the backlog, progress and
the tests that kill runs all walk `ROAD`; a step is added by one entry.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wirethread.articles.errors import DamagedVectorsError, ModelError
from wirethread.flows import work
from wirethread.flows.runs.held_catalog import open_catalog
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.runs.results import ReadCounts
from wirethread.flows.settings.config import Settings
from wirethread.flows.steps import fingerprints
from wirethread.flows.steps.docket import Docket
from wirethread.flows.steps.embed import drop_damaged, open_encoder
from wirethread.flows.work import Batch, Bench, Job
from wirethread.storage.catalog import Catalog

__all__ = [
    "ROAD",
    "Step",
    "count_backlog",
    "do_steps",
    "embed_damaged",
    "find_step",
    "list_dependents",
    "name_fingerprint",
    "split_work",
    "work_batch",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the road."""

    name: str
    """In `runs`, in logs and in progress."""
    label: str
    """What people see while it is under way."""
    work: Callable[[Job], Mapping[str, int]]
    split: Callable[[Job], list[Batch]] = lambda _: [Batch()]
    """Cuts what is to be done into batches; the whole step is one, unless said otherwise."""
    counted: tuple[str, ...] = ()
    """What is counted, be it 0, where there may be no batch."""
    mark: str | None = None
    """The name under which the catalog keeps which articles it has dealt with."""
    after: str | None = None
    """The mark of the step whose results it reads: done again there is to be done again here."""
    reopens: str | None = None
    """The mark of the first step that has to look again where results changed, beside those whose
    articles are new."""
    depends_on: Callable[[Settings], Sequence[Any]] | None = None
    """The settings on which its results depend; the model always is one of them."""
    revision: int = 1
    """Counts up when the code computes something else: then its work is done again, and that of
    every step behind it."""
    is_wanted: Callable[[Settings], bool] = lambda _: True
    is_recorded: bool = True
    """Whether `runs` counts it; publishing comes after the run is written down."""
    catches_up: bool = True
    """Whether it is done too after a repair, where nothing is read, told or published."""


def find_step(name: str) -> Step:
    """Return the step of that name. Raises `KeyError`."""
    return {step.name: step for step in ROAD}[name]


def list_dependents(mark: str, *, itself: bool = True) -> tuple[str, ...]:
    """Return the marks of all steps that read what the step of this mark gives, in order.

    That of the step comes first, unless it is left out. Raises `KeyError` for an unknown mark.
    """
    if mark not in {step.mark for step in ROAD}:
        raise KeyError(mark)
    found = [mark]
    for step in ROAD:
        if step.mark is not None and step.after in found and step.mark not in found:
            found.append(step.mark)
    return tuple(found if itself else found[1:])


def name_fingerprint(step: Step, settings: Settings, model_id: str) -> str:
    """Return what the results of a step depend on, as one word."""
    parts = [*(step.depends_on(settings) if step.depends_on else ()), model_id]
    behind = ROAD[: ROAD.index(step) + 1]
    parts.append({before.name: before.revision for before in behind if before.revision > 1})
    return fingerprints.fingerprint(*parts)


def open_job(step: Step, bench: Bench, catalog: Catalog, batch: Batch) -> Job:
    """Return a batch of a step with all that it is done with."""
    docket = Docket(
        catalog=catalog,
        run_id=bench.run_id,
        mark=step.mark or "",
        fingerprint=name_fingerprint(step, bench.settings, bench.encoder.model_id)
        if step.mark
        else "",
        after=step.after,
        reopens=list_dependents(step.reopens) if step.reopens else (),
    )
    return Job(bench=bench, batch=batch, docket=docket)


def count_backlog(catalog: Catalog, settings: Settings) -> Mapping[str, int]:
    """Return how much each step has before it, only what is not 0; nothing without a model.

    `embed` counts texts, every other step articles. The catalog may be a read-only one.
    """
    bench = Bench(settings=settings, encoder=open_encoder(catalog, settings.embedding), run_id="")
    try:
        pending = {"embed": catalog.vectors.count_texts_to_embed(bench.encoder.model_id)}
    except ModelError:
        return {}
    for step in ROAD:
        if step.mark is not None:
            job = open_job(step, bench, catalog, Batch())
            pending[step.name] = len(job.docket.list_waiting())
    return {name: number for name, number in pending.items() if number}


def split_work(step: Step, bench: Bench) -> list[Batch]:
    """Return the batches of a step, from the catalog that the run holds."""
    with open_catalog(bench.settings) as catalog:
        return step.split(open_job(step, bench, catalog, Batch()))


def work_batch(step: Step, bench: Bench, batch: Batch) -> Mapping[str, int]:
    """Do one batch of a step with the catalog that the run holds; return what it counted."""
    with open_catalog(bench.settings) as catalog:
        return do_job(step, open_job(step, bench, catalog, batch))


def do_steps(steps: Iterable[Step], bench: Bench, catalog: Catalog) -> Mapping[str, int]:
    """Do steps to their end on an open catalog, outside a run; return what they counted."""
    counts: Counter[str] = Counter()
    for step in steps:
        report_progress(step.name, 0)
        for batch in step.split(open_job(step, bench, catalog, Batch())):
            counts.update(do_job(step, open_job(step, bench, catalog, batch)))
    return counts


def embed_damaged(bench: Bench, catalog: Catalog, error: DamagedVectorsError) -> int:
    """Let go of a file of vectors that cannot be trusted, and embed its texts again.

    Returns how many texts there were.
    """
    drop_damaged(catalog, bench.encoder, error)
    return do_steps([find_step("embed")], bench, catalog).get("n_new_vectors", 0)


def do_job(step: Step, job: Job) -> Mapping[str, int]:
    """Do one batch, and say before it what there is to do."""
    if job.batch.n_total:
        report_progress(step.name, 0, job.batch.n_total)
    return step.work(job)


ROAD = (
    Step(name="check vectors", label="checking vectors", work=work.check_vectors, catches_up=False),
    Step(
        name="read",
        label="reading articles",
        work=work.read,
        split=work.split_by_source,
        counted=tuple(ReadCounts().named()),
        catches_up=False,
    ),
    Step(
        name="embed",
        label="embedding texts",
        work=work.embed,
        split=work.split_texts,
        counted=("n_new_vectors",),
    ),
    Step(
        name="apply thresholds",
        label="applying thresholds",
        work=work.apply_thresholds,
        mark="thresholds",
        reopens="link",
        depends_on=fingerprints.describe_copy,
    ),
    Step(
        name="match",
        label="matching passages",
        work=work.match,
        split=work.split_pending,
        counted=("n_matched", "n_new_matches"),
        mark="match",
        revision=8,
        depends_on=fingerprints.describe_matching,
    ),
    Step(
        name="join",
        label="joining passages, tracing origins",
        work=work.join,
        mark="join",
        revision=6,
        after="match",
        reopens="count",
        depends_on=fingerprints.describe_copy,
    ),
    Step(
        name="duplicates",
        label="finding duplicate articles",
        work=work.find_duplicates,
        mark="duplicates",
        depends_on=fingerprints.describe_duplicates,
    ),
    Step(
        name="link",
        label="scoring links",
        work=work.link,
        split=work.split_pending,
        counted=("n_linked", "n_new_links"),
        mark="link",
        revision=2,
        depends_on=fingerprints.describe_links,
    ),
    Step(
        name="cluster",
        label="clustering stories",
        work=work.cluster,
        mark="cluster",
        after="link",
        depends_on=fingerprints.describe_clusters,
    ),
    Step(
        name="thread",
        label="tying threads",
        work=work.tie,
        mark="thread",
        after="cluster",
        depends_on=fingerprints.describe_threads,
    ),
    Step(
        name="count",
        label="counting independent newsrooms",
        work=work.count_independent,
        mark="count",
        after="cluster",
        depends_on=fingerprints.describe_copy,
    ),
    Step(
        name="outdated",
        label="finding outdated copies",
        work=work.outdate,
        mark="outdated",
        depends_on=fingerprints.describe_outdated,
    ),
    Step(
        name="alert",
        label="sending alerts",
        work=work.alert,
        is_wanted=lambda settings: bool(settings.alerts.channels),
        catches_up=False,
    ),
    Step(name="compact", label="compacting vectors", work=work.compact),
    Step(
        name="publish",
        label="publishing the snapshot",
        work=work.publish,
        is_recorded=False,
        catches_up=False,
    ),
)
