from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.storage.digesting import digest_content
from tests.storage.making import RUN, make_article, make_hashes, make_vectors
from wirethread.articles.errors import ModelError, NotFoundError, StorageError
from wirethread.storage.catalog import Catalog
from wirethread.storage.tables import segments as segment_tables
from wirethread.storage.vectors.segments import VectorSegments

DIMENSION = 32


@pytest.fixture
def segments(catalog: Catalog) -> VectorSegments:
    return VectorSegments(catalog.folder, catalog, model_id="m@1", dimension=DIMENSION)


def list_files(catalog: Catalog) -> list[str]:
    return sorted(path.name for path in (catalog.folder / "vectors").iterdir())


def find_nearest(
    queries: NDArray[np.float32], vectors: NDArray[np.float32], hashes: NDArray[np.int64], k: int
) -> NDArray[np.int64]:
    """The exact twin of `search`, in full precision."""
    order = np.argsort(-(queries @ vectors.T), axis=1, kind="stable")[:, :k]
    nearest: NDArray[np.int64] = hashes[order]
    return nearest


def recall(found: NDArray[np.int64], wanted: NDArray[np.int64]) -> float:
    return float((found[:, :, None] == wanted[:, None, :]).any(axis=1).mean())


def test_vectors_come_back_in_the_order_asked(segments: VectorSegments) -> None:
    hashes, vectors = make_hashes(300), make_vectors(300)
    for begin in range(0, 300, 100):
        segments.add(hashes[begin : begin + 100], vectors[begin : begin + 100])
    order = np.random.default_rng(1).integers(0, 300, 500)
    fetched = segments.fetch(hashes[order])
    assert fetched.dtype == np.float32
    np.testing.assert_allclose(fetched, vectors[order], atol=5e-4)
    assert (fetched * vectors[order]).sum(axis=1).min() > 0.999


def test_half_precision_finds_what_full_precision_finds(segments: VectorSegments) -> None:
    hashes, vectors = make_hashes(4000), make_vectors(4000)
    segments.add(hashes[:1500], vectors[:1500])
    segments.add(hashes[1500:], vectors[1500:])
    queries = make_vectors(200, seed=9)
    wanted = find_nearest(queries, vectors, hashes, 10)
    many, similarity = segments.search(queries, 10)
    assert recall(many, wanted) >= 0.999
    few, few_similarity = segments.search(queries[:5], 10)
    assert recall(few, wanted[:5]) >= 0.98  # 50 places, so a single tie is .02
    np.testing.assert_allclose(few_similarity, similarity[:5], atol=1e-5)
    assert (np.diff(similarity, axis=1) <= 0).all()


@pytest.mark.parametrize("n_queries", [1, 40])
def test_search_among_some_texts_finds_only_those(segments: VectorSegments, n_queries: int) -> None:
    hashes, vectors = make_hashes(600), make_vectors(600)
    segments.add(hashes[:250], vectors[:250])
    segments.add(hashes[250:], vectors[250:])
    allowed = hashes[::7]
    found, _ = segments.search(vectors[:n_queries], 5, among=allowed)
    wanted = find_nearest(vectors[:n_queries], vectors[::7], allowed, 5)
    assert recall(found, wanted) >= 0.99
    assert set(found.ravel().tolist()) <= set(allowed.tolist())
    nothing, _ = segments.search(vectors[:n_queries], 5, among=np.array([1], dtype=np.int64))
    assert nothing.shape == (n_queries, 0)


def test_search_returns_fewer_columns_and_never_a_placeholder(segments: VectorSegments) -> None:
    found, similarity = segments.search(make_vectors(2), 10)
    assert found.shape == similarity.shape == (2, 0)
    hashes = make_hashes(3)
    segments.add(hashes, make_vectors(3))
    found, _ = segments.search(make_vectors(2), 10)
    assert sorted(found[0].tolist()) == sorted(hashes.tolist())


def test_similarity_is_never_above_one(segments: VectorSegments) -> None:
    vectors = make_vectors(500)
    segments.add(make_hashes(500), vectors)
    for queries in (vectors[:3], vectors):
        assert segments.search(queries, 1)[1].max() <= 1.0


def test_a_text_without_vector_is_not_found(segments: VectorSegments) -> None:
    hashes = make_hashes(3)
    segments.add(hashes[:2], make_vectors(2))
    with pytest.raises(NotFoundError, match="1 of 3 texts have no vector of m@1"):
        segments.fetch(hashes)
    assert segments.fetch(hashes[:0]).shape == (0, DIMENSION)


