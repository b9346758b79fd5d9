"""Draw time and memory against size from the committed results: `python -m benchmarks.plots`.

Needs matplotlib (`pip install 'wirethread[bench]'`). The same results give the same files.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

FOLDER = Path(__file__).parent
Row = Mapping[str, Any]

TITLES = {
    "articles": "articles linked, clustered and threaded",
    "paragraphs": "paragraphs matched",
    "near": "near-duplicate paragraphs",
    "topics": "stories of articles",
    "kinds": "articles of one hour, taken in by a whole run",
}
MEASURES = {"total_cpu_seconds": "CPU seconds", "peak_mib": "peak memory, MiB"}


def draw(name: str, systems: Sequence[Row], folder: Path, prefix: str = "matching") -> Path:
    """Draw each system's time and memory over size, both axes logarithmic."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for axis, (measure, label) in zip(axes, MEASURES.items(), strict=True):
        for system in systems:
            rows = system["rows"]
            if not rows:
                continue
            legend = system["name"]
            if measure == "total_cpu_seconds" and "exponent" in system:
                legend += f" (exponent {system['exponent']:.2f})"
            axis.plot([r["n"] for r in rows], [r[measure] for r in rows], "o-", label=legend)
        axis.set(xscale="log", yscale="log", xlabel=TITLES[name], ylabel=label)
        axis.grid(visible=True, which="major", alpha=0.3)
        axis.legend(fontsize="small")
    path = folder / f"{prefix}_{name}.svg"
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    return path


def main() -> None:
    """Draw everything that the results hold."""
    mpl.rcParams["svg.hashsalt"] = "wirethread"
    folder = FOLDER / "plots"
    folder.mkdir(exist_ok=True)
    path = FOLDER / "results" / "matching_scale.json"
    result = json.loads(path.read_text(encoding="utf-8"))
    for name in TITLES:
        if name in result and name != "kinds":
            found = result[name]
            print(draw(name, [found] if isinstance(found, dict) else found, folder))
    path = FOLDER / "results" / "widths.json"
    if path.is_file():
        result = json.loads(path.read_text(encoding="utf-8"))
        print(draw("kinds", result["kinds"], folder, prefix="widths"))


if __name__ == "__main__":
    main()
