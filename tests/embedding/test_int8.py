import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from wirethread.articles.errors import ModelError
from wirethread.embedding import processor, sentence
from wirethread.embedding.bert_graph import UnsupportedModelError, build_graph
from wirethread.embedding.graph_encoder import CHECK_SENTENCES, GraphEncoder, load_graph_encoder
from wirethread.embedding.int8_layers import (
    copy_outputs,
    count_copies,
    fit_steps,
    lay_out_in_int8,
    name_copies,
    name_int8_model,
    read_ranges,
    round_rows,
    share_inputs,
)
from wirethread.embedding.model_files import locate_model
from wirethread.embedding.processor import has_int8_instructions
from wirethread.embedding.sentence import load_encoder, name_encoder

pytestmark = pytest.mark.needs("openvino")

PLAIN = "all-MiniLM-L6-v2@53aa5117"
TEXTS = [
    f"On day {n} the ferry to Port Ellery carried {n * 7} people" + " and their luggage" * (n % 30)
    for n in range(90)
]


def refuse_reference(_: object) -> NDArray[np.float32]:
    raise AssertionError("the vectors of the default model are shipped")


@pytest.fixture(scope="module")
def small() -> GraphEncoder:
    folder = locate_model("default")
    return load_graph_encoder(folder, precision="int8", reference=refuse_reference)


@pytest.fixture(scope="module")
def plain() -> GraphEncoder:
    folder = locate_model("default")
    return load_graph_encoder(folder, precision="float32", reference=refuse_reference)


@pytest.fixture
def with_int8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentence, "has_int8_instructions", lambda: True)
    monkeypatch.setattr(sentence, "_has_cuda", lambda: False)


@pytest.mark.model
def test_int8_vectors_lie_near_the_plain_ones_under_an_id_of_their_own(
    small: GraphEncoder, plain: GraphEncoder
) -> None:
    texts = [*TEXTS, *CHECK_SENTENCES]
    cosines = (small.encode(texts) * plain.encode(texts)).sum(axis=1)
    assert cosines.min() > 0.99
    # without instructions for it sums of two products are cut off at 16 bits
    assert cosines.mean() > (0.998 if has_int8_instructions() else 0.997)
    assert small.precision == "int8"
    assert small.engine == "OpenVINO on the CPU, int8"
    assert small.model_id == name_int8_model(PLAIN) == name_encoder(precision="int8")
    assert small.model_id.startswith(f"{PLAIN}+int8.")


@pytest.mark.model
def test_an_int8_vector_does_not_depend_on_its_batch_mates(small: GraphEncoder) -> None:
    """Ranges found in each batch, the usual way, moved vectors to a cosine of .95.

    What stays is a number that lies halfway between two steps and falls to the other side.
    """
    together = small.encode(TEXTS)
    alone = np.concatenate([small.encode([text]) for text in TEXTS])
    cosines = (alone * together).sum(axis=1)
    for place in (0, 29, 60, 89):
        assert cosines[place] > 0.9999
    assert cosines.min() > 0.9995
    assert (cosines > 0.99999).sum() > 80


@pytest.mark.model
def test_int8_ranks_pairs_as_the_plain_model_does(small: GraphEncoder, plain: GraphEncoder) -> None:
    one, other = small.encode(CHECK_SENTENCES), plain.encode(CHECK_SENTENCES)
    np.testing.assert_allclose(one @ one.T, other @ other.T, atol=0.01)


@pytest.mark.model
def test_ranges_that_do_not_fit_the_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = {
        place: ends if place == name_copies(place) else ends / 4
        for place, ends in read_ranges().items()
    }
    monkeypatch.setattr("wirethread.embedding.graph_encoder.read_ranges", lambda: narrow)
    with pytest.raises(UnsupportedModelError, match="differ from those of torch"):
        load_graph_encoder(locate_model("default"), precision="int8", reference=refuse_reference)


@pytest.mark.model
def test_a_layer_without_a_range_is_named() -> None:
    ranges = read_ranges()
    del ranges["3.widen"]
    with pytest.raises(UnsupportedModelError, match=r"no ranges for its layer 3\.widen"):
        build_graph(locate_model("default").path, lay_out_in_int8(ranges))


def test_every_channel_fits_into_its_steps() -> None:
    draw = np.random.default_rng(5)
    low = -draw.random(8) * 4
    ends = np.stack([low, low + 0.1 + draw.random(8) * 20])
    weights = [draw.normal(size=(3, 8)), draw.normal(size=(5, 8))]
    for is_floored in (False, True):
        scale, begin, span = fit_steps(ends, weights, is_floored=is_floored)
        assert (begin <= ends[0] + 1e-9).all()
        assert (begin + span * scale >= ends[1] - 1e-9).all()
        assert np.isclose(begin, ends[0]).any()


