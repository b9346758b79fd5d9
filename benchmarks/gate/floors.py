"""The regression gate: quality and ratios must stay above the committed floors.

    python -m benchmarks.gate [--data FOLDER] [--quality-only] [--repin] [--floors FILE]

Quality is measured on the sample that ships with the program, and on the labelled files of a data
folder (`../shared/data` by default) where there is one. Ratios are taken inside this process, of
processor seconds, so a loaded or slower machine gives much the same. `benchmarks/floors.json` holds
a limit for each measure, and the hash of each file that quality was measured on.

A floor only rises: `--repin` moves a limit to what was measured where that is better (for growth to
linear at the best), keeps it where it is not, and takes over the hashes. A limit that is looser
than in an earlier commit fails the gate unless `lowered` in the file gives the reason under its
name.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Floor", "Floors", "check", "find_lowered", "main", "repin"]

ROOT = Path(__file__).parents[2]
FLOORS = ROOT / "benchmarks" / "floors.json"
DATA = ROOT.parent / "shared" / "data"
AT_LEAST, AT_MOST = "at_least", "at_most"
LINEAR = 1.0
"""No exponent of growth has a limit below: what measures less is a fixed cost, and a change that
takes that away must not fail for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A limit on one measure, and how far a measurement may miss it by chance."""

    limit: float
    sense: str
    """`at_least` or `at_most`."""
    epsilon: float

    def is_kept(self, value: float) -> bool:
        """Say whether a measured value is good enough."""
        if self.sense == AT_MOST:
            return value <= self.limit + self.epsilon
        return value >= self.limit - self.epsilon

    def is_looser_than(self, other: "Floor") -> bool:
        """Say whether this allows what the other does not."""
        sign = 1 if self.sense == AT_MOST else -1
        loosest = sign * self.limit + self.epsilon, sign * other.limit + other.epsilon
        return self.sense != other.sense or loosest[0] > loosest[1] + 1e-9

    def raise_to(self, value: float) -> "Floor":
        """Return the floor with the better of its limit and a measured value."""
        better = min if self.sense == AT_MOST else max
        return Floor(
            limit=better(self.limit, round(value, 4)), sense=self.sense, epsilon=self.epsilon
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """All limits, the hashes of what quality is measured on, and limits lowered with a reason."""

    floors: Mapping[str, Floor]
    corpora: Mapping[str, str]
    lowered: Mapping[str, str]

    @classmethod
    def from_json(cls, text: str) -> "Floors":
        """Read a floors file. Raises `ValueError` naming what is wrong."""
        rows = json.loads(text)
        found = {}
        for name, row in rows["floors"].items():
            if row.get("sense") not in {AT_LEAST, AT_MOST}:
                raise ValueError(f"{name}: sense is {row.get('sense')!r}, not a sense")
            found[name] = Floor(
                limit=float(row["limit"]), sense=row["sense"], epsilon=float(row["epsilon"])
            )
        return cls(floors=found, corpora=rows["corpora"], lowered=rows.get("lowered", {}))

    def to_json(self) -> str:
        """Return the file's text."""
        rows = {
            "corpora": dict(sorted(self.corpora.items())),
            "floors": {
                name: {"limit": floor.limit, "sense": floor.sense, "epsilon": floor.epsilon}
                for name, floor in sorted(self.floors.items())
            },
            "lowered": dict(sorted(self.lowered.items())),
        }
        return json.dumps(rows, indent=1) + "\n"


def check(
    floors: Floors, measured: Mapping[str, float], corpora: Mapping[str, str], *, complete: bool
) -> list[str]:
    """Return what is wrong, in words; nothing where the gate is passed.

    `complete` asks that every floor was measured whose corpus is there.
    """
    wrong = []
    for name, digest in sorted(corpora.items()):
        known = floors.corpora.get(name)
        if known != digest:
            what = "is not pinned" if known is None else "is not the file that was pinned"
            wrong.append(f"{name} {what} (its hash is {digest}): measure anew with --repin")
    for name, value in sorted(measured.items()):
        floor = floors.floors.get(name)
        if floor is None:
            wrong.append(f"{name} is {value:.4g} and has no floor: pin it with --repin")
        elif not floor.is_kept(value):
            words = floor.sense.replace("_", " ")
            wrong.append(
                f"{name} is {value:.4g}, must be {words} {floor.limit:g} (give or take "
                f"{floor.epsilon:g})"
            )
    if complete:
        wrong += [
            f"{name} has a floor and was not measured"
            for name in sorted(set(floors.floors) - set(measured))
        ]
    return wrong


def repin(
    floors: Floors,
    measured: Mapping[str, float],
    corpora: Mapping[str, str],
) -> tuple[Floors, list[str]]:
    """Return the floors raised to what was measured, and what was refused, in words.

    A measure without a floor gets that of `default_floor`.
    """
    refused, raised = [], dict(floors.floors)
    for name, value in sorted(measured.items()):
        known = raised.get(name)
        if known is None:
            raised[name] = default_floor(name, value)
            continue
        raised[name] = known.raise_to(limit_growth(name, value))
        if not known.is_kept(value):
            refused.append(f"{name} is {value:.4g}: its floor stays at {known.limit:g}")
    return (
        Floors(floors=raised, corpora={**floors.corpora, **corpora}, lowered=dict(floors.lowered)),
        refused,
    )


