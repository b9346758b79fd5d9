"""Names of outlets and agencies that somebody asks for, and the nearest where there is none."""

# ruff: noqa: S608 - only constant names are put into SQL; values are parameters

from typing import Any

from rapidfuzz import fuzz, process

from wirethread.articles.credits.agencies import find_agency
from wirethread.articles.errors import NotFoundError
from wirethread.storage.catalog import Catalog

__all__ = ["require_names"]

_LEAST_ALIKE = 60.0
"""Of 100; names less alike are not worth telling."""
_OUTLETS = "SELECT DISTINCT outlet FROM articles"
_AGENCIES = (
    "SELECT agency FROM wire_credits UNION SELECT agency FROM passages WHERE agency IS NOT NULL"
)


def require_names(
    catalog: Catalog, *, outlet: str | None = None, agency: str | None = None
) -> None:
    """Raise `NotFoundError` for an outlet or agency that the archive has nothing of.

    The message names those whose names are nearest. An agency that is known to the program is no
    mistake, though nothing of it be here.
    """
    if outlet is not None and not _is_there(catalog, _OUTLETS, outlet):
        what = f"no article is of the outlet {outlet!r}"
        raise NotFoundError(_tell(what, catalog, _OUTLETS, outlet))
    is_unknown = agency is not None and find_agency(agency) is None
    if agency is not None and is_unknown and not _is_there(catalog, _AGENCIES, agency):
        what = f"no article has copy of, or credits, the agency {agency!r}"
        raise NotFoundError(_tell(what, catalog, _AGENCIES, agency))


def _compare(left: str, right: str, **_: Any) -> float:
    """Return how alike two names are as wholes, of 100: by letters, or by the words they share."""
    return max(fuzz.ratio(left, right), fuzz.token_set_ratio(left, right))


def _is_there(catalog: Catalog, names: str, asked: str) -> bool:
    query = f"SELECT 1 FROM ({names}) t(name) WHERE lower(name) = lower($1) LIMIT 1"
    return bool(catalog.execute_read_only(query, [asked]).num_rows)


def _tell(what: str, catalog: Catalog, names: str, asked: str) -> str:
    present: list[Any] = catalog.execute_read_only(names).column(0).to_pylist()
    near = process.extract(
        asked.lower(),
        {name: name.lower() for name in sorted(present) if name},
        scorer=_compare,
        limit=3,
        score_cutoff=_LEAST_ALIKE,
    )
    named = [name for _, _, name in near]
    return f"{what}; did you mean {', '.join(named)}?" if named else what
