"""Forget and repair: change what is stored, do again what that concerns, publish."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from wirethread.articles.errors import ModelError, NotFoundError, StorageError, WirethreadError
from wirethread.articles.types.articles import ArticleId
from wirethread.clustering.stories.threads import age_threads
from wirethread.flows.evaluation.labels_file import LABELS_FILE
from wirethread.flows.intake.versions import rearrange_series
from wirethread.flows.road import ROAD, do_steps, embed_damaged, list_dependents
from wirethread.flows.runs.run_names import name_run
from wirethread.flows.settings.config import Settings, dump_settings
from wirethread.flows.steps.embed import do_with_sound_vectors, open_encoder
from wirethread.flows.work import Bench
from wirethread.storage.catalog import CATALOG_FILE, SNAPSHOT_FILE, Catalog
from wirethread.storage.engine.exchange import finish_restoring
from wirethread.storage.engine.lock import hold_run_lock
from wirethread.storage.engine.whole_file import write_small_file
from wirethread.storage.sharing import publish_everywhere
from wirethread.storage.upkeep.forget_choice import (
    ForgetReach,
    ForgetSelection,
    find_articles_to_forget,
    measure_reach,
)
from wirethread.storage.upkeep.forgetting import forgetting, list_unfinished_forgettings
from wirethread.storage.upkeep.repair import Keep, Mending, RepairBench

__all__ = [
    "Forgetting",
    "Repairing",
    "forget",
    "preview_forgetting",
    "repair",
]

ARTICLES_PER_BATCH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """What is forgotten, or would be."""

    asked: str
    reach: ForgetReach
    is_done: bool = False
    for_good: bool = False
    n_labels: int = 0
    """Answers of `wirethread label` that named one of them."""
    waits_for: str | None = None
    """Why what is left could not be brought up to date at once; the next run does it."""
    left: Sequence[str] = ()
    """Folders of damaged files, in which their words may still stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairing:
    """What a repair did."""

    mendings: Sequence[Mending]
    aside: str | None
    """Where what was damaged is kept."""
    waits_for: str | None
    """Why not everything could be done at once; the next run does it."""


# Forgetting


def preview_forgetting(settings: Settings, selection: ForgetSelection) -> Forgetting:
    """Tell what would be forgotten, from the published snapshot."""
    with Catalog.open_published(settings.data_folder) as catalog:
        article_ids = find_articles_to_forget(catalog, selection)
        return Forgetting(asked=selection.words, reach=measure_reach(catalog, article_ids))


def forget(
    settings: Settings,
    selection: ForgetSelection,
    *,
    for_good: bool = False,
    wait_seconds: float = 0.0,
) -> Forgetting:
    """Forget the articles, bring what is left up to date, and take their words off the disk.

    If it is stopped after the articles left the catalog, the next run or the next of these commands
    finishes it. Raises `RunInProgressError` where a run is writing, `NotFoundError` where there is
    no catalog.
    """
    require_catalog(settings)
    with (
        hold_run_lock(settings.data_folder, wait_seconds=wait_seconds),
        Catalog.open(settings.data_folder, settings=settings.storage) as catalog,
    ):
        article_ids = find_articles_to_forget(catalog, selection)
        told = Forgetting(asked=selection.words, reach=measure_reach(catalog, article_ids))
        is_unfinished = bool(list_unfinished_forgettings(catalog))
        if not article_ids and not is_unfinished:
            return told
        with recorded_work(catalog, settings, f"forget {selection.words}") as run_id:
            with forgetting(
                catalog,
                run_id,
                article_ids,
                selection,
                for_good=for_good,
                reopens=list_dependents("cluster", itself=False),
            ) as left:
                rearrange_series(catalog, run_id, left)
            n_labels = drop_labels(Path(settings.data_folder), set(article_ids))
            waits_for = catch_up(catalog, settings, run_id)
        bench = Bench(
            settings=settings, encoder=open_encoder(catalog, settings.embedding), run_id=run_id
        )
        do_with_sound_vectors(
            lambda: publish_everywhere(catalog, settings.storage, force=True),
            partial(embed_damaged, bench, catalog),
        )
        return replace(
            told,
            is_done=True,
            for_good=for_good,
            n_labels=n_labels,
            waits_for=waits_for,
            left=[one.name for one in sorted(Path(settings.data_folder).glob("damaged-*"))],
        )


