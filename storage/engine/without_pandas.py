"""Statements that do not import pandas.

DuckDB imports pandas, where it is installed, to see whether a parameter is one of its values: half
a second for the first answer of a process that has no use for it. While a statement of ours runs,
and in its thread alone, pandas is not found; where it was imported already nothing is different.
"""

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

__all__ = ["without_pandas"]

_this_thread = threading.local()


class _Hiding(MetaPathFinder):
    """Hides pandas from a thread that says so."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Leave every other module, and every other thread, to those who know."""
        if fullname == "pandas" and getattr(_this_thread, "is_asking", False):
            raise ModuleNotFoundError("pandas is not needed here", name=fullname)
        return None


sys.meta_path.insert(0, _Hiding())


@contextmanager
def without_pandas() -> Iterator[None]:
    """Hide pandas from this thread while the block runs."""
    was_asking = getattr(_this_thread, "is_asking", False)
    _this_thread.is_asking = True
    try:
        yield
    finally:
        _this_thread.is_asking = was_asking
