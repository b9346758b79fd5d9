"""Which texts have vectors, and in which file."""

# ruff: noqa: S608 - only constant names and numbers are put into SQL; values are parameters

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirethread.articles.types.articles import ArticleId
from wirethread.storage.engine.bulk import as_naive_utc, as_utc, build_objects, ids_table
from wirethread.storage.engine.database import Database
from wirethread.storage.engine.places import find_oldest, find_tail
from wirethread.storage.tables.runs import (
    bump_counter,
    change_content,
    find_waiting,
    list_pending,
    mark_done,
    open_step,
)

__all__ = [
    "EMBED_STEP",
    "MIN_WORDS",
    "TextBatch",
    "VectorSegment",
    "add_checked_file",
    "begin_publication",
    "count_live_rows",
    "count_texts_to_embed",
    "end_publication",
    "find_articles_with_texts",
    "find_checked_files",
    "forget_lookups",
    "forget_segments",
    "list_articles_to_embed",
    "list_live_hashes",
    "list_model_ids",
    "list_segments",
    "list_vector_files",
    "locate_vectors",
    "lose_segments",
    "mark_embedded",
    "name_embed_fingerprint",
    "prepare_texts_to_embed",
    "record_checked_files",
    "record_segment",
    "renew_vectors",
    "replace_segments",
    "select_texts_to_embed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBatch:
    """Texts that have no vector yet, each distinct text once."""

    hashes: NDArray[np.int64]
    """int64[n]."""
    texts: Sequence[str]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorSegment:
    """One file of vectors as the catalog knows it."""

    segment_id: str
    model_id: str
    dimension: int
    n_rows: int
    file_name: str
    checksum: str
    """xxh3-128 of the file, in hexadecimal."""
    created_at: datetime
    """Aware, in UTC."""


MIN_WORDS = 5
"""A paragraph of fewer words is too short to be told from others, and gets no vector."""

EMBED_STEP = "embed"
"""Step that deals with articles whose texts may have no vector."""
_TAIL_ROWS = 400_000
_WAITING = "article_id IN (SELECT id FROM waiting)"


def name_embed_fingerprint(model_id: str, min_words: int) -> str:
    """Return the fingerprint under which the step `embed` deals with articles."""
    return f"{model_id} {min_words}"


def list_articles_to_embed(
    database: Database, model_id: str, *, min_words: int = MIN_WORDS
) -> list[ArticleId]:
    """Return the articles of which texts may have no vector under `model_id`."""
    return list_pending(
        database, EMBED_STEP, fingerprint=name_embed_fingerprint(model_id, min_words)
    )


def mark_embedded(
    database: Database,
    model_id: str,
    article_ids: Iterable[str],
    run_id: str,
    *,
    min_words: int = MIN_WORDS,
) -> int:
    """Record that every text of the articles has a vector under `model_id`."""
    fingerprint = name_embed_fingerprint(model_id, min_words)
    return mark_done(database, EMBED_STEP, article_ids, run_id, fingerprint=fingerprint)


def _gather_texts(database: Database, model_id: str, min_words: int) -> None:
    """Gather the texts without a vector, unless they are gathered already."""
    if database.gathered_for != (model_id, min_words):
        prepare_texts_to_embed(database, model_id, min_words)
        database.gathered_for = (model_id, min_words)


def forget_lookups(database: Database) -> None:
    """Let go of texts that were gathered where none is left: to find them takes long."""
    if database.gathered_for and not _count_gathered(database):
        database.gathered_for = None


def prepare_texts_to_embed(database: Database, model_id: str, min_words: int) -> None:
    """Gather the texts without a vector under `model_id`.

    These are the body paragraphs of at least `min_words` words and the openings of articles that
    wait for the step `embed`. Of texts that share a hash the first in order stands for all.
    """
    waiting = find_waiting(database, EMBED_STEP, name_embed_fingerprint(model_id, min_words))
    asked = "" if waiting is None else f"{_WAITING} AND "
    since = 0 if waiting is None else find_oldest(database, waiting)
    with database.registered(waiting=ids_table(waiting or ())):
        # hashes first: reading every text of a new archive only to drop most of it costs minutes
        database.execute(
            "CREATE OR REPLACE TEMP TABLE asked_hashes AS SELECT DISTINCT text_hash FROM ("
            f"  SELECT text_hash FROM store.paragraphs WHERE {asked} written >= $1"
            "   AND kind = 'body' AND n_words >= $2"
            "  UNION ALL SELECT opening_hash FROM store.articles"
            f"  WHERE {asked} written >= $1 AND opening <> '')",
            [since, min_words],
        )
        _find_places(database, model_id)
        database.execute(
            "CREATE OR REPLACE TEMP TABLE pending_texts AS"
            " SELECT text_hash, min(text) AS text FROM ("
            f"  SELECT text_hash, text FROM store.paragraphs WHERE {asked} written >= $1"
            "   AND kind = 'body' AND n_words >= $2"
            "   AND text_hash IN (SELECT text_hash FROM asked_hashes)"
            "  UNION ALL SELECT opening_hash, opening FROM store.articles"
            f"  WHERE {asked} written >= $1 AND opening <> ''"
            "   AND opening_hash IN (SELECT text_hash FROM asked_hashes)"
            " ) GROUP BY text_hash",
            [since, min_words],
        )
    database.execute("DROP TABLE asked_hashes")


def _find_places(database: Database, model_id: str) -> None:
    """Move the rows of `asked_hashes` that have a vector to `found_places`, new rows first.

    Nearly every text of the last weeks has its row among the newest (`renew_places` sees to that),
    and only what is not there is looked for in the whole table.
    """
    database.execute(
        "CREATE OR REPLACE TEMP TABLE found_places"
        " (place BIGINT, text_hash BIGINT, segment_id VARCHAR)"
    )
    tail = find_tail(database, "vector_rows", _TAIL_ROWS)
    for where in (f"rowid >= {tail}", f"rowid < {tail}") if tail else ("true",):
        if database.fetch_value("SELECT 1 FROM asked_hashes LIMIT 1"):
            database.execute(
                "INSERT INTO found_places SELECT rowid, text_hash, segment_id"
                f" FROM store.vector_rows WHERE {where} AND model_id = ?"
                " AND text_hash IN (SELECT text_hash FROM asked_hashes)",
                [model_id],
            )
            database.execute(
                "DELETE FROM asked_hashes WHERE text_hash IN (SELECT text_hash FROM found_places)"
            )


def renew_vectors(database: Database, model_id: str, *, min_words: int = MIN_WORDS) -> int:
    """Let texts that new articles repeat be found among the newest; return how many moved.

    A text that a new article repeats is looked up in the weeks to come: the row of its vector is
    written anew, behind all others, where it is old.
    """
    _gather_texts(database, model_id, min_words)
    half = find_tail(database, "vector_rows", _TAIL_ROWS // 2)
    with database.transaction():
        n_old = int(
            database.fetch_value(
                "SELECT count(*) FROM found_places WHERE place < ?",
                [half],
            )
        )
        if n_old:
            database.execute(
                "DELETE FROM found_places WHERE place >= ?",
                [half],
            )
            database.execute(
                "CREATE OR REPLACE TEMP TABLE renewed AS FROM store.vector_rows"
                " WHERE rowid IN (SELECT place FROM found_places)"
            )
            database.execute(
                "DELETE FROM store.vector_rows WHERE rowid IN (SELECT place FROM found_places)"
            )
            database.execute("INSERT INTO store.vector_rows FROM renewed ORDER BY text_hash")
            database.execute("DROP TABLE renewed")
    return n_old


def _count_gathered(database: Database) -> int:
    return int(database.fetch_value("SELECT count(*) FROM pending_texts"))


def count_texts_to_embed(database: Database, model_id: str, *, min_words: int = MIN_WORDS) -> int:
    """Return how many distinct texts have no vector under `model_id`."""
    _gather_texts(database, model_id, min_words)
    return _count_gathered(database)


def select_texts_to_embed(
    database: Database,
    model_id: str,
    limit: int,
    *,
    after: int | None = None,
    min_words: int = MIN_WORDS,
) -> TextBatch:
    """Return up to `limit` distinct texts without a vector under `model_id`, by hash.

    These are body paragraphs of at least `min_words` words and the openings of articles, of hashes
    above `after`.
    """
    _gather_texts(database, model_id, min_words)
    table = database.fetch_table(
        "SELECT text_hash, text FROM pending_texts WHERE $2 IS NULL OR text_hash > $2"
        " ORDER BY text_hash LIMIT $1",
        [limit, after],
    )
    return TextBatch(
        hashes=table.column("text_hash").to_numpy().astype(np.int64),
        texts=table.column("text").to_pylist(),
    )


def find_articles_with_texts(database: Database, hashes: Iterable[int]) -> set[ArticleId]:
    """Return the articles that hold one of the texts, or open with it."""
    asked = pa.table({"text_hash": pa.array(list(hashes), type=pa.int64())})
    with database.registered(asked=asked):
        table = database.fetch_table(
            "SELECT article_id FROM store.paragraphs"
            " WHERE text_hash IN (SELECT text_hash FROM asked)"
            " UNION SELECT article_id FROM store.articles"
            " WHERE opening_hash IN (SELECT text_hash FROM asked)"
        )
    return {ArticleId(one) for one in table.column("article_id").to_pylist()}


def record_segment(
    database: Database,
    segment: VectorSegment,
    hashes: NDArray[np.int64],
    *,
    stamp: tuple[int, int] | None = None,
) -> int:
    """Record a file of vectors and the texts int64[n] in it, whose embedding is done thereby.

    Texts that have a vector stay where they are. `stamp` is size in bytes and time in nanoseconds
    of the file, which is right. Returns how many texts are new.
    """
    n_new = _insert_rows(database, segment, hashes)
    add_checked_file(database, segment.file_name, stamp)
    return n_new


def _insert_rows(database: Database, segment: VectorSegment, hashes: NDArray[np.int64]) -> int:
    has_pending = database.gathered_for is not None and database.gathered_for[0] == segment.model_id
    if database.fetch_value(
        "SELECT 1 FROM store.vector_segments WHERE segment_id = ?", [segment.segment_id]
    ):
        return 0
    with database.registered(new_hashes=pa.table({"text_hash": pa.array(hashes, type=pa.int64())})):
        database.execute(
            "CREATE OR REPLACE TEMP TABLE asked_hashes AS"
            " SELECT DISTINCT text_hash FROM new_hashes"
            + (" ANTI JOIN pending_texts USING (text_hash)" if has_pending else "")
        )
        _find_places(database, segment.model_id)  # what was pending has none
        n_new = database.execute(
            "INSERT INTO store.vector_rows (segment_id, model_id, text_hash)"
            " SELECT ?, ?, text_hash FROM (SELECT DISTINCT text_hash FROM new_hashes)"
            " ANTI JOIN found_places USING (text_hash) ORDER BY text_hash",
            [segment.segment_id, segment.model_id],
        )
        for table in ("asked_hashes", "found_places"):
            database.execute(f"DROP TABLE {table}")
        if has_pending:
            database.execute(
                "DELETE FROM pending_texts WHERE text_hash IN (SELECT text_hash FROM new_hashes)"
            )
    _insert_segment(database, segment)
    return n_new


def replace_segments(
    database: Database,
    old_ids: Iterable[str],
    segment: VectorSegment | None,
    *,
    stamp: tuple[int, int] | None = None,
) -> int:
    """Let one segment take the place of several, with all texts that they stand for.

    None takes the place of segments without texts. Their files stay for older snapshots. `stamp`
    is size in bytes and time in nanoseconds of the new file. Returns 1: the content changed.
    """
    old_ids = list(old_ids)
    with database.registered(gone=ids_table(old_ids)):
        if segment is not None:
            database.execute(
                "UPDATE store.vector_rows SET segment_id = ?"
                " WHERE segment_id IN (SELECT id FROM gone)",
                [segment.segment_id],
            )
    forget_segments(database, old_ids, keep_files_for_readers=True)
    if segment is not None:
        _insert_segment(database, segment)
        add_checked_file(database, segment.file_name, stamp)
    return 1


def _insert_segment(database: Database, segment: VectorSegment) -> None:
    database.execute(
        "INSERT INTO store.vector_segments VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            segment.segment_id,
            segment.model_id,
            segment.dimension,
            segment.n_rows,
            segment.file_name,
            segment.checksum,
            as_naive_utc(segment.created_at),
        ],
    )
    database.execute("DELETE FROM store.retired_files WHERE file_name = ?", [segment.file_name])


def forget_segments(
    database: Database, segment_ids: Iterable[str], *, keep_files_for_readers: bool
) -> int:
    """Remove segments and their rows; return how many texts have no vector now.

    The files of `keep_files_for_readers` are listed as retired, so that they outlive one more
    publication.
    """
    with database.registered(gone=ids_table(segment_ids)):
        if keep_files_for_readers:
            database.execute(
                "INSERT INTO store.retired_files SELECT file_name, NULL FROM store.vector_segments"
                " WHERE segment_id IN (SELECT id FROM gone) ORDER BY file_name"
            )
        else:
            open_step(database, EMBED_STEP)
        database.execute(
            "DELETE FROM store.vector_segments WHERE segment_id IN (SELECT id FROM gone)"
        )
        return database.execute(
            "DELETE FROM store.vector_rows WHERE segment_id IN (SELECT id FROM gone)"
        )


def lose_segments(database: Database, segment_ids: Iterable[str]) -> int:
    """Forget segments whose files are lost; return how many texts must be embedded again."""
    wanted = list(segment_ids)
    if not wanted:
        return 0
    database.gathered_for = None
    n_texts = 0

    def forget() -> int:
        nonlocal n_texts
        n_texts = forget_segments(database, wanted, keep_files_for_readers=False)
        return 1

    change_content(database, forget)
    return n_texts


def list_model_ids(database: Database) -> list[str]:
    """Return the model of each segment of vectors, oldest first."""
    return [segment.model_id for segment in list_segments(database)]


def list_segments(database: Database, model_id: str | None = None) -> list[VectorSegment]:
    """Return the segments of a model, or of all for None, oldest first."""
    table = database.fetch_table(
        "SELECT segment_id, model_id, dimension, n_rows, file_name, checksum, created_at"
        " FROM store.vector_segments WHERE $1 IS NULL OR model_id = $1"
        " ORDER BY created_at, segment_id",
        [model_id],
    )
    return build_objects(table, VectorSegment, {"created_at": as_utc})


def locate_vectors(
    database: Database, model_id: str, hashes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Return, for each of hashes int64[n] that has a vector, its index and its segment id.

    They are int64[m], ascending, and str[m].
    """
    asked = pa.table({"text_hash": pa.array(hashes), "place": pa.array(np.arange(len(hashes)))})
    with database.registered(asked=asked):
        database.execute(
            "CREATE OR REPLACE TEMP TABLE asked_hashes AS SELECT DISTINCT text_hash FROM asked"
        )
        _find_places(database, model_id)
        table = database.fetch_table(
            "SELECT a.place, f.segment_id FROM asked a JOIN found_places f USING (text_hash)"
            " ORDER BY a.place"
        )
        for name in ("asked_hashes", "found_places"):
            database.execute(f"DROP TABLE {name}")
    segments = table.column("segment_id").combine_chunks().dictionary_encode()
    names = np.asarray(segments.dictionary.to_pylist(), dtype=np.str_)
    codes = segments.indices.to_numpy()
    places: NDArray[np.int64] = table.column("place").to_numpy().astype(np.int64)
    return places, names[codes] if len(codes) else np.empty(0, dtype=np.str_)


def count_live_rows(database: Database, model_id: str) -> dict[str, int]:
    """Return how many texts each segment of the model still stands for."""
    rows = database.fetch_rows(
        "SELECT segment_id, count(*) FROM store.vector_rows WHERE model_id = ? GROUP BY segment_id",
        [model_id],
    )
    return dict(rows)


def list_live_hashes(database: Database, segment_id: str) -> NDArray[np.int64]:
    """Return the hashes int64[n] that a segment still stands for, sorted."""
    table = database.fetch_table(
        "SELECT text_hash FROM store.vector_rows WHERE segment_id = ? ORDER BY text_hash",
        [segment_id],
    )
    hashes: NDArray[np.int64] = table.column("text_hash").to_numpy().astype(np.int64)
    return hashes


def list_vector_files(database: Database) -> set[str]:
    """Return the files that the catalog or a snapshot still in use may name."""
    rows = database.fetch_rows(
        "SELECT file_name FROM store.vector_segments"
        " UNION SELECT file_name FROM store.retired_files"
    )
    return {row[0] for row in rows}


def find_checked_files(database: Database) -> dict[str, tuple[int, int]]:
    """Return size in bytes and time in nanoseconds of each file that was found right."""
    rows = database.fetch_rows("SELECT file_name, n_bytes, modified_ns FROM store.checked_files")
    return {name: (n_bytes, modified_ns) for name, n_bytes, modified_ns in rows}


def record_checked_files(database: Database, found: Mapping[str, tuple[int, int]]) -> None:
    """Remember these files and no others."""
    names = sorted(found)
    table = pa.table(
        {
            "file_name": pa.array(names, type=pa.string()),
            "n_bytes": pa.array([found[name][0] for name in names], type=pa.int64()),
            "modified_ns": pa.array([found[name][1] for name in names], type=pa.int64()),
        }
    )
    with database.registered(checked=table):
        database.execute("DELETE FROM store.checked_files")
        database.execute("INSERT INTO store.checked_files SELECT * FROM checked")


def add_checked_file(database: Database, file_name: str, stamp: tuple[int, int] | None) -> None:
    """Remember that a file was found right with this size and time; None forgets what was."""
    database.execute("DELETE FROM store.checked_files WHERE file_name = ?", [file_name])
    if stamp is not None:
        database.execute("INSERT INTO store.checked_files VALUES (?, ?, ?)", [file_name, *stamp])


def begin_publication(database: Database) -> list[str]:
    """Count a publication; return the vector files that no reader needs once it is out.

    Those are the files that an earlier one retired; files retired since are dated with this one.
    """
    publication = bump_counter(database, "publication")
    database.execute(
        "UPDATE store.retired_files SET publication = ? WHERE publication IS NULL", [publication]
    )
    rows = database.fetch_rows(
        "SELECT file_name FROM store.retired_files WHERE publication < ? ORDER BY file_name",
        [publication],
    )
    return [row[0] for row in rows]


def end_publication(database: Database, deleted: Iterable[str]) -> None:
    """Forget retired files that were deleted."""
    with database.registered(deleted=ids_table(deleted)):
        database.execute(
            "DELETE FROM store.retired_files WHERE file_name IN (SELECT id FROM deleted)"
        )
