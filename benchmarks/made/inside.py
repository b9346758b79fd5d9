"""The tables of an archive, for benchmarks that make one or count what stands in it."""

from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.database import Database

__all__ = ["open_tables"]


def open_tables(catalog: Catalog) -> Database:
    """Return the database of an open catalog, which only storage itself reaches otherwise."""
    return catalog._database
