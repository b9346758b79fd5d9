"""Tables of the story measurements: what `benchmarks.report` puts into the README."""

from collections.abc import Mapping
from typing import Any

__all__ = ["format_replay", "format_scale", "format_stories"]

Row = Mapping[str, Any]

NOT_STEPS = ("read", "embed", "apply thresholds", "match", "join", "duplicates", "compact")


def format_stories(result: Row) -> str:
    """Return how well each system finds labelled stories, and at what cost, as Markdown."""
    systems = result["systems"]
    names = [one["name"] for one in result["sets"]]
    quality = make_table(
        ["", *names, "mean", "mean, each set its own best", "parameters"],
        [
            [
                system["name"],
                *(f"{system['sets'][name]['bcubed'][2]:.3f}" for name in names),
                f"{mean(system, lambda found: found['bcubed'][2]):.3f}",
                f"{mean(system, lambda found: found['best_bcubed_f1']):.3f}"
                if "tuning" in system
                else "",
                system["settings"],
            ]
            for system in systems
        ],
    )
    detail = make_table(
        [
            "",
            "B-cubed P / R",
            "pairwise P / R / F1",
            "adjusted Rand",
            "V-measure",
            "clusters",
            "largest",
            "seconds",
            "CPU seconds",
            "peak MiB",
        ],
        [detail_row(one, name) for name in names for one in systems],
    )
    sets = "; ".join(
        f"{entry['name']} {entry['n_articles']:,} articles ({entry['n_dated']:,} dated), "
        f"{entry['n_stories']:,} stories"
        for entry in result["sets"]
    )
    embedding = result["embedding"]
    return "\n\n".join(
        [
            f"{describe_run(result)} {sets}. Vectors of openings for all but TF-IDF: "
            f"{embedding['n_texts']:,} texts, {embedding['model']}, {embedding['precision']}, "
            f"{embedding['seconds']:.0f} s, {embedding['cpu_seconds']:.0f} CPU seconds. "
            f"{describe_load(result)}",
            "B-cubed F1:",
            quality,
            "In detail, set by set, with the parameters of the table above:",
            detail,
        ]
    )


def mean(system: Row, pick: Any) -> float:
    """Return the mean of a figure over the sets."""
    return float(sum(map(pick, system["sets"].values())) / len(system["sets"]))


def detail_row(system: Row, name: str) -> list[str]:
    found = system["sets"][name]
    return [
        f"{name}: {system['name']}",
        " / ".join(f"{one:.3f}" for one in found["bcubed"][:2]),
        " / ".join(f"{one:.3f}" for one in found["pairwise"]),
        f"{found['adjusted_rand']:.3f}",
        f"{found['v_measure']:.3f}",
        f"{found['n_clusters']:,}",
        f"{found['largest']:,}",
        f"{found['seconds']:.1f}",
        f"{found['cpu_seconds']:.1f}",
        f"{found['peak_mib']:,.0f}",
    ]


def format_replay(result: Row) -> str:
    """Return what a replay in daily runs showed as Markdown."""
    seconds = result["seconds_a_day"]
    story = {name: one for name, one in result["seconds_by_step"].items() if name not in NOT_STEPS}
    table = make_table(
        ["", "story clusters", "story threads"],
        [
            ["at the end", f"{result['n_clusters']:,}", f"{result['n_threads']:,}"],
            [
                "of one run over everything",
                f"{result['n_clusters_at_once']:,}",
                f"{result['n_threads_at_once']:,}",
            ],
            [
                "adjusted Rand index with that run",
                f"{result['adjusted_rand_of_clusters']:.4f}",
                f"{result['adjusted_rand_of_threads']:.4f}",
            ],
            churn_row(
                "ids that changed a day without a record, mean", result, "unexplained", "a_day"
            ),
            churn_row("the same, worst day", result, "unexplained", "of_worst_day"),
            churn_row(
                "ids that merged or split a day, on record, mean", result, "recorded", "a_day"
            ),
        ],
    )
    return (
        f"{describe_run(result)} {result['month']}: {result['n_articles']:,} articles in "
        f"{result['n_days']} daily runs, {seconds['mean']:.1f} s a run (first five "
        f"{seconds['first_five']:.1f}, last five {seconds['last_five']:.1f}, most "
        f"{seconds['most']:.1f}; {result['cpu_seconds_a_day']['mean']:.1f} CPU seconds), of that "
        + ", ".join(f"{name} {one / result['n_days']:.2f}" for name, one in story.items())
        + f". Links that differ between both ways: {result['n_links_that_differ']} of "
        f"{result['n_links']:,}. Ids ever given that lead nowhere: {result['n_ids_lost']}."
        f"\n\n{table}"
    )


def churn_row(title: str, result: Row, kind: str, when: str) -> list[str]:
    return [
        title,
        *(f"{result[one][f'{kind}_share_{when}']:.2%}" for one in ("clusters", "threads")),
    ]


def format_scale(result: Row) -> str:
    """Return the times of story clustering at size as Markdown."""
    steps = list(next(iter(result["from_nothing"].values()))["seconds"])
    nothing = make_table(
        [
            "from nothing",
            "articles",
            "links",
            "clusters",
            "threads",
            *steps,
            "seconds",
            "CPU seconds",
        ],
        [
            [
                name,
                f"{system['n_articles']:,}",
                f"{system['n_links']:,}",
                f"{system['n_clusters']:,}",
                f"{system['n_threads']:,}",
                *(f"{system['seconds'][step]:.1f}" for step in steps),
                f"{system['total_seconds']:.1f}",
                f"{system['total_cpu_seconds']:.1f}",
            ]
            for name, system in result["from_nothing"].items()
        ],
    )
    archives = result["archives"]
    steps = list(archives["small"]["seconds"])
    daily = make_table(
        ["a day on an archive of", *steps, "seconds", "CPU seconds"],
        [
            [
                f"{archive['n_older_articles']:,}",
                *(f"{archive['seconds'][step]:.2f}" for step in steps),
                f"{archive['total_seconds']:.2f}",
                f"{archive['total_cpu_seconds']:.2f}",
            ]
            for archive in archives.values()
        ],
    )
    ratio = result["ratio"]
    return "\n\n".join(
        [
            f"{describe_run(result)} {describe_load(result)}",
            nothing,
            f"The story steps of a day of {result['articles_a_day']} generated articles, median of "
            f"{result['measured_days']} days:",
            daily,
            f"The larger archive takes {ratio['total_seconds']:.2f} times the seconds and "
            f"{ratio['total_cpu_seconds']:.2f} times the CPU seconds of the smaller.",
        ]
    )


def describe_run(result: Row) -> str:
    """Say when and on what a result was measured."""
    machine = result["machine"]
    peers = {one["version"]: None for one in result.get("systems", []) if one.get("version")}
    versions = [f"{name} {one}" for name, one in result["versions"].items()]
    return (
        f"Measured {result['measured_at']} on {machine['cores']} cores ({machine['processor']}), "
        f"{machine['memory_gib']:g} GiB, {machine['system']}, Python {machine['python']}, "
        f"{', '.join([*versions, *peers])}."
    )


def describe_load(result: Row) -> str:
    """Say how busy the machine was with other things."""
    return (
        f"Load of the machine: {result['load_before']:g} before, {result['load_after']:g} after; "
        "where it is above the number of cores, CPU seconds compare better than seconds."
    )


def make_table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; all columns but the first are aligned to the right."""
    lines = [header, ["---", *("---:" for _ in header[1:])], *rows]
    return "\n".join("| " + " | ".join(one) + " |" for one in lines)
