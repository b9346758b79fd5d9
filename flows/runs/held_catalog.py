"""One open catalog for all steps of a run: opening it costs more than a small step."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wirethread.flows.settings.config import Settings
from wirethread.storage.catalog import Catalog

__all__ = ["hold_catalog", "open_catalog"]


class _HeldCatalog:
    """The catalog of a run in progress: opened when first asked for, lent to each step in turn."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._catalog: Catalog | None = None
        self._n_borrowers = 0

    @contextmanager
    def borrow(self) -> Iterator[Catalog]:
        if self._catalog is None:
            self._catalog = Catalog.open(
                self._settings.data_folder, settings=self._settings.storage
            )
        catalog, is_sound = self._catalog, False
        self._n_borrowers += 1
        try:
            yield catalog
            is_sound = True
        finally:
            self._n_borrowers -= 1
            if not self._n_borrowers:
                if is_sound:
                    catalog.forget_lookups()
                else:  # after an error the next step begins with a connection of its own
                    self.close()

    def close(self) -> None:
        catalog, self._catalog = self._catalog, None
        if catalog is not None:
            catalog.close()


_HELD: dict[Path, _HeldCatalog] = {}
"""By data folder; only the holder of a folder's run lock has an entry in it."""


@contextmanager
def hold_catalog(settings: Settings) -> Iterator[None]:
    """Let `open_catalog` lend one and the same open catalog while the block runs."""
    folder = Path(settings.data_folder)
    held = _HELD[folder] = _HeldCatalog(settings)
    try:
        yield
    finally:
        del _HELD[folder]
        held.close()


@contextmanager
def open_catalog(settings: Settings) -> Iterator[Catalog]:
    """Open the catalog that the settings name, for writing, or lend the one that the run holds."""
    held = _HELD.get(Path(settings.data_folder))
    if held is not None:
        with held.borrow() as catalog:
            yield catalog
    else:
        with Catalog.open(settings.data_folder, settings=settings.storage) as catalog:
            yield catalog
