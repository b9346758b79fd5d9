"""Sentence encoders run by OpenVINO: the vectors of torch in a fraction of its time.

Nothing of torch or sentence-transformers is imported. A model is only taken if check sentences get
the vectors that torch in full precision gives them, so both engines share one `model_id`. In int8
they are near those, not the same, and have their own.
"""

import importlib
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.errors import ModelError
from wirethread.embedding.bert_graph import (
    Multiply,
    UnsupportedModelError,
    build_graph,
    multiply_plainly,
)
from wirethread.embedding.encoder import TokenVectors
from wirethread.embedding.int8_layers import lay_out_in_int8, name_int8_model, read_ranges
from wirethread.embedding.model_files import ModelFolder
from wirethread.embedding.processor import list_features

__all__ = [
    "CHECK_SENTENCES",
    "GraphEncoder",
    "Precision",
    "import_openvino",
    "load_graph_encoder",
    "load_tokenizer",
]

MIN_COSINE = 0.9995
"""The check sentences may differ from torch in float32 by no more."""
MIN_COSINE_INT8 = 0.995
"""In int8 they may differ by this much: those vectors have a `model_id` of their own."""
CHECK_SENTENCES = (
    "Fire.",
    "The harbour stayed closed on Sunday after a crane fell on 12 containers.",
    "The council voted 14 to 4 against a new road through the common, and the mayor, who had asked"
    " for it twice, said that she would not bring it back before the election in May.",
    "Herring prices rose by 7.5 percent, which fishermen blame on the storms. " * 3
    + "“Nobody could say when that would change,” an official in São Tomé told reporters.",
    "researchers counted 1,024 nests of the tern " * 20,
)
_REFERENCE_FILE = Path(__file__).with_name("check_vectors.json")
_TOKENS_PER_BATCH = 1024
_TEXTS_PER_BATCH = 64
_TEXTS_PER_ROUND = 1024
"""Texts tokenised at once, while the engine computes those before them."""

Precision = Literal["auto", "float32", "bfloat16", "int8"]
PlainEncoding = Callable[[Sequence[str]], NDArray[np.float32]]


def load_graph_encoder(
    folder: ModelFolder, *, precision: Precision, reference: PlainEncoding
) -> "GraphEncoder":
    """Load a model of `folder` for OpenVINO. `reference` gives float32[n, d] of n texts by torch.

    `precision` "auto" is bfloat16 where that is fast, else float32. `reference` is asked only for
    models whose check vectors are not shipped. Raises `UnsupportedModelError` with the reason
    where OpenVINO is missing, cannot run the model, or gives other vectors.
    """
    openvino = import_openvino()
    tokenizer = load_tokenizer(folder)
    if precision == "auto":
        precision = "bfloat16" if "amx_bf16" in list_features() else "float32"
    model_id = folder.model_id
    multiply: Multiply = multiply_plainly
    if precision == "int8":
        named = name_int8_model(folder.model_id)
        if named is None:
            raise UnsupportedModelError("its ranges for int8 are not shipped")
        model_id, multiply = named, lay_out_in_int8(read_ranges())
    core = openvino.Core()
    try:
        graph = build_graph(folder.path, multiply)
        compiled = core.compile_model(graph, "CPU", _list_options(precision))
    except RuntimeError as error:
        raise UnsupportedModelError(f"OpenVINO refuses it: {_first_line(error)}") from None
    encoder = GraphEncoder(model_id, compiled, tokenizer, precision=precision)
    wanted = _read_reference(folder.model_id)
    if wanted is None:
        wanted = reference(CHECK_SENTENCES)
    found = encoder.encode(CHECK_SENTENCES)
    cosine = float((found * wanted).sum(axis=1).min()) if found.shape == wanted.shape else 0.0
    if not cosine >= (MIN_COSINE_INT8 if precision == "int8" else MIN_COSINE):
        raise UnsupportedModelError(f"its vectors differ from those of torch: cosine {cosine:.4f}")
    return encoder


