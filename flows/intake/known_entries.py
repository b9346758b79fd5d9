"""What is remembered of the entries of several feeds, asked at once, and what is new of them."""

from collections.abc import Iterable

from wirethread.storage.catalog import Catalog
from wirethread.storage.tables.sources import Place, SourceEntry

__all__ = ["KnownEntries"]


class KnownEntries:
    """Entries by source and key, by source and stamp, and who fetches an address.

    What is added is found as if it had been stored.
    """

    def __init__(
        self,
        catalog: Catalog,
        places: Iterable[Place],
        stamps: Iterable[tuple[str, str]],
        url_keys: Iterable[str],
    ) -> None:
        """Ask for entries under these sources and keys, sources and stamps, and addresses."""
        self._by_place = catalog.sources.find_entries(places)
        self._by_stamp = catalog.sources.find_stamped(stamps)
        self._fetching = catalog.sources.find_fetching(url_keys)
        self.added: dict[Place, SourceEntry] = {}

    def find(self, source: str, key: str) -> SourceEntry | None:
        """Return an entry of a source."""
        return self._by_place.get((source, key))

    def list_stamped(self, source: str, stamp: str) -> list[SourceEntry]:
        """Return the entries of a source that have a stamp."""
        return self._by_stamp.get((source, stamp), [])

    def is_fetched_elsewhere(self, source: str, url_key: str) -> bool:
        """Whether another source fetches an address or has fetched it."""
        return bool(self._fetching.get(url_key, set()) - {source})

    def add(self, entry: SourceEntry) -> None:
        """Take note of an entry that is new or has changed."""
        place = entry.source, entry.entry_key
        self._by_place[place] = self.added[place] = entry
        self._by_stamp.setdefault((entry.source, entry.stamp), []).append(entry)
        if entry.url_key is not None:
            self._fetching.setdefault(entry.url_key, set()).add(entry.source)
