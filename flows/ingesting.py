"""A machine that reads and parses for an archive elsewhere: it hands in parcels, and keeps none.

Its own folder holds what it remembers of the sources, and the parcels that are in no publication
yet. It needs neither the archive's lock nor its catalog, only a place among its files.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wirethread.articles.errors import ConfigError
from wirethread.embedding.lazy import LazyEncoder
from wirethread.flows.intake.choose import choose_sources
from wirethread.flows.intake.outbox import HandedIn, Outbox, name_maker
from wirethread.flows.pipeline import Journey
from wirethread.flows.recorded_run import recorded_run
from wirethread.flows.reports.metrics import keep_metrics
from wirethread.flows.road import find_step
from wirethread.flows.runners.choose import open_runner
from wirethread.flows.runs.held_catalog import hold_catalog, open_catalog
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.runs.results import StepRecord
from wirethread.flows.settings.config import Settings
from wirethread.flows.work import Bench
from wirethread.storage.engine.lock import hold_run_lock
from wirethread.storage.shared.opening import open_store
from wirethread.storage.shared_address import refuse_shared

__all__ = ["Ingesting", "ingest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingesting:
    """What was read, and what became of the parcels."""

    run_id: str
    seconds: float
    steps: tuple[StepRecord, ...]
    n_read: int
    n_new: int
    """Articles that were put into parcels."""
    n_rejected: int
    handed_in: HandedIn
    unreadable_sources: tuple[str, ...]


def ingest(sources: Sequence[str], settings: Settings, *, wait_seconds: float = 1.0) -> Ingesting:
    """Read and parse the sources, and hand in what is new to the shared archive of the settings.

    Killed anywhere, the next one goes on. Raises `ConfigError` and `StorageError` where it cannot
    begin, `RunInProgressError` where another one works in the folder, and, after everything was
    read and kept, `StorageError` where the archive's files cannot be reached.
    """
    refuse_shared(settings.data_folder)
    if not settings.storage.files:
        raise ConfigError(
            "ingest hands in to a shared archive: say where its files are (`storage.files` in the"
            " settings, or --files)"
        )
    folder = Path(settings.data_folder).resolve()
    settings = replace(settings, data_folder=str(folder))
    chosen = choose_sources(sources, settings)
    outbox = Outbox(folder=folder, maker=name_maker(folder))
    with (
        keep_metrics(settings),
        hold_run_lock(folder, wait_seconds=wait_seconds),
        hold_catalog(settings),
        open_runner(settings.runner) as runner,
    ):
        refuse_archive(settings)
        with recorded_run(sources, settings) as run:
            bench = Bench(
                settings=settings,
                encoder=LazyEncoder(settings.embedding),
                run_id=run.run_id,
                chosen=chosen,
                tell_unread=run.tell_unread,
                runner=runner,
                outbox=outbox,
            )
            Journey(run=run, bench=bench).go([find_step("read")])
            handed: list[HandedIn] = []

            def hand_in() -> dict[str, int]:
                with open_catalog(settings) as catalog:
                    handed.append(
                        outbox.hand_in(
                            catalog,
                            open_store(settings.storage.files),
                            lambda n_done, n_total: report_progress("hand in", n_done, n_total),
                        )
                    )
                return {"n_sent": handed[0].n_sent, "n_waiting": handed[0].n_waiting}

            run.step("hand in", hand_in)
            for reason in handed[0].refused:
                run.tell_set_aside(f"a parcel was set aside: {reason}")
            run.finish()
        done = run.result()
    return Ingesting(
        run_id=done.run_id,
        seconds=done.seconds,
        steps=tuple(done.steps),
        n_read=done.count("read", "n_read"),
        n_new=done.count("read", "n_new_articles"),
        n_rejected=done.count("read", "n_rejected"),
        handed_in=handed[0],
        unreadable_sources=tuple(done.unreadable_sources),
    )


def refuse_archive(settings: Settings) -> None:
    """Raise `ConfigError` where the folder holds articles: those of an archive."""
    with open_catalog(settings) as catalog:
        if catalog.articles.holds_any():
            raise ConfigError(
                f"{settings.data_folder} holds an archive: `wirethread run` takes in there; name a"
                " folder of this machine's own with --data"
            )
