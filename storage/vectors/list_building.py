"""Lay the rows of one or several files out in lists, in memory that does not grow with them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wirethread.storage.vectors.files import SegmentFile
from wirethread.storage.vectors.list_centres import (
    ListCentres,
    assign_rows,
    count_lists,
    count_sample_rows,
    train_centres,
)
from wirethread.storage.vectors.list_files import read_centres, read_lists, write_lists

__all__ = ["GatheredRows", "build_lists", "copy_lists", "gather_rows"]

MIN_RECALL = 0.998
"""Of the ten rows nearest to a question made up, the share that lies in the lists a search reads:
above the .99 that is wanted, for it is found on few questions."""
N_NEAREST = 10
_N_TRIED = 256
"""Questions made up to find out how many lists must be read."""
_STEP = 0.6
"""A question is a row moved by so much of the difference of two others: people ask for what is less
like the rows than they are like each other, and rows themselves would ask for too few lists."""
_ROWS_A_BLOCK = 32_768
_SEED = 20_200_630


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredRows:
    """Rows of several files as if they were one, by ascending id."""

    hashes: NDArray[np.int64]
    files: Sequence[SegmentFile]
    places: NDArray[np.int32]
    """int32[n]: the place in `files` of the one that holds the row."""
    rows: NDArray[np.int64]
    """int64[n]: the row there."""

    def read(self, wanted: NDArray[np.int64]) -> NDArray[np.float16]:
        """Return the vectors float16[m, d] of the rows int64[m] of the whole."""
        found = np.empty((len(wanted), self.files[0].dimension), dtype=np.float16)
        for place, file in enumerate(self.files):
            here = (self.places[wanted] == place).nonzero()[0]
            if len(here):
                found[here] = file.read_rows(self.rows[wanted[here]])
        return found

    def read_blocks(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Yield (rows int64[m] of the whole, vectors float32[m, d]) in the order of the files."""
        for place, file in enumerate(self.files):
            here = (self.places == place).nonzero()[0]
            if file.begins is not None:
                here = here[np.argsort(file.begins[self.rows[here]], kind="stable")]
            for begin in range(0, len(here), _ROWS_A_BLOCK):
                block = here[begin : begin + _ROWS_A_BLOCK]
                yield block, file.read_rows(self.rows[block]).astype(np.float32)


def gather_rows(
    files: Sequence[SegmentFile], kept: Sequence[NDArray[np.int64] | None]
) -> GatheredRows:
    """Gather of each file the ids `kept`, int64[m], all for None; no id may be kept twice."""
    ids = [file.ids if chosen is None else chosen for file, chosen in zip(files, kept, strict=True)]
    rows = [
        np.arange(len(file.ids)) if chosen is None else np.searchsorted(file.ids, chosen)
        for file, chosen in zip(files, kept, strict=True)
    ]
    hashes = np.concatenate(ids)
    order = np.argsort(hashes, kind="stable")
    places = np.repeat(np.arange(len(files), dtype=np.int32), [len(one) for one in ids])
    return GatheredRows(
        hashes=hashes[order], files=files, places=places[order], rows=np.concatenate(rows)[order]
    )


def build_lists(path: Path, gathered: GatheredRows) -> str:
    """Train centres on a sample, write the rows in lists, and return the checksum.

    How many lists a search has to read is found on the rows themselves and written with them.
    """
    n_rows = len(gathered.hashes)
    draw = np.random.default_rng(_SEED)
    n_lists = count_lists(n_rows)
    sample = _draw_rows(gathered, count_sample_rows(n_lists), draw)
    trained = train_centres(sample, n_lists)
    tried = _make_questions(sample, draw)
    del sample
    lists, nearest = _assign_all(gathered, trained, tried)
    n_probes = count_probes(tried @ trained.centres.T, lists[nearest])
    return write_lists(path, gathered.hashes, trained.centres, lists, n_probes, gathered.read)


def copy_lists(path: Path, gathered: GatheredRows) -> str:
    """Write rows of one file in lists to another with the same lists; return the checksum."""
    (file,) = gathered.files
    lists = read_lists(file)[gathered.rows]
    centres, n_probes = read_centres(file), int(file.index.nprobe)
    return write_lists(path, gathered.hashes, centres, lists, n_probes, gathered.read)


def _draw_rows(
    gathered: GatheredRows, n_wanted: int, draw: np.random.Generator
) -> NDArray[np.float32]:
    n_rows = len(gathered.hashes)
    if n_wanted < n_rows:
        chosen = np.sort(draw.choice(n_rows, n_wanted, replace=False))
    else:
        chosen = np.arange(n_rows)
    return gathered.read(chosen).astype(np.float32)


def _make_questions(sample: NDArray[np.float32], draw: np.random.Generator) -> NDArray[np.float32]:
    """Return unit vectors float32[m, d] near the rows and between them."""
    rows, left, right = draw.integers(0, len(sample), (3, _N_TRIED))
    moved = sample[rows] + _STEP * (sample[left] - sample[right])
    unit: NDArray[np.float32] = moved / np.maximum(
        np.linalg.norm(moved, axis=1, keepdims=True), 1e-6
    )
    return unit


def _assign_all(
    gathered: GatheredRows, trained: ListCentres, tried: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the list int32[n] of every row, and the rows int64[m, k] nearest to each question."""
    lists = np.empty(len(gathered.hashes), dtype=np.int32)
    best = np.empty((len(tried), 0), dtype=np.float32)
    nearest = np.empty((len(tried), 0), dtype=np.int64)
    for rows, vectors in gathered.read_blocks():
        lists[rows] = assign_rows(vectors, trained)
        likeness = tried @ vectors.T
        n_best = min(N_NEAREST, len(rows))
        place = np.argpartition(-likeness, n_best - 1, axis=1)[:, :n_best]
        best = np.concatenate([best, np.take_along_axis(likeness, place, axis=1)], axis=1)
        nearest = np.concatenate([nearest, rows[place]], axis=1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :N_NEAREST]
        best = np.take_along_axis(best, order, axis=1)
        nearest = np.take_along_axis(nearest, order, axis=1)
    return lists, nearest


def count_probes(likeness: NDArray[np.float32], lists: NDArray[np.int32]) -> int:
    """Return how many lists must be read to find `MIN_RECALL` of the nearest rows.

    `likeness` float32[m, n_lists] is that of questions to the centres, `lists` int32[m, k] those
    in which the rows nearest to them lie.
    """
    if not lists.size:
        return 1
    order = np.argsort(-likeness, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(order.shape[1])[None, :], axis=1)
    needed = np.sort(np.take_along_axis(ranks, lists.astype(np.int64), axis=1).ravel())
    return int(needed[min(len(needed) - 1, int(np.ceil(MIN_RECALL * len(needed))) - 1)]) + 1
