"""Measure `wirethread similar` by the million paragraphs, with a fresh process and a warm one.

    python -m benchmarks.similar_scale BASE WORK_FOLDER --vectors REAL.npy [--paragraphs 1000000]
        [--out benchmarks/results/similar_scale.json]

BASE is the data folder of a run over real articles. Before them lie copies of all of them with
other figures and names (`benchmarks/grown_archive.py`, `benchmarks/grown_news.py`), whole, so that
lengths and vocabulary are those of news. Their vectors are grown from REAL.npy, float16 or
float32[n, d] (`benchmarks/grown_vectors.py`): searching them costs what it costs with the
vectors of the texts, and says nothing of what is found. WORK_FOLDER/archive is kept, and used
again where it is there.
"""

import argparse
import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.grown_archive import grow_archive
from benchmarks.grown_news import change_facts
from benchmarks.grown_vectors import GrownVectors
from flows.embed import EmbeddingSettings, LazyEncoder
from storage.catalog import Catalog
from storage.database import StorageSettings
from storage.publish import publish_snapshot
from storage.vectors import VectorSegments

__all__ = ["fill_archive"]

Row = dict[str, Any]

DAYS_APART = 31.0
BATCH_ROWS = 250_000


def fill_archive(base: Path, folder: Path, vectors: Path, n_paragraphs: int) -> None:
    """Grow, embed and publish an archive of about so many body paragraphs."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with Catalog.open_published(base) as catalog:
        n_base = int(
            catalog.database.fetch_value("SELECT count(*) FROM paragraphs WHERE kind = 'body'")
        )
    n_sets = max(1, -(-n_paragraphs // n_base))
    grow_archive(base, partial, n_sets, DAYS_APART, n_whole=n_sets, change_text=change_facts)
    real = np.load(vectors).astype(np.float32)
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    with Catalog.open(partial, settings=StorageSettings()) as catalog:
        for table in ("vector_rows", "vector_segments", "checked_files"):
            catalog.database.execute(f"DELETE FROM store.{table}")
        for path in (partial / "vectors").iterdir():
            path.unlink()
        hashes = (
            catalog.database.fetch_table(
                "SELECT text_hash FROM store.paragraphs WHERE kind = 'body' AND n_words >= 5"
                " UNION SELECT opening_hash FROM store.articles WHERE opening <> '' ORDER BY 1"
            )
            .column("text_hash")
            .to_numpy()
        )
        segments = VectorSegments(
            partial,
            catalog,
            model_id=LazyEncoder(EmbeddingSettings()).model_id,
            dimension=real.shape[1],
        )
        begin = 0
        blocks: list[Any] = []
        for _, block in GrownVectors(real, len(hashes)).read_blocks():
            blocks.append(block)
            n_rows = sum(map(len, blocks))
            if n_rows >= BATCH_ROWS or begin + n_rows == len(hashes):
                segments.add(hashes[begin : begin + n_rows], np.concatenate(blocks))
                begin, blocks = begin + n_rows, []
        segments.compact_segments(20_000)
        for _ in range(2):  # the files that were merged go with the publication after the next
            publish_snapshot(catalog, force=True)
    partial.rename(folder)


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--paragraphs", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/similar_scale.json"))
    options = parser.parse_args()
    folder = options.work / "archive"
    if not folder.exists():
        begun = time.monotonic()
        fill_archive(options.base, folder, options.vectors, options.paragraphs)
        print(f"filled in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
