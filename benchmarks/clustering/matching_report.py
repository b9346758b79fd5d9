"""Tables of matching and clustering against size: what `benchmarks.report` puts in the README."""

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["format_matching"]

Row = Mapping[str, Any]

KINDS = {
    "articles": ("Articles linked, clustered and tied into threads from nothing", "clusters"),
    "paragraphs": ("Paragraphs matched, batch after batch as a run does", "matches"),
}
PEERS = {
    "near": "Near-duplicate paragraphs, the same paragraphs and vectors for all",
    "topics": "Stories, the same articles and vectors for all",
}


def format_matching(result: Row) -> str:
    """Return growth with size and the peers as Markdown."""
    parts = [describe(result)]
    for kind, (title, found) in KINDS.items():
        if kind in result:
            parts += [f"**{title}**", growth_table(result[kind], found), growth_words(result[kind])]
            parts.append(f"![{title}: time and memory](plots/matching_{kind}.svg)")
    for part, title in PEERS.items():
        if part in result:
            parts += [f"**{title}**", peer_table(result[part]), *ratio_words(result[part])]
            parts.append(f"![{title}: time](plots/matching_{part}.svg)")
    return "\n\n".join(parts)


def describe(result: Row) -> str:
    """Say when and on what it was measured."""
    machine = result["machine"]
    versions = ", ".join(f"{name} {one}" for name, one in result["versions"].items())
    load = "; ".join(
        f"{part} {before:.0f} to {after:.0f}" for part, (before, after) in result["load"].items()
    )
    return (
        f"Measured {result['measured_at']} on {machine['cores']} cores ({machine['processor']}), "
        f"{machine['memory_gib']:g} GiB, {machine['system']}, Python {machine['python']}, "
        f"{versions}. Load of the machine ({load}): where it is above the number of cores, other "
        "work slowed everything down, and CPU seconds compare better than seconds."
    )


def growth_table(system: Row, found: str) -> str:
    """Return a line for each size."""
    steps = list(system["rows"][0]["cpu_seconds"]) if system["rows"] else []
    shown = steps if len(steps) > 1 else []
    return make_table(
        ["size", "seconds", "CPU seconds", *(f"of it {step}" for step in shown), "peak MiB", found],
        [
            [
                f"{row['n']:,}",
                f"{row['total_seconds']:,.1f}",
                f"{row['total_cpu_seconds']:,.1f}",
                *(f"{row['cpu_seconds'][step]:,.1f}" for step in shown),
                f"{row['peak_mib']:,.0f}",
                f"{row['n_found']:,}",
            ]
            for row in system["rows"]
        ],
    )


def growth_words(system: Row) -> str:
    """Say how fast time and memory grow."""
    if "exponent" not in system:
        return "One size only: no exponent."
    return (
        f"Fitted exponents: CPU seconds {system['exponent']:.2f}, peak memory "
        f"{system['memory_exponent']:.2f}."
    )


def peer_table(systems: Sequence[Row]) -> str:
    """Return CPU seconds of each system at each size, with exponents."""
    sizes = [row["n"] for row in systems[0]["rows"]]
    lines = []
    for system in systems:
        by_place = system["rows"]
        version = by_place[0].get("version", "") if by_place else ""
        cells = []
        for place in range(len(sizes)):
            if place < len(by_place):
                row = by_place[place]
                found = f"; {row['n_found']:,} found" if "n_found" in row else ""
                cells.append(
                    f"{row['total_cpu_seconds']:,.1f} CPU s, {row['peak_mib']:,.0f} MiB{found}"
                )
            else:
                cells.append(system.get("failed", ""))
        exponent = f"{system['exponent']:.2f}" if "exponent" in system else ""
        lines.append([system["name"], *cells, exponent, version])
    return make_table(["", *(f"{n:,}" for n in sizes), "exponent", "version"], lines)


def ratio_words(systems: Sequence[Row]) -> list[str]:
    """Say, at the largest common size, how many times our CPU seconds each peer takes."""
    ours = systems[0]["rows"]
    told = []
    for system in systems[1:]:
        n = min(len(system["rows"]), len(ours))
        if n:
            ratio = system["rows"][n - 1]["total_cpu_seconds"] / ours[n - 1]["total_cpu_seconds"]
            told.append(
                f"{system['name']} takes {ratio:.2f} times our CPU seconds at {ours[n - 1]['n']:,}"
            )
    return [". ".join(told) + "."] if told else []


def make_table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; all columns but the first are aligned to the right."""
    lines = [header, ["---", *("---:" for _ in header[1:])], *rows]
    return "\n".join("| " + " | ".join(one) + " |" for one in lines)
