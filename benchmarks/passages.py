"""Compare our passages with those of other systems on one labelled set, in one run.

    python -m benchmarks.passages DATA_FOLDER [--passim-python PYTHON] [--datasketch-python PYTHON]
        [--tuning-from RESULT.json] [--repeats 3] [--out benchmarks/results/passages.json]

Each system runs in a process of its own. All others get the articles' agencies, paragraphs and the
set of allowed pairs (wire copy published before the host, within our window) as labelled, and their
parameters are chosen on the very labels they are scored on; ours finds agencies and paragraphs by
itself, compares every article with every other, and has the shipped settings.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.datasets import ReuseSet, Scorer, load_reuse_set, load_scorer
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.measuring import JobError, Measured, run_measured
from benchmarks.passim_tuning import SPAN_FORMS, describe_options, reshape_spans, tune_passim
from clustering.match_settings import MatchSettings

Row = dict[str, Any]

OURS = "wirethread"

THRESHOLDS = [round(float(one), 2) for one in np.arange(0.05, 1.0, 0.01)]
SPARK = {
    "PYSPARK_SUBMIT_ARGS": "--master local[*] --driver-memory 4g "
    "--conf spark.ui.enabled=false pyspark-shell",
    "SPARK_LOCAL_IP": "127.0.0.1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every measurement needs."""

    data: ReuseSet
    score: Scorer
    folder: Path
    window_days: float
    repeats: int
    environment: Mapping[str, str] = field(default_factory=dict)

    def request(self, **more: Any) -> Row:
        """Return a request with the inputs all systems share."""
        return {
            "source": str(self.data.source),
            "gold": str(self.data.gold_source),
            "articles": str(self.folder / "articles.jsonl"),
            "paragraphs": str(self.folder / "paragraphs.jsonl"),
            "vectors": str(self.folder / "vectors.npz"),
            "plain_vectors": str(self.folder / "plain_vectors.npy"),
            "window_days": self.window_days,
            **more,
        }

    def run(self, module: str, request: Row, *, python: str = sys.executable) -> Measured:
        """Run a system once."""
        return run_measured(python, f"benchmarks.{module}", request, self.environment)

    def repeat(self, module: str, request: Row, *, python: str = sys.executable) -> list[Measured]:
        """Run a system as often as asked for."""
        return [self.run(module, request, python=python) for _ in range(self.repeats)]


