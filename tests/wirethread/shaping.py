"""The page that says what `--json` prints: every record and field, from the records themselves.

`python -m tests.wirethread.shaping > docs/json.md` writes it.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from wirethread.articles.types.articles import Correction
from wirethread.clustering.measures.passage_scores import PassageScores
from wirethread.commands.copies.dedupe import DedupeResult
from wirethread.exports.folder import Exported
from wirethread.exports.reuse_comparison import ReuseComparison
from wirethread.flows.evaluation.fitting import Calibration
from wirethread.flows.evaluation.label import LabelPair
from wirethread.flows.evaluation.passages import CreditScores
from wirethread.flows.evaluation.stories import StoryEvaluation
from wirethread.flows.ingesting import Ingesting
from wirethread.flows.operations.correct import CorrectionEffect
from wirethread.flows.operations.explain import PairReport
from wirethread.flows.operations.repair import Forgetting, Repairing
from wirethread.flows.reports.state import ArchiveState
from wirethread.flows.runs.results import RunResult
from wirethread.passage_search import SimilarPassage
from wirethread.storage.answers.copies import AgencyOutlet, CopyPair, Duplicate, OutletWire
from wirethread.storage.answers.types import (
    ArticleDetail,
    ClusterDetail,
    ClusterSummary,
    ThreadDetail,
    ThreadSummary,
)
from wirethread.storage.answers.whole.plotted import PlotTable
from wirethread.storage.sharing import Migration
from wirethread.storage.tables.notices import OutdatedCopy
from wirethread.storage.tables.sources import SourceReport
from wirethread.storage.upkeep.backup import Backup, Restoring
from wirethread.storage.upkeep.verification import Verification

__all__ = ["ANSWERS", "SHAPES_VERSION", "write_shapes_page"]

SHAPES_VERSION = 1
"""Counts up where a field changes its name or meaning, or goes; new fields leave it."""
ANSWERS: Mapping[str, tuple[str, type]] = {
    "stories": ("a list of", ThreadSummary),
    "stories --clusters": ("a list of", ClusterSummary),
    "story": ("`thread` and `clusters`, a list of `ClusterDetail`; of a cluster that alone:", ThreadDetail),
    "article": ("one", ArticleDetail),
    "similar": ("a list of", SimilarPassage),
    "explain": ("one", PairReport),
    "copied": ("a list of", CopyPair),
    "wire": ("a list of", OutletWire),
    "wire --by-agency": ("a list of", AgencyOutlet),
    "duplicates": ("a list of", Duplicate),
    "outdated": ("a list of", OutdatedCopy),
    "dedupe": ("one", DedupeResult),
    "evaluate clusters": ("one", ReuseComparison),
    "evaluate stories": ("one", StoryEvaluation),
    "evaluate passages": ("`credits`, a `CreditScores` or null, and `scores`:", PassageScores),
    "run": ("one", RunResult),
    "ingest": ("one", Ingesting),
    "sources": ("a list of", SourceReport),
    "status": ("one", ArchiveState),
    "verify": ("`is_fine`, and `verification`:", Verification),
    "repair": ("one", Repairing),
    "backup": ("one", Backup),
    "restore": ("one", Restoring),
    "forget": ("one", Forgetting),
    "migrate": ("one", Migration),
    "correct join": ("one", CorrectionEffect),
    "correct split": ("one", CorrectionEffect),
    "correct pin-title": ("one", CorrectionEffect),
    "correct undo": ("one", CorrectionEffect),
    "correct list": ("a list of", Correction),
    "label": ("a list of", LabelPair),
    "calibrate": ("`written_to`, a file or null, and `calibration`:", Calibration),
    "export": ("one, and of a file for another program `file`, `form` and `n_records`:", Exported),
    "plot": ("one, and with `--output` `files` and `n_rows`:", PlotTable),
}  # fmt: skip
_WORDS: Mapping[Any, str] = {
    str: "string",
    Path: "string",
    Any: "anything",
    int: "whole number",
    float: "number",
    bool: "true or false",
    datetime: "time, ISO 8601 in UTC",
    date: "day, ISO 8601",
}


def write_shapes_page() -> str:
    """Return the page in Markdown."""
    lines = [
        "# What `--json` prints",
        "",
        f"Version {SHAPES_VERSION} of the shapes: fields may be added, and the version counts up where one is renamed,",
        "changed or taken away. Names and units are those of the [views](views.md) and of the",
        "[Python records](python.md), which are the same records. This page is made from them, and a test holds it.",
        "`wirethread sql --json` prints a list of objects, `column: value`; `similar --from FILE --json` an object a line",
        "with `text`, `passages` and `has_more`; `config --json` the settings. What is not known is null. A list that goes on",
        "behind its `--limit` says so on standard error: `--offset` goes on in it, `--all` prints the whole.",
        "",
        "| command | prints |",
        "|---|---|",
        *(
            f"| `wirethread {command} --json` | {words} [{kind.__name__}](#{kind.__name__.lower()}) |"
            for command, (words, kind) in ANSWERS.items()
        ),
    ]
    for kind in sorted(_list_kinds(), key=lambda one: one.__name__):
        lines += ["", f"## {kind.__name__}", "", inspect.getdoc(kind) or "", ""]
        lines += ["| field | value | |", "|---|---|---|"]
        hints, told = _read_hints(kind), _read_comments(kind)
        lines += [
            f"| `{one.name}` | {_describe(hints[one.name])} | {told.get(one.name, '')} |"
            for one in fields(kind)
        ]
    return "\n".join(lines) + "\n"


def _list_kinds() -> list[type]:
    """Return every record that an answer is made of."""
    found: list[type] = []
    waiting = [kind for _, kind in ANSWERS.values()] + [ClusterDetail, CreditScores]
    while waiting:
        kind = waiting.pop()
        if kind not in found:
            found.append(kind)
            for hint in _read_hints(kind).values():
                waiting += [one for one in _walk(hint) if is_dataclass(one)]
    return found


def _read_hints(kind: type) -> dict[str, Any]:
    # a record of a command names the types that it imports late by their names
    from wirethread.articles.types.articles import RejectedArticle

    return get_type_hints(kind, localns={"RejectedArticle": RejectedArticle})


def _walk(hint: Any) -> Iterator[Any]:
    yield hint
    for inner in get_args(hint):
        yield from _walk(inner)


def _read_comments(kind: type) -> dict[str, str]:
    """Return the words that stand below a field where it is declared."""
    (declared,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    body = declared.body if isinstance(declared, ast.ClassDef) else []
    told = {}
    for before, after in pairwise(body):
        if (
            isinstance(before, ast.AnnAssign)
            and isinstance(before.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            told[before.target.id] = " ".join(str(after.value.value).split())
    return told


def _describe(hint: Any) -> str:
    hint = getattr(hint, "__supertype__", hint)
    origin, inner = get_origin(hint), get_args(hint)
    if hint in _WORDS:
        return _WORDS[hint]
    if hint is NoneType:
        return "null"
    if origin in (Union, UnionType):
        return " or ".join(_describe(one) for one in inner)
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in inner)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return " or ".join(f"`{one.value}`" for one in hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    if origin is not None and issubclass(origin, Mapping):
        return f"object of {_describe(inner[1])} by {_describe(inner[0])}"
    if origin is not None and issubclass(origin, Sequence | frozenset | tuple):
        return f"list of {_describe(inner[0])}"
    return "anything"


if __name__ == "__main__":
    print(write_shapes_page(), end="")
