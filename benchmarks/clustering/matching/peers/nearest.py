"""Systems that call the nearest wire paragraph of each paragraph its donor; needs numpy."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.job import is_candidate

__all__ = ["predict_nearest"]

Row = dict[str, Any]
Similarity = Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.floating]]


def predict_nearest(
    articles: Sequence[Row],
    paragraphs: Sequence[Row],
    similarity: Similarity,
    *,
    window_days: float,
    floor: float,
) -> list[Row]:
    """Return for each host paragraph its nearest paragraph in wire copy a little older.

    `similarity(rows, columns)` gives float[len(rows), len(columns)] for paragraph numbers. Pairs
    below `floor` are left out; the caller moves the threshold above it by the `score`.
    """
    by_article: dict[int, list[int]] = {}
    for number, paragraph in enumerate(paragraphs):
        by_article.setdefault(paragraph["article"], []).append(number)
    donors = [number for number, article in enumerate(articles) if article["wire"]]
    found: list[Row] = []
    for number, host in enumerate(articles):
        if host["wire"] or number not in by_article:
            continue
        columns = gather(
            by_article, (one for one in donors if is_candidate(host, articles[one], window_days))
        )
        if len(columns) == 0:
            continue
        rows = np.array(by_article[number])
        scores = similarity(rows, columns)
        best = scores.argmax(axis=1)
        for row, column, score in zip(rows, best, scores.max(axis=1), strict=True):
            if score >= floor:
                found.append(
                    make_prediction(articles, paragraphs[row], paragraphs[columns[column]], score)
                )
    return found


def gather(groups: dict[int, list[int]], numbers: Iterable[int]) -> npt.NDArray[np.int64]:
    return np.array([one for number in numbers for one in groups.get(number, [])], dtype=np.int64)


def make_prediction(articles: Sequence[Row], host: Row, donor: Row, score: float) -> Row:
    """Return a pair of paragraphs as a predicted passage."""
    return {
        "host_id": articles[host["article"]]["id"],
        "source_id": articles[donor["article"]]["id"],
        "host_begin": host["begin"],
        "host_end": host["end"],
        "source_begin": donor["begin"],
        "source_end": donor["end"],
        "score": float(score),
    }
