"""Time and memory of matching and clustering against size, beside peers on the same work.

    python -m benchmarks.clustering.matching_scale CORPUS.jsonl.gz [--near-python PYTHON]
        [--topics-python PYTHON] [--keep FOLDER] [--part paragraphs articles near topics]

Sizes beyond the corpus are older copies of it with other facts (`grown_news`). Every system runs in
a process of its own; seconds are those of finding, the inputs in memory and vectors made before.
Exponents are fitted over the logarithms of size and processor seconds. A part that is not asked for
keeps what the result file has of it. A peer that cannot run is named with the reason.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.fitting import fit_exponent
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.measuring import JobError, round_all, run_measured

Row = dict[str, Any]

PARAGRAPHS = (1_000, 10_000, 100_000, 300_000, 1_000_000)
ARTICLES = (1_000, 3_000, 10_000, 30_000, 100_000)
NEAR_SIZES = (1_000, 10_000, 100_000)
TOPIC_SIZES = (1_000, 3_000, 10_000)
THRESHOLDS = {"datasketch": 0.5, "rensa": 0.5, "semhash": 0.9}
ENVIRONMENT = {"TOKENIZERS_PARALLELISM": "false"}
DENSITY = {"min_cluster_size": 2, "min_samples": 1, "method": "leaf", "epsilon": 0.0}
TOPICS = {"n_neighbors": 15, "min_topic_size": 2, "min_samples": 1, "method": "leaf"}
PARTS = ("paragraphs", "articles", "near", "topics")


def run(module: str, request: Row, python: str = sys.executable) -> Row:
    """Run a job once; return its answer with what the process cost."""
    found = run_measured(python, module, request, ENVIRONMENT)
    answer = {name: one for name, one in found.result.items() if name != "clusters"}
    for table in ("seconds", "cpu_seconds"):
        if table in answer:
            answer[f"total_{table}"] = sum(answer[table].values())
    return answer | {"peak_mib": found.peak_mib, "process_seconds": found.seconds}


def measure_sizes(name: str, sizes: Sequence[int], once: Callable[[int], Row]) -> Row:
    """Measure some sizes; return the rows and the fitted exponents."""
    rows: list[Row] = []
    for size in sizes:
        try:
            rows.append(once(size))
        except JobError as error:
            print(f"{name} at {size:,} failed: {error}", flush=True)
            return {"name": name, "rows": rows, "failed": str(error).strip().splitlines()[-1][:200]}
        last = rows[-1]
        print(
            f"{name} {last['n']:,}: {last['total_seconds']:.1f} s, "
            f"{last['total_cpu_seconds']:.1f} CPU s, {last['peak_mib']:,.0f} MiB, "
            f"{last.get('n_found', '')} found",
            flush=True,
        )
    found: Row = {"name": name, "rows": rows}
    if len(rows) > 1:
        ns = [one["n"] for one in rows]
        found["exponent"] = fit_exponent(ns, [one["total_cpu_seconds"] for one in rows])
        found["memory_exponent"] = fit_exponent(ns, [one["peak_mib"] for one in rows])
    return found


def measure_ours(kind: str, base: Path, sizes: Sequence[int]) -> Row:
    """Measure ours."""
    return measure_sizes(
        "wirethread",
        sizes,
        lambda size: run(
            "benchmarks.clustering.matching_scale_job",
            {"step": kind, "base": str(base), "size": size},
        ),
    )


def measure_peers(
    kind: str, base: Path, folder: Path, sizes: Sequence[int], peers: Mapping[str, Row]
) -> list[Row]:
    """Measure ours and some peers on the same inputs."""
    inputs = {}
    for size in sizes:
        inputs[size] = {
            "articles": str(folder / f"{kind}-{size}.jsonl"),
            "rows": str(folder / f"{kind}-{size}.npy"),
        }
        run(
            "benchmarks.clustering.matching_scale_job",
            {"step": "inputs", "kind": kind, "base": str(base), "size": size, **inputs[size]},
        )
    found = [measure_ours(kind, base, sizes)]
    for name, peer in peers.items():
        found.append(
            measure_sizes(
                name,
                sizes,
                lambda size, peer=peer: (
                    {"n": size}
                    | run(peer["module"], {**peer["request"], **inputs[size]}, peer["python"])
                ),
            )
        )
    return found


def near_peers(python: str) -> dict[str, Row]:
    """Return the finders of near duplicates."""
    return {
        name: {
            "module": "benchmarks.clustering.matching.peers.near_duplicates",
            "python": python,
            "request": {"method": name, "threshold": threshold},
        }
        for name, threshold in THRESHOLDS.items()
    }


def topic_peers(python: str) -> dict[str, Row]:
    """Return the clusterers of vectors."""
    return {
        "HDBSCAN": {
            "module": "benchmarks.clustering.stories.peers.story_density",
            "python": python,
            "request": {"settings": [DENSITY]},
        },
        "BERTopic": {
            "module": "benchmarks.clustering.stories.peers.story_topics",
            "python": python,
            "request": {"settings": [TOPICS], "is_trial": False},
        },
    }


def prepare(options: argparse.Namespace, folder: Path) -> Path:
    """Make vectors and the parsed corpus, where the folder has none yet."""
    base, vectors = folder / "base.pickle", options.vectors or folder / "openings.npz"
    if not base.is_file():
        request = {"corpus": str(options.corpus), "vectors": str(vectors), "base": str(base)}
        if not vectors.is_file():
            run("benchmarks.clustering.matching_scale_job", {"step": "embed", **request})
        run("benchmarks.clustering.matching_scale_job", {"step": "prepare", **request})
    return base


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--vectors", type=Path, help="Openings: `ids` and `vectors`.")
    parser.add_argument("--near-python", help="A Python with datasketch, rensa and semhash.")
    parser.add_argument("--topics-python", help="A Python with bertopic and hdbscan.")
    parser.add_argument("--keep", type=Path, help="Folder for inputs; else a temporary one.")
    parser.add_argument("--part", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument("--paragraphs", type=int, nargs="*", default=PARAGRAPHS)
    parser.add_argument("--articles", type=int, nargs="*", default=ARTICLES)
    parser.add_argument("--near-sizes", type=int, nargs="*", default=NEAR_SIZES)
    parser.add_argument("--topic-sizes", type=int, nargs="*", default=TOPIC_SIZES)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/matching_scale.json"))
    options = parser.parse_args()
    result: Row = {}
    if options.out.is_file():
        result = json.loads(options.out.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        base = prepare(options, folder)
        jobs: dict[str, Callable[[], Any]] = {
            "articles": lambda: measure_ours("articles", base, options.articles),
            "paragraphs": lambda: measure_ours("paragraphs", base, options.paragraphs),
            "near": lambda: measure_peers(
                "paragraphs", base, folder, options.near_sizes, near_peers(options.near_python)
            ),
            "topics": lambda: measure_peers(
                "articles", base, folder, options.topic_sizes, topic_peers(options.topics_python)
            ),
        }
        needed = {"near": options.near_python, "topics": options.topics_python}
        for part, job in jobs.items():
            if part not in options.part:
                continue
            if part in needed and needed[part] is None:
                print(f"{part}: no Python with the peers was named, left out")
                continue
            load_before = os.getloadavg()[0]
            result[part] = job()
            result.setdefault("load", {})[part] = [load_before, os.getloadavg()[0]]
            result |= {
                "measured_at": datetime.now(UTC).date().isoformat(),
                "machine": describe_machine(),
                "versions": describe_versions("numpy", "scipy", "rapidfuzz"),
            }
            options.out.write_text(json.dumps(round_all(result), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
