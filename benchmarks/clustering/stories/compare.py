"""Compare our story clusters with those of other systems on labelled sets, in one run.

    python -m benchmarks.clustering.stories.compare DATA_FOLDER [--peers-python PYTHON]
        [--tuning-from RESULT.json] [--repeats 1] [--out benchmarks/results/stories.json]

Each system runs in a process of its own. Ours has the shipped settings. Every peer is given the
parameters that are best on the very labels it is scored on: once the same for all sets (the best
mean B-cubed F1), and once the best for each set.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clustering.stories.story_sets import StorySet, find_story_sets
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.measuring import JobError, Measured, round_all, run_measured
from wirethread.clustering.measures.metrics import ClusterScores, score_clusters

Row = dict[str, Any]
Clusters = Mapping[str, Any]

ENVIRONMENT = {"TOKENIZERS_PARALLELISM": "false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A system to compare with, and the parameters that are tried."""

    name: str
    module: str
    options: Row
    grid: Sequence[Row]
    refine: Callable[[Row], Sequence[Row]]
    """Further parameters near the best of the grid."""
    python: str = sys.executable
    timed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every measurement needs."""

    sets: Sequence[StorySet]
    folder: Path
    repeats: int

    def request(self, data: StorySet, **more: Any) -> Row:
        """Return a request with the inputs that all systems share."""
        return {
            "source": str(data.source),
            "articles": str(self.folder / f"{data.name}.jsonl"),
            "vectors": str(self.folder / f"{data.name}.npz"),
            "rows": str(self.folder / f"{data.name}.npy"),
            **more,
        }

    def run(self, module: str, request: Row, python: str = sys.executable) -> Measured:
        """Run a system once."""
        return run_measured(python, module, request, ENVIRONMENT)


def write_inputs(bench: Bench) -> list[Measured]:
    """Make the vectors, and write articles and vectors in file order for the peers."""
    runs = []
    for data in bench.sets:
        runs.append(
            bench.run("benchmarks.clustering.stories.story_ours", bench.request(data, step="embed"))
        )
        with np.load(bench.folder / f"{data.name}.npz") as file:
            rows = dict(zip(file["ids"].tolist(), file["vectors"], strict=True))
        usable = [one for one in data.articles if one["id"] in rows]
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in usable)
        (bench.folder / f"{data.name}.jsonl").write_text(lines, encoding="utf-8")
        np.save(bench.folder / f"{data.name}.npy", np.stack([rows[one["id"]] for one in usable]))
    return runs


def score(data: StorySet, clusters: Clusters) -> ClusterScores:
    """Score clusters by id; an article that a system was not given is alone."""
    ids = [one["id"] for one in data.articles]
    return score_clusters(data.stories, [str(clusters.get(one, f"alone {one}")) for one in ids])


def summarize(data: StorySet, runs: Sequence[Measured]) -> Row:
    """Return the figures of one set; of seconds the least, others only add to them."""
    scores = score(data, runs[0].result["clusters"][0])
    return {
        "bcubed": [scores.bcubed.precision, scores.bcubed.recall, scores.bcubed.f1],
        "pairwise": [scores.pairwise.precision, scores.pairwise.recall, scores.pairwise.f1],
        "adjusted_rand": scores.adjusted_rand,
        "v_measure": scores.v_measure,
        "n_clusters": scores.n_predicted_clusters,
        "largest": scores.largest_predicted,
        "seconds": min(one.result["seconds"]["find"] for one in runs),
        "cpu_seconds": min(one.result["cpu_seconds"]["find"] for one in runs),
        "peak_mib": min(one.peak_mib for one in runs),
    }


def measure_ours(bench: Bench) -> Row:
    """Ours, with the shipped settings."""
    sets = {}
    for data in bench.sets:
        request = bench.request(data, step="cluster")
        sets[data.name] = summarize(
            data,
            [
                bench.run("benchmarks.clustering.stories.story_ours", request)
                for _ in range(bench.repeats)
            ],
        )
    return {
        "name": "wirethread",
        "settings": "shipped",
        "sets": sets,
        "timed": "score_links and cluster_articles, articles parsed and vectors made before",
    }


def measure_peer(bench: Bench, peer: Peer, tuned: Row | None) -> Row:
    """A peer at its best parameters for all sets, and the scores of the best for each set."""
    tuning = tuned or tune(bench, peer)
    sets = {}
    version = None
    for data in bench.sets:
        request = bench.request(data, **peer.options, settings=[tuning["settings"]], is_trial=False)
        runs = [bench.run(peer.module, request, peer.python) for _ in range(bench.repeats)]
        version = runs[0].result.get("version")
        sets[data.name] = summarize(data, runs)
        sets[data.name]["best_bcubed_f1"] = tuning["best_of_set"][data.name]["bcubed_f1"]
    return {
        "name": peer.name,
        "settings": ", ".join(f"{name} {value}" for name, value in tuning["settings"].items()),
        "tuning": tuning,
        "sets": sets,
        "timed": peer.timed,
        "version": version,
    }


def tune(bench: Bench, peer: Peer) -> Row:
    """Return the parameters with the best mean B-cubed F1, and those best for each set."""
    tried: list[Row] = []
    rated: list[list[float]] = []
    for settings in (peer.grid, None):
        # the second time near the best of all sets and near that of each
        found = settings or [
            setting
            for best in dict.fromkeys([choose(rated), *map(int, np.argmax(rated, axis=0))])
            for setting in peer.refine(tried[best])
        ]
        fresh = [one for place, one in enumerate(found) if one not in [*tried, *found[:place]]]
        if fresh:
            tried += fresh
            rated += rate(bench, peer, fresh)
    best = choose(rated)
    return {
        "settings": tried[best],
        "n_tried": len(tried),
        "best_of_set": {
            data.name: {
                "settings": tried[at],
                "bcubed_f1": rated[at][place],
            }
            for place, data in enumerate(bench.sets)
            if (at := int(np.argmax([one[place] for one in rated]))) >= 0
        },
    }


def choose(rated: Sequence[Sequence[float]]) -> int:
    """Return the place of the settings with the best mean over the sets."""
    return int(np.argmax(np.mean(rated, axis=1)))


def rate(bench: Bench, peer: Peer, settings: Sequence[Row]) -> list[list[float]]:
    """Return B-cubed F1 of every setting on every set."""
    columns = []
    for data in bench.sets:
        request = bench.request(data, **peer.options, settings=settings, is_trial=True)
        found = bench.run(peer.module, request, peer.python).result["clusters"]
        columns.append([score(data, one).bcubed.f1 for one in found])
    return [list(row) for row in zip(*columns, strict=True)]


def refine_threshold(best: Row) -> list[Row]:
    """Return the settings with thresholds close to the best."""
    steps = range(-4, 5)
    return [{**best, "threshold": round(best["threshold"] + 0.01 * one, 3)} for one in steps]


def refine_stream(best: Row) -> list[Row]:
    """Return the settings with thresholds close to the best, and with other decays of time."""
    widths = (1.5, 3.0, 6.0) if best["time"] else (3.0,)
    return [{**one, "sigma_days": width} for one in refine_threshold(best) for width in widths]


def list_peers(peers_python: str | None) -> list[Peer]:
    """Return the peers; BERTopic only where a Python is named that has it (and hdbscan)."""
    peers = [
        Peer(
            name="TF-IDF, average linkage",
            module="benchmarks.clustering.stories.peers.story_peers",
            options={"method": "linkage"},
            grid=[{"threshold": round(0.02 * one, 2)} for one in range(2, 40)],
            refine=refine_threshold,
            timed="TF-IDF of all articles, average linkage of all pairs",
        ),
        Peer(
            name="streaming nearest centroid",
            module="benchmarks.clustering.stories.peers.story_peers",
            options={"method": "stream"},
            grid=[
                {"threshold": threshold, "dense": dense, "time": time, "sigma_days": 3.0}
                for dense in (0.0, 0.25, 0.5, 0.75)
                for time in (0.0, 0.1, 0.2, 0.3)
                for threshold in [round(0.1 + 0.05 * one, 2) for one in range(14)]
            ],
            refine=refine_stream,
            timed="TF-IDF of all articles, one pass in the order of time, vectors made before",
        ),
        Peer(
            name="HDBSCAN on the same vectors",
            module="benchmarks.clustering.stories.peers.story_density",
            options={},
            python=peers_python or sys.executable,
            grid=[
                {"min_cluster_size": size, "min_samples": samples, "method": method, "epsilon": far}
                for size, samples, method, far in product(
                    (2, 3, 4), (1, 2, 3), ("eom", "leaf"), (0.0, 0.7, 0.8, 0.9)
                )
            ],
            refine=lambda best: [
                {**best, "epsilon": round(best["epsilon"] + 0.05 * entry, 2)}
                for entry in (-1, 1)
                if best["epsilon"]
            ],
            timed="HDBSCAN, vectors made before",
        ),
    ]
    if peers_python is None:
        print("BERTopic: skipped, no Python given that has it (--peers-python)")
        return peers
    return [
        *peers,
        Peer(
            name="BERTopic on the same vectors",
            module="benchmarks.clustering.stories.peers.story_topics",
            options={},
            python=peers_python,
            grid=[
                {"n_neighbors": near, "min_topic_size": size, "min_samples": few, "method": method}
                for near, size, few, method in product(
                    (5, 15), (2, 3, 5), (1, None), ("eom", "leaf")
                )
            ],
            refine=lambda best: [],
            timed="BERTopic.fit_transform (UMAP, HDBSCAN, c-TF-IDF), vectors made before",
        ),
    ]


def print_row(row: Row) -> None:
    mean = np.mean([one["bcubed"][2] for one in row["sets"].values()])
    words = "  ".join(
        f"{name} {scores['bcubed'][2]:.3f} ({scores['bcubed'][0]:.2f}/{scores['bcubed'][1]:.2f}, "
        f"{scores['n_clusters']} clusters, {scores['seconds']:.1f} s)"
        for name, scores in row["sets"].items()
    )
    print(f"{row['name']:30} mean {mean:.3f}  {words}  [{row['settings']}]", flush=True)


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--peers-python")
    parser.add_argument("--tuning-from", type=Path)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/stories.json"))
    options = parser.parse_args()
    tuned: Mapping[str, Row] = {}
    if options.tuning_from is not None:
        earlier = json.loads(options.tuning_from.read_text(encoding="utf-8"))
        tuned = {one["name"]: one["tuning"] for one in earlier["systems"] if one.get("tuning")}
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(
            sets=find_story_sets(options.data), folder=Path(folder), repeats=options.repeats
        )
        embedding = write_inputs(bench)
        systems = [measure_ours(bench)]
        print_row(systems[0])
        for peer in list_peers(options.peers_python):
            try:
                systems.append(measure_peer(bench, peer, tuned.get(peer.name)))
            except (JobError, FileNotFoundError) as error:
                print(f"{peer.name}: skipped, {str(error).strip().splitlines()[-1]}")
            else:
                print_row(systems[-1])
    result = {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "load_before": round(load_before, 1),
        "load_after": round(os.getloadavg()[0], 1),
        "versions": describe_versions("numpy", "scipy", "scikit-learn", "torch"),
        "sets": [
            {
                "name": entry.name,
                "n_articles": len(entry.articles),
                "n_dated": sum(article["day"] is not None for article in entry.articles),
                "n_stories": len(set(entry.stories)),
            }
            for entry in bench.sets
        ],
        "embedding": {
            "n_texts": sum(one.result["n_texts"] for one in embedding),
            "model": embedding[0].result["model"],
            "precision": embedding[0].result["precision"],
            "seconds": sum(one.result["seconds"]["find"] for one in embedding),
            "cpu_seconds": sum(one.result["cpu_seconds"]["find"] for one in embedding),
        },
        "repeats": options.repeats,
        "systems": systems,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(round_all(result), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
