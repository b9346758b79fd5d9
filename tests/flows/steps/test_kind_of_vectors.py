"""An archive keeps the kind of vectors that it has, whatever machine it comes to."""

from pathlib import Path

import pytest

from tests.storage.making import make_hashes, make_vectors
from wirethread.articles.errors import ModelError
from wirethread.embedding import sentence
from wirethread.embedding.int8_layers import name_int8_model
from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder
from wirethread.embedding.sentence import load_encoder
from wirethread.storage.catalog import Catalog
from wirethread.storage.vectors.segments import VectorSegments

pytestmark = pytest.mark.needs("openvino")

PLAIN = "all-MiniLM-L6-v2@53aa5117"
INT8 = name_int8_model(PLAIN) or ""


@pytest.fixture(autouse=True)
def fast_at_int8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentence, "has_int8_instructions", lambda: True)
    monkeypatch.setattr(sentence, "_has_cuda", lambda: False)


def store_vectors(catalog: Catalog, model_id: str, seed: int) -> None:
    vectors = VectorSegments(catalog.folder, catalog, model_id=model_id, dimension=384)
    vectors.add(make_hashes(3, seed), make_vectors(3, 384, seed))


def name_model(catalog: Catalog, **settings: str) -> str:
    return (
        LazyEncoder(EmbeddingSettings(**settings))
        .keep_to(catalog.vectors.list_model_ids())
        .model_id
    )  # type: ignore[arg-type]


def test_a_new_archive_gets_the_fastest_vectors_and_an_old_one_keeps_its_own(
    tmp_path: Path,
) -> None:
    with Catalog.open(tmp_path) as catalog:
        assert name_model(catalog) == INT8
        store_vectors(catalog, PLAIN, 1)
        assert name_model(catalog) == PLAIN
        assert name_model(catalog, precision="int8") == INT8
        store_vectors(catalog, INT8, 2)
        assert name_model(catalog) == INT8
        assert name_model(catalog, precision="float32") == PLAIN


def test_an_int8_archive_stays_one_on_a_machine_with_cuda(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentence, "_has_cuda", lambda: True)
    with Catalog.open(tmp_path) as catalog:
        assert name_model(catalog) == PLAIN
        store_vectors(catalog, INT8, 1)
        assert name_model(catalog) == INT8
        assert name_model(catalog, device="cuda") == PLAIN


@pytest.mark.model
def test_a_model_that_is_loaded_ahead_gives_way_to_the_kind_that_the_archive_has(
    tmp_path: Path,
) -> None:
    text = "The harbour stayed closed on Sunday."
    with Catalog.open(tmp_path) as catalog:
        encoder = LazyEncoder(EmbeddingSettings()).begin_loading()
        ahead = encoder.encode([text])
        assert (
            encoder.keep_to(catalog.vectors.list_model_ids()).model_id
            == INT8
            == encoder.load().model_id
        )
        meant = load_encoder(precision="int8").encode([text])
        assert float(ahead[0] @ meant[0]) > 0.9995
        store_vectors(catalog, PLAIN, 1)
        encoder = (
            LazyEncoder(EmbeddingSettings())
            .begin_loading()
            .keep_to(catalog.vectors.list_model_ids())
        )
        assert encoder.load().model_id == PLAIN


def test_what_is_wrong_with_a_model_loaded_ahead_is_told_when_it_is_asked() -> None:
    encoder = LazyEncoder(EmbeddingSettings(model="./nowhere")).begin_loading()
    with pytest.raises(ModelError, match="there is no model folder"):
        encoder.encode(["The harbour stayed closed."])
