"""Vectors for every text that has none: a batch of texts, a segment, a transaction."""

from collections.abc import Callable
from typing import TypeVar

from wirethread.articles.errors import DamagedVectorsError
from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder
from wirethread.flows.runs.progress import ProgressCounter
from wirethread.storage.catalog import Catalog
from wirethread.storage.vectors.segments import LostVectors, VectorSegments

__all__ = [
    "compact_vectors",
    "do_with_sound_vectors",
    "drop_damaged",
    "embed_batch",
    "open_encoder",
    "open_vectors",
    "release_vectors",
]

_Answer = TypeVar("_Answer")
_MENDINGS = 2
"""After the first all files were read; the second is for one that was damaged since."""


def open_encoder(catalog: Catalog, settings: EmbeddingSettings) -> LazyEncoder:
    """Return the encoder for the vectors that the archive has, or is to have."""
    return LazyEncoder(settings).keep_to(catalog.vectors.list_model_ids())


def open_vectors(catalog: Catalog, encoder: LazyEncoder) -> VectorSegments:
    """Return the vectors of the model; their dimension is stored, so it need not be loaded."""
    segments = catalog.vectors.list_segments(encoder.model_id)
    dimension = segments[0].dimension if segments else encoder.dimension
    return VectorSegments(catalog.folder, catalog, model_id=encoder.model_id, dimension=dimension)


def release_vectors(catalog: Catalog, encoder: LazyEncoder) -> LostVectors:
    """Drop damaged segments and files that nobody names, and say which."""
    if not catalog.vectors.list_segments() and not any((catalog.folder / "vectors").iterdir()):
        return LostVectors()
    vectors = open_vectors(catalog, encoder)
    lost = vectors.drop_lost()
    vectors.remove_orphans()
    return lost


def embed_batch(
    catalog: Catalog,
    encoder: LazyEncoder,
    settings: EmbeddingSettings,
    *,
    n_done: int,
    n_total: int,
) -> int:
    """Encode one batch of texts without vectors and store it; return how many there were."""
    batch = catalog.vectors.select_texts_to_embed(encoder.model_id, settings.texts_per_batch)
    if len(batch) == 0:
        return 0
    progress = ProgressCounter("embed", n_done, n_total)
    vectors = encoder.encode(batch.texts, on_progress=progress.add)
    open_vectors(catalog, encoder).add(batch.hashes, vectors)
    return len(batch)


def drop_damaged(catalog: Catalog, encoder: LazyEncoder, error: DamagedVectorsError) -> None:
    """Let go of a file that cannot be trusted: the texts in it wait to be embedded again.

    Where one file is damaged without a trace another may be: all are read.
    """
    vectors = open_vectors(catalog, encoder)
    vectors.drop([error.segment_id, *(problem.segment_id for problem in vectors.check())])
    vectors.remove_orphans()


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
