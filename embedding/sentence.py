"""Sentence-transformers models behind one lazy door, and the choice of what computes them."""

import logging
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.errors import ModelError
from wirethread.embedding.bert_graph import UnsupportedModelError
from wirethread.embedding.encoder import Encoder, TokenVectors, encode_distinct
from wirethread.embedding.graph_encoder import Precision, load_graph_encoder
from wirethread.embedding.hashing import HashingEncoder
from wirethread.embedding.int8_layers import name_int8_model
from wirethread.embedding.model_files import ModelFolder, locate_model
from wirethread.embedding.processor import has_int8_instructions, list_features

__all__ = ["Engine", "Precision", "SentenceEncoder", "load_encoder", "name_encoder"]

Engine = Literal["auto", "openvino", "torch"]
_DEVICE_FILES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")
"""One of these stands where Linux has a GPU that torch may compute on."""


def load_encoder(
    model: str = "default",
    *,
    batch_size: int = 64,
    device: str = "auto",
    precision: Precision = "auto",
    engine: Engine = "auto",
    stored: Collection[str] = (),
) -> Encoder:
    """Load a model: "default", "hashing", a folder, or a name on the Hugging Face hub.

    `device` is "auto" (CUDA where there is one, else the CPU) or a torch device. `engine` "auto" is
    OpenVINO on the CPU where it gives the vectors of torch, else torch; "openvino" refuses what it
    cannot run. The vectors of both, in float32 or bfloat16, differ by a cosine of less than 0.001,
    so they share one `model_id`; those of int8 have their own.

    `precision` "auto" keeps to the kind of vectors that are `stored`, model ids with the newest
    last. Else it is int8 on a CPU with instructions for it, where the model has ranges; bfloat16
    where that is fast; and float32. `batch_size` is torch's. Raises `ModelError`.
    """
    if model == "hashing":
        return HashingEncoder()
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    folder = locate_model(model)
    is_on_cpu = _is_on_cpu(device)
    in_int8 = _choose_int8(folder, device, precision, engine, stored)
    chosen: Precision = "int8" if in_int8 else precision

    def encode_plainly(texts: Sequence[str]) -> NDArray[np.float32]:
        plain = SentenceEncoder(folder, batch_size=batch_size, device="cpu", precision="float32")
        return plain.encode(texts)

    if engine == "openvino" and not is_on_cpu:
        raise ModelError(f"the engine openvino computes on the CPU, not on device {device}")
    if in_int8 or (engine != "torch" and is_on_cpu):
        try:
            return load_graph_encoder(folder, precision=chosen, reference=encode_plainly)
        except UnsupportedModelError as error:
            if in_int8:
                raise ModelError(
                    f"the model {model} cannot be computed in int8: {error}; set"
                    " embedding.precision to float32"
                ) from None
            if engine == "openvino":
                raise ModelError(f"OpenVINO cannot run the model {model}: {error}") from None
    return SentenceEncoder(folder, batch_size=batch_size, device=device, precision=chosen)


def name_encoder(
    model: str = "default",
    *,
    device: str = "auto",
    precision: Precision = "auto",
    engine: Engine = "auto",
    stored: Collection[str] = (),
) -> str:
    """Return the `model_id` of the encoder that `load_encoder` loads for the same, without it."""
    if model == "hashing":
        return HashingEncoder().model_id
    folder = locate_model(model)
    in_int8 = _choose_int8(folder, device, precision, engine, stored)
    return (name_int8_model(folder.model_id) if in_int8 else None) or folder.model_id


def _choose_int8(
    folder: ModelFolder, device: str, precision: Precision, engine: Engine, stored: Collection[str]
) -> bool:
    """Tell whether the model computes in int8. Raises `ModelError` where it is to and cannot."""
    if precision not in ("auto", "int8"):
        return False
    named = name_int8_model(folder.model_id)
    can = named is not None and engine != "torch" and device in ("auto", "cpu") and _has_openvino()
    if precision == "int8":
        if not can:
            raise ModelError(
                f"{folder.model_id} cannot be computed in int8: that takes the default model on"
                " OpenVINO and the CPU"
            )
        return True
    if not can:
        return False
    own = [one for one in stored if one in (named, folder.model_id)]
    if own:
        return own[-1] == named
    return has_int8_instructions() and _is_on_cpu(device)


def _is_on_cpu(device: str) -> bool:
    return device == "cpu" or (device == "auto" and not _has_cuda())


def _has_openvino() -> bool:
    try:
        return find_spec("openvino") is not None
    except ValueError:  # the module was put out of reach
        return False


