"""Runs of the pipeline for tests: real catalog and vectors, the small model, no Prefect server."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.storage.digesting import digest_content
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows.pipeline import run_pipeline
from wirethread.flows.road import ROAD
from wirethread.flows.runs.results import RunResult
from wirethread.flows.settings.config import Settings
from wirethread.storage.catalog import CATALOG_FILE, Catalog
from wirethread.storage.engine.database import StorageSettings, open_writer

SAMPLE = Path(__file__).resolve().parents[2] / "wirethread" / "sample" / "articles.jsonl"
STEPS = [step.name for step in ROAD if step.is_wanted(Settings())]

FIRST_DAY = [
    "rtr-quake-1",
    "ap-quake-1",
    "mp-quake-1",
    "sst-quake-1",
    "pvc-quake-1",
    "rtr-sarquen",
    "sst-sarquen",
    "ng-festival",
]
SECOND_DAY = ["rtr-quake-2", "ap-quake-2", "mp-quake-2", "ng-quake-2", "hbt-quake-1", "hbt-sarquen"]


def hashing_settings(folder: Path, **sections: Any) -> Settings:
    """Return the defaults with the `hashing` model, and what `sections` change."""
    return Settings(
        data_folder=str(folder), **{"embedding": EmbeddingSettings(model="hashing"), **sections}
    )


def run_plainly(sources: Sequence[str | Path], settings: Settings) -> RunResult:
    """Run the whole pipeline in this process, step for step as the flow does."""
    return run_pipeline([str(source) for source in sources], settings)


def sample_rows(ids: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Return records of the sample in the order of `ids`, all of them for None."""
    rows = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    if ids is None:
        return rows
    by_id = {row["id"]: row for row in rows}
    return [by_id[one] for one in ids]


def write_lines(path: Path, rows: Iterable[Mapping[str, Any] | str]) -> Path:
    """Write records as JSON Lines; a string is written as it is."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read_digest(folder: str | Path) -> str:
    """Return the digest of all content of the catalog."""
    with Catalog.open(folder) as catalog:
        return digest_content(catalog)


def read_published_digest(folder: str | Path) -> str:
    """Return the digest of all content of the published snapshot."""
    with Catalog.open_published(folder) as catalog:
        return digest_content(catalog)


def fetch(folder: str | Path, sql: str) -> list[tuple[Any, ...]]:
    """Return rows of the catalog of runs."""
    return fetch_all(folder, sql)[0]


def fetch_all(folder: str | Path, *queries: str) -> list[list[tuple[Any, ...]]]:
    """Return the rows of each query: the catalog is opened once, and not compared with anything."""
    database = open_writer(Path(folder) / CATALOG_FILE, StorageSettings())
    try:
        return [database.fetch_rows(sql) for sql in queries]
    finally:
        database.close()


def read_clusters(folder: str | Path) -> dict[str, frozenset[str]]:
    """Return the source ids of each story cluster, by cluster id."""
    rows = fetch(
        folder,
        "SELECT cluster_id, list(source_id) FROM story_cluster_articles"
        " JOIN articles USING (article_id) GROUP BY cluster_id",
    )
    return {cluster: frozenset(members) for cluster, members in rows}
