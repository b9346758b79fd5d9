"""The steps of a run as plain calls, without Prefect, each timed; and vectors made before."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from wirethread.flows.intake.ingest import read_source
from wirethread.flows.runs.names import name_run
from wirethread.flows.settings.config import Settings
from wirethread.flows.steps.count import count_sources
from wirethread.flows.steps.embed import LazyEncoder, embed_batch, open_vectors
from wirethread.flows.steps.fingerprints import name_versions
from wirethread.flows.steps.match import (
    join_copy,
    match_batch,
    rethreshold_verdicts,
    update_duplicates,
)
from wirethread.flows.steps.threads import cluster_stories, link_batch, tie_threads
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
    catalog.begin_run(run_id, [str(source)], "{}")
    spent = {"read": spend(lambda: read_source(catalog, str(source), run_id, settings.ingest))}
    spent |= run_steps(catalog, encoder, settings, run_id)
    catalog.finish_run(run_id, "finished", {})
    return run_id, spent


def run_steps(
    catalog: Catalog, encoder: LazyEncoder, settings: Settings, run_id: str
) -> dict[str, Spent]:
    """Do every step after reading, in the order of `flows.pipeline`; return what each took."""
    versions = name_versions(settings, encoder.model_id)

    def batches(step: str, version: str) -> list[list[Any]]:
        pending = catalog.articles_pending(step, version=version)
        return [
            pending[at : at + ARTICLES_PER_BATCH]
            for at in range(0, len(pending), ARTICLES_PER_BATCH)
        ]

    def embed() -> None:
        waiting = catalog.articles_to_embed(encoder.model_id)
        total = catalog.count_texts_to_embed(encoder.model_id)
        while embed_batch(catalog, encoder, settings.embedding, n_done=0, n_total=total):
            pass
        catalog.mark_embedded(encoder.model_id, waiting, run_id)

    def match() -> None:
        for ids in batches("match", versions.match):
            vectors = open_vectors(catalog, encoder)
            match_batch(catalog, vectors, run_id, ids, settings.matching, version=versions.match)

    def link() -> None:
        for ids in batches("link", versions.link):
            vectors = open_vectors(catalog, encoder)
            link_batch(catalog, vectors, run_id, ids, settings.stories, version=versions.link)

    steps: dict[str, Callable[[], Any]] = {
        "embed": embed,
        "apply thresholds": lambda: rethreshold_verdicts(
            catalog, run_id, settings.matching, version=versions.join
        ),
        "match": match,
        "join": lambda: join_copy(catalog, run_id, version=versions.join),
        "duplicates": lambda: update_duplicates(
            catalog,
            run_id,
            settings.matching.window_days,
            settings.duplicates,
            version=versions.duplicates,
        ),
        "link": link,
        "cluster": lambda: cluster_stories(
            catalog, run_id, settings.stories, version=versions.cluster
        ),
        "thread": lambda: tie_threads(
            catalog,
            run_id,
            settings.threads,
            settings.stories,
            version=versions.thread,
        ),
        "count": lambda: count_sources(catalog, run_id, version=versions.count),
        "compact": lambda: open_vectors(catalog, encoder).compact_segments(
            settings.embedding.rows_per_segment
        ),
    }
    return {name: spend(work) for name, work in steps.items()}


def spend(work: Callable[[], Any]) -> tuple[float, float]:
    """Do something; return its wall-clock and processor seconds."""
    begun, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - cpu
