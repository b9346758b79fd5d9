"""Replay a month in daily runs: do ids stay, and does the end agree with one run over everything?

    python -m benchmarks.clustering.stories.replay CORPUS.jsonl.gz [--month 2020-06]
        [--vectors FILE.npz ...] [--threads 10] [--out benchmarks/results/replay.json]

Every step of a run is done for real, on a catalog and vectors on the disk, without Prefect. The
threads are printed to be read; the result file holds numbers only.
"""

import argparse
import gzip
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import describe_machine, describe_versions
from benchmarks.made.daily_runs import CachedEncoder, run_day, write_rows
from benchmarks.made.inside import open_tables
from benchmarks.measuring import round_all
from wirethread.articles.errors import NotFoundError
from wirethread.articles.types.articles import ThreadState
from wirethread.clustering.measures.metrics import score_clusters
from wirethread.flows.settings.config import Settings
from wirethread.storage.answers.queries import get_story
from wirethread.storage.answers.stories import list_story_threads
from wirethread.storage.answers.types import ClusterDetail, StoryFilter
from wirethread.storage.catalog import Catalog

Row = dict[str, Any]
Groups = Mapping[str, frozenset[str]]
"""Members by id of cluster or thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Churn:
    """What became of the ids of one day by the next."""

    n_before: int
    n_merged: int
    n_split: int
    n_unexplained: int
    """Ids whose articles mostly stand under another id now, without a merge or split on record."""


def read_month(path: Path, month: str) -> dict[str, list[Row]]:
    """Return the articles of a month by day."""
    days: dict[str, list[Row]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if (row.get("published_at") or "").startswith(month):
                days.setdefault(row["published_at"][:10], []).append(row)
    return dict(sorted(days.items()))


def read_groups(catalog: Catalog) -> tuple[Groups, Groups]:
    """Return the articles of each story cluster, and those of each thread."""
    clusters = {
        str(cluster.cluster_id): frozenset(map(str, cluster.article_ids))
        for cluster in catalog.stories.load_clusters()
    }
    threads = {
        str(thread.thread_id): frozenset[str]().union(
            *(clusters[cluster_id] for cluster_id in thread.cluster_ids)
        )
        for thread in catalog.stories.load_threads()
    }
    return clusters, threads


def compare_days(before: Groups, after: Groups, events: Iterable[Row]) -> Churn:
    """Count the ids of the day before that lost their articles to another one, told or not."""
    home = {member: group for group, members in after.items() for member in members}
    merged = {one["subject_id"] for one in events if one["kind"] in ("merged", "removed")}
    split = {one["other_id"] for one in events if one["kind"] == "split"}
    counts = Counter[str]()
    for group, members in before.items():
        homes = Counter(home.get(one) for one in members)
        most = max(homes.values())
        if group in merged:
            counts["merged"] += 1
        elif group in split:
            counts["split"] += 1
        elif homes[group] < most:
            counts["unexplained"] += 1
    return Churn(
        n_before=len(before),
        n_merged=counts["merged"],
        n_split=counts["split"],
        n_unexplained=counts["unexplained"],
    )


def load_events(catalog: Catalog, run_id: str) -> list[Row]:
    """Return what a run recorded about ids."""
    rows = open_tables(catalog).fetch_rows(
        "SELECT kind, subject_id, other_id FROM story_events WHERE run_id = ? ORDER BY event",
        [run_id],
    )
    return [{"kind": kind, "subject_id": one, "other_id": other} for kind, one, other in rows]


def replay(
    settings: Settings, encoder: CachedEncoder, days: Mapping[str, Sequence[Row]], folder: Path
) -> tuple[list[Row], Groups, Groups, int]:
    """Run day after day; return a row a day, the last clusters and threads, and lost ids."""
    rows: list[Row] = []
    clusters: Groups = {}
    threads: Groups = {}
    used: set[str] = set()
    for day, articles in days.items():
        source = write_rows(folder / f"{day}.jsonl", articles)
        with Catalog.open(settings.data_folder, settings=settings.storage) as catalog:
            run_id, spent = run_day(catalog, encoder, settings, source)
            before, before_threads = clusters, threads
            clusters, threads = read_groups(catalog)
            events = load_events(catalog, run_id)
            used |= clusters.keys() | threads.keys()
            row: Row = {
                "day": day,
                "n_articles": len(articles),
                "n_clusters": len(clusters),
                "n_threads": len(threads),
                "clusters": as_row(compare_days(before, clusters, events)),
                "threads": as_row(compare_days(before_threads, threads, events)),
                "seconds": {name: one[0] for name, one in spent.items()},
                "cpu_seconds": {name: one[1] for name, one in spent.items()},
            }
        rows.append(row)
        print(
            f"{day}: {len(articles)} articles, {sum(row['seconds'].values()):.1f} s, clusters "
            f"{row['clusters']}, threads {row['threads']}",
            flush=True,
        )
    with Catalog.open(settings.data_folder, settings=settings.storage) as catalog:
        n_lost = sum(not resolves(catalog, one) for one in used)
    return rows, clusters, threads, n_lost


def as_row(churn: Churn) -> Row:
    return {
        "before": churn.n_before,
        "merged": churn.n_merged,
        "split": churn.n_split,
        "unexplained": churn.n_unexplained,
    }


def resolves(catalog: Catalog, old_id: str) -> bool:
    """Say whether an id that was given once still leads somewhere."""
    try:
        return bool(catalog.stories.resolve_story_id(old_id))
    except NotFoundError:
        return False


def agree(one: Groups, other: Groups) -> float:
    """Return the adjusted Rand index of two groupings of the same articles."""
    labels = [
        {member: group for group, m in groups.items() for member in m} for groups in (one, other)
    ]
    order = sorted(labels[0])
    if order != sorted(labels[1]):
        raise ValueError("the two runs hold different articles")
    return score_clusters(
        [labels[0][member] for member in order], [labels[1][member] for member in order]
    ).adjusted_rand


def print_threads(catalog: Catalog, n_threads: int) -> None:
    """Print the threads with most articles, and as many with two to four, cluster by cluster."""
    everything = list_story_threads(catalog, StoryFilter(min_articles=2), limit=1_000_000)
    by_size = sorted(everything, key=lambda one: (-one.n_articles, one.thread_id))
    several = [one for one in by_size if one.n_clusters > 1 and one.n_articles <= 6]
    chosen = [*by_size[: n_threads // 2], *several[:: max(1, len(several) // (n_threads // 2 + 1))]]
    for number, thread in enumerate(chosen[:n_threads], 1):
        print(
            f"\n=== {number}. {thread.title} [{thread.state.value}] {thread.n_clusters} clusters, "
            f"{thread.n_articles} articles, names {', '.join(thread.names)}; "
            f"numbers {', '.join(thread.numbers)}"
        )
        for story in catalog.stories.load_threads([thread.thread_id]):
            for cluster_id in story.cluster_ids:
                found = get_story(catalog, cluster_id)
                if isinstance(found, ClusterDetail):
                    print(f"  -- {found.summary.title}")
                    for member in found.articles:
                        one = member.article
                        day = one.published_at.date() if one.published_at else None
                        print(f"       {day} {one.outlet}: {one.headline[:100]}")


def summarize(rows: Sequence[Row], kind: str) -> Row:
    """Return churn over all days but the first."""
    shares = [one[kind]["unexplained"] / one[kind]["before"] for one in rows[1:]]
    told = [(one[kind]["merged"] + one[kind]["split"]) / one[kind]["before"] for one in rows[1:]]
    return {
        "n_unexplained": sum(one[kind]["unexplained"] for one in rows),
        "unexplained_share_of_worst_day": max(shares),
        "unexplained_share_a_day": float(np.mean(shares)),
        "recorded_share_of_worst_day": max(told),
        "recorded_share_a_day": float(np.mean(told)),
    }


def summarize_seconds(rows: Sequence[Row], clock: str) -> Row:
    """Return what a day took, and whether that grows."""
    days = [sum(one[clock].values()) for one in rows]
    return {
        "mean": float(np.mean(days)),
        "first_five": float(np.mean(days[:5])),
        "last_five": float(np.mean(days[-5:])),
        "most": max(days),
    }


def add_steps(rows: Sequence[Row], clock: str) -> Row:
    """Return the seconds of each step over all days."""
    return {name: sum(one[clock][name] for one in rows) for name in rows[0][clock]}


def main() -> None:
    """Replay, compare with one run, print threads, write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--month", default="2020-06")
    parser.add_argument("--vectors", type=Path, nargs="*", default=[])
    parser.add_argument("--threads", type=int, default=10)
    parser.add_argument("--keep", type=Path, help="Folder for the data; else a temporary one.")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/replay.json"))
    options = parser.parse_args()
    days = read_month(options.corpus, options.month)
    encoder = CachedEncoder(Settings(), options.vectors)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        daily = replace(Settings(), data_folder=str(folder / "daily"))
        rows, clusters, threads, n_lost = replay(daily, encoder, days, folder)
        at_once = replace(Settings(), data_folder=str(folder / "at_once"))
        source = write_rows(folder / "month.jsonl", (row for day in days.values() for row in day))
        with Catalog.open(at_once.data_folder, settings=at_once.storage) as catalog:
            _, spent = run_day(catalog, encoder, at_once, source)
            clusters_at_once, threads_at_once = read_groups(catalog)
            links_at_once = {
                (one.left_id, one.right_id): one for one in catalog.stories.load_links()
            }
        with Catalog.open(daily.data_folder, settings=daily.storage) as catalog:
            links = {(one.left_id, one.right_id): one for one in catalog.stories.load_links()}
            print_threads(catalog, options.threads)
            states = Counter(one.state for one in catalog.stories.load_threads())
    result = {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "load_after": round(os.getloadavg()[0], 1),
        "versions": describe_versions("duckdb", "faiss-cpu", "numpy", "scipy", "torch"),
        "month": options.month,
        "n_articles": sum(map(len, days.values())),
        "n_days": len(days),
        "n_texts_encoded_here": encoder.n_encoded,
        "n_clusters": len(clusters),
        "n_clusters_at_once": len(clusters_at_once),
        "n_threads": len(threads),
        "n_threads_at_once": len(threads_at_once),
        "thread_states": {one.value: states[one] for one in ThreadState},
        "n_links": len(links),
        "n_links_that_differ": sum(
            links.get(pair) != links_at_once.get(pair) for pair in links.keys() | links_at_once
        ),
        "adjusted_rand_of_clusters": agree(clusters, clusters_at_once),
        "adjusted_rand_of_threads": agree(threads, threads_at_once),
        "same_clusters": set(clusters.values()) == set(clusters_at_once.values()),
        "n_ids_lost": n_lost,
        "clusters": summarize(rows, "clusters"),
        "threads": summarize(rows, "threads"),
        "seconds_a_day": summarize_seconds(rows, "seconds"),
        "cpu_seconds_a_day": summarize_seconds(rows, "cpu_seconds"),
        "seconds_by_step": add_steps(rows, "seconds"),
        "cpu_seconds_by_step": add_steps(rows, "cpu_seconds"),
        "seconds_at_once": {name: one[0] for name, one in spent.items()},
        "cpu_seconds_at_once": {name: one[1] for name, one in spent.items()},
        "days": rows,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(round_all(result), indent=1) + "\n", encoding="utf-8")
    print(
        json.dumps(
            {k: v for k, v in round_all(result).items() if k not in ("days", "machine")}, indent=1
        )
    )


if __name__ == "__main__":
    main()
