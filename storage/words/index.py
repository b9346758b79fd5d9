"""The index of words over body paragraphs: tantivy's files under `words/` in the data folder.

Every row of `store.paragraphs` of kind `body` has a document, in the order of rows, with its words,
its place (the row), its text hash and its ids. Nothing in it is ever changed: rows are added behind
the last one, and where rows left the catalog the index is made anew (`storage/words/writing.py`).
So the number of documents, the last place and the hash there tell whether it belongs to a catalog.
"""

# ruff: noqa: S608 - only constant words and numbers are put into SQL

import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirethread.articles.errors import StorageError
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.places import find_tail
from wirethread.storage.words.checks import find_words_faults
from wirethread.storage.words.coverage import covers_all
from wirethread.storage.words.terms import is_unspaced

__all__ = [
    "WORDS_FOLDER",
    "Extent",
    "WordsIndex",
    "WordsIndexError",
    "build_schema",
    "explained",
    "measure_rows",
    "open_words",
]

WORDS_FOLDER = "words"
TOKENIZER = "split"
_OPEN_ATTEMPTS = 5
_MAX_FORMS = 64
"""So many words that begin with a term of a script without spaces are looked up for it."""
_TAIL_ROWS = 10_000
_SEPARATOR = "\t"


class WordsIndexError(StorageError):
    """The index of words is damaged, or belongs to another catalog: the texts are to be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How far an index, or a catalog, goes."""

    n_rows: int
    """Body paragraphs."""
    last_place: int
    """Row of the last of them, -1 for none."""
    last_hash: int


def build_schema() -> Any:
    """Return the fields of a document."""
    import tantivy  # noqa: PLC0415 - only who searches or writes words needs it

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", tokenizer_name=TOKENIZER, index_option="freq")
    builder.add_integer_field("text_hash", indexed=True, fast=True)
    builder.add_unsigned_field("place", fast=True)
    builder.add_bytes_field("ids", stored=True)
    return builder.build()


def join_ids(article_id: str, paragraph_id: str) -> bytes:
    """Return both ids of a paragraph as a document keeps them."""
    return f"{article_id}{_SEPARATOR}{paragraph_id}".encode()