def write_inputs(data: ReuseSet, folder: Path) -> None:
    """Write articles and plain paragraphs for the systems' processes."""
    for name, rows in (("articles", data.articles), ("paragraphs", data.paragraphs)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")


def summarize(bench: Bench, predictions: Sequence[Row]) -> Row:
    """Return the figures of the table for some predictions."""
    scores = bench.score(bench.data.gold, predictions)
    return {
        **{one: scores[one] for one in ("plagdet", "precision", "recall", "granularity")},
        "recall_by_level": {name: one["recall"] for name, one in scores["by_level"].items()},
        "near_misses": scores["near_miss"]["false_positives"],
        "n_near_misses": scores["near_miss"]["passages"],
        "clean_articles": scores["clean_hosts"]["with_predictions"],
        "n_clean_articles": scores["clean_hosts"]["hosts"],
        "n_predictions": scores["predictions"],
    }


def summarize_cost(runs: Sequence[Measured], results: Sequence[Row] | None = None) -> Row:
    """Return the least of each figure: what else the machine does can only add to it."""
    phases = [one.result for one in runs] if results is None else results
    return {
        "seconds": min(one["seconds"]["find"] for one in phases),
        "cpu_seconds": min(one["cpu_seconds"]["find"] for one in phases),
        "process_seconds": min(one.seconds for one in runs),
        "process_cpu_seconds": min(one.cpu_seconds for one in runs),
        "peak_mib": min(one.peak_mib for one in runs),
        "seconds_all_runs": [one["seconds"] for one in phases],
        "cpu_seconds_all_runs": [one["cpu_seconds"] for one in phases],
    }


def choose_threshold(bench: Bench, predictions: Sequence[Row]) -> tuple[float, list[Row]]:
    """Return the threshold with the best plagdet on the labels, and what lies above it."""
    best = (-1.0, 0.0)
    for threshold in THRESHOLDS:
        kept = [one for one in predictions if one["score"] >= threshold]
        best = max(best, (bench.score(bench.data.gold, kept)["plagdet"], threshold))
    return best[1], [one for one in predictions if one["score"] >= best[1]]


def measure_ours(bench: Bench) -> list[Row]:
    """Ours with vectors, the making of which is shown apart, and without any."""
    embed = [bench.run("ours", bench.request(step="embed"))]
    embedding = {
        **summarize_cost(embed),
        **{one: embed[0].result[one] for one in ("n_texts", "model", "precision")},
    }
    rows = []
    for name, with_vectors in ((OURS, True), (f"{OURS}, words only", False)):
        runs = bench.repeat("ours", bench.request(step="match", with_vectors=with_vectors))
        rows.append(
            {
                "name": name,
                "settings": "shipped",
                **summarize(bench, runs[0].result["predictions"]),
                **summarize_cost(runs),
                "parse_cpu_seconds": min(one.result["cpu_seconds"]["parse"] for one in runs),
                "timed": "matching all pairs of articles"
                + (", vectors made before" if with_vectors else ", no vectors"),
                **({"embedding": embedding} if with_vectors else {}),
            }
        )
    held_out = bench.run("held_out", bench.request())
    rows.append(
        {
            "name": f"{OURS}, model fitted on other articles",
            "settings": "shipped; five folds",
            **summarize(bench, held_out.result["predictions"]),
            **summarize_cost([held_out]),
            "timed": None,
        }
    )
    return rows


def measure_nearest(bench: Bench, module: str, name: str, timed: str, floor: float) -> Row:
    """A peer that gives the nearest paragraph, at the threshold that is best on the labels."""
    runs = bench.repeat(module, bench.request(floor=floor))
    threshold, kept = choose_threshold(bench, runs[0].result["predictions"])
    return {
        "name": name,
        "settings": f"threshold {threshold:g}",
        **summarize(bench, kept),
        **summarize_cost(runs),
        "timed": timed,
    }


def measure_minhash(bench: Bench, python: str, tuned: Row | None) -> Row:
    """MinHash LSH: shingle length and threshold are the best on the labels."""
    options = {"n_permutations": 128, "floor": 0.0}
    if tuned is None:
        best = (-1.0, 1, 0.5)
        for n_words in (1, 2, 3, 5):
            request = bench.request(**options, n_words=n_words, threshold=0.1)
            found = bench.run("minhash", request, python=python).result["predictions"]
            threshold, kept = choose_threshold(bench, found)
            best = max(best, (summarize(bench, kept)["plagdet"], n_words, threshold))
        _, n_words, threshold = best
    else:
        n_words, threshold = tuned["n_words"], tuned["threshold"]
    chosen = {"n_words": n_words, "threshold": max(threshold - 0.05, 0.05)}
    runs = bench.repeat("minhash", bench.request(**options, **chosen), python=python)
    kept = [one for one in runs[0].result["predictions"] if one["score"] >= threshold]
    return {
        "name": "MinHash LSH (datasketch)",
        "settings": f"shingles of {n_words} words, Jaccard {threshold:g}, 128 permutations",
        "tuning": {"n_words": n_words, "threshold": threshold},
        **summarize(bench, kept),
        **summarize_cost(runs),
        "version": runs[0].result["version"],
        "timed": "signatures of all paragraphs, index of wire paragraphs, a query per host one",
    }


def measure_passim(bench: Bench, python: str, tuned: Row | None) -> list[Row]:
    """Passim with its own defaults, and with what is best on the labels."""

    def find(options: list[list[str]]) -> list[list[Row]]:
        request = bench.request(options=options)
        runs = bench.run("passim_spans", request, python=python).result["runs"]
        return [one["predictions"] for one in runs]

    def rate(spans: Sequence[Row]) -> float:
        return float(bench.score(bench.data.gold, spans)["plagdet"])

    paragraphs = bench.data.paragraphs
    ids = [one["id"] for one in bench.data.articles]
    tuned = tuned or tune_passim(
        find, lambda form, one: rate(reshape_spans(form, one, paragraphs, ids))
    )
    rows = []
    for name, options, form in (
        ("passim, defaults", [], "as given"),
        ("passim, tuned", tuned["options"], tuned["form"]),
    ):
        runs = bench.repeat("passim_spans", bench.request(options=[options]), python=python)
        spans = runs[0].result["runs"][0]["predictions"]
        rows.append(
            {
                "name": name,
                "settings": f"{describe_options(options)}; {SPAN_FORMS[form]}",
                "tuning": tuned if options else None,
                **summarize(bench, reshape_spans(form, spans, paragraphs, ids)),
                **summarize_cost(runs, [one.result["runs"][0] for one in runs]),
                "version": runs[0].result["version"],
                "pyspark": runs[0].result["pyspark"],
                "timed": "passim --to-extents, from its JSON input to aligned spans, Spark running",
            }
        )
    return rows


def measure_all(bench: Bench, options: argparse.Namespace, tuned: Mapping[str, Row]) -> list[Row]:
    """Measure every system that can be; say which cannot."""
    rows = measure_ours(bench)
    for row in rows:
        print_row(row)
    if options.passim_python is None:
        print("passim: skipped, no Python given that has it (--passim-python)")
    else:
        rows += attempt(
            "passim",
            lambda: measure_passim(bench, options.passim_python, tuned.get("passim, tuned")),
        )
    rows += attempt(
        "MinHash LSH",
        lambda: [
            measure_minhash(bench, options.datasketch_python, tuned.get("MinHash LSH (datasketch)"))
        ],
    )
    for module, name, timed, floor in (
        ("cosine", "embedding cosine", "cosines of all allowed pairs, vectors made before", 0.3),
        ("tfidf", "TF-IDF cosine", "TF-IDF of all paragraphs, cosines of all allowed pairs", 0.1),
    ):
        rows += attempt(
            name, lambda m=module, n=name, t=timed, f=floor: [measure_nearest(bench, m, n, t, f)]
        )
    return rows


def attempt(name: str, measure: Any) -> list[Row]:
    """Measure a peer, or say in a line why it is skipped."""
    try:
        rows: list[Row] = measure()
    except (JobError, FileNotFoundError) as error:
        print(f"{name}: skipped, {str(error).strip().splitlines()[-1]}")
        return []
    for row in rows:
        print_row(row)
    return rows


def print_row(row: Row) -> None:
    levels = " ".join(f"{one:.3f}" for one in row["recall_by_level"].values())
    print(
        f"{row['name']:26} plagdet {row['plagdet']:.3f}  precision {row['precision']:.3f}  recall "
        f"{row['recall']:.3f} ({levels})  {row['seconds']:.1f} s  {row['cpu_seconds']:.1f} cpu s  "
        f"{row['peak_mib']:.0f} MiB  [{row['settings']}]",
        flush=True,
    )


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--passim-python")
    parser.add_argument("--datasketch-python", default=sys.executable)
    parser.add_argument("--tuning-from", type=Path)
    parser.add_argument("--scorer", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/passages.json"))
    options = parser.parse_args()
    tuned = {}
    if options.tuning_from is not None:
        earlier = json.loads(options.tuning_from.read_text(encoding="utf-8"))
        tuned = {one["name"]: one["tuning"] for one in earlier["systems"] if one.get("tuning")}
    data = load_reuse_set(options.data)
    scorer, score = load_scorer(options.scorer or options.data / "score_reuse.py")
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(
            data=data,
            score=score,
            folder=Path(folder),
            window_days=MatchSettings().window_days,
            repeats=options.repeats,
            environment=SPARK,
        )
        write_inputs(data, bench.folder)
        systems = measure_all(bench, options, tuned)
    result = {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "load_before": round(load_before, 1),
        "load_after": round(os.getloadavg()[0], 1),
        "versions": describe_versions("numpy", "scipy", "rapidfuzz", "torch", "scikit-learn"),
        "data": {
            "name": "reuse_dev",
            "n_articles": len(data.articles),
            "n_paragraphs": len(data.paragraphs),
            "n_passages": sum(1 for one in data.gold if one.get("host_begin") is not None),
        },
        "scorer": scorer,
        "window_days": MatchSettings().window_days,
        "repeats": options.repeats,
        "systems": systems,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(round_all(result), indent=1) + "\n", encoding="utf-8")


def round_all(value: Any) -> Any:
    """Round every number to four places."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {name: round_all(one) for name, one in value.items()}
    if isinstance(value, list):
        return [round_all(one) for one in value]
    return value


if __name__ == "__main__":
    main()
