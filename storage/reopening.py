"""Make finished work pending again, where something other than a new article asks for it."""

from collections.abc import Iterable

from storage.bulk import ids_table
from storage.catalog import Catalog

__all__ = ["reopen_steps"]


def reopen_steps(catalog: Catalog, steps: Iterable[str], article_ids: Iterable[str]) -> int:
    """Let the steps deal with the articles again; return how many entries were taken back.

    Joins the transaction that is open, so that the cause and its consequence stand together.
    """
    with (
        catalog.database.transaction(),
        catalog.database.registered(
            reopened_steps=ids_table(steps), reopened_articles=ids_table(article_ids)
        ),
    ):
        return catalog.database.execute(
            "DELETE FROM store.step_done WHERE step IN (SELECT id FROM reopened_steps)"
            " AND article_id IN (SELECT id FROM reopened_articles)"
        )
