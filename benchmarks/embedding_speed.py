"""Measure how fast the model encodes news paragraphs, against plain `SentenceTransformer.encode`.

    python -m benchmarks.embedding_speed ARTICLES [--texts 2000] [--repeats 3]
        [--out benchmarks/results/embedding_speed.json]

`ARTICLES` is any file that `wirethread run` reads. The texts are body paragraphs as a run embeds
them, drawn at random; each way encodes the same ones in a process of its own, round after round.
"""

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from articles.types import ParagraphKind, ParsedArticle
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.measuring import Measured, run_measured
from benchmarks.passages import round_all
from flows.evaluate import parse_source
from storage.catalog import MIN_WORDS

__all__ = ["WAYS", "count_sets", "measure_ways"]

Row = dict[str, Any]

WAYS = (
    ("SentenceTransformer.encode", "plain", "float32"),
    ("torch, float32", "torch", "float32"),
    ("torch, bfloat16", "torch", "bfloat16"),
    ("OpenVINO, float32", "openvino", "float32"),
    ("OpenVINO, bfloat16", "openvino", "bfloat16"),
)
"""Name in the table, engine, precision; the first is what the others are compared with."""


def count_sets(parsed: Sequence[ParsedArticle]) -> tuple[Row, list[str]]:
    """Return how many paragraphs there are and why some are not encoded; and those that are."""
    paragraphs = [one for article in parsed for one in article.paragraphs]
    body = [one for one in paragraphs if one.kind is ParagraphKind.BODY]
    long = [one for one in body if len(one.text.split()) >= MIN_WORDS]
    texts = list({one.text_hash: one.text for one in long}.values())
    counts = {
        "n_articles": len(parsed),
        "n_paragraphs": len(paragraphs),
        "n_body": len(body),
        "n_long_enough": len(long),
        "n_distinct": len(texts),
    }
    return counts, texts


def measure_ways(texts: Sequence[str], n_repeats: int) -> list[Row]:
    """Return a row for each way: least seconds of all rounds, and how near its vectors are."""
    runs: dict[str, list[Measured]] = {name: [] for name, _, _ in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "texts.jsonl")
        lines = (json.dumps({"text": one}) + "\n" for one in texts)
        file.write_text("".join(lines), encoding="utf-8")
        for number in range(n_repeats):
            for name, way, precision in WAYS:
                request = {
                    "texts": str(file),
                    "way": way,
                    "precision": precision,
                    "vectors": str(Path(folder, f"{name}.npy")),
                }
                measured = run_measured(sys.executable, "benchmarks.embedding_job", request, {})
                runs[name].append(measured)
                seconds = measured.result["seconds"]["encode"]
                print(
                    f"round {number + 1}: {name}, {len(texts) / seconds:.0f} texts a second,"
                    f" load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
        plain = np.load(Path(folder, f"{WAYS[0][0]}.npy"))
        vectors = {name: np.load(Path(folder, f"{name}.npy")) for name in runs}
    return [describe(name, runs[name], vectors[name], plain) for name in runs]


def describe(name: str, runs: Sequence[Measured], vectors: Any, plain: Any) -> Row:
    cosines = (vectors * plain).sum(axis=1)
    return {
        "name": name,
        "engine": runs[0].result["engine"],
        "texts_per_second": len(vectors) / min(one.result["seconds"]["encode"] for one in runs),
        "texts_per_cpu_second": len(vectors)
        / min(one.result["cpu_seconds"]["encode"] for one in runs),
        "load_seconds": min(one.result["seconds"]["load"] for one in runs),
        "peak_mib": min(one.peak_mib for one in runs),
        "least_cosine": float(cosines.min()),
        "mean_cosine": float(cosines.mean()),
    }


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("articles", type=Path)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/embedding_speed.json"))
    options = parser.parse_args()
    counts, texts = count_sets(parse_source(options.articles)[0])
    chosen = random.Random(1).sample(texts, min(options.texts, len(texts)))
    load_before = os.getloadavg()[0]
    rows = measure_ways(chosen, options.repeats)
    result = {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "load_before": round(load_before, 1),
        "load_after": round(os.getloadavg()[0], 1),
        "versions": describe_versions(
            "torch", "sentence-transformers", "transformers", "openvino", "tokenizers"
        ),
        "data": {"name": options.articles.name, **counts, "n_texts": len(chosen)},
        "repeats": options.repeats,
        "ways": rows,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(round_all(result), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