def test_of_texts_without_vector_the_others_are_fetched_in_the_order_asked(
    segments: VectorSegments,
) -> None:
    hashes, vectors = make_hashes(7), make_vectors(7)
    segments.add(hashes[:3], vectors[:3])
    segments.add(hashes[4:6], vectors[4:6])
    asked = [6, 5, 3, 0, 4, 2]
    places, found = segments.fetch_known(hashes[asked])
    assert places.tolist() == [1, 3, 4, 5]
    np.testing.assert_allclose(found, vectors[[5, 0, 4, 2]], atol=1e-3)
    places, found = segments.fetch_known(hashes[3:4])
    assert (places.tolist(), found.shape) == ([], (0, DIMENSION))


def test_two_models_are_never_mixed(catalog: Catalog, segments: VectorSegments) -> None:
    other = VectorSegments(catalog.folder, catalog, model_id="other@2", dimension=DIMENSION)
    hashes, vectors = make_hashes(10), make_vectors(10)
    segments.add(hashes, vectors)
    other.add(hashes[:4], -vectors[:4])
    np.testing.assert_allclose(other.fetch(hashes[:4]), -segments.fetch(hashes[:4]))
    found, similarity = other.search(vectors[:1], 10)
    assert found.shape == (1, 4)
    assert similarity.min() == pytest.approx(-1, abs=1e-3)
    with pytest.raises(NotFoundError):
        other.fetch(hashes)


def test_one_model_cannot_change_its_dimension(catalog: Catalog, segments: VectorSegments) -> None:
    segments.add(make_hashes(3), make_vectors(3))
    wider = VectorSegments(catalog.folder, catalog, model_id="m@1", dimension=64)
    with pytest.raises(ModelError, match="dimension 64 and stored vectors of dimension 32"):
        wider.search(make_vectors(1, 64), 1)


def test_vectors_that_are_not_finite_are_refused(segments: VectorSegments) -> None:
    vectors = make_vectors(3)
    vectors[1, 2] = np.nan
    with pytest.raises(ModelError, match="not finite"):
        segments.add(make_hashes(3), vectors)
    with pytest.raises(ModelError, match="not finite"):
        segments.search(vectors, 1)


def test_vectors_that_are_not_unit_length_are_refused(segments: VectorSegments) -> None:
    with pytest.raises(ModelError, match="length"):
        segments.add(make_hashes(3), 2 * make_vectors(3))


def test_wrong_shapes_are_refused_with_both_numbers(segments: VectorSegments) -> None:
    with pytest.raises(ValueError, match=r"3 texts of dimension 32 .* \(2, 32\)"):
        segments.add(make_hashes(3), make_vectors(2))
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        segments.search(make_vectors(1), 0)


def test_adding_the_same_texts_twice_changes_nothing(
    catalog: Catalog, segments: VectorSegments
) -> None:
    hashes, vectors = make_hashes(5), make_vectors(5)
    segments.add(hashes, vectors)
    version = catalog.change_number
    segments.add(hashes[::-1], vectors[::-1])
    assert catalog.change_number == version
    assert len(list_files(catalog)) == 1


def test_a_text_keeps_its_first_vector(segments: VectorSegments) -> None:
    hashes, vectors = make_hashes(6), make_vectors(6)
    segments.add(hashes[:4], vectors[:4])
    segments.add(hashes[2:], make_vectors(4, seed=5))
    np.testing.assert_allclose(segments.fetch(hashes[2:4]), vectors[2:4], atol=5e-4)
    found, _ = segments.search(vectors[:1], 20)
    assert sorted(found[0].tolist()) == sorted(hashes.tolist())


def test_embedded_texts_are_no_longer_pending(catalog: Catalog, segments: VectorSegments) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1")])
    batch = catalog.vectors.select_texts_to_embed("m@1", 2)
    segments.add(batch.hashes, make_vectors(len(batch)))
    rest = catalog.vectors.select_texts_to_embed("m@1", 10)
    assert len(rest) == 1
    assert set(rest.hashes.tolist()).isdisjoint(batch.hashes.tolist())
    assert catalog.vectors.count_texts_to_embed("other@2") == 3


