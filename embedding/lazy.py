"""The model that the settings name, loaded when the first text is to be encoded."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from wirethread.embedding.encoder import Encoder, TokenVectors
from wirethread.embedding.sentence import Engine, Precision, load_encoder, name_encoder

__all__ = ["EmbeddingSettings", "LazyEncoder"]

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingSettings:
    """Which model makes the vectors, and how."""

    model: str = "default"
    """`default` (all-MiniLM-L6-v2, shipped), a folder, or a name on the model hub."""
    device: str = "auto"
    """`auto`, `cpu` or `cuda`."""
    precision: Precision = "auto"
    """`float32`, `bfloat16`, `int8`, or `auto`: what the archive has, else the fastest here."""
    engine: Engine = "auto"
    """`openvino`, `torch`, or `auto`: OpenVINO on the CPU where it gives the vectors of torch."""
    texts_per_batch: int = 4096
    """Texts encoded and stored in one transaction; at least 1."""
    rows_per_segment: int = 20_000
    """Segments with fewer vectors are merged at the end of a run, larger ones by fours; at least 1.
    """
    rows_per_index: int = 50_000
    """Merged segments of this size lie in lists of which a search reads the nearest; at least 1."""

    def __post_init__(self) -> None:
        if self.texts_per_batch < 1:
            raise ValueError(f"texts_per_batch must be at least 1, not {self.texts_per_batch}")
        if self.rows_per_segment < 1:
            raise ValueError(f"rows_per_segment must be at least 1, not {self.rows_per_segment}")
        if self.rows_per_index < 1:
            raise ValueError(f"rows_per_index must be at least 1, not {self.rows_per_index}")
        if self.device not in ("auto", "cpu", "cuda"):
            raise ValueError(f"device must be auto, cpu or cuda, not {self.device!r}")


class LazyEncoder:
    """The model that the settings name, loaded when the first text is to be encoded.

    A run that finds nothing new then never waits for the weights.
    """

    def __init__(self, settings: EmbeddingSettings) -> None:
        self._settings = settings
        self._loaded: Encoder | None = None
        self._begun: Future[Encoder] | None = None
        self._stored: tuple[str, ...] = ()
        self._model_id: str | None = None

    def begin_loading(self) -> Self:
        """Load the model in a thread, as it is wanted unless the catalog has other vectors.

        What goes wrong is told by `load`.
        """
        self._begun = ThreadPoolExecutor(1).submit(self._load)
        return self

    def keep_to(self, stored: Sequence[str]) -> Self:
        """Make the kind of vectors that an archive has, where the settings leave it open.

        `stored` are the ids of the models of its vectors, oldest first.

        An archive so keeps its vectors when it moves to another machine. Call it before the model
        is named or loaded; it returns the encoder.
        """
        if stored and self._loaded is None:
            self._stored = tuple(stored)
            self._model_id = self._name()
        return self

    def load(self) -> Encoder:
        """Return the loaded model. Raises `ModelError` where it cannot be loaded."""
        if self._loaded is None:
            begun, self._begun = self._begun, None
            loaded = begun.result() if begun is not None and begun.exception() is None else None
            if loaded is None or loaded.model_id != self.model_id:
                loaded = self._load()
            self._loaded = loaded
        return self._loaded

    def _load(self) -> Encoder:
        return self._ask(load_encoder)

    def _name(self) -> str:
        return self._ask(name_encoder)

    def _ask(self, choose: Callable[..., _Answer]) -> _Answer:
        """Ask for the model, or for its name, by the same settings."""
        return choose(
            self._settings.model,
            device=self._settings.device,
            precision=self._settings.precision,
            engine=self._settings.engine,
            stored=self._stored,
        )

    @property
    def model_id(self) -> str:
        """Name and short checksum of the model. Raises `ModelError` where there is none."""
        if self._model_id is None:
            self._model_id = self._name()
        return self._model_id

    @property
    def engine(self) -> str | None:
        """What computes, and where, in words; None while no model is loaded, or for plain ones."""
        return getattr(self._loaded, "engine", None)

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self.load().dimension

    def encode(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return float32[n, dimension], one unit-length row a text."""
        return self.load().encode(texts, on_progress=on_progress)

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the tokens of each text."""
        return self.load().encode_tokens(texts)
