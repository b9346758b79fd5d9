"""Find the nearest rows over several files, some of whose texts may have been forgotten since."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wirethread.storage.vectors.files import SegmentFile

__all__ = ["FindLive", "search_files"]

_BLOCK_ROWS = 16_384
_FEW_QUERIES = 16
"""Up to so many queries are answered on the fp16 codes; more are worth decoding blocks for."""
_SPARE = 8
"""Rows asked for beyond those wanted, in the place of forgotten ones."""
_NOTHING = np.float32(-np.inf)

Hits = tuple[NDArray[np.int64], NDArray[np.float32]]
FindLive = Callable[[NDArray[np.int64]], NDArray[np.int64]]


def search_files(
    files: Sequence[SegmentFile],
    queries: NDArray[np.float32],
    k: int,
    *,
    among: NDArray[np.int64] | None,
    exact: bool,
    find_live: FindLive | None,
) -> Hits:
    """Return (hashes, similarity) of the `k` most similar live texts of each query float32[n, d].

    Of a file in lists only the lists nearest to a query are read, unless `exact` or `among` ask
    for all of them. `find_live` gives for distinct hashes the number in `files` of the file that
    stands for each, -1 for none; in any other file the hash is that of a forgotten row. None says
    that no row of any file was forgotten.
    """
    allowed = [None if among is None else _find_allowed(file.ids, among) for file in files]
    sizes = [
        len(file.ids) if chosen is None else int(chosen.sum())
        for file, chosen in zip(files, allowed, strict=True)
    ]
    n_asked = k + _SPARE
    while True:
        hashes = [np.empty((len(queries), 0), dtype=np.int64)]
        similarity = [np.empty((len(queries), 0), dtype=np.float32)]
        unseen = np.full(len(queries), _NOTHING)  # what was not given back is no more similar
        for number, (file, chosen, size) in enumerate(zip(files, allowed, sizes, strict=True)):
            n_rows = min(n_asked, size)
            if n_rows == 0:
                continue
            rows, likeness = _search_file(
                file, queries, n_rows, chosen, exact=exact or chosen is not None
            )
            if n_rows < size:
                unseen = np.maximum(unseen, likeness[:, -1])
            hashes.append(file.ids[rows])
            similarity.append(
                _drop_forgotten(hashes[-1], likeness, number, find_live) if find_live else likeness
            )
        best = _take_best(np.concatenate(hashes, axis=1), np.concatenate(similarity, axis=1), k)
        n_found = int((best[1] > _NOTHING).sum(axis=1).min(initial=k))
        is_sure = unseen == _NOTHING
        if n_found == k:
            is_sure |= best[1][:, k - 1] >= unseen
        if is_sure.all():
            return best[0][:, :n_found], best[1][:, :n_found]
        n_asked *= 4


def _find_allowed(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of the ascending `ids` are among `wanted`, which is quickest in order too."""
    at = np.searchsorted(ids, wanted)
    is_inside = at < len(ids)
    at, wanted = at[is_inside], wanted[is_inside]
    allowed = np.zeros(len(ids), dtype=bool)
    allowed[at[ids[at] == wanted]] = True
    return allowed


def _drop_forgotten(
    hashes: NDArray[np.int64], likeness: NDArray[np.float32], number: int, find_live: FindLive
) -> NDArray[np.float32]:
    """Return the similarities, minus infinity where another file or none stands for the text."""
    distinct, places = np.unique(hashes, return_inverse=True)
    is_live = find_live(distinct) == number
    return np.where(is_live[places.reshape(hashes.shape)], likeness, _NOTHING)


def _take_best(hashes: NDArray[np.int64], similarity: NDArray[np.float32], k: int) -> Hits:
    order = np.lexsort((hashes, -similarity), axis=1)[:, :k]
    return np.take_along_axis(hashes, order, axis=1), np.take_along_axis(similarity, order, axis=1)


def _search_file(
    file: SegmentFile,
    queries: NDArray[np.float32],
    k: int,
    allowed: NDArray[np.bool_] | None,
    *,
    exact: bool,
) -> Hits:
    """Return (rows, similarity) int64[n, k] of the most similar rows where `allowed` is true."""
    if file.n_lists:
        return _search_lists(file, queries, k, allowed, exact=exact)
    if len(queries) <= _FEW_QUERIES:
        import faiss  # noqa: PLC0415 - takes a third of a second

        library: Any = faiss  # its annotations are those of C++
        parameters = None
        if allowed is not None:
            parameters = library.SearchParameters(sel=_select(allowed))
        similarity, rows = file.index.search(queries, k, params=parameters)
        return rows, similarity
    return _search_blocks(file, queries, k, allowed)


def _search_lists(
    file: SegmentFile,
    queries: NDArray[np.float32],
    k: int,
    allowed: NDArray[np.bool_] | None,
    *,
    exact: bool,
) -> Hits:
    import faiss  # noqa: PLC0415 - takes a third of a second

    library: Any = faiss  # its annotations are those of C++
    file.index.parallel_mode = 1 if len(queries) <= _FEW_QUERIES else 0  # lists, or queries, apart
    n_probes = file.n_lists if exact else int(file.index.nprobe)
    parameters = library.SearchParametersIVF(nprobe=n_probes)
    if allowed is not None:
        parameters.sel = _select(allowed)
    similarity, rows = file.index.search(queries, k, params=parameters)
    if (rows < 0).any():  # the lists read hold fewer rows than were asked for
        parameters.nprobe = file.n_lists
        similarity, rows = file.index.search(queries, k, params=parameters)
    return rows, similarity


def _select(allowed: NDArray[np.bool_]) -> Any:
    import faiss  # noqa: PLC0415 - takes a third of a second

    library: Any = faiss
    return library.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))


def _search_blocks(
    file: SegmentFile,
    queries: NDArray[np.float32],
    k: int,
    allowed: NDArray[np.bool_] | None,
) -> Hits:
    """Decode block after block for many queries."""
    import faiss  # noqa: PLC0415 - takes a third of a second

    faiss.cvar.distance_compute_blas_threshold = 7680  # BLAS is slower below on two cores
    rows = np.arange(len(file.ids)) if allowed is None else allowed.nonzero()[0]
    best: Hits = (
        np.empty((len(queries), 0), dtype=np.int64),
        np.empty((len(queries), 0), dtype=np.float32),
    )
    for begin in range(0, len(rows), _BLOCK_ROWS):
        taken = rows[begin : begin + _BLOCK_ROWS]
        similarity, places = faiss.knn(
            queries,
            file.read_rows(taken).astype(np.float32),
            min(k, len(taken)),
            metric=faiss.METRIC_INNER_PRODUCT,
        )
        best = _take_best(
            np.concatenate([best[0], taken[places]], axis=1),
            np.concatenate([best[1], similarity], axis=1),
            k,
        )
    return best
