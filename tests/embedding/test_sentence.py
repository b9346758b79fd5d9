import shutil
import socket
from pathlib import Path

import numpy as np
import pytest

from wirethread.articles.errors import ModelError
from wirethread.embedding.model_files import locate_model
from wirethread.embedding.sentence import SentenceEncoder, load_encoder

pytestmark = pytest.mark.model

PLACES = ["Port Ellery", "Saltmarsh", "Kirk Hollow", "Dunmere", "Vale of Orrin", "Tarn Bridge"]
EVENTS = [
    "the harbour stayed closed after a crane fell on {n} containers",
    "the council voted {n} to 4 against a new road through the common",
    "a fire destroyed {n} houses and killed a man of 71, the police said",
    "the school will hire {n} teachers before the summer, its head said",
    "herring prices rose by {n} percent, which fishermen blame on the storms",
    "a court sentenced a former mayor to {n} years for taking money from a builder",
    "doctors treated {n} people for heat on Sunday, the hottest day since 1976",
    "the team won its {n}th game in a row and leads the county table",
    "{n} ferries were cancelled and passengers slept in the terminal",
    "researchers counted {n} nests of the tern, twice as many as a year ago",
]
PARAGRAPHS = [
    f"In {place}, {event.format(n=n)}. " + "Nobody could say when that would change. " * (n % 7)
    for n, (place, event) in enumerate(
        ((place, event) for place in PLACES for event in EVENTS for _ in range(5)), start=5
    )
]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(
        locate_model("default"), batch_size=64, device="cpu", precision="float32"
    )


def test_meaning_decides(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode(
        [
            "The central bank raised interest rates by a quarter point on Thursday.",
            "Borrowing became dearer after the bank lifted its main rate by 0.25 points.",
            "A fire destroyed two houses on the edge of the village.",
        ]
    )
    similarity = vectors @ vectors.T
    assert similarity[0, 1] > 0.5 > 0.2 > similarity[0, 2]


def test_rows_are_unit_length_in_the_order_asked(encoder: SentenceEncoder) -> None:
    texts = [PARAGRAPHS[3], "Short.", PARAGRAPHS[200], "Short.", ""]
    vectors = encoder.encode(texts)
    assert vectors.shape == (5, encoder.dimension) == (5, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(vectors[1], vectors[3])
    alone = encoder.encode([PARAGRAPHS[200]])
    assert float(alone[0] @ vectors[2]) > 0.9999


@pytest.mark.slow
def test_bfloat16_makes_the_same_vectors(encoder: SentenceEncoder) -> None:
    """One model id may stand for both precisions: cosines agree to a thousandth."""
    fast = load_encoder(precision="bfloat16", device="cpu", engine="torch")
    assert isinstance(fast, SentenceEncoder)
    assert (fast.precision, encoder.precision) == ("bfloat16", "float32")
    assert fast.model_id == encoder.model_id
    assert len(set(PARAGRAPHS)) == 300
    plain, quick = encoder.encode(PARAGRAPHS), fast.encode(PARAGRAPHS)
    assert (plain * quick).sum(axis=1).min() > 0.999
    assert np.abs(plain @ plain.T - plain @ quick.T).max() < 0.01


def test_texts_are_cut_at_256_tokens_and_not_at_128(encoder: SentenceEncoder) -> None:
    assert encoder.max_tokens == 256
    assert encoder.count_tokens("harbour " * 1000) == 256
    start = "harbour " * 200
    near, far = (
        encoder.encode([start + "crane " * 54, start + "herring " * 54]),
        encoder.encode(["harbour " * 254 + "crane " * 50, "harbour " * 254 + "herring " * 50]),
    )
    assert float(near[0] @ near[1]) < 0.999
    assert float(far[0] @ far[1]) > 0.99999


@pytest.mark.thorough
def test_progress_counts_every_text(encoder: SentenceEncoder) -> None:
    finished: list[int] = []
    encoder.encode([*PARAGRAPHS[:70], *PARAGRAPHS[:10]], on_progress=finished.append)
    assert sum(finished) == 80
    assert len(finished) == 2


def test_the_default_makes_no_network_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a network call")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    assert load_encoder("default").encode(["A crane fell."]).shape == (1, 384)


def test_a_folder_is_loaded_by_its_path(tmp_path: Path, encoder: SentenceEncoder) -> None:
    copy = tmp_path / "own-model"
    shutil.copytree(locate_model("default").path, copy)
    own = load_encoder(str(copy), device="cpu", precision="float32")
    assert own.model_id.startswith("own-model@")
    assert own.model_id != encoder.model_id
    np.testing.assert_allclose(
        own.encode(["A crane fell."]), encoder.encode(["A crane fell."]), atol=1e-5
    )


def test_a_folder_that_is_no_sentence_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"the model in .* cannot be loaded"):
        load_encoder(str(tmp_path))


def test_loading_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    load_encoder().encode(["A crane fell."])
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_a_batch_size_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1, not 0"):
        load_encoder(batch_size=0)


def test_a_model_that_needs_torch_says_so_where_it_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from wirethread.embedding.model_files import ModelFolder

    monkeypatch.setitem(sys.modules, "torch", None)
    folder = ModelFolder(path=tmp_path, model_id="x", max_tokens=None)
    with pytest.raises(ModelError, match="needs torch, which is not installed"):
        SentenceEncoder(folder, batch_size=1, device="cpu", precision="float32")