class SentenceEncoder:
    """A sentence-transformers model in memory."""

    def __init__(
        self, folder: ModelFolder, *, batch_size: int, device: str, precision: Precision
    ) -> None:
        self._model_id = folder.model_id
        self._batch_size = batch_size
        with _silenced():
            try:
                import torch  # noqa: PLC0415 - seconds
                from sentence_transformers import SentenceTransformer  # noqa: PLC0415
            except ImportError as error:
                if not (isinstance(error, ModuleNotFoundError) and error.name):
                    cause = error.__cause__ or error
                    raise ModelError(f"sentence-transformers cannot be loaded: {cause}") from error
                raise ModelError(
                    f"this model needs {error.name}, which is not installed:"
                    " pip install torch sentence-transformers"
                ) from None
            if device == "auto":
                device = "cuda" if torch.cuda.is_available() else "cpu"
            try:
                self._model: Any = SentenceTransformer(
                    str(folder.path), device=device, local_files_only=True
                )
            except (OSError, ValueError, KeyError, RuntimeError) as error:
                words = str(error).splitlines()[0] if str(error) else type(error).__name__
                raise ModelError(f"the model in {folder.path} cannot be loaded: {words}") from error
        self._torch: Any = torch
        if folder.max_tokens is not None:
            self._model.max_seq_length = folder.max_tokens
        self._device_type = torch.device(device).type
        self._use_bfloat16 = precision == "bfloat16" or (
            precision == "auto" and _has_fast_bfloat16(torch, self._device_type)
        )
        self._dimension = len(self._encode_batch(["dimension"])[0])

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
        """`float32` or `bfloat16`: what the model computes in."""
        return "bfloat16" if self._use_bfloat16 else "float32"

    @property
    def engine(self) -> str:
        """What computes, and where, in words."""
        place = "the CPU" if self._device_type == "cpu" else self._device_type.upper()
        return f"torch on {place}, {self.precision}"

    @property
    def max_tokens(self) -> int:
        """Tokens read of a text; what follows is cut."""
        return int(self._model.max_seq_length)

    def count_tokens(self, text: str) -> int:
        """Return how many tokens the model reads of `text`, with its marks at both ends."""
        return int(self._model.preprocess([text])["input_ids"].shape[1])

    def encode(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return float32[n, dimension] of unit length, each distinct text computed once."""
        return encode_distinct(
            texts,
            self._dimension,
            self._encode_batch,
            batch_size=self._batch_size,
            on_progress=on_progress,
        )

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the tokens of each text, computed by itself: padding would change its rounding.

        A model whose tokenizer does not say where its tokens stand gives none.
        """
        tokenizer = self._model.tokenizer
        if not getattr(tokenizer, "is_fast", False):
            nothing = np.zeros(0, dtype=np.int64)
            empty = np.zeros((0, self._dimension), dtype=np.float32)
            return [TokenVectors(begins=nothing, ends=nothing, vectors=empty) for _ in texts]
        return [self._read_tokens(tokenizer, text) for text in texts]

    def _read_tokens(self, tokenizer: Any, text: str) -> TokenVectors:
        placed = tokenizer(
            text, truncation=True, max_length=self.max_tokens, return_offsets_mapping=True
        )
        begins, ends = np.array(placed["offset_mapping"], dtype=np.int64).reshape(-1, 2).T
        with self._computing():
            states = self._model.encode(
                [text], output_value="token_embeddings", show_progress_bar=False
            )[0]
        vectors: NDArray[np.float32] = states.float().cpu().numpy()
        n_tokens = min(len(vectors), len(begins))
        is_in_text = ends[:n_tokens] > begins[:n_tokens]
        return TokenVectors(
            begins=begins[:n_tokens][is_in_text],
            ends=ends[:n_tokens][is_in_text],
            vectors=vectors[:n_tokens][is_in_text],
        )

    @contextmanager
    def _computing(self) -> Iterator[None]:
        torch = self._torch
        with (
            torch.inference_mode(),
            torch.autocast(self._device_type, dtype=torch.bfloat16, enabled=self._use_bfloat16),
        ):
            yield

    def _encode_batch(self, texts: list[str]) -> NDArray[np.float32]:
        with self._computing():
            raw = self._model.encode(
                texts,
                batch_size=len(texts),
                show_progress_bar=False,
                convert_to_numpy=False,
                convert_to_tensor=True,
            )
        vectors: NDArray[np.float32] = raw.float().cpu().numpy()
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or (lengths == 0).any():
            raise ModelError(f"{self._model_id} made a vector without a direction")
        unit: NDArray[np.float32] = vectors / lengths
        return unit


def _has_cuda() -> bool:
    """Tell whether torch has a GPU to compute on, without loading torch where it cannot have."""
    try:
        is_built_without = version("torch").endswith("+cpu")
    except PackageNotFoundError:
        return False
    if is_built_without or not any(Path(name).exists() for name in _DEVICE_FILES):
        return False
    import torch  # noqa: PLC0415 - seconds

    return bool(torch.cuda.is_available())


def _has_fast_bfloat16(torch: Any, device_type: str) -> bool:
    """Without AMX, bfloat16 takes a CPU longer than float32, even where it has AVX-512 BF16."""
    if device_type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return device_type == "cpu" and "amx_bf16" in list_features()


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep bars and remarks of the libraries off the terminal while a model loads."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    loggers = [logging.getLogger(name) for name in ("sentence_transformers", "transformers")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415

    bars: Any = transformers_logging
    had_bar = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if had_bar:
            bars.enable_progress_bar()
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
