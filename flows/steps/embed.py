"""Vectors for every text that has none: partitions of texts, a segment, a transaction."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from wirethread.articles.errors import DamagedVectorsError
from wirethread.articles.types.articles import ArticleId
from wirethread.embedding.lazy import EmbeddingSettings, LazyEncoder
from wirethread.flows.runners.partitions import Partition, SetAside
from wirethread.flows.runs.progress import report_progress
from wirethread.flows.stages.embedding import (
    EmbeddingContent,
    ModelChoice,
    encode_texts,
    lend_encoder,
)
from wirethread.flows.steps.docket import Workplace
from wirethread.storage.catalog import Catalog
from wirethread.storage.vectors.segments import LostVectors, VectorSegments

__all__ = [
    "compact_vectors",
    "do_with_sound_vectors",
    "drop_damaged",
    "embed_texts",
    "open_encoder",
    "open_vectors",
    "release_vectors",
]

_Answer = TypeVar("_Answer")
TEXTS_PER_PARTITION = 1_024
"""Ten to twenty seconds of one core."""
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


def embed_texts(
    catalog: Catalog,
    encoder: LazyEncoder,
    settings: EmbeddingSettings,
    workplace: Workplace,
) -> tuple[int, set[ArticleId]]:
    """Encode all texts without vectors; return how many, and the articles of those set aside.

    Results are stored by so many texts as the settings say, in the order of their hashes.
    """
    n_total = catalog.vectors.count_texts_to_embed(encoder.model_id)
    planned: list[NDArray[np.int64]] = []
    gathered: list[tuple[NDArray[np.int64], NDArray[np.float32]]] = []
    aside: list[int] = []
    n_done = 0

    def plan() -> Iterator[Partition[EmbeddingContent]]:
        size = min(TEXTS_PER_PARTITION, settings.texts_per_batch)
        last: int | None = None
        while len(
            batch := catalog.vectors.select_texts_to_embed(encoder.model_id, size, after=last)
        ):
            last = int(batch.hashes[-1])
            planned.append(batch.hashes)
            content = EmbeddingContent(texts=batch.texts, model=model)
            yield Partition(name=f"embedding {len(batch)} texts up to {last}", content=content)

    def tell(partition: Partition[EmbeddingContent], share: float) -> None:
        if share < 1:
            report_progress("embed", n_done + int(share * len(partition.content.texts)), n_total)

    def store() -> None:
        hashes = np.concatenate([part for part, _ in gathered])
        vectors = np.concatenate([part for _, part in gathered])
        VectorSegments(
            catalog.folder, catalog, model_id=encoder.model_id, dimension=vectors.shape[1]
        ).add(hashes, vectors)
        gathered.clear()

    report_progress("embed", 0, n_total)
    model = ModelChoice(model_id=encoder.model_id, settings=settings)
    n_embedded = 0
    with lend_encoder(encoder):
        for outcome in workplace.runner.map(encode_texts, plan(), tell):
            hashes = planned.pop(0)
            n_done += len(hashes)
            if isinstance(outcome, SetAside):
                workplace.tell_set_aside(str(outcome))
                aside += hashes.tolist()
            else:
                gathered.append((hashes, outcome.result))
                n_embedded += len(hashes)
                if sum(len(part) for part, _ in gathered) >= settings.texts_per_batch:
                    store()
            report_progress("embed", n_done, n_total)
        if gathered:
            store()
    return n_embedded, catalog.vectors.find_articles_with_texts(aside) if aside else set()


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
