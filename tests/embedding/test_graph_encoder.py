import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from wirethread.articles.errors import ModelError
from wirethread.embedding.bert_graph import UnsupportedModelError, build_graph
from wirethread.embedding.graph_encoder import CHECK_SENTENCES, GraphEncoder, load_graph_encoder
from wirethread.embedding.model_files import ModelFolder, locate_model
from wirethread.embedding.sentence import SentenceEncoder, load_encoder

pytestmark = [pytest.mark.needs("openvino"), pytest.mark.model]

TEXTS = [
    "The ferry to Port Ellery was cancelled on Sunday and passengers slept in the terminal.",
    "Storm.",
    "",
    "A court sentenced a former mayor to six years for taking money from a builder. " * 30,
    "Zürich’s “Böögg” burned in 12:07 minutes – a cold summer, they say.",
    "Storm.",
]


def refuse_reference(_: object) -> NDArray[np.float32]:
    raise AssertionError("the vectors of the default model are shipped")


@pytest.fixture(scope="module")
def encoder() -> GraphEncoder:
    folder = locate_model("default")
    return load_graph_encoder(folder, precision="auto", reference=refuse_reference)


@pytest.fixture(scope="module")
def plain() -> SentenceEncoder:
    return SentenceEncoder(
        locate_model("default"), batch_size=64, device="cpu", precision="float32"
    )


def copy_model(tmp_path: Path) -> Path:
    copy = tmp_path / "own-model"
    shutil.copytree(locate_model("default").path, copy)
    return copy


def rewrite(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.thorough
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_both_engines_make_the_same_vectors(plain: SentenceEncoder, precision: str) -> None:
    """One model id may stand for both: cosines agree to half a thousandth."""
    fast = load_graph_encoder(
        locate_model("default"),
        precision=precision,  # type: ignore[arg-type]
        reference=refuse_reference,
    )
    assert fast.precision == precision
    assert fast.model_id == plain.model_id
    assert fast.dimension == plain.dimension
    texts = [*TEXTS, *CHECK_SENTENCES]
    assert (fast.encode(texts) * plain.encode(texts)).sum(axis=1).min() > 0.9995


def test_the_shipped_check_vectors_are_those_of_torch(plain: SentenceEncoder) -> None:
    stored = json.loads((Path("embedding") / "check_vectors.json").read_text())
    assert stored["model_id"] == plain.model_id
    vectors = np.array(stored["vectors"])
    assert (vectors * plain.encode(CHECK_SENTENCES)).sum(axis=1).min() > 0.99999


def test_both_engines_cut_texts_at_the_same_place(
    encoder: GraphEncoder, plain: SentenceEncoder
) -> None:
    assert encoder.max_tokens == plain.max_tokens == 256
    for text in TEXTS:
        assert encoder.count_tokens(text) == plain.count_tokens(text)


@pytest.mark.thorough
def test_rows_come_in_the_order_asked_and_progress_counts_each(encoder: GraphEncoder) -> None:
    finished: list[int] = []
    many = [f"{n} nests of the tern were counted" + " on the island" * (n % 40) for n in range(300)]
    asked = [*many, *TEXTS, *many[:10]]
    vectors = encoder.encode(asked, on_progress=finished.append)
    assert vectors.shape == (316, 384)
    assert sum(finished) == 316
    np.testing.assert_array_equal(vectors[:10], vectors[306:])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-4)
    for place in (0, 39, 200):
        assert float(encoder.encode([asked[place]])[0] @ vectors[place]) > 0.9999


TOLD = "Herring prices rose by 7.5 percent, which fishermen blame on the storms."


def test_tokens_lie_in_the_text_where_they_were_read(encoder: GraphEncoder) -> None:
    (found,) = encoder.encode_tokens([TOLD])
    read = [
        TOLD[begin:end]
        for begin, end in zip(found.begins.tolist(), found.ends.tolist(), strict=True)
    ]
    assert read[:8] == ["Herring", "prices", "rose", "by", "7", ".", "5", "percent"]
    assert found.vectors.shape == (len(read), encoder.dimension)


def test_the_tokens_of_a_text_do_not_depend_on_the_others(encoder: GraphEncoder) -> None:
    texts = [TOLD, "Fire.", TOLD * 4, "The harbour stayed closed on Sunday."]
    together = encoder.encode_tokens(texts)
    for text, found in zip(texts, together, strict=True):
        (alone,) = encoder.encode_tokens([text])
        np.testing.assert_array_equal(alone.vectors, found.vectors)
        np.testing.assert_array_equal(alone.begins, found.begins)


def test_what_is_beyond_the_last_token_of_a_model_is_not_read(encoder: GraphEncoder) -> None:
    (found,) = encoder.encode_tokens(["tern " * 1_000])
    assert len(found.begins) == encoder.max_tokens - 2
    assert encoder.encode_tokens([""])[0].vectors.shape == (0, encoder.dimension)


