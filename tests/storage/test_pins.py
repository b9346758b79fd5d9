"""What our files stand on that libraries do not promise: each test names the library that moved.

An upgrade that fails here needs a look at the module named, before anything is stored with it.
"""

import json
from importlib.metadata import version
from pathlib import Path

import duckdb
import faiss
import numpy as np
import pytest

from tests.storage.making import RUN, make_article, make_hashes, make_vectors
from wirethread.storage.catalog import CATALOG_FILE, Catalog
from wirethread.storage.engine.file_copy import copy_file, has_wrong_block, update_copy
from wirethread.storage.vectors.files import open_segment, write_segment
from wirethread.storage.vectors.list_files import write_lists
from wirethread.storage.words.checks import find_words_faults
from wirethread.storage.words.index import WORDS_FOLDER
from wirethread.storage.words.writing import update_words

N_ROWS, DIMENSION = 40, 16
HEADERS = 3 * 4096
BLOCK = 1 << 15


def moved(library: str, what: str, module: str) -> str:
    return f"{library} {version(library)} {what} otherwise than {module} reads"


def test_faiss_ends_a_file_of_rows_with_codes_a_count_and_ids(tmp_path: Path) -> None:
    told = moved("faiss-cpu", "lays rows and ids out", "storage/vectors/files.py")
    path, hashes, vectors = tmp_path / "rows.faiss", make_hashes(N_ROWS), make_vectors(N_ROWS)
    hashes, vectors = np.sort(hashes), np.ascontiguousarray(vectors[:, :DIMENSION])
    write_segment(path, hashes, vectors)
    tail = (
        vectors.astype(np.float16).tobytes()
        + np.array([N_ROWS], dtype="<u8").tobytes()
        + hashes.astype("<i8").tobytes()
    )
    assert path.read_bytes().endswith(tail), told
    opened = open_segment(path, N_ROWS, DIMENSION)
    np.testing.assert_array_equal(
        opened.read_rows(np.arange(N_ROWS)), vectors.astype(np.float16), err_msg=told
    )


def test_faiss_reads_lists_that_are_written_by_hand(tmp_path: Path) -> None:
    told = moved("faiss-cpu", "lays inverted lists out", "storage/vectors/list_files.py")
    path, hashes = tmp_path / "lists.faiss", np.sort(make_hashes(N_ROWS))
    vectors = np.ascontiguousarray(make_vectors(N_ROWS)[:, :DIMENSION]).astype(np.float16)
    lists = np.arange(N_ROWS, dtype=np.int32) % 3
    centres = np.ascontiguousarray(vectors[:3], dtype=np.float32)
    write_lists(path, hashes, centres, lists, 2, lambda rows: vectors[rows])
    assert path.read_bytes()[:4] == b"IwSq", told
    read = faiss.read_index(str(path))
    assert (read.ntotal, read.d, read.nlist, read.nprobe) == (N_ROWS, DIMENSION, 3, 2), told
    kept = faiss.downcast_InvertedLists(read.invlists)
    for number in range(3):
        rows = np.flatnonzero(lists == number)
        size = kept.list_size(number)
        assert size == len(rows), told
        found = faiss.rev_swig_ptr(kept.get_ids(number), size)
        np.testing.assert_array_equal(found, rows, err_msg=told)
        codes = faiss.rev_swig_ptr(kept.get_codes(number), size * DIMENSION * 2)
        assert bytes(codes) == vectors[rows].tobytes(), told
    mapped = open_segment(path, N_ROWS, DIMENSION)
    np.testing.assert_array_equal(mapped.read_rows(np.arange(N_ROWS)), vectors, err_msg=told)


@pytest.fixture
def two_states(tmp_path: Path) -> tuple[Path, Path]:
    """A DuckDB file of many blocks, and the same after a few of its rows changed."""
    before, after = tmp_path / "before.duckdb", tmp_path / "after.duckdb"
    with duckdb.connect(str(after)) as database:
        database.execute("CREATE TABLE t AS SELECT i, hash(i) AS h FROM range(600000) r(i)")
        database.execute("CHECKPOINT")
    copy_file(after, before)
    with duckdb.connect(str(after)) as database:
        database.execute("UPDATE t SET h = 0 WHERE i < 1000")
        database.execute("INSERT INTO t SELECT i, i FROM range(50000) r(i)")
        database.execute("CHECKPOINT")
    return before, after


