"""Bring the index of words up to date with the catalog, at a cost that follows what is new.

Rows of paragraphs keep their order and place as long as none is deleted, so what is new lies behind
the last place of the index. An index that does not match the rows before it, is damaged, or is of
another format is made anew: it holds nothing that is not in the catalog.
"""

import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

from wirethread.articles.errors import StorageError
from wirethread.storage.catalog import CATALOG_FILE, SNAPSHOT_FILE, Catalog
from wirethread.storage.words.checks import find_words_faults, remember_words_files
from wirethread.storage.words.coverage import covers_start, remember_coverage
from wirethread.storage.words.index import (
    TOKENIZER,
    WORDS_FOLDER,
    WordsIndex,
    WordsIndexError,
    build_schema,
    explained,
    join_ids,
    measure_rows,
)
from wirethread.storage.words.terms import split_words

__all__ = ["remove_words", "update_words"]

_LIKE = (SNAPSHOT_FILE, CATALOG_FILE)
_REMOVED = f".{WORDS_FOLDER}-removed"
_ROWS_PER_BATCH = 20_000
_ROWS_PER_COMMIT = 200_000
_HEAP_BYTES = 128_000_000


def update_words(catalog: Catalog) -> int:
    """Add the paragraphs that the index of words lacks; return how many.

    Killed anywhere, what was committed stays and the next call goes on behind it. Readers see an
    index as they opened it.
    """
    folder = catalog.folder / WORDS_FOLDER
    begin = _find_begin(catalog, folder)
    _open_to_readers(catalog.folder)
    last = catalog._database.fetch_value(
        "SELECT max(rowid) FROM store.paragraphs WHERE rowid >= ? AND kind = 'body'", [begin]
    )
    if last is None:
        return 0
    try:
        folder.mkdir(exist_ok=True)
        with explained():
            n_added = _add_rows(catalog, folder, begin, int(last) + 1)
        remember_words_files(folder)
        remember_coverage(folder, catalog._database, int(last))
        _open_to_readers(catalog.folder)
    except (OSError, WordsIndexError) as error:
        raise StorageError(
            f"the index of words cannot be written to {folder}: {error}; the next run goes on from"
            " here"
        ) from error
    return n_added


def remove_words(folder: Path) -> None:
    """Delete the index of a data folder; who has it open keeps it until it is closed.

    Of a link only the link goes, never what it leads to. Killed anywhere, it leaves an index or
    none: what is left of one is deleted by the next call.
    """
    path, aside = folder / WORDS_FOLDER, folder / _REMOVED
    shutil.rmtree(aside, ignore_errors=True)
    if path.is_symlink() or path.is_file():
        path.unlink()
        return
    with suppress(OSError):
        path.rename(aside)
    for left in (aside, path):
        shutil.rmtree(left, ignore_errors=True)


def _open_to_readers(folder: Path) -> None:
    """Let those read the index who may read the snapshot: tantivy writes for its own account."""
    words = folder / WORDS_FOLDER
    with suppress(OSError):  # files of another account are as it made them
        like = next(path for name in _LIKE if (path := folder / name).exists())
        mode = like.stat().st_mode & 0o666
        for path in (words, *words.iterdir()):
            wanted = mode | (mode & 0o444) >> 2 | 0o700 if path == words else mode | 0o600
            if stat.S_IMODE(path.stat().st_mode) & 0o777 != wanted:
                path.chmod(wanted)


def _find_begin(catalog: Catalog, folder: Path) -> int:
    """Return the row behind the last that is in the index; delete an index that is not right."""
    if not folder.is_dir():
        remove_words(catalog.folder)
        return 0
    try:
        if not find_words_faults(folder, is_quick=True, turn=catalog.publication):
            _open_for_writing(folder)
            index = WordsIndex.open(folder)
            known = covers_start(folder, catalog._database)
            if known is not None:
                remember_words_files(folder)
                return known + 1
            extent = index.measure()
            if extent == measure_rows(catalog._database, extent.last_place):
                remember_words_files(folder)
                remember_coverage(folder, catalog._database, extent.last_place)
                return extent.last_place + 1
    except WordsIndexError:
        pass
    remove_words(catalog.folder)
    return 0


def _open_for_writing(folder: Path) -> Any:
    """Open or create an index. Raises `WordsIndexError` where one has other fields."""
    import tantivy  # noqa: PLC0415 - only who searches or writes words needs it

    with explained():
        index = tantivy.Index(build_schema(), path=str(folder))
    splitting = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(TOKENIZER, splitting)
    return index


def _add_rows(catalog: Catalog, folder: Path, begin: int, end: int) -> int:
    import tantivy  # noqa: PLC0415 - only who searches or writes words needs it

    index = _open_for_writing(folder)
    writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)  # one keeps the order of rows
    n_added = n_waiting = 0
    for first in range(begin, end, _ROWS_PER_BATCH):
        rows = catalog._database.fetch_rows(
            'SELECT rowid, text_hash, article_id, paragraph_id, "text" FROM store.paragraphs'
            " WHERE rowid >= ? AND rowid < ? AND kind = 'body' ORDER BY rowid",
            [first, min(first + _ROWS_PER_BATCH, end)],
        )
        for place, text_hash, article_id, paragraph_id, text in rows:
            document = tantivy.Document()
            document.add_text("words", " ".join(split_words(text)))
            document.add_integer("text_hash", text_hash)
            document.add_unsigned("place", place)
            document.add_bytes("ids", join_ids(article_id, paragraph_id))
            writer.add_document(document)
        n_added += len(rows)
        n_waiting += len(rows)
        if n_waiting >= _ROWS_PER_COMMIT:
            writer.commit()
            n_waiting = 0
    writer.commit()
    writer.wait_merging_threads()
    return n_added
