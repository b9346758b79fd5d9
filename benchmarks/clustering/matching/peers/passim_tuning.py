"""Choose passim's main parameters, and the form of its spans, on the labels."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["SPAN_FORMS", "describe_options", "reshape_spans", "tune_passim"]

Row = dict[str, Any]

DEFAULTS = {"--n": "25", "--min-match": "5", "--gap": "600", "--min-align": "50", "--all-pairs": ""}
STAGES: Sequence[tuple[str, Sequence[str]]] = (
    ("--n", ("15", "20", "30", "40")),
    ("--min-match", ("2",)),
    ("--gap", ("200", "100", "50")),
    ("--min-align", ("100", "30")),
    ("--all-pairs", ("yes",)),
)
"""One parameter after another, each over the best of those before it."""

SPAN_FORMS = {
    "as given": "spans as given",
    "whole paragraphs": "spans widened to the paragraphs they cover half of",
}


def tune_passim(
    find: Callable[[list[list[str]]], list[list[Row]]],
    rate: Callable[[str, Sequence[Row]], float],
) -> Row:
    """Return the best options and span form, and what each combination tried came to.

    `find` runs passim with several lists of options, `rate` gives the plagdet of spans in a form.
    """
    chosen = dict(DEFAULTS)
    tried: list[Row] = []

    def try_all(combinations: Sequence[Mapping[str, str]]) -> None:
        options = [to_options(one) for one in combinations]
        for combination, arguments, spans in zip(combinations, options, find(options), strict=True):
            for form in SPAN_FORMS:
                plagdet = rate(form, spans)
                tried.append(
                    {
                        "options": arguments,
                        "form": form,
                        "plagdet": plagdet,
                        "values": dict(combination),
                    }
                )

    try_all([chosen])
    for name, values in STAGES:
        try_all([{**chosen, name: value} for value in values])
        chosen = max(tried, key=lambda one: one["plagdet"])["values"]
    best = max(tried, key=lambda one: one["plagdet"])
    return {
        "options": best["options"],
        "form": best["form"],
        "tried": [{k: v for k, v in one.items() if k != "values"} for one in tried],
    }


def to_options(values: Mapping[str, str]) -> list[str]:
    """Return command-line arguments for what differs from the defaults."""
    options: list[str] = []
    for name, value in values.items():
        if value != DEFAULTS[name]:
            options += [name] if name == "--all-pairs" else [name, value]
    return options


def describe_options(options: Sequence[str]) -> str:
    """Return the options as one would type them."""
    return " ".join(options) if options else "its defaults"


def reshape_spans(
    form: str, spans: Sequence[Row], paragraphs: Sequence[Row], ids: Sequence[str]
) -> list[Row]:
    """Return the spans as given, or widened to paragraphs where that is the form."""
    if form == "as given":
        return list(spans)
    borders: dict[str, list[tuple[int, int]]] = {}
    for one in paragraphs:
        borders.setdefault(ids[one["article"]], []).append((one["begin"], one["end"]))
    reshaped = []
    for span in spans:
        host = widen(borders.get(span["host_id"], []), span["host_begin"], span["host_end"])
        donor = widen(borders.get(span["source_id"], []), span["source_begin"], span["source_end"])
        reshaped.append(
            {
                **span,
                "host_begin": host[0],
                "host_end": host[1],
                "source_begin": donor[0],
                "source_end": donor[1],
            }
        )
    return reshaped


def widen(paragraphs: Sequence[tuple[int, int]], begin: int, end: int) -> tuple[int, int]:
    """Return the reach of the paragraphs half covered by `begin:end`; the span if there is none."""
    half = [
        (first, last)
        for first, last in paragraphs
        if min(last, end) - max(first, begin) >= 0.5 * (last - first)
    ]
    return (half[0][0], half[-1][1]) if half else (begin, end)