def find_lowered(floors: Floors, earlier: Iterable[Floors]) -> list[str]:
    """Return, in words, the floors looser than in an earlier version, or gone, without a reason."""
    wrong = set()
    for version in earlier:
        for name, before in version.floors.items():
            now = floors.floors.get(name)
            if floors.lowered.get(name, "").strip():
                continue
            if now is None:
                wrong.add(f"the floor of {name} was taken away, and `lowered` gives no reason")
            elif now.is_looser_than(before):
                wrong.add(
                    f"the floor of {name} was {before.limit:g} and is {now.limit:g}, and `lowered` "
                    "gives no reason"
                )
    return sorted(wrong)


def read_earlier(path: Path, limit: int = 50) -> list[Floors]:
    """Return the committed versions of the floors; none where there is no history."""
    name = path.resolve()
    if ROOT not in name.parents:
        return []
    inside = name.relative_to(ROOT).as_posix()
    log = run_git("log", f"-{limit}", "--format=%H", "--", inside)
    texts = [run_git("show", f"{commit}:{inside}") for commit in (log or "").split()]
    return [Floors.from_json(text) for text in texts if text]


def run_git(*words: str) -> str | None:
    """Return what a git command prints; None where it fails or there is no git."""
    try:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def measure(
    data: Path | None, *, with_ratios: bool
) -> tuple[dict[str, float], dict[str, str], list[str]]:
    """Return all measures, the hashes of the files they were made on, and what was left out."""
    from benchmarks.gate.days import measure_days  # noqa: PLC0415
    from benchmarks.gate.quality import measure_labelled, measure_sample  # noqa: PLC0415
    from benchmarks.gate.ratios import measure_ratios  # noqa: PLC0415

    measured: dict[str, float] = {}
    corpora: dict[str, str] = {}
    left_out = []
    steps: list[tuple[str, Callable[[], tuple[dict[str, float], dict[str, str]]]]] = [
        ("sample", measure_sample)
    ]
    if data is not None and data.is_dir():
        steps.append(("labelled files", lambda: measure_labelled(data)))
    else:
        left_out.append(f"labelled files: no data folder {data}")
    if with_ratios:
        steps.append(("ratios", lambda: (measure_ratios(left_out), {})))
        steps.append(("days", lambda: (measure_days(), {})))
    for name, step in steps:
        begun = time.perf_counter()
        found, digests = step()
        measured |= found
        corpora |= digests
        print(f"measured {name} in {time.perf_counter() - begun:.0f} s", flush=True)
    return measured, corpora, left_out


def limit_growth(name: str, value: float) -> float:
    """Return the figure that a limit may take: linear for an exponent below that."""
    return max(value, LINEAR) if name.endswith("_exponent") else value


def default_floor(name: str, value: float) -> Floor:
    """Return the floor of a measure that has none yet: what was measured, give or take chance.

    The sample has 65 articles, so one more or less is a lot; labelled files have hundreds. Ratios
    depend a little on the processor and on what else it does.
    """
    sense = AT_MOST if name.endswith(("_exponent", "_growth", "_reported")) else AT_LEAST
    if name.endswith("_reported"):
        epsilon = 0.5
    elif name.startswith("quality"):
        epsilon = 0.02 if ".sample." in name else 0.005
    else:
        epsilon = 0.3 if sense == AT_MOST else round(0.4 * value, 2)
    return Floor(limit=round(limit_growth(name, value), 4), sense=sense, epsilon=epsilon)


def main(arguments: list[str] | None = None) -> int:
    """Measure, compare, tell; leave with 1 where a floor is not kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="Folder of labelled files.")
    parser.add_argument("--floors", type=Path, default=FLOORS)
    parser.add_argument("--quality-only", action="store_true")
    parser.add_argument("--repin", action="store_true")
    options = parser.parse_args(arguments)

    text = options.floors.read_text(encoding="utf-8") if options.floors.is_file() else None
    floors = Floors.from_json(text or '{"floors": {}, "corpora": {}}')
    wrong = find_lowered(floors, read_earlier(options.floors))
    measured, corpora, left_out = measure(options.data, with_ratios=not options.quality_only)
    for name, value in sorted(measured.items()):
        floor = floors.floors.get(name)
        bound = f"{floor.sense.replace('_', ' ')} {floor.limit:g}" if floor else "no floor"
        print(f"{name:58} {value:9.4f}  {bound}")
    for one in left_out:
        print(f"left out: {one}")
    if options.repin:
        floors, refused = repin(floors, measured, corpora)
        options.floors.write_text(floors.to_json(), encoding="utf-8")
        wrong += refused
    else:
        is_complete = not left_out and not options.quality_only
        wrong += check(floors, measured, corpora, complete=is_complete)
    for one in wrong:
        print(f"gate: {one}", file=sys.stderr)
    print("gate: " + (f"{len(wrong)} wrong" if wrong else "every floor is kept"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
