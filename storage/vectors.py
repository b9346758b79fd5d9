"""The vectors of one model over all their segments: add, fetch, search, check and compact."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from articles.errors import ModelError, NotFoundError, StorageError
from storage.catalog import Catalog
from storage.rows import VectorSegment
from storage.segment_files import (
    SegmentFile,
    checksum_file,
    open_segment,
    stamp_file,
    write_segment,
)

__all__ = ["SegmentProblem", "VectorSegments"]

_BLOCK_ROWS = 16_384
_FEW_QUERIES = 16
"""Up to so many queries are answered on the fp16 codes; more are worth decoding blocks for."""
_UNIT_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentProblem:
    """A segment of the catalog whose file is lost."""

    segment_id: str
    model_id: str
    file_name: str
    n_rows: int
    reason: str


class VectorSegments:
    """The vectors of `model_id`, in files that are never changed once they are written.

    Vectors are stored in half precision: similarities differ from those of full precision by less
    than 0.001. Over a published snapshot only `fetch` and `search` work.
    """

    def __init__(
        self, folder: str | Path, catalog: Catalog, *, model_id: str, dimension: int
    ) -> None:
        self._vector_folder = Path(folder) / "vectors"
        self._catalog = catalog
        self.model_id = model_id
        self.dimension = dimension
        self._files: dict[str, SegmentFile] = {}

    def add(self, hashes: NDArray[np.int64], vectors: NDArray[np.float32]) -> VectorSegment | None:
        """Write unit vectors float32[n, d] of the texts int64[n] to a new segment and record it.

        File first, then row: a process killed between leaves an orphan file and no row. Returns
        None for no texts. Raises `ModelError` for vectors that are not finite and unit length.
        """
        if vectors.shape != (len(hashes), self.dimension):
            raise ValueError(
                f"{len(hashes)} texts of dimension {self.dimension} need as many vectors,"
                f" not an array of shape {vectors.shape}"
            )
        if len(hashes) == 0:
            return None
        _check_unit_length(vectors, self.model_id)
        distinct, first = np.unique(np.asarray(hashes, dtype=np.int64), return_index=True)
        segment = self._write(distinct, vectors[first].astype(np.float32, copy=False))
        self._catalog.record_segment(segment, distinct)
        return segment

    def fetch(self, hashes: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors float32[n, d] of the texts in the order asked.

        Raises `NotFoundError` where a text has no vector under this model.
        """
        result = np.empty((len(hashes), self.dimension), dtype=np.float32)
        if len(hashes) == 0:
            return result
        places, segment_ids = self._catalog.locate_vectors(self.model_id, hashes)
        if len(places) != len(hashes):
            raise NotFoundError(
                f"{len(hashes) - len(places)} of {len(hashes)} texts have no vector"
                f" of {self.model_id}"
            )
        for segment in self._catalog.list_segments(self.model_id):
            wanted = places[segment_ids == segment.segment_id]
            if len(wanted):
                file = self._open(segment)
                rows = np.searchsorted(file.ids, hashes[wanted])
                for begin in range(0, len(wanted), _BLOCK_ROWS):
                    block = slice(begin, begin + _BLOCK_ROWS)
                    result[wanted[block]] = file.codes[rows[block]]
        return result

    def search(
        self,
        queries: NDArray[np.float32],
        k: int,
        *,
        among: NDArray[np.int64] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the `k` most similar texts of each query float32[n, d]: (hashes, similarity).

        Both are [n, m], most similar first, with m < k only where fewer texts exist. With `among`
        only these texts are looked at. The search is exact.
        """
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        if queries.ndim != 2 or queries.shape[1] != self.dimension:
            raise ValueError(f"queries must be [n, {self.dimension}], not {queries.shape}")
        if not np.isfinite(queries).all():
            raise ModelError(f"a query vector of {self.model_id} is not finite")
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        best_hashes = np.empty((len(queries), 0), dtype=np.int64)
        best = np.empty((len(queries), 0), dtype=np.float32)
        for file, rows in self._searchable(among):
            for positions, similarity in _search_file(file, queries, k, rows):
                best_hashes = np.concatenate([best_hashes, file.ids[positions]], axis=1)
                best = np.concatenate([best, similarity], axis=1)
                order = np.lexsort((best_hashes, -best), axis=1)[:, :k]
                best_hashes = np.take_along_axis(best_hashes, order, axis=1)
                best = np.take_along_axis(best, order, axis=1)
        return best_hashes, np.clip(best, -1.0, 1.0)  # half precision may overshoot

    def _searchable(
        self, among: NDArray[np.int64] | None
    ) -> Iterator[tuple[SegmentFile, NDArray[np.int64] | None]]:
        """Yield each file with the rows to look at, None for all of them."""
        live = self._catalog.count_live_rows(self.model_id)
        for segment in self._catalog.list_segments(self.model_id):
            file = self._open(segment)
            rows = None
            if live.get(segment.segment_id, 0) != segment.n_rows:
                rows = np.isin(
                    file.ids, self._catalog.list_live_hashes(segment.segment_id)
                ).nonzero()[0]
            if among is not None:
                allowed = np.isin(file.ids, among)
                rows = allowed.nonzero()[0] if rows is None else rows[allowed[rows]]
            if rows is None or len(rows):
                yield file, rows

    def check(self, *, is_quick: bool = False) -> list[SegmentProblem]:
        """Return the files of every model that are missing or damaged, reading each.

        A quick check reads only those whose size or time is not what it was when they were last
        found right, and remembers the others.
        """
        problems = []
        known = self._catalog.find_checked_files() if is_quick else {}
        seen: dict[str, tuple[int, int]] = {}
        for segment in self._catalog.list_segments():
            stamp = stamp_file(self._vector_folder / segment.file_name)
            is_known = stamp is not None and known.get(segment.file_name) == stamp
            reason = None if is_known else self._find_fault(segment)
            if reason is None and stamp is not None:
                seen[segment.file_name] = stamp
            if reason is not None:
                problems.append(
                    SegmentProblem(
                        segment_id=segment.segment_id,
                        model_id=segment.model_id,
                        file_name=segment.file_name,
                        n_rows=segment.n_rows,
                        reason=reason,
                    )
                )
        if is_quick and seen != known:
            self._catalog.record_checked_files(seen)
        return problems

    def drop_damaged(self) -> int:
        """Forget missing and damaged files; return how many texts must be embedded again."""
        lost = [problem.segment_id for problem in self.check(is_quick=True)]
        for segment_id in lost:
            self._files.pop(segment_id, None)
        return self._catalog.forget_segments(lost)

    def remove_orphans(self) -> list[str]:
        """Delete files that no row names and no reader may need; return their names."""
        known = self._catalog.list_vector_files()
        removed = []
        for path in sorted(self._vector_folder.iterdir()):
            if path.is_file() and path.name not in known:
                path.unlink()
                removed.append(path.name)
        return removed

    def compact_segments(self, min_rows: int) -> int:
        """Merge the segments of this model that have fewer rows than `min_rows` into one.

        Segments of which texts were forgotten are rewritten without them. Returns how many
        segments went. Their files stay until the publication after the next.
        """
        live = self._catalog.count_live_rows(self.model_id)
        small = [
            segment
            for segment in self._catalog.list_segments(self.model_id)
            if segment.n_rows < min_rows or live.get(segment.segment_id, 0) < segment.n_rows
        ]
        whole = all(live.get(segment.segment_id, 0) == segment.n_rows for segment in small)
        if not small or (len(small) == 1 and whole):
            return 0
        hashes = np.sort(
            np.concatenate([self._catalog.list_live_hashes(one.segment_id) for one in small])
        )
        merged = self._write(hashes, self.fetch(hashes)) if len(hashes) else None
        gone = [segment.segment_id for segment in small]
        self._catalog.replace_segments(gone, merged, hashes)
        for segment_id in gone:
            self._files.pop(segment_id, None)
        return len(gone)

    def rewrite_segments_with_gaps(self) -> int:
        """Write each segment of which texts were forgotten anew without them; return how many."""
        live = self._catalog.count_live_rows(self.model_id)
        gappy = [
            segment
            for segment in self._catalog.list_segments(self.model_id)
            if live.get(segment.segment_id, 0) < segment.n_rows
        ]
        for segment in gappy:
            hashes = self._catalog.list_live_hashes(segment.segment_id)
            smaller = self._write(hashes, self.fetch(hashes)) if len(hashes) else None
            self._catalog.replace_segments([segment.segment_id], smaller, hashes)
            self._files.pop(segment.segment_id, None)
        return len(gappy)

    def _write(self, hashes: NDArray[np.int64], vectors: NDArray[np.float32]) -> VectorSegment:
        content = xxhash.xxh3_128(self.model_id.encode())
        content.update(hashes.tobytes())
        content.update(vectors.astype(np.float16).tobytes())
        segment_id = content.hexdigest()[:16]
        file_name = f"{segment_id}.faiss"
        return VectorSegment(
            segment_id=segment_id,
            model_id=self.model_id,
            dimension=self.dimension,
            n_rows=len(hashes),
            file_name=file_name,
            checksum=write_segment(self._vector_folder / file_name, hashes, vectors),
            created_at=datetime.now(UTC),
        )

    def _open(self, segment: VectorSegment) -> SegmentFile:
        """Open a file once, after its checksum was found right."""
        file = self._files.get(segment.segment_id)
        if file is None:
            if segment.dimension != self.dimension:
                raise ModelError(
                    f"{self.model_id} has dimension {self.dimension} and stored vectors of"
                    f" dimension {segment.dimension}"
                )
            reason = self._find_fault(segment)
            if reason is not None:
                raise StorageError(
                    f"the vector file {segment.file_name} {reason}: the next run makes it again"
                )
            path = self._vector_folder / segment.file_name
            file = open_segment(path, segment.n_rows, segment.dimension)
            self._files[segment.segment_id] = file
        return file

    def _find_fault(self, segment: VectorSegment) -> str | None:
        try:
            checksum = checksum_file(self._vector_folder / segment.file_name)
        except FileNotFoundError:
            return "is missing"
        except OSError as error:
            return f"cannot be read ({error.strerror})"
        return None if checksum == segment.checksum else "is damaged"


def _search_codes(
    index: Any, queries: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return (positions, similarity) over the rows of an index where `allowed` is true."""
    import faiss  # noqa: PLC0415 - takes a third of a second

    parameters: Any = None
    if allowed is not None:
        library: Any = faiss  # its annotations are those of C++
        selector = library.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        parameters = library.SearchParameters(sel=selector)
    similarity, positions = index.search(queries, k, params=parameters)
    return positions, similarity


def _search_file(
    file: SegmentFile, queries: NDArray[np.float32], k: int, rows: NDArray[np.int64] | None
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Yield (positions, similarity) of the best rows, in one or several parts."""
    import faiss  # noqa: PLC0415 - takes a third of a second

    n_rows = len(file.ids) if rows is None else len(rows)
    if len(queries) <= _FEW_QUERIES:
        allowed = None
        if rows is not None:
            allowed = np.zeros(len(file.ids), dtype=bool)
            allowed[rows] = True
        positions, similarity = _search_codes(file.index, queries, min(k, n_rows), allowed)
        yield positions, similarity
        return
    faiss.cvar.distance_compute_blas_threshold = 7680  # BLAS is slower below on two cores
    for begin in range(0, n_rows, _BLOCK_ROWS):
        end = min(begin + _BLOCK_ROWS, n_rows)
        taken = np.arange(begin, end) if rows is None else rows[begin:end]
        block = (file.codes[begin:end] if rows is None else file.codes[taken]).astype(np.float32)
        similarity, positions = faiss.knn(
            queries, block, min(k, end - begin), metric=faiss.METRIC_INNER_PRODUCT
        )
        yield taken[positions], similarity


def _check_unit_length(vectors: NDArray[np.float32], model_id: str) -> None:
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.isfinite(lengths).all():
        raise ModelError(f"{model_id} made a vector that is not finite")
    worst = float(np.abs(lengths - 1).max())
    if worst > _UNIT_TOLERANCE:
        raise ModelError(f"{model_id} made a vector of length {1 + worst:.3f} or less, not 1")
