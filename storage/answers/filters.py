"""Which paragraphs a filter lets through."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wirethread.storage.answers.records import PassageFilter
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import as_naive_utc

__all__ = ["FROM_PARAGRAPHS", "compile_filter", "filter_hashes", "filter_places"]


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
        parameters["agency"] = chosen.agency
    return " AND ".join(conditions), parameters


FROM_PARAGRAPHS = "store.paragraphs p JOIN store.articles a USING (article_id)"


def filter_places(catalog: Catalog, chosen: PassageFilter) -> NDArray[np.int64] | None:
    """Return int64[n], the rows of the body paragraphs let through, ascending.

    None for an open filter.
    """
    if chosen == PassageFilter():
        return None
    where, parameters = compile_filter(chosen)
    table = catalog._database.fetch_table(
        f"SELECT p.rowid AS place FROM {FROM_PARAGRAPHS} WHERE {where} ORDER BY 1", parameters
    )
    places: NDArray[np.int64] = table.column("place").to_numpy().astype(np.int64)
    return places


def filter_hashes(catalog: Catalog, chosen: PassageFilter) -> NDArray[np.int64] | None:
    """Return int64[n], the distinct text hashes of body paragraphs let through, ascending.

    None for an open filter.
    """
    if chosen == PassageFilter():
        return None
    where, parameters = compile_filter(chosen)
    table = catalog._database.fetch_table(
        f"SELECT DISTINCT p.text_hash FROM {FROM_PARAGRAPHS} WHERE {where} ORDER BY 1", parameters
    )
    hashes: NDArray[np.int64] = table.column("text_hash").to_numpy().astype(np.int64)
    return hashes
