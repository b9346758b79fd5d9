"""Which paragraphs and which stories a filter lets through."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.credits.agencies import name_agency
from wirethread.storage.answers.types import PassageFilter, StoryFilter
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_naive_utc

__all__ = [
    "FROM_PARAGRAPHS",
    "LetThrough",
    "compile_filter",
    "compile_stories",
    "find_let_through",
]

_FILTERS_KEPT = 8


def compile_filter(chosen: PassageFilter) -> tuple[str, dict[str, Any]]:
    """Return a condition over paragraphs `p` and articles `a`, and its parameters."""
    conditions = ["p.kind = 'body'", "a.superseded_by IS NULL"]
    parameters: dict[str, Any] = {}
    if chosen.since is not None:
        conditions.append("a.published_at >= $since")
        parameters["since"] = as_naive_utc(chosen.since)
    if chosen.until is not None:
        conditions.append("a.published_at < $until")
        parameters["until"] = as_naive_utc(chosen.until)
    if chosen.outlet is not None:
        conditions.append("lower(a.outlet) = lower($outlet)")
        parameters["outlet"] = chosen.outlet
    if chosen.agency is not None:
        conditions.append(
            "(a.article_id IN (SELECT article_id FROM store.wire_credits"
            " WHERE role IN ('source', 'contributor', 'syndicated')"
            " AND lower(agency) = lower($agency))"
            " OR p.paragraph_id IN (SELECT paragraph_id FROM store.paragraph_sources"
            " WHERE lower(agency) = lower($agency)))"
        )
        parameters["agency"] = name_agency(chosen.agency)
    return " AND ".join(conditions), parameters


FROM_PARAGRAPHS = "store.paragraphs p JOIN store.articles a USING (article_id)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetThrough:
    """The body paragraphs that a filter lets through."""

    places: NDArray[np.int64]
    """Their rows, int64[n], ascending."""
    hashes: NDArray[np.int64]
    """Their texts, int64[n], ascending, each as often as it stands there."""


def find_let_through(catalog: Catalog, chosen: PassageFilter) -> LetThrough | None:
    """Return the body paragraphs that a filter lets through, None for an open one.

    Of a snapshot, which never changes, the last few filters are remembered.
    """
    if chosen == PassageFilter():
        return None
    database = catalog._database
    if not database.read_only:
        return _read_let_through(catalog, chosen)
    with database.directories.turn:
        kept = database.directories.made.setdefault("filters", OrderedDict())
        if chosen not in kept:
            kept[chosen] = _read_let_through(catalog, chosen)
        kept.move_to_end(chosen)
        while len(kept) > _FILTERS_KEPT:
            kept.popitem(last=False)
        found: LetThrough = kept[chosen]
        return found


def _read_let_through(catalog: Catalog, chosen: PassageFilter) -> LetThrough:
    where, parameters = compile_filter(chosen)
    table = catalog._database.fetch_table(
        f"SELECT p.rowid AS place, p.text_hash FROM {FROM_PARAGRAPHS} WHERE {where} ORDER BY place",
        parameters,
    )
    places, hashes = (table.column(name).to_numpy() for name in ("place", "text_hash"))
    return LetThrough(places=places.astype(np.int64), hashes=np.sort(hashes.astype(np.int64)))


def compile_stories(
    chosen: StoryFilter,
    *,
    has_outlet: str = "",
    has_agency: str = "",
    only: Collection[str] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Return a condition over stories with their counts, and its parameters.

    `has_outlet` and `has_agency` are the conditions for `$outlet` and `$agency`. `only` names the
    fields of the filter that count, where not all do.
    """
    tests: dict[str, tuple[str, Any]] = {
        "since": ("last_seen_at >= $since", as_naive_utc(chosen.since)),
        "until": ("first_seen_at < $until", as_naive_utc(chosen.until)),
        "outlet": (has_outlet, chosen.outlet),
        "agency": (has_agency, chosen.agency and name_agency(chosen.agency)),
        "state": ("state = $state", None if chosen.state is None else chosen.state.value),
        "min_articles": ("n_articles >= $min_articles", chosen.min_articles),
        "min_newsrooms": (
            "coalesce(n_independent_sources, 0) >= $min_newsrooms",
            chosen.min_newsrooms or None,
        ),
    }
    values = {
        name: value
        for name, (_, value) in tests.items()
        if value is not None and (only is None or name in only)
    }
    return " AND ".join(["true", *(tests[name][0] for name in values)]), values