def test_texts_are_gathered_once_however_often_a_step_lets_go_of_what_it_read(
    catalog: Catalog, segments: VectorSegments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each gathering looks for the texts among all old vectors."""
    gathered = []
    plain = segment_tables.prepare_texts_to_embed

    def count(*asked: Any) -> int:
        gathered.append(asked)
        return plain(*asked)

    monkeypatch.setattr(segment_tables, "prepare_texts_to_embed", count)
    catalog.articles.add_articles(RUN, [make_article("a1")])
    assert catalog.vectors.count_texts_to_embed("m@1") == 3
    for size in (2, 1):
        catalog.forget_lookups()
        batch = catalog.vectors.select_texts_to_embed("m@1", 2)
        assert len(batch) == size
        segments.add(batch.hashes, make_vectors(size))
    assert len(gathered) == 1
    catalog.forget_lookups()
    catalog.articles.add_articles(
        RUN, [make_article("b2", ["Port Ellery has a new harbour master now."])]
    )
    assert catalog.vectors.count_texts_to_embed("m@1") == 2
    assert len(gathered) == 2


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(
    ("harm", "words"), [(damage, "is damaged"), (cut, "is damaged"), (Path.unlink, "is missing")]
)
def test_a_lost_segment_is_reported_and_embedded_again(
    catalog: Catalog, segments: VectorSegments, harm: Callable[[Path], None], words: str
) -> None:
    catalog.articles.add_articles(RUN, [make_article("a1")])
    whole = catalog.vectors.select_texts_to_embed("m@1", 10)
    segments.add(whole.hashes, make_vectors(len(whole)))
    assert segments.check() == []
    harm(catalog.folder / "vectors" / list_files(catalog)[0])
    reopened = VectorSegments(catalog.folder, catalog, model_id="m@1", dimension=DIMENSION)
    with pytest.raises(StorageError, match=f"{words}: the next run makes it again"):
        reopened.fetch(whole.hashes)
    assert [problem.reason for problem in reopened.check()] == [words]
    assert reopened.drop_damaged() == len(whole)
    assert reopened.check() == []
    assert catalog.vectors.select_texts_to_embed("m@1", 10).hashes.tolist() == whole.hashes.tolist()
    reopened.remove_orphans()
    assert list_files(catalog) == []
    reopened.add(whole.hashes, make_vectors(len(whole)))
    assert reopened.fetch(whole.hashes).shape == (len(whole), DIMENSION)


def test_files_without_a_row_are_orphans(catalog: Catalog, segments: VectorSegments) -> None:
    segments.add(make_hashes(3), make_vectors(3))
    kept = list_files(catalog)
    for name in ("0123456789abcdef.faiss", "0123456789abcdef.faiss.tmp"):
        (catalog.folder / "vectors" / name).write_bytes(b"half a file")
    assert segments.remove_orphans() == ["0123456789abcdef.faiss", "0123456789abcdef.faiss.tmp"]
    assert list_files(catalog) == kept


def test_compaction_merges_small_segments_and_loses_nothing(
    catalog: Catalog, segments: VectorSegments
) -> None:
    hashes, vectors = make_hashes(100), make_vectors(100)
    for begin in range(0, 50, 10):
        segments.add(hashes[begin : begin + 10], vectors[begin : begin + 10])
    segments.add(hashes[50:], vectors[50:])
    before, digest = segments.fetch(hashes), digest_content(catalog)
    assert segments.compact_segments(min_rows=20) == 5
    assert sorted(one.n_rows for one in catalog.vectors.list_segments("m@1")) == [50, 50]
    np.testing.assert_array_equal(segments.fetch(hashes), before)
    assert digest_content(catalog) == digest
    assert segments.compact_segments(min_rows=20) == 0
    assert segments.remove_orphans() == []  # the old files wait for readers of older snapshots


def test_compaction_of_one_small_segment_does_nothing(
    catalog: Catalog, segments: VectorSegments
) -> None:
    segments.add(make_hashes(5), make_vectors(5))
    assert segments.compact_segments(min_rows=20) == 0


def test_compaction_drops_rows_that_lost_their_text(
    catalog: Catalog, segments: VectorSegments
) -> None:
    hashes, vectors = make_hashes(6), make_vectors(6)
    segments.add(hashes[:4], vectors[:4])
    segments.add(hashes[2:], vectors[2:])  # two of its four rows stand elsewhere already
    segments.compact_segments(min_rows=1)
    assert sorted(one.n_rows for one in catalog.vectors.list_segments("m@1")) == [2, 4]
    np.testing.assert_allclose(segments.fetch(hashes), vectors, atol=5e-4)
