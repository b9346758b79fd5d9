"""The steps of a run as plain calls, without Prefect, each timed; and vectors made before."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from wirethread.embedding.lazy import LazyEncoder
from wirethread.flows.intake.ingest import read_source
from wirethread.flows.road import ROAD, do_steps
from wirethread.flows.runs.run_names import name_run
from wirethread.flows.settings.config import Settings
from wirethread.flows.work import Bench
from wirethread.storage.catalog import Catalog

__all__ = ["CachedEncoder", "Spent", "run_day", "run_steps", "write_rows"]

Spent = tuple[float, float]
"""Wall-clock and processor seconds."""

ARTICLES_PER_BATCH = 2_000


class CachedEncoder(LazyEncoder):
    """The model, and files of vectors that it made before, looked up by text.

    A file holds `hashes` uint64[n] (xxh3 of the UTF-8 of the text, white space around it stripped)
    and `vectors` [n, d]. What no file holds is encoded once and remembered.
    """

    def __init__(self, settings: Settings, files: Iterable[Path]) -> None:
        super().__init__(settings.embedding)
        self._known: dict[int, NDArray[np.float32]] = {}
        self.n_encoded = 0
        for path in files:
            with np.load(path) as file:
                rows = file["vectors"].astype(np.float32)
                rows /= np.linalg.norm(rows, axis=1, keepdims=True)
                self._known.update(zip(file["hashes"].tolist(), rows, strict=True))

    def encode(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return float32[n, dimension]: known rows, and the model's for the rest."""
        keys = [xxhash.xxh3_64_intdigest(text.strip().encode()) for text in texts]
        missing = {
            key: text for key, text in zip(keys, texts, strict=True) if key not in self._known
        }
        if missing:
            rows = super().encode(list(missing.values()))
            self._known.update(zip(missing, rows, strict=True))
            self.n_encoded += len(missing)
        if on_progress is not None:
            on_progress(len(texts))
        return np.stack([self._known[key] for key in keys])


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write records as JSON Lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path


def run_day(
    catalog: Catalog, encoder: LazyEncoder, settings: Settings, source: Path
) -> tuple[str, dict[str, Spent]]:
    """Take in one file as a run does; return the run's name and what every step took."""
    run_id = name_run()
    catalog.runs.begin_run(run_id, [str(source)], "{}")
    spent = {"read": spend(lambda: read_source(catalog, str(source), run_id, settings.ingest))}
    spent |= run_steps(catalog, encoder, settings, run_id)
    catalog.runs.finish_run(run_id, "finished", {})
    return run_id, spent


def run_steps(
    catalog: Catalog, encoder: LazyEncoder, settings: Settings, run_id: str
) -> dict[str, Spent]:
    """Do every step after reading, in the order of the road; return what each took."""
    bench = Bench(settings=settings, encoder=encoder, run_id=run_id)
    return {
        step.name: spend(lambda step=step: do_steps([step], bench, catalog))  # type: ignore[misc]
        for step in ROAD
        if step.catches_up
    }


def spend(work: Callable[[], Any]) -> tuple[float, float]:
    """Do something; return its wall-clock and processor seconds."""
    begun, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - cpu
