"""Bytes that changed on the disk without a trace are never copied on under a new checksum."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.storage.making import make_hashes, make_vectors
from wirethread.articles.errors import DamagedVectorsError
from wirethread.storage.catalog import Catalog
from wirethread.storage.vectors import segments as segments_module
from wirethread.storage.vectors.segments import VectorSegments

DIMENSION = 32


@pytest.fixture
def segments(catalog: Catalog) -> VectorSegments:
    return VectorSegments(catalog.folder, catalog, model_id="m@1", dimension=DIMENSION)


def list_paths(catalog: Catalog) -> list[Path]:
    return [catalog.folder / "vectors" / one.file_name for one in catalog.vectors.list_segments()]


def rot(path: Path, begin: int, new: bytes) -> None:
    """Change bytes of a file and leave its size and time as they were."""
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(new)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def turn_signs(path: Path, n_rows: int) -> None:
    """Turn vectors round: every row keeps unit length, and is the opposite of what it was."""
    content = path.read_bytes()
    begin = len(content) - n_rows * 8 - 8 - n_rows * DIMENSION * 2
    codes = np.frombuffer(content, dtype=np.float16, count=n_rows * DIMENSION, offset=begin)
    rot(path, begin, (-codes).tobytes())


def reopen(catalog: Catalog) -> VectorSegments:
    return VectorSegments(catalog.folder, catalog, model_id="m@1", dimension=DIMENSION)


@pytest.mark.parametrize("way", ["merge", "gaps", "lists"])
def test_a_damaged_file_is_never_written_anew(
    catalog: Catalog, segments: VectorSegments, way: str
) -> None:
    hashes, vectors = make_hashes(40), make_vectors(40)
    segments.add(hashes[:20], vectors[:20])
    segments.add(hashes[20:], vectors[20:])
    damaged = list_paths(catalog)[0]
    turn_signs(damaged, 20)
    catalog._database.execute("DELETE FROM store.vector_rows WHERE text_hash = ?", [int(hashes[3])])
    before = catalog.vectors.list_segments()
    with pytest.raises(DamagedVectorsError, match=f"{damaged.name} is damaged"):
        if way == "gaps":
            reopen(catalog).rewrite_segments_with_gaps()
        elif way == "lists":
            reopen(catalog).compact_segments(1, rows_per_index=10)
        else:
            reopen(catalog).compact_segments(100)
    assert catalog.vectors.list_segments() == before
    assert sorted(path.name for path in damaged.parent.iterdir()) == sorted(
        known.file_name for known in before
    )


def test_a_file_that_was_read_before_is_read_again_before_it_is_merged(
    catalog: Catalog, segments: VectorSegments
) -> None:
    hashes, vectors = make_hashes(40), make_vectors(40)
    segments.add(hashes[:20], vectors[:20])
    segments.add(hashes[20:], vectors[20:])
    segments.fetch(hashes)
    turn_signs(list_paths(catalog)[0], 20)
    with pytest.raises(DamagedVectorsError, match="is damaged"):
        segments.compact_segments(100)


@pytest.mark.parametrize("worth", ["nothing", "too much", "no number"])
def test_rows_that_are_no_unit_vectors_are_refused_at_reading(
    catalog: Catalog, segments: VectorSegments, worth: str
) -> None:
    hashes, vectors = make_hashes(20), make_vectors(20)
    segments.add(hashes, vectors)
    (path,) = list_paths(catalog)
    row = {"nothing": np.zeros, "too much": np.ones, "no number": np.ones}[worth](
        DIMENSION, dtype=np.float16
    )
    if worth == "no number":
        row *= np.float16(np.nan)
    begin = path.stat().st_size - 20 * 8 - 8 - 20 * DIMENSION * 2
    rot(path, begin + 5 * DIMENSION * 2, row.tobytes())
    lost = int(np.sort(hashes)[5])
    with pytest.raises(DamagedVectorsError, match="is damaged: the next run makes it again"):
        reopen(catalog).fetch(np.array([lost]))
    kept = np.sort(hashes)[:5]
    assert reopen(catalog).fetch(kept).shape == (5, DIMENSION)  # rows beside it are right
    if worth == "too much":  # the only one that a search can find
        with pytest.raises(DamagedVectorsError):
            reopen(catalog).search(np.ones((1, DIMENSION), dtype=np.float32), 3)


def test_each_run_reads_some_files_again_and_in_the_end_all(
    catalog: Catalog, segments: VectorSegments, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes, vectors = make_hashes(60), make_vectors(60)
    for begin in range(0, 60, 10):
        segments.add(hashes[begin : begin + 10], vectors[begin : begin + 10])
    paths = list_paths(catalog)
    size = paths[0].stat().st_size
    monkeypatch.setattr(segments_module, "_BYTES_IN_TURN", 2 * size)
    turn_signs(paths[2], 10)
    n_runs = 0
    while not (lost := reopen(catalog).drop_lost()).n_lost:
        catalog.vectors.begin_publication()
        n_runs += 1
        assert n_runs < 60
    assert lost.faults == [f"{paths[2].name} is damaged"]
    assert lost.n_lost == 10


@pytest.mark.parametrize("stands", ["empty folder", "folder", "link", "link to nothing"])
def test_what_stands_in_the_place_of_a_file_is_let_go_of_and_the_file_is_made_again(
    catalog: Catalog, segments: VectorSegments, tmp_path: Path, stands: str
) -> None:
    hashes, vectors = make_hashes(10), make_vectors(10)
    segments.add(hashes, vectors)
    (path,) = list_paths(catalog)
    path.unlink()
    elsewhere = tmp_path / "elsewhere"
    if stands == "link":
        elsewhere.write_bytes(b"somebody's")
        path.symlink_to(elsewhere)
    elif stands == "link to nothing":
        path.symlink_to(elsewhere)
    else:
        path.mkdir()
        if stands == "folder":
            (path / "kept").write_text("somebody's")
    assert reopen(catalog).drop_damaged() == 10
    reopen(catalog).add(hashes, vectors)  # under the same name
    assert path.is_file()
    assert not path.is_symlink()
    np.testing.assert_allclose(reopen(catalog).fetch(hashes), vectors, atol=5e-4)
    if stands == "link":
        assert elsewhere.read_bytes() == b"somebody's"
    else:
        assert not elsewhere.exists()
    if stands == "folder":
        (kept,) = catalog.folder.glob("damaged-*/*/kept")
        assert kept.read_text() == "somebody's"
