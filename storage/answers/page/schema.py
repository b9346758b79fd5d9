"""The documented views with their comments, for whoever writes SQL."""

from collections.abc import Sequence
from dataclasses import dataclass

from wirethread.storage.catalog import Catalog

__all__ = ["ViewColumn", "ViewSchema", "list_views"]

_COMMENTS = "column_comments"
"""View of a shared archive that says what the columns of the others hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewColumn:
    """A column of a view."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSchema:
    """A view and its columns."""

    name: str
    comment: str
    columns: Sequence[ViewColumn]


def list_views(catalog: Catalog) -> list[ViewSchema]:
    """Return all documented views by name."""
    comments = dict(
        catalog._database.fetch_rows(
            "SELECT view_name, coalesce(comment, '') FROM duckdb_views()"
            " WHERE schema_name = 'main' AND database_name = current_database() AND NOT internal"
            " ORDER BY view_name"
        )
    )
    told: dict[tuple[str, str], str] = {}
    if _COMMENTS in comments:  # a shared archive keeps none with the columns of views
        rows = catalog._database.fetch_rows(f"FROM {_COMMENTS}")
        told = {(view, name): comment for view, name, comment in rows}
    columns: dict[str, list[ViewColumn]] = {name: [] for name in comments}
    for view, name, kind, comment in catalog._database.fetch_rows(
        "SELECT table_name, column_name, data_type, coalesce(comment, '') FROM duckdb_columns()"
        " WHERE schema_name = 'main' AND database_name = current_database()"
        " ORDER BY table_name, column_index"
    ):
        if view in columns:
            words = comment or told.get((view, name), "")
            columns[view].append(ViewColumn(name=name, type=kind, comment=words))
    return [
        ViewSchema(name=name, comment=comment, columns=columns[name])
        for name, comment in comments.items()
    ]
