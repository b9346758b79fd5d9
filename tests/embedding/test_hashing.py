import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirethread.embedding import Encoder, HashingEncoder, load_encoder
from wirethread.embedding.encoder import encode_distinct

TEXTS = ["A crane fell in the harbour.", "Herring prices rose.", "A crane fell in the port."]


def test_vectors_are_the_same_on_every_machine() -> None:
    vector = HashingEncoder(16).encode(["Herring prices rose."])[0]
    again = HashingEncoder(16).encode(["herring  PRICES rose."])[0]
    np.testing.assert_array_equal(vector, again)
    script = (
        "from wirethread.embedding import HashingEncoder\n"
        "print(HashingEncoder(16).encode(['Herring prices rose.'])[0].tobytes().hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).resolve().parents[2],
        env={"PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == vector.tobytes().hex()


def test_shared_words_make_texts_similar() -> None:
    vectors = HashingEncoder().encode(TEXTS)
    similarity = vectors @ vectors.T
    assert similarity[0, 2] > 0.6 > 0.3 > similarity[0, 1]


@given(st.lists(st.text(max_size=30), max_size=8))
def test_every_vector_has_unit_length(texts: list[str]) -> None:
    vectors = HashingEncoder(32).encode(texts)
    assert vectors.shape == (len(texts), 32)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_a_dimension_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 8, not 4"):
        HashingEncoder(4)


def test_it_is_loaded_by_name() -> None:
    encoder: Encoder = load_encoder("hashing")
    assert (encoder.model_id, encoder.dimension) == ("hashing-256", 256)


def test_each_distinct_text_is_encoded_once_and_the_order_kept() -> None:
    seen: list[str] = []
    finished: list[int] = []

    def encode_batch(texts: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        seen.extend(texts)
        return np.array([[len(text)] for text in texts], dtype=np.float32)

    texts = ["ccc", "a", "bb", "a", "ccc", "a"]
    vectors = encode_distinct(texts, 1, encode_batch, batch_size=2, on_progress=finished.append)
    assert vectors[:, 0].tolist() == [3, 1, 2, 1, 3, 1]
    assert seen == ["ccc", "bb", "a"]  # the longest first
    assert finished == [3, 3]
    assert encode_distinct([], 4, encode_batch, batch_size=2).shape == (0, 4)


def test_importing_the_package_does_not_import_torch() -> None:
    script = "import sys, embedding; print('torch' in sys.modules, 'transformers' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "False"]


def test_the_tokens_of_a_plain_encoder_are_words_with_the_vectors_of_words() -> None:
    encoder = HashingEncoder()
    found, nothing = encoder.encode_tokens([TEXTS[1], ""])
    words = ["herring", "prices", "rose"]
    assert [
        TEXTS[1][begin:end].lower()
        for begin, end in zip(found.begins.tolist(), found.ends.tolist(), strict=True)
    ] == words
    np.testing.assert_array_equal(found.vectors, encoder.encode(words))
    assert nothing.vectors.shape == (0, encoder.dimension)
    assert len(nothing.begins) == len(nothing.ends) == 0
