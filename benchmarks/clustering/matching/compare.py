"""Compare our passages with those of other systems on one labelled set, in one run.

    python -m benchmarks.clustering.matching.compare DATA_FOLDER [--passim-python PYTHON]
        [--datasketch-python PYTHON] [--tuning-from RESULT.json] [--repeats 3]
        [--out benchmarks/results/passages.json]

Each system runs in a process of its own, one after another, `--repeats` rounds; the least of each
cost counts, since what else the machine does can only add to it. `--tuning-from` takes the peers'
parameters from an earlier result instead of searching for them again.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.clustering.matching.contenders import (
    Bench,
    Contender,
    Row,
    enter_minhash,
    enter_nearest,
    enter_ours,
    enter_passim,
)
from benchmarks.clustering.matching.datasets import ReuseSet, load_reuse_set, load_scorer
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.measuring import JobError, Measured, round_all
from wirethread.clustering.match_settings import MatchSettings

LEVELS = ("verbatim", "light", "heavy", "paraphrase")


def write_inputs(data: ReuseSet, folder: Path) -> None:
    """Write articles and plain paragraphs for the systems' processes."""
    for name, rows in (("articles", data.articles), ("paragraphs", data.paragraphs)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")


def gather_contenders(
    bench: Bench, options: argparse.Namespace, tuned: Mapping[str, Row]
) -> list[Contender]:
    """Return every system that can be measured here; say which cannot."""
    contenders = enter_ours(bench)
    if options.passim_python is None:
        print("passim: skipped, no Python given that has it (--passim-python)", flush=True)
    else:
        contenders += attempt(
            "passim",
            lambda: enter_passim(bench, options.passim_python, tuned.get("passim, tuned")),
        )
    contenders += attempt(
        "MinHash LSH",
        lambda: enter_minhash(
            bench, options.datasketch_python, tuned.get("MinHash LSH (datasketch)")
        ),
    )
    return [*contenders, *enter_nearest(bench)]


def attempt(name: str, enter: Callable[[], list[Contender]]) -> list[Contender]:
    """Enter a peer, or say in a line why it is skipped."""
    try:
        return enter()
    except (JobError, FileNotFoundError) as error:
        print(f"{name}: skipped, {str(error).strip().splitlines()[-1]}", flush=True)
        return []


def run_rounds(
    bench: Bench, contenders: Sequence[Contender], n_rounds: int
) -> dict[str, list[Measured]]:
    """Run all contenders in turn, round after round, so that no one alone has the quiet hour."""
    runs: dict[str, list[Measured]] = {one.name: [] for one in contenders}
    for number in range(n_rounds):
        for contender in contenders:
            if number < contender.max_runs:
                measured = bench.run(contender.module, contender.request, python=contender.python)
                runs[contender.name].append(measured)
                spent = contender.costs(measured.result)
                print(
                    f"round {number + 1}: {contender.name}, {spent['seconds']['find']:.1f} s, "
                    f"{spent['cpu_seconds']['find']:.1f} CPU s, load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
    return runs


def describe(bench: Bench, contender: Contender, runs: Sequence[Measured]) -> Row:
    """Return the row of a contender: quality from its first run, the least of each cost."""
    settings, predictions = contender.choose(runs[0].result)
    costs = [contender.costs(one.result) for one in runs]
    return {
        "name": contender.name,
        "settings": settings,
        "timed": contender.timed,
        **bench.summarize(predictions),
        "seconds": min(one["seconds"]["find"] for one in costs),
        "cpu_seconds": min(one["cpu_seconds"]["find"] for one in costs),
        "process_seconds": min(one.seconds for one in runs),
        "process_cpu_seconds": min(one.cpu_seconds for one in runs),
        "peak_mib": min(one.peak_mib for one in runs),
        "seconds_all_runs": [one["seconds"] for one in costs],
        "cpu_seconds_all_runs": [one["cpu_seconds"] for one in costs],
        **{name: runs[0].result[name] for name in ("version", "pyspark") if name in runs[0].result},
        **contender.more,
    }


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
            data=data, score=score, folder=Path(folder), window_days=MatchSettings().window_days
        )
        write_inputs(data, bench.folder)
        contenders = gather_contenders(bench, options, tuned)
        runs = run_rounds(bench, contenders, options.repeats)
        systems = [describe(bench, one, runs[one.name]) for one in contenders]
    for row in systems:
        print_row(row)
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
            "n_passages": sum(1 for one in data.gold if one.get("level") in LEVELS),
        },
        "scorer": scorer,
        "window_days": MatchSettings().window_days,
        "repeats": options.repeats,
        "systems": systems,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(round_all(result), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
