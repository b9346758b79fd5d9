"""Write the measured tables into `benchmarks/README.md`: `python -m benchmarks.report [--check]`.

Each table stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->` and is made from
`benchmarks/results/NAME.json`. `--check` writes nothing and fails where a table is out of date.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.clustering.matching_report import format_matching
from benchmarks.clustering.stories.story_report import format_replay, format_stories

__all__ = ["TABLES", "fill_tables", "format_corpus", "format_embedding", "format_passages"]

FOLDER = Path(__file__).parent
Row = Mapping[str, Any]

LEVELS = ("verbatim", "light", "heavy", "paraphrase")


def format_passages(result: Row) -> str:
    """Return machine, quality and cost of the compared systems as Markdown."""
    systems = result["systems"]
    first = systems[0]
    quality = make_table(
        [
            "",
            "plagdet",
            "precision",
            "recall",
            "granularity",
            *LEVELS,
            f"near misses of {first['n_near_misses']}",
            f"clean articles of {first['n_clean_articles']}",
        ],
        [
            [
                system["name"],
                *(
                    f"{system[name]:.3f}"
                    for name in ("plagdet", "precision", "recall", "granularity")
                ),
                *(f"{system['recall_by_level'][level]:.3f}" for level in LEVELS),
                str(system["near_misses"]),
                str(system["clean_articles"]),
            ]
            for system in systems
        ],
    )
    cost = make_table(
        [
            "",
            "settings",
            "seconds",
            "CPU seconds",
            "CPU seconds of the process",
            "peak MiB",
            "timed",
        ],
        [cost_row(one["name"], one["settings"], one) for one in systems if one.get("timed")]
        + [
            cost_row("the vectors", embedding_words(system["embedding"]), system["embedding"])
            for system in systems
            if "embedding" in system
        ],
    )
    return "\n\n".join(
        [
            f"{describe_run(result)} {result['data']['n_articles']:,} articles, "
            f"{result['data']['n_paragraphs']:,} paragraphs, scored by `{result['scorer']}`, "
            f"wire copy up to {result['window_days']:g} days older than the host, "
            f"{describe_repeats(result['repeats'])}. {describe_load(result)}",
            quality,
            cost,
            *describe_ratio(systems),
        ]
    )


def cost_row(name: str, settings: str, costs: Row) -> list[str]:
    """Return what a system cost."""
    return [
        name,
        settings,
        f"{costs['seconds']:.1f}",
        f"{costs['cpu_seconds']:.1f}",
        f"{costs['process_cpu_seconds']:.1f}",
        f"{costs['peak_mib']:,.0f}",
        costs.get("timed", "encoding, the model loaded"),
    ]


def embedding_words(embedding: Row) -> str:
    return f"{embedding['n_texts']:,} texts, {embedding['model']}, {embedding['precision']}"


def describe_repeats(n_repeats: int) -> str:
    return "one run each" if n_repeats == 1 else f"the best of {n_repeats} runs each"


def describe_load(result: Row) -> str:
    """Say how busy the machine was with other things."""
    return (
        f"Load of the machine: {result['load_before']:g} before, {result['load_after']:g} after, "
        f"on {result['machine']['cores']} cores; where it is above the number of cores, other work "
        "slowed all systems down, and CPU seconds compare better than seconds."
    )


def describe_ratio(systems: list[Row]) -> list[str]:
    """Say how much longer passim takes than ours, for each way it was run."""
    ours = systems[0]
    both = ours["cpu_seconds"] + ours["embedding"]["cpu_seconds"]
    words = systems[1]
    return [
        f"{system['name']} takes {system['seconds'] / ours['seconds']:.1f} times the seconds and "
        f"{system['cpu_seconds'] / ours['cpu_seconds']:.1f} times the CPU seconds of our matching "
        f"({system['cpu_seconds'] / words['cpu_seconds']:.1f} times those of {words['name']}), but "
        f"{system['cpu_seconds'] / both:.2f} times the CPU seconds of our matching and embedding "
        "together."
        for system in systems
        if system["name"].startswith("passim")
    ]


def format_corpus(result: Row) -> str:
    """Return the figures of matching a whole corpus as Markdown."""
    seconds = result["seconds"]
    derivation = ", ".join(f"{n:,} {name}" for name, n in result["derivation"].items())
    table = make_table(
        ["", ""],
        [
            ["articles", f"{result['n_articles']:,}"],
            ["paragraphs", f"{result['n_paragraphs']:,}"],
            ["distinct texts with a vector", f"{result['n_vectors']:,}"],
            ["matching, seconds", f"{seconds['match']:,.0f}"],
            ["matching, CPU seconds", f"{result['match_cpu_seconds']:,.0f}"],
            ["joining passages and derivation, seconds", f"{seconds['join']:,.0f}"],
            ["peak memory, MiB", f"{result['peak_mib']:,}"],
            ["of it before matching, MiB", f"{result['peak_mib_before_matching']:,}"],
            ["verdicts kept", f"{result['n_verdicts']:,}"],
            ["matches", f"{result['n_matches']:,}"],
            ["passages", f"{result['n_passages']:,}"],
            ["articles by derivation", derivation],
        ],
    )
    return f"{describe_run(result)} {result['articles_per_batch']:,} articles a batch.\n\n{table}"


def describe_whole_run(run: Row, plain: Row, n_paragraphs: int) -> str:
    """Return what all steps of a run cost, against the vectors alone made plainly."""
    spent = {
        name: seconds
        for name, seconds in run["cpu_seconds"].items()
        if name not in {"opening", "whole run"}
    }
    costly = sorted(spent.items(), key=lambda item: -item[1])[:4]
    whole, clock = run["cpu_seconds"]["whole run"], run["seconds"]["whole run"]
    told = ", ".join(f"{name} {value:.1f}" for name, value in costly)
    return (
        "**A whole run** over the same articles, every step and the loading of the model:"
        f" {clock:.0f} s, {whole:.0f} CPU seconds ({told}), peak"
        f" {run['peak_mib']:,.0f} MiB. That is {n_paragraphs / whole:.0f} paragraphs a CPU second;"
        " the vectors alone, made as in the first row, take"
        f" {plain['cpu_seconds'] / whole:.1f} times the CPU seconds and"
        f" {plain['seconds'] / clock:.1f} times the seconds of the whole run."
    )


def format_embedding(result: Row) -> str:
    """Return the ways to embed a file, and what the fastest costs in quality, as Markdown."""
    data, ways = result["data"], result["ways"]
    first = ways[0]
    table = make_table(
        [
            "",
            "texts",
            "seconds",
            "CPU seconds",
            "texts / CPU second",
            "times less CPU",
            "least cosine",
            "mean cosine",
            "peak MiB",
        ],
        [
            [
                way["name"],
                f"{way['n_texts']:,}",
                f"{way['seconds']:.1f}",
                f"{way['cpu_seconds']:.1f}",
                f"{way['n_texts'] / way['cpu_seconds']:.0f}",
                f"{first['cpu_seconds'] / way['cpu_seconds']:.1f}",
                f"{way['least_cosine']:.4f}",
                f"{way['mean_cosine']:.4f}",
                f"{way['peak_mib']:,.0f}",
            ]
            for way in ways
        ],
    )
    features = [
        words
        for name, words in (
            ("has_avx512_bf16", "AVX-512 BF16"),
            ("has_avx512_vnni", "AVX-512 VNNI"),
            ("has_amx_bf16", "AMX"),
        )
        if result["machine"].get(name)
    ]
    parts = [
        f"{describe_run(result)} The processor has {', '.join(features) or 'none of these'}"
        f" (of AVX-512 BF16, AVX-512 VNNI and AMX). {data['n_articles']:,} articles of"
        f" `{data['name']}`, {data['n_paragraphs']:,} paragraphs, of which {data['n_body']:,} are"
        f" body, {data['n_long_enough']:,} long enough and {data['n_distinct']:,} distinct;"
        f" {describe_repeats(result['repeats'])}. {describe_load(result)}",
        table,
    ]
    if "run" in result:
        parts.append(describe_whole_run(result["run"], first, data["n_paragraphs"]))
    if "quality" in result:
        parts.append(
            make_table(
                ["", "measure", *(one["precision"] for one in result["quality"])],
                [
                    [name, measure, *(f"{one[key]:.4f}" for one in result["quality"])]
                    for name, measure, key in (
                        ("passages of `reuse_dev`", "plagdet", "plagdet"),
                        ("stories of AllSides", "B-cubed F1", "allsides"),
                        ("stories of ECB+", "B-cubed F1", "ecbplus"),
                        ("stories of Wikinews", "B-cubed F1", "wikinews"),
                    )
                    if all(key in one for one in result["quality"])
                ],
            )
        )
    return "\n\n".join(parts)


def format_daily_growth(result: Row) -> str:
    """Return what a day costs on archives of growing size as Markdown."""
    sizes = result["sizes"]
    first = sizes[0]
    header = ["", *(f"{one['n_articles']:,} articles" for one in sizes)]
    header += [f"{one['n_articles'] / first['n_articles']:.0f} times" for one in sizes[1:]]
    rows = [
        growth_row(name, [one["cpu_seconds"].get(name) for one in sizes])
        for name in first["cpu_seconds"]
    ]
    commands = [name for name in first["seconds"] if name not in first["cpu_seconds"]]
    rows += [
        growth_row(f"`{name}`, seconds", [one["seconds"][name] for one in sizes])
        for name in commands
    ]
    rows += [
        growth_row("peak memory, MiB", [one["peak_mib"] for one in sizes], digits=0),
        growth_row("catalog, MiB", [one["catalog_mib"] for one in sizes], digits=0),
    ]
    loads = ", ".join(f"{one['load']:g}" for one in sizes)
    return (
        f"{describe_run(result)} Processor seconds of each step where nothing else is said; the"
        f" least of runs: {result['repeats']}. A ratio is to {first['n_articles']:,} articles."
        f" Load of the machine: {loads}.\n\n"
        f"{make_table(header, rows)}"
    )


def growth_row(name: str, values: list[float], digits: int = 2) -> list[str]:
    """Return the values of all sizes, and their ratios to the first."""
    ratios = [f"{one / values[0]:.2f}" if values[0] else "" for one in values[1:]]
    return [name, *(f"{one:,.{digits}f}" for one in values), *ratios]


def format_startup(result: Row) -> str:
    """Return how long commands take to answer, and Prefect's share of a run, as Markdown."""
    commands = result["commands"]
    plain, flow = (
        commands[f"a run with nothing to do, {how}"] for how in ("plain functions", "as a flow")
    )
    table = make_table(
        ["", "seconds, median", "seconds, least", "CPU seconds"],
        [
            [name, *(f"{costs[key]:.2f}" for key in ("seconds", "least_seconds", "cpu_seconds"))]
            for name, costs in commands.items()
        ],
    )
    return (
        f"{describe_run(result)} {result['repeats']} times each, in turn. Load of the machine:"
        f" {result['load_before']:g} before, {result['load_after']:g} after.\n\n{table}\n\n"
        f"Prefect and its temporary server add {flow['least_seconds'] - plain['least_seconds']:.1f}"
        f" seconds and {flow['cpu_seconds'] - plain['cpu_seconds']:.1f} CPU seconds to a run."
    )


