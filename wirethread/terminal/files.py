"""Answers of any size, into a file, to an address or through a pipe."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wirethread.articles.errors import ConfigError, StorageError
from wirethread.exports.encoding import write_pieces
from wirethread.sources.remote import is_remote, put_file
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.free_query import SqlSettings

__all__ = ["write_answer", "writing_at"]


def write_answer(
    folder: Path, query: str, settings: SqlSettings, form: str, output: str | None
) -> None:
    """Write the rows of a query in a form: into a file, to an address, or on standard output.

    Raises `ConfigError` where Parquet would go to a terminal, `StorageError` where it cannot be
    written.
    """
    if output is None and form == "parquet" and sys.stdout is not None and sys.stdout.isatty():
        raise ConfigError("sql: Parquet is not for the terminal: name a file with --output")
    with Catalog.open_published(folder) as catalog:
        pieces = catalog.stream_read_only(query, settings=settings)
        if output is None:
            write_pieces(pieces, form, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return
        with writing_at(output) as file:
            write_pieces(pieces, form, file)


@contextmanager
def writing_at(place: str) -> Iterator[Path]:
    """Yield the file to write for a path or an address; it is sent to an address at the end.

    Raises `StorageError` where it cannot be written.
    """
    try:
        if not is_remote(place):
            yield Path(place)
            return
        with tempfile.TemporaryDirectory(prefix="wirethread-") as held:
            file = Path(held, "written")
            yield file
            put_file(file, place)
    except OSError as error:
        raise StorageError(f"cannot write {place}: {error.strerror or error}") from error
