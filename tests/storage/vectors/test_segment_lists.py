"""Large segments lie in lists of which a search reads the nearest; here against the exact search."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.storage.making import RUN, make_hashes, make_vectors
from wirethread.articles.errors import NotFoundError, StorageError
from wirethread.storage.catalog import Catalog
from wirethread.storage.publish import publish_snapshot
from wirethread.storage.upkeep.segment_checks import check_segment_files, find_segment_fault
from wirethread.storage.vectors import list_files
from wirethread.storage.vectors.compaction import FAN, plan_merges
from wirethread.storage.vectors.files import checksum_file, open_segment
from wirethread.storage.vectors.list_building import count_probes
from wirethread.storage.vectors.list_centres import assign_rows, count_lists, train_centres
from wirethread.storage.vectors.segments import VectorSegments

DIMENSION = 32
N_ROWS = 6_000


def make_crowds(n: int, seed: int = 0, *, n_crowds: int = 60) -> NDArray[np.float32]:
    """Return unit vectors float32[n, 32] around common middles, as stories make them."""
    middles = make_vectors(n_crowds, DIMENSION, seed=77)
    draw = np.random.default_rng(seed)
    rows = middles[draw.integers(0, n_crowds, n)]
    rows = rows + 0.6 * make_vectors(n, DIMENSION, seed=seed + 1)
    unit: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(
        np.float32
    )
    return unit


def find_nearest(
    queries: NDArray[np.float32], vectors: NDArray[np.float32], hashes: NDArray[np.int64], k: int
) -> NDArray[np.int64]:
    """The exact twin of `search`, in full precision."""
    nearest: NDArray[np.int64] = hashes[np.argsort(-(queries @ vectors.T), axis=1)[:, :k]]
    return nearest


def recall(found: NDArray[np.int64], wanted: NDArray[np.int64]) -> float:
    return float((found[:, :, None] == wanted[:, None, :]).any(axis=1).mean())


HASHES, VECTORS = make_hashes(N_ROWS), make_crowds(N_ROWS)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one segment in lists over all the vectors. Only to copy."""
    folder = tmp_path_factory.mktemp("crowded")
    with Catalog.open(folder) as catalog:
        catalog.runs.begin_run(RUN, ["news.jsonl"], "{}")
        opened = VectorSegments(folder, catalog, model_id="m@1", dimension=DIMENSION)
        opened.add(HASHES, VECTORS)
        assert opened.compact_segments(100, rows_per_index=1_000) == 1
    return folder


@pytest.fixture
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    """An empty catalog, or with all the vectors where `segments` are asked for."""
    is_full = "segments" in request.fixturenames
    if is_full:
        shutil.copytree(request.getfixturevalue("crowded"), tmp_path / "data")
    with Catalog.open(tmp_path / "data") as opened:
        if not is_full:
            opened.runs.begin_run(RUN, ["news.jsonl"], "{}")
        yield opened


@pytest.fixture
def segments(catalog: Catalog) -> VectorSegments:
    """One segment in lists over all the vectors."""
    return VectorSegments(catalog.folder, catalog, model_id="m@1", dimension=DIMENSION)


def path_of(catalog: Catalog) -> Path:
    (segment,) = catalog.vectors.list_segments("m@1")
    return catalog.folder / "vectors" / segment.file_name


def forget(catalog: Catalog, hashes: Sequence[int]) -> None:
    catalog._database.execute(
        "DELETE FROM store.vector_rows WHERE list_contains(?::BIGINT[], text_hash)", [list(hashes)]
    )