def describe_run(result: Row) -> str:
    """Say when and on what a result was measured."""
    machine = result["machine"]
    versions = ", ".join(f"{name} {one}" for name, one in result["versions"].items())
    peers = sorted(
        {
            f"{package} {system[key]}"
            for system in result.get("systems", [])
            for key, package in (
                ("version", system["name"].partition(",")[0]),
                ("pyspark", "pyspark"),
            )
            if system.get(key)
        }
    )
    return (
        f"Measured {result['measured_at']} on {machine['cores']} cores ({machine['processor']}"
        f"{', AMX bf16' if machine['has_amx_bf16'] else ''}), {machine['memory_gib']:g} GiB, "
        f"{machine['system']}, Python {machine['python']}, {versions}"
        f"{''.join(', ' + one for one in peers)}."
    )


def make_table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; all columns but the first are aligned to the right."""
    lines = [header, ["---", *("---:" for _ in header[1:])], *rows]
    return "\n".join("| " + " | ".join(one) + " |" for one in lines)


def format_search_scale(result: Row) -> str:
    """Return the figures of searching vectors by the million as Markdown."""
    names = {
        "ours": "wirethread",
        "exact": "wirethread, exact",
        "flat": "FAISS IndexFlatIP, float32",
    }
    asked = make_table(
        [
            "vectors",
            "",
            "recall at 10",
            "warm ms, median",
            "p95",
            "CPU ms",
            "own MiB",
            "mapped MiB",
        ],
        [
            [
                f"{size['n_rows']:,}",
                names[system["name"]],
                f"{system['recall']:.3f}",
                f"{system['warm_ms']['median']:.0f}",
                f"{system['warm_ms']['p95']:.0f}",
                f"{system['warm_cpu_ms']:.0f}",
                f"{system['resident']['own']:,.0f}",
                f"{system['resident']['mapped']:,.0f}",
            ]
            for size in result["sizes"]
            for system in size["systems"]
        ],
    )
    return "\n\n".join(
        [
            f"{describe_run(result)} {result['n_queries']} questions, {result['dimension']} numbers"
            " a vector.",
            asked,
            make_table(
                ["", *(f"{size['n_rows']:,} vectors" for size in result["sizes"])],
                list_costs(result["sizes"]),
            ),
        ]
    )


def format_similar_scale(result: Row) -> str:
    """Return the figures of `similar` by the million paragraphs as Markdown."""
    names = {"both": "by both", "meaning": "by meaning", "words": "by words"}
    names["scan"] = "words, reading every text"
    index = result["index"]
    seconds, cpu = index["seconds"], index["cpu_seconds"]
    gib = 2**30
    return "\n\n".join(
        [
            f"{describe_run(result)} {index['n_rows']:,} paragraphs,"
            f" {index['catalog_bytes'] / gib:.2f} GiB of catalog, {index['vector_bytes'] / gib:.2f}"
            f" GiB of vectors; model {result['model']}. Load of the machine:"
            f" {result['load_before']:.1f} before, {result['load_after']:.1f} after.",
            make_table(
                ["a process that is open", "questions", "ms, median", "p95", "CPU ms"],
                [
                    [
                        f"{names[entry['name']]}, {entry['kind']}",
                        f"{entry['n_questions']}",
                        f"{entry['ms']['median']:,.0f}",
                        f"{entry['ms']['p95']:,.0f}",
                        f"{entry['cpu_ms']:,.0f}",
                    ]
                    for entry in result["warm"]
                ],
            ),
            make_table(
                ["a fresh process, nothing in memory", "seconds, median", "worst", "CPU seconds"],
                [
                    [
                        names[entry["name"]],
                        *(f"{entry[key]:.2f}" for key in ("seconds", "worst", "cpu_seconds")),
                    ]
                    for entry in result["cold"]
                ],
            ),
            make_table(
                ["the index of words", "seconds", "CPU seconds"],
                [
                    [
                        f"made from nothing, {index['n_bytes'] / 2**20:,.0f} MiB",
                        f"{seconds['index all']:.0f}",
                        f"{cpu['index all']:.0f}",
                    ],
                    [
                        f"with {index['n_added']:,} new paragraphs",
                        f"{seconds['add a day']:.2f}",
                        f"{cpu['add a day']:.2f}",
                    ],
                    [
                        "with nothing new",
                        f"{seconds['nothing new']:.2f}",
                        f"{cpu['nothing new']:.2f}",
                    ],
                ],
            ),
        ]
    )


def describe_lists(size: Row) -> str:
    """Return the lists of each file in lists, and how many of them a search reads."""
    return ", ".join(f"{n_lists:,}: {n_read:,}" for n_lists, n_read in size["index"]["n_lists"])


def list_costs(sizes: list[Row]) -> list[list[str]]:
    """Return what an archive of vectors takes and what a change of it costs, a column a size."""

    def row(words: str, pick: Callable[[Row], str]) -> list[str]:
        return [words, *map(pick, sizes)]

    def change(words: str, step: str) -> list[str]:
        seconds = [one["change"]["seconds"].get(step) for one in sizes]
        return [words, *("not measured" if one is None else f"{one:.2f}" for one in seconds)]

    return [
        row("of them real", lambda one: f"{one['n_real']:,}"),
        row("mean similarity of the ten nearest", lambda one: f"{one['mean_similarity']:.2f}"),
        row("lists, and read for a question", describe_lists),
        row("files, GiB", lambda one: f"{one['index']['bytes'] / 2**30:.2f}"),
        row("storing all, CPU seconds", lambda one: f"{one['fill']['cpu_seconds']['add']:.0f}"),
        row("merging all, CPU seconds", lambda one: f"{one['fill']['cpu_seconds']['compact']:.0f}"),
        row(
            "first search, nothing in memory, s", lambda one: f"{one['cold']['search_seconds']:.2f}"
        ),
        row(
            "the same from the start of Python, s",
            lambda one: f"{one['cold']['process_seconds']:.2f}",
        ),
        change("adding 200 texts, s", "add"),
        change("compaction after that, s", "compact"),
        change("deleting 1,000 texts, s", "delete"),
        change("compaction after that, s", "compact after deleting"),
        change("writing the largest file without them, s", "rewrite without the deleted"),
    ]


TABLES: Mapping[str, Callable[[Row], str]] = {
    "embedding_speed": format_embedding,
    "passages": format_passages,
    "corpus": format_corpus,
    "stories": format_stories,
    "replay": format_replay,
    "search_scale": format_search_scale,
    "similar_scale": format_similar_scale,
    "matching_scale": format_matching,
    "daily_growth": format_daily_growth,
    "startup": format_startup,
}


def fill_tables(text: str, results: Path) -> str:
    """Return the README with every table made anew whose result exists."""
    for name, make in TABLES.items():
        path = results / f"{name}.json"
        if path.is_file():
            table = make(json.loads(path.read_text(encoding="utf-8")))
            marks = rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)"
            text = re.sub(marks, lambda m, t=table: f"{m[1]}{t}\n{m[2]}", text, flags=re.DOTALL)
    return text


def main() -> None:
    """Fill or check the README."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    readme = FOLDER / "README.md"
    before = readme.read_text(encoding="utf-8")
    after = fill_tables(before, FOLDER / "results")
    if options.check:
        sys.exit(f"{readme.name} is out of date" if after != before else 0)
    readme.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
