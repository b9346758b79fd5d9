"""Which paragraphs and which stories a filter lets through."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.credits.agencies import name_agency
from wirethread.storage.answers.types import PassageFilter, StoryFilter
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_naive_utc

__all__ = [
    "FROM_PARAGRAPHS",
    "compile_filter",
    "compile_stories",
    "filter_hashes",
    "filter_places",
]


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


def filter_places(catalog: Catalog, chosen: PassageFilter) -> NDArray[np.int64] | None:
    """Return int64[n], the rows of the body paragraphs let through, ascending.

    None for an open filter.
    """
    return _fetch_numbers(catalog, chosen, "p.rowid")


def filter_hashes(catalog: Catalog, chosen: PassageFilter) -> NDArray[np.int64] | None:
    """Return int64[n], the distinct text hashes of body paragraphs let through, ascending.

    None for an open filter.
    """
    return _fetch_numbers(catalog, chosen, "DISTINCT p.text_hash")


def _fetch_numbers(
    catalog: Catalog, chosen: PassageFilter, numbers: str
) -> NDArray[np.int64] | None:
    if chosen == PassageFilter():
        return None
    where, parameters = compile_filter(chosen)
    table = catalog._database.fetch_table(
        f"SELECT {numbers} FROM {FROM_PARAGRAPHS} WHERE {where} ORDER BY 1", parameters
    )
    found: NDArray[np.int64] = table.column(0).to_numpy().astype(np.int64)
    return found


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
