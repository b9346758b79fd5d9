"""The vectors of one model over all their segments: add, fetch, search, check and compact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import xxhash
from numpy.typing import NDArray

from wirethread.articles.errors import (
    DamagedVectorsError,
    ModelError,
    NotFoundError,
    StorageError,
)
from wirethread.storage.catalog import Catalog
from wirethread.storage.engine.strays import clear_place
from wirethread.storage.tables.segments import VectorSegment
from wirethread.storage.vectors.compaction import plan_merges
from wirethread.storage.vectors.files import (
    SegmentFile,
    checksum_file,
    open_segment,
    read_ahead,
    stamp_file,
    write_segment,
)
from wirethread.storage.vectors.list_building import build_lists, copy_lists, gather_rows
from wirethread.storage.vectors.search import search_files

__all__ = ["ROWS_PER_INDEX", "LostVectors", "SegmentProblem", "VectorSegments"]

ROWS_PER_INDEX = 50_000
"""A segment of fewer vectors is searched whole, in ten milliseconds. Few are larger without lists:
four of the smallest size that is kept become one that is."""

_BLOCK_ROWS = 16_384
_READ_AHEAD_ROWS = 1_500_000
"""A gigabyte: what a disk gives while a model is loaded."""
_FORGOTTEN_SHARE = 0.1
"""A segment is written anew for the sake of space when so much of it was forgotten. Words that must
be gone from the disk do not wait for that: see `storage/upkeep/erasing.py`."""
_UNIT_TOLERANCE = 0.01
_STORED_TOLERANCE = 0.02
"""A stored row may be off by what half precision adds."""
_BYTES_IN_TURN = 1 << 28
"""So much of what looks unchanged is read again by each run: all of an archive of 350,000 texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentProblem:
    """A segment of the catalog whose file is lost."""

    segment_id: str
    model_id: str
    file_name: str
    n_rows: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostVectors:
    """What was let go of because it could not be trusted."""

    n_lost: int = 0
    """Texts that must be embedded again."""
    faults: Sequence[str] = ()
    """Files, and what is wrong with each."""


