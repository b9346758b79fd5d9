"""Candidates by meaning, against every two articles one by one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.made.made_news import make_news
from wirethread.clustering.candidates import neighbours
from wirethread.clustering.candidates.neighbours import find_neighbours
from wirethread.clustering.outlets import number_publishers, share_own_texts
from wirethread.clustering.paragraphs.table import ParagraphTable, build_paragraph_table

WINDOW, LIMIT = 0.4, 0.35


def find_one_by_one(
    table: ParagraphTable, is_new: np.ndarray, publishers: np.ndarray
) -> set[tuple[int, int]]:
    assert table.vectors is not None
    found = set()
    for a in range(len(table.articles)):
        for b in range(a + 1, len(table.articles)):
            if abs(table.days[a] - table.days[b]) > WINDOW or not (is_new[a] or is_new[b]):
                continue
            if share_own_texts(publishers[a][None], publishers[b][None])[0]:
                continue
            one = range(*table.article_starts[a : a + 2].tolist())
            other = range(*table.article_starts[b : b + 2].tolist())
            near = table.vectors[one] @ table.vectors[other].T
            is_best = (near >= near.max(axis=0) - 1e-6) | (
                near >= near.max(axis=1, keepdims=True) - 1e-6
            )
            rows, columns = np.nonzero(is_best & (near >= LIMIT))
            found |= {
                (one[i], other[j]) for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
            }
    return found


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000))
def test_neighbours_are_those_of_all_articles_compared_one_by_one(seed: int) -> None:
    chance = np.random.default_rng(seed)
    news = make_news(40, seed=seed)
    articles = [
        text if chance.random() < 0.8 else replace(text, published_at=None) for text in news.texts
    ]
    table = build_paragraph_table(articles, news.vectors, min_words=4)
    is_new = chance.random(len(articles)) < 0.6
    publishers = number_publishers(articles)
    with pytest.MonkeyPatch.context() as patch:
        # so small that blocks end inside the data
        patch.setattr(neighbours, "_ROWS", 11)
        patch.setattr(neighbours, "_COLUMNS", 23)
        left, right = find_neighbours(
            table, is_new, publishers, window_days=WINDOW, min_similarity=LIMIT
        )
    pairs = list(zip(left.tolist(), right.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert set(pairs) == find_one_by_one(table, is_new, publishers)
    assert len(pairs) > 10
