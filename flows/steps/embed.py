"""Vectors for every text that has none: a batch of texts, a segment, a transaction."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.errors import DamagedVectorsError
from wirethread.embedding.encoder import Encoder
from wirethread.embedding.sentence import Engine, Precision, load_encoder, name_encoder
from wirethread.flows.runs.progress import ProgressCounter
from wirethread.storage.catalog import Catalog
from wirethread.storage.vectors.segments import ROWS_PER_INDEX, VectorSegments

__all__ = [
    "EmbeddingSettings",
    "LazyEncoder",
    "compact_vectors",
    "do_with_sound_vectors",
    "embed_batch",
    "embed_damaged",
    "embed_waiting",
    "open_vectors",
]

_Answer = TypeVar("_Answer")
_MENDINGS = 2
"""After the first all files were read; the second is for one that was damaged since."""


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
    rows_per_index: int = ROWS_PER_INDEX
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

    def keep_to(self, catalog: Catalog) -> Self:
        """Make the kind of vectors that the catalog has, where the settings leave it open.

        An archive so keeps its vectors when it moves to another machine. Call it before the model
        is named or loaded; it returns the encoder.
        """
        stored = tuple(one.model_id for one in catalog.list_segments())
        if stored and self._loaded is None:
            self._stored = stored
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


def open_vectors(catalog: Catalog, encoder: LazyEncoder) -> VectorSegments:
    """Return the vectors of the model; their dimension is stored, so it need not be loaded."""
    segments = catalog.list_segments(encoder.model_id)
    dimension = segments[0].dimension if segments else encoder.dimension
    return VectorSegments(catalog.folder, catalog, model_id=encoder.model_id, dimension=dimension)


def embed_batch(
    catalog: Catalog,
    encoder: LazyEncoder,
    settings: EmbeddingSettings,
    *,
    n_done: int,
    n_total: int,
) -> int:
    """Encode one batch of texts without vectors and store it; return how many there were."""
    batch = catalog.texts_to_embed(encoder.model_id, settings.texts_per_batch)
    if len(batch) == 0:
        return 0
    progress = ProgressCounter("embed", n_done, n_total)
    vectors = encoder.encode(batch.texts, on_progress=progress.add)
    open_vectors(catalog, encoder).add(batch.hashes, vectors)
    return len(batch)


def embed_waiting(
    catalog: Catalog, encoder: LazyEncoder, settings: EmbeddingSettings, run_id: str
) -> int:
    """Embed every text that has no vector; return how many there were."""
    waiting = catalog.articles_to_embed(encoder.model_id)
    if not waiting:
        return 0
    n_total = catalog.count_texts_to_embed(encoder.model_id)
    catalog.renew_vectors(encoder.model_id)
    n_done = 0
    while n_done < n_total:
        n_embedded = embed_batch(catalog, encoder, settings, n_done=n_done, n_total=n_total)
        if n_embedded == 0:
            break
        n_done += n_embedded
    catalog.mark_embedded(encoder.model_id, waiting, run_id)
    return n_done


def embed_damaged(
    catalog: Catalog,
    encoder: LazyEncoder,
    settings: EmbeddingSettings,
    run_id: str,
    error: DamagedVectorsError,
) -> int:
    """Let go of a file that cannot be trusted and embed its texts again; return how many.

    Where one file is damaged without a trace another may be: all are read.
    """
    vectors = open_vectors(catalog, encoder)
    vectors.drop([error.segment_id, *(problem.segment_id for problem in vectors.check())])
    vectors.remove_orphans()
    return embed_waiting(catalog, encoder, settings, run_id)


def do_with_sound_vectors(
    work: Callable[[], _Answer], mend: Callable[[DamagedVectorsError], object]
) -> _Answer:
    """Do what reads vectors; where a file turns out to be damaged, `mend` and do it again."""
    for _ in range(_MENDINGS):
        try:
            return work()
        except DamagedVectorsError as error:
            mend(error)
    return work()


def compact_vectors(catalog: Catalog, encoder: LazyEncoder, settings: EmbeddingSettings) -> int:
    """Merge segments of the model as the settings say; return how many went."""
    return open_vectors(catalog, encoder).compact_segments(
        settings.rows_per_segment, rows_per_index=settings.rows_per_index
    )
