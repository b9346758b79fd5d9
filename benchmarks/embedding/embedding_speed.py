"""Measure how fast a file is embedded, against plain `SentenceTransformer.encode`.

    python -m benchmarks.embedding.embedding_speed ARTICLES [--articles 60] [--repeats 1]
        [--out benchmarks/results/embedding_speed.json]

`ARTICLES` is any file that `wirethread run` reads, of which so many articles are drawn at random.
The first way encodes every paragraph, as a user of the library would; the others only what a run
encodes, so that each saving is seen by itself. Every way runs in a process of its own. Last comes a
whole run over the same articles, every step of it.
"""

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import describe_machine, describe_versions
from benchmarks.measuring import Measured, round_all, run_measured
from wirethread.articles.types.articles import ParagraphKind, ParsedArticle
from wirethread.flows.evaluation.stories import parse_source
from wirethread.storage.tables.segments import MIN_WORDS

__all__ = ["WAYS", "count_sets", "measure_ways"]

Row = dict[str, Any]

WAYS = (
    ("SentenceTransformer.encode, every paragraph", "plain", "float32", "every"),
    ("the same, body paragraphs once each", "plain", "float32", "chosen"),
    ("torch, float32, batches by length", "torch", "float32", "chosen"),
    ("OpenVINO, float32", "openvino", "float32", "chosen"),
    ("OpenVINO, bfloat16", "openvino", "bfloat16", "chosen"),
    ("OpenVINO, int8", "openvino", "int8", "chosen"),
)
"""Name in the table, engine, precision, texts; all are compared with the first."""


def count_sets(parsed: Sequence[ParsedArticle]) -> tuple[Row, list[str]]:
    """Return how many paragraphs there are and why some are not encoded; and those that are.

    The texts are the paragraphs; the openings of articles, which a run also encodes, are left out.
    """
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


def measure_ways(texts: Mapping[str, Sequence[str]], n_repeats: int) -> list[Row]:
    """Return a row for each way: least seconds of all rounds, and how near its vectors are.

    `texts` has `every` paragraph, and those `chosen` for a run.
    """
    runs: dict[str, list[Measured]] = {name: [] for name, *_ in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        for name, some in texts.items():
            lines = (json.dumps({"text": one}) + "\n" for one in some)
            Path(folder, f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        for number in range(n_repeats):
            for name, way, precision, which in WAYS:
                request = {
                    "texts": str(Path(folder, f"{which}.jsonl")),
                    "way": way,
                    "precision": precision,
                    "vectors": str(Path(folder, f"{name}.npy")),
                }
                measured = run_measured(
                    sys.executable, "benchmarks.embedding.embedding_job", request, {}
                )
                runs[name].append(measured)
                print(
                    f"round {number + 1}: {name}, {measured.result['seconds']['encode']:.1f} s,"
                    f" load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
        vectors = {name: np.load(Path(folder, f"{name}.npy")) for name in runs}
    every, plain = vectors[WAYS[0][0]], vectors[WAYS[1][0]]
    return [
        describe(name, runs[name], vectors[name], every if which == "every" else plain)
        for name, _, _, which in WAYS
    ]


def measure_run(parsed: Sequence[ParsedArticle]) -> Row:
    """Return what each step of a whole run over the articles costs, in an archive of its own."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "articles.jsonl")
        rows = [
            {
                "id": article.source_id,
                "url": article.url,
                "outlet": article.outlet,
                "title": article.headline,
                "text": article.text,
                "language": article.language,
                "published_at": article.published_at and article.published_at.isoformat(),
            }
            for article in (one.article for one in parsed)
        ]
        source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        request = {
            "archive": str(Path(folder, "archive")),
            "day": str(source),
            "model": "default",
            "vectors": [],
        }
        measured = run_measured(sys.executable, "benchmarks.flows.daily_growth_job", request, {})
    found = measured.result
    return {
        "seconds": found["seconds"],
        "cpu_seconds": found["cpu_seconds"],
        "peak_mib": measured.peak_mib,
    }


def describe(name: str, runs: Sequence[Measured], vectors: Any, plain: Any) -> Row:
    cosines = (vectors * plain).sum(axis=1)
    return {
        "name": name,
        "engine": runs[0].result["engine"],
        "n_texts": len(vectors),
        "seconds": min(one.result["seconds"]["encode"] for one in runs),
        "cpu_seconds": min(one.result["cpu_seconds"]["encode"] for one in runs),
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
    parser.add_argument("--articles", type=int, default=60, dest="n_articles")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument(
        "--quality",
        type=Path,
        help="JSON with a list of precision, plagdet, allsides, ecbplus and wikinews",
    )
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/embedding_speed.json"))
    options = parser.parse_args()
    parsed = parse_source(options.articles)[0]
    parsed = random.Random(1).sample(parsed, min(options.n_articles, len(parsed)))
    counts, chosen = count_sets(parsed)
    every = [one.text for article in parsed for one in article.paragraphs]
    load_before = os.getloadavg()[0]
    rows = measure_ways({"every": every, "chosen": chosen}, options.repeats)
    run = measure_run(parsed)
    result = {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "load_before": round(load_before, 1),
        "load_after": round(os.getloadavg()[0], 1),
        "versions": describe_versions(
            "torch", "sentence-transformers", "transformers", "openvino", "tokenizers"
        ),
        "data": {"name": options.articles.name, **counts},
        "repeats": options.repeats,
        "ways": rows,
        "run": run,
    }
    if options.quality is not None:
        result["quality"] = json.loads(options.quality.read_text(encoding="utf-8"))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(round_all(result), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
