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

__all__ = ["TABLES", "fill_tables", "format_corpus", "format_passages"]

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
                one["name"],
                *(f"{one[name]:.3f}" for name in ("plagdet", "precision", "recall", "granularity")),
                *(f"{one['recall_by_level'][level]:.3f}" for level in LEVELS),
                str(one["near_misses"]),
                str(one["clean_articles"]),
            ]
            for one in systems
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
            cost_row("the vectors", embedding_words(one["embedding"]), one["embedding"])
            for one in systems
            if "embedding" in one
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


def cost_row(name: str, settings: str, one: Row) -> list[str]:
    """Return what a system cost."""
    return [
        name,
        settings,
        f"{one['seconds']:.1f}",
        f"{one['cpu_seconds']:.1f}",
        f"{one['process_cpu_seconds']:.1f}",
        f"{one['peak_mib']:,.0f}",
        one.get("timed", "encoding, the model loaded"),
    ]


def embedding_words(one: Row) -> str:
    return f"{one['n_texts']:,} texts, {one['model']}, {one['precision']}"


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
        f"{one['name']} takes {one['seconds'] / ours['seconds']:.1f} times the seconds and "
        f"{one['cpu_seconds'] / ours['cpu_seconds']:.1f} times the CPU seconds of our matching "
        f"({one['cpu_seconds'] / words['cpu_seconds']:.1f} times those of {words['name']}), but "
        f"{one['cpu_seconds'] / both:.2f} times the CPU seconds of our matching and embedding "
        "together."
        for one in systems
        if one["name"].startswith("passim")
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
        f"{describe_run(result)} Processor seconds of each step where nothing else is said; a ratio"
        f" is to {first['n_articles']:,} articles. Load of the machine: {loads}.\n\n"
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
            [name, *(f"{one[key]:.2f}" for key in ("seconds", "least_seconds", "cpu_seconds"))]
            for name, one in commands.items()
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
            f"{package} {one[key]}"
            for one in result.get("systems", [])
            for key, package in (("version", one["name"].partition(",")[0]), ("pyspark", "pyspark"))
            if one.get(key)
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


TABLES: Mapping[str, Callable[[Row], str]] = {
    "passages": format_passages,
    "corpus": format_corpus,
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