class VectorSegments:
    """The vectors of `model_id`, in files that are never changed once they are written.

    Vectors are stored in half precision: similarities differ from those of full precision by less
    than 0.001. Over a published snapshot only `fetch`, `fetch_known` and `search` work.
    """

    def __init__(
        self, folder: str | Path, catalog: Catalog, *, model_id: str, dimension: int
    ) -> None:
        self._vector_folder = Path(folder) / "vectors"
        self._catalog = catalog
        self.model_id = model_id
        self.dimension = dimension
        self._files: dict[str, SegmentFile] = {}
        self._listed: Sequence[VectorSegment] | None = None
        self._counted_for: tuple[object, ...] = ()
        self._is_all_live = False
        self._known: Mapping[str, tuple[int, int]] | None = None

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
        rows = vectors[first].astype(np.float32, copy=False)
        name = self._name_segment(distinct, [rows.astype(np.float16).tobytes()])
        checksum = write_segment(self._locate(name), distinct, rows)
        segment = self._describe(name, len(distinct), checksum)
        self._catalog.vectors.record_segment(segment, distinct, stamp=self._stamp(segment))
        return segment

    def fetch(self, hashes: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors float32[n, d] of the texts in the order asked.

        Raises `NotFoundError` where a text has no vector under this model.
        """
        places, vectors = self.fetch_known(hashes)
        if len(places) != len(hashes):
            raise NotFoundError(
                f"{len(hashes) - len(places)} of {len(hashes)} texts have no vector"
                f" of {self.model_id}"
            )
        return vectors

    def fetch_known(
        self, hashes: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return, of the texts that have a vector, index int64[m], ascending, and float32[m, d]."""
        if len(hashes) == 0:
            return np.empty(0, dtype=np.int64), np.empty((0, self.dimension), dtype=np.float32)
        places, segment_ids = self.locate(hashes)
        result = np.empty((len(places), self.dimension), dtype=np.float32)
        for segment in self._list_segments():
            wanted = np.flatnonzero(segment_ids == segment.segment_id)
            if len(wanted):
                file = self._open(segment)
                rows = np.searchsorted(file.ids, hashes[places[wanted]])
                for begin in range(0, len(wanted), _BLOCK_ROWS):
                    block = slice(begin, begin + _BLOCK_ROWS)
                    result[wanted[block]] = _check_rows(segment, file.read_rows(rows[block]))
        return places, result

    def locate(self, hashes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
        """Return, for each of hashes int64[n] that has a vector, its index and its segment id.

        They are int64[m], ascending, and str[m]. Of a snapshot of which no text was forgotten the
        files say it themselves.
        """
        segments = self._list_segments()
        if not self._catalog.read_only or not self._are_all_live(segments):
            return self._catalog.vectors.locate_vectors(self.model_id, hashes)
        names = np.full(len(hashes), "", dtype=object)
        for segment in segments:
            ids = self._open(segment).ids
            rows = np.minimum(np.searchsorted(ids, hashes), max(len(ids) - 1, 0))
            names[ids[rows] == hashes] = segment.segment_id
        places = np.flatnonzero(names != "")
        return places, names[places].astype(np.str_)

    def search(
        self,
        queries: NDArray[np.float32],
        k: int,
        *,
        among: NDArray[np.int64] | None = None,
        exact: bool = False,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the `k` most similar texts of each query float32[n, d]: (hashes, similarity).

        Both are [n, m], most similar first, with m < k only where fewer texts exist. With `among`
        only these texts are looked at. Of large segments the lists nearest to a query are read,
        in which nearly all of its ten nearest texts lie (`MIN_RECALL` of `list_building`);
        `exact` reads them whole, and so does `among`. A text that was forgotten is never found.
        """
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        if queries.ndim != 2 or queries.shape[1] != self.dimension:
            raise ValueError(f"queries must be [n, {self.dimension}], not {queries.shape}")
        if not np.isfinite(queries).all():
            raise ModelError(f"a query vector of {self.model_id} is not finite")
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        segments = self._list_segments()

        def find_live(found: NDArray[np.int64]) -> NDArray[np.int64]:
            return self._find_places(found, [segment.segment_id for segment in segments])

        files = [self._open(segment) for segment in segments]
        hashes, similarity = search_files(
            files,
            queries,
            k,
            among=among,
            exact=exact,
            find_live=None if self._are_all_live(segments) else find_live,
        )
        self._check_found(np.unique(hashes), segments, files)
        return hashes, np.clip(similarity, -1.0, 1.0)  # half precision may overshoot

    def _check_found(
        self,
        hashes: NDArray[np.int64],
        segments: Sequence[VectorSegment],
        files: Sequence[SegmentFile],
    ) -> None:
        """Refuse an answer from rows that are no unit vectors: of these FAISS knows nothing."""
        for segment, file in zip(segments, files, strict=True):
            rows = np.searchsorted(file.ids, hashes)
            rows = rows[file.ids[np.minimum(rows, len(file.ids) - 1)] == hashes]
            for begin in range(0, len(rows), _BLOCK_ROWS):
                _check_rows(segment, file.read_rows(rows[begin : begin + _BLOCK_ROWS]))

    def open_files(self) -> None:
        """Open every file now rather than at the first search, and begin to read small archives."""
        segments = self._list_segments()
        if sum(one.n_rows for one in segments) <= _READ_AHEAD_ROWS:
            read_ahead([self._vector_folder / one.file_name for one in segments])
        for segment in segments:
            self._open(segment)

    def _list_segments(self) -> Sequence[VectorSegment]:
        """Return the segments of the model; those of a snapshot are looked up once."""
        if self._listed is None or not self._catalog.read_only:
            self._listed = self._catalog.vectors.list_segments(self.model_id)
        return self._listed

    def _are_all_live(self, segments: Sequence[VectorSegment]) -> bool:
        """Tell whether every row of every file stands for a text; counted once for each content."""
        if self._counted_for and self._catalog.read_only:
            return self._is_all_live
        content = (self._catalog.change_number, *(segment.segment_id for segment in segments))
        if self._counted_for != content:
            live = self._catalog.vectors.count_live_rows(self.model_id)
            self._is_all_live = all(
                live.get(segment.segment_id) == segment.n_rows for segment in segments
            )
            self._counted_for = content
        return self._is_all_live

    def _find_places(
        self, hashes: NDArray[np.int64], segment_ids: Sequence[str]
    ) -> NDArray[np.int64]:
        """Return, for each hash, the place in `segment_ids` of its segment, -1 for none."""
        found, names = self.locate(hashes)
        numbers = {name: number for number, name in enumerate(segment_ids)}
        places = np.full(len(hashes), -1, dtype=np.int64)
        places[found] = [numbers.get(str(name), -1) for name in names]
        return places

    def check(self, *, is_quick: bool = False) -> list[SegmentProblem]:
        """Return the files of every model that are missing or damaged, reading each.

        A quick check reads those whose size or time is not what it was when they were last found
        right, remembers the others, and reads some of these again: bytes may change on a disk that
        says nothing of it.
        """
        problems = []
        known = self._catalog.vectors.find_checked_files() if is_quick else {}
        segments = self._catalog.vectors.list_segments()
        in_turn = self._choose_in_turn(segments)
        seen: dict[str, tuple[int, int]] = {}
        for segment in segments:
            stamp = stamp_file(self._vector_folder / segment.file_name)
            is_known = (
                stamp is not None
                and known.get(segment.file_name) == stamp
                and segment.file_name not in in_turn
            )
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
            self._catalog.vectors.record_checked_files(seen)
            self._known = None
        return problems

    def _choose_in_turn(self, segments: Sequence[VectorSegment]) -> set[str]:
        """Return files that may be read once more, others after each publication."""
        draw = np.random.default_rng(self._catalog.publication)
        chosen, n_bytes = set(), 0
        for number in draw.permutation(len(segments)):
            stamp = stamp_file(self._vector_folder / segments[number].file_name)
            n_bytes += stamp[0] if stamp else 0
            if n_bytes <= _BYTES_IN_TURN:
                chosen.add(segments[number].file_name)
        return chosen

    def drop_damaged(self) -> int:
        """Forget missing and damaged files; return how many texts must be embedded again."""
        return self.drop_lost().n_lost

    def drop_lost(self) -> LostVectors:
        """Forget the files that a quick check finds missing or damaged, and say which."""
        problems = self.check(is_quick=True)
        return LostVectors(
            n_lost=self.drop(problem.segment_id for problem in problems),
            faults=[f"{problem.file_name} {problem.reason}" for problem in problems],
        )

    def drop(self, segment_ids: Iterable[str]) -> int:
        """Forget files that cannot be trusted; return how many texts must be embedded again."""
        lost = sorted(set(segment_ids))
        for segment_id in lost:
            self._files.pop(segment_id, None)
        self._listed, self._known = None, None
        return self._catalog.vectors.lose_segments(lost)

    def remove_orphans(self) -> list[str]:
        """Delete files that no row names and no reader may need; return their names.

        A folder in the place of a file is kept beside the data.
        """
        known = self._catalog.vectors.list_vector_files()
        removed = []
        for path in sorted(self._vector_folder.iterdir()):
            if path.name not in known:
                clear_place(path, keep_in=self._catalog.folder)
                removed.append(path.name)
        return removed

    def compact_segments(self, min_rows: int, *, rows_per_index: int = ROWS_PER_INDEX) -> int:
        """Merge segments as `plan_merges` says, and lay those out in lists that are large enough.

        `min_rows` is the size below which a segment is small, `rows_per_index` that from which it
        lies in lists. Segments of which a tenth was forgotten are written anew without it. Returns
        how many segments went. Their files stay until the publication after the next, so that
        nobody who reads is disturbed.
        """
        live = self._catalog.vectors.count_live_rows(self.model_id)
        segments = {
            segment.segment_id: segment
            for segment in self._catalog.vectors.list_segments(self.model_id)
        }
        sizes = {name: live.get(name, 0) for name in segments}
        groups = plan_merges(sizes, min_rows)
        merged = {name for group in groups for name in group}
        groups += [
            [name]
            for name, segment in segments.items()
            if name not in merged
            and (
                sizes[name] <= (1 - _FORGOTTEN_SHARE) * segment.n_rows
                or (sizes[name] >= rows_per_index and not self._open(segment).n_lists)
            )
        ]
        for group in groups:
            self._merge([segments[name] for name in group], sizes, rows_per_index)
        return sum(map(len, groups))

    def rewrite_segments_with_gaps(self) -> int:
        """Write each segment of which texts were forgotten anew without them; return how many."""
        live = self._catalog.vectors.count_live_rows(self.model_id)
        gappy = [
            segment
            for segment in self._catalog.vectors.list_segments(self.model_id)
            if live.get(segment.segment_id, 0) < segment.n_rows
        ]
        for segment in gappy:
            self._merge([segment], live)
        return len(gappy)

    def _merge(
        self,
        segments: Sequence[VectorSegment],
        live: Mapping[str, int],
        rows_per_index: int | None = None,
    ) -> None:
        """Write the live rows of segments to one that takes their place.

        From `rows_per_index` on they lie in lists; without it a segment keeps its layout. Raises
        `DamagedVectorsError` before anything is written where a file is not what was written: its
        rows would go on under a checksum that says they are right.
        """
        filled = [one for one in segments if live.get(one.segment_id, 0)]
        merged = None
        if filled:
            files = [self._open(one, is_trusted=False) for one in filled]
            gathered = gather_rows(
                files,
                [
                    None
                    if live[segment.segment_id] == segment.n_rows
                    else self._catalog.vectors.list_live_hashes(segment.segment_id)
                    for segment in filled
                ],
            )
            name = self._name_segment(gathered.hashes, [one.checksum.encode() for one in filled])
            n_rows = len(gathered.hashes)
            has_lists = len(files) == 1 and files[0].n_lists > 0
            if has_lists and (rows_per_index is None or n_rows >= rows_per_index):
                checksum = copy_lists(self._locate(name), gathered)
            elif rows_per_index is not None and n_rows >= rows_per_index:
                checksum = build_lists(self._locate(name), gathered)
            else:
                vectors = gathered.read(np.arange(n_rows)).astype(np.float32)
                checksum = write_segment(self._locate(name), gathered.hashes, vectors)
            merged = self._describe(name, n_rows, checksum)
        gone = [one.segment_id for one in segments]
        self._catalog.vectors.replace_segments(gone, merged, stamp=self._stamp(merged))
        for segment_id in gone:
            self._files.pop(segment_id, None)

    def _name_segment(self, hashes: NDArray[np.int64], parts: Sequence[bytes]) -> str:
        """Return an id that follows from the texts and from what their vectors are made of."""
        content = xxhash.xxh3_128(self.model_id.encode())
        content.update(hashes.tobytes())
        for part in parts:
            content.update(part)
        return content.hexdigest()[:16]

    def _locate(self, segment_id: str) -> Path:
        return self._vector_folder / f"{segment_id}.faiss"

    def _describe(self, segment_id: str, n_rows: int, checksum: str) -> VectorSegment:
        return VectorSegment(
            segment_id=segment_id,
            model_id=self.model_id,
            dimension=self.dimension,
            n_rows=n_rows,
            file_name=self._locate(segment_id).name,
            checksum=checksum,
            created_at=datetime.now(UTC),
        )

    def _stamp(self, segment: VectorSegment | None) -> tuple[int, int] | None:
        return None if segment is None else stamp_file(self._locate(segment.segment_id))

    def _open(self, segment: VectorSegment, *, is_trusted: bool = True) -> SegmentFile:
        """Open a file once, after its checksum was found right, now or when it had this stamp.

        Reading a file whole takes longer than searching it. So its checksum is compared when a run
        writes it or finds it changed, and the snapshot carries the stamps of the files found right.
        It is compared now where it is not `is_trusted`.
        """
        file = self._files.get(segment.segment_id)
        if file is None or not is_trusted:
            if segment.dimension != self.dimension:
                raise ModelError(
                    f"{self.model_id} has dimension {self.dimension} and stored vectors of"
                    f" dimension {segment.dimension}"
                )
            stamp = stamp_file(self._vector_folder / segment.file_name)
            if self._known is None:
                self._known = self._catalog.vectors.find_checked_files()
            is_known = (
                is_trusted and stamp is not None and self._known.get(segment.file_name) == stamp
            )
            reason = None if is_known else self._find_fault(segment)
            if reason is not None:
                raise _tell_damage(segment, reason)
            path = self._vector_folder / segment.file_name
            try:
                file = open_segment(path, segment.n_rows, segment.dimension)
            except (StorageError, OSError) as error:
                raise _tell_damage(segment, "cannot be read") from error
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


def _tell_damage(segment: VectorSegment, reason: str) -> DamagedVectorsError:
    return DamagedVectorsError(f"the vector file {segment.file_name} {reason}", segment.segment_id)


def _check_rows(segment: VectorSegment, rows: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return rows [n, d] in full precision. Raises `DamagedVectorsError` for no unit vectors."""
    vectors = rows.astype(np.float32)
    squares = np.einsum("ij,ij->i", vectors, vectors)
    if not (np.abs(np.sqrt(squares) - 1) <= _STORED_TOLERANCE).all():  # not a number is neither
        raise _tell_damage(segment, "is damaged")
    return vectors


def _check_unit_length(vectors: NDArray[np.float32], model_id: str) -> None:
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.isfinite(lengths).all():
        raise ModelError(f"{model_id} made a vector that is not finite")
    worst = float(np.abs(lengths - 1).max())
    if worst > _UNIT_TOLERANCE:
        raise ModelError(f"{model_id} made a vector of length {1 + worst:.3f} or less, not 1")
