"""Make finished work pending again, where something other than a new article asks for it."""

from collections.abc import Iterable

from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.bulk import ids_table
from wirethread.storage.tables.runs import open_steps

__all__ = ["reopen_steps"]


def reopen_steps(catalog: Catalog, steps: Iterable[str], article_ids: Iterable[str]) -> int:
    """Let the steps deal with the articles again; return how many wait that did not.

    Joins the transaction that is open, so that the cause and its consequence stand together.
    """
    with (
        catalog.database.transaction(),
        catalog.database.registered(reopened=ids_table(article_ids)),
    ):
        return open_steps(
            catalog.database,
            "SELECT article_id FROM store.articles WHERE article_id IN (SELECT id FROM reopened)",
            steps,
        )