@pytest.mark.heavy
@pytest.mark.parametrize("n_queries", [1, 200])
def test_a_search_in_lists_finds_what_the_exact_search_finds(
    segments: VectorSegments, n_queries: int
) -> None:
    queries = make_crowds(200, seed=9)
    wanted = find_nearest(queries, VECTORS, HASHES, 10)
    found = np.concatenate(
        [
            segments.search(queries[begin : begin + n_queries], 10)[0]
            for begin in range(0, 200, n_queries)
        ]
    )
    assert recall(found, wanted) >= 0.99
    exact, similarity = segments.search(queries[:20], 10, exact=True)
    assert recall(exact, wanted[:20]) >= 0.99  # two similarities may be the same in half precision
    np.testing.assert_allclose(similarity[:, 0], (queries[:20] @ VECTORS.T).max(axis=1), atol=1e-3)


def test_a_search_in_lists_reads_only_some_of_them(
    catalog: Catalog, segments: VectorSegments
) -> None:
    file = open_segment(path_of(catalog), N_ROWS, DIMENSION)
    assert file.n_lists == count_lists(N_ROWS) == 308
    assert 0 < file.index.nprobe < file.n_lists / 2


def test_every_list_read_gives_the_exact_result(catalog: Catalog, segments: VectorSegments) -> None:
    file = open_segment(path_of(catalog), N_ROWS, DIMENSION)
    codes = file.read_rows(np.arange(N_ROWS)).astype(np.float32)
    queries = make_crowds(50, seed=4)
    file.index.nprobe = file.n_lists
    similarity, rows = file.index.search(queries, 10)
    np.testing.assert_allclose(
        similarity, -np.sort(-(queries @ codes.T), axis=1)[:, :10], atol=1e-5
    )
    assert recall(file.ids[rows], find_nearest(queries, codes, file.ids, 10)) >= 0.999


def test_vectors_come_out_of_lists_as_they_went_in(catalog: Catalog) -> None:
    segments = VectorSegments(catalog.folder, catalog, model_id="m@1", dimension=DIMENSION)
    segments.add(HASHES, VECTORS)
    order = np.random.default_rng(1).integers(0, N_ROWS, 700)
    before = segments.fetch(HASHES[order])
    segments.compact_segments(100, rows_per_index=1_000)
    np.testing.assert_array_equal(segments.fetch(HASHES[order]), before)
    np.testing.assert_allclose(before, VECTORS[order], atol=5e-4)


def test_any_faiss_reads_a_file_in_lists(catalog: Catalog, segments: VectorSegments) -> None:
    import faiss

    plain = faiss.read_index(str(path_of(catalog)))
    assert plain.ntotal == N_ROWS
    plain.nprobe = plain.nlist
    _, rows = plain.search(VECTORS[:50], 1)
    np.testing.assert_array_equal(np.sort(HASHES)[rows[:, 0]], HASHES[:50])


def test_a_layout_of_faiss_that_we_do_not_know_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import faiss

    monkeypatch.setattr(faiss, "serialize_index", lambda _: np.zeros(100, dtype=np.uint8))
    with pytest.raises(StorageError, match="in a way unknown here"):
        list_files.write_lists(
            tmp_path / "a.faiss",
            np.arange(2),
            make_vectors(1),
            np.zeros(2, dtype=np.int32),
            1,
            lambda rows: make_vectors(2).astype(np.float16)[rows],
        )
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_the_same_however_few_rows_are_written_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = VECTORS[:500].astype(np.float16)
    lists = np.random.default_rng(3).integers(0, 9, 500).astype(np.int32)
    lists[lists == 4] = 5  # an empty list among them
    checksums = set()
    for rows_at_once in (400_000, 120, 1):
        monkeypatch.setattr(list_files, "_ROWS_AT_ONCE", rows_at_once)
        path = tmp_path / f"{rows_at_once}.faiss"
        checksums.add(
            list_files.write_lists(
                path, np.arange(500), make_vectors(9), lists, 3, lambda rows: codes[rows]
            )
        )
        file = open_segment(path, 500, DIMENSION)
        np.testing.assert_array_equal(file.read_rows(np.arange(500)), codes)
        np.testing.assert_array_equal(list_files.read_lists(file), lists)
        np.testing.assert_array_equal(list_files.read_centres(file), make_vectors(9))
    assert len(checksums) == 1