class GraphEncoder:
    """A compiled model with its tokenizer."""

    def __init__(self, model_id: str, compiled: Any, tokenizer: Any, *, precision: str) -> None:
        self._model_id = model_id
        self._compiled = compiled
        self._n_streams = int(compiled.get_property("NUM_STREAMS"))
        self._tokenizer = tokenizer
        self._precision = precision
        self._dimension = int(compiled.output(0).partial_shape[1].get_length())

    @property
    def model_id(self) -> str:
        """Name and the first eight digits of the checksum of the weights."""
        return self._model_id

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._dimension

    @property
    def precision(self) -> str:
        """`float32`, `bfloat16` or `int8`: what the dense layers compute in."""
        return self._precision

    @property
    def engine(self) -> str:
        """What computes, and where, in words."""
        return f"OpenVINO on the CPU, {self._precision}"

    @property
    def max_tokens(self) -> int:
        """Tokens read of a text; what follows is cut."""
        return int(self._tokenizer.truncation["max_length"])

    def count_tokens(self, text: str) -> int:
        """Return how many tokens the model reads of `text`, with its marks at both ends."""
        return len(self._tokenizer.encode(text).ids)

    def encode(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return float32[n, dimension] of unit length, each distinct text computed once."""
        distinct = sorted(set(texts), key=lambda text: (-len(text), text))
        rows = {text: row for row, text in enumerate(distinct)}
        asked = np.array([rows[text] for text in texts], dtype=np.int64)
        copies = np.bincount(asked, minlength=len(distinct))
        vectors = np.empty((len(distinct), self._dimension), dtype=np.float32)
        waiting: deque[tuple[Any, NDArray[np.int64]]] = deque()

        def finish_oldest() -> Any:
            request, batch = waiting.popleft()
            request.wait()
            vectors[batch] = request.get_output_tensor(0).data
            if on_progress is not None:
                on_progress(int(copies[batch].sum()))
            return request

        # no callbacks: those run Python in the engine's threads, and have been seen to lock up
        for batch, ids, mask in self._fill_batches(distinct):
            is_full = len(waiting) == 2 * self._n_streams
            request = finish_oldest() if is_full else self._compiled.create_infer_request()
            request.start_async([ids, mask])
            waiting.append((request, batch))
        while waiting:
            finish_oldest()
        if not np.isfinite(vectors).all() or not vectors.any(axis=1).all():
            raise ModelError(f"{self._model_id} made a vector without a direction")
        return vectors[asked]

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the tokens of each text, computed by itself: padding would change its rounding."""
        found: list[TokenVectors] = []
        waiting: deque[tuple[Any, Any]] = deque()

        def finish_oldest() -> Any:
            request, entry = waiting.popleft()
            request.wait()
            found.append(_place_tokens(entry, request.get_output_tensor(1).data[0]))
            return request

        for entry in self._tokenizer.encode_batch(list(texts)):
            is_full = len(waiting) == 2 * self._n_streams
            request = finish_oldest() if is_full else self._compiled.create_infer_request()
            ids = np.array([entry.ids], dtype=np.int32)
            request.start_async([ids, np.ones_like(ids)])
            waiting.append((request, entry))
        while waiting:
            finish_oldest()
        return found

    def _fill_batches(
        self, distinct: list[str]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]]:
        """Yield (places, ids, mask) with texts of similar length together, the longest first."""
        for first in range(0, len(distinct), _TEXTS_PER_ROUND):
            tokens = [
                entry.ids
                for entry in self._tokenizer.encode_batch(
                    distinct[first : first + _TEXTS_PER_ROUND]
                )
            ]
            lengths = np.array([len(token) for token in tokens])
            order = np.argsort(-lengths, kind="stable")
            begin = 0
            while begin < len(order):
                longest = int(lengths[order[begin]])
                end = begin + max(1, min(_TEXTS_PER_BATCH, _TOKENS_PER_BATCH // longest))
                places = order[begin:end]
                mask = (np.arange(longest) < lengths[places][:, None]).astype(np.int32)
                ids = np.zeros_like(mask)
                ids[mask == 1] = np.concatenate([tokens[place] for place in places])
                yield places + first, ids, mask
                begin = end


def _place_tokens(entry: Any, states: NDArray[np.float32]) -> TokenVectors:
    """Keep the tokens that stand in the text, without the marks at both ends."""
    begins, ends = np.array(entry.offsets, dtype=np.int64).reshape(-1, 2).T
    is_in_text = ends > begins
    return TokenVectors(
        begins=begins[is_in_text], ends=ends[is_in_text], vectors=states[is_in_text]
    )


def import_openvino() -> Any:
    """Import OpenVINO without its telemetry, which calls a web service at every import."""
    name = "openvino_telemetry"
    was_free = name not in sys.modules
    if was_free:
        sys.modules[name] = None  # type: ignore[assignment]  # so that its import fails
    try:
        return importlib.import_module("openvino")
    except ImportError:
        raise UnsupportedModelError("OpenVINO is not installed") from None
    finally:
        if was_free:
            del sys.modules[name]


def load_tokenizer(folder: ModelFolder) -> Any:
    from tokenizers import Tokenizer  # noqa: PLC0415 - only where a model is loaded

    options = _read_json(folder.path / "sentence_bert_config.json")
    prompts = _read_json(folder.path / "config_sentence_transformers.json")
    max_tokens = folder.max_tokens or options.get("max_seq_length")
    if not isinstance(max_tokens, int):
        raise UnsupportedModelError("it does not say how many tokens it reads")
    if options.get("do_lower_case") or prompts.get("default_prompt_name"):
        raise UnsupportedModelError("it changes texts before it reads them")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # the cores are the engine's
    try:
        tokenizer = Tokenizer.from_file(str(folder.path / "tokenizer.json"))
    except Exception as error:  # the library raises nothing narrower
        raise UnsupportedModelError(f"its tokenizer: {_first_line(error)}") from None
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _list_options(precision: str) -> dict[str, Any]:
    """One stream a thread: batches side by side disturb each other less than threads in one."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    n_threads = int(given) if given.isdigit() and int(given) else _count_cores()
    return {
        "PERFORMANCE_HINT": "THROUGHPUT",
        "NUM_STREAMS": n_threads,
        "INFERENCE_NUM_THREADS": n_threads,
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bfloat16" else "f32",
    }


def _count_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read_reference(model_id: str) -> NDArray[np.float32] | None:
    """Return float32[sentences, d] as torch made them, None for a model that is not shipped."""
    stored = _read_json(_REFERENCE_FILE)
    if stored.get("model_id") != model_id:
        return None
    return np.array(stored["vectors"], dtype=np.float32)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise UnsupportedModelError(f"{path} cannot be read") from None
    return found if isinstance(found, dict) else {}


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