@contextmanager
def explained() -> Iterator[None]:
    """Turn what tantivy raises, panics included, into `WordsIndexError`."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise WordsIndexError(f"the index of words cannot be read: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of no class that can be imported
            raise
        raise WordsIndexError("the index of words is damaged") from error


def open_words(catalog: Catalog) -> "WordsIndex | None":
    """Return the index of words, None where there is none for all paragraphs of this catalog."""
    folder = catalog.folder / WORDS_FOLDER
    if find_words_faults(folder, is_quick=True):
        return None
    try:
        index = WordsIndex.open(folder)
        if covers_all(folder, catalog._database):
            return index
        rows = measure_rows(catalog._database)
        return index if index.measure(rows.last_place) == rows else None
    except WordsIndexError:
        return None


def measure_rows(database: Database, until: int | None = None) -> Extent:
    """Return how far the body paragraphs of a catalog go, up to the row `until`."""
    place = database.place
    where = "kind = 'body'" if until is None else f"kind = 'body' AND {place} <= {int(until)}"
    n_rows = int(database.fetch_value(f"SELECT count(*) FROM store.paragraphs WHERE {where}"))
    if n_rows == 0:
        return Extent(n_rows=0, last_place=-1, last_hash=0)
    tail = find_tail(database, "paragraphs", _TAIL_ROWS) if until is None else int(until)
    for begin in (tail, 0):
        last = database.fetch_rows(
            f"SELECT {place}, text_hash FROM store.paragraphs WHERE {where} AND {place} >= {begin}"
            f" ORDER BY {place} DESC LIMIT 1"
        )
        if last:
            break
    return Extent(n_rows=n_rows, last_place=int(last[0][0]), last_hash=int(last[0][1]))


class WordsIndex:
    """An index as it stood when it was opened; later writing does not show."""

    def __init__(self, index: Any) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the index in `folder`. Raises `WordsIndexError` where there is none.

        tantivy locks a folder with a file in it before it reads, which a folder that is read-only
        does not allow. So its files are opened through links in a folder of our own; where a
        writer replaces them meanwhile, they are linked again.
        """
        import tantivy  # noqa: PLC0415 - only who searches or writes words needs it

        for attempt in range(_OPEN_ATTEMPTS):
            try:
                with explained(), tempfile.TemporaryDirectory(prefix="wirethread-") as links:
                    for name in os.listdir(folder):  # noqa: PTH208 - names are all that is needed
                        if not name.endswith(".lock"):
                            Path(links, name).symlink_to(folder.resolve() / name)
                    index = tantivy.Index.open(links)
                    index.config_reader("manual")
                    return cls(index)
            except WordsIndexError:
                if attempt == _OPEN_ATTEMPTS - 1 or not folder.exists():
                    raise
        raise AssertionError("unreachable")

    @property
    def n_rows(self) -> int:
        """Paragraphs in it."""
        return int(self._searcher.num_docs)

    def measure(self, until: int | None = None) -> Extent:
        """Return how far it goes, up to the row `until`."""
        import tantivy  # noqa: PLC0415 - only who searches or writes words needs it

        with explained():
            query = tantivy.Query.all_query()
            if until is not None:
                query = tantivy.Query.range_query(
                    self._schema, "place", tantivy.FieldType.Unsigned, 0, max(until, 0)
                )
            found: Any = self._searcher.search(query, 1, order_by_field="place")
            if not found.hits or until == -1:
                return Extent(n_rows=0, last_place=-1, last_hash=0)
            place, address = found.hits[0]
            (text_hash,) = self._searcher.fast_field_values("text_hash", [address])
        return Extent(n_rows=int(found.count), last_place=int(place), last_hash=int(text_hash))

    def find_forms(self, term: str) -> list[tuple[str, int]]:
        """Return the words of the index that a term asks for, and how many paragraphs have each.

        A term of several characters of a script such as Korean may be the beginning of a word.
        """
        with explained():
            if len(term) > 1 and is_unspaced(term):
                found = self._searcher.terms_with_prefix("words", term, limit=_MAX_FORMS)
                return [(word, int(n)) for word, n in found if n]
            n_texts = int(self._searcher.doc_freq("words", term))
        return [(term, n_texts)] if n_texts else []

    def search(self, words: Sequence[str], limit: int) -> pa.Table:
        """Return the paragraphs that score highest by BM25 for `words`, best first."""
        with explained():
            return self._read(self._find(words, limit))

    def search_among(
        self, words: Sequence[str], limit: int, places: NDArray[np.int64], n_wanted: int
    ) -> tuple[pa.Table, int]:
        """Return the best `n_wanted` of `search` that stand in `places` int64[n], ascending.

        With them stand those that score as much as the last. The second value says how many there
        were in all, of any place: fewer than `limit` where no more have a word.
        """
        with explained():
            hits = self._find(words, limit)
            is_inside = self._stand_in(hits, places)
            kept = [hits[number] for number in np.flatnonzero(is_inside).tolist()]
            least = kept[n_wanted - 1][0] if len(kept) >= n_wanted else -math.inf
            return self._read([hit for hit in kept if hit[0] >= least]), len(hits)

    def count_among(self, words: Sequence[str], limit: int, places: NDArray[np.int64]) -> int:
        """Return how many of up to `limit` paragraphs with one of the words stand in `places`.

        These are int64[n], ascending.
        """
        with explained():
            return int(self._stand_in(self._find(words, limit), places).sum()) if words else 0

    def _stand_in(
        self, hits: Sequence[tuple[float, Any]], places: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Return bool[n], which of the hits stand in one of the ascending `places`."""
        addresses = [address for _, address in hits]
        rows = self._searcher.fast_field_values("place", addresses) if addresses else []
        found = np.array(rows, dtype=np.int64)
        at = np.minimum(np.searchsorted(places, found), max(len(places) - 1, 0))
        return places[at] == found if len(places) else np.zeros(len(found), dtype=bool)

    def _find(self, words: Sequence[str], limit: int) -> Sequence[tuple[float, Any]]:
        import tantivy  # noqa: PLC0415 - only who searches or writes words needs it

        query = tantivy.Query.boolean_query(
            [
                (
                    tantivy.Occur.Should,
                    tantivy.Query.term_query(self._schema, "words", word, index_option="freq"),
                )
                for word in words
            ]
        )
        hits: Sequence[tuple[float, Any]] = self._searcher.search(query, limit, count=False).hits
        return hits

    def find_texts(self, hashes: NDArray[np.int64], scores: NDArray[np.float64]) -> pa.Table:
        """Return every paragraph of texts int64[n], with the score float64[n] of its text."""
        import tantivy  # noqa: PLC0415 - only who searches or writes words needs it

        hits: list[tuple[float, Any]] = []
        with explained():
            for text_hash, score in zip(hashes.tolist(), scores.tolist(), strict=True):
                n_places = int(self._searcher.doc_freq("text_hash", text_hash))
                if n_places:
                    query = tantivy.Query.term_query(self._schema, "text_hash", text_hash)
                    found = self._searcher.search(query, n_places, count=False)
                    hits += [(score, address) for _, address in found.hits]
            return self._read(hits)

    def _read(self, hits: Sequence[tuple[float, Any]]) -> pa.Table:
        addresses = [address for _, address in hits]
        ids = [
            bytes(self._searcher.doc(address)["ids"][0]).decode().split(_SEPARATOR)
            for address in addresses
        ]
        places, hashes = (
            self._searcher.fast_field_values(name, addresses) if addresses else []
            for name in ("place", "text_hash")
        )
        return pa.table(
            {
                "place": pa.array(places, type=pa.int64()),
                "text_hash": pa.array(hashes, type=pa.int64()),
                "article_id": pa.array([one[0] for one in ids], type=pa.string()),
                "paragraph_id": pa.array([one[1] for one in ids], type=pa.string()),
                "score": pa.array([score for score, _ in hits], type=pa.float64()),
            }
        )