def test_duckdb_begins_each_block_with_the_checksum_of_the_rest(
    two_states: tuple[Path, Path],
) -> None:
    told = moved("duckdb", "lays blocks out", "storage/engine/file_copy.py")
    before, after = two_states
    old, new = (path.read_bytes()[HEADERS:] for path in two_states)
    assert len(old) % BLOCK == len(new) % BLOCK == 0, told
    n_same = n_changed = 0
    for begin in range(0, len(old), BLOCK):
        is_same = old[begin : begin + BLOCK] == new[begin : begin + BLOCK]
        assert (old[begin : begin + 8] == new[begin : begin + 8]) == is_same, told
        n_same, n_changed = n_same + is_same, n_changed + (not is_same)
    assert n_same > 5, told
    assert n_changed > 0, told
    assert not has_wrong_block(before), told
    with before.open("r+b") as file:
        file.seek(HEADERS + BLOCK + 100)
        file.write(b"\xff\x00\xff")
    assert has_wrong_block(before), told
    assert not has_wrong_block(after), told


def test_duckdb_opens_an_old_copy_that_was_brought_up_to_date_block_by_block(
    two_states: tuple[Path, Path],
) -> None:
    told = moved("duckdb", "lays blocks out", "storage/engine/file_copy.py")
    before, after = two_states
    assert update_copy(after, before), told
    assert before.read_bytes() == after.read_bytes(), told
    asked = "SELECT count(*), sum(h::HUGEINT) FROM t"
    answers = []
    for path in two_states:
        with duckdb.connect(str(path), read_only=True) as database:
            answers.append(database.execute(asked).fetchall())
    assert answers[0] == answers[1], told
    assert answers[0][0][0] == 650_000


def test_duckdb_numbers_rows_in_the_order_of_writing(catalog: Catalog) -> None:
    told = moved("duckdb", "numbers rows", "storage/engine/places.py")
    for number in range(4):
        catalog.articles.add_articles(
            RUN, [make_article(f"a{number}", [f"Text {number} of a few words."])]
        )
    with catalog.detached():
        pass
    rows = catalog._database.fetch_rows("SELECT rowid, article_id FROM store.articles ORDER BY 1")
    assert rows == [(number, f"a{number}") for number in range(4)], told


def test_tantivy_names_its_files_by_segment_and_ends_each_with_its_checksum(
    catalog: Catalog,
) -> None:
    told = moved("tantivy", "keeps its files", "storage/words/checks.py")
    catalog.articles.add_articles(RUN, [make_article("a1"), make_article("b2")])
    update_words(catalog)
    folder = catalog.folder / WORDS_FOLDER
    segments = json.loads((folder / "meta.json").read_text())["segments"]
    assert [one["max_doc"] for one in segments] == [4], told
    name = segments[0]["segment_id"].replace("-", "")
    kinds = {path.suffix[1:] for path in folder.glob(f"{name}.*")}
    assert {"idx", "term", "store", "fast"} <= kinds, told
    assert find_words_faults(folder) == [], told
    store = folder / f"{name}.store"
    content = bytearray(store.read_bytes())
    content[3] ^= 1
    store.chmod(0o644)
    store.write_bytes(content)
    assert find_words_faults(folder) == [f"{store.name} is damaged"], told


def test_the_catalog_is_laid_out_as_any_duckdb_file(catalog: Catalog) -> None:
    told = moved("duckdb", "lays blocks out", "storage/engine/file_copy.py")
    catalog.articles.add_articles(RUN, [make_article("a1")])
    with catalog.detached() as path:
        assert path.name == CATALOG_FILE
        assert (path.stat().st_size - HEADERS) % BLOCK == 0, told
        assert not has_wrong_block(path), told