def drop_labels(folder: Path, article_ids: set[ArticleId]) -> int:
    """Take the answers about the articles out of the file of answers; return how many."""
    path = folder / LABELS_FILE
    if not path.exists():
        return 0
    kept, n_dropped = [], 0
    for line in path.read_bytes().splitlines(keepends=True):
        try:
            row = json.loads(line)
            is_about = {row.get("left_id"), row.get("right_id")} & article_ids
        except (ValueError, AttributeError):
            is_about = set()
        if is_about:
            n_dropped += 1
        else:
            kept.append(line)
    if n_dropped:
        try:
            write_small_file(path, b"".join(kept))
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error.strerror}") from error
    return n_dropped


# Repair


def repair(
    settings: Settings,
    *,
    again: bool = False,
    keep: Keep | None = None,
    wait_seconds: float = 0.0,
) -> Repairing:
    """Mend the data folder, do again what that concerns, publish, and tell what was done.

    `again` opens every step for every article, so that all that is derived is made anew. `keep`
    says which is right where an older catalog lies beside a newer snapshot. Raises `StorageError`
    where that is not said, and where nothing is left from which the catalog could be made.
    """
    require_catalog(settings)
    folder = Path(settings.data_folder)
    with hold_run_lock(folder, wait_seconds=wait_seconds):
        bench = RepairBench(folder, settings.storage)
        bench.restore_catalog(keep=keep)
        with Catalog.open(folder, settings=settings.storage) as catalog:
            bench.bring_back_articles(catalog)
            bench.mend_rows(catalog)
            bench.mend_vectors(catalog)
            bench.mend_words()
            bench.remove_leftovers(catalog)
            bench.mend_snapshot()
            if again:
                bench.open_everything(catalog)
            waits_for = None
            if bench.mendings:
                with recorded_work(catalog, settings, "repair") as run_id:
                    waits_for = catch_up(catalog, settings, run_id)
            publish_everywhere(catalog, settings.storage, force=bool(bench.mendings))
        return Repairing(
            mendings=tuple(bench.mendings),
            aside=None if bench.aside is None else str(bench.aside),
            waits_for=waits_for,
        )


def require_catalog(settings: Settings) -> None:
    """Raise `NotFoundError` where the data folder holds nothing of ours, before it is made."""
    folder = Path(settings.data_folder)
    finish_restoring(folder)
    if not (folder / CATALOG_FILE).exists() and not (folder / SNAPSHOT_FILE).exists():
        raise NotFoundError(f"{folder} holds no catalog: run `wirethread run SOURCE` first")


# What both need


@contextmanager
def recorded_work(catalog: Catalog, settings: Settings, cause: str) -> Iterator[str]:
    """Record the work as a run of its own, with how it ended."""
    run_id = name_run()
    catalog.runs.begin_run(run_id, [cause], json.dumps(dump_settings(settings)))
    begun = time.monotonic()
    try:
        yield run_id
    except BaseException as error:
        state = "failed" if isinstance(error, Exception) else "interrupted"
        words = str(error) if isinstance(error, WirethreadError) else repr(error)
        catalog.runs.finish_run(run_id, state, {}, words)
        raise
    catalog.runs.record_step(run_id, cause.partition(" ")[0], time.monotonic() - begun, {})
    catalog.runs.finish_run(run_id, "finished", {})


def catch_up(catalog: Catalog, settings: Settings, run_id: str) -> str | None:
    """Do every step that is open, as a run without sources does; return why that was not possible.

    Without a model nothing is compared: then the next run does it.
    """
    if (
        catalog.surroundings.find_newest_publication() is None
        and not catalog.surroundings.find_undated_articles(1)
    ):
        return None  # there is no article
    try:
        encoder = open_encoder(catalog, settings.embedding)
        bench = Bench(settings=settings, encoder=encoder, run_id=run_id)
        do_with_sound_vectors(
            lambda: do_steps([step for step in ROAD if step.catches_up], bench, catalog),
            partial(embed_damaged, bench, catalog),
        )
        age_all_threads(catalog, settings, run_id)
    except ModelError as error:
        return str(error)
    return None


def age_all_threads(catalog: Catalog, settings: Settings, run_id: str) -> None:
    """Set the state of every thread by the newest article, which may be an earlier one now."""
    now = catalog.surroundings.find_newest_publication()
    aged = age_threads(catalog.stories.load_threads(), (), now, settings.threads)
    if aged:
        catalog.stories.replace_threads(run_id, aged, [])