@pytest.mark.parametrize("n_allowed", [3, 400, 5_000])
def test_a_search_in_lists_among_some_texts_loses_none(
    segments: VectorSegments, n_allowed: int
) -> None:
    chosen = np.sort(np.random.default_rng(5).choice(N_ROWS, n_allowed, replace=False))
    queries = make_crowds(30, seed=6)
    found, similarity = segments.search(queries, 10, among=HASHES[chosen])
    assert found.shape == (30, min(10, n_allowed))
    assert set(found.ravel().tolist()) <= set(HASHES[chosen].tolist())
    exact = -np.sort(-(queries @ VECTORS[chosen].T), axis=1)[:, :10]
    np.testing.assert_allclose(similarity, exact, atol=1e-3)


@pytest.mark.heavy
@pytest.mark.parametrize("has_lists", [True, False])
@pytest.mark.parametrize("n_queries", [2, 40])
def test_a_forgotten_text_is_never_found(catalog: Catalog, n_queries: int, has_lists: bool) -> None:
    segments = VectorSegments(catalog.folder, catalog, model_id="m@1", dimension=DIMENSION)
    segments.add(HASHES[:3_000], VECTORS[:3_000])
    segments.add(HASHES[3_000:], VECTORS[3_000:])
    if has_lists:
        segments.compact_segments(4_000, rows_per_index=1_000)
        assert len(catalog.vectors.list_segments()) == 1
    queries = make_crowds(n_queries, seed=11)
    # all the nearest of the first query, far more than are asked for beyond those wanted
    gone = find_nearest(queries[:1], VECTORS, HASHES, 100)[0]
    forget(catalog, gone.tolist())
    stays = ~np.isin(HASHES, gone)
    found, similarity = segments.search(queries, 10)
    assert not np.isin(found, gone).any()
    wanted = find_nearest(queries, VECTORS[stays], HASHES[stays], 10)
    assert recall(found, wanted) >= 0.98
    assert (np.diff(similarity, axis=1) <= 0).all()
    with pytest.raises(NotFoundError):
        segments.fetch(gone)


def test_asking_for_more_than_there_is_gives_every_live_text(
    catalog: Catalog, segments: VectorSegments
) -> None:
    forget(catalog, HASHES[:5].tolist())
    found, _ = segments.search(VECTORS[:2], N_ROWS)
    assert found.shape == (2, N_ROWS - 5)
    np.testing.assert_array_equal(np.sort(found[0]), np.sort(HASHES[5:]))


def test_forgotten_vectors_leave_a_file_in_lists(
    catalog: Catalog, segments: VectorSegments
) -> None:
    old = path_of(catalog)
    stored = segments.fetch(HASHES[:51]).astype(np.float16)
    forget(catalog, HASHES[:40].tolist())
    # for the sake of so few it is not written again
    assert segments.compact_segments(100, rows_per_index=1_000) == 0
    assert path_of(catalog) == old
    assert segments.rewrite_segments_with_gaps() == 1
    file = open_segment(path_of(catalog), N_ROWS - 40, DIMENSION)
    assert file.n_lists == count_lists(N_ROWS)
    assert not np.isin(file.ids, HASHES[:40]).any()
    content = path_of(catalog).read_bytes()
    assert stored[50].tobytes() in content
    for gone in stored[:40]:
        assert gone.tobytes() not in content
    np.testing.assert_allclose(segments.fetch(HASHES[40:]), VECTORS[40:], atol=5e-4)
    assert (
        recall(
            segments.search(VECTORS[40:340], 10)[0],
            find_nearest(VECTORS[40:340], VECTORS[40:], HASHES[40:], 10),
        )
        >= 0.99
    )