def test_rounded_rows_are_off_by_half_a_step_at_most() -> None:
    weight = np.random.default_rng(6).normal(size=(4, 50))
    weight[2] = 0
    whole, step = round_rows(weight)
    assert set(np.abs(whole).max(axis=1)) == {0, 127}
    assert (np.abs(whole * step - weight) <= step / 2 + 1e-12).all()


def test_copies_of_channels_share_the_weight_and_change_nothing() -> None:
    draw = np.random.default_rng(7)
    wide, narrow = draw.normal(size=(6, 4)), draw.normal(size=(3, 6))
    narrow[1, 2] = 90
    ends = np.stack([np.full(6, -0.17), 1 + draw.random(6)])
    copies = count_copies(ends, narrow, 5)
    assert copies.tolist() == [1, 1, 6, 1, 1, 1]
    more, bias = copy_outputs((wide, np.arange(6.0)), copies)
    shared, _ = share_inputs((narrow, np.zeros(3)), copies)
    assert np.abs(shared).max() == 15
    assert bias.tolist() == [0, 1, 2, 2, 2, 2, 2, 2, 3, 4, 5]
    x = draw.normal(size=4)
    np.testing.assert_allclose(
        shared @ np.maximum(more @ x + bias, 0), narrow @ np.maximum(wide @ x + np.arange(6), 0)
    )


@pytest.mark.usefixtures("with_int8")
def test_an_archive_keeps_the_kind_of_vectors_that_it_has() -> None:
    own = name_int8_model(PLAIN)
    assert own is not None
    assert name_encoder() == own
    assert name_encoder(stored=[PLAIN]) == PLAIN
    assert name_encoder(stored=[PLAIN, own]) == own
    assert name_encoder(stored=[own, "other@1"]) == own
    assert name_encoder(stored=["other@1"]) == own
    assert name_encoder(stored=[own], precision="float32") == PLAIN
    assert name_encoder(stored=[PLAIN], precision="int8") == own


def test_an_int8_archive_stays_one_where_the_processor_is_slow_at_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = name_int8_model(PLAIN)
    assert own is not None
    monkeypatch.setattr(sentence, "has_int8_instructions", lambda: False)
    assert name_encoder() == PLAIN
    assert name_encoder(stored=[own]) == own


@pytest.mark.usefixtures("with_int8")
def test_torch_and_cuda_leave_int8_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert name_encoder(engine="torch") == name_encoder(device="cuda") == PLAIN
    monkeypatch.setattr(sentence, "_has_cuda", lambda: True)
    assert name_encoder() == PLAIN
    with pytest.raises(ModelError, match="cannot be computed in int8"):
        load_encoder(engine="torch", precision="int8")
    with pytest.raises(ModelError, match="cannot be computed in int8"):
        name_encoder(device="cuda", precision="int8")


@pytest.mark.usefixtures("with_int8")
def test_without_openvino_the_plain_vectors_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert name_encoder() == PLAIN


@pytest.mark.model
@pytest.mark.parametrize("precision", ["auto", "float32", "int8"])
def test_the_id_is_told_before_the_model_is_loaded(precision: str) -> None:
    """A run that finds nothing new names its vectors without waiting for the weights."""
    options = {"device": "cpu", "precision": precision}
    assert load_encoder(**options).model_id == name_encoder(**options)  # type: ignore[arg-type]


def test_bfloat16_is_chosen_for_amx_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processors with AVX-512 BF16 but no AMX took half again as long as in float32."""
    for flags, wanted in (({"amx_bf16"}, "bfloat16"), ({"avx512_bf16"}, "float32")):
        monkeypatch.setattr(
            "wirethread.embedding.graph_encoder.list_features", lambda f=flags: frozenset(f)
        )
        found = load_graph_encoder(
            locate_model("default"), precision="auto", reference=refuse_reference
        )
        assert found.precision == wanted


def test_the_processor_is_asked_for_its_features(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("proc") / "cpuinfo"
    answers = []
    for text in (
        "flags\t\t: fpu avx512_vnni\n",
        "flags\t\t: fpu avx2\n",
        "Features : neon\n",
        None,
    ):
        file.unlink(missing_ok=True)
        if text is not None:
            file.write_text(text)
        monkeypatch.setattr(processor, "_CPU_FILE", file)
        processor.list_features.cache_clear()
        answers.append(processor.has_int8_instructions())
    processor.list_features.cache_clear()
    assert answers == [True, False, False, False]
