"""Which paragraphs and which stories a filter lets through."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from collections import OrderedDict
from collections.abc import Collection, Sequence
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
    where, parameters = _compile_articles(chosen)
    conditions = ["p.kind = 'body'", where]
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


def _compile_articles(chosen: PassageFilter) -> tuple[str, dict[str, Any]]:
    """Return the part of a filter that is about articles `a` alone: all but the agency."""
    conditions = ["a.superseded_by IS NULL"]
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
    return " AND ".join(conditions), parameters


FROM_PARAGRAPHS = "store.paragraphs p JOIN store.articles a USING (article_id)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetThrough:
    """The body paragraphs that a filter lets through."""

    places: NDArray[np.int64]
    """Their rows, int64[n], ascending."""
    hashes: NDArray[np.int64]
    """Their texts, int64[n], ascending, each as often as it stands there."""

    def keep(self, places: Sequence[int]) -> list[int]:
        """Return those of some rows that are let through."""
        if not len(self.places):
            return []
        asked = np.array(places, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.places, asked), len(self.places) - 1)
        kept: list[int] = asked[self.places[at] == asked].tolist()
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class _BodyTexts:
    """All body paragraphs of a snapshot, in the order of their rows."""

    places: NDArray[np.int64]
    hashes: NDArray[np.int64]
    articles: NDArray[np.int64]
    """Rows of all articles that have one, int64[m], ascending."""
    article_of: NDArray[np.int64]
    """Number of each one's article in `articles`, int64[n]."""


def find_let_through(catalog: Catalog, chosen: PassageFilter) -> LetThrough | None:
    """Return the body paragraphs that a filter lets through, None for an open one.

    Of a snapshot, which never changes, the last few filters are remembered, and which article each
    paragraph belongs to: a new filter then reads the articles alone, a twentieth of the rows.
    """
    if chosen == PassageFilter():
        return None
    database = catalog._database
    if not database.read_only:
        return _read_let_through(catalog, chosen)
    with database.directories.turn:
        kept = database.directories.made.setdefault("filters", OrderedDict())
        if chosen not in kept:
            kept[chosen] = _choose_let_through(catalog, chosen)
        kept.move_to_end(chosen)
        while len(kept) > _FILTERS_KEPT:
            kept.popitem(last=False)
        found: LetThrough = kept[chosen]
        return found


def _choose_let_through(catalog: Catalog, chosen: PassageFilter) -> LetThrough:
    """Return what a filter lets through of a snapshot."""
    database = catalog._database
    if chosen.agency is not None:  # which is said of paragraphs too
        return _read_let_through(catalog, chosen)
    made = database.directories.made
    if "body texts" not in made:
        made["body texts"] = _read_body_texts(catalog)
    texts: _BodyTexts = made["body texts"]
    where, parameters = _compile_articles(chosen)
    articles = database.fetch_table(
        f"SELECT a.rowid AS place FROM store.articles a WHERE {where}", parameters
    )
    is_chosen = np.isin(texts.articles, articles.column("place").to_numpy())[texts.article_of]
    return LetThrough(places=texts.places[is_chosen], hashes=np.sort(texts.hashes[is_chosen]))


def _read_body_texts(catalog: Catalog) -> _BodyTexts:
    table = catalog._database.fetch_table(
        f"SELECT p.rowid AS place, p.text_hash, a.rowid AS article FROM {FROM_PARAGRAPHS}"
        " WHERE p.kind = 'body' ORDER BY place"
    )
    places, hashes, articles = (
        table.column(name).to_numpy().astype(np.int64) for name in ("place", "text_hash", "article")
    )
    rows, article_of = np.unique(articles, return_inverse=True)
    return _BodyTexts(places=places, hashes=hashes, articles=rows, article_of=article_of)


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