def test_a_segment_that_lost_a_tenth_is_written_anew(
    catalog: Catalog, segments: VectorSegments
) -> None:
    forget(catalog, HASHES[: N_ROWS // 10].tolist())
    assert segments.compact_segments(100, rows_per_index=1_000) == 1
    (segment,) = catalog.vectors.list_segments()
    assert segment.n_rows == N_ROWS - N_ROWS // 10
    forget(catalog, HASHES.tolist())
    assert segments.compact_segments(100, rows_per_index=1_000) == 1
    assert catalog.vectors.list_segments() == []
    assert segments.search(VECTORS[:2], 10)[0].shape == (2, 0)


def test_files_in_lists_merge_with_others(catalog: Catalog) -> None:
    segments = VectorSegments(catalog.folder, catalog, model_id="m@1", dimension=DIMENSION)
    for part in range(0, N_ROWS, 1_500):
        segments.add(HASHES[part : part + 1_500], VECTORS[part : part + 1_500])
        segments.compact_segments(1_600, rows_per_index=3_000)
    assert sorted(one.n_rows for one in catalog.vectors.list_segments()) == [3_000, 3_000]
    assert segments.compact_segments(4_000, rows_per_index=3_000) == 2
    (whole,) = catalog.vectors.list_segments()
    assert whole.n_rows == N_ROWS
    np.testing.assert_allclose(segments.fetch(HASHES), VECTORS, atol=5e-4)
    queries = make_crowds(60, seed=12)
    wanted = find_nearest(queries, VECTORS, HASHES, 10)
    assert recall(segments.search(queries, 10)[0], wanted) >= 0.99


def test_a_reader_keeps_its_files_while_segments_are_merged(catalog: Catalog) -> None:
    segments = VectorSegments(catalog.folder, catalog, model_id="m@1", dimension=DIMENSION)
    segments.add(HASHES[:3_000], VECTORS[:3_000])
    segments.add(HASHES[3_000:], VECTORS[3_000:])
    publish_snapshot(catalog)
    with Catalog.open_published(catalog.folder) as snapshot:
        reader = VectorSegments(catalog.folder, snapshot, model_id="m@1", dimension=DIMENSION)
        before = reader.search(VECTORS[:3], 10)[0]
        assert segments.compact_segments(4_000, rows_per_index=1_000) == 2
        publish_snapshot(catalog)
        late = VectorSegments(catalog.folder, snapshot, model_id="m@1", dimension=DIMENSION)
        for one in (reader, late):
            np.testing.assert_array_equal(one.search(VECTORS[:3], 10)[0], before)


def test_damage_to_a_file_in_lists_is_found_by_runs_and_checks(
    catalog: Catalog, segments: VectorSegments
) -> None:
    (segment,) = catalog.vectors.list_segments()
    path = path_of(catalog)
    assert check_segment_files(catalog.folder, catalog._database) == ([], 1, N_ROWS)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert find_segment_fault(catalog.folder, catalog._database, segment) == "is damaged"
    reader = VectorSegments(catalog.folder, catalog, model_id="m@1", dimension=DIMENSION)
    with pytest.raises(StorageError, match="is damaged: the next run makes it again"):
        reader.search(VECTORS[:1], 10)
    assert reader.drop_damaged() == N_ROWS
    assert catalog.vectors.list_segments() == []


@pytest.mark.parametrize("n_bytes", [0, 3, 5_000, -1])
def test_half_a_file_in_lists_is_no_segment(
    catalog: Catalog, segments: VectorSegments, n_bytes: int
) -> None:
    path = path_of(catalog)
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises(StorageError, match=r"cannot be read|does not hold"):
        open_segment(path, N_ROWS, DIMENSION)


def test_a_file_is_read_whole_once_and_then_known_by_its_stamp(
    catalog: Catalog, segments: VectorSegments, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def note(path: Path) -> str:
        read.append(path.name)
        return checksum_file(path)

    monkeypatch.setattr("wirethread.storage.vectors.segments.checksum_file", note)
    publish_snapshot(catalog)
    with Catalog.open_published(catalog.folder) as snapshot:
        for _ in range(2):
            VectorSegments(catalog.folder, snapshot, model_id="m@1", dimension=DIMENSION).search(
                VECTORS[:1], 10
            )
        assert read == []
        path_of(catalog).touch()  # as after a copy
        VectorSegments(catalog.folder, snapshot, model_id="m@1", dimension=DIMENSION).search(
            VECTORS[:1], 10
        )
        assert read == [path_of(catalog).name]
    fresh = VectorSegments(catalog.folder, catalog, model_id="m@1", dimension=DIMENSION)
    # of an archive too large to be read again by every run
    monkeypatch.setattr("wirethread.storage.vectors.segments._BYTES_IN_TURN", 0)
    assert fresh.drop_damaged() == 0
    assert len(read) == 2
    assert fresh.drop_damaged() == 0
    assert len(read) == 2


def test_centres_are_the_same_each_time_and_rows_go_to_the_nearest() -> None:
    trained, again = (train_centres(VECTORS, 100) for _ in range(2))
    np.testing.assert_array_equal(trained.centres, again.centres)
    assert trained.centres.shape == (100, DIMENSION)
    np.testing.assert_allclose(np.linalg.norm(trained.centres, axis=1), 1, atol=1e-5)
    nearest = (VECTORS @ trained.centres.T).argmax(axis=1)
    assert (assign_rows(VECTORS, trained) == nearest).mean() >= 0.98


def test_equal_vectors_and_few_rows_make_lists_too(catalog: Catalog) -> None:
    segments = VectorSegments(catalog.folder, catalog, model_id="m@1", dimension=DIMENSION)
    same = np.repeat(make_vectors(1), 50, axis=0)
    segments.add(HASHES[:50], same)
    assert segments.compact_segments(10, rows_per_index=20) == 1
    found, similarity = segments.search(same[:1], 50)
    np.testing.assert_array_equal(np.sort(found[0]), np.sort(HASHES[:50]))
    assert similarity.min() == pytest.approx(1, abs=1e-3)


def test_lists_read_are_counted_from_where_the_nearest_lie() -> None:
    likeness = np.array([[0.9, 0.5, 0.1], [0.1, 0.9, 0.5]], dtype=np.float32)
    assert count_probes(likeness, np.array([[0, 0], [1, 1]], dtype=np.int32)) == 1
    assert count_probes(likeness, np.array([[0, 1], [1, 1]], dtype=np.int32)) == 2
    assert count_probes(likeness, np.array([[0, 2], [1, 1]], dtype=np.int32)) == 3


def test_small_segments_merge_each_time_and_large_ones_by_fours() -> None:
    assert plan_merges({"a": 10, "b": 20}, 100) == [["a", "b"]]
    assert plan_merges({"a": 10, "b": 100}, 100) == []
    assert plan_merges({"a": 100, "b": 150, "c": 399}, 100) == []
    assert plan_merges({"a": 100, "b": 150, "c": 399, "d": 100}, 100) == [["a", "b", "c", "d"]]
    # the fourth of its level comes from the small ones, and all is written once
    sizes = {"a": 100, "b": 150, "c": 200, "x": 60, "y": 70, "big": 5_000}
    assert plan_merges(sizes, 100) == [["a", "b", "c", "x", "y"]]


def test_a_vector_is_written_a_few_times_in_the_life_of_an_archive() -> None:
    """Days of 500 texts each: every merge costs what it writes."""
    sizes: dict[str, int] = {}
    n_written = 0
    n_days = 2_000
    for day in range(n_days):
        sizes[f"day-{day}"] = 500
        for number, group in enumerate(plan_merges(sizes, 2_000)):
            merged = sum(sizes.pop(name) for name in group)
            n_written += merged
            sizes[f"merged-{day}-{number}"] = merged
        assert len(sizes) <= 1 + FAN * 6
    assert sum(sizes.values()) == 500 * n_days
    assert n_written / (500 * n_days) < 10
