"""Restore: put a backup in the place of the data, and make again what it lacks."""

from dataclasses import replace
from pathlib import Path

from wirethread.flows.operations.repair import catch_up, recorded_work
from wirethread.flows.settings.config import Settings
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.lock import hold_run_lock
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.upkeep.backup import Restoring, restore_backup
from wirethread.storage.upkeep.segment_checks import list_lost_files

__all__ = ["restore"]


def restore(
    settings: Settings, source: str | Path, *, force: bool = False, wait_seconds: float = 0.0
) -> Restoring:
    """Put a backup in the place of the data folder; vectors that it lacks are made again.

    Files of vectors that were damaged when the backup was made are not in it. Raises as
    `restore_backup` does.
    """
    done = restore_backup(
        settings.data_folder,
        source,
        settings=settings.storage,
        force=force,
        wait_seconds=wait_seconds,
    )
    folder = Path(settings.data_folder)
    lacking = set(list_lost_files(folder, settings.storage))
    if not lacking:
        return done
    with (
        hold_run_lock(folder, wait_seconds=wait_seconds),
        Catalog.open(folder, settings=settings.storage) as catalog,
    ):
        with recorded_work(catalog, settings, f"restore {source}") as run_id:
            n_texts = catalog.vectors.lose_segments(
                segment.segment_id
                for segment in catalog.vectors.list_segments()
                if segment.file_name in lacking
            )
            waits_for = catch_up(catalog, settings, run_id)
        publish_snapshot(catalog, force=True)
    return replace(done, n_made_again=0 if waits_for else n_texts, waits_for=waits_for)