def test_both_engines_read_the_same_tokens(plain: SentenceEncoder) -> None:
    folder = locate_model("default")
    fast = load_graph_encoder(folder, precision="float32", reference=refuse_reference)
    for text in (TOLD, "“Nobody could say,” an official in São Tomé told reporters.", ""):
        (by_graph,), (by_torch,) = fast.encode_tokens([text]), plain.encode_tokens([text])
        assert by_graph.begins.tolist() == by_torch.begins.tolist()
        assert by_graph.ends.tolist() == by_torch.ends.tolist()
        np.testing.assert_allclose(by_graph.vectors, by_torch.vectors, atol=2e-3)


def test_the_mean_of_a_texts_tokens_points_where_its_vector_does(encoder: GraphEncoder) -> None:
    (found,), (vector,) = encoder.encode_tokens([TOLD]), encoder.encode([TOLD])
    mean = found.vectors.mean(axis=0)
    assert float(mean @ vector) / float(np.linalg.norm(mean)) > 0.9


def test_no_text_gives_no_row(encoder: GraphEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_the_default_model_needs_neither_torch_nor_the_network() -> None:
    """OpenVINO's own telemetry calls a web service at import: it must not be loaded."""
    program = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('a network call')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from wirethread.embedding.sentence import load_encoder\n"
        "encoder = load_encoder(device='cpu', engine='openvino')\n"
        "encoder.encode(['A crane fell.'])\n"
        "print(sorted({'torch', 'sentence_transformers', 'openvino_telemetry'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


def test_weights_that_give_other_vectors_are_refused(
    tmp_path: Path, plain: SentenceEncoder
) -> None:
    copy = copy_model(tmp_path)
    rewrite(copy / "config.json", layer_norm_eps=0.5)
    folder = ModelFolder(path=copy, model_id="own-model@1", max_tokens=256)
    with pytest.raises(UnsupportedModelError, match=r"differ from those of torch: cosine -?0\.\d"):
        load_graph_encoder(folder, precision="auto", reference=plain.encode)


def test_another_bert_model_is_checked_against_torch(tmp_path: Path) -> None:
    own = load_encoder(str(copy_model(tmp_path)), device="cpu")
    assert isinstance(own, GraphEncoder)
    assert own.precision in ("float32", "bfloat16")
    assert own.model_id.startswith("own-model@")


@pytest.mark.parametrize(
    ("file", "changes", "words"),
    [
        ("config.json", {"model_type": "mpnet"}, "its model_type is 'mpnet'"),
        ("config.json", {"hidden_act": "relu"}, "its hidden_act is 'relu'"),
        ("config.json", {"num_hidden_layers": 7}, "there are no weights 'encoder.layer.6"),
        (
            "1_Pooling/config.json",
            {"pooling_mode_mean_tokens": False, "pooling_mode_max_tokens": True},
            "it pools by max_tokens",
        ),
    ],
)
def test_what_the_graph_cannot_express_is_named(
    tmp_path: Path, file: str, changes: dict[str, object], words: str
) -> None:
    copy = copy_model(tmp_path)
    rewrite(copy / file, **changes)
    with pytest.raises(UnsupportedModelError, match=words):
        build_graph(copy)


def test_a_model_that_changes_its_texts_is_left_to_torch(tmp_path: Path) -> None:
    copy = copy_model(tmp_path)
    rewrite(copy / "sentence_bert_config.json", do_lower_case=True)
    with pytest.raises(ModelError, match="it changes texts before it reads them"):
        load_encoder(str(copy), device="cpu", engine="openvino")
    assert isinstance(load_encoder(str(copy), device="cpu"), SentenceEncoder)


def test_the_engine_can_be_chosen(encoder: GraphEncoder) -> None:
    assert encoder.engine.startswith("OpenVINO on the CPU, ")
    by_torch = load_encoder(device="cpu", engine="torch", precision="float32")
    assert isinstance(by_torch, SentenceEncoder)
    assert by_torch.engine == "torch on the CPU, float32"
    with pytest.raises(ModelError, match="computes on the CPU, not on device cuda"):
        load_encoder(device="cuda", engine="openvino")


def test_a_machine_with_cuda_encodes_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one here, the choice is what can be tested: the device that torch is asked for."""
    asked: list[str] = []

    class Recorder:
        def __init__(self, *_: object, device: str, **__: object) -> None:
            asked.append(device)

    monkeypatch.setattr("wirethread.embedding.sentence._has_cuda", lambda: True)
    monkeypatch.setattr("wirethread.embedding.sentence.SentenceEncoder", Recorder)
    load_encoder()
    assert asked == ["auto"]


def test_without_openvino_torch_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert isinstance(load_encoder(device="cpu"), SentenceEncoder)
    with pytest.raises(ModelError, match="OpenVINO is not installed"):
        load_encoder(device="cpu", engine="openvino")
